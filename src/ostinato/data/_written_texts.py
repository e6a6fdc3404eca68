"""Texts that a generator writes: tokens and an end."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ostinato.data._kinds import tokenizer_from_json
from ostinato.data._sampling import sample_rows
from ostinato.data._tokenizer import Tokenizer
from ostinato.data._written import Drawing, Written, longest_from_json


class WrittenTexts(Written):
    """Texts as token ids: the tokenizer's, 0 … V - 1; the end, V; the beginning, V + 1.

    The network reads any of them but the end, and gives scores of all but the beginning.

    Args:
        tokenizer: of the texts.
        longest: tokens of the longest one in training.
    """

    kind = "text"

    def __init__(self, tokenizer: Tokenizer, longest: int) -> None:
        self.tokenizer = tokenizer
        self.longest = longest

    @property
    def end(self) -> int:
        """V, the id of the end."""
        return len(self.tokenizer)

    @property
    def ids(self) -> int:
        """V + 2, with end and beginning."""
        return self.end + 2

    @property
    def outputs(self) -> int:
        """V + 1 scores."""
        return self.end + 1

    @property
    def begin(self) -> NDArray[np.int64]:
        """V + 1."""
        return np.array(self.end + 1)

    def possible(self, outputs: NDArray[Any]) -> NDArray[Any]:
        """Scores (…, K), the token for the unseen, which nobody wants to read, impossible."""
        scores = outputs.copy()
        if self.tokenizer.unknown_id is not None:
            scores[..., self.tokenizer.unknown_id] = -np.inf
        return scores

    def drawing(self, rows: int, options: Mapping[str, Any], generator: np.random.Generator) -> Drawing:
        """Tokens by their scores."""
        return _TokenDrawing(self, options, generator)

    def decode(self, steps: NDArray[Any]) -> str:
        """The text; of subwords that end inside a character, without that."""
        data = b"".join(self.tokenizer.token_bytes(int(step)) for step in steps)
        return data.decode("utf-8", "ignore")

    def to_json(self) -> dict[str, Any]:
        """The tokenizer and the length of the longest text."""
        return {"kind": self.kind, "tokenizer": self.tokenizer.to_json(), "longest": self.longest}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """What `to_json` described."""
        return cls(tokenizer_from_json(value.get("tokenizer")), longest_from_json(value))


class _TokenDrawing:
    def __init__(
        self, texts: WrittenTexts, options: Mapping[str, Any], generator: np.random.Generator
    ) -> None:
        self.texts = texts
        self.how = {name: options[name] for name in ("temperature", "top_k", "top_p")}
        self.generator = generator

    def __call__(self, outputs: NDArray[Any], first: bool) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        scores = self.texts.possible(outputs)
        if first:
            scores[:, self.texts.end] = -np.inf
        ids = sample_rows(scores, **self.how, generator=self.generator)
        return ids, ids == self.texts.end

    def keep(self, rows: NDArray[np.int64]) -> None:
        pass  # whatever they are, the next tokens are chosen alike
