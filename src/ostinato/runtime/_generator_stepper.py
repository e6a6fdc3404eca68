"""How a generator's streams step: what has come so far is read, and what may follow is told."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data import WrittenNumbers, WrittenTexts, as_vectors, check_finite, softmax
from ostinato.runtime._conditional_network import ConditionalNetwork
from ostinato.runtime._linear import Floats
from ostinato.runtime._pieces import batched, known_piece, refused, rows_of
from ostinato.runtime._stepper import State, Stepper
from ostinato.runtime._told import as_float, likeliest_tokens

_LONGEST = 1 << 40  # steps


class NextNumbers(NamedTuple):
    """What may follow in a numeric sequence, in its own units."""

    mean: NDArray[np.float64]
    """(D,) of a Gaussian for each column."""
    deviation: NDArray[np.float64]
    """(D,) its standard deviation."""
    end: float
    """The probability that the sequence has ended instead."""


class _GeneratorStepper(Stepper):
    """What both kinds have in common.

    The state of n sessions: (n, 1) how many steps were read, the beginning being the first; (n, C) what was
    asked for, as the network has it; and the layers' state.

    Args:
        network: of the generator.
        written: what it writes.
        condition: (1, C) what is asked for.
    """

    def __init__(
        self, network: ConditionalNetwork, written: WrittenTexts | WrittenNumbers, condition: Floats
    ) -> None:
        self._network, self._condition = network, condition
        self._begin = written.begin[None]

    def begin(self, sessions: int) -> State:
        """The beginning, not read yet."""
        c = np.repeat(self._condition, sessions, axis=0)
        return np.zeros((sessions, 1), np.int64), c, *self._network.start(c)

    def step(self, inputs: Sequence[Any] | NDArray[Any], state: State) -> tuple[list[Any], State]:
        """What may follow in each session."""
        counts, c, *recurrent = state
        if not ((counts >= 0) & (counts < _LONGEST)).all():
            raise InputError("the state of the stream is not one that a generator has: begin again")
        steps = [self._steps(piece, int(count)) for piece, count in zip(inputs, counts[:, 0], strict=True)]
        x, lengths = batched(steps)
        x = self._read(x, counts[:, 0])
        if len(x) == 1 and lengths is None:
            outputs, after = self._network.step(x[0], c, tuple(recurrent))
        else:
            outputs, after = self._network.onwards(x, lengths, c, tuple(recurrent))
        counts = counts + (len(x) if lengths is None else lengths[:, None])
        return self._told_of(check_finite(outputs), counts == 1), (counts, c, *after)

    def _steps(self, piece: Any, count: int) -> NDArray[Any]:
        """(T, …) what is to be read; at first the beginning, whatever comes after it."""
        if piece is None and count == 0:
            return self._begin
        steps = self._steps_of(piece)
        return np.concatenate([self._begin, steps]) if count == 0 else steps

    @abstractmethod
    def _steps_of(self, piece: Any) -> NDArray[Any]:
        """(T, …) of a piece."""

    @abstractmethod
    def _read(self, x: NDArray[Any], start: NDArray[np.int64]) -> NDArray[Any]:
        """What the network reads of steps (T, n, …)."""

    @abstractmethod
    def _told_of(self, outputs: Floats, first: NDArray[np.bool_]) -> list[Any]:
        """What outputs (n, K) say; (n, 1) whether of the first step, which is never the end."""


class TextStepper(_GeneratorStepper):
    """Pieces of text in, the distribution of the next token out."""

    def __init__(self, network: ConditionalNetwork, written: WrittenTexts, condition: Floats) -> None:
        super().__init__(network, written, condition)
        self._written = written

    def reads(self) -> str:
        """What a piece is."""
        return "the piece of text that came, a string that is not empty; null, once, for the beginning"

    def told(self, output: Any) -> dict[str, Any]:
        """The likeliest tokens, and how likely the end is."""
        return {
            "next": likeliest_tokens(self._written.tokenizer, output[:-1]),
            "end": as_float(output[-1]),
        }

    def _steps_of(self, piece: Any) -> NDArray[np.int64]:
        return known_piece(self._written.tokenizer, piece, self.reads(), stacklevel=8)

    def _read(self, x: NDArray[Any], start: NDArray[np.int64]) -> NDArray[Any]:
        return x

    def _told_of(self, outputs: Floats, first: NDArray[np.bool_]) -> list[Any]:
        scores = self._written.possible(outputs)
        scores[first[:, 0], self._written.end] = -np.inf
        return list(softmax(scores).astype(np.float32))


class NumberStepper(_GeneratorStepper):
    """Numbers in, the Gaussians of the next ones out."""

    def __init__(self, network: ConditionalNetwork, written: WrittenNumbers, condition: Floats) -> None:
        super().__init__(network, written, condition)
        self._written = written

    def reads(self) -> str:
        """What a piece is."""
        D = self._written.scaler.columns
        one = "the number that came" if D == 1 else f"the {D} numbers that came"
        return f"{one}, or a list of such steps; null, once, for the beginning"

    def told(self, output: Any) -> dict[str, Any]:
        """The Gaussians' numbers."""
        lists = {name: [as_float(v) for v in getattr(output, name)] for name in ("mean", "deviation")}
        return {**lists, "end": as_float(output.end)}

    def _steps_of(self, piece: Any) -> NDArray[np.float32]:
        rows = rows_of(piece, self._written.scaler.columns)
        if rows is None or np.isnan(rows).any():  # of None too
            raise refused(piece, self.reads())
        return self._written.scaled(as_vectors(rows, "the input"))

    def _read(self, x: NDArray[Any], start: NDArray[np.int64]) -> NDArray[Any]:
        return self._written.read(x, start)

    def _told_of(self, outputs: Floats, first: NDArray[np.bool_]) -> list[Any]:
        mean, deviation, ends = self._written.distribution(outputs)
        scaler = self._written.scaler
        # σ(ends): by logaddexp, which overflows nowhere.
        end = np.where(first[:, 0], 0.0, np.exp(-np.logaddexp(0.0, -ends)))
        rows = zip(scaler.restore(mean), deviation * scaler.scale, end.tolist(), strict=True)
        return [NextNumbers(*row) for row in rows]
