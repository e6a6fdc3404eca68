"""The first lesson: a recurrent network learns to spell *hello*, and everything in it can be looked at.

Four letters, one-hot. It reads `h e l l` and must answer, at each letter, the next one: `e l l o`. After one
`l` comes `l`, after the other `o`: only a hidden state can tell them apart, and that is what it is for.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato import nn
from ostinato._errors import InputError
from ostinato.training import reproducible

LETTERS = "helo"
INPUT, TARGET = "hell", "ello"
HIDDEN = 3
GATES = {"rnn": "h", "lstm": "ifgo", "gru": "rzn"}  # in the order in which the cells stack their matrices
WATCHED = (0, 3, 10, 30)  # steps of training; and the last
MAX_STEPS = 10_000


@dataclass(frozen=True)
class Answer:
    """What the network says at one letter: `answer` is the likeliest of the `probabilities` of h, e, l, o."""

    letter: str
    target: str
    answer: str
    probabilities: tuple[float, ...]

    @property
    def right(self) -> bool:
        """Whether the answer is the target."""
        return self.answer == self.target


@dataclass(frozen=True)
class Snapshot:
    """The network after `step` steps of training: its loss (mean nats per letter) and its four answers."""

    step: int
    loss: float
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class HelloLesson:
    """A finished lesson.

    Attributes:
        cell: rnn, lstm or gru.
        seed: of the initial matrices.
        steps: of training.
        snapshots: of the training, from step 0 to the last.
        matrices: by name, after training: W_xh (3, 4), W_hh (3, 3), b_h (3,), W_hy (4, 3), b_y (4,). A gated
            cell has the first three for each gate, as in W_xi, W_hi, b_i. Only the GRU's n keeps two biases,
            b_xn and b_hn, because r stands between them.
        states: `h`, and `c` of an LSTM: (4, 3), the states after each letter of the input.
        written: what the trained network writes when it starts from h and is fed its own answers.
    """

    cell: str
    seed: int
    steps: int
    snapshots: tuple[Snapshot, ...]
    matrices: dict[str, NDArray[np.float32]]
    states: dict[str, NDArray[np.float32]]
    written: str


def learn_hello(cell: str = "rnn", seed: int = 0, steps: int = 200) -> HelloLesson:
    """Train a network of three hidden units to spell *hello*, by backpropagation through time.

    The same arguments give the same lesson; the global random state is left as it was.

    Args:
        cell: rnn, lstm or gru.
        seed: of the initial matrices, 0 or more.
        steps: of training, 0 to 10000. Each reads the whole word.

    Raises:
        InputError: an argument is not one of these.
    """
    if cell not in nn.LAYERS:
        raise InputError(f"cell is {cell!r}; choose one of {', '.join(nn.LAYERS)}")
    if not 0 <= steps <= MAX_STEPS:
        raise InputError(f"steps is {steps}; choose a whole number from 0 to {MAX_STEPS}")
    if not 0 <= seed < 2**63:
        raise InputError(f"seed is {seed}; choose a whole number from 0 to 2**63 - 1")
    # Matrices this small are not worth sharing out: on a busy machine a second thread costs a second.
    with reproducible(seed, threads=1):
        network = _Network(cell)
        snapshots = _train(network, steps)
        with torch.no_grad():
            matrices, states = _matrices(network), _states(network)
            return HelloLesson(cell, seed, steps, snapshots, matrices, states, _write(network))


class _Network(torch.nn.Module):
    def __init__(self, cell: str) -> None:
        super().__init__()
        self.kind = cell
        self.one_hot = nn.OneHot(len(LETTERS))
        self.cell = nn.LAYERS[cell](len(LETTERS), HIDDEN, batch_first=True)
        self.out = torch.nn.Linear(HIDDEN, len(LETTERS))

    def forward(self, letters: str, state: object = None) -> tuple[Tensor, object]:
        """(T,) letters → (T, 4) logits, and the state to go on from."""
        h, state = self.cell(self.one_hot(_ids(letters)[None]), state)
        return self.out(h)[0], state


def _train(network: _Network, steps: int) -> tuple[Snapshot, ...]:
    """Plain gradient descent at rate 1 suffices, and importing torch's optimisers takes a second."""
    parameters = list(network.parameters())
    snapshots = []
    for step in range(steps + 1):
        logits, _ = network(INPUT)
        loss = torch.nn.functional.cross_entropy(logits, _ids(TARGET))
        if step in WATCHED or step == steps:
            snapshots.append(_snapshot(step, loss, logits))
        if step < steps:
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                for parameter, gradient in zip(parameters, gradients, strict=True):
                    parameter.sub_(gradient)
    return tuple(snapshots)


def _snapshot(step: int, loss: Tensor, logits: Tensor) -> Snapshot:
    answers = (
        Answer(letter, target, LETTERS[int(p.argmax())], tuple(p.tolist()))
        for letter, target, p in zip(INPUT, TARGET, logits.detach().double().softmax(-1), strict=True)
    )
    return Snapshot(step, loss.item(), tuple(answers))


def _matrices(network: _Network) -> dict[str, NDArray[np.float32]]:
    matrices: dict[str, NDArray[np.float32]] = {}
    gates = GATES[network.kind]
    blocks = {name: p.numpy().reshape(len(gates), HIDDEN, -1) for name, p in network.cell.named_parameters()}
    for gate, w_x, w_h, b_x, b_h in zip(gates, *blocks.values(), strict=True):
        matrices |= {f"W_x{gate}": w_x, f"W_h{gate}": w_h}
        if gate == "n":
            matrices |= {"b_xn": b_x[:, 0], "b_hn": b_h[:, 0]}
        else:
            matrices[f"b_{gate}"] = (b_x + b_h)[:, 0]
    return matrices | {"W_hy": network.out.weight.numpy(), "b_y": network.out.bias.numpy()}


def _states(network: _Network) -> dict[str, NDArray[np.float32]]:
    states: dict[str, list[NDArray[np.float32]]] = {
        name: [] for name in ("hc" if network.kind == "lstm" else "h")
    }
    state = None
    for letter in INPUT:
        _, state = network(letter, state)
        for name, value in zip(states, state if network.kind == "lstm" else (state,), strict=True):
            states[name].append(value.flatten().numpy())
    return {name: np.stack(values) for name, values in states.items()}


def _write(network: _Network) -> str:
    """Greedily: h, and four letters more."""
    text, state = "h", None
    for _ in TARGET:
        logits, state = network(text[-1], state)
        text += LETTERS[int(logits[-1].argmax())]
    return text


def _ids(letters: str) -> Tensor:
    return torch.tensor([LETTERS.index(letter) for letter in letters])
