"""How steps are timed: call by call, everybody in turn, since it is the slow ones that are noticed."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

TURN = 0.01  # seconds of a turn, of as many calls as that takes


@dataclass(frozen=True)
class Latency:
    """Of the calls of all turns, seconds."""

    p50: float
    p99: float
    turns: list[float]
    """The median of each turn."""


def latencies(calls: Mapping[str, Callable[[], object]], seconds: float, rounds: int) -> dict[str, Latency]:
    """Everybody's, for so many seconds, but so many rounds at least; each round begins with another."""
    taken: dict[str, list[list[float]]] = {name: [] for name in calls}
    order = list(calls)
    end = time.perf_counter() + seconds
    while len(taken[order[0]]) < rounds or time.perf_counter() < end:
        for name in order:
            taken[name].append(turn(calls[name]))
        order.append(order.pop(0))
    return {name: summary(turns) for name, turns in taken.items()}


def turn(call: Callable[[], object]) -> list[float]:
    """The seconds of each call, after one that warms the caches."""
    call()
    clock = time.perf_counter
    times: list[float] = []
    start = now = clock()
    while now - start < TURN:
        before = clock()
        call()
        now = clock()
        times.append(now - before)
    return times


def summary(turns: list[list[float]]) -> Latency:
    """Over all turns."""
    p50, p99 = np.percentile(np.concatenate(turns), [50, 99]).tolist()
    return Latency(p50, p99, [float(np.median(times)) for times in turns])


def import_cost(statement: str, times: int) -> tuple[float, float]:
    """Milliseconds, the median, and megabytes resident of a fresh interpreter that does nothing else."""
    code = (
        "import time; start = time.perf_counter()\n"
        f"{statement}\n"
        "milliseconds = 1e3 * (time.perf_counter() - start)\n"
        "status = open('/proc/self/status').read().partition('VmRSS:')[2].split()[0]\n"
        "print(milliseconds, int(status) / 1024)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout.split()
        for _ in range(times)
    ]
    milliseconds, megabytes = np.median(np.array(runs, dtype=float), axis=0).tolist()
    return milliseconds, megabytes
