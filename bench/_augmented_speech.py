"""Copies of the bundled recordings: faster or slower, louder or softer, later, and in noise."""

import wave
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from _quality import DATA

RECORDINGS = DATA / "speech"
RATE = 8000
_PEAK = 0.1  # of full scale, at 0 dB: the loudest copy keeps clear of it

Bands = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Ranges:
    """What a copy's conditions are drawn from, each evenly from one of its bands.

    Attributes:
        speed: times faster, and higher.
        gain: decibels.
        delay: seconds of noise before the word; as much follows it.
        snr: decibels that the word's mean power is above the noise's.
        colour: the noise's power falls with frequency f as f^-colour: 0 is white, 1 pink, 2 brown noise.
    """

    speed: Bands
    gain: Bands
    delay: Bands
    snr: Bands
    colour: Bands

    def draw(self, random: np.random.Generator) -> Iterator[float]:
        """One of each, in their order."""
        for field in fields(self):
            yield random.uniform(*random.choice(getattr(self, field.name)))


SEEN = Ranges(
    speed=((0.85, 0.95), (1.05, 1.15)),
    gain=((-9, -3), (3, 9)),
    delay=((0, 0.05), (0.1, 0.15)),
    snr=((10, 15), (20, 25)),
    colour=((0, 0.5), (1, 1.5)),
)
BETWEEN = Ranges(
    speed=((0.95, 1.05),), gain=((-3, 3),), delay=((0.05, 0.1),), snr=((15, 20),), colour=((0.5, 1),)
)
BEYOND = Ranges(
    speed=((0.75, 0.85), (1.15, 1.25)),
    gain=((-15, -9), (9, 15)),
    delay=((0.15, 0.25),),
    snr=((5, 10),),
    colour=((1.5, 2),),
)


def write_copies(folder: Path, ranges: Ranges, count: int, random: np.random.Generator) -> Path:
    """Write so many copies of each recording into a folder of its class; the folder of these folders."""
    for recording in sorted(RECORDINGS.glob("*.wav")):
        word = read_wav(recording)
        place = folder / recording.stem
        place.mkdir(parents=True)
        for number in range(count):
            write_wav(place / f"{number:02}.wav", augmented(word, ranges, random))
    return folder


def augmented(word: NDArray[np.float64], ranges: Ranges, random: np.random.Generator) -> NDArray[np.float64]:
    """A copy of a word's samples (N,), full scale at ±1, under conditions drawn from these ranges."""
    speed, gain, delay, snr, colour = ranges.draw(random)
    word = np.interp(np.arange(0, len(word) - 1, speed), np.arange(len(word)), word)
    word *= _PEAK / np.abs(word).max() * 10 ** (gain / 20)
    silence = np.zeros(round(delay * RATE))
    sound: NDArray[np.float64] = np.concatenate([silence, word, silence])
    loudness = np.sqrt(np.mean(word**2) / 10 ** (snr / 10))
    sound += loudness * noise(len(sound), colour, random)
    return sound


def noise(count: int, colour: float, random: np.random.Generator) -> NDArray[np.float64]:
    """(count,) samples of noise with mean 0 and mean power 1."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    spectrum[0] = 0
    spectrum[1:] *= np.arange(1, len(spectrum)) ** (-colour / 2)
    samples: NDArray[np.float64] = np.fft.irfft(spectrum, count)
    samples /= samples.std()
    return samples


def read_wav(path: Path) -> NDArray[np.float64]:
    """The samples of a recording of 8 bits, full scale at ±1."""
    with wave.open(str(path)) as file:
        samples: NDArray[np.float64] = np.frombuffer(file.readframes(file.getnframes()), np.uint8) / 128 - 1
        return samples


def write_wav(path: Path, samples: NDArray[np.float64]) -> None:
    """Write samples, cut off at full scale, with 16 bits."""
    with wave.open(str(path), "w") as file:
        file.setparams((1, 2, RATE, len(samples), "NONE", ""))
        file.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())
