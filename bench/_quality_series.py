"""Numeric series of the UCR/UEA archive, by its own split."""

from typing import Any

from _quality import DATA, folder, mean, ostinato, seconds, table

TITLE = "Classifier: numeric series, the archive's own test part"
SETS = ("JapaneseVowels", "GunPoint", "BasicMotions", "ItalyPowerDemand")


def section(seeds: list[int]) -> str:
    """Four data sets, one set of defaults."""
    rows = []
    for name in SETS:
        runs = [_run(name, seed) for seed in seeds]
        model = [run["model"]["accuracy"] for run in runs]
        baseline = [run["baseline"]["accuracy"] for run in runs]
        rows.append([name, mean(baseline), mean(model), seconds(runs)])
    command = "`ostinato train classify examples/data/tsc/NAME_TRAIN.ts -o DIR --seed SEED`, then `evaluate`"
    return f"{command}\n\n" + table(["", "without the order", "gru", "training"], *rows)


def _run(name: str, seed: int) -> dict[str, Any]:
    with folder() as place:
        model, parts = place / "model", DATA / "tsc"
        trained = ostinato("train", "classify", parts / f"{name}_TRAIN.ts", "-o", model, "--seed", seed)
        return {**ostinato("evaluate", model, parts / f"{name}_TEST.ts"), "seconds": trained["seconds"]}
