"""A saved classifier, without torch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._parameters import Choice
from ostinato.data import ClassAnswers, check_finite, softmax
from ostinato.runtime._linear import Floats
from ostinato.runtime._model import refuse
from ostinato.runtime._pieces import Pieces, pieces_of
from ostinato.runtime._pooling import POOLINGS
from ostinato.runtime._sequence_model import SEQUENCE, SequenceModel
from ostinato.runtime._sequence_network import SequenceNetwork
from ostinato.runtime._sequence_stepper import SequenceStepper
from ostinato.runtime._stepper import Stepper
from ostinato.runtime._told import as_float, likeliest

POOLED = {**SEQUENCE, "pooling": (Choice(list(POOLINGS)), "last+mean+max")}


class Classifier(SequenceModel):
    """What is a sequence? Answers as `ostinato.Classifier` does.

    A stream's `push` gives (K,) the probabilities of the classes, given what has come so far.
    """

    task = "classify"
    form = POOLED
    answers_kind = ClassAnswers

    answers: ClassAnswers

    @property
    def classes(self) -> NDArray[Any]:
        """(K,) the classes, sorted."""
        return self.answers.labels.classes

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """(n, K) the probability of each class; rows sum to 1.

        Args:
            X: as `ostinato.Classifier` takes it.

        Raises:
            InputError: it is unlike what the model was trained on.
        """
        return softmax(pooled_outputs(self, X))

    def predict(self, X: Any) -> NDArray[Any]:
        """(n,) the likeliest class of each sequence."""
        return self.answers.labels.decode(pooled_outputs(self, X).argmax(1))

    def stepper(self, **options: Any) -> Stepper:
        """How its streams step; they have no options."""
        refuse(self.task, options)
        stepper = _ClassStepper(self.network, pieces_of(self.encoder), self.classes)
        stepper.begin(0)
        return stepper


class _ClassStepper(SequenceStepper):
    def __init__(self, network: SequenceNetwork, pieces: Pieces, classes: NDArray[Any]) -> None:
        super().__init__(network, pieces)
        self._classes = classes.tolist()

    def answers(self, logits: Floats) -> list[NDArray[np.float64]]:
        return list(softmax(logits))

    def told(self, output: Any) -> dict[str, Any]:
        if output is None:
            return {"class": None}
        order = likeliest(output)
        return {
            "class": self._classes[order[0]],
            "probabilities": [{"class": self._classes[i], "probability": as_float(output[i])} for i in order],
        }


def pooled_outputs(model: SequenceModel, X: Any) -> NDArray[np.float32]:
    """(n, K) what a network that pools gives for each of the inputs."""
    sequences = model._sequences(X)
    outputs = np.stack(model._outputs(sequences, np.arange(len(sequences))))
    return check_finite(outputs, "scores")
