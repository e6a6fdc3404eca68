"""What a network reads at each step: a token, a vector or a video frame."""

from dataclasses import dataclass

from torch import nn

from ostinato._errors import InputError

FRAME_FEATURES = 64


@dataclass(frozen=True)
class TokenInput:
    """Token ids, (T, B) int64."""

    vocabulary_size: int
    """V: ids are 0 to V - 1."""
    embedding_size: int | None = None
    """Numbers per token, or None for one-hot vectors."""

    @property
    def features(self) -> int:
        """I, the size of the vectors that stand for the tokens."""
        return self.embedding_size or self.vocabulary_size

    @property
    def fan_in(self) -> int:
        """How many of those numbers are not zero."""
        return self.embedding_size or 1


@dataclass(frozen=True)
class VectorInput:
    """Vectors, (T, B, size), each number scaled to a standard deviation of about 1."""

    size: int
    stride: int | None = None
    """Steps from one of the windows that a layer reads to the next; None: it reads single steps."""
    changes: tuple[float, ...] = ()
    """(size,) the standard deviation of each number's change over `stride` steps, for windows."""

    @property
    def features(self) -> int:
        """I, the numbers of a step or of a window."""
        return self.size if self.stride is None else 4 * self.stride * self.size

    @property
    def fan_in(self) -> int:
        """I: none is always zero."""
        return self.features


@dataclass(frozen=True)
class FrameInput:
    """Video frames, (T, B, height, width, channels) uint8."""

    height: int
    width: int
    channels: int
    how: str = "convolution"
    """"convolution": through a `FrameEncoder` that is trained with the network; "pixels": all its pixels."""

    def __post_init__(self) -> None:
        if self.how not in ("convolution", "pixels"):
            raise InputError(f"how is {self.how!r}: choose convolution or pixels")

    @property
    def features(self) -> int:
        """I, the size of the vectors that stand for the frames."""
        return FRAME_FEATURES if self.how == "convolution" else self.height * self.width * self.channels

    @property
    def fan_in(self) -> int:
        """I: none is always zero."""
        return self.features


Input = TokenInput | VectorInput | FrameInput


def build_embedding(inputs: Input) -> nn.Embedding | None:
    """The vectors of the tokens; None where they are one-hot, or where there are none."""
    if isinstance(inputs, TokenInput) and inputs.embedding_size is not None:
        return nn.Embedding(inputs.vocabulary_size, inputs.embedding_size)
    return None
