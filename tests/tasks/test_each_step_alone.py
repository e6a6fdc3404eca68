"""EachStepAlone: the most frequent label of a token, a linear model of numbers and frames."""

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data import Ragged
from ostinato.tasks import _each_step_alone
from ostinato.tasks._each_step_alone import EachStepAlone
from ostinato.tasks._order_free import flat_size

IDS = Ragged.of([np.array([1, 1, 2]), np.array([1, 2], np.int32)])
LABELS = Ragged.of([np.array([0, 0, 1]), np.array([1, 1])])


@pytest.fixture
def of_tokens():
    return EachStepAlone.fit(IDS, LABELS, 2, 4)


def numeric(shape, count=60):
    random = np.random.default_rng(0)
    labels = random.integers(3, size=count)
    values = random.normal(size=(count, *shape)) * 0.1 + labels.reshape(-1, *[1] * len(shape))
    if len(shape) == 3:
        values = np.clip(60 * values + 40, 0, 255).astype(np.uint8)
    offsets = np.array([0, 10, count])
    return Ragged(values.astype(np.float32) if len(shape) == 1 else values, offsets), Ragged(labels, offsets)


def test_a_token_has_its_most_frequent_label(of_tokens):
    assert of_tokens.outputs(IDS).likeliest().values.tolist() == [0, 0, 1, 0, 1]
    assert "most frequent label" in of_tokens.name


def test_its_probabilities_are_smoothed(of_tokens):
    seen_and_not = of_tokens.outputs(Ragged.of([np.array([1, 3])])).probabilities()[0]
    share = 3 / 7  # of label 0 among all, counted once more
    np.testing.assert_allclose(seen_and_not[:, 0], [(2 + share) / 4, share], rtol=1e-6)


@pytest.mark.parametrize("shape", [(1,), (3,), (9, 12, 3), (4, 4, 1)], ids=str)
def test_numbers_are_told_apart_step_by_step(shape):
    sequences, labels = numeric(shape)
    model = EachStepAlone.fit(sequences, labels, 3, 0)
    scores = model.outputs(sequences)
    assert (scores.likeliest().values == labels.values).mean() > 0.95
    assert scores.logits.lengths.tolist() == [10, 50]


def test_steps_are_looked_at_some_at_a_time(monkeypatch):
    sequences, labels = numeric((9, 12, 3))
    at_once = EachStepAlone.fit(sequences, labels, 3, 0).outputs(sequences)
    monkeypatch.setattr(_each_step_alone, "_AT_A_TIME", 7 * 9 * 12 * 3)
    in_parts = EachStepAlone.fit(sequences, labels, 3, 0).outputs(sequences)
    np.testing.assert_array_equal(in_parts.logits.offsets, at_once.logits.offsets)
    np.testing.assert_allclose(in_parts.logits.values, at_once.logits.values, rtol=1e-5)


def test_arrays_and_back(of_tokens):
    again = EachStepAlone.from_arrays(of_tokens.to_arrays(), 2, 4)
    np.testing.assert_array_equal(again.outputs(IDS).logits.values, of_tokens.outputs(IDS).logits.values)


def test_arrays_of_another_width_are_refused():
    sequences, labels = numeric((9, 12, 3))
    arrays = EachStepAlone.fit(sequences, labels, 3, 0).to_arrays()
    EachStepAlone.from_arrays(arrays, 3, 0, flat_size((9, 12, 3)))
    with pytest.raises(InputError, match="other sizes"):
        EachStepAlone.from_arrays(arrays, 3, 0, flat_size((9, 12, 1)))
