"""A forecaster's graph gives what its network gives."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from ostinato import Forecaster, InputError
from ostinato.data import Frequency
from ostinato.export._forecast import LEVELS
from ostinato.nn import LAYERS, ForecastNetwork

from .conftest import CLOSE, Running, shaken


def forecaster(cell, shape="quantiles"):
    model = Forecaster(cell=cell)
    model.encoder_ = SimpleNamespace(
        context=6, horizon=3, seasons=(7,), frequency=Frequency("day"), log=False
    )
    network = ForecastNetwork(4, 3, shape=shape, cell=cell, hidden_size=5, num_layers=2, dropout=0.5)
    model.network_ = shaken(network)
    return model


@pytest.mark.parametrize("shape", ["quantiles", "student-t"])
@pytest.mark.parametrize("cell", LAYERS)
def test_any_batch(cell, shape, numbers):
    model = forecaster(cell, shape)
    run = Running(model)
    for C, H, B in [(1, 1, 1), (8, 3, 4), (5, 6, 2)]:
        history = numbers.normal(size=(C, B, 4)).astype(np.float32)
        future = numbers.normal(size=(H, B, 3)).astype(np.float32)
        with torch.no_grad():
            shift, log_scale = model.network_(torch.from_numpy(history), torch.from_numpy(future)).unbind(-1)
            quantiles = shift[..., None] + log_scale.exp()[..., None] * model.network_.shape.at(LEVELS)
        results = run(history=history, future=future)
        np.testing.assert_allclose(results["shift"], shift.numpy(), **CLOSE)
        np.testing.assert_allclose(results["scale"], log_scale.exp().numpy(), **CLOSE)
        np.testing.assert_allclose(results["quantiles"], quantiles.numpy(), **CLOSE)


def test_a_step_is_refused():
    with pytest.raises(InputError, match="reads its history anew"):
        Running(forecaster("gru"), step=True)
