"""Video files as a network reads them: small frames at an even pace."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._input_encoder import InputEncoder
from ostinato.data._media import of_readable
from ostinato.data._video import check_frames, frame_rate, video_frames

_PIECE = 256  # frames


class VideoEncoder(InputEncoder):
    """Paths of video files → frames (T, size, size, channels) uint8, step t at t / `frames_per_second`.

    Args:
        size: height and width of a frame, to which it is stretched.
        channels: 3 for colours, 1 for grey.
        frames_per_second: steps per second, into which files of any rate are brought, see `video_frames`.

    Raises:
        ParameterError: a value is out of range.
    """

    kind = "video"

    def __init__(self, size: int, channels: int, frames_per_second: float) -> None:
        check_frames(size, channels, frames_per_second)
        self.size, self.channels, self.frames_per_second = size, channels, frames_per_second

    @classmethod
    def learn(
        cls,
        paths: Sequence[Path],
        *,
        size: int = 32,
        channels: int = 3,
        frames_per_second: float | None = None,
    ) -> Self:
        """An encoder for files like these.

        Args:
            paths: at least one. Those that cannot be decoded are passed over; `encode` says what is wrong.
            size: as above.
            channels: as above.
            frames_per_second: None: those of the first file.

        Raises:
            InputError: none can be decoded; ParameterError for a parameter.
        """
        if frames_per_second is None:
            frames_per_second = next(of_readable(frame_rate, paths))
        return cls(size, channels, frames_per_second)

    def encode(self, item: Path) -> NDArray[np.uint8]:
        """(T, size, size, channels), as `stream` gives it, all at once."""
        return np.concatenate(list(self.stream(item)))

    def stream(self, item: Path) -> Iterator[NDArray[np.uint8]]:
        """The frames in pieces of 256, of which only one is in memory at a time."""
        frames = video_frames(
            Path(item), size=self.size, channels=self.channels, frames_per_second=self.frames_per_second
        )
        while piece := list(islice(frames, _PIECE)):
            yield np.stack(piece)

    @property
    def element(self) -> tuple[int, ...]:
        """(size, size, channels)."""
        return (self.size, self.size, self.channels)

    @property
    def seconds_per_step(self) -> float:
        """The time from frame to frame."""
        return 1 / self.frames_per_second

    def to_json(self) -> dict[str, Any]:
        """The three parameters."""
        return {
            "kind": self.kind,
            "size": self.size,
            "channels": self.channels,
            "frames_per_second": self.frames_per_second,
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The encoder that `to_json` described."""
        size, channels, rate = (value.get(name) for name in ("size", "channels", "frames_per_second"))
        if not (type(size) is type(channels) is int and type(rate) is float):
            raise InputError("a video encoder needs size, channels and frames_per_second; save it anew")
        return cls(size, channels, rate)
