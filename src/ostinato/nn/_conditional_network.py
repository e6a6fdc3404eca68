"""The network of a generator: what came so far and what was asked for in, the next step's numbers out."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ostinato.nn._equations import State
from ostinato.nn._initialisation import initialise_recurrent, spread_inputs
from ostinato.nn._inputs import TokenInput, VectorInput, build_embedding
from ostinato.nn._one_hot import one_hot
from ostinato.nn._stack import build_stack, numbers_per_step, run_stack


@dataclass(frozen=True)
class ClassCondition:
    """One of so many classes or words, given by its id, (B,) int64."""

    num_classes: int


@dataclass(frozen=True)
class VectorCondition:
    """So many numbers, (B, size), each scaled to a standard deviation of about 1."""

    size: int


class ConditionalNetwork(nn.Module):
    """Input and condition → recurrent layers → dropout → a linear layer.

    The condition is made a vector c, an embedding of a class or tanh(W x + b) of numbers. It is joined to the
    input of every step, so that it cannot be forgotten on the way, and the layers begin in the state
    tanh(W c + b).

    Args:
        inputs: what a step is: `TokenInput` or `VectorInput`.
        condition: what is asked for: `ClassCondition` or `VectorCondition`.
        outputs: K, numbers per step: scores of tokens, or a distribution's parameters.
        cell: "rnn", "lstm" or "gru".
        hidden_size: H, of each layer.
        num_layers: L, recurrent layers.
        condition_size: C, numbers in c.
        dropout: share of the recurrent layers' outputs set to zero while training, between layers and before
            the last, linear one.
        embedding_dropout: share of the numbers of embedded tokens set to zero while training.
    """

    def __init__(
        self,
        inputs: TokenInput | VectorInput,
        condition: ClassCondition | VectorCondition,
        outputs: int,
        *,
        cell: str,
        hidden_size: int,
        num_layers: int,
        condition_size: int,
        dropout: float,
        embedding_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.inputs = inputs
        self.encoder = build_embedding(inputs)
        self.condition_encoder = _build_condition_encoder(condition, condition_size)
        states = 2 if cell == "lstm" else 1
        self.initial_state = nn.Linear(condition_size, states * num_layers * hidden_size)
        self.recurrent = build_stack(
            cell, inputs.features + condition_size, hidden_size, num_layers, dropout=dropout
        )
        self.dropout = nn.Dropout(dropout)
        self.embedding_dropout = nn.Dropout(embedding_dropout)
        self.decoder = nn.Linear(hidden_size, outputs)
        initialise_recurrent(self.recurrent, inputs.fan_in)
        # By itself, so that it does not drown a one-hot input.
        w_ih = self.recurrent.all_weights[0][0]
        spread_inputs(w_ih[:, inputs.features :], condition_size)

    def forward(
        self, x: Tensor, condition: Tensor, lengths: Tensor | None = None, state: State = ()
    ) -> tuple[Tensor, State]:
        """Read steps, and tell of each what is to come after it.

        Args:
            x: (T, B) int64, with any of the ids in the padding; or (T, B, D).
            condition: (B,) int64 or (B, D'), the same at every call over a sequence.
            lengths: (B,) int64, 0 to T: how many steps of each row are real. Default: all.
            state: what an earlier call returned, or () at the beginning.

        Returns:
            (T, B, K), past a row's length without meaning; and each row's state after its last step: (h,) or
            (h, c), each (L, B, H).
        """
        c = self.condition_encoder(condition)
        steps = torch.cat([self._vectors(x), c.expand(len(x), -1, -1)], dim=-1)
        y, state = run_stack(self.recurrent, steps, state or self._begin(c), lengths=lengths)
        return self.decoder(self.dropout(y)), state

    def start(self, condition: Tensor) -> State:
        """The state that sequences begin in: (h,) or (h, c), each (L, B, H)."""
        return self._begin(self.condition_encoder(condition))

    def _begin(self, c: Tensor) -> State:
        L, H = self.recurrent.num_layers, self.recurrent.hidden_size
        states = torch.tanh(self.initial_state(c)).view(len(c), -1, L, H)
        return tuple(s.transpose(0, 1).contiguous() for s in states.unbind(1))

    def _vectors(self, x: Tensor) -> Tensor:
        if self.encoder is not None:
            vectors: Tensor = self.embedding_dropout(self.encoder(x))
            return vectors
        if isinstance(self.inputs, TokenInput):
            return one_hot(x, self.inputs.vocabulary_size, self.decoder.weight.dtype)
        return x

    @property
    def numbers_per_step(self) -> int:
        """How many numbers a step makes: its input, each layer's gates and output, its outputs."""
        return numbers_per_step(self.recurrent) + self.decoder.out_features


def _build_condition_encoder(condition: ClassCondition | VectorCondition, size: int) -> nn.Module:
    if isinstance(condition, ClassCondition):
        return nn.Embedding(condition.num_classes, size)
    return nn.Sequential(nn.Linear(condition.size, size), nn.Tanh())
