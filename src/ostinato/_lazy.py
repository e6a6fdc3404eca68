"""Names that are imported when they are first used, so that a package costs only what is taken from it."""

import importlib

# For type checkers. Importing `typing` for it would take most of the 50 ms that `import ostinato` may.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def lazily(package: str, homes: "Mapping[str, str]") -> "Callable[[str], Any]":
    """The `__getattr__` of a package (PEP 562) that finds each name of `homes` in its module.

    Raises:
        AttributeError: from the function it returns, for any other name.
    """

    def load(name: str) -> "Any":
        if name in homes:
            return getattr(importlib.import_module(homes[name]), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return load
