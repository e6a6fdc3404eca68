"""The machinery of bench/kernels.py: who is compared with whom, in which order, and what the tables say."""

import dataclasses

import numpy as np
import pytest

from _contenders import agree, compare, installed
from _peers import MismatchError
from _report import markdown, page, text
from _results import EndToEnd, Machine, Measured, Results, Spread, ratios
from _rows import ROWS, Problem, Row
from _timing import interleave
from _torch_peers import TorchCompile

TINY = {
    "one-length": Row("training", "gru", 3, 2, 4, 5),
    "bidirectional": Row("training", "lstm", 3, 2, 4, 5, bidirectional=True),
    "ragged": Row("training", "lstm", 12, 3, 4, 5, lengths="ragged"),
    "changing": Row("training", "rnn", 12, 3, 4, 5, lengths="changing"),
    "forward": Row("forward", "gru", 3, 2, 4, 5, bidirectional=True),
    "forward-ragged": Row("forward", "lstm", 12, 3, 4, 5, bidirectional=True, lengths="ragged"),
}
MACHINE = Machine("a CPU", 2, "avx2", {"torch": "2"}, "2026-01-01", 0.0)


@pytest.mark.parametrize("row", TINY.values(), ids=TINY)
def test_everybody_computes_the_same(row):
    problem = Problem(row)
    quick = (peer for peer in installed()[0] if peer is not TorchCompile)
    agree([peer(problem) for peer in quick if peer.takes(row)])


def test_other_numbers_are_told():
    expected = {"y": np.ones(3, dtype=np.float32)}
    with pytest.raises(MismatchError, match=r"them: y differs from torch's by 1\.0e-03"):
        compare("them", {"y": np.array([1, 1, 1.001], dtype=np.float32)}, expected)


def test_nan_is_told():
    expected = {"y": np.ones(1, dtype=np.float32)}
    with pytest.raises(MismatchError):
        compare("them", {"y": np.array([np.nan], dtype=np.float32)}, expected)


def test_turns_rotate():
    turns = []
    samplers = {name: lambda name=name: turns.append(name) or 1.0 for name in "abc"}
    times = interleave(samplers, seconds=0, rounds=3)
    assert "".join(turns) == "abcbcacab"
    assert times == {name: [1.0] * 3 for name in "abc"}


def test_ratios_are_taken_within_a_round():
    assert ratios({"ours": [1.0, 2.0, 4.0], "theirs": [2.0, 4.0, 8.0]}) == {"theirs": Spread(2.0, 2.0, 2.0)}


def test_operations_are_those_of_real_steps():
    assert Problem(TINY["one-length"]).flops == 3 * 2 * (3 * 2) * 3 * 5 * (4 + 5)
    ragged = Problem(TINY["forward-ragged"])
    assert ragged.flops == 2 * int(ragged.lengths[0].sum()) * 4 * 5 * (4 + 5) * 2


def test_rows_have_names_of_their_own():
    assert len(ROWS) == 3 * (8 * 2 + 1)
    assert "training gru 100,64,128,256 bidirectional" in ROWS


def test_tables_say_where_we_lose():
    row = dataclasses.replace(TINY["one-length"], floor=2.0)
    times = {"ostinato": [1e-3] * 2, "torch.nn": [1.5e-3] * 2, "JAX": [0.5e-3] * 2}
    results = Results(MACHINE, threads=2, peak=2.0, rows=[Measured.of(row, times, flops=1e6, others=0.25)])
    table = text(results)
    assert "other processes used 0.25 cores at most" in table
    assert "ahead in 0, level in 0, behind in 1 of 1 rows; 0 of 1 floors reached." in table
    (line,) = (line for line in table.splitlines() if line.startswith("| 3,2,4,5"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells == [
        *("3,2,4,5", "gru", "1", "1", "50%", "1.50 (1.50–1.50)", "0.50 (0.50–0.50)"),
        *("**2 missed**", "JAX: **we are behind**"),
    ]


@pytest.mark.parametrize(
    ("seconds", "standing"), [([2, 2], "ahead"), ([0.9, 1.1], "level"), ([0.5, 0.5], "behind")], ids=str
)
def test_where_we_stand(seconds, standing):
    times = {"ostinato": [1.0, 1.0], "slow": [9.0, 9.0], "best": seconds}
    assert Measured.of(TINY["forward"], times, flops=1, others=0).standing == standing


def test_the_page_keeps_what_is_above_the_figures():
    rates = {"ostinato": Spread(9e3, 9e3, 9e3), "readable torch": Spread(3e3, 3e3, 3e3)}
    results = Results(MACHINE, 2, 2.0, end_to_end=[EndToEnd("gru", 3, rates, Spread(3, 3, 3))])
    written = page("# Title\n\n## Measured\n\nold\n", results)
    assert written.startswith("# Title\n\n## Measured\n\n2026-01-01, a CPU")
    assert "old" not in written
    assert "2 reached" in written


def test_columns_are_straight():
    assert markdown(["a", "b"], [["long", ""]]) == "| a    | b |\n| ---- | - |\n| long |   |\n"
