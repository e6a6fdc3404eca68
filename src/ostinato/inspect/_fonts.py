"""Which of the installed fonts have the letters of a text."""

from contextlib import suppress


def font_families(text: str) -> list[str]:
    """The families that have the letters, as far as any installed one has: matplotlib's own comes first."""
    from matplotlib.font_manager import fontManager, get_font

    own = "DejaVu Sans"
    families, missing = [own], set(map(ord, filter(str.isprintable, text)))
    missing -= get_font(fontManager.findfont(own)).get_charmap().keys()
    for font in fontManager.ttflist:
        if not missing:
            break
        if font.name.startswith("Last Resort"):  # boxes for every letter there is
            continue
        with suppress(OSError, RuntimeError):  # gone since matplotlib listed it, or damaged
            found = missing & get_font(font.fname).get_charmap().keys()
            families += [font.name] if found else []
            missing -= found
    return families
