"""Stacks of layers in the three forms that must agree: torch's module, ours of `nn`, and the runtime's."""

import numpy as np
import torch

import ostinato.nn as onn
from ostinato import runtime

CELLS = ("rnn_tanh", "rnn_relu", "lstm", "gru")
LAYERS = {"rnn_tanh": onn.RNN, "rnn_relu": onn.RNN, "lstm": onn.LSTM, "gru": onn.GRU}
OURS = {"rnn_tanh": runtime.RNN, "rnn_relu": runtime.RNN, "lstm": runtime.LSTM, "gru": runtime.GRU}


def module(cell, *sizes, **options):
    """A layer of `ostinato.nn`, seeded, in evaluation."""
    torch.manual_seed(sum(sizes))
    if cell.startswith("rnn"):
        options["nonlinearity"] = cell.removeprefix("rnn_")
    return LAYERS[cell](*sizes, **options).eval()


def arrays(network):
    """Its parameters by their names."""
    return {name: p.detach().numpy() for name, p in network.named_parameters()}


def layers(cell, weights, **options):
    """The runtime's layers of these weights."""
    if cell == "rnn_relu":
        options["nonlinearity"] = "relu"
    return OURS[cell](weights, **options)


def draw(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape, np.float32)


def draw_state(stack, batch):
    return tuple(draw(*s.shape, seed=3 + k) for k, s in enumerate(stack.initial_state(batch)))


def torch_run(network, x, state=None, **options):
    """What `ostinato.nn` makes of numpy arrays: y and the state, always a tuple."""
    state = None if state is None else tuple(map(torch.from_numpy, state))
    with torch.inference_mode():
        given = state[0] if state is not None and len(state) == 1 else state
        y, final = network(torch.from_numpy(x), given, **options)
    final = final if isinstance(final, tuple) else (final,)
    return y.numpy(), tuple(s.numpy() for s in final)
