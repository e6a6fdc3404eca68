"""Quality on held-out real data: docs/results.md, three seeds a row, by the commands a user types.

make results                                   # all of it, most of an hour on two cores
python bench/results.py --cells gru --seeds 0  # a part, printed only
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "results.md"
NOVEL = ROOT / "examples" / "data" / "northanger_abbey.txt"

HEAD = """# Results

Figures on held-out data, mean ± standard deviation over the seeds {seeds}, by the default settings of the
command on {threads} CPU threads. Rebuilt by `make results`. What the figures mean:
[explanation/figures.md](explanation/figures.md).

## Language model: *Northanger Abbey*, characters, the last tenth held out

`ostinato train lm examples/data/northanger_abbey.txt -o DIR --cell CELL --seed SEED`

| | bits per character | accuracy | below the baseline by | training |
|---|---|---|---|---|
"""


def main() -> None:
    """Run what was asked for; without restrictions, rewrite docs/results.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", nargs="+", default=["gru", "lstm", "rnn"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--text", type=Path, default=NOVEL)
    parser.add_argument("--write", action="store_true", help="rewrite docs/results.md")
    options, train_options = parser.parse_known_args()
    runs = {
        cell: [train(options.text, cell, seed, train_options) for seed in options.seeds]
        for cell in options.cells
    }
    first = next(iter(runs.values()))[0]
    page = HEAD.format(seeds=", ".join(map(str, options.seeds)), threads=first["threads"])
    page += baseline_row(first["baseline"])
    page += "".join(row(cell, metrics) for cell, metrics in runs.items())
    print(page)
    if options.write:
        PAGE.write_text(page, encoding="utf-8")


def train(text: Path, cell: str, seed: int, options: Sequence[str]) -> dict[str, Any]:
    """The metrics of one run of the command."""
    with tempfile.TemporaryDirectory() as directory:
        command = ["train", "lm", str(text), "-o", f"{directory}/model", "--cell", cell, "--seed", str(seed)]
        process = subprocess.run(
            [str(Path(sys.executable).parent / "ostinato"), *command, *options, "--json"],
            stdout=subprocess.PIPE,
            check=True,
        )
    metrics: dict[str, Any] = json.loads(process.stdout)
    print(cell, seed, metrics["valid"]["bits_per_character"], file=sys.stderr)
    return metrics


def baseline_row(figures: dict[str, Any]) -> str:
    """The baseline's line of the table."""
    return f"| {figures['name']} | {figures['bits_per_character']:.3f} | {figures['accuracy']:.1%} | | |\n"


def row(cell: str, runs: Sequence[dict[str, Any]]) -> str:
    """A cell's line of the table."""
    bits = [run["valid"]["bits_per_character"] for run in runs]
    accuracy = statistics.mean(run["valid"]["accuracy"] for run in runs)
    gains = [run["baseline"]["bits_per_character"] - value for run, value in zip(runs, bits, strict=True)]
    seconds = statistics.mean(run["seconds"] for run in runs)
    spread = statistics.stdev(bits) if len(bits) > 1 else 0.0
    return (
        f"| {cell} | {statistics.mean(bits):.3f} ± {spread:.3f} | {accuracy:.1%} | "
        f"{statistics.mean(gains):.3f} | {seconds:.0f} s |\n"
    )


if __name__ == "__main__":
    main()
