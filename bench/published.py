"""Models that others have published, beside their originals: what examples/silero_vad.py and g2p.py run.

OMP_NUM_THREADS=1 python bench/published.py           # half a minute, printed only
OMP_NUM_THREADS=1 python bench/published.py --write   # the section of docs/benchmarks.md
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from _peers import MismatchError
from _report import machine, markdown
from _results import Machine, Spread, ratios
from _timing import Others, interleave, warm

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
TITLE = "## Models that others have published\n"
TOLERANCE = 1e-4  # of a probability
WORDS = 20  # of a call, the same for everybody


class Contest(NamedTuple):
    """The same work, done by several: ours first, the original second."""

    name: str
    calls: Mapping[str, Callable[[int], object]]
    units: int
    """Frames or words of a call."""
    floor: float
    """What the original's time ÷ ours is to be."""


def example(name: str) -> Any:
    """An example as a module."""
    spec = spec_from_file_location(f"example_{name}", ROOT / "examples" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def speech() -> Contest:
    """silero-vad at 16 kHz, a frame a call, on the bundled speech.

    Raises:
        MismatchError: A probability differs from the original's.
    """
    vad = example("silero_vad")
    samples = vad.resampled(*vad.spelled("OSTINATO"))
    ours = vad.Detector(vad.published_weights(16_000))
    peers = {
        "onnxruntime": vad.Original(vad.published(), 16_000),
        "onnxruntime, fixed sizes": vad.Original(vad.published("silero_vad_openvino_16k.onnx"), 16_000),
    }
    found = vad.probabilities(ours, samples)
    for name, peer in peers.items():
        error = float(np.abs(np.subtract(found, vad.probabilities(peer, samples))).max())
        if not error <= TOLERANCE:
            raise MismatchError(f"silero-vad: a probability differs from that of {name} by {error:.1e}")
    frames = list(vad.frames(samples, ours.frame))
    everybody = {"ostinato": ours, **peers}
    calls = {name: _in_turn(one.push, frames) for name, one in everybody.items()}
    return Contest("silero-vad, a frame of 32 ms", calls, 1, floor=1)


def words(count: int = 500) -> tuple[Contest, Contest]:
    """g2p-en on so many words, one at a time and some at once.

    Raises:
        MismatchError: A word is not said as the original says it.
    """
    g2p = example("g2p")
    ours, original = g2p.Speller(g2p.published_weights()), g2p.original()
    drawn = g2p.dictionary(count)
    expected = [original(word) for word in drawn]
    if [ours.say(word) for word in drawn] != expected or ours.say_all(drawn) != expected:
        raise MismatchError("g2p-en: a word is said in another way than by its own code")
    some = [drawn[i : i + WORDS] for i in range(0, len(drawn), WORDS)]

    def one_by_one(say: Callable[[str], object]) -> Callable[[int], object]:
        return _in_turn(lambda words: [say(word) for word in words], some)

    theirs = {"its own numpy": one_by_one(original)}
    single = Contest("g2p-en, a word", {"ostinato": one_by_one(ours.say), **theirs}, WORDS, floor=5)
    return single, Contest(
        f"g2p-en, a word of {WORDS} at once",
        {"ostinato": _in_turn(ours.say_all, some), **theirs},
        WORDS,
        floor=5,
    )


def _in_turn(call: Callable[[Any], object], inputs: Sequence[Any]) -> Callable[[int], object]:
    return lambda number: call(inputs[number % len(inputs)])


def measured(contest: Contest, seconds: float, rounds: int) -> list[list[str]]:
    """A line of the table for each peer."""
    samplers = {name: warm(call) for name, call in contest.calls.items()}
    times = interleave(samplers, seconds, rounds)
    ours, *_ = (f"{1e6 * Spread.of(t).median / contest.units:.3g}" for t in times.values())
    return [
        [contest.name, ours, peer, str(ratio), f"{contest.floor:g}" if peer == list(times)[1] else ""]
        for peer, ratio in ratios(times).items()
    ]


def section(contests: Iterable[Contest], seconds: float = 8.0, rounds: int = 5) -> str:
    """The table, and how it was made."""
    here, others = Machine.here(), Others()
    lines = [line for contest in contests for line in measured(contest, seconds, rounds)]
    return (
        f"{TITLE}\n{machine(here)}\nOne thread each; other processes used {others.cores():.2f} cores.\n\n"
        + markdown(["", "µs", "beside", "its time ÷ ours", "floor"], lines)
    )


def page(before: str, written: str) -> str:
    """docs/benchmarks.md with this section replaced."""
    return re.sub(rf"{TITLE}.*?(?=^## )", lambda _: f"{written}\n", before, flags=re.DOTALL | re.MULTILINE)


def main() -> None:
    """Measure, print, and write it down."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="rewrite the section of docs/benchmarks.md")
    options = parser.parse_args()
    written = section((speech(), *words()))
    print(written)
    if options.write:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), written), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except MismatchError as mismatch:
        sys.exit(str(mismatch))
