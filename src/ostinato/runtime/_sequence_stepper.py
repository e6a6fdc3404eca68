"""How classifiers, regressors and taggers step."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from ostinato.runtime._linear import Floats
from ostinato.runtime._pieces import Pieces, batched
from ostinato.runtime._sequence_network import SequenceNetwork
from ostinato.runtime._stepper import State, Stepper


class SequenceStepper(Stepper):
    """Pieces of input → the network → an answer.

    Args:
        network: reads only what has come.
        pieces: how its input comes.
    """

    def __init__(self, network: SequenceNetwork, pieces: Pieces) -> None:
        self._network, self._pieces = network, pieces
        self._kept = len(pieces.begin(1))

    def begin(self, sessions: int) -> State:
        """What the pieces keep, and the network's state."""
        return *self._pieces.begin(sessions), *self._network.begin(sessions)

    def step(self, inputs: Sequence[Any] | NDArray[Any], state: State) -> tuple[list[Any], State]:
        """An answer for each session; None where its piece did not complete a step."""
        steps, kept = self._pieces.read(inputs, state[: self._kept])
        x, lengths = batched(steps)
        state = state[self._kept :]
        if len(x) == 0:
            return [None] * len(steps), (*kept, *state)
        if len(x) == 1 and lengths is None:
            logits, state = self._network.step(x[0], state)
        else:
            logits, state = self._network.onwards(x, lengths, state)
        answers = self.answers(logits)
        if lengths is not None:
            answers = [answer if length else None for answer, length in zip(answers, lengths, strict=True)]
        return answers, (*kept, *state)

    def reads(self) -> str:
        """What a piece is."""
        return self._pieces.words

    @abstractmethod
    def answers(self, logits: Floats) -> list[Any]:
        """What logits (n, K) say."""

    @abstractmethod
    def told(self, output: Any) -> dict[str, Any]:
        """An answer as JSON can say it."""
