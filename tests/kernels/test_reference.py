"""The equations against torch's own layers, and their gradients against finite differences."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ostinato.kernels import reference
from ostinato.kernels.reference import Weights

KINDS = ["rnn_tanh", "rnn_relu", "lstm", "gru"]
GATES = {"rnn_tanh": 1, "rnn_relu": 1, "lstm": 4, "gru": 3}


def problem(kind, T, B, inputs, H, *, R=None, bias=True, seed=0):
    """Random input, initial state, weights, and the loss's gradients of outputs and final state."""
    rng = np.random.default_rng(seed)
    G, out = GATES[kind], R or H

    def normal(*shape):
        return rng.normal(scale=0.5, size=shape)

    biases = (normal(G * H), normal(G * H)) if bias else (None, None)
    weights = Weights(normal(G * H, inputs), normal(G * H, out), *biases, normal(R, H) if R else None)
    sizes = (out, H) if kind == "lstm" else (out,)
    state = tuple(normal(B, size) for size in sizes)
    dstate = tuple(normal(B, size) for size in sizes)
    return normal(T, B, inputs), state, weights, normal(T, B, out), dstate


def torch_layer(kind, weights):
    (GH, input_size), R = weights.w_ih.shape, weights.w_hh.shape[1]
    options = {"bias": weights.b_ih is not None, "dtype": torch.float64}
    hidden = GH // GATES[kind]
    if kind == "lstm":
        layer = nn.LSTM(input_size, hidden, proj_size=R if hidden > R else 0, **options)
    elif kind == "gru":
        layer = nn.GRU(input_size, hidden, **options)
    else:
        layer = nn.RNN(input_size, hidden, nonlinearity=kind.removeprefix("rnn_"), **options)
    for parameter, value in zip(layer.parameters(), [w for w in weights if w is not None], strict=True):
        parameter.data.copy_(torch.from_numpy(value))
    return layer


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no-bias"])
@pytest.mark.parametrize("ragged", [True, False], ids=["lengths", "dense"])
@pytest.mark.parametrize("size", [(1, 1, 1, 3), (3, 8, 17, 8), (8, 3, 33, 17), (17, 3, 3, 33)], ids=str)
@pytest.mark.parametrize("kind", [*KINDS, "lstm-projected"])
def test_equals_torch(kind, size, ragged, bias):
    kind, _, projected = kind.partition("-")
    T, B, _, H = size
    x, state, weights, dy, dstate = problem(kind, *size, R=H // 2 if projected else None, bias=bias)
    lengths = np.random.default_rng(1).integers(1, T + 1, B) if ragged else np.full(B, T)
    dy[np.arange(T)[:, None] >= lengths] = 0

    trace = reference.forward(kind, x, state, weights, lengths=lengths)
    gradients = reference.backward(trace, weights, dy, dstate)

    layer = torch_layer(kind, weights)
    tx = torch.tensor(x, requires_grad=True)
    tstate = tuple(torch.tensor(s[None], requires_grad=True) for s in state)
    packed = pack_padded_sequence(tx, lengths.tolist(), enforce_sorted=False)
    y, final = layer(packed, tstate if kind == "lstm" else tstate[0])
    y, _ = pad_packed_sequence(y, total_length=T)
    final = final if kind == "lstm" else (final,)
    torch.autograd.backward([y, *final], [torch.tensor(g) for g in (dy, *(d[None] for d in dstate))])

    close(trace.y, y)
    for ours, theirs in zip(trace.state, final, strict=True):
        close(ours, theirs[0])
    close(gradients.x, tx.grad)
    for ours, theirs in zip(gradients.state, tstate, strict=True):
        close(ours, theirs.grad[0])
    ours = [g for g in gradients.weights if g is not None]
    for mine, parameter in zip(ours, layer.parameters(), strict=True):
        close(mine, parameter.grad)


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("kind", [*KINDS, "lstm-projected"])
def test_gradients_equal_finite_differences(kind, reverse):
    kind, _, projected = kind.partition("-")
    x, state, weights, dy, dstate = problem(kind, 4, 3, 2, 3, R=2 if projected else None)
    options = {"lengths": [4, 0, 2], "reverse": reverse}

    def loss():
        trace = reference.forward(kind, x, state, weights, **options)
        finals = zip(dstate, trace.state, strict=True)
        return (dy * trace.y).sum() + sum((d * s).sum() for d, s in finals)

    trace = reference.forward(kind, x, state, weights, **options)
    gradients = reference.backward(trace, weights, dy, dstate)
    exact = [gradients.x, *gradients.state, *(g for g in gradients.weights if g is not None)]
    inputs = [x, *state, *(w for w in weights if w is not None)]
    step = 1e-6
    for value, gradient in zip(inputs, exact, strict=True):
        for where in np.ndindex(value.shape):
            kept = value[where]
            value[where] = kept + step
            above = loss()
            value[where] = kept - step
            below = loss()
            value[where] = kept
            assert gradient[where] == pytest.approx((above - below) / (2 * step), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_reverse_reads_each_row_from_its_last_real_step(kind):
    x, state, weights, _, _ = problem(kind, 8, 3, 3, 8)
    trace = reference.forward(kind, x, state, weights, lengths=[8, 3, 1], reverse=True)
    for row, length in enumerate([8, 3, 1]):
        alone = tuple(s[row : row + 1] for s in state)
        turned = reference.forward(kind, x[:length, row : row + 1][::-1], alone, weights)
        np.testing.assert_allclose(trace.y[:length, row], turned.y[::-1, 0], atol=1e-14)
        np.testing.assert_allclose(trace.state[0][row], turned.state[0][0], atol=1e-14)


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_in_the_padding_is_read(kind, reverse):
    x, state, weights, dy, dstate = problem(kind, 4, 3, 3, 8)
    lengths = np.array([2, 0, 4])
    padding = np.arange(4)[:, None] >= lengths
    clean = reference.forward(kind, x, state, weights, lengths=lengths, reverse=reverse)
    expected = reference.backward(clean, weights, dy, dstate)
    x[padding], dy[padding] = np.nan, np.nan
    trace = reference.forward(kind, x, state, weights, lengths=lengths, reverse=reverse)
    gradients = reference.backward(trace, weights, dy, dstate)

    np.testing.assert_array_equal(trace.y, clean.y)
    assert not trace.y[padding].any()
    assert not gradients.x[padding].any()
    assert not any(gate[padding].any() for gate in trace.gates.values())
    np.testing.assert_array_equal(gradients.x, expected.x)
    for ours, theirs in zip(gradients.weights, expected.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for final, initial in zip(trace.state, state, strict=True):
        np.testing.assert_array_equal(final[1], initial[1])


def test_gates_are_the_papers():
    x, state, weights, _, _ = problem("lstm", 3, 1, 3, 8)
    trace = reference.forward("lstm", x, state, weights)
    i, f, g, o, c = (trace.gates[name] for name in "ifgoc")
    np.testing.assert_allclose(c, f * trace.previous[1] + i * g)
    np.testing.assert_allclose(trace.y, o * np.tanh(c))

    x, state, weights, _, _ = problem("gru", 3, 1, 3, 8)
    trace = reference.forward("gru", x, state, weights)
    z, n = trace.gates["z"], trace.gates["n"]
    np.testing.assert_allclose(trace.y, (1 - z) * n + z * trace.previous[0])


def test_sigmoid_does_not_overflow():
    x, state, weights, _, _ = problem("gru", 3, 1, 3, 8)
    trace = reference.forward("gru", 1e4 * x, state, weights)
    assert np.isfinite(trace.y).all()


def test_kernels_do_without_torch():
    code = "import sys, ostinato.kernels.reference; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
