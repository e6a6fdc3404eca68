import numpy as np

from ostinato.data import softmax


def test_shares_sum_to_one_and_keep_the_differences():
    logits = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    shares = softmax(logits)
    np.testing.assert_allclose(shares.sum(-1), 1.0)
    np.testing.assert_allclose(np.diff(np.log(shares)), np.diff(logits), atol=1e-6)


def test_scores_of_any_size():
    np.testing.assert_array_equal(softmax(np.array([3e38, -3e38, -np.inf], np.float32)), [1, 0, 0])
