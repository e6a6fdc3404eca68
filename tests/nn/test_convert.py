"""convert and revert: the same objects, another class."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

import ostinato.nn as onn

NAMES = ["RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"]


class Model(nn.Module):
    """An encoder used twice, a cell, and layers that are not recurrent."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(5, 3)
        self.layers = nn.ModuleList([nn.LSTM(3, 8, 2), nn.Sequential(nn.Linear(8, 3), nn.ReLU())])
        self.again = self.layers[0]
        self.cell = nn.GRUCell(8, 8)

    def forward(self, ids):
        y, _ = self.layers[0](self.embed(ids))
        y, _ = self.again(self.layers[1](y))
        return self.cell(y[-1])


@pytest.mark.parametrize("name", NAMES)
def test_there_and_back(name):
    theirs, ours = getattr(nn, name), getattr(onn, name)
    module = theirs(3, 8)
    assert onn.convert(module) is module
    assert type(module) is ours
    assert type(onn.convert(module)) is ours
    assert onn.revert(module) is module
    assert type(module) is theirs


def test_a_model_keeps_its_objects_and_its_outputs():
    model = Model()
    ids = torch.randint(5, (4, 2))
    before, parameters, modules = model(ids), list(model.parameters()), list(model.modules())
    onn.convert(model)
    assert [type(model.again), type(model.cell)] == [onn.LSTM, onn.GRUCell]
    assert all(a is b for a, b in zip(model.parameters(), parameters, strict=True))
    assert all(a is b for a, b in zip(model.modules(), modules, strict=True))
    torch.testing.assert_close(model(ids), before)
    onn.revert(model)
    assert [type(model.again), type(model.cell)] == [nn.LSTM, nn.GRUCell]


def test_training_goes_on_as_with_torch():
    theirs = Model()
    ours = copy.deepcopy(theirs)
    optimizers = [torch.optim.Adam(model.parameters(), lr=0.01) for model in (theirs, ours)]
    onn.convert(ours)
    ids = torch.randint(5, (4, 2))
    for _ in range(3):
        for model, optimizer in zip((theirs, ours), optimizers, strict=True):
            optimizer.zero_grad()
            model(ids).square().sum().backward()
            optimizer.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_hooks_survive():
    calls = []
    layer = nn.GRU(3, 8)
    layer.register_forward_hook(lambda module, *_: calls.append(type(module)))
    onn.convert(layer)(torch.zeros(5, 2, 3))
    assert calls == [onn.GRU]


def test_other_peoples_subclasses_are_left_alone():
    class Mine(nn.LSTM):
        pass

    class MineOfOurs(onn.LSTM):
        pass

    model = nn.ModuleList([Mine(3, 8), MineOfOurs(3, 8)])
    onn.convert(model)
    assert type(model[0]) is Mine
    onn.revert(model)
    assert type(model[1]) is MineOfOurs


def test_parametrised_layers_are_converted():
    theirs = parametrizations.weight_norm(nn.LSTM(3, 8), "weight_hh_l0")
    ours, x = copy.deepcopy(theirs), torch.randn(5, 2, 3)
    onn.convert(ours)
    assert isinstance(ours, onn.LSTM)
    assert not isinstance(theirs, onn.LSTM)
    assert parametrize.is_parametrized(ours, "weight_hh_l0")
    torch.testing.assert_close(ours(x), theirs(x))
    ours(x)[0].sum().backward()
    assert ours.parametrizations.weight_hh_l0.original0.grad is not None

    assert isinstance(copy.deepcopy(ours), onn.LSTM)
    assert not isinstance(onn.revert(copy.deepcopy(ours)), onn.LSTM)
    parametrize.remove_parametrizations(ours, "weight_hh_l0")
    assert type(ours) is onn.LSTM
    torch.testing.assert_close(ours(x), theirs(x))


def test_a_model_without_recurrence_is_returned_as_it_was():
    model = nn.Sequential(nn.Linear(3, 8), nn.ReLU())
    assert onn.convert(model) is model
    assert [type(part) for part in model] == [nn.Linear, nn.ReLU]


@pytest.mark.parametrize("swap", [onn.convert, onn.revert])
@pytest.mark.parametrize("thing", [None, nn.LSTM, torch.zeros(3)], ids=["None", "class", "tensor"])
def test_anything_else_is_refused(swap, thing):
    with pytest.raises(TypeError, match=r"give a torch\.nn\.Module"):
        swap(thing)
