"""A generator writes: each step drawn from what the network says of it, then read as the next input."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ostinato._errors import InputError
from ostinato.data import Ragged
from ostinato.nn import ConditionalNetwork
from ostinato.tasks._generator_targets import Drawing, GeneratorTargets
from ostinato.tasks._sampling import check_sampling, seeded

_SIDE_BY_SIDE = 2048  # sequences


def write_sequences(
    network: ConditionalNetwork,
    targets: GeneratorTargets,
    conditions: NDArray[Any],
    *,
    length: int | None,
    **options: Any,
) -> list[Any]:
    """A sequence for each condition, as `GeneratorTargets.decode` gives it.

    Args:
        network: trained.
        targets: what its outputs mean.
        conditions: (n,) int64 or (n, D) float32.
        length: steps at most; None: half as many again as the longest sequence in training had.
        options: temperature, top_k, top_p and seed.

    Raises:
        InputError: an option is out of its range, or the network's outputs are not finite.
    """
    length = targets.longest + -(-targets.longest // 2) if length is None else length
    options = check_sampling(length=length, **options)
    generator = seeded(options["seed"])
    network.eval()
    written: list[Any] = []
    for begin in range(0, len(conditions), _SIDE_BY_SIDE):
        batch = torch.from_numpy(conditions[begin : begin + _SIDE_BY_SIDE]).to(network.decoder.weight.device)
        drawing = targets.drawing(len(batch), options, generator)
        written += map(targets.decode, _write(network, targets, batch, drawing, options["length"]))
    return written


@torch.no_grad()
def _write(
    network: ConditionalNetwork, targets: GeneratorTargets, conditions: Tensor, drawing: Drawing, length: int
) -> Ragged:
    """The steps of a sequence for each condition (B, …); those that have ended are read no further."""
    count = len(conditions)
    begin = torch.from_numpy(targets.begin)
    x = begin.expand(count, *begin.shape)
    rows, state = torch.arange(count), network.start(conditions)
    steps, owners = [x[:0]], [rows[:0]]
    for index in range(length):
        outputs, state = network(targets.read(x[None], index).to(conditions.device), conditions, state=state)
        if not outputs.isfinite().all():
            raise InputError(
                "the model's outputs are not all finite: its weights are of no use, train it again"
            )
        x, ended = drawing(outputs[0].cpu(), first=index == 0)
        if ended.any():
            going = (~ended).nonzero()[:, 0]
            drawing.keep(going)
            x, rows = x[going], rows[going]
            conditions = conditions[going]
            state = tuple(s[:, going] for s in state)
        if not len(rows):
            break
        steps.append(x)
        owners.append(rows)
    return _by_owner(torch.cat(steps), torch.cat(owners), count)


def _by_owner(steps: Tensor, owners: Tensor, count: int) -> Ragged:
    """Sequence by sequence the steps (N, …) that belong to it, by owner (N,), in their order."""
    offsets = np.concatenate([[0], np.cumsum(np.bincount(owners.numpy(), minlength=count))])
    return Ragged(steps[owners.argsort(stable=True)].numpy(), offsets)
