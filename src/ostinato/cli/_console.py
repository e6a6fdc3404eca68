"""Where output goes: results to stdout, progress and complaints to stderr."""

import json
from typing import Any

from rich.console import Console

results = Console(highlight=False)
errors = Console(stderr=True)


def print_json(value: Any) -> None:
    """One JSON object on stdout, on one line."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False))
