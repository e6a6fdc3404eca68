"""The results as people read them: Markdown, whose columns are straight in a terminal too."""

from collections import Counter
from collections.abc import Iterator, Sequence

from _results import EndToEnd, Machine, Measured, Results

MARK = "## Measured\n"
"""What is below it on the page is written here."""


def page(before: str, results: Results) -> str:
    """docs/benchmarks.md, its figures replaced."""
    return f"{before.partition(MARK)[0]}{MARK}\n{text(results)}"


def text(results: Results) -> str:
    """All figures."""
    return summary(results) + "\n".join(tables(results))


def summary(results: Results) -> str:
    """Machine, and how it went, in lines."""
    rows = results.rows
    standings = Counter(measured.standing for measured in rows)
    floors = [measured.reference >= measured.row.floor for measured in rows if measured.row.floor is not None]
    return (
        f"{machine(results.machine)}\n"
        f"{results.threads} threads, whose peak is {results.peak:.0f} GFLOP/s. While a row was timed, other "
        f"processes used {max((m.others for m in rows), default=0):.2f} cores at most.\n\n"
        f"Beside the best peer of each row: ahead in {standings['ahead']}, level in {standings['level']}, "
        f"behind in {standings['behind']} of {len(rows)} rows; "
        f"{sum(floors)} of {len(floors)} floors reached.\n\n"
    )


def machine(here: Machine) -> str:
    """In a sentence or two."""
    versions = ", ".join(f"{package} {version}" for package, version in here.versions.items())
    return (
        f"{here.date}, {here.cpu}, {here.cores} cores, kernels for {here.instruction_set}; {versions}.\n"
        f"Load average before the run: {here.load:.2f}."
    )


def tables(results: Results) -> Iterator[str]:
    """One for each kind of row."""
    titles = {"training": "Training step", "forward": "Forward", "cold": "Cold: the first training step"}
    for mode, title in titles.items():
        for ragged, suffix in ((False, ""), (True, ", sequences of different lengths")):
            rows = [m for m in results.rows if m.row.mode == mode and bool(m.row.lengths) == ragged]
            if rows:
                yield f"### {title}{suffix}\n\n{table(rows, results.peak)}"
    if results.end_to_end:
        yield "### `ostinato train lm`, characters, hidden size 256, tokens/s\n\n" + rates(results.end_to_end)


def table(rows: Sequence[Measured], peak: float) -> str:
    """Rows that have the same peers."""
    peers = list(dict.fromkeys(name for measured in rows for name in measured.ratios))
    floors = any(measured.row.floor for measured in rows)
    head = ["T, B, I, H", "cell", "ms", "GFLOP/s", "of peak", *peers, *["floor"] * floors, "best peer"]
    lines = [
        [
            measured.row.shape,
            measured.row.cell,
            f"{1e3 * measured.seconds['ostinato'].median:.3g}",
            f"{measured.gflops:.0f}",
            f"{measured.gflops / peak:.0%}",
            *(str(measured.ratios.get(name, "")) for name in peers),
            *[verdict(measured.reference, measured.row.floor)] * floors,
            rank(measured),
        ]
        for measured in rows
    ]
    return markdown(head, lines)


def rates(runs: Sequence[EndToEnd]) -> str:
    """End to end."""
    names = list(runs[0].tokens_per_second)
    lines = [
        [
            run.cell,
            *(f"{run.tokens_per_second[name].median:,.0f}" for name in names),
            str(run.ratio),
            verdict(run.ratio.median, run.floor),
        ]
        for run in runs
    ]
    return markdown(["cell", *names, "ratio", "floor"], lines)


def verdict(ratio: float, floor: float | None) -> str:
    """Whether a floor is reached."""
    if floor is None:
        return ""
    return f"{floor:g} reached" if ratio >= floor else f"**{floor:g} missed**"


def rank(measured: Measured) -> str:
    """The best peer, and where we are."""
    standing = measured.standing
    return f"{measured.best}: " + ("**we are behind**" if standing == "behind" else standing)


def markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table."""
    columns = list(zip(head, *lines, strict=True))
    widths = [max(map(len, column)) for column in columns]
    rule = ["-" * width for width in widths]
    return "".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |\n"
        for line in [head, rule, *lines]
    )
