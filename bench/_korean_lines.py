"""Lines of Korean, with their spaces and without."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from _quality import DATA, write_table
from ostinato.data import read_table


class Line(NamedTuple):
    """The characters of a line but its spaces, and for each "space" if one follows, or "none"."""

    characters: list[str]
    space: list[str]


def corpus() -> list[str]:
    """The messages of programs to learn from, and the constitution."""
    constitution = (DATA / "constitution_ko.txt").read_text(encoding="utf-8").splitlines()
    return distinct([*_messages("koen_train"), *constitution])


def other_messages() -> list[str]:
    """Messages that are not in the corpus."""
    known = set(corpus())
    return [line for line in distinct(_messages("koen_valid")) if line not in known]


def distinct(lines: Iterable[str]) -> list[str]:
    """The lines with something in them, each once, in Unicode's composed form and with single spaces."""
    composed = (" ".join(unicodedata.normalize("NFC", line).split()) for line in lines)
    return [line for line in dict.fromkeys(composed) if line]


def without_spaces(line: str) -> Line:
    """A line with single spaces, taken apart."""
    pairs = [
        (character, "space" if after == " " else "none")
        for character, after in zip(line, f"{line[1:]}\n", strict=True)
        if character != " "
    ]
    return Line([character for character, _ in pairs], [space for _, space in pairs])


def write_lines(path: Path, lines: Iterable[Line]) -> None:
    """A table with the columns `characters` and `space`."""
    write_table(path, (line._asdict() for line in lines))


def _messages(name: str) -> list[str]:
    return [str(line) for line in read_table(DATA / "pairs" / f"{name}.tsv").column("ko")]
