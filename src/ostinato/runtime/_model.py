"""What every loaded model is."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from ostinato._errors import InputError
from ostinato.data import ModelDirectory
from ostinato.runtime._layers import Precision
from ostinato.runtime._stepper import Stepper
from ostinato.runtime._stream import Stream
from ostinato.runtime._streams import Streams


class Model(ABC):
    """A saved model, to be used without torch. Several threads may use one at once.

    Attributes:
        task: "lm", "classify", "regress", "tag", "generate", "translate" or "forecast".
        fingerprint: tells this model from any other; states of streams carry it.
    """

    task: ClassVar[str]
    fingerprint: str

    @classmethod
    @abstractmethod
    def read(cls, saved: ModelDirectory, precision: Precision) -> Self:
        """The model of an opened directory.

        Raises:
            InputError: it is damaged.
        """

    @abstractmethod
    def stepper(self, **options: Any) -> Stepper:
        """How streams of this model step; `InputError` where it cannot, or for an option it has not."""

    def stream(self, **options: Any) -> Stream:
        """A sequence that is read step by step.

        Args:
            options: of the task; most have none.

        Raises:
            InputError: the model needs whole sequences, and the message says how to train one that does not;
                or there is no such option.
        """
        return Stream(self.stepper(**options), self.fingerprint)

    def streams(self, n: int = 0, **options: Any) -> Streams:
        """Many of them, `n` to begin with, of which any are pushed in one call.

        Raises:
            InputError: as `stream`.
        """
        return Streams(self.stepper, self.fingerprint, n, **options)


def refuse(task: str, options: Mapping[str, Any]) -> None:
    """InputError for options of streams that a task has not."""
    if options:
        raise InputError(f"streams of a model for {task} have no option {min(options)!r}: leave it out")


def fingerprint_of(saved: ModelDirectory) -> str:
    """The SHA-256 over those of config.json and of the weights, in hexadecimal."""
    sums = (saved.config_sha256, str(saved.config["files"].get("model.safetensors")))
    return hashlib.sha256("\n".join(sums).encode()).hexdigest()
