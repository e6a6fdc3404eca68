"""RNN, LSTM and GRU give what torch.nn's give: outputs, final states and every gradient."""

import copy
import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.func import functional_call
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

import ostinato.nn as onn
from ostinato.kernels import reference

KINDS = ["rnn_tanh", "rnn_relu", "lstm", "gru"]
TOLERANCE = {torch.float32: {"rtol": 1e-5, "atol": 2e-5}, torch.float64: {"rtol": 1e-10, "atol": 1e-11}}


def build(kind, *sizes, **options):
    """torch's layer, and ours with the same weights."""
    name = kind.partition("_")[0].upper()
    if name == "RNN":
        options["nonlinearity"] = kind.removeprefix("rnn_")
    theirs, ours = getattr(nn, name)(*sizes, **options), getattr(onn, name)(*sizes, **options)
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


def tensors(value):
    """The tensors in nested tuples and packed sequences, in order."""
    if isinstance(value, PackedSequence):
        return [value.data]
    if isinstance(value, torch.Tensor):
        return [value]
    return [t for part in value for t in tensors(part)]


def results(layer, run, inputs):
    """Everything a layer computes: outputs, states, and the gradients of inputs and parameters."""
    inputs = [i.clone().requires_grad_() for i in inputs]
    layer.zero_grad()
    outputs = tensors(run(layer, *inputs))
    generator = torch.Generator().manual_seed(1)
    weights = [torch.randn(o.shape, generator=generator).to(o.dtype) for o in outputs]
    torch.autograd.backward(outputs, weights)
    return [*outputs, *(i.grad for i in inputs), *(p.grad for p in layer.parameters())]


def assert_same(ours, theirs, tolerance):
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, **tolerance)


@st.composite
def cases(draw):
    kind = draw(st.sampled_from(KINDS))
    T, B, features, H = (draw(st.sampled_from(s)) for s in ([1, 3, 8, 17], [1, 3, 8], [1, 3, 17], [3, 8, 33]))
    options = {
        "num_layers": draw(st.integers(1, 3)),
        "bias": draw(st.booleans()),
        "batch_first": draw(st.booleans()),
        "bidirectional": draw(st.booleans()),
        "dtype": draw(st.sampled_from([torch.float32, torch.float64])),
    }
    if kind == "lstm":
        options["proj_size"] = draw(st.sampled_from([0, 1, H - 1]))
    form = draw(st.sampled_from(["plain", "unbatched", "packed", "packed in order", "lengths"]))
    lengths = draw(st.lists(st.integers(1, T), min_size=B, max_size=B))
    if form == "packed in order":
        lengths.sort(reverse=True)
    backend = draw(st.sampled_from(["auto", "torch"]))
    return kind, (T, B, features, H), options, form, lengths, draw(st.booleans()), backend


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")  # torch's own
@given(cases())
@settings(deadline=None, max_examples=350)
def test_equals_torch(case):
    kind, (T, B, features, H), options, form, lengths, with_state, backend = case
    torch.manual_seed(T * B)
    theirs, ours = build(kind, features, H, **options)
    first, dtype = options["batch_first"], options["dtype"]
    rows = options["num_layers"] * (1 + options["bidirectional"])
    batch = () if form == "unbatched" else (B,)
    x = torch.randn(*((*batch, T) if first else (T, *batch)), features, dtype=dtype)
    sizes = [options.get("proj_size") or H, H] if kind == "lstm" else [H]
    inputs = [x, *(torch.randn(rows, *batch, size, dtype=dtype) for size in sizes if with_state)]

    def pack(x):
        return pack_padded_sequence(x, lengths, first, enforce_sorted=form == "packed in order")

    def hx(state):
        return None if not state else tuple(state) if kind == "lstm" else state[0]

    def on_packed(layer, x, *state):
        y, final = layer(pack(x), hx(state))
        return pad_packed_sequence(y, first, total_length=T)[0], final

    def plain(layer, x, *state):
        return layer(x, hx(state))

    def on_lengths(layer, x, *state):
        return layer(x, hx(state), lengths=lengths)

    run = on_packed if form.startswith("packed") else plain
    theirs_run = on_packed if form == "lengths" else run
    ours_run = on_lengths if form == "lengths" else run
    expected = results(theirs, theirs_run, inputs)
    with onn.backend(backend):
        assert_same(results(ours, ours_run, inputs), expected, TOLERANCE[dtype])
    native = dtype == torch.float32 and backend == "auto"
    assert onn.backend_used(ours) == ("native" if native else "torch")


