"""`lengths`: rows of different lengths, in any order, whose padding is never read."""

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

import ostinato.nn as onn
from ostinato import InputError
from ostinato.nn._equations import input_projection

LAYERS = {
    "rnn_tanh": lambda **options: onn.RNN(3, 8, **options),
    "rnn_relu": lambda **options: onn.RNN(3, 8, nonlinearity="relu", **options),
    "lstm": lambda **options: onn.LSTM(3, 8, **options),
    "lstm-projected": lambda **options: onn.LSTM(3, 8, proj_size=3, **options),
    "gru": lambda **options: onn.GRU(3, 8, **options),
}
DEEP = {"num_layers": 2, "bidirectional": True}
TOLERANCE = {torch.float32: {"rtol": 1e-5, "atol": 2e-5}, torch.float64: {"rtol": 1e-10, "atol": 1e-11}}


def states(final):
    return final if isinstance(final, tuple) else (final,)


def initial(layer, B, dtype):
    """A random initial state, as a tuple of leaves."""
    sizes = [layer.proj_size or layer.hidden_size, layer.hidden_size][: 2 if layer.mode == "LSTM" else 1]
    return tuple(torch.randn(4, B, size, dtype=dtype, requires_grad=True) for size in sizes)


def hx(layer, state):
    return state if layer.mode == "LSTM" else state[0]


@pytest.mark.parametrize("dtype", TOLERANCE, ids=["native", "float64"])
@pytest.mark.parametrize("garbage", [float("nan"), float("inf")], ids=str)
@pytest.mark.parametrize("batch_first", [False, True], ids=["time-first", "batch-first"])
@pytest.mark.parametrize("kind", LAYERS)
def test_padding_and_company_never_change_a_row(kind, batch_first, garbage, dtype):
    exact = {"rtol": 0, "atol": 0} if dtype == torch.float32 else {}  # the kernels' promise
    lengths = [3, 8, 0, 1, 8]
    torch.manual_seed(0)
    layer = LAYERS[kind](batch_first=batch_first, **DEEP).to(dtype)
    time = 1 if batch_first else 0
    x = torch.randn(8, 5, 3, dtype=dtype)
    x[torch.arange(8)[:, None] >= torch.tensor(lengths)] = garbage
    x = (x.transpose(0, 1) if batch_first else x).clone().requires_grad_()
    state = initial(layer, 5, dtype)
    dy = torch.randn(5, 8, layer.proj_size * 2 or 16, dtype=dtype)

    y, final = layer(x, hx(layer, state), lengths=lengths)
    rows = y if batch_first else y.transpose(0, 1)
    ((rows * dy).sum() + sum(s.sum() for s in states(final))).backward()
    together = [p.grad.clone() for p in layer.parameters()]
    layer.zero_grad()

    for row, length in enumerate(lengths):
        steps = rows[row]
        assert not steps[length:].any()
        gradient = x.grad.select(1 - time, row)
        assert not gradient[length:].any()
        if length == 0:
            for s, s_0 in zip(states(final), state, strict=True):
                assert torch.equal(s[:, row], s_0[:, row])
                assert torch.equal(s_0.grad[:, row], torch.ones_like(s_0[:, row]))
            continue
        alone = x.detach().select(1 - time, row)[:length].requires_grad_()
        own = tuple(s.detach()[:, row].requires_grad_() for s in state)
        y_alone, final_alone = layer(alone, hx(layer, own))
        ((y_alone * dy[row, :length]).sum() + sum(s.sum() for s in states(final_alone))).backward()
        torch.testing.assert_close(steps[:length], y_alone, **exact)
        torch.testing.assert_close(gradient[:length], alone.grad, **TOLERANCE[dtype])
        for s, s_alone in zip(states(final), states(final_alone), strict=True):
            torch.testing.assert_close(s[:, row], s_alone, **exact)
        for s, s_alone in zip(state, own, strict=True):
            torch.testing.assert_close(s.grad[:, row], s_alone.grad, **TOLERANCE[dtype])
    for ours, apart in zip(together, layer.parameters(), strict=True):
        torch.testing.assert_close(ours, apart.grad, **TOLERANCE[dtype])


def test_only_real_steps_reach_the_readable_arithmetic(monkeypatch):
    seen = []

    def watched(kind, x, weights):
        seen.append(len(x))
        return input_projection(kind, x, weights)

    monkeypatch.setattr("ostinato.nn._readable.input_projection", watched)
    with onn.backend("torch"):
        onn.GRU(3, 8, num_layers=2, bidirectional=True)(torch.zeros(8, 4, 3), lengths=[2, 8, 0, 1])
    assert seen == [11] * 4


