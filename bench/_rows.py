"""What is measured: the rows, and the numbers that go into each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

Mode = Literal["training", "forward", "cold"]
Lengths = Literal["", "ragged", "changing"]

Layers = Mapping[str, Callable[..., nn.RNNBase]]
LAYERS: Layers = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
SHORTEST = 10  # steps of a sequence, where lengths differ
BATCHES = 16  # different ones, where lengths change with every call


@dataclass(frozen=True)
class Row:
    """One layer, one batch, and what is done with it."""

    mode: Mode
    """training: forward and backward, every gradient; forward: inference; cold: training, the first call."""
    cell: str
    T: int
    B: int
    I: int  # noqa: E741 (the field's own letter)
    H: int
    bidirectional: bool = False
    lengths: Lengths = ""
    """ragged: sequences of `SHORTEST` to T steps; changing: of other lengths at every call."""
    floor: float | None = None
    """How many times as fast as torch.nn a training step must be."""

    @property
    def shape(self) -> str:
        """The sizes, and what is special about the batch."""
        marks = ["bidirectional"] * self.bidirectional + [self.lengths] * bool(self.lengths)
        return " ".join([f"{self.T},{self.B},{self.I},{self.H}", *marks])

    @property
    def name(self) -> str:
        """What `--rows` searches."""
        return f"{self.mode} {self.cell} {self.shape}"

    @property
    def directions(self) -> int:
        """D: 1 or 2."""
        return 2 if self.bidirectional else 1

    @property
    def trains(self) -> bool:
        """Whether gradients are computed."""
        return self.mode != "forward"


def make_layer(layers: Layers, row: Row) -> nn.RNNBase:
    """A row's layer, from torch.nn's or ours."""
    return layers[row.cell](row.I, row.H, bidirectional=row.bidirectional)


class Problem:
    """A row's weights, inputs and upstream gradients: the same ones for everybody, seeded."""

    def __init__(self, row: Row) -> None:
        self.row = row
        random = torch.Generator().manual_seed(0)

        def draw(*shape: int) -> Tensor:
            return torch.randn(shape, generator=random)

        self.x = draw(row.T, row.B, row.I)
        states = ("h", "c") if row.cell == "lstm" else ("h",)
        self.states = tuple(draw(row.directions, row.B, row.H) for _ in states)
        self.dy = draw(row.T, row.B, row.directions * row.H)
        self.dstates = tuple(draw(row.directions, row.B, row.H) for _ in states)
        batches = {"": 0, "ragged": 1, "changing": BATCHES}[row.lengths]
        self.lengths = [
            torch.randint(SHORTEST, row.T + 1, (row.B,), generator=random) for _ in range(batches)
        ]
        for lengths in self.lengths:
            lengths[0] = row.T  # pad_packed_sequence and a padded batch then have the same T
        self.weights = {
            name: (2 * torch.rand(p.shape, generator=random) - 1) / row.H**0.5
            for name, p in make_layer(LAYERS, row).named_parameters()
        }
        self.names = ("y", *states, "dx", *(f"d{s}0" for s in states), *(f"d{name}" for name in self.weights))
        """Of outputs, then of gradients, in the order in which torch's peers give them."""

    def named(self, result: Sequence[NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """A result by name; the forward pass alone has no gradients."""
        return dict(zip(self.names, result, strict=False))

    def lengths_of(self, call: int) -> Tensor | None:
        """(B,) for the nth call; None where all sequences have T steps."""
        return self.lengths[call % len(self.lengths)] if self.lengths else None

    def pack(self, padded: Tensor, call: int) -> PackedSequence:
        """The real steps of a (T, B, ·), in the nth call."""
        return pack_padded_sequence(padded, self.lengths[call % len(self.lengths)], enforce_sorted=False)

    @property
    def flops(self) -> float:
        """Of a call's matrix products over real steps; the gradients take twice the forward's."""
        row = self.row
        steps = float(row.T * row.B)
        if self.lengths:
            steps = int(torch.stack(self.lengths).sum()) / len(self.lengths)
        forward = 2 * steps * GATES[row.cell] * row.H * (row.I + row.H) * row.directions
        return 3 * forward if row.trains else forward


Floors = tuple[float | None, float | None, float | None]
SHAPES: list[tuple[tuple[int, int, int, int], bool, Lengths, Floors]] = [
    # T, B, I, H; bidirectional; lengths; floors of rnn, gru, lstm
    ((50, 32, 64, 128), False, "", (3, 4, 1.5)),
    ((100, 64, 128, 256), False, "", (2.2, 2.8, 1.5)),
    ((100, 64, 512, 512), False, "", (2, 2, 1.2)),
    ((1000, 16, 64, 64), False, "", (6, 8, 1.6)),
    ((100, 1, 64, 128), False, "", (4, 6, 1.5)),
    ((100, 64, 128, 256), True, "", (2.2, 2.8, 1.5)),
    ((200, 64, 128, 256), False, "ragged", (6, 6, 7)),
    ((200, 64, 128, 256), False, "changing", (None, None, None)),
]


def _rows() -> Iterator[Row]:
    for shape, bidirectional, lengths, floors in SHAPES:
        for cell, floor in zip(GATES, floors, strict=True):
            yield Row("training", cell, *shape, bidirectional, lengths, floor)
            yield Row("forward", cell, *shape, bidirectional, lengths)
    for cell in GATES:
        yield Row("cold", cell, 100, 64, 128, 256)


ROWS = {row.name: row for row in _rows()}
