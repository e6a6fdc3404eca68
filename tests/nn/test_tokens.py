"""Token ids straight into a layer: one-hot vectors, or rows of an embedding, without building them."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import ostinato.nn as onn
from ostinato import InputError

KINDS = ["rnn", "lstm", "gru"]
V, E, H = 7, 3, 8
RUNS = {
    "native": ("auto", torch.float32),
    "torch": ("torch", torch.float32),
    "float64": ("auto", torch.float64),
}
FORMS = ["time-first", "batch-first", "unbatched", "lengths", "packed", "packed in order"]


@pytest.fixture(params=RUNS)
def dtype(request):
    """The type of the weights, inside the choice of a backend."""
    name, dtype = RUNS[request.param]
    with onn.backend(name):
        yield dtype


def build(kind, inputs, dtype, **options):
    torch.manual_seed(0)
    return onn.LAYERS[kind](inputs, H, num_layers=2, bidirectional=True, dtype=dtype, **options)


def problem(form, embedded, dtype):
    """Ids, the vectors they stand for, the embedding if there is one, and what else a layer is given."""
    torch.manual_seed(1)
    ids = torch.randint(V, (5,) if form == "unbatched" else (3, 5) if form == "batch-first" else (5, 3))
    embedding = torch.randn(V, E, dtype=dtype, requires_grad=True) if embedded else None
    vectors = (
        nn.functional.one_hot(ids, V).to(dtype)
        if embedding is None
        else nn.functional.embedding(ids, embedding)
    )
    options = {"lengths": [2, 5, 0]} if form == "lengths" else {}
    if form.startswith("packed"):
        lengths = [5, 3, 1] if form == "packed in order" else [3, 1, 5]
        ids, vectors = (
            pack_padded_sequence(t, lengths, enforce_sorted="order" in form) for t in (ids, vectors)
        )
    return ids, vectors, embedding, options


def tensors(value):
    if isinstance(value, PackedSequence):
        return [value.data]
    return [value] if isinstance(value, torch.Tensor) else [t for part in value for t in tensors(part)]


def results(layer, embedding, call):
    """Outputs, final states and all gradients."""
    leaves = [*layer.parameters(), *([] if embedding is None else [embedding])]
    outputs = tensors(call())
    return [*outputs, *torch.autograd.grad(sum((o * o.cos()).sum() for o in outputs), leaves)]


@pytest.mark.parametrize("embedded", [False, True], ids=["one-hot", "embedded"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_their_vectors(kind, form, embedded, dtype):
    layer = build(kind, E if embedded else V, dtype, batch_first=form == "batch-first")
    ids, vectors, embedding, options = problem(form, embedded, dtype)
    ours = results(layer, embedding, lambda: layer(ids, embedding=embedding, **options))
    theirs = results(layer, embedding, lambda: layer(vectors, **options))
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_goes_with_ids(kind, dtype):
    layer = onn.LAYERS[kind](V, H, num_layers=2, dtype=dtype)
    ids = torch.randint(V, (6, 2))
    whole, end = layer(ids)
    first, state = layer(ids[:4])
    second, state = layer(ids[4:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole)
    torch.testing.assert_close(state, end)


@pytest.mark.parametrize("ids_type", [torch.int32, torch.int16, torch.uint8], ids=str)
def test_any_whole_numbers_are_ids(ids_type, dtype):
    layer = build("gru", V, dtype)
    ids = torch.randint(V, (5, 3))
    torch.testing.assert_close(layer(ids.to(ids_type)), layer(ids), rtol=0, atol=0)


@pytest.mark.parametrize("padding", [-1, V, 2**40])
def test_ids_in_the_padding_are_not_read(padding, dtype):
    layer = build("lstm", V, dtype)
    ids = torch.randint(V, (5, 2))
    clean = layer(ids, lengths=[5, 3])
    ids[3:, 1] = padding
    torch.testing.assert_close(layer(ids, lengths=[5, 3]), clean, rtol=0, atol=0)


@pytest.mark.parametrize("embedded", [False, True], ids=["one-hot", "embedded"])
@pytest.mark.parametrize("wrong", [-1, V])
def test_ids_out_of_range_are_named(wrong, embedded, dtype):
    layer = build("gru", E if embedded else V, dtype)
    embedding = torch.zeros(V, E, dtype=dtype) if embedded else None
    ids = torch.zeros(5, 3, dtype=torch.long)
    ids[4, 1] = wrong
    with pytest.raises(InputError, match=f"(id|token) {wrong} .*is outside 0 to {V - 1}"):
        layer(ids, embedding=embedding)


def test_tokens_that_are_not_read_get_no_gradient(dtype):
    layer = build("gru", E, dtype)
    embedding = torch.randn(V, E, dtype=dtype, requires_grad=True)
    layer(torch.tensor([[2], [5]]), embedding=embedding)[0].sum().backward()
    assert embedding.grad.any(dim=1).nonzero().flatten().tolist() == [2, 5]


def test_a_frozen_embedding_gets_none(dtype):
    layer = build("gru", E, dtype)
    embedding = torch.randn(V, E, dtype=dtype)
    layer(torch.tensor([[2], [5]]), embedding=embedding)[0].sum().backward()
    assert embedding.grad is None
    assert all(p.grad is not None for p in layer.parameters())


@pytest.mark.parametrize("embedded", [False, True], ids=["one-hot", "embedded"])
def test_gradients_of_gradients(embedded):
    layer = build("lstm", E if embedded else V, torch.float64)
    embedding = torch.randn(V, E, dtype=torch.float64, requires_grad=True)
    leaf = embedding if embedded else layer.weight_ih_l0
    ids = torch.tensor([[2, 2], [5, 0]])

    def penalty(dtype):
        cast = layer.to(dtype)
        table = embedding.to(dtype) if embedded else None
        y, _ = cast(ids, embedding=table)
        wanted = table if embedded else cast.weight_ih_l0
        (first,) = torch.autograd.grad(y.square().sum(), wanted, create_graph=True)
        return torch.autograd.grad(first.square().sum(), wanted)[0]

    assert leaf.requires_grad
    expected = penalty(torch.float64)
    torch.testing.assert_close(penalty(torch.float32).double(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("embedded", [False, True], ids=["one-hot", "embedded"])
def test_compiles_without_a_break(embedded, dtype):
    torch._dynamo.reset()
    layer = build("gru", E if embedded else V, dtype)
    embedding = torch.randn(V, E, dtype=dtype) if embedded else None
    ids = torch.randint(V, (4, 2))
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(ids, embedding=embedding), layer(ids, embedding=embedding))


def ids(*shape):
    return torch.zeros(shape, dtype=torch.long)


TABLE = torch.zeros(V, E)
MISTAKES = {
    "three dimensions": (ids(5, 2, E), {}, ValueError, "input is torch.int64"),
    "no dimensions": (ids(), {}, ValueError, "0 dimensions"),
    "truth values": (torch.zeros(5, E, dtype=torch.bool), {}, ValueError, "torch.bool"),
    "batched, state not": (ids(5, 2), {"hx": torch.zeros(1, H)}, RuntimeError, "needs 3"),
    "unbatched, state batched": (ids(5), {"hx": torch.zeros(1, 1, H)}, RuntimeError, "needs 2"),
    "state of another batch": (ids(5, 2), {"hx": torch.zeros(1, 3, H)}, RuntimeError, r"\(1, 2, 8\)"),
    "unbatched lengths": (ids(5), {"lengths": [5]}, InputError, "unbatched"),
    "vectors and an embedding": (
        torch.zeros(5, 2, E),
        {"embedding": TABLE},
        InputError,
        "the input are vectors",
    ),
    "embedding of another size": (
        ids(5, 2),
        {"embedding": TABLE[:, :2]},
        RuntimeError,
        "embedding has 2 features",
    ),
    "embedding of one vector": (ids(5, 2), {"embedding": TABLE[0]}, InputError, r"give \(tokens, 3\)"),
    "embedding of another type": (
        ids(5, 2),
        {"embedding": TABLE.double()},
        ValueError,
        "embedding is torch.float64",
    ),
    "no steps": (ids(0, 2), {}, RuntimeError, "0 time steps"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named(mistake):
    x, options, error, message = MISTAKES[mistake]
    with pytest.raises(error, match=message):
        onn.GRU(E, H)(x, **options)
