"""Recurrent neural networks on the machine you have.

The public names are loaded when they are first used, so that `import ostinato` itself is quick and pulls in
neither torch nor pandas.
"""

import importlib

from ostinato._errors import InputError as InputError

# For type checkers. Importing `typing` for it would take most of our 50 ms.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ostinato.tasks import LanguageModel as LanguageModel

__version__ = "0.1.0"

_HOMES = {"LanguageModel": "ostinato.tasks"}

__all__ = ["InputError", "LanguageModel", "__version__"]


def __getattr__(name: str) -> "Any":
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'ostinato' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
