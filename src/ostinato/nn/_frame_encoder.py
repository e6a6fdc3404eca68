"""Video frames as vectors."""

import torch
from torch import Tensor, nn

from ostinato.nn._inputs import FRAME_FEATURES
from ostinato.nn._lengths import plan

_CHANNELS = (16, 32, 64)
_GRID = 2


class FrameEncoder(nn.Module):
    """A small convolutional network over each frame by itself.

    Three 3×3 convolutions of stride 2 with ReLU, the mean over each quarter of the frame (so that where
    something is seen is not lost), a linear layer, and layer normalisation (Ba et al. 2016), which hands on
    numbers of the size that recurrent layers begin with.

    Args:
        height, width: of the frames, 8 and up.
        channels: numbers per pixel, 3 for colour.
        features: F, numbers per frame. Default 64.
    """

    def __init__(self, height: int, width: int, channels: int, features: int = FRAME_FEATURES) -> None:
        super().__init__()
        self.size = (height, width, channels)
        layers: list[nn.Module] = []
        for before, after in zip((channels, *_CHANNELS), _CHANNELS, strict=False):
            layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.ReLU()]
        self.convolutions = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(_GRID), nn.Flatten())
        self.linear = nn.Linear(_CHANNELS[-1] * _GRID**2, features)
        self.norm = nn.LayerNorm(features)
        for module in self.convolutions.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")

    def forward(self, frames: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Turn each frame into a vector.

        Args:
            frames: (T, B, height, width, channels), uint8; or floating-point, already standardised.
            lengths: (B,) int64, 0 to T: how many frames of each row are real. Default: all.

        Returns:
            (T, B, F), zero past a row's length: frames there are not looked at.
        """
        T, B = frames.shape[:2]
        if lengths is None:
            return self._encode(frames.flatten(0, 1)).view(T, B, -1)
        packing = plan(lengths.tolist(), T, frames.device)
        return packing.pad(self._encode(packing.pack(frames)), T, B)

    def _encode(self, frames: Tensor) -> Tensor:
        images = standardised(frames, self.linear.weight.dtype).permute(0, 3, 1, 2)
        vectors: Tensor = self.norm(self.linear(self.convolutions(images)))
        return vectors

    @property
    def numbers_per_step(self) -> int:
        """How many numbers a frame makes: its pixels, and what the convolutions make of them."""
        height, width, channels = self.size
        numbers = height * width * channels
        for after in _CHANNELS:
            height, width = (height + 1) // 2, (width + 1) // 2
            numbers += 2 * height * width * after  # before ReLU and after
        return numbers


def standardised(frames: Tensor, dtype: torch.dtype) -> Tensor:
    """Bytes as numbers with a mean near 0 and a standard deviation near 1, as pictures usually are."""
    return (frames.to(dtype) - 127.5) / 64 if frames.dtype == torch.uint8 else frames
