"""The operators: what autograd, the compiler and the exporter see of a layer, and awkward tensors."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence
from torch.utils._python_dispatch import TorchDispatchMode

import ostinato.nn as onn
from ostinato import InputError, kernels
from ostinato.nn import _ops
from ostinato.nn._dynamo import let_dynamo_in

OPS = torch.ops.ostinato
LAYERS = {
    "rnn_tanh": lambda **options: onn.RNN(3, 8, **options),
    "rnn_relu": lambda **options: onn.RNN(3, 8, nonlinearity="relu", **options),
    "lstm": lambda **options: onn.LSTM(3, 8, **options),
    "lstm-projected": lambda **options: onn.LSTM(3, 8, proj_size=5, **options),
    "gru": lambda **options: onn.GRU(3, 8, **options),
}
UNLIKE = ["rnn_tanh", "lstm-projected", "gru"]  # for tests that take long: those with different tensors
FORMS = ["dense", "lengths", "packed", "ids", "embedded"]
DEEP = {"num_layers": 2, "bidirectional": True}


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)
    torch._dynamo.reset()


def arguments(kind, form, *, grad):
    """What `ostinato::layer` is given, for one bidirectional layer."""
    layer = LAYERS[kind](bidirectional=True)
    R = layer.proj_size or 8
    x = torch.randn(5, 2, 3, requires_grad=grad)
    lengths = batch_sizes = embedding = None
    if form == "lengths":
        lengths = torch.tensor([2, 5])
    elif form == "packed":
        x, batch_sizes = torch.randn(7, 3, requires_grad=grad), torch.tensor([2, 2, 1, 1, 1])
    elif form in ("ids", "embedded"):
        x = torch.randint(3, (5, 2))
        embedding = torch.randn(4, 3, requires_grad=grad) if form == "embedded" else None
    sizes = [R, 8] if kind.startswith("lstm") else [R]
    state = [torch.randn(2, 2, size, requires_grad=grad) for size in sizes]
    weights = [p.detach().requires_grad_(grad) for p in layer.parameters()]
    return kind.partition("-")[0], x, state, weights, embedding, lengths, batch_sizes


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", UNLIKE)
class TestOpcheck:
    """torch's own examination: schema, fake implementation, autograd registration, tracing."""

    def test_layer(self, kind, form):
        torch.library.opcheck(OPS.layer.default, arguments(kind, form, grad=True))

    def test_layer_training(self, kind, form):
        # What is kept has room for padding, which nobody writes to: its values cannot be compared.
        tests = (
            ("test_schema", "test_faketensor") if form == "lengths" else torch.library._OPCHECK_DEFAULT_UTILS
        )
        torch.library.opcheck(OPS.layer_training.default, arguments(kind, form, grad=False), test_utils=tests)

    def test_layer_backward(self, kind, form):
        inputs = arguments(kind, form, grad=False)
        _, x, state, weights, embedding, *_ = inputs
        y, final, kept = OPS.layer_training(*inputs)
        wanted = [x.is_floating_point(), embedding is not None, *[True] * len(state + weights)]
        dy, dfinal = torch.randn_like(y), [torch.randn_like(s) for s in final]
        torch.library.opcheck(OPS.layer_backward.default, (*inputs, y, kept, dy, dfinal, wanted))
        none = [None] * len(final)
        torch.library.opcheck(
            OPS.layer_backward.default, (*inputs, y, kept, None, none, [False] * len(wanted))
        )


def run(layer, x, **options):
    """Outputs and final states, flat."""
    y, final = layer(x, **options)
    return [y, *(final if isinstance(final, tuple) else (final,))]


def gradients(outputs, inputs, **options):
    return torch.autograd.grad(sum((o * o.cos()).sum() for o in outputs), inputs, **options)


@pytest.mark.parametrize("form", ["dense", "lengths"])
@pytest.mark.parametrize("kind", UNLIKE)
def test_compiles_without_a_break_for_any_sizes(kind, form):
    layer = LAYERS[kind](batch_first=True, **DEEP)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager", dynamic=True)
    for B, T in [(2, 5), (4, 7)]:
        x = torch.randn(B, T, 3, requires_grad=True)
        options = {"lengths": torch.randint(T + 1, (B,))} if form == "lengths" else {}
        inputs = [x, *layer.parameters()]
        expected, outputs = run(layer, x, **options), run(compiled, x, **options)
        torch.testing.assert_close(outputs, expected, rtol=0, atol=0)
        torch.testing.assert_close(gradients(outputs, inputs), gradients(expected, inputs))
        with torch.no_grad():
            torch.testing.assert_close(run(compiled, x, **options), expected, rtol=0, atol=0)
    assert onn.backend_used(layer) == "native"


