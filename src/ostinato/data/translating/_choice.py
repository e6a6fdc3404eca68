"""Which translation is taken, of all that were written with different memories, and of these themselves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.data._beam_search import Hypothesis
from ostinato.data._consensus import consensus

_TEMPERATURE = 8.0  # of log-probabilities, with several memories: they differ far more than the qualities


@dataclass(frozen=True)
class Attempt:
    """What was written of a source with one memory, or with none.

    Attributes:
        hypotheses: one or more, the best first.
        recalled: ids of the target that was read along; None where there was no memory.
        similarity: of its source, from 0 to 1.
    """

    hypotheses: Sequence[Hypothesis]
    recalled: NDArray[np.int64] | None = None
    similarity: float = 1.0


def chosen(
    written: Sequence[Attempt], complete: Callable[[NDArray[np.int64]], bool], text: Callable[[Any], Any]
) -> tuple[int, NDArray[np.int64]]:
    """The answer that agrees most with all others (see `consensus`), of those that miss no slot.

    How likely an answer is right: in proportion to its probability among what was written with the same
    memory, times the square of the memory's similarity; where there are several memories it is tempered.
    What was recalled is an answer as well, and weighs as much as all that was written with it.

    Args:
        written: with each memory, the most similar first.
        complete: whether the ids of a recalled target can be an answer: its slots are those of the source.
        text: the characters or tokens that ids stand for.

    Returns:
        With which memory it was written, and its ids.
    """
    answers: list[tuple[int, NDArray[np.int64], bool]] = []
    weights: list[float] = []
    temperature = _TEMPERATURE if len(written) > 1 else 1.0
    for way, each in enumerate(written):
        logs = np.array([hypothesis.log_probability for hypothesis in each.hypotheses]) / temperature
        shares = np.exp(logs - logs.max()) if np.isfinite(logs.max()) else np.ones(len(logs))
        trust = each.similarity**2
        weights += (trust * shares / shares.sum()).tolist()
        answers += [(way, hypothesis.ids, hypothesis.complete) for hypothesis in each.hypotheses]
        if each.recalled is not None and complete(each.recalled):
            weights.append(trust)
            answers.append((way, each.recalled, True))
    possible = [n for n, answer in enumerate(answers) if answer[2]] or list(range(len(answers)))
    best = possible[consensus([text(answers[n][1]) for n in possible], np.array(weights)[possible])]
    return answers[best][0], answers[best][1]
