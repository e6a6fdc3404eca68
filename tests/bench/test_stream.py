"""The machinery of bench/stream.py: everybody computes the same, and what the tables say."""

import dataclasses

import numpy as np
import pytest
import torch

import stream
from _peers import MismatchError
from _results import Machine
from _step_peers import Steps, h_of
from _step_report import HEADING, IN_PLACE, OURS, Rounded, Step, StepResults, page
from _step_rows import ROWS, StepRow
from _step_timing import Latency, latencies

MACHINE = Machine("a CPU", 2, "avx2", {"torch": "2"}, "2026-01-01", 0.0)


@pytest.mark.parametrize("one_by_one", [False, True], ids=["one-call", "single-calls"])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_everybody_takes_the_same_step(cell, one_by_one):
    steps = Steps(StepRow(cell, 5, 3, one_by_one=one_by_one))
    with torch.inference_mode():
        outputs = {name: h_of(call()) for name, call in stream.contenders(steps).items()}
    for name, h in outputs.items():
        stream.compare(name, h, outputs["torch cell"], 1e-6)


def test_other_numbers_are_told():
    one = np.ones((1, 2), np.float32)
    with pytest.raises(MismatchError, match=r"them: h differs from torch's by 1\.0e-03"):
        stream.compare("them", one + np.float32(1e-3), one, 1e-5)
    with pytest.raises(MismatchError):
        stream.compare("them", one * np.float32(np.nan), one, 1e-5)


def test_a_layer_in_each_precision_is_compared():
    with torch.inference_mode():
        measured = stream.measure_precisions(StepRow("gru", 8), seconds=0, rounds=1)
    assert measured.error["float32"] == 0 < measured.error["bfloat16"] < 0.05
    assert 0 < measured.error["int8"] < 0.05


def test_latencies_are_of_single_calls():
    found = latencies({"a": lambda: None, "b": lambda: None}, seconds=0, rounds=2)
    assert all(len(latency.turns) == 2 and 0 < latency.p50 <= latency.p99 for latency in found.values())


def test_rows_have_names_of_their_own():
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_the_page_keeps_what_is_around_the_figures():
    row = StepRow("lstm", 32, torch=12, onnxruntime=6)
    times = {OURS: 2.0, IN_PLACE: 1.0, "torch cell": 30.0, "onnxruntime T=1": 10.0}
    latency = {name: Latency(1e-6 * t, 2e-6 * t, [1e-6 * t] * 2) for name, t in times.items()}
    whole = dataclasses.replace(row, sessions=1000)
    precisions = {
        p: Latency(1e-6 * t, 1e-6 * t, [1e-6 * t]) for p, t in [("float32", 4), ("bfloat16", 2), ("int8", 1)]
    }
    rounded = Rounded(row, precisions, dict.fromkeys(precisions, 1e-3))
    results = StepResults(
        MACHINE, 0, [Step(row, latency), Step(whole, latency)], [rounded], [("import numpy", 50, 30)]
    )
    written = page(f"# Title\n\n{HEADING}\nold\n\n## Measured\n\nlayers\n", results)
    assert written.startswith(f"# Title\n\n{HEADING}\n2026-01-01, a CPU")
    assert written.endswith("\n## Measured\n\nlayers\n")
    assert "old" not in written
    assert "15.00 (15.00–15.00)" in written and "12 reached" in written and "**6 missed**" in written
    assert "1,000,000,000" in written  # sessions a second
    assert "| 4.00 " in written  # int8, times as fast
