"""TaggingNetwork: its loss is over real steps only, with and without a CRF."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from ostinato.nn import TaggingNetwork, VectorInput

LENGTHS = torch.tensor([3, 5, 1])


def network(crf, K=4):
    torch.manual_seed(0)
    options = {"cell": "gru", "hidden_size": 5, "num_layers": 1, "bidirectional": True, "dropout": 0.0}
    return TaggingNetwork(VectorInput(2), K, crf=crf, **options)


@pytest.fixture
def batch():
    torch.manual_seed(1)
    return torch.randn(5, 3, 2), torch.randint(4, (5, 3))


def test_the_loss_is_the_mean_cross_entropy_of_real_steps(batch):
    net, (x, labels) = network(crf=False), batch
    logits = net(x, LENGTHS)
    rows = [
        cross_entropy(logits[:n, b], labels[:n, b], reduction="sum") for b, n in enumerate(LENGTHS.tolist())
    ]
    torch.testing.assert_close(net.loss(logits, labels, LENGTHS), sum(rows) / LENGTHS.sum())


def test_weights_count_labels_differently(batch):
    net, (x, labels) = network(crf=False), batch
    logits = net(x, LENGTHS)
    only = torch.zeros(4).index_fill(0, labels[0, 0], 1.0)
    mask = (torch.arange(5)[:, None] < LENGTHS) & (labels == labels[0, 0])
    expected = cross_entropy(logits[mask], labels[mask])
    torch.testing.assert_close(net.loss(logits, labels, LENGTHS, only), expected)


@pytest.mark.parametrize("crf", [False, True], ids=["softmax", "crf"])
def test_what_stands_in_the_padding_does_not_count(batch, crf):
    net, (x, labels) = network(crf), batch
    loss = net.loss(net(x, LENGTHS), labels, LENGTHS)
    padding = torch.arange(5)[:, None] >= LENGTHS
    x[padding], labels[padding] = 9.0, 3
    torch.testing.assert_close(net.loss(net(x, LENGTHS), labels, LENGTHS), loss)


def test_a_crf_at_its_beginning_is_a_softmax_at_each_step(batch):
    x, labels = batch
    one, other = network(crf=True), network(crf=False)
    other.load_state_dict({name: t for name, t in one.state_dict().items() if not name.startswith("crf")})
    logits = other(x, LENGTHS)
    torch.testing.assert_close(one.loss(logits, labels, LENGTHS), other.loss(logits, labels, LENGTHS))


def test_every_weight_of_a_crf_gets_a_gradient(batch):
    net, (x, labels) = network(crf=True), batch
    net.loss(net(x, LENGTHS), labels, LENGTHS).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())
