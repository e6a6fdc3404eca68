"""Video files as frames of one size, one at a time."""

import math
from collections.abc import Iterable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, ParameterError
from ostinato.data._media import decoded, open_stream

_USUAL_RATE = 25.0  # frames per second, where a file does not say
_LONGEST = 3600.0  # seconds that a frame may last before it is taken for a fault


def video_frames(
    path: Path, *, size: int, channels: int = 3, frames_per_second: float | None = None
) -> Iterator[NDArray[np.uint8]]:
    """A video's frames, of which only one is in memory at a time.

    Args:
        path: any format and codec that FFmpeg decodes.
        size: height and width to which each frame is stretched, whatever its shape was; pixels are averaged.
            1 to 1024.
        channels: 3 for red, green and blue, 1 for grey.
        frames_per_second: None: every frame of the file. Otherwise frame t is the one seen in the middle of
            its time, (t + ½) / `frames_per_second` seconds after the first one appeared: frames are left out
            or repeated as need be. There is always one.

    Yields:
        (size, size, channels) uint8; a repeated frame is the same array again.

    Raises:
        InputError: the file is missing, empty, not a video, without frames or damaged; ParameterError for a
            parameter.
        ModuleNotFoundError: PyAV is not installed.
    """
    check_frames(size, channels, frames_per_second)
    from av.video.reformatter import VideoReformatter

    scaler, form = VideoReformatter(), "gray" if channels == 1 else "rgb24"
    any_frame = False
    with open_stream(path, "video") as (container, stream):
        frames = decoded(path, container, stream)
        for frame, count in _paced(path, frames, _rate(stream), frames_per_second):
            any_frame = True
            pixels = scaler.reformat(frame, size, size, form, interpolation="AREA").to_ndarray()
            yield from repeat(pixels.astype(np.uint8, copy=False).reshape(size, size, channels), count)
    if not any_frame:
        raise InputError(f"{path} holds no frames: replace it or leave it out")


def frame_rate(path: Path) -> float:
    """A video's frames per second, on average.

    Raises:
        InputError: the file is missing, empty or not a video.
        ModuleNotFoundError: PyAV is not installed.
    """
    with open_stream(path, "video") as (_, stream):
        return _rate(stream)


def check_frames(size: int, channels: int, frames_per_second: float | None) -> None:
    """Refuse frames of a size, a number of channels or a pace that cannot be.

    Raises:
        ParameterError: one of the three is out of range.
    """
    if not 1 <= size <= 1024:
        raise ParameterError("size", f"is {size}: give 1 to 1024 pixels")
    if channels not in (1, 3):
        raise ParameterError("channels", f"is {channels}: give 1 for grey or 3 for colours")
    if frames_per_second is not None and not 0.001 <= frames_per_second <= 1000:
        raise ParameterError("frames_per_second", f"is {frames_per_second}: give 0.001 to 1000")


def _rate(stream: Any) -> float:
    return float(stream.average_rate or stream.guessed_rate or _USUAL_RATE)


def _paced(path: Path, frames: Iterable[Any], rate: float, wanted: float | None) -> Iterator[tuple[Any, int]]:
    """The frames that are seen at an even pace, each with the number of steps it fills; None: all, once."""
    if wanted is None:
        yield from zip(frames, repeat(1))
        return
    step, frame = 0, None
    for frame, end in _ends(path, frames, rate):
        # Steps t with (t + ½) / wanted < end; rounded, so that ties fall the same way throughout.
        count = math.ceil(round(end * wanted - 0.5, 6)) - step
        if count > 0:
            yield frame, count
            step += count
    if step == 0 and frame is not None:
        yield frame, 1


def _ends(path: Path, frames: Iterable[Any], rate: float) -> Iterator[tuple[Any, float]]:
    """Each frame and when another follows it, in seconds since the first one appeared."""
    shown, begin, first = None, 0.0, 0.0
    for frame in frames:
        if shown is None:
            first = frame.time or 0.0
        else:
            end = begin + 1 / rate if frame.time is None else frame.time - first
            if end - begin > _LONGEST:
                raise InputError(
                    f"{path} is damaged after {begin:.1f} s (the next frame is at {end:.1f} s): "
                    f"replace it or leave it out"
                )
            yield shown, end
            begin = end
        shown = frame
    if shown is not None:
        yield shown, begin + 1 / rate
