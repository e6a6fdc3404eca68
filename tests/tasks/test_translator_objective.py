"""The translator's loss: the mean over the tokens of the targets, ends included, whatever the padding."""

import math

import numpy as np
import pytest
import torch

from ostinato.data import Ragged
from ostinato.data.translating._sides import Sentences
from ostinato.nn import EncoderDecoder
from ostinato.tasks import _translator_objective
from ostinato.tasks._translator_objective import TranslatorObjective, likelihood

BEGIN, END, IDS = 6, 5, 7
LATER = 3000  # an epoch when attention is no longer guided
PARTS = {"embedding_size": 3, "cell": "gru", "hidden_size": 4, "num_layers": 1, "attention": True}


def network(dropout=0.0):
    torch.manual_seed(0)
    return EncoderDecoder(0, IDS, **PARTS, dropout=dropout, embedding_dropout=0.0)


def pairs(count=5):
    random = np.random.default_rng(0)
    sources = [random.integers(0, 6, random.integers(1, 6)) for _ in range(count)]
    targets = [np.append(random.integers(0, 5, random.integers(1, 9)), END) for _ in range(count)]
    return tuple(Sentences([""] * count, Ragged.of(side)) for side in (sources, targets))


def log_probs_one_by_one(net, scored):
    """(n,) arrays of the log-probabilities (T, K) of each target's steps."""
    found = []
    for source, target in zip(scored[0].ids, scored[1].ids, strict=True):
        memory = net.encode(torch.from_numpy(source)[:, None], torch.tensor([len(source)]))
        log_probs, _, _ = net.decode(memory, torch.tensor([[BEGIN], *[[token] for token in target[:-1]]]))
        found.append(log_probs[:, 0])
    return found


@pytest.mark.parametrize("smoothing", [0.0, 0.1], ids="smoothing {}".format)
def test_the_loss_is_the_mean_over_tokens(smoothing):
    net, scored = network(), pairs()
    step = TranslatorObjective(net, BEGIN, scored, None, 5, smoothing, 0).loss(LATER, 0, ())
    expected, tokens = 0.0, 0
    for logs, target in zip(log_probs_one_by_one(net, scored), scored[1].ids, strict=True):
        true = logs[torch.arange(len(target)), torch.from_numpy(target)]
        expected -= ((1 - smoothing) * true + smoothing * logs.mean(-1)).sum().item()
        tokens += len(target)
    assert step.tokens == tokens
    assert step.loss.item() == pytest.approx(expected / tokens, rel=1e-5)


@pytest.mark.parametrize("at_a_time", [1, 1 << 23], ids=["one at a time", "all at once"])
def test_the_likelihood_is_that_of_each_target_alone(monkeypatch, at_a_time):
    monkeypatch.setattr(_translator_objective, "AT_A_TIME", at_a_time)
    net, scored = network(dropout=0.5), pairs()
    figures = likelihood(net, BEGIN, scored)
    net.eval()
    alone = log_probs_one_by_one(net, scored)
    nats = [
        -logs[range(len(target)), target].sum().item()
        for logs, target in zip(alone, scored[1].ids, strict=True)
    ]
    assert figures["loss"] == pytest.approx(sum(nats) / len(scored[1].ids.values), rel=1e-5)
    assert figures["perplexity"] == pytest.approx(math.exp(figures["loss"]))


@pytest.mark.parametrize("step", [0, 1500, 2999])
def test_attention_is_guided_less_and_less(step):
    net, scored = network(), pairs(4)
    objective = TranslatorObjective(net, BEGIN, scored, None, 4, 0.0, 0)
    cost = 0.0
    for source, target in zip(scored[0].ids, scored[1].ids, strict=True):
        memory = net.encode(torch.from_numpy(source)[:, None], torch.tensor([len(source)]))
        weights = net.decode(memory, torch.tensor([[BEGIN], *[[token] for token in target[:-2]]]))[2][:, 0]
        expected = torch.from_numpy(objective.table.alignment(source[:, None], target[:-1, None])[:, 0])
        cost -= (expected * weights.log()).sum().item()
    added = (objective.loss(step, 0, ()).loss - objective.loss(LATER, 0, ()).loss).item()
    assert added == pytest.approx((1 - step / 3000) * cost / objective.tokens, rel=1e-3, abs=1e-5)


def test_without_attention_none_is_guided():
    net = EncoderDecoder(0, IDS, **{**PARTS, "attention": False}, dropout=0.0, embedding_dropout=0.0)
    objective = TranslatorObjective(net, BEGIN, pairs(), None, 5, 0.0, 0)
    assert objective.table is None
    assert objective.loss(0, 0, ()).loss == objective.loss(LATER, 0, ()).loss


def test_the_network_goes_on_training_after_an_evaluation():
    net = network()
    assert TranslatorObjective(net, BEGIN, pairs(), pairs(), 2, 0.0, 0).evaluate().keys() == {
        "loss",
        "perplexity",
    }
    assert net.training


def test_nothing_is_held_out():
    assert TranslatorObjective(network(), BEGIN, pairs(), None, 2, 0.0, 0).evaluate() == {}


def test_all_tokens_of_an_epoch_weigh_alike():
    net, scored = network(), pairs(5)
    objective = TranslatorObjective(net, BEGIN, scored, None, 2, 0.0, 0)
    steps = [objective.loss(LATER, index, ()) for index in range(objective.steps_per_epoch)]
    assert {step.tokens for step in steps} == {-(-len(scored[1].ids.values) // 3)}
    nats = sum(step.loss.item() * step.tokens for step in steps)
    assert nats / len(scored[1].ids.values) == pytest.approx(likelihood(net, BEGIN, scored)["loss"], rel=1e-5)


def test_a_hopeless_network_has_a_perplexity():
    net = network()
    with torch.no_grad():
        net.bias[0] = 1e6
    assert math.isfinite(likelihood(net, BEGIN, pairs())["perplexity"])
