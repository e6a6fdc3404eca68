"""The second lesson: how far back a network remembers, and why gates exist.

The first symbol of a sequence is to be remembered. Then come distractors, drawn from other symbols, and at
last a question mark, at which the network must answer with the first symbol. All that can carry it there is
the state; all that can teach the state to carry it is the gradient, which takes the same way back.
"""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from ostinato import nn
from ostinato._errors import ParameterError
from ostinato._parameters import Choice, Whole
from ostinato.training import reproducible

SYMBOLS = 8  # that may have to be remembered
DISTRACTORS = 8  # other symbols, that may come between
QUESTION = SYMBOLS + DISTRACTORS  # the id of the question mark
HIDDEN = 64
BATCH = 32
LEARNING_RATE = 0.002
CLIP_NORM = 1.0
FRESH = 1000  # sequences, drawn after training, that the accuracy is on
CHANCE = 1 / SYMBOLS

CELLS = ("rnn", "lstm", "gru")
DISTANCES = (5, 20, 50, 100)
STEPS = 800
_CELL = Choice(CELLS)
_DISTANCE, _STEPS, _SEED = Whole(1, 1000), Whole(0, 100_000), Whole(0, (1 << 63) - 1)


@dataclass(frozen=True)
class Recall:
    """What a network of `cell` learned whose question comes `distance` steps after the symbol.

    `accuracy` is the share of right answers on 1000 sequences drawn after training; `seconds` are those of
    the training.
    """

    cell: str
    distance: int
    accuracy: float
    seconds: float


@dataclass(frozen=True)
class MemoryLesson:
    """A finished lesson.

    Attributes:
        cells: of rnn, lstm and gru.
        distances: from the symbol to the question, in steps.
        seed: of the initial matrices and of the sequences.
        steps: of training, for each network.
        recalls: one for each cell and distance, cell by cell.
        gradients: for each cell, before training, at the longest distance: the k-th number is the mean norm
            of ∂loss/∂x, x the symbol that the network read k steps before the question.
    """

    cells: tuple[str, ...]
    distances: tuple[int, ...]
    seed: int
    steps: int
    recalls: tuple[Recall, ...]
    gradients: dict[str, tuple[float, ...]]


class Watcher:
    """Told of every step of training and of every network; this one does nothing."""

    def stepped(self, cell: str, distance: int) -> None:
        """A network of `cell` that is to remember over `distance` made a step of training."""

    def learned(self, recall: Recall) -> None:
        """A network is trained and examined."""


def learn_to_remember(
    cells: Sequence[str] = CELLS,
    distances: Sequence[int] = DISTANCES,
    seed: int = 0,
    steps: int = STEPS,
    watcher: Watcher = Watcher(),  # noqa: B008 (it holds nothing)
) -> MemoryLesson:
    """Train a network for each cell and distance, all with the same budget.

    Each has 64 hidden units and reads 32 new sequences in each step of Adam; at a distance the cells read the
    same ones. The weights start as torch's, uniform within ±1/√64. The gates start open toward remembering,
    for all distances as for the longest T: the biases of the LSTM's forget gates are ln U(1, T), of its input
    gates minus that, and of the GRU's z ln U(1, T) (Tallec & Ollivier 2018, "Can recurrent neural networks
    warp time?").

    The same arguments give the same lesson, but for the seconds; the global random state is left as it was.

    Args:
        cells: of rnn, lstm and gru.
        distances: steps from the symbol to the question, each 1 to 1000.
        seed: 0 or more.
        steps: of training, 0 to 100000.
        watcher: is told of every step and every network.

    Raises:
        ParameterError: an argument is not one of these.
    """
    _check(cells, distances, seed, steps)
    cells, distances = tuple(dict.fromkeys(cells)), tuple(dict.fromkeys(distances))
    longest = max(distances)
    recalls, gradients = [], {}
    for cell in cells:
        with _lesson(seed):
            gradients[cell] = _gradient_norms(_Network(cell, longest), Sequences(longest, seed))
        for distance in distances:
            with _lesson(seed):
                recalls.append(_recall(_Network(cell, longest), Sequences(distance, seed), steps, watcher))
            watcher.learned(recalls[-1])
    return MemoryLesson(cells, distances, seed, steps, tuple(recalls), gradients)


