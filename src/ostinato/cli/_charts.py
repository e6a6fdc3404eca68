"""Charts made of characters."""

_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(share: float, width: int) -> str:
    """A bar of `width` characters, filled to `share` (0 to 1) and padded with blanks."""
    whole, eighth = divmod(round(min(max(share, 0.0), 1.0) * width * 8), 8)
    return ("█" * whole + _EIGHTHS[eighth]).ljust(width)[:width]
