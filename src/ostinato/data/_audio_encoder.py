"""Sound files as a network reads them: scaled log-mel frames."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data._audio import audio_blocks, sample_rate
from ostinato.data._input_encoder import InputEncoder
from ostinato.data._log_mel import LogMel
from ostinato.data._media import of_readable
from ostinato.data._scaler import Scaler

_HIGHEST_RATE = 16_000  # speech has little above 8 kHz
_ENOUGH = 256  # files for a mean and a deviation
_LEAST = 0.1  # deviation of a log power, under half a decibel: what changes less is noise, not to be blown up


class AudioEncoder(InputEncoder):
    """Paths of sound files → log-mel frames (T, num_mels), each band scaled.

    Args:
        log_mel: how frames are taken.
        scaler: (num_mels,) bands' mean and deviation in training.
    """

    kind = "audio"

    def __init__(self, log_mel: LogMel, scaler: Scaler) -> None:
        self.log_mel = log_mel
        self.scaler = scaler

    @classmethod
    def learn(
        cls,
        paths: Sequence[Path],
        *,
        rate: int | None = None,
        num_mels: int = 40,
        window: float = 0.025,
        hop: float = 0.010,
    ) -> Self:
        """The mean and deviation of each band over training files; of many, over 256 evenly among them.

        Args:
            paths: at least one. Those that cannot be decoded are passed over; `encode` says what is wrong.
            rate: samples per second to which all files are resampled. None: that of the file that has the
                least, at most 16000, so that what a file's format leaves out does not tell files apart.
            num_mels: bands, as in `LogMel`.
            window: seconds, as in `LogMel`.
            hop: seconds, as in `LogMel`.

        Raises:
            InputError: none can be decoded; ParameterError for a parameter.
        """
        chosen = [paths[i] for i in np.unique(np.linspace(0, len(paths) - 1, _ENOUGH).round().astype(int))]
        if rate is None:
            rate = min(_HIGHEST_RATE, *of_readable(sample_rate, chosen))
        log_mel = LogMel(rate, num_mels, window, hop)

        def moments(path: Path) -> NDArray[np.float64]:
            return sum(map(_moments, log_mel.stream(audio_blocks(path, rate))), np.zeros((3, num_mels)))

        count, total, squares = np.sum(list(of_readable(moments, chosen)), axis=0)
        mean = total / count
        deviation = np.sqrt(np.maximum(squares / count - mean**2, _LEAST**2))
        return cls(log_mel, Scaler(mean, deviation, np.zeros(num_mels, bool)))

    def encode(self, item: Path) -> NDArray[np.float32]:
        """(T, num_mels), as `stream` gives it, all at once."""
        return np.concatenate(list(self.stream(item)))

    def stream(self, item: Path) -> Iterator[NDArray[np.float32]]:
        """Pieces of the frames of a file, of which only one is in memory at a time."""
        for frames in self.log_mel.stream(audio_blocks(Path(item), self.log_mel.rate)):
            yield self.scaler.transform(frames)

    @property
    def element(self) -> tuple[int, ...]:
        """(num_mels,)."""
        return (self.scaler.features,)

    @property
    def seconds_per_step(self) -> float:
        """The time from frame to frame."""
        return self.log_mel.seconds_per_frame

    def to_json(self) -> dict[str, Any]:
        """How frames are taken, and the scaler."""
        return {"kind": self.kind, "log_mel": self.log_mel.to_json(), "scaler": self.scaler.to_json()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The encoder that `to_json` described."""
        log_mel, scaler = LogMel.from_json(value.get("log_mel")), Scaler.from_json(value.get("scaler"))
        if scaler.columns != log_mel.num_mels or scaler.gaps.any():
            raise InputError(f"a scaler of {log_mel.num_mels} bands without gaps is needed; save it anew")
        return cls(log_mel, scaler)


def _moments(frames: NDArray[np.float32]) -> NDArray[np.float64]:
    """(3, num_mels): of each band the count, the sum and the sum of squares."""
    return np.stack(
        [np.full(frames.shape[1], len(frames)), frames.sum(0, float), np.square(frames, dtype=float).sum(0)]
    )
