"""How fast a layer trains and runs beside other libraries': docs/benchmarks.md.

make bench                                             # all of it, half an hour
python bench/kernels.py --rows 'training gru' --quick  # some rows, roughly, printed only
"""

import argparse
import dataclasses
import json
import re
import sys
from pathlib import Path

from _cold import cold
from _contenders import agree, installed, set_threads
from _end_to_end import ROOT, end_to_end
from _peers import MismatchError, Peer
from _report import page, text
from _results import Machine, Measured, Results
from _rows import ROWS, Problem, Row
from _timing import Others, interleave, peak, warm
from _torch_peers import TorchCompile

PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> None:
    """Measure what was asked for, print it, and write it down."""
    options = parse()
    machine = Machine.here()
    set_threads(options.threads)
    TorchCompile.longest = options.compile_steps
    peers, missing = installed()
    for name in missing:
        log(f"{name} is not installed: pip install -c constraints.txt '.[bench]'")
    results = Results(machine, options.threads, peak(options.threads) / 1e9)
    for row in ROWS.values():
        if re.search(options.rows, row.name):
            results.rows.append(measure(row, peers, options))
    if options.end_to_end:
        results.end_to_end.append(end_to_end(options.threads, options.rounds))
    print(text(results))
    if options.json:
        options.json.write_text(json.dumps(dataclasses.asdict(results), indent=1), encoding="utf-8")
    if options.write:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", default="", metavar="PATTERN", help="only those whose name has this regex")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=8.0, help="for a row")
    parser.add_argument("--rounds", type=int, default=5, help="at least, for a row")
    parser.add_argument("--quick", action="store_true", help="--seconds 1 --rounds 2")
    parser.add_argument(
        "--compile-steps",
        type=int,
        default=TorchCompile.longest,
        metavar="N",
        help="torch.compile takes part in rows of so many time steps at most: 100 need minutes a row",
    )
    parser.add_argument("--end-to-end", action="store_true", help="also train a language model")
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything that was measured")
    parser.add_argument("--write", action="store_true", help="rewrite docs/benchmarks.md, with all rows")
    options = parser.parse_args()
    if options.write and (options.rows or options.quick):
        parser.error("--write is for the whole page: leave out --rows and --quick")
    if options.quick:
        options.seconds, options.rounds = 1.0, 2
    return options


def measure(row: Row, peers: list[type[Peer]], options: argparse.Namespace) -> Measured:
    """Check, then time."""
    problem = Problem(row)
    contenders = [peer for peer in peers if peer.takes(row)]
    if row.mode == "cold":
        samplers = {peer.name: cold(peer.name, row.name, options.threads) for peer in contenders}
    else:
        made = [peer(problem) for peer in contenders]
        agree(made)
        samplers = {peer.name: warm(peer) for peer in made}
    others = Others()
    times = interleave(samplers, options.seconds, options.rounds)
    measured = Measured.of(row, times, problem.flops, others.cores())
    ratios = ", ".join(f"{name} {ratio}" for name, ratio in measured.ratios.items())
    log(f"{row.name}: {ratios}; other processes used {measured.others:.2f} cores")
    return measured


def log(line: str) -> None:
    """Progress."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except MismatchError as mismatch:
        sys.exit(str(mismatch))
