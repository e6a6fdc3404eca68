"""LinearChainCRF against the sum over every labelling, which tiny cases allow."""

from itertools import pairwise, product

import pytest
import torch

from ostinato.nn import LinearChainCRF

LENGTHS = [3, 5, 1, 5]


def crf(K=3):
    torch.manual_seed(0)
    layer = LinearChainCRF(K).double()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    return layer


def batch(K=3, padding=0.0):
    """Emissions, labels and lengths; `padding` past the end, and labels there that are none."""
    torch.manual_seed(1)
    lengths = torch.tensor(LENGTHS)
    emissions, labels = torch.randn(5, 4, K, dtype=torch.float64), torch.randint(K, (5, 4))
    ended = torch.arange(5)[:, None] >= lengths
    emissions[ended], labels[ended] = padding, -1
    return emissions, labels, lengths


def score(layer, emissions, labels):
    """Of one row, (T, K) and T labels."""
    return (
        layer.start[labels[0]]
        + sum(emission[label] for emission, label in zip(emissions, labels, strict=True))
        + sum(layer.transitions[before, after] for before, after in pairwise(labels))
        + layer.end[labels[-1]]
    )


def every_labelling(layer, emissions):
    """The labellings of one row, and the probability of each."""
    labellings = list(product(range(emissions.shape[1]), repeat=len(emissions)))
    scores = torch.stack([score(layer, emissions, labels) for labels in labellings])
    return labellings, scores.softmax(0)


@pytest.mark.parametrize("K", [1, 2, 3])
class TestAgainstEveryLabelling:
    def test_loss(self, K):
        layer, (emissions, labels, lengths) = crf(K), batch(K)
        loss = layer.loss(emissions, labels, lengths)
        for row, length in enumerate(LENGTHS):
            labellings, probabilities = every_labelling(layer, emissions[:length, row])
            right = labellings.index(tuple(labels[:length, row].tolist()))
            torch.testing.assert_close(loss[row], -probabilities[right].log())

    def test_decode(self, K):
        layer, (emissions, _, lengths) = crf(K), batch(K)
        for row, path in enumerate(layer.decode(emissions, lengths)):
            labellings, probabilities = every_labelling(layer, emissions[: LENGTHS[row], row])
            assert tuple(path.tolist()) == labellings[probabilities.argmax()]

    def test_marginals(self, K):
        layer, (emissions, _, lengths) = crf(K), batch(K)
        marginals = layer.marginals(emissions, lengths)
        for row, length in enumerate(LENGTHS):
            labellings, probabilities = every_labelling(layer, emissions[:length, row])
            expected = torch.zeros(length, K, dtype=torch.float64)
            for labels, probability in zip(labellings, probabilities, strict=True):
                expected[torch.arange(length), torch.tensor(labels)] += probability
            torch.testing.assert_close(marginals[:length, row], expected)


def test_gradients_are_those_of_finite_differences():
    layer, (emissions, labels, lengths) = crf(), batch()

    def loss(emissions, start, end, transitions):
        parameters = {"start": start, "end": end, "transitions": transitions}
        return torch.func.functional_call(layer, parameters, (emissions, labels, lengths))

    assert torch.autograd.gradcheck(loss, (emissions.requires_grad_(), *layer.parameters()))


@pytest.mark.parametrize("garbage", [float("nan"), float("inf")], ids=str)
def test_padding_is_not_read(garbage):
    layer, (clean, labels, lengths), (emissions, _, _) = crf(), batch(), batch(padding=garbage)
    emissions.requires_grad_()
    loss = layer.loss(emissions, labels, lengths)
    assert torch.equal(loss, layer.loss(clean, labels, lengths))
    loss.sum().backward()
    assert not emissions.grad[torch.arange(5)[:, None] >= lengths].any()
    assert all(g.isfinite().all() for g in [emissions.grad, *(p.grad for p in layer.parameters())])
    paths = zip(layer.decode(emissions, lengths), layer.decode(clean, lengths), strict=True)
    assert all(torch.equal(path, expected) for path, expected in paths)
    assert torch.equal(layer.marginals(emissions, lengths), layer.marginals(clean, lengths))


def test_it_begins_as_a_softmax_at_each_step():
    emissions, labels, lengths = batch()
    layer = LinearChainCRF(3).double()
    cross_entropy = -emissions.log_softmax(-1).gather(-1, labels.clamp(min=0)[..., None])[..., 0]
    expected = cross_entropy.masked_fill(labels < 0, 0).sum(0)
    torch.testing.assert_close(layer.loss(emissions, labels, lengths), expected)
    for path, row in zip(layer.decode(emissions, lengths), range(4), strict=True):
        assert torch.equal(path, emissions[: LENGTHS[row], row].argmax(-1))


@pytest.mark.parametrize(("T", "B", "K"), [(1, 1, 1), (1, 3, 8), (8, 1, 17), (17, 3, 3)])
def test_shapes_in_float32(T, B, K):
    layer, emissions, lengths = LinearChainCRF(K), torch.randn(T, B, K), torch.tensor([T] * B)
    assert layer.loss(emissions, torch.zeros(T, B, dtype=torch.long), lengths).shape == (B,)
    assert [len(path) for path in layer.decode(emissions, lengths)] == [T] * B
    torch.testing.assert_close(layer.marginals(emissions, lengths).sum(-1), torch.ones(T, B))


def test_it_learns_which_labels_follow_each_other():
    torch.manual_seed(0)
    layer = LinearChainCRF(2)
    labels = torch.tensor([0, 1] * 4)[:, None]
    lengths = torch.tensor([8])
    optimiser = torch.optim.Adam(layer.parameters(), lr=0.3)
    for _ in range(20):
        optimiser.zero_grad()
        layer.loss(torch.zeros(8, 1, 2), labels, lengths).sum().backward()
        optimiser.step()
    (path,) = layer.decode(torch.zeros(8, 1, 2), lengths)
    assert torch.equal(path, labels[:, 0])


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_marginals_are_had_where_gradients_are_off(mode):
    layer = crf()
    with mode():
        emissions, _, lengths = batch()
        marginals = layer.marginals(emissions, lengths)
    assert not marginals.requires_grad
    torch.testing.assert_close(marginals, layer.marginals(emissions, lengths))
