import numpy as np
import pytest

from ostinato import InputError, Regressor

from .rising import NUMBERS, SUMS, TEXTS, TINY

LEARNS = {**TINY, "hidden_size": 8, "epochs": 15, "dropout": 0.0}


@pytest.mark.parametrize("X", [NUMBERS, TEXTS], ids=["numbers", "texts"])
def test_it_learns_in_the_units_of_the_targets(X):
    targets = 1000 + 100 * np.array(SUMS)
    model = Regressor(**LEARNS).fit(X, targets)
    assert model.score(X, targets) > 0.8
    assert abs(model.predict(X).mean() - targets.mean()) < 0.5 * targets.std()


def test_several_numbers_each_in_its_own_units():
    targets = np.stack([SUMS, 1e6 * np.array(SUMS)], axis=1)
    model = Regressor(**LEARNS).fit(NUMBERS, targets)
    predicted = model.predict(NUMBERS)
    assert predicted.shape == (40, 2)
    assert model.score(NUMBERS, targets) > 0.8


def test_a_column_of_targets_gives_a_column_of_predictions():
    assert Regressor(**TINY).fit(NUMBERS, np.array(SUMS)[:, None]).predict(NUMBERS).shape == (40, 1)


def test_targets_that_are_all_the_same():
    model = Regressor(**TINY).fit(NUMBERS, [7.0] * 40)
    assert model.predict(NUMBERS) == pytest.approx(7, abs=2)
    assert model.metrics_["valid"]["r2"] == 0


def test_one_sequence_is_refused_unless_it_is_to_be_learned_by_heart():
    with pytest.raises(InputError, match="sequence 1 is all there is, and one sample is too few"):
        Regressor(**TINY).fit([[1.0, 2.0]], [7.0])
    model = Regressor(**TINY).fit([[1.0, 2.0]], [7.0], validation=0)
    assert model.predict([[1.0, 2.0]]) == pytest.approx(7, abs=2)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (None, "requires y to be passed"),
        ([*SUMS[:-1], float("nan")], "sequence 40: nan"),
        ([*SUMS[:-1], float("inf")], "sequence 40: inf"),
        ([*SUMS[:-1], "much"], "sequence 40: 'much'"),
        ([*SUMS[:-1], [1.0, 2.0]], r"sequence 40: \[1.0, 2.0\]"),
        (SUMS[:-1], "y has 39 targets and X has 40 sequences"),
    ],
    ids=["none", "nan", "inf", "text", "ragged", "fewer"],
)
def test_targets_that_cannot_be_learned(y, words):
    with pytest.raises(InputError, match=words):
        Regressor(**TINY).fit(NUMBERS, y)


def test_validation_targets_of_another_count():
    with pytest.raises(InputError, match="targets have 2 numbers each; the model was trained with 1"):
        Regressor(**TINY).fit(NUMBERS, SUMS, validation=(NUMBERS, np.ones((40, 2))))
