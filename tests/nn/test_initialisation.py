"""What recurrent layers begin with."""

import pytest
import torch

from ostinato.nn import LAYERS
from ostinato.nn._initialisation import initialise_recurrent


@pytest.mark.parametrize("hidden_size", [1, 3, 8, 17])
@pytest.mark.parametrize("cell", LAYERS)
def test_recurrences_begin_orthogonal_in_both_directions(cell, hidden_size):
    layers = LAYERS[cell](3, hidden_size, num_layers=2, bidirectional=True)
    initialise_recurrent(layers, 3)
    recurrences = [p for name, p in layers.named_parameters() if name.startswith("weight_hh")]
    assert len(recurrences) == 4
    for weights in recurrences:
        for block in weights.detach().split(hidden_size):
            torch.testing.assert_close(block @ block.T, torch.eye(hidden_size), atol=1e-5, rtol=0)


@pytest.mark.parametrize("size", [3, 300])
@pytest.mark.parametrize("hidden_size", [17, 128])
def test_what_an_input_adds_to_a_gate_begins_with_the_same_spread_whatever_the_sizes(size, hidden_size):
    torch.manual_seed(0)
    layers = LAYERS["lstm"](size, hidden_size, bidirectional=True)
    initialise_recurrent(layers, size)
    x = torch.randn(1000, size)
    for weight in (layers.weight_ih_l0, layers.weight_ih_l0_reverse):
        assert (x @ weight.T).std().item() == pytest.approx(0.8, rel=0.2)


def test_layers_above_the_first_begin_as_torchs():
    torch.manual_seed(0)
    layers = LAYERS["lstm"](3, 16, num_layers=2)
    before = layers.weight_ih_l1.detach().clone()
    initialise_recurrent(layers, 3)
    assert torch.equal(layers.weight_ih_l1, before)
