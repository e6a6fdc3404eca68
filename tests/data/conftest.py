"""Small sound and video files, written with the library that reads them."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

CODECS = {
    ".wav": "pcm_s16le",
    ".flac": "flac",
    ".mp3": "mp3",
    ".opus": "libopus",
    ".m4a": "aac",
    ".aac": "aac",
    ".mp4": "mpeg4",
    ".avi": "mpeg4",
    ".mkv": "libx264",
    ".webm": "libvpx",
}


@pytest.fixture(scope="session")
def record():
    """Write samples (N,) or (channels, N) in [-1, 1] as a sound file of the kind its name ends in."""

    def write(path: Path, samples, rate: int = 16_000) -> Path:
        samples = np.atleast_2d(samples).astype(np.float32)
        layout = {1: "mono", 2: "stereo"}[len(samples)]
        with av.open(str(path), "w") as container:
            stream = container.add_stream(CODECS[path.suffix], rate=rate)
            stream.layout = layout
            codec = stream.codec_context
            fit = av.AudioResampler(codec.format.name, layout, rate, codec.frame_size or 1024)
            whole = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
            whole.sample_rate = rate
            for frame in [*fit.resample(whole), *fit.resample(None)]:
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return write


@pytest.fixture(scope="session")
def film():
    """Write frames (T, height, width, 3) uint8, shown at `times` (in frames), as a video file."""

    def write(path: Path, frames, rate: int = 25, times=None) -> Path:
        with av.open(str(path), "w") as container:
            stream = container.add_stream(CODECS[path.suffix], rate=rate)
            stream.height, stream.width = frames.shape[1:3]
            stream.pix_fmt = "yuv420p"
            container.start_encoding()
            for step, pixels in enumerate(frames):
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                frame.pts, frame.time_base = step if times is None else times[step], Fraction(1, rate)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return write


@pytest.fixture(scope="session")
def greys():
    """(T, 32, 48, 3) uint8 frames of a single grey each."""

    def make(levels):
        return np.broadcast_to(np.uint8(levels)[:, None, None, None], (len(levels), 32, 48, 3)).copy()

    return make


@pytest.fixture(scope="session")
def tone():
    """`seconds` of a sine of `hertz`, amplitude ½."""

    def make(hertz: float, seconds: float, rate: int = 16_000):
        return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)

    return make
