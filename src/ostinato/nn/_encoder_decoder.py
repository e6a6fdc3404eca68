"""The network of a translator: a sequence is read to its end, then another one is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from ostinato.nn._attention import Attention
from ostinato.nn._equations import State
from ostinato.nn._initialisation import initialise_recurrent
from ostinato.nn._lengths import real_steps
from ostinato.nn._locked_dropout import LockedDropout
from ostinato.nn._stack import build_stack, numbers_per_step, run_stack


@dataclass(frozen=True)
class Memory:
    """What an encoder keeps of B sources.

    Attributes:
        outputs: (S, B, M), at each step of the sources; zero past a source's length.
        keys: (S, B, Q), what a decoder's queries are compared with; None without attention.
        lengths: (B,) int64, of the sources.
        summary: (B, M), where reading ended in each direction.
        state: what the decoder begins in: (h,) or (h, c), each (L, B, H).
    """

    outputs: Tensor
    keys: Tensor | None
    lengths: Tensor
    summary: Tensor
    state: State

    def take(self, rows: Tensor) -> "Memory":
        """Some of the sources, (B',) int64, each as often as it is named."""
        return Memory(
            self.outputs[:, rows],
            None if self.keys is None else self.keys[:, rows],
            self.lengths[rows],
            self.summary[rows],
            tuple(s[:, rows] for s in self.state),
        )


class EncoderDecoder(nn.Module):
    """A bidirectional encoder, and a decoder that attends to what it read.

    The decoder's first layer reads the embedded target, and its states h_t are the queries of an `Attention`
    over the encoder's outputs; each layer above reads [h_t; c_t] with the context c_t, and what it makes of
    it is added to h_t, as is done between the encoder's layers (as in GNMT, Wu et al. 2016). The scores are
    W tanh(W_c [h_t; c_t]) in the end (Luong et al. 2015, eq. 5). No layer reads a later one's output of the
    step before: a whole target is one call of each layer.

    Args:
        source_ids: ids of the source are 0 to source_ids - 1.
        target_ids: K, the same of what the decoder reads and of what it gives scores for.
        embedding_size: E, numbers per token on both sides.
        cell: "rnn", "lstm" or "gru".
        hidden_size: H, of each layer, and in the encoder of each direction.
        num_layers: L, on both sides.
        attention: whether the context is that of an attention; if not, it is at every step the encoder's
            final state in both directions.
        dropout: share of the layers' outputs set to zero while training, wherever they are read: of each
            sequence the same ones at all steps.
        embedding_dropout: the same of the numbers of embedded tokens.
    """

    def __init__(
        self,
        source_ids: int,
        target_ids: int,
        *,
        embedding_size: int,
        cell: str,
        hidden_size: int,
        num_layers: int,
        attention: bool,
        dropout: float,
        embedding_dropout: float,
    ) -> None:
        super().__init__()
        E, H, M = embedding_size, hidden_size, 2 * hidden_size
        self.source_embedding = nn.Embedding(source_ids, E)
        self.target_embedding = nn.Embedding(target_ids, E)
        above = num_layers - 1
        self.encoder = _layers(cell, [E, *[M] * above], H, bidirectional=True)
        self.decoder = _layers(cell, [E, *[H + M] * above], H)
        states = 2 if cell == "lstm" else 1
        self.initial_state = nn.Linear(M, states * num_layers * H)
        self.attention = Attention(H, M) if attention else None
        self.combine = nn.Linear(H + M, H)
        self.output = nn.Linear(H, target_ids)
        self.dropout = LockedDropout(dropout)
        self.embedding_dropout = LockedDropout(embedding_dropout)

    def forward(self, source: Tensor, source_lengths: Tensor, ids: Tensor, lengths: Tensor) -> Tensor:
        """Scores of all that is to come in whole targets, each step knowing the true ones before it.

        Args:
            source: (S, B) int64, with any of the ids in the padding.
            source_lengths: (B,) int64, 1 to S.
            ids: (T, B) int64, likewise: what the decoder reads.
            lengths: (B,) int64, 1 to T.

        Returns:
            (N, K): of the real steps alone, all rows' first steps, all second ones, …
        """
        y, _, _ = self._decode(self.encode(source, source_lengths), ids, lengths, ())
        return self._scores(y[real_steps(ids, lengths)])

    def encode(self, source: Tensor, lengths: Tensor) -> Memory:
        """Read sources (S, B), of lengths (B,) int64 from 1 to S."""
        y, state = self._read(self.encoder[0], self.source_embedding, source, lengths)
        y = self.dropout(y)
        for layer in self.encoder[1:]:
            z, state = run_stack(layer, y, lengths=lengths)
            y = y + self.dropout(z)
        summary = self.dropout(torch.cat([*state[0]], dim=-1))
        keys = None if self.attention is None else self.attention.keys(y)
        return Memory(y, keys, lengths, summary, self._begin(summary))

    def decode(
        self, memory: Memory, ids: Tensor, lengths: Tensor | None = None, state: State = ()
    ) -> tuple[Tensor, State, Tensor | None]:
        """Read the next steps of targets, and tell of each what is to come after it.

        Args:
            memory: of the sources.
            ids: (T, B) int64.
            lengths: (B,) int64, 0 to T: how many steps of each row are real. Default: all.
            state: what the call before returned, or () at the beginning.

        Returns:
            Scores (T, B, K), past a row's length without meaning; each row's state after its last step, (h,)
            or (h, c), each (L, B, H); and the weight of each step of the source, (T, B, S), None without
            attention.
        """
        y, state, weights = self._decode(memory, ids, lengths, state)
        return self._scores(y), state, weights

    def _decode(
        self, memory: Memory, ids: Tensor, lengths: Tensor | None, state: State
    ) -> tuple[Tensor, State, Tensor | None]:
        """[h_t; c_t], (T, B, H + M), the layers' states and the attention's weights."""
        below, *above = zip(*(torch.split(s, 1) for s in state or memory.state), strict=True)
        h, final = self._read(self.decoder[0], self.target_embedding, ids, lengths, below)
        c, weights = self._contexts(memory, h)
        y, finals = self.dropout(torch.cat([h, c], dim=-1)), [final]
        for layer, initial in zip(self.decoder[1:], above, strict=True):
            z, final = run_stack(layer, y, initial, lengths=lengths)
            h = h + z
            y = self.dropout(torch.cat([h, c], dim=-1))
            finals.append(final)
        return y, tuple(torch.cat(states) for states in zip(*finals, strict=True)), weights

    def _scores(self, y: Tensor) -> Tensor:
        scores: Tensor = self.output(torch.tanh(self.combine(y)))
        return scores

    def _contexts(self, memory: Memory, h: Tensor) -> tuple[Tensor, Tensor | None]:
        if self.attention is None or memory.keys is None:
            return memory.summary.expand(len(h), -1, -1), None
        return self.attention(h, memory.keys, memory.outputs, memory.lengths)  # type: ignore[no-any-return]

    def _read(
        self,
        layer: nn.RNNBase,
        embedding: nn.Embedding,
        ids: Tensor,
        lengths: Tensor | None,
        state: State = (),
    ) -> tuple[Tensor, State]:
        if self.training and self.embedding_dropout.p:
            return run_stack(layer, self.embedding_dropout(embedding(ids)), state, lengths=lengths)
        # The layer reads tokens by itself: their vectors need not be built.
        return run_stack(layer, ids, state, lengths=lengths, embedding=embedding.weight)

    def _begin(self, summary: Tensor) -> State:
        """tanh(W summary + b) for each layer: (h,) or (h, c), each (L, B, H)."""
        L, H = len(self.decoder), self.output.in_features
        states = torch.tanh(self.initial_state(summary)).view(len(summary), -1, L, H)
        return tuple(s.transpose(0, 1).contiguous() for s in states.unbind(1))

    @property
    def numbers_per_step(self) -> int:
        """How many numbers a step of the source and one of the target make together."""
        features = self.combine.in_features + self.combine.out_features
        layers = sum(numbers_per_step(layer) for layer in (*self.encoder, *self.decoder))
        return layers + features + self.output.out_features


def _layers(
    cell: str, sizes: Sequence[int], hidden_size: int, *, bidirectional: bool = False
) -> Sequence[nn.RNNBase]:
    """A layer for each size of input, by themselves: one may read more than the one below gives."""
    layers = nn.ModuleList()
    for size in sizes:
        layer = build_stack(cell, size, hidden_size, 1, dropout=0.0, bidirectional=bidirectional)
        initialise_recurrent(layer, size)
        layers.append(layer)
    return cast("Sequence[nn.RNNBase]", layers)
