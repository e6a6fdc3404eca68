"""torch's own operators behind our layers: cuDNN's where there is a GPU, else the same calls on the CPU."""

import pytest
import torch

import ostinato.nn as onn
from ostinato import InputError
from ostinato.nn import _cudnn
from ostinato.nn._equations import unflatten
from ostinato.nn._lengths import read_lengths

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
LENGTHS = [3, 7, 0, 5]
LAYERS = {
    "rnn": lambda **kw: onn.RNN(5, 6, **kw),
    "relu": lambda **kw: onn.RNN(5, 6, nonlinearity="relu", **kw),
    "lstm": lambda **kw: onn.LSTM(5, 6, **kw),
    "projected": lambda **kw: onn.LSTM(5, 6, proj_size=3, **kw),
    "gru": lambda **kw: onn.GRU(5, 6, **kw),
}


@pytest.fixture(autouse=True)
def exact_products(monkeypatch):
    """A GPU's shorter multiplications (TF32) are another question."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    torch.manual_seed(0)


def states(layer, batch):
    rows = layer.num_layers * (2 if layer.bidirectional else 1)
    sizes = [layer.proj_size or layer.hidden_size, layer.hidden_size][: 2 if layer.mode == "LSTM" else 1]
    return tuple(torch.randn(rows, batch, size, device=DEVICE) for size in sizes)


def by_torch(layer, x, state, **options):
    """What cuDNN's door gives, whatever device there is."""
    weights = [unflatten(tensors) for tensors in layer.all_weights]
    return _cudnn.run_layers(layer, weights, x, state, **options)


def by_equations(layer, x, state, **options):
    with onn.backend("torch"):
        y, final = layer(x, state if len(state) == 2 else state[0], **options)
    return y, final if isinstance(final, tuple) else (final,)


def gradients(layer, x, y, final):
    loss = (y * torch.linspace(-1, 1, y.numel(), device=DEVICE).view(y.shape)).sum()
    loss = loss + sum((s * s).sum() for s in final)
    return torch.autograd.grad(loss, [x, *layer.parameters()])


def assert_all_close(actual, expected):
    for a, e in zip(actual, expected, strict=True):
        torch.testing.assert_close(a, e, rtol=1e-4, atol=1e-4 if DEVICE == "cuda" else 1e-5)


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["dense", "ragged"])
@pytest.mark.parametrize("bidirectional", [False, True], ids=["forward", "both"])
@pytest.mark.parametrize("name", LAYERS)
def test_results_and_gradients_are_those_of_the_equations(name, bidirectional, lengths):
    layer = LAYERS[name](num_layers=2, bidirectional=bidirectional).to(DEVICE)
    x, state = torch.randn(7, 4, 5, device=DEVICE, requires_grad=True), states(layer, 4)
    steps = None if lengths is None else read_lengths(lengths, 4, 7)
    y, final = by_torch(layer, x, state, lengths=steps)
    expected_y, expected_final = by_equations(layer, x, state, lengths=lengths)
    assert_all_close([y, *final], [expected_y, *expected_final])
    assert_all_close(gradients(layer, x, y, final), gradients(layer, x, expected_y, expected_final))


@pytest.mark.parametrize("embedded", [True, False], ids=["embedded", "one-hot"])
def test_ids_stand_for_vectors(embedded):
    layer, ids = onn.GRU(5, 6).to(DEVICE), torch.tensor([[0, 4], [2, 2], [3, 1]], device=DEVICE)
    embedding, state = torch.randn(5, 5, device=DEVICE) if embedded else None, states(layer, 2)
    y, final = by_torch(layer, ids, state, embedding=embedding)
    expected_y, expected_final = by_equations(layer, ids, state, embedding=embedding)
    assert_all_close([y, *final], [expected_y, *expected_final])


def test_a_packed_sequence_is_read_as_it_is():
    layer, x = onn.LSTM(5, 6).to(DEVICE), torch.randn(7, 4, 5, device=DEVICE)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, [7, 5, 3, 1])
    state = states(layer, 4)
    y, final = by_torch(layer, packed.data, state, batch_sizes=packed.batch_sizes)
    expected_y, expected_final = by_equations(layer, packed, state)
    assert_all_close([y, *final], [expected_y.data, *expected_final])


def test_of_no_steps_at_all_the_state_is_left():
    layer, x = onn.LSTM(5, 6).to(DEVICE), torch.randn(2, 3, 5, device=DEVICE)
    state = states(layer, 3)
    y, final = by_torch(layer, x, state, lengths=torch.zeros(3, dtype=torch.int64))
    assert y.shape == (2, 3, 6)
    assert not y.any()
    assert_all_close(final, state)


def test_on_the_cpu_it_cannot_be_forced():
    with onn.backend("cudnn"), pytest.raises(InputError, match="on cpu: cuDNN takes an input on a GPU"):
        onn.GRU(5, 6)(torch.randn(7, 4, 5))


def test_cells_run_by_the_equations_where_cudnn_is_asked_for():
    cell = onn.GRUCell(5, 6)
    with onn.backend("cudnn"):
        cell(torch.randn(4, 5))
    assert onn.backend_used(cell) == "torch"


@pytest.mark.skipif(DEVICE == "cpu", reason="there is no GPU")
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_on_a_gpu_runs_on_cudnn(name):
    layer, ours = LAYERS[name](bidirectional=True).to(DEVICE), LAYERS[name](bidirectional=True)
    ours.load_state_dict(layer.state_dict())
    x = torch.randn(7, 4, 5)
    y, _ = layer(x.to(DEVICE), lengths=LENGTHS)
    expected, _ = ours(x, lengths=LENGTHS)
    assert (onn.backend_used(layer), onn.backend_used(ours)) == ("cudnn", "native")
    assert_all_close([y.cpu()], [expected])
