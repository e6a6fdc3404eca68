"""Training a character model by the command a user types, on either backend."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from _results import EndToEnd, Spread, ratios
from _timing import Sampler, interleave

ROOT = Path(__file__).resolve().parent.parent
NOVEL = ROOT / "examples" / "data" / "northanger_abbey.txt"
CELL = "gru"
COMMAND = ("train", "lm", str(NOVEL), "--cell", CELL, "--hidden", "256", "--epochs", "1", "--json")


def end_to_end(threads: int, rounds: int) -> EndToEnd:
    """Alternate between the backends, a process each."""
    samplers = {"ostinato": training("native", threads), "readable torch": training("torch", threads)}
    times = interleave(samplers, 0, rounds)
    rates = {name: Spread.of([1 / seconds for seconds in values]) for name, values in times.items()}
    return EndToEnd(CELL, rounds, rates, ratios(times)["readable torch"])


def training(backend: str, threads: int) -> Sampler:
    """Seconds that a token takes in training."""

    def sample() -> float:
        with tempfile.TemporaryDirectory() as directory:
            ostinato = Path(sys.executable).parent / "ostinato"
            process = subprocess.run(
                [str(ostinato), *COMMAND, "-o", f"{directory}/model", "--threads", str(threads)],
                env={**os.environ, "OSTINATO_BACKEND": backend},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                check=True,
            )
        return 1 / float(json.loads(process.stdout)["tokens_per_second"])

    return sample
