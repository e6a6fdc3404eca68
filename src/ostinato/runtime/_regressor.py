"""A saved regressor, without torch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.data import NumberAnswers
from ostinato.runtime._classifier import POOLED, pooled_outputs
from ostinato.runtime._linear import Floats
from ostinato.runtime._model import refuse
from ostinato.runtime._pieces import Pieces, pieces_of
from ostinato.runtime._sequence_model import SequenceModel
from ostinato.runtime._sequence_network import SequenceNetwork
from ostinato.runtime._sequence_stepper import SequenceStepper
from ostinato.runtime._stepper import Stepper
from ostinato.runtime._told import as_float


class Regressor(SequenceModel):
    """Which number belongs to a sequence? Answers as `ostinato.Regressor` does.

    A stream's `push` gives the number as far as it can be told from what has come, a float; where there were
    several in training, (K,) of them.
    """

    task = "regress"
    form = POOLED
    answers_kind = NumberAnswers

    answers: NumberAnswers

    def predict(self, X: Any) -> NDArray[np.float64]:
        """The number of each sequence, (n,), or (n, K) where there were several in training.

        Args:
            X: as `ostinato.Regressor` takes it.

        Raises:
            InputError: it is unlike what the model was trained on.
        """
        return self.answers.restore(pooled_outputs(self, X))

    def stepper(self, **options: Any) -> Stepper:
        """How its streams step; they have no options."""
        refuse(self.task, options)
        stepper = _NumberStepper(self.network, pieces_of(self.encoder), self.answers)
        stepper.begin(0)
        return stepper


class _NumberStepper(SequenceStepper):
    def __init__(self, network: SequenceNetwork, pieces: Pieces, numbers: NumberAnswers) -> None:
        super().__init__(network, pieces)
        self._numbers = numbers

    def answers(self, logits: Floats) -> list[Any]:
        values = self._numbers.restore(logits)
        return values.tolist() if self._numbers.single else list(values)

    def told(self, output: Any) -> dict[str, Any]:
        if output is None or self._numbers.single:
            return {"value": None if output is None else as_float(output)}
        return {"value": [as_float(value) for value in output]}