class Sequences:
    """Draws sequences: a symbol, distractors, and the question mark `distance` steps after the symbol."""

    def __init__(self, distance: int, seed: int) -> None:
        self.distance = distance
        self._random = torch.Generator().manual_seed(seed)

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """New ones: ids (distance + 1, count), and the right answers (count,)."""
        symbols = torch.randint(SYMBOLS, (1, count), generator=self._random)
        between = (self.distance - 1, count)
        distractors = torch.randint(SYMBOLS, QUESTION, between, generator=self._random)
        return torch.cat([symbols, distractors, torch.full((1, count), QUESTION)]), symbols[0]


class _Network(torch.nn.Module):
    """A recurrent layer, and a linear one that answers from its last state."""

    def __init__(self, cell: str, longest: int) -> None:
        super().__init__()
        self.kind = cell
        self.cell = nn.LAYERS[cell](QUESTION + 1, HIDDEN)
        self.out = torch.nn.Linear(HIDDEN, SYMBOLS)
        self._open_gates(longest)

    def forward(self, sequences: Tensor) -> Tensor:
        """(T, B) ids, or their one-hot vectors, → (B, 8) logits."""
        h, _ = self.cell(sequences)
        logits: Tensor = self.out(h[-1])
        return logits

    @torch.no_grad()
    def _open_gates(self, longest: int) -> None:
        """Biases with which a unit forgets over 1 to `longest` steps, some sooner, some later."""
        if self.kind == "rnn":
            return
        remember = torch.empty(HIDDEN).uniform_(1, longest).log()
        b_x, b_h = (getattr(self.cell, f"bias_{name}_l0").view(-1, HIDDEN) for name in ("ih", "hh"))
        b_x[1], b_h[1] = remember, 0  # f of i f g o; z of r z n
        if self.kind == "lstm":
            b_x[0], b_h[0] = -remember, 0


def _recall(network: _Network, sequences: Sequences, steps: int, watcher: Watcher) -> Recall:
    cell, distance = network.kind, sequences.distance
    start = time.perf_counter()
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
    for _ in range(steps):
        x, symbols = sequences.draw(BATCH)
        loss = cross_entropy(network(x), symbols)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP_NORM)
        optimiser.step()
        watcher.stepped(cell, distance)
    seconds = time.perf_counter() - start
    with torch.no_grad():
        x, symbols = sequences.draw(FRESH)
        right = network(x).argmax(-1) == symbols
    return Recall(cell, distance, right.double().mean().item(), seconds)


def _gradient_norms(network: _Network, sequences: Sequences) -> tuple[float, ...]:
    """For k = 0, 1, …: the norm of ∂loss/∂x, x read k steps before the question, mean of 256 sequences."""
    ids, symbols = sequences.draw(256)
    x = one_hot(ids, QUESTION + 1).float().requires_grad_()
    loss = cross_entropy(network(x), symbols, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, x)
    # In float64: the squares of a faded gradient are too small for float32.
    return tuple(gradient.double().norm(dim=-1).mean(-1).flip(0).tolist())


def _lesson(seed: int) -> AbstractContextManager[None]:
    """Matrices this small are not worth sharing out among threads."""
    return reproducible(seed, threads=1)


def _check(cells: Sequence[str], distances: Sequence[int], seed: int, steps: int) -> None:
    for name, values in (("cell", cells), ("distances", distances)):
        if not values:
            raise ParameterError(name, "is empty: give at least one")
    for cell in cells:
        _CELL.check("cell", cell)
    for distance in distances:
        _DISTANCE.check("distances", distance)
    _SEED.check("seed", seed)
    _STEPS.check("steps", steps)
