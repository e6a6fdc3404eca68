"""How long one time step takes beside other libraries, live: docs/benchmarks.md.

make bench                                         # after bench/kernels.py
python bench/stream.py --rows 'lstm 128' --quick   # some rows, roughly, printed only
"""

import argparse
import os
import re

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from _contenders import set_threads
from _end_to_end import ROOT
from _peers import MismatchError
from _results import Machine
from _step_peers import Call, Layer, Steps, h_of
from _step_report import IN_PLACE, OURS, PEERS, Rounded, Step, StepResults, page, text
from _step_rows import PRECISION_ROWS, PRECISIONS, ROWS, StepRow
from _step_timing import import_cost, latencies

PAGE = ROOT / "docs" / "benchmarks.md"
IMPORTS = (
    "from ostinato.runtime import LSTM",
    "import numpy",
    "import onnxruntime",
    "import torch",
)


def main() -> None:
    """Measure what was asked for, print it, and write it down."""
    options = parse()
    results = StepResults(Machine.here(), min(os.sched_getaffinity(0)), [], [], [])
    os.sched_setaffinity(0, {results.cpu})
    set_threads(1)
    with threadpool_limits(1), torch.inference_mode():
        for row in ROWS:
            if re.search(options.rows, row.name):
                results.steps.append(measure(row, options.seconds, options.rounds))
        for row in PRECISION_ROWS:
            if re.search(options.rows, f"precision {row.name}"):
                results.rounded.append(measure_precisions(row, options.seconds / 4, options.rounds))
    if not options.rows:
        results.imports = [(name, *import_cost(name, 3)) for name in IMPORTS]
    print(text(results))
    if options.write:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", default="", metavar="PATTERN", help="only those whose name has this regex")
    parser.add_argument("--seconds", type=float, default=4.0, help="for a row")
    parser.add_argument("--rounds", type=int, default=7, help="at least, for a row")
    parser.add_argument("--quick", action="store_true", help="--seconds 0.5 --rounds 3")
    parser.add_argument("--write", action="store_true", help="rewrite the part of docs/benchmarks.md")
    options = parser.parse_args()
    if options.write and (options.rows or options.quick):
        parser.error("--write is for all rows: leave out --rows and --quick")
    if options.quick:
        options.seconds, options.rounds = 0.5, 3
    return options


def contenders(steps: Steps) -> dict[str, Call]:
    """Everybody who is installed, ours first."""
    calls = {OURS: steps.new_arrays(), IN_PLACE: steps.in_place()}
    for name, make in zip(
        PEERS, (steps.torch_cell, steps.torch_nn, steps.onnxruntime, steps.numpy), strict=True
    ):
        try:
            calls[name] = make()
        except ModuleNotFoundError:
            print(f"{name} is not installed: pip install -c constraints.txt '.[bench]'")
    return calls


def measure(row: StepRow, seconds: float, rounds: int) -> Step:
    """Check, then time."""
    calls = contenders(Steps(row))
    expected = h_of(calls[PEERS[0]]())
    for name, call in calls.items():
        compare(f"{row.name}: {name}", h_of(call()), expected, 2e-5)
    return Step(row, latencies(calls, seconds, rounds))


def measure_precisions(row: StepRow, seconds: float, rounds: int) -> Rounded:
    """The same, of our own layer in each precision; and a hundred steps of each."""
    steps = Steps(row)
    ends: dict[str, NDArray[np.float32]] = {
        precision: after_many(steps.ours(precision)) for precision in PRECISIONS
    }
    error = {p: float(np.abs(h - ends["float32"]).max()) for p, h in ends.items()}
    for precision, difference in error.items():
        if not difference < 0.2:
            raise MismatchError(f"{row.name}: {precision} is {difference:.1e} from float32")
    calls: dict[str, Call] = {precision: steps.in_place(precision) for precision in PRECISIONS}
    return Rounded(row, latencies(calls, seconds, rounds), error)


def after_many(layer: Layer) -> NDArray[np.float32]:
    """The last h after a hundred steps of normal numbers."""
    x = np.random.default_rng(1).standard_normal((100, 1, layer.input_size), np.float32)
    h: NDArray[np.float32] = layer.run(x)[0][-1]
    return h


def compare(name: str, found: NDArray[np.float32], expected: NDArray[np.float32], most: float) -> None:
    """Whether h is as expected.

    Raises:
        MismatchError: It is not.
    """
    error = float(np.abs(found - expected).max())
    if not error <= most:  # NaN is not
        raise MismatchError(f"{name}: h differs from torch's by {error:.1e}")


if __name__ == "__main__":
    main()
