"""What was measured, and on which machine."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Literal, Self

import numpy as np

from _rows import Row
from ostinato.kernels import instruction_set

PACKAGES = ("torch", "onnxruntime", "jax", "numpy")
Times = Mapping[str, list[float]]
"""Everybody's seconds of each round, ours first."""


@dataclass(frozen=True)
class Spread:
    """A median and its quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Self:
        """Of some values, at least one."""
        low, median, high = np.percentile(values, [25, 50, 75]).tolist()
        return cls(median, low, high)

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


def ratios(times: Times) -> dict[str, Spread]:
    """Each of the others' time ÷ ours of the same round."""
    (_, ours), *others = times.items()
    return {name: Spread.of([t / o for t, o in zip(theirs, ours, strict=True)]) for name, theirs in others}


@dataclass(frozen=True)
class Measured:
    """A row's figures."""

    row: Row
    rounds: int
    seconds: dict[str, Spread]
    """Of a call, by name, ours first."""
    ratios: dict[str, Spread]
    """The others' time ÷ ours, `torch.nn`'s first."""
    gflops: float
    """Ours."""
    others: float
    """Cores that other processes used meanwhile."""

    @classmethod
    def of(cls, row: Row, times: Times, flops: float, others: float) -> Self:
        """From the times, the operations of a call, and what other processes did."""
        seconds = {name: Spread.of(values) for name, values in times.items()}
        ours = next(iter(times))
        return cls(row, len(times[ours]), seconds, ratios(times), flops / seconds[ours].median / 1e9, others)

    @property
    def reference(self) -> float:
        """`torch.nn`'s time ÷ ours: what the floor is for."""
        return next(iter(self.ratios.values())).median

    @property
    def best(self) -> str:
        """The fastest of the others."""
        return min(self.ratios, key=lambda name: self.ratios[name].median)

    @property
    def standing(self) -> Literal["ahead", "level", "behind"]:
        """Ours beside the best: level, where the quartiles of the ratio lie on both sides of 1."""
        ratio = self.ratios[self.best]
        if ratio.low > 1:
            return "ahead"
        return "behind" if ratio.high < 1 else "level"


@dataclass(frozen=True)
class EndToEnd:
    """`ostinato train lm` on the native kernels and on torch's operations."""

    cell: str
    rounds: int
    tokens_per_second: dict[str, Spread]
    ratio: Spread

    floor = 2.0


@dataclass(frozen=True)
class Machine:
    """Where and when."""

    cpu: str
    cores: int
    instruction_set: str
    versions: dict[str, str]
    date: str
    load: float
    """The load average before the bench began."""

    @classmethod
    def here(cls) -> Self:
        """This one, now."""
        versions = {}
        for package in PACKAGES:
            try:
                versions[package] = metadata.version(package)
            except metadata.PackageNotFoundError:
                versions[package] = "not installed"
        cores = len(os.sched_getaffinity(0))
        return cls(cpu(), cores, instruction_set(), versions, date.today().isoformat(), os.getloadavg()[0])


def cpu() -> str:
    """Its name, or at least its architecture."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


@dataclass
class Results:
    """A run of the bench."""

    machine: Machine
    threads: int
    peak: float
    """GFLOP/s of multiply-adds alone."""
    rows: list[Measured] = field(default_factory=list)
    end_to_end: list[EndToEnd] = field(default_factory=list)
