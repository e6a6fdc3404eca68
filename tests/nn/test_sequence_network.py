"""SequenceNetwork: any input, any cell, pooled or step by step."""

import pytest
import torch

from ostinato import InputError
from ostinato.nn import LAYERS, POOLINGS, FrameInput, SequenceNetwork, TokenInput, VectorInput

WINDOWS = VectorInput(3, stride=3, changes=(1.0, 2.0, 0.5))
INPUTS = {
    "embedding": TokenInput(7, 3),
    "one-hot": TokenInput(7),
    "vectors": VectorInput(3),
    "frames": FrameInput(8, 9, 1),
    "pixels": FrameInput(8, 9, 1, "pixels"),
}
TOLERANCE = {torch.float32: {"rtol": 1e-5, "atol": 2e-5}, torch.float64: {"rtol": 1e-10, "atol": 1e-11}}
LENGTHS = [3, 8, 1, 8]


def network(inputs="vectors", cell="gru", **options):
    torch.manual_seed(0)
    defaults = {"hidden_size": 5, "num_layers": 1, "bidirectional": False, "dropout": 0.0, "pooling": None}
    return SequenceNetwork(INPUTS.get(inputs, inputs), 4, cell=cell, **{**defaults, **options})


def steps(inputs, T=8, B=4):
    torch.manual_seed(1)
    match INPUTS[inputs]:
        case TokenInput(vocabulary_size=V):
            return torch.randint(V, (T, B))
        case VectorInput(size=D):
            return torch.randn(T, B, D)
        case FrameInput(height=height, width=width, channels=channels):
            return torch.randint(256, (T, B, height, width, channels), dtype=torch.uint8)


@pytest.mark.parametrize("cell", LAYERS)
@pytest.mark.parametrize("inputs", INPUTS)
class TestEachInputAndCell:
    @pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
    @pytest.mark.parametrize("pooling", [None, "last", "attention"])
    def test_a_row_is_the_same_alone_and_in_company(self, inputs, cell, pooling, dtype):
        net = network(inputs, cell, num_layers=2, bidirectional=True, pooling=pooling).to(dtype)
        x = steps(inputs)
        x = x.to(dtype) if x.is_floating_point() else x
        together = net(x, torch.tensor(LENGTHS))
        for row, length in enumerate(LENGTHS):
            alone = net(x[:length, row : row + 1], torch.tensor([length]))
            of_row = together[:length, row : row + 1] if pooling is None else together[row : row + 1]
            torch.testing.assert_close(alone, of_row, **TOLERANCE[dtype])

    def test_every_weight_gets_a_gradient(self, inputs, cell):
        net = network(inputs, cell, num_layers=2, bidirectional=True, pooling="attention")
        net(steps(inputs), torch.tensor(LENGTHS)).square().sum().backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())

    def test_reading_in_pieces_is_reading_at_once(self, inputs, cell):
        net = network(inputs, cell, num_layers=2)
        x = steps(inputs)
        first, state = net.read(x[:3])
        second, state = net.read(x[3:], state)
        torch.testing.assert_close(torch.cat([first, second]), net(x, torch.tensor([8] * 4)))
        assert [s.shape for s in state] == [(2, 4, 5)] * (2 if cell == "lstm" else 1)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooling_makes_one_row_of_scores_for_each_sequence(pooling):
    net = network(bidirectional=True, pooling=pooling)
    assert net(steps("vectors"), torch.tensor(LENGTHS)).shape == (4, 4)


@pytest.mark.parametrize("hidden_size", [1, 3, 8, 17])
def test_without_pooling_each_step_has_scores(hidden_size):
    net = network(hidden_size=hidden_size, bidirectional=True)
    assert net(steps("vectors"), torch.tensor(LENGTHS)).shape == (8, 4, 4)


