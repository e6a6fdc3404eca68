"""All of a translator but its network: both sides, the memory, the search, and which answer is taken.

Not imported with `ostinato.data`: other tasks need none of it.
"""

from ostinato.data.translating._memory import LEARNED, MARKS, TranslationMemory
from ostinato.data.translating._retrieval import NearestNeighbour
from ostinato.data.translating._search import SEARCH, Search, check_search
from ostinato.data.translating._sides import (
    Pairs,
    Sentences,
    Sources,
    Targets,
    encode_pairs,
    learn_sides,
    read_targets,
    refuse_empty,
    targets_of,
)
from ostinato.data.translating._writer import Answer, Translation, Writer, remembers

__all__ = [
    "LEARNED",
    "MARKS",
    "SEARCH",
    "Answer",
    "NearestNeighbour",
    "Pairs",
    "Search",
    "Sentences",
    "Sources",
    "Targets",
    "Translation",
    "TranslationMemory",
    "Writer",
    "check_search",
    "encode_pairs",
    "learn_sides",
    "read_targets",
    "refuse_empty",
    "remembers",
    "targets_of",
]