def test_a_packed_sequence_compiles_without_a_break():
    layer = onn.GRU(3, 8, **DEEP)
    packed = pack_padded_sequence(torch.randn(5, 2, 3), [5, 2])

    def run(data, batch_sizes):
        return layer(PackedSequence(data, batch_sizes))[0].data

    compiled = torch.compile(run, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(*packed[:2]), run(*packed[:2]), rtol=0, atol=0)


def test_dynamo_is_let_in_where_it_has_come_before():
    with torch._dynamo.config.patch(allow_rnn=False):
        let_dynamo_in()
        assert torch._dynamo.config.allow_rnn


def operators(graph):
    return [str(node.target) for node in graph.nodes if "ostinato" in str(node.target)]


def test_a_compiled_layer_is_one_operator_forward_and_one_backward():
    from torch._dynamo.backends.common import aot_autograd
    from torch._functorch.aot_autograd import make_boxed_func

    seen = {}

    def keep(name):
        def compiler(module, _):
            seen[name] = operators(module.graph)
            return make_boxed_func(module.forward)

        return compiler

    layer = onn.LSTM(3, 8, bidirectional=True)
    backend = aot_autograd(fw_compiler=keep("forward"), bw_compiler=keep("backward"))
    torch.compile(layer, fullgraph=True, backend=backend)(torch.randn(5, 2, 3))[0].sum().backward()
    assert seen == {
        "forward": ["ostinato.layer_training.default"],
        "backward": ["ostinato.layer_backward.default"],
    }


class Watch(TorchDispatchMode):
    """Notes the operators of a layer."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        if "ostinato" in str(operator):
            self.seen.append(str(operator))
        return operator(*args, **(kwargs or {}))


class Subclass(torch.Tensor):
    """A tensor that is not plain, and says nothing."""


def test_a_dispatch_mode_sees_the_operators():
    layer, x = onn.LSTM(3, 8), torch.randn(5, 2, 3)
    expected = gradients(run(layer, x), list(layer.parameters()))
    with Watch() as watch:
        found = gradients(run(layer, x), list(layer.parameters()))
        with torch.no_grad():
            layer(x)
    assert watch.seen == [f"ostinato.layer{name}.default" for name in ("_training", "_backward", "")]
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


@pytest.mark.parametrize("plain", [True, False], ids=["plain", "subclass"])
def test_only_plain_tensors_take_the_way_past_the_operators(plain, monkeypatch):
    taken = []
    operator = _ops._layer
    monkeypatch.setattr(_ops, "_layer", lambda *inputs: taken.append(inputs) or operator(*inputs))
    x = torch.randn(5, 2, 3)
    onn.GRU(3, 8)(x if plain else x.as_subclass(Subclass))
    assert bool(taken) is not plain


def test_a_compiled_layer_follows_the_choice_of_backend():
    layer = onn.GRU(3, 8)
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    x, used = torch.randn(5, 2, 3), []
    for choice in ["auto", "torch", "native"]:
        with onn.backend(choice):
            compiled(x)
            used.append(onn.backend_used(layer))
    assert used == ["native", "torch", "native"]


def test_wrong_lengths_are_told_when_a_compiled_layer_runs():
    compiled = torch.compile(onn.GRU(3, 8), fullgraph=True, backend="aot_eager")
    with pytest.raises(InputError, match="length 6 of row 1 is outside 0 to 5"):
        compiled(torch.randn(5, 2, 3), lengths=torch.tensor([5, 6]))


@pytest.mark.parametrize("choice", ["auto", "native"])
@pytest.mark.parametrize("name", ["RNNCell", "LSTMCell", "GRUCell"])
def test_a_cell_compiles_without_a_break(name, choice):
    cell = getattr(onn, name)(3, 8)
    x = torch.randn(2, 3)
    compiled = torch.compile(cell, fullgraph=True, backend="aot_eager")
    with onn.backend(choice):
        torch.testing.assert_close(compiled(x), cell(x), rtol=0, atol=0)


class Tagger(nn.Module):
    """A model around a layer."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.scores = nn.LazyLinear(4)

    def forward(self, x, lengths=None):
        y, _ = self.layer(x, lengths=lengths)
        return self.scores(y)


