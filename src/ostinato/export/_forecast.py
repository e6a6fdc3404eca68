"""A forecaster's network: the history of a simple forecast's errors in, its correction out."""

from typing import Any

import numpy as np

from ostinato._errors import InputError
from ostinato.export._graph import BATCH, Graph
from ostinato.export._layers import array_of, linear, run_layers
from ostinato.tasks import Forecaster

LEVELS = (0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975)

_HISTORY, _HORIZON = "history", "horizon"


def forecaster(graph: Graph, model: Forecaster) -> dict[str, Any]:
    """Grow the graph of a fitted forecaster, and tell what goes with it.

    Raises:
        InputError: a single step is wanted, and each forecast reads its history anew.
    """
    if graph.step:
        raise InputError(
            "a forecaster reads its history anew for each forecast, as seen from there, and gives the whole "
            "horizon at once: no training option makes it go step by step; export it without --step"
        )
    network, encoder = model.network_, model.encoder_
    what = "how the linear model fared, newest last, as ostinato.data.forecasting makes it"
    history = graph.input("history", np.float32, [_HISTORY, BATCH, network.encoder.input_size], what)
    what = "what is known of each step to come, as ostinato.data.forecasting makes it"
    future = graph.input("future", np.float32, [_HORIZON, BATCH, network.recurrent.input_size], what)
    _, state = run_layers(graph, network.encoder, history)
    y, _ = run_layers(graph, network.recurrent, future, state=state)
    corrections = linear(graph, network.decoder, graph("Concat", y, future, axis=2))
    shift, log_scale = graph.several(2, "Split", corrections, axis=2)
    scale = graph("Exp", log_scale)
    shape = array_of(network.shape.at(LEVELS))
    quantiles = graph("Add", shift, graph("Mul", scale, shape))
    what = "how far the linear model's forecast is moved, in its standard deviations"
    graph.output(graph("Squeeze", shift, graph.ints(2)), "shift", np.float32, [_HORIZON, BATCH], what)
    what = "how many times as wide its distribution is"
    graph.output(graph("Squeeze", scale, graph.ints(2)), "scale", np.float32, [_HORIZON, BATCH], what)
    what = "at `levels`, in the linear model's standard deviations from its forecast"
    graph.output(quantiles, "quantiles", np.float32, [_HORIZON, BATCH, len(LEVELS)], what)
    return {
        "levels": list(LEVELS),
        "context": encoder.context,
        "horizon": encoder.horizon,
        "seasons": list(encoder.seasons),
        "frequency": encoder.frequency.to_json(),
        "log": encoder.log,
    }
