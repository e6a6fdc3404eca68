"""The tables of bench/stream.py, and their place in docs/benchmarks.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from _report import MARK, machine, markdown, verdict
from _results import Machine, Spread
from _step_rows import PRECISIONS, StepRow
from _step_timing import Latency

HEADING = "## Measured, one step at a time\n"
"""What is between it and `MARK` is written here."""

PEERS = ("torch cell", "torch.nn T=1", "onnxruntime T=1", "numpy")
OURS = "step(x, state)"
IN_PLACE = "step(x, state, out)"


@dataclass(frozen=True)
class Step:
    """A row's figures."""

    row: StepRow
    latency: Mapping[str, Latency]

    def ratio(self, peer: str) -> Spread:
        """Their median of a turn ÷ ours of the same round, we making new arrays as they do."""
        theirs, ours = self.latency[peer].turns, self.latency[OURS].turns
        return Spread.of([t / o for t, o in zip(theirs, ours, strict=True)])


@dataclass(frozen=True)
class Rounded:
    """A layer in each precision."""

    row: StepRow
    latency: Mapping[str, Latency]
    error: Mapping[str, float]
    """The largest difference of h from float32's after a hundred steps."""


@dataclass
class StepResults:
    """A run of the bench."""

    machine: Machine
    cpu: int
    """The core that everybody was pinned to."""
    steps: list[Step]
    rounded: list[Rounded]
    imports: list[tuple[str, float, float]]


def page(before: str, results: StepResults) -> str:
    """docs/benchmarks.md, its figures of steps replaced."""
    head, _, rest = before.partition(MARK)
    return f"{head.partition(HEADING)[0]}{HEADING}\n{text(results)}\n{MARK}{rest}"


def text(results: StepResults) -> str:
    """All figures."""
    parts = [f"{machine(results.machine)} One thread each, pinned to core {results.cpu}.\n"]
    if results.steps:
        parts += [f"### Speed beside the others\n\n{ratios(results.steps)}"]
        parts += [f"### Latency\n\n{times(results.steps)}"]
    if results.rounded:
        parts += [f"### Weights in fewer bits, one session\n\n{rounded(results.rounded)}"]
    if results.imports:
        lines = [[statement, f"{ms:.0f}", f"{mb:.0f}"] for statement, ms, mb in results.imports]
        parts += [f"### What a process costs\n\n{markdown(['import', 'ms', 'MB resident'], lines)}"]
    return "\n".join(parts)


def ratios(steps: Sequence[Step]) -> str:
    """The peers' times ÷ ours, and whether that is what was aimed at."""
    lines = [
        [
            step.row.cell,
            str(step.row.H),
            step.row.kind,
            *(str(step.ratio(peer)) if peer in step.latency else "" for peer in PEERS),
            verdict(step.ratio(PEERS[0]).median, step.row.torch),
            verdict(step.ratio(PEERS[2]).median, step.row.onnxruntime) if PEERS[2] in step.latency else "",
        ]
        for step in steps
    ]
    return markdown(["cell", "I = H", "", *PEERS, "floor, torch cell", "floor, onnxruntime"], lines)


def times(steps: Sequence[Step]) -> str:
    """Microseconds, p50 and p99, and sessions a second."""
    names = [IN_PLACE, OURS, *PEERS]
    lines = [
        [
            step.row.cell,
            str(step.row.H),
            step.row.kind,
            *(microseconds(step.latency[name]) if name in step.latency else "" for name in names),
            f"{step.row.sessions / step.latency[IN_PLACE].p50:,.0f}",
        ]
        for step in steps
    ]
    return "Microseconds of a step of all sessions, p50 / p99.\n\n" + markdown(
        ["cell", "I = H", "", *names, "sessions/s"], lines
    )


def rounded(rows: Sequence[Rounded]) -> str:
    """Microseconds of `step(x, state, out)`, and how far h is from float32's."""
    lines = [
        [
            r.row.cell,
            str(r.row.H),
            *(f"{1e6 * r.latency[precision].p50:.3g}" for precision in PRECISIONS),
            *(f"{r.latency['float32'].p50 / r.latency[p].p50:.2f}" for p in PRECISIONS[1:]),
            *(f"{r.error[precision]:.1e}" for precision in PRECISIONS[1:]),
        ]
        for r in rows
    ]
    head = [
        "cell",
        "I = H",
        *(f"{p}, µs" for p in PRECISIONS),
        *(f"{p}, times as fast" for p in PRECISIONS[1:]),
    ]
    return markdown([*head, *(f"{p}, error of h" for p in PRECISIONS[1:])], lines)


def microseconds(latency: Latency) -> str:
    """p50 / p99."""
    return f"{1e6 * latency.p50:.3g} / {1e6 * latency.p99:.3g}"
