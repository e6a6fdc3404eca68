"""RNNCell, LSTMCell and GRUCell give what torch.nn's give, gradients and errors included."""

import copy
import pickle

import pytest
import torch
from torch import nn
from torch.func import functional_call

import ostinato.nn as onn

KINDS = ["rnn_tanh", "rnn_relu", "lstm", "gru"]


def build(kind, *sizes, **options):
    """torch's cell, and ours with the same weights."""
    name = kind.partition("_")[0].upper() + "Cell"
    if name == "RNNCell":
        options["nonlinearity"] = kind.removeprefix("rnn_")
    theirs, ours = getattr(nn, name)(*sizes, **options), getattr(onn, name)(*sizes, **options)
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


def results(cell, x, state):
    """The new state, and the gradients of everything."""
    leaves = [t.clone().requires_grad_() for t in (x, *state)]
    cell.zero_grad()
    hx = () if not state else (tuple(leaves[1:]),) if isinstance(cell, nn.LSTMCell) else (leaves[1],)
    after = cell(leaves[0], *hx)
    after = after if isinstance(after, tuple) else (after,)
    sum((s * s.cos()).sum() for s in after).backward()
    return [*after, *(leaf.grad for leaf in leaves), *(p.grad for p in cell.parameters())]


RUNS = {
    "native": ("native", torch.float32, {"rtol": 1e-5, "atol": 2e-6}),
    "torch": ("auto", torch.float32, {"rtol": 1e-5, "atol": 2e-6}),
    "float64": ("auto", torch.float64, {"rtol": 1e-10, "atol": 1e-12}),
}
SIZES = [(1, 1, 3), (3, 17, 8), (8, 3, 33), (None, 3, 17), (0, 3, 8)]
CASES = [(run, size) for run in RUNS for size in SIZES if run != "native" or size[0] != 0]


@pytest.mark.parametrize("with_state", [True, False], ids=["state", "no-state"])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no-bias"])
@pytest.mark.parametrize(("run", "size"), CASES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_equals_torch(kind, size, bias, with_state, run):
    backend, dtype, tolerance = RUNS[run]
    B, features, H = size
    batch = () if B is None else (B,)
    theirs, ours = build(kind, features, H, bias=bias, dtype=dtype)
    x = torch.randn(*batch, features, dtype=dtype)
    states = 2 if kind == "lstm" else 1
    state = [torch.randn(*batch, H, dtype=dtype) for _ in range(states if with_state else 0)]
    with onn.backend(backend):
        found = results(ours, x, state)
    for one, other in zip(found, results(theirs, x, state), strict=True):
        torch.testing.assert_close(one, other, **tolerance)
    assert onn.backend_used(ours) == ("native" if run == "native" else "torch")


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_gradients(kind):
    _, ours = build(kind, 2, 3, dtype=torch.float64)
    names = [name for name, _ in ours.named_parameters()]
    states = 2 if kind == "lstm" else 1
    inputs = [torch.randn(2, size, dtype=torch.float64, requires_grad=True) for size in [2, *[3] * states]]

    def step(x, *rest):
        state, weights = rest[:states], rest[states:]
        hx = state if kind == "lstm" else state[0]
        return functional_call(ours, dict(zip(names, weights, strict=True)), (x, hx))

    inputs += ours.parameters()
    assert torch.autograd.gradcheck(step, inputs)
    assert torch.autograd.gradgradcheck(step, inputs, fast_mode=True)


@pytest.mark.parametrize("kind", KINDS)
def test_forced_onto_the_kernels_steps_add_up_to_the_layer_bit_for_bit(kind):
    _, cell = build(kind, 3, 8)
    name = kind.partition("_")[0].upper()
    layer = getattr(onn, name)(3, 8, **({"nonlinearity": cell.nonlinearity} if name == "RNN" else {}))
    layer.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    x, state = torch.randn(5, 2, 3), None
    y, _ = layer(x)
    for x_t, y_t in zip(x, y, strict=True):
        with onn.backend("native"):
            state = cell(x_t, state)
        assert torch.equal(state[0] if kind == "lstm" else state, y_t)


@pytest.mark.parametrize("x_type", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_autocast_gives_torchs_types(kind, x_type):
    theirs, ours = build(kind, 3, 8)
    x = torch.randn(2, 3, dtype=x_type)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(ours(x), theirs(x), rtol=0.05, atol=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_is_a_torch_cell_in_every_other_way(kind):
    theirs, ours = build(kind, 3, 8)
    x = torch.randn(2, 3)
    expected = theirs(x)
    assert isinstance(ours, type(theirs))
    assert repr(ours) == repr(theirs)
    theirs.load_state_dict(ours.state_dict())
    for twin in (copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert type(twin) is type(ours)
        torch.testing.assert_close(twin(x), expected)


def h(*shape, dtype=torch.float32):
    return torch.zeros(*shape, dtype=dtype)


X = torch.zeros(2, 3)
MISTAKES = {
    "three dimensions": (X[None],),
    "no dimensions": (X[0, 0],),
    "too many features": (torch.zeros(2, 4),),
    "too many features, one row": (torch.zeros(4),),
    "another type": (X.double(),),
    "whole numbers": (X.long(),),
    "list": (X.tolist(),),
    "state of another width": (X, h(2, 7)),
    "state of another batch": (X, h(3, 8)),
    "state of a batch of one": (X, h(1, 8)),
    "input of a batch of one": (X[:1], h(2, 8)),
    "state of three dimensions": (X, h(1, 2, 8)),
    "state of one row": (X, h(8)),
    "state batched, input not": (X[0], h(1, 8)),
    "state of another type": (X, h(2, 8, dtype=torch.float64)),
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("kind", KINDS)
def test_mistakes_raise_what_torch_raises(kind, mistake):
    theirs, ours = build(kind, 3, 8)
    x, *state = MISTAKES[mistake]
    arguments = (x, *(((s, s) if kind == "lstm" else s) for s in state))
    with pytest.raises(Exception) as expected:
        theirs(*arguments)
    with pytest.raises(type(expected.value)) as raised:
        ours(*arguments)
    assert type(raised.value) is type(expected.value)


@pytest.mark.parametrize(
    ("hx", "error"),
    [
        (h(2, 8), TypeError),
        ((h(2, 8),) * 3, RuntimeError),
        ((h(2, 8),), RuntimeError),
        ((h(2, 8), h(1, 8)), RuntimeError),
    ],
    ids=["one tensor", "three tensors", "a tuple of one", "c of another batch"],
)
def test_an_lstm_cell_takes_two_states(hx, error):
    for cell in build("lstm", 3, 8):
        with pytest.raises(error):
            cell(X, hx)


def test_an_unknown_nonlinearity_raises_what_torch_raises():
    for module in (nn, onn):
        with pytest.raises(RuntimeError, match="sine"):
            module.RNNCell(3, 8, nonlinearity="sine")(X)
