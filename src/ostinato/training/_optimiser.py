"""AdamW (Loshchilov & Hutter 2019) with the decay where it belongs."""

import torch
from torch import nn


def adamw(module: nn.Module, learning_rate: float, weight_decay: float) -> torch.optim.AdamW:
    """AdamW over all parameters that are trained; matrices decay, biases and other vectors do not."""
    trained = [p for p in module.parameters() if p.requires_grad]
    matrices = [p for p in trained if p.dim() >= 2]
    vectors = [p for p in trained if p.dim() < 2]
    groups = [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([g for g in groups if g["params"]], lr=learning_rate, fused=True)


def set_learning_rate(optimiser: torch.optim.Optimizer, learning_rate: float) -> None:
    """Use this learning rate from the next step on."""
    for group in optimiser.param_groups:
        group["lr"] = learning_rate


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """The optimiser's memory as named tensors, `<parameter>.<name>`; `restore_optimiser` is the inverse."""
    memory = optimiser.state_dict()["state"]
    return {f"{index}.{name}": value for index, entry in memory.items() for name, value in entry.items()}


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, torch.Tensor]) -> None:
    """Give an optimiser copies of what `optimiser_tensors` took from one over the same parameters.

    Raises:
        ValueError: a tensor is missing, is not known or has another shape than its parameter.
    """
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    memory: dict[int, dict[str, torch.Tensor]] = {}
    for index, parameter in enumerate(parameters):
        shapes = {"step": torch.Size(), "exp_avg": parameter.shape, "exp_avg_sq": parameter.shape}
        found = {name: tensors[f"{index}.{name}"] for name in shapes if f"{index}.{name}" in tensors}
        if not found:
            continue  # it has not had a gradient yet
        if {name: tensor.shape for name, tensor in found.items()} != shapes:
            raise ValueError(f"the optimiser's tensors of parameter {index} are not those of this module")
        memory[index] = {name: tensor.clone() for name, tensor in found.items()}
    if sum(map(len, memory.values())) != len(tensors):
        raise ValueError("the optimiser's tensors are of a module with other parameters")
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": memory, "param_groups": groups})
