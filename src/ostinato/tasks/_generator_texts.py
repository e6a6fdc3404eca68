"""Texts that a generator writes: tokens and an end."""

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from ostinato._errors import InputError
from ostinato.data import Examples, Ragged, Tokenizer, learn_tokenizer, named, tokenizer_from_json
from ostinato.nn import TokenInput
from ostinato.tasks._generator_targets import (
    Drawing,
    Encoded,
    GeneratorTargets,
    longest_from_json,
    refuse_empty,
)
from ostinato.tasks._sampling import sample_rows
from ostinato.training import Figures


class TextTargets(GeneratorTargets):
    """Texts as token ids: the tokenizer's, 0 … V - 1; the end, V; the beginning, V + 1.

    The network reads any of them but the end, and gives scores of all but the beginning.
    """

    kind = "text"

    def __init__(self, tokenizer: Tokenizer, longest: int) -> None:
        self.tokenizer = tokenizer
        self.longest = longest

    @classmethod
    def learn(cls, examples: Examples, parameters: Mapping[str, Any]) -> Self:
        """The vocabulary of the texts."""
        texts = _texts(examples)
        tokenizer = learn_tokenizer(parameters["tokens"], texts, parameters["vocabulary_size"])
        return cls(tokenizer, max(len(tokenizer.encode(text)) for text in texts))

    @property
    def end(self) -> int:
        """V, the id of the end."""
        return len(self.tokenizer)

    @property
    def ids(self) -> int:
        """V + 2, with end and beginning."""
        return self.end + 2

    def inputs(self, parameters: Mapping[str, Any]) -> TokenInput:
        """Ids, embedded or one-hot."""
        embedded = parameters["input"] == "embedding"
        return TokenInput(self.ids, parameters["embedding_size"] if embedded else None)

    @property
    def outputs(self) -> int:
        """V + 1 scores."""
        return self.end + 1

    @property
    def begin(self) -> NDArray[np.int64]:
        """V + 1."""
        return np.array(self.end + 1)

    def encode(self, examples: Examples) -> Encoded:
        """Ids, int64, and the characters of each text."""
        texts = [self.tokenizer.formed(text) for text in _texts(examples)]
        steps = [np.append(self.tokenizer.encode(text).astype(np.int64), self.end) for text in texts]
        return Encoded(Ragged.of(steps), np.array([len(text) + 1 for text in texts]))

    def unknown(self, encoded: Encoded) -> float:
        """The share of tokens that are not in the vocabulary."""
        tokens = encoded.steps.values[encoded.steps.values != self.end]
        return float(np.mean(tokens == self.tokenizer.unknown_id)) if len(tokens) else 0.0

    def nats(self, outputs: Tensor, steps: Tensor) -> Tensor:
        """Cross-entropy."""
        return cross_entropy(outputs.flatten(0, 1), steps.flatten(), reduction="none").view_as(steps)

    def figures(self, nats: NDArray[np.float64], encoded: Encoded) -> Figures:
        """Loss and perplexity per token, and bits per character."""
        loss = float(nats.sum() / len(encoded.steps.values))
        return {
            "loss": loss,
            "perplexity": math.exp(min(loss, 700.0)),
            "bits_per_character": float(nats.sum() / encoded.sizes.sum() / math.log(2)),
        }

    def drawing(self, rows: int, options: Mapping[str, Any], generator: torch.Generator) -> Drawing:
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
    def __init__(self, targets: TextTargets, options: Mapping[str, Any], generator: torch.Generator) -> None:
        self.end, self.unknown_id = targets.end, targets.tokenizer.unknown_id
        self.how = {name: options[name] for name in ("temperature", "top_k", "top_p")}
        self.generator = generator

    def __call__(self, outputs: Tensor, first: bool) -> tuple[Tensor, Tensor]:
        scores = outputs.clone()
        if self.unknown_id is not None:
            scores[:, self.unknown_id] = -torch.inf  # nobody wants to read a placeholder
        if first:
            scores[:, self.end] = -torch.inf
        ids = sample_rows(scores, **self.how, generator=self.generator)
        return ids, ids == self.end

    def keep(self, rows: Tensor) -> None:
        pass  # whatever they are, the next tokens are chosen alike


def _texts(examples: Examples) -> list[str]:
    """The targets, where they are texts."""
    targets = list(examples.targets or [])
    if others := [row for row, target in enumerate(targets) if not isinstance(target, str)]:
        told = (f"{examples.place(row)}: {type(targets[row]).__name__}" for row in others)
        raise InputError(f"targets must all be texts, as the first one is: {named(told)}")
    refuse_empty(examples, map(len, targets))
    return targets