@pytest.mark.parametrize("dtype", TOLERANCE, ids=["native", "float64"])
@pytest.mark.parametrize("kind", LAYERS)
def test_all_rows_empty(kind, dtype):
    layer = LAYERS[kind](**DEEP).to(dtype)
    state = initial(layer, 3, dtype)
    x = torch.full((5, 3, 3), float("nan"), dtype=dtype)
    y, final = layer(x, hx(layer, state), lengths=[0] * 3)
    assert y.shape == (5, 3, layer.proj_size * 2 or 16)
    assert not y.any()
    for s, s_0 in zip(states(final), state, strict=True):
        assert torch.equal(s, s_0)
    sum(s.sum() for s in (y, *states(final))).backward()
    assert all(torch.equal(s.grad, torch.ones_like(s)) for s in state)


@pytest.mark.parametrize("batch_first", [False, True], ids=["time-first", "batch-first"])
@pytest.mark.parametrize("kind", LAYERS)
def test_full_lengths_change_nothing(kind, batch_first):
    layer = LAYERS[kind](batch_first=batch_first)
    x = torch.randn(5, 5, 3)
    y, final = layer(x)
    y_full, final_full = layer(x, lengths=[5] * 5)
    torch.testing.assert_close(y_full, y)
    torch.testing.assert_close(final_full, final)


@pytest.mark.parametrize("x_type", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("kind", LAYERS)
def test_autocast_keeps_one_type(kind, x_type):
    layer = LAYERS[kind](bidirectional=True)
    x = torch.randn(5, 3, 3, dtype=x_type)
    with torch.autocast("cpu", torch.bfloat16):
        dense, ragged = layer(x), layer(x, lengths=[2, 5, 3])
    for one, other in zip((dense[0], *states(dense[1])), (ragged[0], *states(ragged[1])), strict=True):
        assert one.dtype == other.dtype


@pytest.mark.parametrize(
    "lengths",
    [
        [3, 0, 5],
        (3, 0, 5),
        np.array([3, 0, 5]),
        np.array([3, 0, 5], dtype=np.uint8),
        torch.tensor([3, 0, 5]),
        torch.tensor([3, 0, 5], dtype=torch.int32),
        [torch.tensor(3), np.int64(0), 5],
        range(3, 6),
    ],
    ids=["list", "tuple", "array", "uint8", "tensor", "int32", "scalars", "range"],
)
def test_any_collection_of_whole_numbers_will_do(lengths):
    layer, x = onn.GRU(3, 8), torch.randn(5, 3, 3)
    expected = layer(x, lengths=[int(n) for n in lengths])
    torch.testing.assert_close(layer(x, lengths=lengths), expected, rtol=0, atol=0)


MISTAKES = {
    "too few": ([1, 2], InputError, "2 lengths for a batch of 3"),
    "too many": ([1, 2, 3, 4], InputError, "4 lengths for a batch of 3"),
    "none": ([], InputError, "0 lengths"),
    "negative": ([1, -2, 3], InputError, "length -2 of row 1 is outside 0 to 5"),
    "too long": (torch.tensor([1, 2, 6]), InputError, "length 6 of row 2 is outside 0 to 5"),
    "one number": (3, InputError, "3, a single number"),
    "tensor of one number": (torch.tensor(3), InputError, "3, a single number"),
    "two dimensions": (np.ones((3, 1), int), InputError, "more than one dimension"),
    "nested": ([[1], [2], [3]], InputError, "more than one dimension"),
    "fractions": (torch.tensor([1.0, 2.0, 3.0]), TypeError, "length 1.0 is a float"),
    "one fraction": ([1, 2.5, 3], TypeError, "length 2.5 is a float"),
    "a tensor among them": ([1, torch.tensor(2.0), 3], TypeError, "whole number"),
    "truth values": (np.array([True, True, True]), TypeError, "length True is a bool"),
    "a truth value": ([1, True, 3], TypeError, "length True is a bool"),
    "words": (["1", "2", "3"], TypeError, "length '1' is a str"),
}


@pytest.mark.parametrize("backend", ["native", "torch"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_wrong_lengths_are_named(mistake, backend):
    lengths, error, message = MISTAKES[mistake]
    with onn.backend(backend), pytest.raises(error, match=message):
        onn.LSTM(3, 8)(torch.zeros(5, 3, 3), lengths=lengths)


def test_lengths_need_a_batch():
    with pytest.raises(InputError, match="unbatched"):
        onn.GRU(3, 8)(torch.zeros(5, 3), lengths=[5])


def test_lengths_and_packing_exclude_each_other():
    packed = pack_padded_sequence(torch.zeros(5, 2, 3), [5, 2])
    with pytest.raises(InputError, match="PackedSequence"):
        onn.GRU(3, 8)(packed, lengths=[5, 2])
