"""What every input encoder is: from one input to the array that a network reads."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Self

from numpy.typing import NDArray


class InputEncoder(ABC):
    """Turns one input into the steps that a network reads; learned on training inputs only.

    Attributes:
        kind: of inputs, as in `Examples`.
    """

    kind: ClassVar[str]

    @abstractmethod
    def encode(self, item: Any) -> NDArray[Any]:
        """One input whole: (T,) int32 for texts and tokens, (T, D) float32 for vectors and audio,
        (T, height, width, channels) uint8 for video.

        Raises:
            InputError: a file cannot be decoded, or an array has another width than those of training.
        """  # noqa: D205

    def stream(self, item: Any) -> Iterator[NDArray[Any]]:
        """The same in pieces; files that are larger than memory are never read whole."""
        yield self.encode(item)

    @property
    @abstractmethod
    def element(self) -> tuple[int, ...]:
        """The shape of one step: () for tokens, (D,) for vectors and audio, (height, width, channels)."""

    @property
    def seconds_per_step(self) -> float | None:
        """How long a step of a recording lasts; None for what has no time."""
        return None

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """All there is to know, JSON-able, its `kind` included."""

    @classmethod
    @abstractmethod
    def from_json(cls, value: Any) -> Self:
        """The encoder that `to_json` described; safe for a stranger's JSON.

        Raises:
            InputError: `value` is anything else.
        """