@pytest.mark.parametrize("sort", [True, False], ids=["sorted", "unsorted"])
@pytest.mark.parametrize("kind", KINDS)
def test_packed_output_keeps_torchs_order(kind, sort):
    theirs, ours = build(kind, 3, 8)
    packed = pack_padded_sequence(torch.randn(4, 3, 3), [4, 3, 1] if sort else [1, 4, 3], enforce_sorted=sort)
    expected, y = theirs(packed)[0], ours(packed)[0]
    assert isinstance(y, PackedSequence)
    torch.testing.assert_close(tuple(y), tuple(expected))


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("kind", KINDS)
def test_equals_the_reference(kind, reverse):
    lengths = [3, 0, 8]
    _, ours = build(kind, 3, 17, bidirectional=True, dtype=torch.float64)
    x = torch.randn(8, 3, 3, dtype=torch.float64, requires_grad=True)
    state = [
        torch.randn(2, 3, 17, dtype=torch.float64, requires_grad=True) for _ in range(1 + (kind == "lstm"))
    ]
    y, final = ours(x, tuple(state) if kind == "lstm" else state[0], lengths=lengths)
    d = int(reverse)
    y, final = y[:, :, 17 * d : 17 * (d + 1)], [s[d] for s in tensors(final)]
    dy, *dstate = (torch.randn_like(t) for t in (y, *final))
    torch.autograd.backward([y, *final], [dy, *dstate])

    parameters = ours.all_weights[d]
    weights = reference.Weights(*(p.detach().numpy() for p in parameters))
    trace = reference.forward(
        kind, x.detach(), [s[d].detach() for s in state], weights, lengths=lengths, reverse=reverse
    )
    gradients = reference.backward(trace, weights, dy, dstate)
    mine = [y, *final, x.grad, *(s.grad[d] for s in state), *(p.grad for p in parameters)]
    papers = [trace.y, *trace.state, gradients.x, *gradients.state, *gradients.weights[:4]]
    assert_same(mine, [torch.from_numpy(p) for p in papers], TOLERANCE[torch.float64])


@pytest.mark.parametrize("form", ["plain", "lengths"])
@pytest.mark.parametrize("kind", [*KINDS, "lstm-projected"])
def test_gradients_of_gradients(kind, form):
    kind, _, projected = kind.partition("-")
    options = {"bidirectional": True, "dtype": torch.float64} | ({"proj_size": 1} if projected else {})
    _, ours = build(kind, 1, 2, **options)
    names = [name for name, _ in ours.named_parameters()]
    x = torch.randn(2, 2, 1, dtype=torch.float64, requires_grad=True)
    arguments = {"lengths": [1, 2]} if form == "lengths" else {}

    def run(x, *weights):
        return tuple(tensors(functional_call(ours, dict(zip(names, weights, strict=True)), x, arguments)))

    inputs = (x, *ours.parameters())
    assert torch.autograd.gradcheck(run, inputs, fast_mode=True)
    assert torch.autograd.gradgradcheck(run, inputs, fast_mode=True)


@pytest.mark.parametrize("backend", ["native", "torch"])
@pytest.mark.parametrize("form", ["plain", "packed"])
@pytest.mark.parametrize("kind", KINDS)
def test_dropout_between_layers_drops_what_torch_drops(kind, form, backend):
    theirs, ours = build(kind, 3, 8, num_layers=3, dropout=0.5, batch_first=True)
    x = torch.randn(3, 8, 3)
    x = pack_padded_sequence(x, [8, 3, 5], True, enforce_sorted=False) if form == "packed" else x
    torch.manual_seed(3)
    expected = tensors(theirs(x))
    torch.manual_seed(3)
    with onn.backend(backend):
        assert_same(tensors(ours(x)), expected, TOLERANCE[torch.float32])
        assert_same(tensors(ours.eval()(x)), tensors(theirs.eval()(x)), TOLERANCE[torch.float32])


