"""The network of a translator: a sequence is read to its end, then another one is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from ostinato.nn._attention import Attention
from ostinato.nn._equations import State
from ostinato.nn._initialisation import initialise_recurrent
from ostinato.nn._lengths import real_steps
from ostinato.nn._locked_dropout import LockedDropout
from ostinato.nn._pointer import OFFSETS, Pointer
from ostinato.nn._stack import build_stack, numbers_per_step, run_stack

_LEAST = 1e-12  # probability


@dataclass(frozen=True)
class DecoderState:
    """What a decoder goes on from.

    Attributes:
        layers: (h,) or (h, c), each (L, B, H).
        written: (3, B) int64, what was read before the last token; -1 where nothing was.
    """

    layers: State
    written: Tensor

    def take(self, rows: Tensor) -> "DecoderState":
        """Some of the rows, (B',) int64, each as often as it is named."""
        return DecoderState(tuple(s[:, rows] for s in self.layers), self.written[:, rows])


@dataclass(frozen=True)
class Memory:
    """What an encoder keeps of B sources.

    Attributes:
        outputs: (S, B, M), at each step of the sources; zero past a source's length.
        keys: (S, B, Q) what an attention's queries are compared with, and the same of a pointer's; none
            without attention.
        read: (S, B) int64, ids of the target where such were read, else negative.
        lengths: (B,) int64, of the sources.
        summary: (B, M), where reading ended in each direction.
        state: what the decoder begins in.
    """

    outputs: Tensor
    keys: tuple[Tensor, ...]
    read: Tensor
    lengths: Tensor
    summary: Tensor
    state: DecoderState

    def take(self, rows: Tensor) -> "Memory":
        """Some of the sources, (B',) int64, each as often as it is named."""
        return Memory(
            self.outputs[:, rows],
            tuple(keys[:, rows] for keys in self.keys),
            self.read[:, rows],
            self.lengths[rows],
            self.summary[rows],
            self.state.take(rows),
        )


class _Decoded(NamedTuple):
    features: Tensor
    """(T, B, H + M), [h_t; c_t]."""
    state: DecoderState
    weights: Tensor | None = None
    """(T, B, S), the attention's."""
    copies: Tensor | None = None
    """(T, B, S), the pointer's."""


class EncoderDecoder(nn.Module):
    """A bidirectional encoder, and a decoder that attends to what it read and copies of it.

    The decoder's first layer reads the embedded target, and its states h_t are the queries of an `Attention`
    over the encoder's outputs; each layer above reads [h_t; c_t] with the context c_t, and what it makes of
    it is added to h_t, as is done between the encoder's layers (as in GNMT, Wu et al. 2016). In the end the
    scores are E tanh(W_c [h_t; c_t]) (Luong et al. 2015, eq. 5), where E are the embeddings (Press & Wolf
    2017), and a `Pointer` copies. No layer reads a later one's output of the step before: a whole target is
    one call of each layer.

    Args:
        source_ids: ids that only a source has, the first ones.
        target_ids: K, ids that come next, of a target; a source may have them too, and they may be copied of
            it. In a target they count from 0; the last one is its beginning.
        marks: ids that come last, of a source alone; what may be copied begins after one.
        embedding_size: E, numbers per token.
        cell: "rnn", "lstm" or "gru".
        hidden_size: H, of each layer, and in the encoder of each direction.
        num_layers: L, on both sides.
        attention: whether the context is that of an attention, and whether anything is copied; if not, the
            context is at every step the encoder's final state in both directions.
        dropout: share of the layers' outputs set to zero while training, wherever they are read: of each
            sequence the same ones at all steps.
        embedding_dropout: the same of the numbers of embedded tokens.
    """

    def __init__(
        self,
        source_ids: int,
        target_ids: int,
        marks: int = 0,
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
        self.source_ids, self.target_ids = source_ids, target_ids
        self.embedding = nn.Embedding(source_ids + target_ids + marks, E)
        nn.init.normal_(self.embedding.weight, std=E**-0.5)
        above = num_layers - 1
        self.encoder = _layers(cell, [E, *[M] * above], H, bidirectional=True)
        self.decoder = _layers(cell, [E, *[H + M] * above], H)
        states = 2 if cell == "lstm" else 1
        self.initial_state = nn.Linear(M, states * num_layers * H)
        self.attention = Attention(H, M) if attention else None
        self.pointer = Pointer(H, M) if attention else None
        self.combine = nn.Linear(H + M, E)
        self.bias = nn.Parameter(torch.zeros(target_ids))
        self.dropout = LockedDropout(dropout)
        self.embedding_dropout = LockedDropout(embedding_dropout)

    def forward(
        self, source: Tensor, source_lengths: Tensor, ids: Tensor, lengths: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """How likely all is that may come in whole targets, each step knowing the true ones before it.

        Args:
            source: (S, B) int64, with any of the ids in the padding.
            source_lengths: (B,) int64, 1 to S.
            ids: (T, B) int64, likewise: what the decoder reads.
            lengths: (B,) int64, 1 to T.

        Returns:
            Of the real steps alone, all rows' first ones, all second ones, …: log-probabilities (N, K); and
            the weight of each step of the source, (N, S), None without attention.
        """
        memory, real = self.encode(source, source_lengths), real_steps(ids, lengths)
        decoded = self._decode(memory, ids, lengths)
        weights = None if decoded.weights is None else decoded.weights[real]
        return self._log_probs(decoded, memory, real), weights

    def encode(self, source: Tensor, lengths: Tensor) -> Memory:
        """Read sources (S, B), of lengths (B,) int64 from 1 to S."""
        y, state = self._read(self.encoder[0], source, lengths)
        y = self.dropout(y)
        for layer in self.encoder[1:]:
            z, state = run_stack(layer, y, lengths=lengths)
            y = y + self.dropout(z)
        summary = self.dropout(torch.cat([*state[0]], dim=-1))
        read = (source - self.source_ids).masked_fill(~real_steps(source, lengths), -1)
        read = read.clamp_max(
            self.target_ids - 1
        )  # what comes after a mark is what comes after the beginning
        nothing = read.new_full((OFFSETS - 1, len(lengths)), -1)
        asked = [module for module in (self.attention, self.pointer) if module is not None]
        return Memory(
            y,
            tuple(module.keys(y) for module in asked),
            read,
            lengths,
            summary,
            DecoderState(self._begin(summary), nothing),
        )

    def decode(
        self,
        memory: Memory,
        ids: Tensor,
        lengths: Tensor | None = None,
        state: DecoderState | None = None,
    ) -> tuple[Tensor, DecoderState, Tensor | None]:
        """Read the next steps of targets, and tell of each how likely all is that may come after it.

        Args:
            memory: of the sources.
            ids: (T, B) int64.
            lengths: (B,) int64, 0 to T: how many steps of each row are real. Default: all.
            state: what the call before returned. Default: the memory's, to begin with.

        Returns:
            Log-probabilities (T, B, K), past a row's length without meaning; each row's state after its last
            step; and the weight of each step of the source, (T, B, S), None without attention.
        """
        decoded = self._decode(memory, ids, lengths, state)
        log_probs = self._log_probs(decoded, memory, torch.ones_like(ids, dtype=torch.bool))
        return log_probs.view(*ids.shape, -1), decoded.state, decoded.weights

    def _decode(
        self, memory: Memory, ids: Tensor, lengths: Tensor | None, state: DecoderState | None = None
    ) -> _Decoded:
        state = state or memory.state
        below, *above = zip(*(torch.split(s, 1) for s in state.layers), strict=True)
        h, final = self._read(self.decoder[0], ids + self.source_ids, lengths, below)
        c, weights = self._context(memory, h)
        y, finals = self.dropout(torch.cat([h, c], dim=-1)), [final]
        for layer, initial in zip(self.decoder[1:], above, strict=True):
            z, final = run_stack(layer, y, initial, lengths=lengths)
            h = h + z
            y = self.dropout(torch.cat([h, c], dim=-1))
            finals.append(final)
        layers = tuple(torch.cat(states) for states in zip(*finals, strict=True))
        written = torch.cat([state.written, ids])
        copies = self._copies(memory, h, c, written)
        return _Decoded(y, DecoderState(layers, written[len(ids) :]), weights, copies)

    def _log_probs(self, decoded: _Decoded, memory: Memory, real: Tensor) -> Tensor:
        """(N, K) at the real ones (T, B) of steps."""
        E = self.embedding.weight[self.source_ids : self.source_ids + self.target_ids]
        features = torch.tanh(self.combine(decoded.features[real]))
        scores = nn.functional.linear(features, E, self.bias)
        if decoded.copies is None:
            return scores.log_softmax(-1)
        copies = decoded.copies[real]
        tokens = memory.read.clamp_min(0).T.expand(len(real), -1, -1)[real]
        probs = scores.softmax(-1) * (1 - copies.sum(-1, keepdim=True))
        return probs.scatter_add(1, tokens, copies).clamp_min(_LEAST).log()

    def _context(self, memory: Memory, h: Tensor) -> tuple[Tensor, Tensor | None]:
        if self.attention is None:
            return memory.summary.expand(len(h), -1, -1), None
        return self.attention(h, memory.keys[0], memory.outputs, memory.lengths)  # type: ignore[no-any-return]

    def _copies(self, memory: Memory, h: Tensor, c: Tensor, written: Tensor) -> Tensor | None:
        if self.pointer is None:
            return None
        real = (memory.read >= 0) & (memory.read < self.target_ids - 1)
        copies: Tensor = self.pointer(h, c, memory.keys[1], written, memory.read, real)
        return copies

    def _read(
        self, layer: nn.RNNBase, ids: Tensor, lengths: Tensor | None, state: State = ()
    ) -> tuple[Tensor, State]:
        table = self.embedding.weight * self.embedding.embedding_dim**0.5
        if self.training and self.embedding_dropout.p:
            vectors = self.embedding_dropout(nn.functional.embedding(ids, table))
            return run_stack(layer, vectors, state, lengths=lengths)
        # The layer reads tokens by itself: their vectors need not be built.
        return run_stack(layer, ids, state, lengths=lengths, embedding=table)

    def _begin(self, summary: Tensor) -> State:
        """tanh(W summary + b) for each layer: (h,) or (h, c), each (L, B, H)."""
        L, H = len(self.decoder), self.decoder[0].hidden_size
        states = torch.tanh(self.initial_state(summary)).view(len(summary), -1, L, H)
        return tuple(s.transpose(0, 1).contiguous() for s in states.unbind(1))

    @property
    def numbers_per_step(self) -> int:
        """How many numbers a step of the source and one of the target make together."""
        features = self.combine.in_features + self.combine.out_features
        layers = sum(numbers_per_step(layer) for layer in (*self.encoder, *self.decoder))
        return layers + features + self.target_ids


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
