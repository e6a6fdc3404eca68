"""A saved tagger, without torch."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato._parameters import Truth, Whole
from ostinato.data import (
    CONTEXT,
    MEDIA,
    Examples,
    ModelDirectory,
    Segment,
    TagAnswers,
    check_kind,
    each_decoded,
    read_windows,
    saved_weights,
    segments_of,
    softmax,
)
from ostinato.runtime._crf import LinearChainCRF
from ostinato.runtime._layers import Precision
from ostinato.runtime._linear import Floats
from ostinato.runtime._model import refuse
from ostinato.runtime._pieces import Pieces, batched, pieces_of
from ostinato.runtime._sequence_model import SEQUENCE, SequenceModel
from ostinato.runtime._sequence_network import SequenceNetwork
from ostinato.runtime._stepper import State, Stepper
from ostinato.runtime._told import as_float


class Tag(NamedTuple):
    """What a stream says of a step."""

    label: Any
    """The likeliest label."""
    probabilities: NDArray[np.float64]
    """(K,) of each label, in the order of `Tagger.classes`."""


class Tagger(SequenceModel):
    """What is each step of a sequence? Answers as `ostinato.Tagger` does.

    A stream's `push` gives a list with a `Tag` for each step of what was pushed, often one. With a CRF the
    probabilities are those given the steps until then: the likeliest labelling as a whole, which `predict`
    gives, is known only at the end.

    Attributes:
        crf: what scores neighbouring labels; None where each step is independent.
    """

    task = "tag"
    form = {  # noqa: RUF012
        **SEQUENCE,
        "crf": (Truth(), False),
        "window": (Whole(1, 1 << 20), 1000),
    }
    answers_kind = TagAnswers

    answers: TagAnswers
    crf: LinearChainCRF | None

    @property
    def classes(self) -> NDArray[Any]:
        """(K,) the labels, sorted."""
        return self.answers.labels.classes

    def predict(self, X: Any) -> list[NDArray[Any]]:
        """(T,) labels for each sequence: of each step the likeliest; with a CRF, the likeliest labelling.

        Args:
            X: as `ostinato.Tagger` takes it. Recordings are decoded piece by piece.

        Raises:
            InputError: it is unlike what the model was trained on.
        """
        decode = self.answers.labels.decode
        if self.crf is None:
            return [decode(logits.argmax(-1)) for logits in self._logits(X)]
        return [decode(self.crf.decode(logits)) for logits in self._logits(X)]

    def predict_proba(self, X: Any) -> list[NDArray[np.float64]]:
        """(T, K) for each sequence: each label's probability at each step, in the order of `classes`."""
        return [softmax(each) if self.crf is None else self.crf.marginals(each) for each in self._logits(X)]

    def predict_segments(self, X: Any) -> list[list[Segment]]:
        """For each recording what it shows from when to when, in seconds, without the background.

        Raises:
            InputError: the model is not one of recordings.
        """
        seconds = self.encoder.seconds_per_step
        if seconds is None:
            raise InputError(f"the model reads {self.encoder.kind}, which has no time: call predict instead")
        background = self.answers.background
        return [segments_of(labels.tolist(), seconds, background) for labels in self.predict(X)]

    def stepper(self, **options: Any) -> Stepper:
        """How its streams step; they have no options."""
        refuse(self.task, options)
        stepper = _TagStepper(self.network, pieces_of(self.encoder), self.classes, self.crf)
        stepper.begin(0)
        return stepper

    def _load(self, saved: ModelDirectory, precision: Precision) -> None:
        shapes = self.network.shapes()
        if self.parameters["crf"]:
            shapes |= LinearChainCRF.shapes(self.answers.outputs)
        weights = saved_weights(saved, shapes)
        self.network.load(weights, precision)
        self.crf = LinearChainCRF(weights) if self.parameters["crf"] else None

    def _logits(self, X: Any) -> list[Floats]:
        """(T, K) of each sequence."""
        examples = Examples.of(X)
        if examples.kind in MEDIA:
            check_kind(self.encoder, examples)
            return list(each_decoded(examples, lambda path: self._read(self.encoder.stream(path))))
        sequences = self._sequences(examples)
        is_long = sequences.lengths >= self.parameters["window"] + CONTEXT
        short = np.flatnonzero(~is_long)
        logits: dict[int, Floats] = dict(zip(short.tolist(), self._outputs(sequences, short), strict=True))
        for row in np.flatnonzero(is_long).tolist():
            logits[row] = self._read([sequences[row]])
        return [logits[row] for row in range(len(sequences))]

    def _read(self, pieces: Iterable[NDArray[Any]]) -> Floats:
        return np.concatenate(list(read_windows(_Reader(self.network), pieces, self.parameters["window"])))


class _Reader:
    """A network as `read_windows` asks for it."""

    def __init__(self, network: SequenceNetwork) -> None:
        self._network = network
        self.looks_ahead = network.looks_ahead

    def whole(self, steps: NDArray[Any]) -> Floats:
        logits: Floats = self._network.whole(steps[:, None], np.array([len(steps)]))[:, 0]
        return logits

    def onwards(self, steps: NDArray[Any], state: Any) -> tuple[Floats, Any]:
        logits, state = self._network.onwards(steps[:, None], None, state or self._network.begin(1))
        return logits[:, 0], state


class _TagStepper(Stepper):
    """Pieces of input → the network → the CRF, if there is one → tags."""

    def __init__(
        self,
        network: SequenceNetwork,
        pieces: Pieces,
        classes: NDArray[Any],
        crf: LinearChainCRF | None,
    ) -> None:
        self._network, self._pieces, self._crf = network, pieces, crf
        self._classes = classes.tolist()
        self._kept = len(pieces.begin(0))

    def begin(self, sessions: int) -> State:
        filtered = self._crf.begin(sessions) if self._crf else ()
        return *self._pieces.begin(sessions), *filtered, *self._network.begin(sessions)

    def step(self, inputs: Sequence[Any] | NDArray[Any], state: State) -> tuple[list[Any], State]:
        steps, kept = self._pieces.read(inputs, state[: self._kept])
        state = state[self._kept :]
        x, lengths = batched(steps)
        if len(x) == 0:
            return [[] for _ in steps], (*kept, *state)
        filtered, recurrent = (state[:2], state[2:]) if self._crf else ((), state)
        if len(x) == 1 and lengths is None:
            logits, recurrent = self._network.step(x[0], recurrent)
            logits = logits[None]
        else:
            logits, recurrent = self._network.onwards(x, lengths, recurrent)
        lengths = np.full(len(steps), len(x)) if lengths is None else lengths
        probabilities, filtered = self._probabilities(logits, lengths, filtered)
        likeliest = probabilities.argmax(-1)
        tags = [
            [Tag(self._classes[likeliest[t, row]], probabilities[t, row]) for t in range(length)]
            for row, length in enumerate(lengths.tolist())
        ]
        return tags, (*kept, *filtered, *recurrent)

    def reads(self) -> str:
        return self._pieces.words

    def told(self, output: Any) -> dict[str, Any]:
        return {
            "tags": [{"label": tag.label, "probability": as_float(tag.probabilities.max())} for tag in output]
        }

    def _probabilities(
        self, logits: Floats, lengths: NDArray[np.int64], state: State
    ) -> tuple[NDArray[np.float64], State]:
        """(T, n, K), and what is known for the next steps."""
        if self._crf is None:
            return softmax(logits), ()
        logs = []
        for t, emissions in enumerate(logits):
            state = self._crf.filter(emissions, (t < lengths)[:, None], state)
            logs.append(state[0])
        return softmax(np.stack(logs)), state
