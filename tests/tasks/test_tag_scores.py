"""TagScores: labels, probabilities and loss of many sequences, with and without a CRF."""

import numpy as np
import pytest
import torch

from ostinato.data import Ragged
from ostinato.nn import LinearChainCRF
from ostinato.tasks import _tag_scores
from ostinato.tasks._tag_scores import TagScores

LENGTHS = [3, 1, 6, 2]


@pytest.fixture
def logits():
    random = np.random.default_rng(0)
    return Ragged.of([random.normal(size=(T, 3)).astype(np.float32) for T in LENGTHS])


@pytest.fixture
def labels():
    random = np.random.default_rng(1)
    return Ragged.of([random.integers(3, size=T) for T in LENGTHS])


@pytest.fixture(params=[False, True], ids=["softmax", "crf"])
def scores(request, logits):
    if not request.param:
        return TagScores(logits)
    torch.manual_seed(0)
    crf = LinearChainCRF(3)
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter)
    return TagScores(logits, crf)


def alone(scores, row):
    return TagScores(scores.logits.take([row]), scores.crf)


@pytest.mark.parametrize("at_a_time", [1, 40, 1 << 22])
def test_a_sequence_is_the_same_alone_and_in_company(scores, labels, at_a_time, monkeypatch):
    monkeypatch.setattr(_tag_scores, "_AT_A_TIME", at_a_time)
    for row in range(len(LENGTHS)):
        one = alone(scores, row)
        np.testing.assert_array_equal(scores.likeliest()[row], one.likeliest()[0])
        np.testing.assert_allclose(scores.probabilities()[row], one.probabilities()[0], atol=1e-6)
    losses = [alone(scores, row).loss(labels.take([row])) * T for row, T in enumerate(LENGTHS)]
    assert scores.loss(labels) == pytest.approx(sum(losses) / sum(LENGTHS), rel=1e-5)


def test_probabilities_sum_to_one(scores):
    assert scores.probabilities().values.shape == (sum(LENGTHS), 3)
    np.testing.assert_allclose(scores.probabilities().values.sum(-1), 1.0)


def test_a_crf_that_knows_nothing_is_a_softmax(logits, labels):
    one, other = TagScores(logits), TagScores(logits, LinearChainCRF(3))
    np.testing.assert_array_equal(one.likeliest().values, other.likeliest().values)
    np.testing.assert_allclose(one.probabilities().values, other.probabilities().values, atol=1e-6)
    assert one.loss(labels) == pytest.approx(other.loss(labels), rel=1e-5)
