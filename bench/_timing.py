"""How it is timed: everybody in turn, again and again, and the median."""

import itertools
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ostinato.kernels import multiply_adds

Sampler = Callable[[], float]
"""Takes one sample: seconds."""

SAMPLE = 0.02  # seconds that a sample takes at least, of as many calls as that needs
SETTLE = 0.01  # seconds before a sample, in which the last one's idle threads fall asleep


def interleave(samplers: Mapping[str, Sampler], seconds: float, rounds: int) -> dict[str, list[float]]:
    """Each sampler's sample of each round, for so many seconds, but so many rounds at least.

    Every round begins with another sampler, so that nobody always follows the same.
    """
    times: dict[str, list[float]] = {name: [] for name in samplers}
    order = list(samplers)
    end = time.perf_counter() + seconds
    while len(times[order[0]]) < rounds or time.perf_counter() < end:
        for name in order:
            times[name].append(samplers[name]())
        order.append(order.pop(0))
    return times


def warm(call: Callable[[int], object]) -> Sampler:
    """Seconds of a call, after others."""
    calls = itertools.count(1)

    def once() -> float:
        start = time.perf_counter()
        call(next(calls))
        return time.perf_counter() - start

    once()
    repeats = max(1, round(SAMPLE / once()))

    def sample() -> float:
        time.sleep(SETTLE)
        once()  # the caches are its own again
        return sum(once() for _ in range(repeats)) / repeats

    return sample


class Others:
    """How many cores other processes, and other guests of the same host, have used since this was made."""

    def __init__(self) -> None:
        self.start = time.perf_counter()
        self.seconds = cpu_seconds_of_others()

    def cores(self) -> float:
        """On average."""
        seconds = cpu_seconds_of_others() - self.seconds
        return max(
            0.0, seconds / (time.perf_counter() - self.start)
        )  # the clocks tick, and may differ by one


def cpu_seconds_of_others() -> float:
    """Since some moment: the machine's, less this process's and those of the children it has waited for."""
    ticks = Path("/proc/stat").read_text(encoding="ascii").split(maxsplit=9)[1:9]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, ticks)
    busy = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    return busy - sum(os.times()[:4])


def peak(threads: int) -> float:
    """Floating-point operations a second of multiply-adds in registers alone, the best of some samples."""
    with ThreadPoolExecutor(threads) as pool:

        def sample(rounds: int) -> tuple[float, float]:
            start = time.perf_counter()
            flops = sum(pool.map(multiply_adds, [rounds] * threads))
            return time.perf_counter() - start, flops

        rounds = 1000
        while sample(rounds)[0] < SAMPLE:
            rounds *= 2
        return max(flops / seconds for seconds, flops in (sample(rounds) for _ in range(25)))
