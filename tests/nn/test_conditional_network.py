"""ConditionalNetwork: what was asked for reaches every step."""

import pytest
import torch

from ostinato.nn import (
    LAYERS,
    ClassCondition,
    ConditionalNetwork,
    TokenInput,
    VectorCondition,
    VectorInput,
)

INPUTS = {"embedding": TokenInput(7, 3), "one-hot": TokenInput(7), "vectors": VectorInput(3)}
CONDITIONS = {"class": ClassCondition(6), "vector": VectorCondition(2)}
TOLERANCE = {torch.float32: {"rtol": 1e-5, "atol": 2e-5}, torch.float64: {"rtol": 1e-10, "atol": 1e-11}}
LENGTHS = [3, 8, 1, 8]


def network(inputs="embedding", condition="class", cell="gru", *, layers=1, dropout=0.0, H=5):
    torch.manual_seed(0)
    return ConditionalNetwork(
        INPUTS[inputs],
        CONDITIONS[condition],
        4,
        cell=cell,
        hidden_size=H,
        num_layers=layers,
        condition_size=3,
        dropout=dropout,
    )


def batch(inputs="embedding", condition="class", dtype=torch.float32):
    torch.manual_seed(1)
    x = torch.randn(8, 4, 3, dtype=dtype) if inputs == "vectors" else torch.randint(7, (8, 4))
    c = torch.tensor([0, 5, 0, 2]) if condition == "class" else torch.randn(4, 2, dtype=dtype)
    return x, c


@pytest.mark.parametrize("cell", LAYERS)
@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("inputs", INPUTS)
class TestEachKind:
    @pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
    def test_a_row_is_the_same_alone_and_in_company(self, inputs, condition, cell, dtype):
        net = network(inputs, condition, cell, layers=2).to(dtype)
        x, c = batch(inputs, condition, dtype)
        together, final = net(x, c, torch.tensor(LENGTHS))
        for row, length in enumerate(LENGTHS):
            alone, state = net(x[:length, row : row + 1], c[row : row + 1])
            torch.testing.assert_close(together[:length, row], alone[:, 0], **TOLERANCE[dtype])
            for s, s_alone in zip(final, state, strict=True):
                torch.testing.assert_close(s[:, row], s_alone[:, 0], **TOLERANCE[dtype])

    def test_step_by_step_is_as_at_once(self, inputs, condition, cell):
        net = network(inputs, condition, cell, layers=2)
        x, c = batch(inputs, condition)
        whole, end = net(x, c)
        state, steps = net.start(c), []
        for x_t in x:
            y, state = net(x_t[None], c, state=state)
            steps.append(y)
        torch.testing.assert_close(torch.cat(steps), whole)
        torch.testing.assert_close(state, end)

    def test_every_weight_gets_a_gradient(self, inputs, condition, cell):
        net = network(inputs, condition, cell, layers=2)
        x, c = batch(inputs, condition)
        net(x, c, torch.tensor(LENGTHS))[0].square().sum().backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_condition_reaches_every_step_and_not_by_the_state_alone(condition):
    net = network(condition=condition)
    x, c = batch(condition=condition)
    state, other = net.start(c), c.roll(1, 0)
    for x_t in x:
        asked, unasked = (net(x_t[None], condition, state=state)[0] for condition in (c, other))
        assert not torch.isclose(asked[:, 0], unasked[:, 0]).all()
        _, state = net(x_t[None], c, state=state)


@pytest.mark.parametrize(("cell", "states"), [("rnn", 1), ("gru", 1), ("lstm", 2)])
@pytest.mark.parametrize("H", [1, 3, 8, 17])
def test_sequences_begin_in_a_state_of_their_condition(cell, states, H):
    state = network(cell=cell, layers=2, H=H).start(torch.tensor([0, 5, 0]))
    assert [s.shape for s in state] == [(2, 3, H)] * states
    for s in state:
        assert torch.equal(s[:, 0], s[:, 2])
        assert not torch.equal(s[:, 0], s[:, 1])


def test_padding_of_vectors_is_not_read():
    net, lengths = network("vectors"), torch.tensor(LENGTHS)
    x, c = batch("vectors")
    ended = torch.arange(8)[:, None] >= lengths
    x[ended] = float("nan")
    x.requires_grad_()
    y, _ = net(x, c, lengths)
    y[~ended].sum().backward()
    assert y.isfinite().all()
    assert not x.grad[ended].any()
    assert all(p.grad.isfinite().all() for p in net.parameters())


@pytest.mark.parametrize(("inputs", "size"), [("embedding", 100), ("one-hot", 50)])
def test_a_token_and_the_condition_begin_with_a_like_say(inputs, size):
    torch.manual_seed(0)
    net = ConditionalNetwork(
        TokenInput(50, 100 if inputs == "embedding" else None),
        ClassCondition(50),
        50,
        cell="lstm",
        hidden_size=40,
        num_layers=1,
        condition_size=80,
        dropout=0.0,
    )
    w_ih = net.recurrent.weight_ih_l0
    tokens = net.encoder.weight if net.encoder is not None else torch.eye(50)
    assert (tokens @ w_ih[:, :size].T).std().item() == pytest.approx(0.8, rel=0.1)
    assert (net.condition_encoder.weight @ w_ih[:, size:].T).std().item() == pytest.approx(0.8, rel=0.1)


def test_dropout_is_for_training_only():
    net = network(layers=2, dropout=0.9)
    x, c = batch()
    assert not torch.equal(net(x, c)[0], net(x, c)[0])
    net.eval()
    assert torch.equal(net(x, c)[0], net(x, c)[0])


@pytest.mark.parametrize(("inputs", "size"), [("embedding", 3), ("one-hot", 7), ("vectors", 3)])
def test_the_numbers_a_step_makes(inputs, size):
    assert network(inputs, layers=2).numbers_per_step == size + 3 + 2 * (3 * 5 + 5) + 4


def test_a_description_takes_no_memory():
    with torch.device("meta"):
        net = ConditionalNetwork(
            TokenInput(2_000_000),
            ClassCondition(1_000_000),
            2_000_000,
            cell="lstm",
            hidden_size=32768,
            num_layers=8,
            condition_size=1024,
            dropout=0.0,
        )
    assert sum(p.numel() for p in net.parameters()) > 10**11
