"""Small forecasters of `tasks`, which those of the runtime must agree with."""

import numpy as np
import pytest

from ostinato import Forecaster

from ..panels import panel, series, wave

H = 4


def fitted(whole, **parameters):
    """Hardly trained, but with corrections that are not 0."""
    small = {"horizon": H, "hidden_size": 6, "epochs": 1, "batch_size": 16, "threads": 1, **parameters}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ostinato.tasks._forecast_objective._STEPS_PER_EPOCH", 2)
        model = Forecaster(**small).fit(whole)
    rng = np.random.default_rng(0)
    for tensor in (model.network_.decoder.weight, *model.network_.shape.parameters()):
        tensor.data += type(tensor.data)(rng.normal(scale=0.1, size=tensor.shape).astype(np.float32))
    return model


def covered(T, ahead=H, seed=0):
    """A series with two known covariates and one of the past, some of them missing."""
    rng = np.random.default_rng(seed)
    known, past = rng.normal(size=(199, 2))[: T + ahead], rng.normal(size=(199, 1))[:T]
    values = wave(T) + known[:T, 0]
    past[7::9] = np.nan
    return panel(series(values, known=known, past=past))
