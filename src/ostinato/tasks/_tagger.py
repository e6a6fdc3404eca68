"""The tagger: what is each step of a sequence? (many to many, at each input)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, ParameterError
from ostinato._parameters import Choice, Text, Truth, Whole
from ostinato.data import (
    MEDIA,
    Examples,
    Ragged,
    Segment,
    check_kind,
    each_decoded,
    encode_examples,
    segments_of,
)
from ostinato.nn import TaggingNetwork
from ostinato.tasks._class_weights import ClassWeight
from ostinato.tasks._each_step_alone import EachStepAlone
from ostinato.tasks._held_out import HeldOut
from ostinato.tasks._order_free import flat_size
from ostinato.tasks._sequence_estimator import Prepared, SequenceEstimator, vocabulary_of
from ostinato.tasks._sequence_objective import SequenceObjective
from ostinato.tasks._sequence_parameters import SEQUENCE
from ostinato.tasks._sequence_targets import Encoded, SequenceTargets
from ostinato.tasks._tag_reading import read_sequences, read_stream
from ostinato.tasks._tag_scores import TagScores
from ostinato.tasks._tag_targets import TagTargets


class Tagger(SequenceEstimator):
    """Learns the label of every step: of characters, words, vectors, frames of sound or video.

    X is as for all estimators of sequences. y has for each sequence a list with a label for each step; for a
    text also a string, each character of which is a label; for a recording also a list of
    `ostinato.data.Segment(start, end, label)`, in seconds, what lies in none being `background`.

    The steps of a text are its characters; for a label at each word, give lists of words.

    Args:
        cell: "rnn", "lstm" or "gru".
        hidden_size: numbers in the state of a layer and direction.
        num_layers: recurrent layers.
        bidirectional: whether each layer also reads backwards, so that a label depends on what follows too; a
            causal model, which may run live, does not.
        crf: whether neighbouring labels are scored together (a linear-chain conditional random field).
        background: the label of a recording's steps in no segment.
        window: steps that longer sequences are cut into for training, and read at a time.
        dropout: share of each layer's outputs dropped while training.
        tokens: "characters": what the steps of a text are.
        vocabulary_size: tokens at most; None: all.
        input: "embedding" or "one-hot", for texts and tokens.
        embedding_size: numbers per token, for input="embedding".
        embedding_dropout: share of these numbers dropped while training.
        sample_rate: Hz that audio is resampled to; None: the recordings' own, 16,000 at most.
        num_mels: bands of an audio frame.
        frame_size: height and width that video frames are brought to, pixels.
        frames: "convolution" (a small network trained with the rest) or "pixels".
        on_corrupt: "error" or "skip" for recordings that cannot be decoded.
        workers: threads that decode recordings; None: as many as there are cores.
        class_weight: None, "balanced", or a mapping from labels to weights; without a CRF only.
        epochs: passes over the examples, at most; None: 20, or as many as make 200 steps.
        batch_size: sequences, or windows of long ones, a step.
        learning_rate: AdamW's, at its peak after the warm-up.
        weight_decay: AdamW's, of matrices.
        clip_norm: the largest norm of a gradient.
        patience: evaluations without improvement before training ends early.
        seed: of the weights, the dropout, the order and which examples are held out.
        threads: CPU threads; None leaves torch's setting.
        device: where torch computes, "cpu" or "cuda".

    Attributes:
        classes_: (K,) the labels, sorted.
    """

    task = "tag"
    least_steps = 200  # each with a label at every step
    checks = {  # noqa: RUF012
        **SEQUENCE,
        "crf": Truth(),
        "background": Text(),
        "class_weight": ClassWeight(),
        "window": Whole(1, 1 << 20),
        "tokens": Choice(["characters"], "; for a label at each word, give lists of words"),
    }

    targets_: TagTargets
    network_: TaggingNetwork

    def __init__(
        self,
        *,
        cell: str = "gru",
        hidden_size: int = 128,
        num_layers: int = 1,
        bidirectional: bool = True,
        crf: bool = False,
        background: str = "",
        window: int = 1000,
        dropout: float = 0.3,
        tokens: str = "characters",
        vocabulary_size: int | None = None,
        input: str = "embedding",  # noqa: A002 (the field's word for it)
        embedding_size: int = 64,
        embedding_dropout: float = 0.0,
        sample_rate: int | None = None,
        num_mels: int = 40,
        frame_size: int = 32,
        frames: str = "convolution",
        on_corrupt: str = "error",
        workers: int | None = None,
        class_weight: Any = None,
        epochs: int | None = None,
        batch_size: int = 32,
        learning_rate: float = 0.003,
        weight_decay: float = 0.01,
        clip_norm: float = 1.0,
        patience: int = 10,
        seed: int = 0,
        threads: int | None = None,
        device: str = "cpu",
    ) -> None:
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.crf = crf
        self.background = background
        self.window = window
        self.dropout = dropout
        self.tokens = tokens
        self.vocabulary_size = vocabulary_size
        self.input = input
        self.embedding_size = embedding_size
        self.embedding_dropout = embedding_dropout
        self.sample_rate = sample_rate
        self.num_mels = num_mels
        self.frame_size = frame_size
        self.frames = frames
        self.on_corrupt = on_corrupt
        self.workers = workers
        self.class_weight = class_weight
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.patience = patience
        self.seed = seed
        self.threads = threads
        self.device = device

    @property
    def classes_(self) -> NDArray[Any]:
        """(K,) the labels, sorted."""
        self._check_fitted()
        return self.targets_.labels.classes

    def predict(self, X: Any) -> list[NDArray[Any]]:
        """(T,) labels for each sequence: of each step the likeliest; with a CRF, the likeliest labelling.

        Recordings are decoded piece by piece, and may be larger than memory. Texts are read in Unicode's
        composed form if those of training were in it: T is then the length of that form.
        """
        return [self.targets_.labels.decode(ids) for ids in self._outputs(X).likeliest()]

    def predict_proba(self, X: Any) -> list[NDArray[np.float64]]:
        """(T, K) for each sequence: each label's probability at each step, in the order of `classes_`."""
        return list(self._outputs(X).probabilities())

    def predict_segments(self, X: Any) -> list[list[Segment]]:
        """For each recording what it shows from when to when, in seconds, without the background.

        Raises:
            InputError: the model is not one of recordings.
        """
        self._check_fitted()
        seconds = self.encoder_.seconds_per_step
        if seconds is None:
            raise InputError(f"the model reads {self.encoder_.kind}, which has no time: call predict instead")
        return [segments_of(labels.tolist(), seconds, self.targets_.background) for labels in self.predict(X)]

    def stream(self, item: Any) -> Iterator[NDArray[Any]]:
        """The labels of one long sequence, (T_1,), (T_2,), …, as they are known, a window or so at a time.

        A causal model gives those of the whole sequence. A bidirectional one reads windows with 200 steps of
        context on either side, as `predict` does with sequences longer than a window and that context. With a
        CRF all labels come at the end: the likeliest labelling depends on every step.

        Args:
            item: one sequence; the path of a recording, which is never in memory as a whole.
        """
        self._check_fitted()
        examples = Examples.of([item])
        if examples.kind in MEDIA:
            check_kind(self.encoder_, examples)
            return self._labels(self.encoder_.stream(examples.inputs[0]))
        return self._labels(encode_examples(self.encoder_, examples, workers=self.workers)[0])

    def score(self, X: Any, y: Any) -> float:
        """The accuracy over all steps."""
        self._check_fitted()
        with self._reproducible():
            scored = self._encoded(self.encoder_, self.targets_, Examples.of(X, y))
            return self._figures(scored)["accuracy"]

    def _labels(self, pieces: Iterable[NDArray[Any]]) -> Iterator[NDArray[Any]]:
        logits: Iterable[NDArray[Any]] = self._logits(pieces)
        if self.network_.crf is not None:
            logits = [np.concatenate(list(logits))]
        for some in logits:
            scores = TagScores(Ragged.of([some]), self.network_.crf)
            yield self.targets_.labels.decode(scores.likeliest().values)

    def _logits(self, pieces: Iterable[NDArray[Any]]) -> Iterator[NDArray[np.float32]]:
        """What `read_stream` gives, torch being as the caller has it in between."""
        reading = read_stream(self.network_, pieces, self.window)
        while True:
            with self._reproducible():
                logits = next(reading, None)
            if logits is None:
                return
            yield logits

    def _outputs(self, X: Any) -> TagScores:
        self._check_fitted()
        examples = Examples.of(X)
        if examples.kind in MEDIA:
            check_kind(self.encoder_, examples)
            decoded = each_decoded(examples, self._decoded)
            return TagScores(Ragged.of(decoded), self.network_.crf)
        scores: TagScores = super()._outputs(examples)
        return scores

    def _decoded(self, path: Any) -> NDArray[np.float32]:
        """The logits of a recording, of which only a piece is in memory at a time."""
        return np.concatenate(list(self._logits(self.encoder_.stream(path))))

    def _read(self, network: TaggingNetwork, sequences: Ragged) -> TagScores:
        return TagScores(read_sequences(network, sequences, self.window), network.crf)

    def _prepare(
        self, parameters: Mapping[str, Any], held_out: HeldOut[Examples], work: Path | None
    ) -> Prepared:
        if self.crf and self.class_weight is not None:
            raise ParameterError("class_weight", "is for taggers without a CRF: set one of them only")
        prepared = super()._prepare(parameters, held_out, work)
        targets = cast("TagTargets", prepared.targets)
        labels = cast("Ragged", prepared.train[1])
        return replace(prepared, targets=targets.weighted(labels.values, self.class_weight))

    def _objective(self, parameters: Mapping[str, Any], prepared: Prepared) -> SequenceObjective:
        sequences, labels = prepared.train[0], cast("Ragged", prepared.train[1])
        pieces = sequences.cut(parameters["window"]), labels.cut(parameters["window"])
        return super()._objective(parameters, replace(prepared, train=pieces))

    def _learn_targets(self, examples: Examples) -> SequenceTargets:
        return TagTargets.learn(examples, self.background)

    def _load_targets(self, value: Any) -> SequenceTargets:
        return TagTargets.from_json(value)

    def _fit_baseline(self, prepared: Prepared) -> EachStepAlone:
        sequences, labels = prepared.train[0], cast("Ragged", prepared.train[1])
        return EachStepAlone.fit(sequences, labels, prepared.targets.outputs, vocabulary_of(prepared.encoder))

    def _load_baseline(
        self, arrays: Mapping[str, NDArray[Any]], outputs: int, vocabulary: int
    ) -> EachStepAlone:
        features = None if vocabulary else flat_size(self.encoder_.element)
        return EachStepAlone.from_arrays(arrays, outputs, vocabulary, features)

    def _details(self, outputs: Any, targets: Encoded) -> dict[str, Any]:
        return self.targets_.by_label(outputs, targets)