@pytest.mark.parametrize("pooling", [None, *POOLINGS])
def test_padding_is_not_read(pooling):
    net = network(bidirectional=True, pooling=pooling)
    lengths = torch.tensor(LENGTHS)
    x = steps("vectors")
    x[torch.arange(8)[:, None] >= lengths] = float("nan")
    x.requires_grad_()
    logits = net(x, lengths)
    logits.sum().backward()
    assert logits.isfinite().all()
    assert x.grad.isfinite().all()
    assert all(p.grad.isfinite().all() for p in net.parameters())


def test_the_last_of_a_network_that_looks_back_only_is_what_reading_ends_with():
    net, x = network(pooling="last"), steps("vectors")
    torch.testing.assert_close(net.read(x)[0][-1], net(x, torch.tensor([8] * 4)))


def test_an_initial_state_is_read_on_from():
    net, x = network(), steps("vectors")
    _, state = net.read(x[:3])
    torch.testing.assert_close(net(x[3:], torch.tensor([5] * 4), state), net.read(x[3:], state)[0])


@pytest.mark.parametrize("options", [{"bidirectional": True}, {"pooling": "mean"}], ids=str)
def test_what_looks_ahead_cannot_be_read_step_by_step(options):
    with pytest.raises(InputError, match="whole sequences"):
        network(**options).read(steps("vectors"))


@pytest.mark.parametrize("cell", LAYERS)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_row_read_in_windows_is_the_same_alone_and_in_company(cell, pooling):
    net = network(WINDOWS, cell, num_layers=2, bidirectional=True, pooling=pooling).double()
    x = steps("vectors").double()
    together = net(x, torch.tensor(LENGTHS))
    for row, length in enumerate(LENGTHS):
        alone = net(x[:length, row : row + 1], torch.tensor([length]))
        torch.testing.assert_close(alone, together[row : row + 1])


def test_windows_look_ahead_and_need_a_pooling():
    with pytest.raises(InputError, match="whole sequences"):
        network(WINDOWS, pooling="last").read(steps("vectors"))
    with pytest.raises(InputError, match="choose a pooling"):
        network(WINDOWS)


@pytest.mark.parametrize("pooling", [None, "mean"])
def test_dropout_is_for_training_only(pooling):
    net = network(num_layers=2, dropout=0.9, pooling=pooling)
    x, lengths = steps("vectors"), torch.tensor(LENGTHS)
    assert not torch.equal(net(x, lengths), net(x, lengths))
    net.eval()
    assert torch.equal(net(x, lengths), net(x, lengths))


@pytest.mark.parametrize("inputs", ["embedding", "one-hot", "vectors", "pixels"])
def test_numbers_that_a_step_makes(inputs):
    size = {"embedding": 3, "one-hot": 7, "vectors": 3, "pixels": 72}[inputs]
    layers = 2 * 2 * (3 * 5 + 5)
    assert network(inputs, num_layers=2, bidirectional=True).numbers_per_step == size + layers + 4
    pooled = network(inputs, num_layers=2, bidirectional=True, pooling="mean")
    assert pooled.numbers_per_step == size + layers


def test_a_step_makes_its_share_of_the_numbers_of_a_window():
    layer = 3 * 5 + 5
    assert network(WINDOWS, pooling="mean").numbers_per_step == -(-(4 * 3 * 3 + layer) // 3)


def test_another_way_to_read_frames_is_refused():
    with pytest.raises(InputError, match="'conv'"):
        FrameInput(8, 8, 3, "conv")


def test_a_frame_makes_the_numbers_of_its_encoder_too():
    net = network("frames")
    assert net.numbers_per_step == net.encoder.numbers_per_step + 64 + 3 * 5 + 5 + 4


def test_a_description_takes_no_memory():
    with torch.device("meta"):
        net = SequenceNetwork(
            TokenInput(2_000_000),
            4,
            cell="lstm",
            hidden_size=32768,
            num_layers=64,
            bidirectional=True,
            dropout=0.0,
            pooling="attention",
        )
    assert sum(p.numel() for p in net.parameters()) > 10**11
