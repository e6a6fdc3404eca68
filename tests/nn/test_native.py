"""Tensors reach the kernels by two roads, read where they lie or as numpy arrays: the bits are the same."""

import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import ostinato.nn as onn
from ostinato import InputError, kernels
from ostinato.nn import _native

pytestmark = pytest.mark.skipif(
    not hasattr(torch.Tensor, "__dlpack_c_exchange_api__"), reason="this torch hands no tensors over"
)

LAYERS = {
    "rnn_tanh": lambda **options: onn.RNN(3, 8, **options),
    "rnn_relu": lambda **options: onn.RNN(3, 8, nonlinearity="relu", bias=False, **options),
    "lstm": lambda **options: onn.LSTM(3, 8, **options),
    "lstm-projected": lambda **options: onn.LSTM(3, 8, proj_size=5, **options),
    "lstm-projected, no biases": lambda **options: onn.LSTM(3, 8, proj_size=5, bias=False, **options),
    "gru": lambda **options: onn.GRU(3, 8, **options),
}
OPTIONS = [{}, {"bidirectional": True, "num_layers": 2}, {"batch_first": True}]


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.fixture
def roads(monkeypatch):
    """Which road each pass took: True for tensors that were read where they lie."""
    taken = []

    def watch(name):
        run = getattr(kernels, name)

        def watched(*arguments):
            taken.append(run(*arguments))
            return taken[-1]

        monkeypatch.setattr(kernels, name, watched)

    watch("forward_tensors")
    watch("backward_tensors")
    return taken


@pytest.fixture
def arrays(monkeypatch):
    """Call to go by numpy arrays from now on."""
    return lambda: monkeypatch.setattr(_native, "_INTERFACE", None)


def given(form, layer):
    """The input, and the layer's other arguments."""
    T, B = (4, 6) if layer.batch_first else (6, 4)
    x = torch.randn(T, B, 3, requires_grad=True)
    if form == "lengths":
        return x, {"lengths": torch.tensor([3, 0, 6, 1])}
    if form == "packed":
        packed = pack_padded_sequence(
            x, [6, 4, 4, 1], batch_first=layer.batch_first
        )  # its data have no gradient of their own
        return packed, {}
    if form == "ids":
        return torch.randint(3, (T, B)), {}
    if form == "embedded":
        return torch.randint(7, (T, B)), {"embedding": torch.randn(7, 3, requires_grad=True)}
    return x, {}


def results(layer, x, options, dy=torch.ones_like):
    """The outputs, the final state, and all gradients."""
    leaves = list(layer.parameters())
    leaves += [t for t in (x, *options.values()) if isinstance(t, torch.Tensor) and t.requires_grad]
    y, state = layer(x, **options)
    outputs = [
        y.data if isinstance(y, PackedSequence) else y,
        *(state if isinstance(state, tuple) else (state,)),
    ]
    if not torch.is_grad_enabled():
        return outputs
    return outputs + list(torch.autograd.grad(outputs, leaves, [dy(o) for o in outputs]))


def assert_same_bits(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)


@pytest.mark.parametrize("form", ["dense", "lengths", "packed", "ids", "embedded"])
@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "deep", "batch first"])
@pytest.mark.parametrize("cell", LAYERS)
def test_both_roads_give_the_same(cell, options, form, roads, arrays):
    layer = LAYERS[cell](**options)
    x, more = given(form, layer)
    direct = results(layer, x, more)
    layers = options.get("num_layers", 1)
    assert roads == [True] * 2 * layers
    arrays()
    assert_same_bits(results(layer, x, more), direct)
    assert roads[2 * layers :] == [False] * 2 * layers


@pytest.mark.parametrize("cell", LAYERS)
def test_both_roads_give_the_same_in_inference(cell, roads, arrays):
    layer = LAYERS[cell](bidirectional=True)
    x, more = given("lengths", layer)
    with torch.inference_mode():
        direct = results(layer, x, more)
        assert roads == [True]
        arrays()
        assert_same_bits(results(layer, x, more), direct)


@pytest.mark.parametrize("used", [[0], [1], [2]], ids=["y", "h", "c"])
def test_what_is_not_used_has_a_gradient_of_zeros(used, roads, arrays):
    layer, x = onn.LSTM(3, 8, bidirectional=True), torch.randn(6, 4, 3, requires_grad=True)

    def found():
        y, (h, c) = layer(x)
        outputs = [(y, h, c)[i] for i in used]
        return torch.autograd.grad(outputs, [x, *layer.parameters()], [o.detach().cos() for o in outputs])

    direct = found()
    assert roads == [True, True]
    arrays()
    assert_same_bits(found(), direct)


def test_large_results_are_each_in_memory_of_their_own_while_they_live():
    layer, x = onn.RNN(256, 256), torch.randn(64, 64, 256, requires_grad=True)  # 4 MiB each

    def y_and_dx(x):
        y, _ = layer(x)
        return y.detach(), torch.autograd.grad(y.sum(), x)[0]

    first = y_and_dx(x)
    copies = [t.clone() for t in first]
    second = y_and_dx(-x)
    assert len({t.data_ptr() for t in (*first, *second)}) == 4
    assert_same_bits(first, copies)


AWKWARD = {
    "a gradient of one number": lambda o: torch.ones(1).expand(o.shape),
    "a transposed gradient": lambda o: torch.randn(o.shape[::-1]).permute(2, 1, 0),
    "a gradient of every second number": lambda o: torch.randn(*o.shape[:-1], 2 * o.shape[-1])[..., ::2],
    "a negated view": lambda o: torch.randn(o.shape, dtype=torch.complex64).conj().imag,
}


@pytest.mark.parametrize("awkward", AWKWARD)
def test_awkward_gradients_are_copied(awkward, roads, arrays):
    layer, x = onn.GRU(3, 8), torch.randn(6, 4, 3, requires_grad=True)

    def found():
        torch.manual_seed(1)
        return results(layer, x, {}, AWKWARD[awkward])

    direct = found()
    assert False in roads or awkward == "a negated view"
    arrays()
    assert_same_bits(found(), direct)


def test_a_negated_input_is_read_as_what_it_stands_for():
    layer = onn.GRU(3, 8)
    x = torch.randn(6, 4, 3, dtype=torch.complex64).conj().imag
    torch.testing.assert_close(layer(x)[0], layer(x.clone())[0], rtol=0, atol=0)


def test_what_does_not_fit_is_told():
    layer, x = onn.LSTM(3, 8), torch.randn(6, 4, 3)
    layer.weight_hh_l0 = torch.nn.Parameter(torch.randn(31, 8))
    with pytest.raises(ValueError, match="weights"):
        layer(x)


def test_tokens_and_lengths_out_of_range_are_told():
    layer = onn.GRU(3, 8)
    with pytest.raises(InputError, match="3"):
        layer(torch.full((6, 4), 3))
    operator = torch.ops.ostinato.layer
    weights = [p.detach() for p in layer.parameters()]
    x, state = torch.randn(6, 4, 3), [torch.zeros(1, 4, 8)]
    with pytest.raises(InputError, match="length 7"):
        operator("gru", x, state, weights, None, torch.tensor([1, 2, 3, 7]), None)
    with pytest.raises(InputError, match="batch_sizes"):
        operator("gru", x[:, 0], state, weights, None, None, torch.tensor([2, 3, 1]))
