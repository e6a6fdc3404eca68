"""Quality on held-out real data: docs/results.md, three seeds a row, by the commands a user types.

make results                                       # all of it, some hours on two cores
python bench/results.py names series --seeds 0     # a part, printed only
python bench/results.py names --write              # a part, put in its place on the page
"""

import argparse
import os
import re
import sys
from importlib import import_module
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "results.md"
SECTIONS = [
    "language",
    "names",
    "generator",
    "series",
    "volatility",
    "speech",
    "spacing",
    "scenes",
    "translation",
    "phonemes",
    "forecast",
    "memory",
]
HEAD = """# Results

Figures on held-out data, mean ± standard deviation over three seeds, by the default settings of the command,
on {threads} CPU threads. Rebuilt by `make results`. What the figures mean:
[explanation/figures.md](explanation/figures.md).
"""


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--write", action="store_true", help="put the sections into docs/results.md")
    options = parser.parse_args()
    if unknown := set(options.sections) - set(SECTIONS):
        parser.error(f"there is no section {min(unknown)}: there are {', '.join(SECTIONS)}")
    if options.write and len(options.seeds) < 3:
        parser.error("what is written is over three seeds or more")
    for name in options.sections or SECTIONS:
        module = import_module(f"_quality_{name}")
        text = f"## {module.TITLE}\n\n{module.section(options.seeds)}"
        print(text, flush=True)
        if options.write:
            put(name, text)


def put(name: str, text: str) -> None:
    """Put a section on the page, in place of the one with its heading."""
    sections = {section.partition("\n")[0]: section for section in parts(PAGE.read_text(encoding="utf-8"))}
    sections[text.partition("\n")[0]] = text
    order = {f"## {import_module(f'_quality_{name}').TITLE}": place for place, name in enumerate(SECTIONS)}
    known = sorted((heading for heading in sections if heading in order), key=order.__getitem__)
    head = HEAD.format(threads=len(os.sched_getaffinity(0)))
    page = "\n".join([head, *(sections[heading].rstrip() + "\n" for heading in known)])
    PAGE.write_text(page, encoding="utf-8")
    print(f"{name}: written to {PAGE}", file=sys.stderr)


def parts(page: str) -> list[str]:
    """The sections of a page."""
    return re.split(r"^(?=## )", page, flags=re.MULTILINE)[1:]


if __name__ == "__main__":
    main()
