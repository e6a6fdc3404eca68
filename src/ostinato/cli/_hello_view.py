"""How the first lesson looks in a terminal, 80 columns wide, and as JSON."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich import box
from rich.table import Table
from rich.text import Text

from ostinato.cli._console import results, say
from ostinato.tasks._hello import GATES, INPUT, LETTERS, TARGET, Answer, HelloLesson

CELLS = {"rnn": "A simple RNN", "lstm": "An LSTM", "gru": "A GRU"}
EQUATIONS = {
    "rnn": ["h_t = tanh(W_xh x_t + W_hh h_{t-1} + b_h)"],
    "lstm": [
        "i_t = σ(W_xi x_t + W_hi h_{t-1} + b_i), likewise f_t and o_t",
        "g_t = tanh(W_xg x_t + W_hg h_{t-1} + b_g)",
        "c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t",
        "h_t = o_t ⊙ tanh(c_t)",
    ],
    "gru": [
        "r_t = σ(W_xr x_t + W_hr h_{t-1} + b_r), likewise z_t",
        "n_t = tanh(W_xn x_t + b_xn + r_t ⊙ (W_hn h_{t-1} + b_hn))",
        "h_t = (1 - z_t) ⊙ n_t + z_t ⊙ h_{t-1}",
    ],
}
NEXT = {"rnn": "lstm", "lstm": "gru", "gru": "rnn"}
HIDDEN_UNITS = ("h1", "h2", "h3")


def as_object(lesson: HelloLesson) -> dict[str, Any]:
    """The whole lesson as one JSON object."""
    return {
        "cell": lesson.cell,
        "seed": lesson.seed,
        "steps": lesson.steps,
        "snapshots": [
            {"step": snapshot.step, "loss": snapshot.loss, "answers": [_answer(a) for a in snapshot.answers]}
            for snapshot in lesson.snapshots
        ],
        "matrices": {name: matrix.tolist() for name, matrix in lesson.matrices.items()},
        "states": {name: states.tolist() for name, states in lesson.states.items()},
        "written": lesson.written,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "letter": answer.letter,
        "target": answer.target,
        "answer": answer.answer,
        "right": answer.right,
        "probabilities": dict(zip(LETTERS, answer.probabilities, strict=True)),
    }


def show(lesson: HelloLesson) -> None:
    """Print the lesson to stdout."""
    say(
        f"{CELLS[lesson.cell]} with 3 hidden units reads  {' '.join(INPUT)}  one letter at a time.",
        f"At each it must answer the letter that follows:  {' '.join(TARGET)}",
        "",
        "  x_t = the letter, one-hot",
        *(f"  {equation}" for equation in EQUATIONS[lesson.cell]),
        "  y_t = W_hy h_t + b_y, and softmax(y_t) are the probabilities of the answer",
        "",
        "Each step of training takes from each matrix its gradient: W ← W - ∂loss/∂W.",
    )
    results.print(_training(lesson))
    say("", "The matrices after training. A one-hot x_t picks its letter's column of W_x.")
    for gate in GATES[lesson.cell]:
        results.print(_gate(lesson, gate), "")
    results.print(_output(lesson))
    say("", "The state after each letter → its answer. Only the state tells the two l apart.")
    results.print(_states(lesson))
    say("", f"Fed its own answers, from h on, it writes:  {lesson.written}")
    say("", f"Next:  ostinato demo hello --cell {NEXT[lesson.cell]}")


def _training(lesson: HelloLesson) -> Table:
    columns = ["step", "loss", "reads", "wants", "answers", "", *(f"p({letter})" for letter in LETTERS)]
    table = Table(box=box.SIMPLE_HEAD)
    for name in columns:
        table.add_column(name, justify="center" if name in ("reads", "wants", "answers") else "right")
    for snapshot in lesson.snapshots:
        table.add_section()
        for t, answer in enumerate(snapshot.answers):
            step = (str(snapshot.step), f"{snapshot.loss:.3f}") if t == 0 else ("", "")
            style = "green" if answer.right else "bold red"
            mark = Text("✓" if answer.right else "✗", style)
            ps = (
                Text(f"{p:.2f}", style if letter == answer.answer else "")
                for letter, p in zip(LETTERS, answer.probabilities, strict=True)
            )
            table.add_row(*step, answer.letter, answer.target, Text(answer.answer, style), mark, *ps)
    return table


def _gate(lesson: HelloLesson, gate: str) -> Table:
    rows = [f"{gate}{unit}" for unit in "123"]
    return _grid(rows, {name: matrix for name, matrix in lesson.matrices.items() if name.endswith(gate)})


def _output(lesson: HelloLesson) -> Table:
    return _grid(LETTERS, {name: lesson.matrices[name] for name in ("W_hy", "b_y")})


def _states(lesson: HelloLesson) -> Table:
    rows = [f"{answer.letter} → {answer.answer}" for answer in lesson.snapshots[-1].answers]
    return _grid(rows, {f"{name}_t": states for name, states in lesson.states.items()})


def _grid(rows: Iterable[str], blocks: dict[str, NDArray[np.float32]]) -> Table:
    """Matrices and bias vectors of equally many rows, side by side, each under its name."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column()
    labels = {1: " ", 3: HIDDEN_UNITS, 4: LETTERS}
    cells = []
    for name, block in blocks.items():
        columns = block.reshape(len(block), -1).T
        table.add_column(" ")  # a gap
        cells.append([" "] * len(block))
        for k, (label, column) in enumerate(zip(labels[len(columns)], columns, strict=True)):
            table.add_column(f"{name if k == 0 else ''}\n{label}", justify="right")
            cells.append([f"{value:+.2f}" for value in column])
    for row in zip(rows, *cells, strict=True):
        table.add_row(*row)
    return table
