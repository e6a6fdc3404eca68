"""Texts that a generator is trained to write."""

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from ostinato._errors import InputError
from ostinato.data import Examples, Ragged, WrittenTexts, learn_tokenizer, named
from ostinato.nn import TokenInput
from ostinato.tasks._generator_targets import Encoded, GeneratorTargets, refuse_empty
from ostinato.training import Figures


class TextTargets(WrittenTexts, GeneratorTargets):
    """Texts as `WrittenTexts` has them."""

    @classmethod
    def learn(cls, examples: Examples, parameters: Mapping[str, Any]) -> Self:
        """The vocabulary of the texts."""
        texts = _texts(examples)
        tokenizer = learn_tokenizer(parameters["tokens"], texts, parameters["vocabulary_size"])
        return cls(tokenizer, max(len(tokenizer.encode(text)) for text in texts))

    def inputs(self, parameters: Mapping[str, Any]) -> TokenInput:
        """Ids, embedded or one-hot."""
        embedded = parameters["input"] == "embedding"
        return TokenInput(self.ids, parameters["embedding_size"] if embedded else None)

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


def _texts(examples: Examples) -> list[str]:
    """The targets, where they are texts."""
    targets = list(examples.targets or [])
    if others := [row for row, target in enumerate(targets) if not isinstance(target, str)]:
        told = (f"{examples.place(row)}: {type(targets[row]).__name__}" for row in others)
        raise InputError(f"targets must all be texts, as the first one is: {named(told)}")
    refuse_empty(examples, map(len, targets))
    return targets
