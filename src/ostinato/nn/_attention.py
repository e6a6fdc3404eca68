"""Attention: at each step of one sequence a mean of another one's steps, weighted by how well they match."""

import torch
from torch import Tensor, nn

from ostinato.nn._lengths import real_steps


class Attention(nn.Module):
    """The general attention of Luong et al. (2015).

    Of a query h_t and the steps m_1 … m_S of a memory: score(h_t, m_s) = h_tᵀ W m_s; α_t = softmax of the
    scores over s; the context is c_t = Σ_s α_ts m_s.

    Args:
        query_size: Q, numbers in a query.
        memory_size: M, numbers in a step of the memory.
    """

    def __init__(self, query_size: int, memory_size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(query_size, memory_size))
        nn.init.xavier_uniform_(self.weight)

    def keys(self, memory: Tensor) -> Tensor:
        """W m_s of every step, (S, B, Q) of (S, B, M): to be computed once, whatever asks and how often."""
        return nn.functional.linear(memory, self.weight)

    def forward(
        self, queries: Tensor, keys: Tensor, memory: Tensor, lengths: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Ask, and be given a context for each question.

        Args:
            queries: (T, B, Q).
            keys: (S, B, Q), `keys(memory)`.
            memory: (S, B, M), all numbers finite, also in the padding.
            lengths: (B,) int64, 1 to S: how many steps of each memory are real.

        Returns:
            Contexts (T, B, M), and weights α (T, B, S), which are 0 past a memory's length.
        """
        scores = torch.bmm(queries.transpose(0, 1), keys.permute(1, 2, 0))  # (B, T, S)
        real = real_steps(memory, lengths).T.unsqueeze(1)
        weights = scores.masked_fill(~real, -torch.inf).softmax(-1)
        contexts = torch.bmm(weights, memory.transpose(0, 1))
        return contexts.transpose(0, 1), weights.transpose(0, 1)

    def extra_repr(self) -> str:
        """The sizes, for `repr`."""
        return "query_size={}, memory_size={}".format(*self.weight.shape)
