"""Copying: what was read is written again."""

import torch
from torch import Tensor, nn

OFFSETS = 4  # tokens back that are compared


class Pointer(nn.Module):
    """Says how likely each position of what was read is copied (See et al. 2017).

    Of a state h_t and the steps m_1 … m_S of a memory, at which tokens x_1 … x_S were read, position s is
    chosen in proportion to exp(h_tᵀ W m_s + Σ_n λ_n [y_{t-n} = x_{s-n}]), n from 1 to 4: it speaks for s that
    what was written last stands before s as well. Going on with a copy need not be learned. Whether to copy
    at all is said by a gate, which sees h_t, the context c_t and how much was found to agree.

    Args:
        query_size: Q, numbers in h_t.
        memory_size: M, numbers in m_s and c_t.
    """

    def __init__(self, query_size: int, memory_size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(query_size, memory_size))
        nn.init.xavier_uniform_(self.weight)
        self.agreement = nn.Parameter(torch.ones(OFFSETS))
        self.gate = nn.Linear(query_size + memory_size + OFFSETS, 1)

    def keys(self, memory: Tensor) -> Tensor:
        """W m_s of every step, (S, B, Q) of (S, B, M): to be computed once, whatever asks and how often."""
        return nn.functional.linear(memory, self.weight)

    def forward(
        self, queries: Tensor, contexts: Tensor, keys: Tensor, written: Tensor, read: Tensor, real: Tensor
    ) -> Tensor:
        """How likely each position is copied.

        Args:
            queries: (T, B, Q).
            contexts: (T, B, M).
            keys: (S, B, Q), `keys(memory)`.
            written: (3 + T, B) int64, the token before each step, and the three before the first of these.
            read: (S, B) int64, x; negative where nothing was that could be written.
            real: (S, B) of bool, which positions may be copied.

        Returns:
            (T, B, S), of each step a probability for each position; the rest to 1 is that none is copied.
        """
        agrees = self._agreeing(written, read).to(queries.dtype)
        scores = torch.bmm(queries.transpose(0, 1), keys.permute(1, 2, 0)).transpose(0, 1)
        scores = scores + agrees @ self.agreement
        # Where nothing may be copied there is still a softmax, over what the gate then shuts out.
        weights = scores.masked_fill(~real.T, torch.finfo(scores.dtype).min).softmax(-1)
        found = (weights.unsqueeze(-1) * agrees).sum(2)
        copied = torch.sigmoid(self.gate(torch.cat([queries, contexts, found], dim=-1)))
        copies: Tensor = weights * copied * real.any(0).unsqueeze(-1)
        return copies

    @staticmethod
    def _agreeing(written: Tensor, read: Tensor) -> Tensor:
        """(T, B, S, 4) of bool: whether n tokens back the same was written at t and read at s."""
        T, S = len(written) - OFFSETS + 1, len(read)
        pairs = []
        for n in range(1, OFFSETS + 1):
            before = nn.functional.pad(read, (0, 0, n, 0), value=-1)[:S].T
            pairs.append((written[OFFSETS - n :][:T].unsqueeze(-1) == before) & (before >= 0))
        return torch.stack(pairs, dim=-1)

    def extra_repr(self) -> str:
        """The sizes, for `repr`."""
        return "query_size={}, memory_size={}".format(*self.weight.shape)
