"""Log-mel frames: what the ear's frequency resolution leaves of a sound's short-time spectrum."""

from collections.abc import Iterable, Iterator
from typing import Any, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ostinato._errors import InputError, ParameterError

# Frames are taken in groups counted from the start of a sound, however it arrives: the products that sum up a
# group's bands have the same shape each time, and so give the same bits.
_GROUP = 512
_FLOOR = 1e-10  # of a full-scale wave's power, 100 dB below it: digital silence and a quiet room look alike


class LogMel:
    """log(mel power + 1e-10) of overlapping windows, a frame each.

    A frame is a periodic Hann window over `window` seconds, whose power spectrum (1/4 at the peak of a
    full-scale sine) is summed up in triangular bands: equally far apart on HTK's mel scale,
    2595 log10(1 + f / 700), from 0 to half the sampling rate, linear in Hz, 1 at their peaks (Davis &
    Mermelstein 1980; Young et al., The HTK Book, section 5.6).

    A sound of N samples has 1 + floor((N - window) / hop) frames; one shorter than a window has one frame,
    filled up with zeros.

    Args:
        rate: samples per second, 1000 to 384000.
        num_mels: bands, 1 to 512.
        window: seconds, at most 1.
        hop: seconds from frame to frame, at most a window.

    Raises:
        ParameterError: a value outside, or so many bands that one of them lies between two frequencies of the
            spectrum.
    """

    def __init__(
        self, rate: int = 16_000, num_mels: int = 40, window: float = 0.025, hop: float = 0.010
    ) -> None:
        if not 1000 <= rate <= 384_000:
            raise ParameterError("rate", f"is {rate}: give 1000 to 384000 samples per second")
        if not 1 <= num_mels <= 512:
            raise ParameterError("num_mels", f"is {num_mels}: give 1 to 512 bands")
        if not 2 / rate <= window <= 1:
            raise ParameterError("window", f"is {window}: give a part of a second, 0.025 say")
        if not 1 / rate <= hop <= window:
            raise ParameterError("hop", f"is {hop}: give seconds, at most a window's {window}")
        self.rate, self.num_mels, self.window, self.hop = rate, num_mels, window, hop
        self._window, self._hop = round(window * rate), round(hop * rate)
        self._size = 1 << (self._window - 1).bit_length()
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self._window) / self._window)
        self._hann = (hann / hann.sum()).astype(np.float32)
        self._bands = mel_bands(rate, self._size, num_mels)

    @property
    def seconds_per_frame(self) -> float:
        """The hop, in whole samples."""
        return self._hop / self.rate

    @property
    def sizes(self) -> tuple[int, int]:
        """A window and the hop, in samples."""
        return self._window, self._hop

    def frames(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N,) samples → (T, num_mels)."""
        return np.concatenate(list(self.stream([samples])))

    def stream(self, blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """The frames of a sound that comes in blocks, in pieces: to the bit those of the whole."""
        span = (_GROUP - 1) * self._hop + self._window
        held, count, short = [np.zeros(0, np.float32)], 0, True
        for block in blocks:
            held.append(block)
            count += len(block)
            if count < span:
                continue
            samples = np.concatenate(held)
            while len(samples) >= span:
                yield self._log_mel(samples[:span])
                samples = samples[_GROUP * self._hop :]
            held, count, short = [samples], len(samples), False
        samples = np.concatenate(held)
        if short and count < self._window:
            samples = np.pad(samples, (0, self._window - count))
        if len(samples) >= self._window:
            yield self._log_mel(samples)

    def _log_mel(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The frames of at most a group."""
        windows = sliding_window_view(samples, self._window)[:: self._hop] * self._hann
        spectrum = np.fft.rfft(windows, self._size)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        frames: NDArray[np.float32] = np.log(power @ self._bands + np.float32(_FLOOR))
        return frames

    def to_json(self) -> dict[str, Any]:
        """The four parameters."""
        return {"rate": self.rate, "num_mels": self.num_mels, "window": self.window, "hop": self.hop}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """What `to_json` described.

        Raises:
            InputError: `value` is anything else.
        """
        value = value if isinstance(value, dict) else {}
        rate, num_mels, window, hop = (value.get(name) for name in ("rate", "num_mels", "window", "hop"))
        if not (type(rate) is type(num_mels) is int and type(window) is type(hop) is float):
            raise InputError("log-mel frames need rate, num_mels, window and hop; save it anew")
        return cls(rate, num_mels, window, hop)


def mel_bands(rate: int, size: int, num_mels: int) -> NDArray[np.float32]:
    """The weight of each frequency of a spectrum of `size` samples in each band, (size // 2 + 1, num_mels).

    Raises:
        ParameterError: there is a band without any frequency.
    """
    hertz = np.arange(size // 2 + 1) * rate / size
    mels = np.linspace(0, 2595 * np.log10(1 + rate / 2 / 700), num_mels + 2)
    low, peak, high = (700 * (10 ** (mels[i : i + num_mels] / 2595) - 1) for i in range(3))
    rising = (hertz[:, None] - low) / (peak - low)
    falling = (high - hertz[:, None]) / (high - peak)
    bands = np.minimum(rising, falling).clip(min=0)
    if not bands.any(axis=0).all():
        raise ParameterError("num_mels", f"is {num_mels}: too many bands for so short a window; give fewer")
    return bands.astype(np.float32)
