import io
import re

import pytest
from rich.console import Console

from ostinato.training import ProgressBar

RECORD = {
    "step": 2,
    "train_loss": 1.5,
    "valid_loss": 1.25,
    "valid_bits_per_character": 1.8,
    "learning_rate": 1.0,
}


def shown(terminal: bool, steps: int = 3, width: int = 80, record: dict = RECORD) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=width, color_system=None)
    bar = ProgressBar(console)
    bar.begin(0, 10, 5)
    for _ in range(steps):
        bar.stepped(2000, 1.5)
    bar.evaluated(record)
    bar.stepped(2000, 1.5)
    bar.end()
    return console.file.getvalue()


def test_elsewhere_than_in_a_terminal_an_evaluation_is_a_line_and_nothing_else_is_shown():
    assert (
        shown(terminal=False) == "step      2  train loss 1.5000  valid: loss 1.25  bits per character 1.8\n"
    )


@pytest.mark.parametrize("terminal", [True, False])
def test_where_nothing_is_held_out_no_validation_is_shown(terminal):
    record = {name: value for name, value in RECORD.items() if not name.startswith("valid_")}
    text = shown(terminal, record=record)
    assert "step      2  train loss 1.5000\n" in text.replace("\r", "")
    assert "valid:" not in text


def test_a_line_is_never_wrapped():
    assert shown(terminal=False, width=20).count("\n") == 1


def test_in_a_terminal_of_80_columns_all_figures_are_seen():
    frames = re.split(r"[\r\n]", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown(terminal=True)))
    last = [frame for frame in frames if "tokens/s" in frame][-1]
    assert re.search(
        r"epoch 1/2 .* \d+% [\d,]+ tokens/s train 1\.500 valid 1\.250 (-:--:--|\d+:\d\d|--:--) left", last
    )
    assert len(last.rstrip()) <= 80


def test_before_the_first_step_no_loss_is_shown():
    console = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    bar = ProgressBar(console)
    bar.begin(0, 10, 5)
    bar.end()
    assert "nan" not in console.file.getvalue()


@pytest.mark.parametrize(
    ("step", "epoch"),
    [(0, "1/2"), (4, "1/2"), (5, "2/2"), (10, "2/2")],
    ids=["first", "last of 1", "first of 2", "end"],
)
def test_the_epoch_counts_from_one_and_never_past_the_last(step, epoch):
    console = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    bar = ProgressBar(console)
    bar.begin(step, 10, 5)
    bar.end()
    assert f"epoch {epoch}" in console.file.getvalue()


def test_it_can_be_used_for_one_run_after_another():
    console = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    bar = ProgressBar(console)
    for _ in range(2):
        bar.begin(0, 10, 5)
        bar.stepped(1, 1.0)
        bar.end()
    assert "epoch 1/2" in console.file.getvalue()


def test_ending_before_it_began_is_no_fault():
    ProgressBar(Console(file=io.StringIO(), force_terminal=True)).end()
