"""Sound files as samples, whole or a block at a time."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._media import decoded, open_stream

if TYPE_CHECKING:
    from av import AudioFrame


def decode_audio(path: Path, rate: int = 16_000) -> NDArray[np.float32]:
    """A sound file's samples, (N,) float32, as `audio_blocks` gives them, all at once."""
    return np.concatenate(list(audio_blocks(path, rate)))


def audio_blocks(path: Path, rate: int = 16_000) -> Iterator[NDArray[np.float32]]:
    """A sound file's samples in blocks, of which only one is in memory at a time.

    Args:
        path: any format and codec that FFmpeg decodes; of a video, its sound.
        rate: samples per second, to which FFmpeg resamples.

    Yields:
        (n,) float32, n > 0 and different from block to block, full scale at ±1, all channels' mean.

    Raises:
        InputError: the file is missing, empty, not audio, without sound or damaged.
        ModuleNotFoundError: PyAV is not installed.
    """
    any_sample = False
    with open_stream(path, "audio") as (container, stream):
        for block in _resampled(path, decoded(path, container, stream), rate):
            any_sample = True
            # FFmpeg could mix the channels, but with a gain that depends on the codec's sample format.
            yield block.to_ndarray().mean(axis=0, dtype=np.float32)
    if not any_sample:
        raise InputError(f"{path} holds no sound (0 samples): replace it or leave it out")


def sample_rate(path: Path) -> int:
    """The samples per second at which a sound file was stored.

    Raises:
        InputError: the file is missing, empty or not audio.
        ModuleNotFoundError: PyAV is not installed.
    """
    with open_stream(path, "audio") as (_, stream):
        return int(stream.rate)


def _resampled(path: Path, frames: Iterable["AudioFrame"], rate: int) -> Iterator["AudioFrame"]:
    """Frames of about a second each, since each takes Python a while."""
    import av

    resampler = av.AudioResampler("fltp", None, rate, frame_size=rate)
    for frame in chain(frames, [None]):  # None: the rest
        try:
            blocks = resampler.resample(frame)
        except ValueError as error:
            raise InputError(f"{path} changes its format on the way ({error}): convert it") from error
        yield from (block for block in blocks if block.samples)
