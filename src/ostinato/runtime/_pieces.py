"""What is pushed into a stream, as the steps that a network reads.

A piece is one step, or several that come together: a stretch of text, an array of several rows.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data import (
    AudioEncoder,
    InputEncoder,
    TextEncoder,
    TokenEncoder,
    Tokenizer,
    VectorEncoder,
    VideoEncoder,
    as_vectors,
    known_ids,
)
from ostinato.runtime._stepper import State


class Pieces(ABC):
    """How the pieces of one kind of input are read."""

    words: str  # what a piece is, for messages

    def begin(self, n: int) -> State:
        """What n sessions remember of pieces until they are steps."""
        return ()

    def read(self, inputs: Sequence[Any] | NDArray[Any], state: State) -> tuple[list[NDArray[Any]], State]:
        """The steps (T, …) that each piece gives, and what is remembered now.

        Raises:
            InputError: a piece is none; the message says what one is.
        """
        return [self.steps(piece) for piece in inputs], ()

    @abstractmethod
    def steps(self, piece: Any) -> NDArray[Any]:
        """(T, …), where nothing need be remembered."""

    def refused(self, piece: Any) -> InputError:
        """The complaint about a piece that is none."""
        return refused(piece, self.words)


def refused(piece: Any, words: str) -> InputError:
    """The complaint about what is not what `words` say."""
    return InputError(f"{_shown(piece)} is not what this model reads: give {words}")


def _shown(piece: Any) -> str:
    """A piece in a message of one line, whatever it is."""
    text = " ".join(repr(piece).split())
    return text if len(text) <= 60 else f"{text[:60]}…"


def known_piece(tokenizer: Tokenizer, piece: Any, words: str, *, stacklevel: int) -> NDArray[np.int64]:
    """(T,) the ids of a stretch of text, what the model has never seen left out with a warning.

    Raises:
        InputError: it is none, or nothing of it is left; `words` say what one is.
    """
    if not isinstance(piece, str) or piece == "":
        raise refused(piece, words)
    ids = known_ids(tokenizer, piece, stacklevel=stacklevel + 1)
    if len(ids) == 0:
        raise InputError(f"the model has never seen anything of {_shown(piece)}: give {words}")
    return ids


def rows_of(piece: Any, columns: int) -> NDArray[np.float64] | None:
    """(T, columns) the numbers of one step or of several; None where a piece is none."""
    try:
        array = np.asarray(piece, np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    if isinstance(piece, (str, bytes, bool)) or array.ndim > 2 or array.size == 0:
        return None
    rows = array if array.ndim == 2 else array.reshape(1, -1)
    return rows if rows.shape[1] == columns else None


class TextPieces(Pieces):
    """Stretches of a text, each encoded by itself."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self.words = "a piece of text, a string that is not empty"
        if encoder.tokenizer.kind != "characters":
            self.words += ", cut where a word ends"

    def steps(self, piece: Any) -> NDArray[np.int64]:
        """(T,) ids."""
        if not isinstance(piece, str) or not len(ids := self._encoder.encode(piece)):
            raise self.refused(piece)
        return ids.astype(np.int64)


class TokenPieces(Pieces):
    """Tokens by themselves, or lists of them."""

    words = "a token, a string, or a list of several"

    def __init__(self, encoder: TokenEncoder) -> None:
        self._encoder = encoder

    def steps(self, piece: Any) -> NDArray[np.int64]:
        """(T,) ids."""
        tokens = [piece] if isinstance(piece, str) else piece
        if not isinstance(tokens, (list, tuple)) or not tokens or not all(isinstance(t, str) for t in tokens):
            raise self.refused(piece)
        return self._encoder.encode(tokens).astype(np.int64)


class VectorPieces(Pieces):
    """The numbers of a step (D,), or of several (T, D); NaN and None are missing values."""

    def __init__(self, encoder: VectorEncoder) -> None:
        self._encoder, self._columns = encoder, encoder.scaler.columns
        D = self._columns
        self.words = "a number" if D == 1 else f"a list of {D} numbers"
        self.words += ", null (NaN) where one is missing, or a list of such steps"

    def read(self, inputs: Sequence[Any] | NDArray[Any], state: State) -> tuple[list[NDArray[Any]], State]:
        """Of an array (n, D) all rows at once."""
        if isinstance(inputs, np.ndarray) and inputs.ndim == 2 and inputs.dtype.kind in "fiu":
            if inputs.shape[1] != self._columns:
                raise self.refused(inputs[0])
            rows = self._encoder.encode(as_vectors(inputs, "the input"))
            return list(rows[:, None]), ()
        return super().read(inputs, state)

    def steps(self, piece: Any) -> NDArray[np.float32]:
        """(T, features)."""
        rows = rows_of(piece, self._columns)
        if rows is None:
            raise self.refused(piece)
        return self._encoder.encode(as_vectors(rows, "the input"))


