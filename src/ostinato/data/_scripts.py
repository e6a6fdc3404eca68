"""Which scripts a text is written in."""

import unicodedata
from functools import lru_cache


def scripts(text: str) -> set[str]:
    """The scripts of its letters, such as {"LATIN", "HANGUL"}: the first words of their Unicode names."""
    return {script for script in map(_script, set(text)) if script}


@lru_cache(1 << 16)
def _script(character: str) -> str:
    """Of a letter or an ideograph; "" of everything else."""
    name = unicodedata.name(character, "") if character.isalpha() else ""
    return name.partition(" ")[0].partition("-")[0]  # KATAKANA-HIRAGANA is one of both
