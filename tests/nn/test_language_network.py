import pytest
import torch

from ostinato.nn import GRU, LSTM, RNN, LanguageNetwork, OneHot

LAYERS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


def network(cell="gru", *, layers=1, embedding=3, dropout=0.0):
    torch.manual_seed(0)
    return LanguageNetwork(
        7, cell=cell, hidden_size=5, num_layers=layers, embedding_size=embedding, dropout=dropout
    )


@pytest.mark.parametrize("cell", LAYERS)
@pytest.mark.parametrize("layers", [1, 2])
class TestEachCell:
    def test_shapes(self, cell, layers):
        logits, state = network(cell, layers=layers)(torch.zeros(4, 2, dtype=torch.long))
        assert logits.shape == (4, 2, 7)
        assert [s.shape for s in state] == [(layers, 2, 5)] * (2 if cell == "lstm" else 1)

    def test_it_is_what_its_parts_make(self, cell, layers):
        net = network(cell, layers=layers)
        ids = torch.randint(7, (4, 2))
        y, final = net.recurrent(net.encoder(ids))
        logits, state = net(ids)
        torch.testing.assert_close(logits, net.decoder(y))
        torch.testing.assert_close(state, final if cell == "lstm" else (final,))

    def test_reading_is_all_but_the_decoder(self, cell, layers):
        net = network(cell, layers=layers)
        ids = torch.randint(7, (4, 2))
        y, state = net.read(ids)
        logits, expected = net(ids)
        assert y.shape == (4, 2, 5)
        torch.testing.assert_close(net.decoder(y), logits)
        torch.testing.assert_close(state, expected)

    def test_the_state_joins_windows_into_one(self, cell, layers):
        net = network(cell, layers=layers)
        ids = torch.randint(7, (6, 2))
        whole, end = net(ids)
        first, state = net(ids[:4])
        second, state = net(ids[4:], state)
        torch.testing.assert_close(torch.cat([first, second]), whole)
        torch.testing.assert_close(state, end)

    def test_every_weight_gets_a_gradient(self, cell, layers):
        net = network(cell, layers=layers)
        net(torch.randint(7, (5, 2)))[0].square().sum().backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())

    def test_recurrent_matrices_begin_orthogonal(self, cell, layers):
        for name, parameter in network(cell, layers=layers).recurrent.named_parameters():
            if name.startswith("weight_hh"):
                for block in parameter.detach().split(5):
                    torch.testing.assert_close(block @ block.T, torch.eye(5), atol=1e-5, rtol=0)

    def test_its_layer_is_ostinatos_own(self, cell, layers):
        assert type(network(cell, layers=layers).recurrent) is LAYERS[cell]


def test_what_a_token_adds_to_a_gate_begins_with_the_same_spread_whatever_the_sizes():
    def spread(embedding, hidden):
        torch.manual_seed(0)
        net = LanguageNetwork(
            50, cell="lstm", hidden_size=hidden, num_layers=2, embedding_size=embedding, dropout=0.0
        )
        return (net.encoder(torch.arange(50)) @ net.recurrent.weight_ih_l0.T).std().item()

    assert spread(100, 40) == pytest.approx(spread(400, 80), rel=0.1)
    assert spread(100, 40) == pytest.approx(spread(None, 40), rel=0.1)


def test_without_an_embedding_a_token_is_one_hot():
    net = network(embedding=None)
    assert isinstance(net.encoder, OneHot)
    assert net.recurrent.input_size == 7
    assert net(torch.tensor([[6], [0]]))[0].shape == (2, 1, 7)


@pytest.mark.parametrize(("layers", "between"), [(1, 0.0), (2, 0.5)])
def test_dropout_is_between_layers_and_before_the_decoder(layers, between):
    net = network(layers=layers, dropout=0.5)
    assert (net.recurrent.dropout, net.dropout.p) == (between, 0.5)


def test_dropout_is_for_training_only():
    net = network(layers=2, dropout=0.9)
    ids = torch.randint(7, (9, 2))
    assert not torch.equal(net(ids)[0], net(ids)[0])
    net.eval()
    assert torch.equal(net(ids)[0], net(ids)[0])


@pytest.mark.parametrize(("cell", "gates"), [("rnn", 1), ("gru", 3), ("lstm", 4)])
@pytest.mark.parametrize(("embedding", "inputs"), [(3, 3), (None, 7)])
def test_the_numbers_a_token_makes(cell, gates, embedding, inputs):
    net = network(cell, layers=2, embedding=embedding)
    assert net.numbers_per_token == inputs + 2 * (gates * 5 + 5) + 7


def test_a_description_takes_no_memory():
    with torch.device("meta"):
        net = LanguageNetwork(
            2_000_000, cell="lstm", hidden_size=32768, num_layers=64, embedding_size=None, dropout=0.0
        )
    assert sum(p.numel() for p in net.parameters()) > 10**11