class FramePieces(Pieces):
    """A video frame (height, width, channels) of bytes, or several."""

    def __init__(self, encoder: VideoEncoder) -> None:
        self._element = encoder.element
        height, width, channels = self._element
        self.words = f"a frame, {height} × {width} × {channels} whole numbers from 0 to 255, or several"

    def steps(self, piece: Any) -> NDArray[np.uint8]:
        """(T, height, width, channels)."""
        try:
            frames = np.asarray(piece)
            whole = frames.dtype.kind in "iu" and frames.size > 0 and 0 <= frames.min() <= frames.max() <= 255
        except (TypeError, ValueError, OverflowError):
            raise self.refused(piece) from None
        if not whole or frames.ndim not in (3, 4) or frames.shape[-3:] != self._element:
            raise self.refused(piece)
        return frames.astype(np.uint8).reshape(-1, *self._element)


class SamplePieces(Pieces):
    """Samples of sound, as many as have come; a step is a frame, and some samples are waited for until then.

    The frames are those of the whole sound. What has come of the next one is remembered: (n, window) samples,
    the last of them filled, and (n, 1) how many these are.
    """

    def __init__(self, encoder: AudioEncoder) -> None:
        self._encoder = encoder
        self._window, self._hop = encoder.log_mel.sizes
        self.words = f"a list of samples from -1 to 1, {encoder.log_mel.rate:,} to the second"

    def begin(self, n: int) -> State:
        """No samples."""
        return np.zeros((n, self._window), np.float32), np.zeros((n, 1), np.int64)

    def read(self, inputs: Sequence[Any] | NDArray[Any], state: State) -> tuple[list[NDArray[Any]], State]:
        """As many frames of each as there are samples for, perhaps none."""
        held, counts = state[0].copy(), state[1].copy()
        frames = []
        for row, piece in enumerate(inputs):
            count = int(counts[row, 0])
            if not 0 <= count <= self._window:
                raise InputError("the state of the stream is not one that this model has: begin again")
            samples = np.concatenate([held[row, self._window - count :], self.steps(piece)])
            new, rest = self._framed(samples)
            frames.append(new)
            counts[row] = len(rest)
            held[row] = 0
            held[row, self._window - len(rest) :] = rest
        return frames, (held, counts)

    def steps(self, piece: Any) -> NDArray[np.float32]:
        """(N,) samples."""
        try:
            samples = np.asarray(piece, np.float64)
        except (TypeError, ValueError, OverflowError):
            raise self.refused(piece) from None
        if isinstance(piece, (str, bytes, bool)) or samples.ndim > 1 or not np.isfinite(samples).all():
            raise self.refused(piece)
        return samples.reshape(-1).astype(np.float32)

    def _framed(self, samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The frames that are complete, scaled, and the samples from the next one's first on."""
        count = max(0, 1 + (len(samples) - self._window) // self._hop)
        frames = [
            self._encoder.log_mel.frames(samples[i * self._hop : i * self._hop + self._window])
            for i in range(count)
        ]
        if not frames:
            return np.zeros((0, *self._encoder.element), np.float32), samples
        return self._encoder.scaler.transform(np.concatenate(frames)), samples[count * self._hop :]


def pieces_of(encoder: InputEncoder) -> Pieces:
    """How the pieces are read that an encoder's network gets."""
    if isinstance(encoder, TextEncoder):
        return TextPieces(encoder)
    if isinstance(encoder, TokenEncoder):
        return TokenPieces(encoder)
    if isinstance(encoder, VideoEncoder):
        return FramePieces(encoder)
    if isinstance(encoder, AudioEncoder):
        return SamplePieces(encoder)
    assert isinstance(encoder, VectorEncoder)
    return VectorPieces(encoder)


def batched(steps: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], NDArray[np.int64] | None]:
    """The steps of n sessions side by side.

    Returns:
        (T, n, …), zeros past a session's last; (n,) how many each has, None where all have T.
    """
    lengths = np.array([len(each) for each in steps], np.int64)
    longest = int(lengths.max(initial=0))
    if (lengths == longest).all():
        return np.stack(steps, 1), None
    x = np.zeros((longest, len(steps), *steps[0].shape[1:]), steps[0].dtype)
    for column, each in enumerate(steps):
        x[: len(each), column] = each
    return x, lengths
