"""The translator: a sequence is read to its end, then another one is written (many to many)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import torch
from numpy.typing import NDArray
from torch import nn

from ostinato._errors import InputError
from ostinato._parameters import NETWORK, Choice, Real, Truth, Whole
from ostinato.data import Examples
from ostinato.data.translating import (
    LEARNED,
    MARKS,
    SEARCH,
    NearestNeighbour,
    Pairs,
    Search,
    Sentences,
    Sources,
    Targets,
    TranslationMemory,
    Writer,
    check_search,
    encode_pairs,
    learn_sides,
    read_targets,
    refuse_empty,
    remembers,
    targets_of,
)
from ostinato.nn import EncoderDecoder
from ostinato.tasks._estimator import Prepared as AnyPrepared
from ostinato.tasks._example_estimator import ExampleEstimator
from ostinato.tasks._held_out import HeldOut, held_out_rows
from ostinato.tasks._sequence_objective import evaluating
from ostinato.tasks._sequence_parameters import EXAMPLES, INPUTS, check_memory
from ostinato.tasks._translator_figures import translation_figures
from ostinato.tasks._translator_network import TrainedNetwork
from ostinato.tasks._translator_objective import TranslatorObjective, likelihood
from ostinato.training import Figures, Outcome

Prepared: TypeAlias = AnyPrepared[Sources, Targets, Pairs]

_FIRST = 200  # training pairs that the final training figures are on: each is translated
_TOKENS = Choice(["auto", "characters", "words", "subwords"])


class Translator(ExampleEstimator[Sources, Targets, Pairs]):
    """Learns to write sequences in another form: sentences in another language, letters as phonemes.

    A bidirectional encoder reads the source; a decoder writes the target token by token, at each step
    attending to what was read; beam search finds the likeliest whole. Numbers, placeholders such as {0} and
    %1, markup and addresses are copied, not translated.

    In `fit`, X is a list, array or data frame column of texts, or lists of tokens; y is the translation of
    each, texts or lists of tokens likewise.

    Args:
        source_tokens: what texts are read as: "characters", "words" or "subwords"; "auto": characters where
            the texts are single words, else subwords.
        target_tokens: the same of what is written.
        vocabulary_size: tokens at most on each side; None: all characters, 20,000 words, 2,000 subwords.
        shared_vocabulary: whether both sides have one vocabulary, learned from both; without effect where one
            is of texts and the other of lists, or where their tokens are to differ.
        embedding_size: numbers per token.
        embedding_dropout: share of these numbers dropped while training.
        cell: "rnn", "lstm" or "gru".
        hidden_size: numbers in the state of a layer, in the encoder of each direction.
        num_layers: recurrent layers, on either side.
        attention: whether the decoder attends to what was read, and copies of it; if not, it has only the
            encoder's final state.
        copying: whether numbers, placeholders and the like are copied, between texts.
        memory: whether the target of a similar training source is read with each source; None: where
            sources are not read letter by letter.
        dropout: share of each layer's outputs dropped while training.
        label_smoothing: share of a true token's probability that is spread over all tokens in training.
        beam_size: hypotheses that are followed for each sentence.
        length_penalty: α of Wu et al. (2016), how much longer translations are favoured.
        epochs: passes over the examples, at most; None: 20, or as many as make 4,000 steps.
        batch_size: pairs a step; None: by their lengths, 8 to 256.
        learning_rate: AdamW's, at its peak after the warm-up.
        weight_decay: AdamW's, of matrices.
        clip_norm: the largest norm of a gradient.
        patience: evaluations without improvement before training ends early.
        seed: of the weights, the dropout, the order and which examples are held out.
        threads: CPU threads; None leaves torch's setting.
        device: where torch computes, "cpu" or "cuda".
    """

    task = "translate"
    least_steps = 4000
    checks = {  # noqa: RUF012
        "source_tokens": _TOKENS,
        "target_tokens": _TOKENS,
        "vocabulary_size": INPUTS["vocabulary_size"],
        "shared_vocabulary": Truth(),
        "embedding_size": INPUTS["embedding_size"],
        "embedding_dropout": INPUTS["embedding_dropout"],
        "attention": Truth(),
        "copying": Truth(),
        "memory": Truth(optional=True),
        "label_smoothing": Real(0.0, 0.95),
        **SEARCH,
        **NETWORK,
        **EXAMPLES,
        "batch_size": Whole(1, 1 << 20, optional=True),
    }

    network_: EncoderDecoder
    baseline_: NearestNeighbour

    def __init__(
        self,
        *,
        source_tokens: str = "auto",
        target_tokens: str = "auto",
        vocabulary_size: int | None = None,
        shared_vocabulary: bool = True,
        embedding_size: int = 160,
        embedding_dropout: float = 0.1,
        cell: str = "gru",
        hidden_size: int = 160,
        num_layers: int = 2,
        attention: bool = True,
        copying: bool = True,
        memory: bool | None = None,
        dropout: float = 0.2,
        label_smoothing: float = 0.1,
        beam_size: int = 5,
        length_penalty: float = 2.0,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float = 0.003,
        weight_decay: float = 0.01,
        clip_norm: float = 1.0,
        patience: int = 5,
        seed: int = 0,
        threads: int | None = None,
        device: str = "cpu",
    ) -> None:
        self.source_tokens = source_tokens
        self.target_tokens = target_tokens
        self.vocabulary_size = vocabulary_size
        self.shared_vocabulary = shared_vocabulary
        self.embedding_size = embedding_size
        self.embedding_dropout = embedding_dropout
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.attention = attention
        self.copying = copying
        self.memory = memory
        self.dropout = dropout
        self.label_smoothing = label_smoothing
        self.beam_size = beam_size
        self.length_penalty = length_penalty
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.patience = patience
        self.seed = seed
        self.threads = threads
        self.device = device

    def predict(self, X: Any) -> list[Any]:
        """The translation of each: texts, or lists of tokens."""
        return self.translate(X)

    def translate(
        self,
        X: Any,
        *,
        beam_size: int | None = None,
        length_penalty: float | None = None,
        length: int | None = None,
        attention: bool = False,
    ) -> list[Any]:
        """Translate each of X.

        Args:
            X: sentences, as in `fit`.
            beam_size: hypotheses that are followed for each sentence; 1: the likeliest token at each step;
                None: as the parameter says.
            length_penalty: how much longer translations are favoured, 0 or more; None: as the parameter says.
            length: tokens of a translation at most; None: twice as many as is usual for its source.
            attention: whether to tell how each came about.

        Returns:
            Texts or lists of tokens; with `attention` a `Translation` of each.

        Raises:
            InputError: an option is out of its range; X are not like the sources of training, or one is
                empty, more than twice as long as the longest of these, or in a script that was never seen.
        """
        self._check_fitted()
        search = self._search(beam_size, length_penalty, length)
        examples = self._examples(X)
        with self._reproducible(), evaluating(self.network_):
            return self._writer(search, self.baseline_).translations(examples, attention=attention)

    def score(self, X: Any, y: Any = None) -> float:
        """Of texts chrF, from 0 to 1; of lists of tokens 1 − the error rate: higher is better."""
        figures = self.evaluate(X, y)["model"]
        return figures["chrf"] / 100 if "chrf" in figures else 1 - float(figures["error_rate"])

    def _examples(self, X: Any, y: Any = None) -> Examples:
        examples = Examples.of(X, y)
        if examples.kind not in ("text", "tokens"):
            raise InputError(f"a translator cannot read {examples.kind}: give it texts, or lists of tokens")
        refuse_empty(examples, examples.inputs, "sources")
        return examples if examples.targets is None else replace(examples, targets=_sentences(examples))

    def _search(self, beam_size: Any = None, length_penalty: Any = None, length: Any = None) -> Search:
        options = check_search(self.get_params(), beam_size, length_penalty, length)
        return Search(TrainedNetwork(self.network_), self.encoder_, self.targets_, **options)

    def _writer(self, search: Search, neighbours: NearestNeighbour) -> Writer:
        return Writer(search, neighbours if remembers(self.parameters_, self.encoder_) else None)

    def _prepare(
        self, parameters: Mapping[str, Any], held_out: HeldOut[Examples], work: Path | None
    ) -> Prepared:
        sources, targets, train = learn_sides(held_out.train, parameters)
        valid = None if held_out.valid is None else encode_pairs(sources, targets, held_out.valid)
        if remembers(parameters, sources):
            memory = TranslationMemory(_neighbours(train), sources, targets)
            train = memory.joined(train, LEARNED, themselves=True)
            valid = None if valid is None else memory.joined(valid)
        return Prepared(sources, targets, train, valid)

    def _encoded(self, encoder: Sources, targets: Targets, examples: Examples) -> Pairs:
        pairs = encode_pairs(encoder, targets, examples)
        if not remembers(self.parameters_, self.encoder_):
            return pairs
        return TranslationMemory(self._judging(pairs[0].items), encoder, targets).joined(pairs)

    def _judging(self, items: Sequence[Any]) -> NearestNeighbour:
        """The neighbours by which these are judged: where they were held out, without them."""
        share, count = self.data_["validation"], self.data_["examples"]
        if not isinstance(share, float) or not share:
            return self.baseline_
        learned = count - int(held_out_rows(count, share, None, self.data_["seed"]).sum())
        held_out = self.baseline_.sources[learned:]
        if not len(held_out) or list(items[: len(held_out)]) != list(held_out):
            return self.baseline_
        return NearestNeighbour(self.baseline_.sources[:learned], self.baseline_.targets[:learned])

    def _learned(
        self,
        parameters: dict[str, Any],
        network: nn.Module,
        prepared: Prepared,
        held_out: HeldOut[Examples],
        outcome: Outcome,
    ) -> None:
        """What was held out is remembered too, once it has judged; a validation set of its own is not."""
        super()._learned(parameters, network, prepared, held_out, outcome)
        if held_out.valid is not None and isinstance(self.data_["validation"], float):
            both = (held_out.train, held_out.valid)
            self.baseline_ = NearestNeighbour.fit(
                [item for part in both for item in part.inputs],
                [item for part in both for item in targets_of(part)],
            )

    def _build(
        self, parameters: Mapping[str, Any], encoder: Sources, targets: Targets, *, describe: bool
    ) -> EncoderDecoder:
        names = ("embedding_size", "cell", "hidden_size", "num_layers", "attention", "dropout")
        with torch.device("meta" if describe else "cpu"):
            return EncoderDecoder(
                encoder.own_ids,
                targets.sentences.size,
                MARKS if remembers(parameters, encoder) else 0,
                **{name: parameters[name] for name in (*names, "embedding_dropout")},
            )

    def _objective(self, parameters: Mapping[str, Any], prepared: Prepared) -> TranslatorObjective:
        longest = max(side.ids.lengths.max() for side in prepared.train)
        network = self._build(parameters, prepared.encoder, prepared.targets, describe=True)
        check_memory(network, parameters, int(longest))
        network = self._build(parameters, prepared.encoder, prepared.targets, describe=False)
        return TranslatorObjective(
            network.to(parameters["device"]),
            prepared.targets.sentences.begin,
            prepared.train,
            prepared.valid,
            **{name: parameters[name] for name in ("batch_size", "label_smoothing", "seed")},
        )

    def _load_encoder(self, value: Any) -> Sources:
        return Sources.from_json(value)

    def _load_targets(self, value: Any) -> Targets:
        return read_targets(value, self.encoder_)

    def _fit_baseline(self, prepared: Prepared) -> NearestNeighbour:
        return _neighbours(prepared.train)

    def _restore_baseline(self, arrays: Mapping[str, NDArray[Any]]) -> NearestNeighbour:
        kinds = (self.encoder_.sentences.kind, self.targets_.sentences.kind)
        return NearestNeighbour.from_arrays(arrays, kinds)

    def _figures(self, scored: Pairs) -> Figures:
        sources, targets = scored
        examples = Examples(sources.items, self.encoder_.kind)
        ids = self.encoder_.encode(examples)  # those of training were read with their targets
        writer = self._writer(self._search(), self._judging(sources.items))
        with evaluating(self.network_):
            answers = writer.answers(Sentences(sources.items, ids))
        return {
            **likelihood(self.network_, self.targets_.sentences.begin, scored),
            **translation_figures([answer.output for answer in answers], targets.items),
        }

    def _baseline_figures(self, scored: Pairs) -> Figures:
        items = scored[0].items
        return translation_figures(self._judging(items).predict(items), scored[1].items)

    def _first(self, scored: Pairs) -> Pairs:
        return scored[0].first(_FIRST), scored[1].first(_FIRST)


def _neighbours(train: Pairs) -> NearestNeighbour:
    return NearestNeighbour.fit(*(side.items for side in train))


def _sentences(examples: Examples) -> list[Any]:
    """The targets as texts or lists of strings, whatever held them; `InputError` for others, and for both."""
    targets = [target if isinstance(target, str) else _tokens(target) for target in examples.targets or []]
    for row, target in enumerate(targets):
        if target is None or isinstance(target, str) != isinstance(targets[0], str):
            raise InputError(
                f"{examples.place(row)}: a target must be a text or a list of strings, and all alike, not "
                f"{type((examples.targets or [])[row]).__name__}"
            )
    return targets


def _tokens(target: Any) -> list[str] | None:
    items = target.tolist() if hasattr(target, "tolist") else target
    if not isinstance(items, (list, tuple)) or not all(isinstance(item, str) for item in items):
        return None
    return list(items)
