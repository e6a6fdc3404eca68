"""The language model: after each token of a text, which one comes next (one to one, at each step)."""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._parameters import TIME_LIMIT
from ostinato.data import Tokenizer, next_token_probabilities, write
from ostinato.nn import LanguageNetwork
from ostinato.tasks._language_corpus import Corpus, Split
from ostinato.tasks._language_figures import evaluate_text, final_metrics
from ostinato.tasks._language_files import TASK, LanguageFiles, load_files, save_files
from ostinato.tasks._language_objective import NextToken
from ostinato.tasks._language_parameters import (
    LEARNING_RATES,
    build_network,
    check_device,
    check_language_parameters,
    check_memory,
)
from ostinato.tasks._language_writer import reader
from ostinato.tasks._learner import Learner, Run, checked_place, here
from ostinato.tasks._ngram import NGram
from ostinato.training import Outcome, Reporter, Settings

_MAY_DIFFER = {"threads", "device", "files"}  # where a run goes on; the text's SHA-256 stands for its files


class LanguageModel(Learner):
    """Learns to continue a text: characters, words or subwords, with a simple RNN, an LSTM or a GRU.

    Trained by truncated backpropagation through time with AdamW; the weights kept are those of the best
    evaluation on the held-out text. With the same seed, machine and number of threads the model is the same
    to the bit.

    A scikit-learn estimator: `clone`, `GridSearchCV` and `cross_val_score` take a list of strings, such as
    paragraphs, each of which they put wholly on one side of a split.

    Args:
        tokens: "characters" (Unicode code points), "words" or "subwords" (byte-level BPE).
        vocabulary_size: tokens at most; None: all characters, 20,000 words, 4,096 subwords.
        input: "embedding" or "one-hot".
        embedding_size: numbers per token, for input="embedding".
        cell: "rnn", "lstm" or "gru".
        hidden_size: numbers in the state of a layer.
        num_layers: recurrent layers.
        dropout: share of each layer's outputs dropped while training.
        epochs: passes over the text, at most.
        batch_size: places of the text read side by side; fewer for a short text.
        window: tokens the gradient reaches back over.
        learning_rate: AdamW's, at its peak after the warm-up; None: 0.004 for rnn and gru, 0.007 for lstm.
        weight_decay: AdamW's, of matrices.
        clip_norm: the largest norm of a gradient.
        patience: evaluations without improvement before training ends early.
        seed: of the weights, the dropout and the order.
        threads: CPU threads; None leaves torch's setting.
        device: where torch computes, "cpu" or "cuda".

    Attributes:
        tokenizer_: text ↔ token ids.
        network_: the `ostinato.nn.LanguageNetwork`.
        baseline_: an interpolated 5-gram with modified Kneser–Ney smoothing, counted on the same training
            text.
        history_: a record for each evaluation.
        metrics_: final figures of model and baseline on training and held-out text, and what they cost.
        split_: which text was learned and which part of it was held out.
    """

    task = TASK

    tokenizer_: Tokenizer
    network_: LanguageNetwork
    baseline_: NGram
    history_: list[dict[str, Any]]
    metrics_: dict[str, Any]
    split_: dict[str, Any]

    def __init__(
        self,
        *,
        tokens: str = "characters",
        vocabulary_size: int | None = None,
        input: str = "embedding",  # noqa: A002 (the field's word for it)
        embedding_size: int = 64,
        cell: str = "gru",
        hidden_size: int = 384,
        num_layers: int = 1,
        dropout: float = 0.25,
        epochs: int = 9,
        batch_size: int = 16,
        window: int = 64,
        learning_rate: float | None = None,
        weight_decay: float = 0.01,
        clip_norm: float = 1.0,
        patience: int = 5,
        seed: int = 0,
        threads: int | None = None,
        device: str = "cpu",
    ) -> None:
        self.tokens = tokens
        self.vocabulary_size = vocabulary_size
        self.input = input
        self.embedding_size = embedding_size
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.dropout = dropout
        self.epochs = epochs
        self.batch_size = batch_size
        self.window = window
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.patience = patience
        self.seed = seed
        self.threads = threads
        self.device = device

    def fit(
        self,
        X: Any,
        y: None = None,
        *,
        validation: Any = 0.1,
        directory: str | os.PathLike[str] | None = None,
        resume: bool = False,
        overwrite: bool = False,
        time_limit: float | None = None,
        reporter: Reporter | None = None,
    ) -> Self:
        """Learn a text.

        Args:
            X: the text: a string, a `pathlib.Path`, or a list of either. Files may be larger than memory if
                there is a `directory`. The strings of a list each end with a newline, given where they lack
                it.
            y: not used; there for scikit-learn.
            validation: the share of the text's end that is held out, or a text of its own. It chooses the
                weights that are kept, and when to stop.
            directory: where checkpoints are kept while training and where the model is saved; None keeps all
                in memory.
            resume: go on with the interrupted run in `directory`, if there is one.
            overwrite: replace a model in `directory`.
            time_limit: seconds after which this call ends training, with the best weights so far.
            reporter: is told of every step; `ostinato.training.ProgressBar()` shows them.

        Raises:
            InputError: a parameter, the text or the directory will not do; the message says why.
            DivergedError: the loss stopped being a number.
            Interrupted: Ctrl-C; with a directory, `resume=True` goes on from the very step.
            KeyboardInterrupt: Ctrl-C before training began; the directory is as it was.
        """
        parameters = check_language_parameters(self.get_params())
        time_limit = TIME_LIMIT.check("time_limit", time_limit)
        place = checked_place(directory, resume=resume, overwrite=overwrite)
        split = Split.of(X, validation)

        def prepare(work: Path | None) -> Run:
            corpus = Corpus.of(split, parameters["tokens"], parameters["vocabulary_size"], work)
            objective = _objective(parameters, corpus)
            learned = partial(self._learned, objective.module, corpus, split)
            return Run(objective, _settings(parameters, time_limit), learned, corpus.forget)

        facts = {k: v for k, v in {**parameters, **split.facts}.items() if k not in _MAY_DIFFER}
        self._learn(prepare, place, parameters, facts, resume=resume, overwrite=overwrite, reporter=reporter)
        return self

    def evaluate(self, X: Any) -> dict[str, Any]:
        """Figures of the model and of the baseline on a text.

        Where X is the text the model was trained on, they are on its held-out part only: the model knows the
        rest.

        Args:
            X: a text, as for `fit`.

        Returns:
            `text` (which part was scored), `characters`, `tokens`, `unknown` (the share of tokens outside the
            vocabulary, which flatter every figure), and the figures of `model` and `baseline`:
            `loss` (nats per token), `perplexity`, `bits_per_character`, `accuracy` (share of tokens that were
            the likeliest one).

        Raises:
            InputError: the text cannot be read, or has fewer than two tokens.
        """
        self._check_fitted()
        with self._reproducible():
            return evaluate_text(self.network_, self.tokenizer_, self.baseline_, self.split_, X)

    def score(self, X: Any, y: None = None) -> float:
        """Minus the bits per character of a text: the higher, the better, as scikit-learn expects.

        Comparable between models of characters, words and subwords, whose losses per token are not.
        """
        return -float(self.evaluate(X)["model"]["bits_per_character"])

    def predict_proba(self, X: Iterable[str] | str) -> NDArray[np.float32]:
        """The distribution of the token that comes next after each text: (len(X), V), rows sum to 1.

        `tokenizer_.token(i)` is the token of column i. A single string counts as one text.
        """
        self._check_fitted()
        rows = []
        with self._reproducible():
            for text in [X] if isinstance(X, str) else X:
                rows.append(next_token_probabilities(reader(self.network_), self.tokenizer_, text))  # noqa: PERF401 (a warning's place)
        return np.stack(rows) if rows else np.zeros((0, len(self.tokenizer_)), np.float32)

    def predict(self, X: Iterable[str] | str) -> list[str]:
        """The likeliest next token after each text, as text."""
        return [self.tokenizer_.decode([int(row.argmax())]) for row in self.predict_proba(X)]

    def generate(self, prompt: str = "", **options: Any) -> str:
        """The prompt and what the model writes after it; the options are those of `generate_pieces`."""
        return prompt + "".join(self.generate_pieces(prompt, **options))

    def generate_pieces(
        self,
        prompt: str = "",
        *,
        length: int = 500,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | None = None,
    ) -> Iterator[str]:
        """Write on after a prompt, piece by piece; each piece is made of whole characters.

        Args:
            prompt: what to go on from; "" starts a new line. Characters that the model has never seen are
                left out, with a warning.
            length: tokens to write; subwords at the end that are only part of a character are not written.
            temperature: below 1 more predictable, above 1 more daring, 0 always the likeliest token.
            top_k: choose among the k likeliest tokens only.
            top_p: choose among the likeliest tokens that together have probability p only.
            seed: same seed, same text; None: another text each time.

        Raises:
            InputError: an option is out of its range.
        """
        self._check_fitted()
        return write(
            reader(self.network_),
            self.tokenizer_,
            prompt,
            length=length,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            seed=seed,
        )

    @classmethod
    def load(cls, directory: str | os.PathLike[str], *, device: str = "cpu") -> Self:
        """Read a model directory; safe with a stranger's: nothing in it is executed.

        Raises:
            InputError: it is missing, damaged, of another task or from a newer Ostinato, or torch cannot use
                the device.
        """
        device = check_device(device)
        files = load_files(Path(directory), cls().get_params())
        model = cls(**here(files.parameters, device))
        model.tokenizer_, model.network_ = files.tokenizer, files.network.to(device)
        model.baseline_, model.split_ = files.baseline, dict(files.split)
        model.history_, model.metrics_ = files.history, dict(files.metrics)
        return model

    def _learned(self, network: LanguageNetwork, corpus: Corpus, split: Split, outcome: Outcome) -> None:
        self.tokenizer_, self.network_, self.split_ = corpus.tokenizer, network, dict(split.facts)
        self.history_ = outcome.history
        self.baseline_, self.metrics_ = final_metrics(network, corpus, outcome)

    def _save(self, directory: Path) -> None:
        parameters = {**check_language_parameters(self.get_params()), "device": "cpu"}
        save_files(
            directory,
            LanguageFiles(
                parameters,
                self.tokenizer_,
                self.network_,
                self.baseline_,
                self.split_,
                self.history_,
                self.metrics_,
            ),
        )


def _objective(parameters: Mapping[str, Any], corpus: Corpus) -> NextToken:
    vocabulary = len(corpus.tokenizer)
    check_memory(parameters, vocabulary, len(corpus.ids))
    network = build_network(parameters, vocabulary).to(parameters["device"])
    return NextToken(network, corpus, parameters["batch_size"], parameters["window"], parameters["seed"])


def _settings(parameters: Mapping[str, Any], time_limit: float | None) -> Settings:
    names = ("epochs", "weight_decay", "clip_norm", "patience")
    rate = parameters["learning_rate"] or LEARNING_RATES[parameters["cell"]]
    return Settings(**{name: parameters[name] for name in names}, learning_rate=rate, time_limit=time_limit)
