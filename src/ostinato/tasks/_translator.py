"""The translator: a sequence is read to its end, then another one is written (many to many)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ostinato._errors import InputError
from ostinato._parameters import NETWORK, Check, Choice, Real, Truth, Whole
from ostinato.data import Examples, Hypothesis, Ragged, Slots
from ostinato.nn import EncoderDecoder
from ostinato.tasks._estimator import Prepared as AnyPrepared
from ostinato.tasks._example_estimator import ExampleEstimator
from ostinato.tasks._held_out import HeldOut, held_out_rows
from ostinato.tasks._retrieval import NearestNeighbour
from ostinato.tasks._sequence_parameters import EXAMPLES, INPUTS, check_memory
from ostinato.tasks._translator_choice import Attempt, chosen
from ostinato.tasks._translator_figures import translation_figures
from ostinato.tasks._translator_memory import MARKS, MEMORIES, Recalled, TranslationMemory
from ostinato.tasks._translator_objective import TranslatorObjective, likelihood
from ostinato.tasks._translator_search import Search, Translation
from ostinato.tasks._translator_sides import (
    Pairs,
    Sentences,
    Sources,
    Targets,
    encode_pairs,
    learn_sides,
    refuse_empty,
    targets_of,
)
from ostinato.training import Figures, Outcome

Prepared: TypeAlias = AnyPrepared[Sources, Targets, Pairs]

_FIRST = 500  # training pairs that the final training figures are on: each is translated
_TOKENS = Choice(["auto", "characters", "words", "subwords"])
_SEARCH: dict[str, Check] = {"beam_size": Whole(1, 1000), "length_penalty": Real(0.0, 10.0)}
_LENGTH = Whole(1, 1 << 20, optional=True)


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
        memory: whether the target of a similar training source is read with each source.
        dropout: share of each layer's outputs dropped while training.
        label_smoothing: share of a true token's probability that is spread over all tokens in training.
        beam_size: hypotheses that are followed for each sentence.
        length_penalty: α of Wu et al. (2016), how much longer translations are favoured.
        epochs: passes over the examples, at most; None: 16, or as many as make 4,000 steps.
        batch_size: pairs a step.
        learning_rate: AdamW's, at its peak after the warm-up.
        weight_decay: AdamW's, of matrices.
        clip_norm: the largest norm of a gradient.
        patience: evaluations without improvement before training ends early.
        seed: of the weights, the dropout, the order and which examples are held out.
        threads: CPU threads; None leaves torch's setting.
        device: where torch computes, "cpu" or "cuda".
    """

    task = "translate"
    least_epochs = 16
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
        "memory": Truth(),
        "label_smoothing": Real(0.0, 0.95),
        **_SEARCH,
        **NETWORK,
        **EXAMPLES,
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
        memory: bool = True,
        dropout: float = 0.2,
        label_smoothing: float = 0.1,
        beam_size: int = 5,
        length_penalty: float = 2.0,
        epochs: int | None = None,
        batch_size: int = 32,
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
        search = self._search(beam_size, length_penalty, _LENGTH.check("length", length))
        examples = self._examples(X)
        with self._reproducible():
            ids = self.encoder_.encode(examples)
            self.encoder_.refuse_strange(examples, ids)
            answers = self._written(Sentences(examples.inputs, ids), search, self.baseline_)
            if not attention:
                return [answer.output for answer in answers]
            read, written = (Ragged.of([getattr(a, name) for a in answers]) for name in ("read", "ids"))
            told = search.told(read, written)
        return [
            Translation(
                answer.output,
                self.encoder_.sentences.tokens(source.tolist(), slots),
                self.targets_.sentences.tokens(answer.ids.tolist(), slots),
                _of_source(weights, len(source)),
                log_probability,
            )
            for answer, source, slots, (weights, log_probability) in zip(
                answers, ids, map(self.encoder_.slots, examples.inputs), told, strict=True
            )
        ]

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

    def _search(self, beam_size: Any, length_penalty: Any, length: int | None) -> Search:
        given = {
            "beam_size": self.beam_size if beam_size is None else beam_size,
            "length_penalty": self.length_penalty if length_penalty is None else length_penalty,
        }
        options = {name: _SEARCH[name].check(name, value) for name, value in given.items()}
        return Search(self.network_, self.encoder_, self.targets_, **options, length=length)

    def _prepare(
        self, parameters: Mapping[str, Any], held_out: HeldOut[Examples], work: Path | None
    ) -> Prepared:
        sources, targets, train = learn_sides(held_out.train, parameters)
        valid = None if held_out.valid is None else encode_pairs(sources, targets, held_out.valid)
        if _remembers(parameters):
            memory = TranslationMemory(_neighbours(train), sources, targets)
            train = memory.joined(train, MEMORIES, themselves=True)
            valid = None if valid is None else memory.joined(valid)
        return Prepared(sources, targets, train, valid)

    def _encoded(self, encoder: Sources, targets: Targets, examples: Examples) -> Pairs:
        pairs = encode_pairs(encoder, targets, examples)
        if not _remembers(self.parameters_):
            return pairs
        return TranslationMemory(self._judging(pairs[0].items), encoder, targets).joined(pairs)

    def _written(self, sources: Sentences, search: Search, neighbours: NearestNeighbour) -> list["_Answer"]:
        """What is written of sources: a beam with each of the most similar pairs, of which one is chosen.

        With a beam of one it is the likeliest token at each step, with the most similar pair.
        """
        ways: list[Recalled | None] = [None]
        if _remembers(self.parameters_):
            count = 1 if search.beam_size == 1 else MEMORIES
            memory = TranslationMemory(neighbours, self.encoder_, self.targets_)
            ways = [*memory.recalled(sources, count)]
        reads = [sources.ids if way is None else way.read for way in ways]
        found = [search.hypotheses(sources.ids, read) for read in reads]
        answers = []
        for row, item in enumerate(sources.items):
            slots = self.encoder_.slots(item)

            def text(ids: NDArray[np.int64], slots: Slots = slots) -> Any:
                return self.targets_.sentences.decode(ids.tolist(), slots)

            if search.beam_size == 1:
                way, ids = 0, found[0][row][0].ids
            else:
                written = [_attempt(each, hyps[row], row) for each, hyps in zip(ways, found, strict=True)]
                way, ids = chosen(written, self._completes(sources.ids[row], search.length), text)
            answers.append(_Answer(text(ids), ids, reads[way][row]))
        return answers

    def _completes(
        self, source: NDArray[np.int64], length: int | None
    ) -> Callable[[NDArray[np.int64]], bool]:
        """Whether a target has the slots of a source, neither more nor fewer, and is not too long."""
        most = self.targets_.longest(np.array([len(source)]))[0] if length is None else length
        here, there = self.encoder_.sentences.slots, self.targets_.sentences.slots
        wanted = {int(token) - here.start for token in source if token in here}

        def complete(target: NDArray[np.int64]) -> bool:
            return {int(token) - there.start for token in target if token in there} == wanted and len(
                target
            ) <= most

        return complete

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
                MARKS if _remembers(parameters) else 0,
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
        targets = Targets.from_json(value)
        if len(targets.sentences.slots) != len(self.encoder_.sentences.slots):
            raise InputError("both sides must have as many slots; save the model anew")
        if self.encoder_.shared and targets.sentences.to_json() != self.encoder_.sentences.to_json():
            raise InputError("both sides must have the same vocabulary; save the model anew")
        return targets

    def _fit_baseline(self, prepared: Prepared) -> NearestNeighbour:
        return _neighbours(prepared.train)

    def _restore_baseline(self, arrays: Mapping[str, NDArray[Any]]) -> NearestNeighbour:
        kinds = (self.encoder_.sentences.kind, self.targets_.sentences.kind)
        return NearestNeighbour.from_arrays(arrays, kinds)

    def _figures(self, scored: Pairs) -> Figures:
        sources, targets = scored
        examples = Examples(sources.items, self.encoder_.kind)
        ids = self.encoder_.encode(examples)  # those of training were read with their targets
        search = self._search(None, None, None)
        answers = self._written(Sentences(sources.items, ids), search, self._judging(sources.items))
        return {
            **likelihood(self.network_, self.targets_.sentences.begin, scored),
            **translation_figures([answer.output for answer in answers], targets.items),
        }

    def _baseline_figures(self, scored: Pairs) -> Figures:
        items = scored[0].items
        return translation_figures(self._judging(items).predict(items), scored[1].items)

    def _first(self, scored: Pairs) -> Pairs:
        return scored[0].first(_FIRST), scored[1].first(_FIRST)


class _Answer(NamedTuple):
    output: Any
    ids: NDArray[np.int64]
    read: NDArray[np.int64]


def _attempt(way: Recalled | None, hypotheses: Sequence[Hypothesis], row: int) -> Attempt:
    if way is None:
        return Attempt(hypotheses)
    return Attempt(hypotheses, way.targets[row][:-1], float(way.similarities[row]))


def _remembers(parameters: Mapping[str, Any]) -> bool:
    """Whether the target of a similar source is read too: without attention it would bury the source."""
    return bool(parameters["memory"] and parameters["attention"])


def _neighbours(train: Pairs) -> NearestNeighbour:
    return NearestNeighbour.fit(*(side.items for side in train))


def _of_source(weights: NDArray[np.float32] | None, length: int) -> NDArray[np.float32] | None:
    return None if weights is None else weights[:, :length]


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