@pytest.mark.parametrize("kind", KINDS)
def test_with_lengths_both_backends_drop_the_same(kind):
    _, ours = build(kind, 3, 8, num_layers=3, dropout=0.5, batch_first=True)
    x, found = torch.randn(3, 8, 3), []
    for backend in ["native", "torch"]:
        torch.manual_seed(3)
        with onn.backend(backend):
            found.append(tensors(ours(x, lengths=[8, 0, 5])))
    assert_same(*found, TOLERANCE[torch.float32])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_other_floating_types(kind, dtype):
    theirs, ours = build(kind, 3, 8)
    x = torch.randn(5, 2, 3, dtype=dtype)
    tolerance = {"rtol": 0.05, "atol": 0.02} if dtype.itemsize == 2 else TOLERANCE[dtype]
    assert_same(tensors(ours.to(dtype)(x)), tensors(theirs.to(dtype)(x)), tolerance)


@pytest.mark.parametrize("x_type", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_autocast_gives_torchs_types(kind, x_type):
    theirs, ours = build(kind, 3, 8, num_layers=2)
    x = torch.randn(5, 2, 3, dtype=x_type)
    with torch.autocast("cpu", torch.bfloat16):
        assert_same(tensors(ours(x)), tensors(theirs(x)), {"rtol": 0.05, "atol": 0.02})


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_on_the_meta_device(kind):
    theirs, ours = build(kind, 3, 8, bidirectional=True, device="meta")
    x = torch.randn(5, 2, 3, device="meta")
    expected = [t.shape for t in tensors(theirs(x))]
    assert [t.shape for t in tensors(ours(x))] == expected
    assert [t.shape for t in tensors(ours(x, lengths=[2, 5]))] == expected


@pytest.mark.parametrize("kind", KINDS)
def test_is_a_torch_layer_in_every_other_way(kind):
    theirs, ours = build(kind, 3, 8, num_layers=2, batch_first=True)
    x = torch.randn(2, 5, 3)
    expected = theirs(x)
    assert isinstance(ours, type(theirs))
    assert repr(ours) == repr(theirs)
    theirs.load_state_dict(ours.state_dict())
    for twin in (copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert type(twin) is type(ours)
        assert_same(tensors(twin(x)), tensors(expected), TOLERANCE[torch.float32])
    with torch.no_grad():
        assert not ours(x)[0].requires_grad
    y, _ = copy.deepcopy(ours).double()(x.double())
    torch.testing.assert_close(y.float(), expected[0])


@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_read_at_every_call(kind):
    _, ours = build(kind, 3, 8)
    x = torch.randn(5, 2, 3)
    before = ours(x)[0]

    zeros = {name: torch.zeros_like(p).requires_grad_() for name, p in ours.named_parameters()}
    y, _ = functional_call(ours, zeros, (x,))
    assert not y.any()
    y.sum().backward()
    assert zeros["bias_ih_l0"].grad is not None
    assert torch.equal(ours(x)[0], before)

    ours.weight_ih_l0 = nn.Parameter(torch.zeros_like(ours.weight_ih_l0))
    assert not torch.equal(ours(x)[0], before)


@pytest.mark.parametrize("kind", KINDS)
def test_parametrised_weights(kind):
    theirs, ours = build(kind, 3, 8)
    x = torch.randn(5, 2, 3)
    for layer in (theirs, ours):
        nn.utils.parametrizations.weight_norm(layer, "weight_hh_l0")
        layer.parametrizations.weight_hh_l0.original0.data.mul_(0.5)
    everything = [results(layer, lambda layer, x: layer(x), [x]) for layer in (ours, theirs)]
    assert_same(*everything, TOLERANCE[torch.float32])


def test_a_parametrised_weight_is_computed_once_a_call():
    calls = []

    class Watched(nn.Module):
        def forward(self, weight):
            calls.append(weight)
            return weight

    ours = onn.LSTM(3, 8)
    nn.utils.parametrize.register_parametrization(ours, "weight_hh_l0", Watched())
    calls.clear()
    ours(torch.zeros(5, 2, 3))
    assert len(calls) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_batch_is_as_torchs(kind):
    theirs, ours = build(kind, 3, 8, bidirectional=True)
    x = torch.randn(5, 0, 3)
    assert_same(tensors(ours(x)), tensors(theirs(x)), TOLERANCE[torch.float32])
    assert_same(tensors(ours(x, lengths=[])), tensors(theirs(x)), TOLERANCE[torch.float32])


def h(*shape, dtype=torch.float32):
    return torch.zeros(*shape, dtype=dtype)


X = torch.zeros(5, 2, 3)
PACKED = pack_padded_sequence(X, [5, 2])
MISTAKES = {
    "no steps": (X[:0],),
    "four dimensions": (X[None],),
    "one dimension": (X[0, 0],),
    "too many features": (torch.zeros(5, 2, 4),),
    "whole numbers": (X.long(),),
    "another type": (X.double(),),
    "list": (X.tolist(),),
    "array": (X.numpy(),),
    "unbatched, too many features": (torch.zeros(5, 4),),
    "state of another width": (X, h(1, 2, 7)),
    "state of another batch": (X, h(1, 3, 8)),
    "state of a batch of one": (X, h(1, 1, 8)),
    "state of more layers": (X, h(2, 2, 8)),
    "state without layers": (X, h(2, 8)),
    "state of another type": (X, h(1, 2, 8, dtype=torch.float64)),
    "state batched, input not": (X[:, 0], h(1, 1, 8)),
    "packed, state of another batch": (PACKED, h(1, 3, 8)),
    "packed, state of another type": (PACKED, h(1, 2, 8, dtype=torch.float64)),
    "packed, too many features": (pack_padded_sequence(torch.zeros(5, 2, 4), [5, 2]),),
}


@pytest.mark.parametrize("backend", ["auto", "torch"])
@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("kind", KINDS)
def test_mistakes_raise_what_torch_raises(kind, mistake, backend):
    theirs, ours = build(kind, 3, 8)
    x, *state = MISTAKES[mistake]
    arguments = (x, *(((s, s) if kind == "lstm" else s) for s in state))
    with pytest.raises(Exception) as expected:
        theirs(*arguments)
    with onn.backend(backend), pytest.raises(type(expected.value)) as raised:
        ours(*arguments)
    assert type(raised.value) is type(expected.value)


LSTM_MISTAKES = {
    "one tensor": (X, h(2, 2, 8)),
    "three tensors": (X, (h(2, 2, 8),) * 3),
    "c of another type": (X, (h(2, 2, 8), h(2, 2, 8, dtype=torch.float64))),
    "c of another width": (X, (h(2, 2, 8), h(2, 2, 7))),
    "c of another rank": (X, (h(2, 2, 8), h(2, 8))),
}


@pytest.mark.parametrize("mistake", LSTM_MISTAKES)
def test_mistakes_with_two_states_raise_what_torch_raises(mistake):
    for layer in build("lstm", 3, 8, num_layers=2):
        with pytest.raises(RuntimeError):
            layer(*LSTM_MISTAKES[mistake])


@pytest.mark.parametrize("kind", ["rnn_tanh", "gru"])
def test_packed_data_of_another_type_raise_what_torch_raises(kind):
    for layer in build(kind, 3, 8):
        with pytest.raises(ValueError, match="float64"):
            layer(pack_padded_sequence(X.double(), [5, 2]))


def test_a_tuple_for_a_single_state_raises_what_torch_raises():
    for layer in build("gru", 3, 8):
        with pytest.raises(AttributeError):
            layer(X, (h(1, 2, 8), h(1, 2, 8)))


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize(
    "arguments",
    [{"hidden_size": 0}, {"dropout": 2}, {"num_layers": 0}, {"proj_size": 9}, {"bias": 1}],
    ids=str,
)
def test_constructors_raise_what_torch_raises(name, arguments):
    raised = []
    for module in (nn, onn):
        with pytest.raises((TypeError, ValueError)) as error:
            getattr(module, name)(**({"input_size": 3, "hidden_size": 8} | arguments))
        raised.append((error.type, str(error.value)))
    assert raised[0] == raised[1]