@pytest.mark.parametrize("form", ["dense", "lengths"])
@pytest.mark.parametrize("kind", UNLIKE)
def test_exports_for_any_sizes(kind, form):
    model = Tagger(LAYERS[kind](batch_first=True, **DEEP)).eval()
    x, lengths = torch.randn(2, 5, 3), torch.tensor([5, 2]) if form == "lengths" else None
    model(x, lengths)
    B, T = torch.export.Dim("B"), torch.export.Dim("T")
    sizes = {"x": {0: B, 1: T}, "lengths": None if lengths is None else {0: B}}
    program = torch.export.export(model, (x, lengths), dynamic_shapes=sizes)
    assert operators(program.graph) == ["ostinato.layer.default"] * 2
    x, lengths = torch.randn(4, 7, 3), torch.tensor([0, 7, 3, 1]) if form == "lengths" else None
    torch.testing.assert_close(program.module()(x, lengths), model(x, lengths))


@pytest.mark.parametrize("form", ["dense", "lengths", "packed"])
@pytest.mark.parametrize("kind", LAYERS)
def test_gradients_of_gradients_are_torchs(kind, form):
    ours = LAYERS[kind](**DEEP)
    theirs = onn.revert(LAYERS[kind](**DEEP)).double()
    theirs.load_state_dict(ours.state_dict())
    lengths = {"dense": [5, 5], "lengths": [2, 5], "packed": [5, 2]}[form]
    x = torch.randn(5, 2, 3)

    def penalty(layer, x):
        x.requires_grad_()
        options = {"lengths": lengths} if form == "lengths" and layer is ours else {}
        given = x if options or form == "dense" else pack_padded_sequence(x, lengths, enforce_sorted=False)
        outputs = [o.data if isinstance(o, PackedSequence) else o for o in run(layer, given, **options)]
        inputs = [x, *layer.parameters()]
        total = sum((o.square() * o.cos()).sum() for o in outputs)
        first = torch.autograd.grad(total, inputs, create_graph=True)
        return [*first, *torch.autograd.grad(sum((g * g).sum() for g in first), inputs)]

    for one, other in zip(penalty(ours, x.clone()), penalty(theirs, x.double()), strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-4, atol=1e-4)
    assert onn.backend_used(ours) == "native"


def test_gradients_of_gradients_are_partial_ones():
    """The state comes from the same weights and the same x: that path is not this call's to differentiate."""
    layer = onn.GRU(3, 8)
    x = torch.randn(5, 2, 3, requires_grad=True)
    inputs = [x, *layer.parameters()]

    def penalty(dtype):
        cast, values = layer.to(dtype), x.to(dtype)
        _, h = cast(values)
        y, _ = cast(values, h)
        wanted = [values, *cast.parameters()]
        first = torch.autograd.grad(y.square().sum(), wanted, create_graph=True)
        return torch.autograd.grad(sum((g * g).sum() for g in first), wanted)

    assert all(i.requires_grad for i in inputs)
    for one, other in zip(penalty(torch.float32), penalty(torch.float64), strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-4, atol=1e-4)


def test_gradients_of_gradients_where_no_row_has_a_step():
    layer = onn.GRU(3, 8)
    h = torch.randn(1, 2, 8, requires_grad=True)
    y, end = layer(torch.randn(5, 2, 3), h, lengths=[0, 0])
    total = y.square().sum() + end.pow(3).sum()
    (first,) = torch.autograd.grad(total, h, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), h)
    torch.testing.assert_close(second, 6 * h)


