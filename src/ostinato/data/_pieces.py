r"""Where words begin and end: the one definition that the word and the subword tokenizer share.

A piece is one of

- a word, with the space before it: letters, then letters, digits and apostrophes between letters (" don't").
  Combining marks and joiners count as letters, so a decomposed accent, a Jamo or an Indic vowel sign stays in
  its word;
- a number, with the space before it;
- one other character, with the space before it and with what modifies or joins it, so that an emoji with its
  skin tone, a family and a flag are one piece each;
- white space: a line's end with the blanks before it, or a run of blanks.

Pieces joined are the text, whatever it is. None goes on past a newline, so a text cut after a newline gives
the same pieces as the whole. None is longer than a few hundred characters, however long a run without spaces.
"""

import re
import unicodedata
from functools import cache


def split(text: str) -> list[str]:
    """The pieces of `text`, in order; `"".join(split(text)) == text`."""
    return _pattern().findall(text)


@cache
def _pattern() -> re.Pattern[str]:
    marks = _marks()
    letter = rf"[\w{marks}\u200c\u200d]"
    modifier = rf"[{marks}\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
    flag = r"[\U0001f1e6-\U0001f1ff]{2}"
    return re.compile(
        rf" ?(?!\d){letter}{{1,64}}(?:['’]{letter}{{1,64}}){{0,2}}"
        rf"| ?\d{{1,16}}{modifier}{{0,8}}"
        rf"|[^\S\n]{{0,64}}\n"
        rf"|[^\S\n]{{1,64}}(?!\S)"  # blanks, but for the one that belongs to the next word
        rf"| ?(?:{flag}|\S{modifier}{{0,8}}(?:\u200d\S{modifier}{{0,8}}){{0,8}})"
        rf"|\s"
    )


def _marks() -> str:
    """Unicode's combining marks (category M), which `re` cannot name, as the inside of a character class."""
    # All that there are lie in the first two planes and among the variation selectors of the fifteenth.
    codes = [*range(0x300, 0x20000), *range(0xE0100, 0xE01F0)]
    marks = [code for code in codes if unicodedata.category(chr(code)).startswith("M")]
    starts = [code for code, before in zip(marks, [-1, *marks], strict=False) if code != before + 1]
    ends = [code for code, after in zip(marks, [*marks[1:], -1], strict=True) if code != after - 1]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))
