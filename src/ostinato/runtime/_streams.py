"""Many sequences, read step by step, any of them together in one call."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.runtime._state import pack_state, unpack_state
from ostinato.runtime._stepper import State, Stepper


class Streams:
    """Sessions of one model. Each has the bits of a `Stream` of its own, whoever is pushed along with it.

    Sessions are known by numbers, which are never given twice: 0 to n - 1 are there at the beginning.

    Args:
        stepper: gives the steps of a session that is begun with these options.
        fingerprint: the model's, which its states carry.
        n: sessions to begin with.
        options: what they are begun with.
    """

    def __init__(self, stepper: Callable[..., Stepper], fingerprint: str, n: int = 0, **options: Any) -> None:
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 0:
            raise InputError(f"n is {n!r}: give the number of sessions to begin with, 0 or more")
        self._new_stepper, self._fingerprint = stepper, fingerprint
        self._options = options
        self._stepper = stepper(**options)
        self._begun: dict[int, Stepper] = {}  # of sessions that began otherwise
        self._state = self._stepper.begin(int(n))
        self._slots = {session: session for session in range(int(n))}  # where each is in the state
        self._free: list[int] = []
        self._next = int(n)

    @property
    def sessions(self) -> tuple[int, ...]:
        """Those that there are."""
        return tuple(self._slots)

    def join(self, **options: Any) -> int:
        """Begin another session; its number.

        Args:
            options: where it begins otherwise than the first ones did.
        """
        stepper = self._new_stepper(**{**self._options, **options}) if options else self._stepper
        begun = stepper.begin(1)
        if not self._free:
            self._make_room()
        session, slot = self._next, self._free.pop()
        self._next += 1
        self._slots[session] = slot
        if options:
            self._begun[session] = stepper
        self._put(slot, begun)
        return session

    def leave(self, session: int) -> None:
        """End a session.

        Raises:
            InputError: there is none of this number.
        """
        self._free.append(self._slot(session))
        del self._slots[session]
        self._begun.pop(session, None)

    def push(self, sessions: Sequence[int] | NDArray[Any], inputs: Sequence[Any] | NDArray[Any]) -> list[Any]:
        """Let sessions read what comes next, all in one batch.

        Args:
            sessions: n numbers of sessions, in any order, each at most once.
            inputs: (n,) a step for each, as `Stream.push` takes it; of numeric sequences an array (n, D) is
                the quickest.

        Returns:
            What `Stream.push` returns, for each.

        Raises:
            InputError: there is no such session, one is named twice, an input will not do; none of them has
                read anything then.
        """
        slots = self._slots_of(sessions)
        if not _is_sequence(inputs):
            raise InputError(f"inputs is {type(inputs).__name__}: give a sequence, an input for each session")
        if len(inputs) != len(slots):
            raise InputError(f"{len(inputs)} inputs for {len(slots)} sessions: give one for each")
        if not slots:
            return []
        everyone = slots == list(range(self._state[0].shape[-2]))
        state = self._state if everyone else tuple(array.take(slots, axis=-2) for array in self._state)
        outputs, state = self._stepper.step(inputs, state)
        if everyone:
            self._state = state
        else:
            self._put(slots, state)
        return outputs

    def reads(self) -> str:
        """What a step is, in words."""
        return self._stepper.reads()

    def save(self, session: int) -> bytes:
        """As `Stream.save`; a stream can go on from it, and the other way round."""
        slot = self._slot(session)
        return pack_state(tuple(array[..., slot : slot + 1, :] for array in self._state), self._fingerprint)

    def restore(self, session: int, data: bytes) -> None:
        """As `Stream.restore`."""
        slot = self._slot(session)
        self._put(slot, unpack_state(data, self._fingerprint, self._stepper.begin(1)))

    def reset(self, session: int) -> None:
        """Let a session forget all that it has read."""
        self._put(self._slot(session), self._begun.get(session, self._stepper).begin(1))

    def _slot(self, session: Any) -> int:
        try:
            return self._slots[session]
        except (KeyError, TypeError):
            raise InputError(f"there is no session {session!r}: join gives the number of a new one") from None

    def _slots_of(self, sessions: Sequence[Any] | NDArray[Any]) -> list[int]:
        if not _is_sequence(sessions):
            raise InputError(f"sessions is {type(sessions).__name__}: give a sequence of their numbers")
        names = sessions.tolist() if isinstance(sessions, np.ndarray) else list(sessions)
        slots = [self._slot(session) for session in names]
        if len(set(slots)) < len(slots):
            twice = next(name for index, name in enumerate(names) if name in names[:index])
            raise InputError(f"session {twice} is named twice: push its steps one after the other")
        return slots

    def _put(self, slots: int | list[int], state: State) -> None:
        """Into rows of the state, others staying as they are."""
        places = [slots] if isinstance(slots, int) else slots
        for array, new in zip(self._state, state, strict=True):
            array[..., places, :] = new

    def _make_room(self) -> None:
        """Twice as many rows."""
        there = self._state[0].shape[-2]
        more = self._stepper.begin(max(8, there))
        self._state = tuple(np.concatenate(pair, axis=-2) for pair in zip(self._state, more, strict=True))
        self._free = list(reversed(range(there, self._state[0].shape[-2])))


def _is_sequence(values: Any) -> bool:
    """Whether there is one thing after the other in it; a string is one thing."""
    if isinstance(values, np.ndarray):
        return values.ndim > 0
    return isinstance(values, Sequence) and not isinstance(values, (str, bytes))