@pytest.mark.parametrize("form", ["dense", "embedded"])
@pytest.mark.parametrize("kind", LAYERS)
def test_only_wanted_gradients_are_computed(kind, form, monkeypatch):
    """Each alone, and each missing."""
    computed = []
    backward = kernels.backward

    def watched(*inputs, dx, dembedding, dweights, **options):
        fields = [dx, dembedding, *(d for direction in dweights for d in direction)]
        computed.append(sum(d is not None for d in fields))
        return backward(*inputs, dx=dx, dembedding=dembedding, dweights=dweights, **options)

    monkeypatch.setattr("ostinato.kernels.backward", watched)
    monkeypatch.setattr("ostinato.kernels.backward_tensors", lambda *_: False)
    inputs = arguments(kind, form, grad=True)
    leaves = [t for t in (inputs[1], inputs[4], *inputs[2], *inputs[3]) if t is not None and t.requires_grad]
    y, final = OPS.layer(*inputs)
    expected = gradients([y, *final], leaves)
    for leaf in leaves:
        for chosen in ([leaf], [other for other in leaves if other is not leaf]):
            for t in leaves:
                t.requires_grad_(any(t is c for c in chosen))
            computed.clear()
            y, final = OPS.layer(*inputs)
            found = gradients([y, *final], chosen)
            for one, of in zip(found, chosen, strict=True):
                torch.testing.assert_close(one, expected[next(i for i, t in enumerate(leaves) if t is of)])
            assert computed == [sum(not any(c is s for s in inputs[2]) for c in chosen)]


@pytest.mark.parametrize("used", [[0], [1], [2], [1, 2]], ids=["y", "h", "c", "h and c"])
def test_outputs_may_be_left_unused(used):
    layer = onn.LSTM(3, 8)
    x = torch.randn(5, 2, 3, requires_grad=True)

    def gradient(choice):
        with onn.backend(choice):
            outputs = run(layer, x)
        return gradients([outputs[k] for k in used], [x])

    torch.testing.assert_close(gradient("native"), gradient("torch"))


AWKWARD = {
    "transposed": lambda x: x.permute(2, 1, 0).contiguous().permute(2, 1, 0),
    "every other": lambda x: x.repeat_interleave(2, dim=2)[:, :, ::2],
    "every other step": lambda x: x.repeat_interleave(2, dim=0)[::2],
    "one row for all": lambda x: x[:, :1].expand(-1, 4, -1),
    "one number for all": lambda x: x[:1, :1, :1].expand(5, 4, 3),
    "backwards": lambda x: torch.from_numpy(np.ascontiguousarray(x.numpy()[::-1])).flip(0),
    "negated": lambda x: torch.complex(torch.zeros_like(x), -x).conj().imag,
    "in the middle": lambda x: torch.cat([torch.zeros(1), x.flatten(), torch.zeros(1)])[1:-1].view(x.shape),
    "not on a word": lambda x: torch.from_numpy(off_by_one(x.numpy())),
}


def off_by_one(array):
    """The array at an address that is no multiple of four."""
    raw = np.empty(array.nbytes + 1, np.uint8)[1:]
    moved = raw.view(np.float32).reshape(array.shape)
    moved[...] = array
    return moved


@pytest.mark.parametrize("form", AWKWARD)
@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_tensors_that_lie_awkwardly_in_memory(name, form):
    layer = onn.LAYERS[name.lower()](3, 8, **DEEP)
    x = AWKWARD[form](torch.randn(5, 4, 3))
    plain = torch.empty(x.shape).copy_(x)
    torch.testing.assert_close(run(layer, x), run(layer, plain), rtol=0, atol=0)
    assert onn.backend_used(layer) == "native"


@pytest.mark.parametrize("form", AWKWARD)
def test_gradients_that_lie_awkwardly_in_memory(form):
    layer = onn.GRU(3, 3)
    y, _ = layer(torch.randn(5, 4, 3))
    dy = AWKWARD[form](torch.randn(5, 4, 3))
    plain = torch.empty(dy.shape).copy_(dy)
    one, other = (torch.autograd.grad(y, list(layer.parameters()), d, retain_graph=True) for d in (dy, plain))
    torch.testing.assert_close(one, other, rtol=0, atol=0)


@pytest.mark.parametrize("name", ["LSTM", "GRU"])
def test_weights_and_states_that_lie_awkwardly_in_memory(name):
    layer = onn.LAYERS[name.lower()](3, 8)
    x, h = torch.randn(5, 2, 3), torch.randn(1, 1, 8).expand(1, 2, 8)
    hx = (h, h) if name == "LSTM" else h
    turned = {key: value.t().contiguous().t() for key, value in layer.state_dict().items()}
    expected = layer(x, tuple(s.contiguous() for s in hx) if name == "LSTM" else h.contiguous())
    torch.testing.assert_close(functional_call(layer, turned, (x, hx)), expected, rtol=0, atol=0)


