"""The lesson on memory: how far back which cell remembers."""

from typing import Any

from _quality import mean, ostinato, table

TITLE = "Lesson: recall over a growing distance"
ABOUT = """\
`ostinato demo memory --seed SEED`: which of {symbols} symbols was it, so many steps ago? Right answers on
1,000 fresh sequences, after {steps} steps of training. The baseline is chance, {chance:.3f}: without
remembering nothing does better.

"""


def section(seeds: list[int]) -> str:
    """Each cell at each distance."""
    lessons = [ostinato("demo", "memory", "--seed", seed) for seed in seeds]
    first = lessons[0]
    return ABOUT.format_map(first) + table(
        ["cell", *(f"distance {distance}" for distance in first["distances"]), "training at the last"],
        *(_row(lessons, cell) for cell in first["cells"]),
    )


def _row(lessons: list[Any], cell: str) -> list[str]:
    by_distance: dict[int, list[Any]] = {}
    for lesson in lessons:
        for recall in lesson["recalls"]:
            if recall["cell"] == cell:
                by_distance.setdefault(recall["distance"], []).append(recall)
    accuracies = [mean([recall["accuracy"] for recall in recalls]) for recalls in by_distance.values()]
    last = by_distance[max(by_distance)]
    return [cell, *accuracies, f"{sum(recall['seconds'] for recall in last) / len(last):.0f} s"]
