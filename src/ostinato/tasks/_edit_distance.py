"""How far one sequence is from another."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def edit_distance(a: Sequence[Any], b: Sequence[Any]) -> int:
    """The fewest insertions, deletions and replacements that make `b` of `a` (Levenshtein 1966)."""
    numbers = {item: number for number, item in enumerate(dict.fromkeys([*a, *b]))}
    goal = np.array([numbers[item] for item in b], np.int64)
    columns = np.arange(len(b) + 1)
    row = columns  # of the table: from the items of `a` so far to the first 0, 1, … of `b`
    for item in a:
        replaced = row[:-1] + (goal != numbers[item])
        row = np.concatenate([row[:1] + 1, np.minimum(replaced, row[1:] + 1)])
        # An insertion costs 1 more than the column before, that perhaps another: a running minimum.
        row = np.minimum.accumulate(row - columns) + columns
    return int(row[-1])