def test_memory_that_may_only_be_read(tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(5, 2, 3)).astype(np.float32))
    read_only = np.load(tmp_path / "x.npy", mmap_mode="c")
    layer = onn.LSTM(3, 8)
    x = torch.from_numpy(read_only).requires_grad_()
    layer(x)[0].sum().backward()
    assert x.grad.isfinite().all()


@pytest.mark.parametrize("kind", LAYERS)
def test_nothing_that_is_returned_is_shared(kind):
    inputs = arguments(kind, "lengths", grad=False)
    inputs[5].fill_(0)  # every row ends in its initial state
    given = [inputs[1], *inputs[2], *inputs[3]]
    y, final, kept = OPS.layer_training(*inputs)
    addresses = [t.untyped_storage().data_ptr() for t in (*given, y, *final, *kept)]
    assert len(set(addresses)) == len(addresses)


def test_a_tensor_changed_before_the_backward_pass_is_noticed():
    layer = onn.GRU(3, 8)
    y, _ = layer(torch.randn(5, 2, 3))
    with torch.no_grad():
        layer.weight_hh_l0.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_the_graph_may_be_kept():
    layer = onn.LSTM(3, 8, **DEEP)
    y, _ = layer(torch.randn(5, 2, 3))
    one, other = (torch.autograd.grad(y.sum(), list(layer.parameters()), retain_graph=True) for _ in range(2))
    torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_no_graph_where_none_is_wanted():
    layer, x = onn.LSTM(3, 8), torch.randn(5, 2, 3)
    with torch.no_grad():
        assert not any(t.requires_grad for t in run(layer, x))
    with torch.inference_mode():
        assert not any(t.requires_grad for t in run(layer, x))
    assert all(t.requires_grad for t in run(layer, x))
    assert not any(t.requires_grad for t in run(layer.requires_grad_(False), x))


def test_checkpointing_recomputes():
    layer, x = onn.LSTM(3, 8, **DEEP), torch.randn(5, 2, 3, requires_grad=True)
    y = torch.utils.checkpoint.checkpoint(lambda x: layer(x)[0], x, use_reentrant=False)
    torch.testing.assert_close(gradients([y], [x]), gradients([layer(x)[0]], [x]), rtol=0, atol=0)


def test_two_threads_at_once():
    layers = [onn.LSTM(3, 8, **DEEP), onn.GRU(3, 8, **DEEP)]
    x = torch.randn(17, 3, 3)

    def work(layer):
        return gradients(run(layer, x), list(layer.parameters()))

    expected = [work(layer) for layer in layers]
    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            for found, right in zip(pool.map(work, layers), expected, strict=True):
                torch.testing.assert_close(found, right, rtol=0, atol=0)


class Read(torch.utils.data.Dataset):
    """Items that a layer has read."""

    def __init__(self, layer, items):
        self.layer, self.items = layer, items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        with torch.no_grad():
            return self.layer(self.items[k])[0]


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork")
def test_a_forked_worker_runs_a_layer_that_has_run_before():
    layer, items = onn.GRU(3, 8), torch.randn(4, 5, 3)
    layer(items[0])[0].sum().backward()
    loader = torch.utils.data.DataLoader(Read(layer, items), num_workers=1, multiprocessing_context="fork")
    found = torch.cat(list(loader))
    torch.testing.assert_close(found, torch.stack([layer(x)[0] for x in items]))


def test_gradients_of_many_vectors_at_once():
    layer, x = onn.LSTM(3, 4), torch.randn(5, 2, 3, requires_grad=True)
    y, _ = layer(x)
    many = torch.randn(6, *y.shape)
    one_by_one = torch.stack([torch.autograd.grad(y, x, dy, retain_graph=True)[0] for dy in many])
    (batched,) = torch.autograd.grad(y, x, many, is_grads_batched=True, retain_graph=True)
    mapped = torch.vmap(lambda dy: torch.autograd.grad(y, x, dy, retain_graph=True)[0])(many)
    for found in (batched, mapped):
        assert not found.requires_grad
        torch.testing.assert_close(found, one_by_one)
