"""A layer that scores a whole sequence of labels, so that neighbouring labels fit together."""

import torch
from torch import Tensor, nn

from ostinato.nn._lengths import real_steps


class LinearChainCRF(nn.Module):
    """The linear-chain conditional random field of Lafferty, McCallum & Pereira (2001).

    Labels y_1 … y_T have the score
    start[y_1] + Σ_t emission_t[y_t] + Σ_t transitions[y_{t-1}, y_t] + end[y_T]
    and the probability exp(score) / Z, Z being the sum over all K^T labellings. The parameters begin at zero:
    labels are then independent of each other, each with the softmax of its emissions.

    Args:
        num_labels: K.

    In all methods `emissions` are (T, B, K), a score for each label at each step, and `lengths` (B,) int64,
    1 to T, how many steps of each row are real. Nothing past them is read.
    """

    def __init__(self, num_labels: int) -> None:
        super().__init__()
        self.start = nn.Parameter(torch.zeros(num_labels))
        self.end = nn.Parameter(torch.zeros(num_labels))
        self.transitions = nn.Parameter(torch.zeros(num_labels, num_labels))

    def loss(self, emissions: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
        """How improbable the right labels are: -log p(labels), for each row.

        Args:
            emissions: (T, B, K).
            labels: (T, B) int64, 0 to K - 1; anything past a row's length.
            lengths: (B,).

        Returns:
            (B,), in nats, of whole sequences.
        """
        return self._log_partition(emissions, lengths) - self._score(emissions, labels, lengths)

    def forward(self, emissions: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
        """As `loss`."""
        return self.loss(emissions, labels, lengths)

    @torch.no_grad()
    def decode(self, emissions: Tensor, lengths: Tensor) -> list[Tensor]:
        """The most probable labels of each row (Viterbi's algorithm).

        Returns:
            B tensors, (length of the row,) int64.
        """
        real = real_steps(emissions, lengths)
        emissions = emissions.masked_fill(~real.unsqueeze(-1), 0)
        same = torch.arange(len(self.start), device=emissions.device)
        best, came_from = self.start + emissions[0], []
        for t in range(1, len(emissions)):
            score, previous = (best.unsqueeze(-1) + self.transitions).max(dim=1)
            best = torch.where(real[t].unsqueeze(-1), score + emissions[t], best)
            # A row that has ended stays at its last label.
            came_from.append(torch.where(real[t].unsqueeze(-1), previous, same))
        labels = [(best + self.end).argmax(dim=-1)]
        for previous in reversed(came_from):
            labels.append(previous.gather(1, labels[-1].unsqueeze(-1)).squeeze(-1))
        paths = torch.stack(labels[::-1], dim=1)
        return [path[:length] for path, length in zip(paths, lengths.tolist(), strict=True)]

    @torch.inference_mode(False)
    @torch.enable_grad()
    def marginals(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """The probability of each label at each step, given the whole sequence.

        They are ∂ log Z / ∂ emissions, of which the backward pass is the backward half of the
        forward–backward algorithm (Eisner 2016).

        Returns:
            (T, B, K), zero past a row's length.
        """
        emissions = emissions.detach().clone().requires_grad_()
        (probabilities,) = torch.autograd.grad(self._log_partition(emissions, lengths).sum(), emissions)
        return probabilities

    def _score(self, emissions: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
        """The score of these labels, (B,)."""
        real = real_steps(emissions, lengths)
        labels = labels.masked_fill(~real, 0)
        at_steps = emissions.gather(-1, labels.unsqueeze(-1)).squeeze(-1).masked_fill(~real, 0).sum(0)
        between = self.transitions[labels[:-1], labels[1:]].masked_fill(~real[1:], 0).sum(0)
        last = labels.gather(0, (lengths.to(labels.device) - 1).unsqueeze(0)).squeeze(0)
        return self.start[labels[0]] + at_steps + between + self.end[last]

    def _log_partition(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """The logarithm of Z, (B,), by the forward algorithm."""
        real = real_steps(emissions, lengths).unsqueeze(-1)
        # Unbound, for the gradient of each emissions[t] would be an array of all T steps.
        first, *others = emissions.masked_fill(~real, 0).unbind()
        # alpha[b, j]: log of the sum over all labellings of the steps so far that end in j.
        alpha = self.start + first
        for t, emission in enumerate(others, start=1):
            reached = torch.logsumexp(alpha.unsqueeze(-1) + self.transitions, dim=1)
            alpha = torch.where(real[t], reached + emission, alpha)
        return torch.logsumexp(alpha + self.end, dim=-1)
