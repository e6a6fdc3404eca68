"""Sound files as samples, whole or a block at a time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._media import decoded, open_stream


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
    import av

    # In blocks of about a second, since each takes Python a while. The channels are mixed here: the gain that
    # FFmpeg gives them depends on the codec's sample format.
    resampler = av.AudioResampler("fltp", None, rate, frame_size=rate)
    any_sample = False
    with open_stream(path, "audio") as (container, stream):
        frames = decoded(path, container, stream)
        while True:
            frame = next(frames, None)
            try:
                resampled = resampler.resample(frame)
            except ValueError as error:  # the number of channels or the rate changes on the way
                raise InputError(f"{path} changes its format on the way ({error}): convert it") from error
            for block in resampled:
                any_sample = any_sample or block.samples > 0
                if block.samples:
                    yield block.to_ndarray().mean(axis=0, dtype=np.float32)
            if frame is None:
                break
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
