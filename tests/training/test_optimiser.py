import pytest
import torch
from torch import nn

from ostinato.training._optimiser import adamw, optimiser_tensors, restore_optimiser, set_learning_rate


def stepped(steps: int, seed: int = 0) -> tuple[nn.Module, torch.optim.AdamW]:
    torch.manual_seed(seed)
    module = nn.GRU(3, 5)
    optimiser = adamw(module, 0.01, 0.1)
    for _ in range(steps):
        step(module, optimiser)
    return module, optimiser


def step(module: nn.Module, optimiser: torch.optim.AdamW) -> None:
    optimiser.zero_grad()
    torch.autograd.backward(module(torch.ones(4, 2, 3))[0].square().sum())
    optimiser.step()


def test_matrices_decay_and_vectors_do_not():
    module = nn.Sequential(nn.Embedding(3, 4), nn.GRU(4, 5), nn.LayerNorm(5))
    optimiser = adamw(module, 0.01, 0.1)
    decay = {id(p): group["weight_decay"] for group in optimiser.param_groups for p in group["params"]}
    assert decay == {id(p): 0.1 if p.dim() == 2 else 0.0 for p in module.parameters()}


def test_a_module_of_vectors_only():
    assert len(adamw(nn.LayerNorm(3), 0.01, 0.1).param_groups) == 1


def test_frozen_parameters_are_left_out():
    module = nn.Linear(2, 3)
    module.weight.requires_grad_(False)
    (group,) = adamw(module, 0.01, 0.1).param_groups
    assert group["params"] == [module.bias]


def test_the_learning_rate_is_that_of_all_groups():
    _, optimiser = stepped(0)
    set_learning_rate(optimiser, 0.5)
    assert [group["lr"] for group in optimiser.param_groups] == [0.5, 0.5]


def test_an_optimiser_restored_goes_on_to_the_bit():
    module, optimiser = stepped(3)
    again, restored = stepped(0, seed=1)
    again.load_state_dict(module.state_dict())
    restore_optimiser(restored, optimiser_tensors(optimiser))
    for _ in range(3):
        step(module, optimiser)
        step(again, restored)
    assert all(torch.equal(a, b) for a, b in zip(module.parameters(), again.parameters(), strict=True))


def test_a_restored_optimiser_shares_no_memory():
    _, optimiser = stepped(1)
    before = {name: tensor.clone() for name, tensor in optimiser_tensors(optimiser).items()}
    module, restored = stepped(0)
    restore_optimiser(restored, optimiser_tensors(optimiser))
    step(module, restored)
    assert all(torch.equal(before[name], t) for name, t in optimiser_tensors(optimiser).items())


def test_before_the_first_step_there_is_nothing_to_keep():
    _, optimiser = stepped(0)
    assert optimiser_tensors(optimiser) == {}
    restore_optimiser(optimiser, {})
    assert optimiser_tensors(optimiser) == {}


def test_a_parameter_that_had_no_gradient_yet_is_no_fault():
    _module, optimiser = stepped(1)
    tensors = {name: t for name, t in optimiser_tensors(optimiser).items() if not name.startswith("0.")}
    _, restored = stepped(0)
    restore_optimiser(restored, tensors)
    assert optimiser_tensors(restored).keys() == tensors.keys()


@pytest.mark.parametrize(
    "change",
    [
        lambda tensors: tensors.update({"0.exp_avg": torch.zeros(2, 2)}),
        lambda tensors: tensors.update({"0.step": torch.zeros(3)}),
        lambda tensors: tensors.pop("1.exp_avg_sq"),
        lambda tensors: tensors.update({"9.step": torch.zeros(())}),
        lambda tensors: tensors.update({"0.other": torch.zeros(())}),
        lambda tensors: tensors.update({"-1.step": torch.zeros(())}),
    ],
    ids=[
        "another shape",
        "a step that is a vector",
        "a part missing",
        "a parameter too many",
        "a strange name",
        "a negative index",
    ],
)
def test_the_memory_of_another_module_is_refused(change):
    _, optimiser = stepped(1)
    tensors = optimiser_tensors(optimiser)
    change(tensors)
    with pytest.raises(ValueError, match="the optimiser's tensors"):
        restore_optimiser(stepped(0)[1], tensors)
