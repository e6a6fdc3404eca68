from itertools import pairwise

import numpy as np
import pytest
import torch

from ostinato.nn import LinearChainCRF as TorchCRF
from ostinato.runtime._crf import LinearChainCRF


@pytest.fixture(params=[1, 2, 5], ids="{}-labels".format)
def crfs(request):
    torch.manual_seed(0)
    theirs = TorchCRF(request.param)
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter)
    weights = {f"crf.{name}": tensor.numpy() for name, tensor in theirs.state_dict().items()}
    assert LinearChainCRF.shapes(request.param) == {name: array.shape for name, array in weights.items()}
    return theirs, LinearChainCRF(weights)


def emissions(crf, T):
    return np.random.default_rng(0).normal(size=(T, len(crf.start))).astype(np.float32)


@pytest.mark.parametrize("T", [1, 2, 9])
def test_the_likeliest_labels_and_their_probabilities_are_as_torch_has_them(crfs, T):
    theirs, ours = crfs
    some = emissions(ours, T)
    batch = torch.from_numpy(some)[:, None], torch.tensor([T])
    assert ours.decode(some).tolist() == theirs.decode(*batch)[0].tolist()
    np.testing.assert_allclose(ours.marginals(some), theirs.marginals(*batch)[:, 0].numpy(), atol=1e-6)


def test_filtered_probabilities_are_those_of_all_labellings_of_what_has_come(crfs):
    _, crf = crfs
    some, K = emissions(crf, 4), len(crf.start)
    state = crf.begin(1)
    for t in range(4):
        state = crf.filter(some[t][None], np.ones((1, 1), bool), state)
        expected = np.zeros(K)
        for labels in np.ndindex(*[K] * (t + 1)):
            score = crf.start[labels[0]] + sum(some[step, label] for step, label in enumerate(labels))
            score += sum(crf.transitions[pair] for pair in pairwise(labels))
            expected[labels[-1]] += np.exp(score)
        np.testing.assert_allclose(np.exp(state[0][0]), expected / expected.sum(), rtol=1e-5)


def test_a_row_that_has_no_step_is_left_as_it_was(crfs):
    _, crf = crfs
    before = crf.filter(emissions(crf, 2), np.ones((2, 1), bool), crf.begin(2))
    after = crf.filter(emissions(crf, 2), np.array([[True], [False]]), before)
    for new, old in zip(after, before, strict=True):
        np.testing.assert_array_equal(new[1], old[1])
