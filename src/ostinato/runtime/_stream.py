"""One sequence, read step by step."""

from typing import Any

from ostinato.runtime._state import pack_state, unpack_state
from ostinato.runtime._stepper import Stepper


class Stream:
    """A model that reads one sequence as it comes, and remembers what it has read.

    Args:
        stepper: the model's steps.
        fingerprint: the model's, which its states carry.
    """

    def __init__(self, stepper: Stepper, fingerprint: str) -> None:
        self._stepper = stepper
        self._fingerprint = fingerprint
        self._state = stepper.begin(1)

    def push(self, x: Any = None) -> Any:
        """Read what comes next.

        Args:
            x: one step; `reads` says what that is for this model.

        Returns:
            What the model says now; what that is depends on the model.

        Raises:
            InputError: x is no such thing; the stream is as it was.
        """
        outputs, self._state = self._stepper.step([x], self._state)
        return outputs[0]

    def reads(self) -> str:
        """What a step is, in words."""
        return self._stepper.reads()

    def told(self, output: Any) -> dict[str, Any]:
        """What `push` returned, as JSON can say it."""
        return self._stepper.told(output)

    def save(self) -> bytes:
        """All that the stream remembers. `restore` goes on from there, in any process, on any machine."""
        return pack_state(self._state, self._fingerprint)

    def restore(self, data: bytes) -> None:
        """Go on where a stream of the same model was saved.

        Raises:
            InputError: the bytes are damaged, of another model, or of a newer Ostinato; the stream is as it
                was.
        """
        self._state = unpack_state(data, self._fingerprint, self._stepper.begin(1))

    def reset(self) -> None:
        """Forget all that was read."""
        self._state = self._stepper.begin(1)
