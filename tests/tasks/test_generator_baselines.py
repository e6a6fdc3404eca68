"""The n-grams and the line that generators are measured against."""

import math

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data import Ragged
from ostinato.tasks._generator_linear import LastValue
from ostinato.tasks._generator_ngram import ClassNGram
from ostinato.tasks._ngram import NGram

END, BEGIN, IDS = 3, 4, 5


def texts(*some):
    return Ragged.of([np.array([*text, END]) for text in some])


def numbers(*sequences):
    """Encoded as `NumberTargets` does."""
    return Ragged.of([np.array([*((value, 0.0) for value in s), (0.0, 1.0)]) for s in sequences])


class TestClassNGram:
    @pytest.fixture
    def two(self):
        """Class 0 writes 0 1 2, class 1 writes 2 1 0; class 2 is too small for an n-gram of its own."""
        classes = np.array([0, 1] * 30 + [2])
        return ClassNGram.fit(classes, texts(*[[0, 1, 2], [2, 1, 0]] * 30, [1, 1, 1]), IDS)

    def test_each_class_has_its_own(self, two):
        assert sorted(two.classes) == [0, 1]
        right, wrong = two.nats(np.array([0, 1]), texts([0, 1, 2], [0, 1, 2]))
        assert right < 1 < 8 < wrong

    def test_a_small_class_has_that_of_all(self, two):
        assert two.nats(np.array([2]), texts([0, 1, 2])) == two.nats(np.array([9]), texts([0, 1, 2]))

    def test_nats_are_in_the_order_of_the_texts(self, two):
        some, classes = [[0], [2, 1, 0, 0], [1, 2], [0, 1, 2]], np.array([1, 0, 2, 1])
        together = two.nats(classes, texts(*some))
        alone = [two.nats(classes[row : row + 1], texts(some[row]))[0] for row in range(4)]
        np.testing.assert_allclose(together, alone)

    def test_without_classes_there_is_one(self):
        vectors = np.zeros((40, 3), np.float32)  # enough for a class to have its own
        model = ClassNGram.fit(vectors, texts(*[[0], [1]] * 20), IDS)
        assert not model.classes
        assert not ClassNGram.from_arrays(model.to_arrays(), IDS, 0).classes
        vectors = vectors[:2]
        assert "does not see" in model.name
        assert (model.nats(vectors, texts([0], [1])) > 0).all()

    def test_the_probabilities_of_all_first_tokens_sum_to_nearly_one(self, two):
        p = two.classes[0].distribution([BEGIN] * 3)
        assert p.sum() == pytest.approx(1)
        assert p[BEGIN] < 0.03  # what is lost to beginnings in the middle; the more text, the less

    def test_arrays(self, two):
        again = ClassNGram.from_arrays(two.to_arrays(), IDS, 3)
        some, classes = texts([0, 1], [2], [1, 1, 1]), np.array([0, 1, 2])
        np.testing.assert_array_equal(again.nats(classes, some), two.nats(classes, some))

    @pytest.mark.parametrize(
        ("damage", "message"),
        [
            (lambda a: {n: v for n, v in a.items() if n.startswith("class")}, "of all texts is missing"),
            (lambda a: {n.replace("class_1.", "class_3."): v for n, v in a.items()}, "class_3 is no class"),
            (lambda a: {n.replace("class_1.", "class_01."): v for n, v in a.items()}, "class_01 is no class"),
            (lambda a: {n.replace("class_1.", "other."): v for n, v in a.items()}, "other is no class"),
            (lambda a: {n.replace("class_1.", ""): v for n, v in a.items()}, "not the arrays of an n-gram"),
            (lambda a: {}, "of all texts is missing"),
        ],
        ids=["no-all", "class-too-high", "padded", "other-name", "no-name", "nothing"],
    )
    def test_damaged_arrays(self, two, damage, message):
        with pytest.raises(InputError, match=message):
            ClassNGram.from_arrays(damage(two.to_arrays()), IDS, 3)

    def test_of_another_vocabulary(self, two):
        other = NGram.fit(np.array([0, 1, 2]), 9, 2).to_arrays()
        arrays = {**two.to_arrays(), **{f"class_2.{name}": array for name, array in other.items()}}
        with pytest.raises(InputError, match="class_2 counts 9 tokens, not 5"):
            ClassNGram.from_arrays(arrays, IDS, 3)


class TestLastValue:
    def test_a_line_is_found(self):
        random = np.random.default_rng(0)
        values = [1.0]
        for _ in range(4000):
            values.append(0.5 * values[-1] + 2 + random.normal() * 0.3)
        model = LastValue.fit(numbers(values))
        np.testing.assert_allclose(model.next_[:, 0], [0.5, 2, 0.3], atol=0.06)

    def test_nats_by_hand(self):
        model = LastValue(np.array([[1.0], [2.0]]), np.array([[0.5], [1.0], [3.0]]), np.array([0.25]))
        sequences = numbers([2.0, 5.0], [1.0])

        def gaussian(x, mean, deviation):
            return 0.5 * ((x - mean) / deviation) ** 2 + math.log(deviation) + 0.5 * math.log(2 * math.pi)

        first = gaussian(2, 1, 2) + gaussian(5, 2, 3) - math.log(0.75) - math.log(0.25)
        np.testing.assert_allclose(model.nats(None, sequences), [first, gaussian(1, 1, 2) - math.log(0.25)])

    def test_the_end_comes_as_often_as_it_did(self):
        model = LastValue.fit(numbers([1.0, 2.0, 3.0], [1.0] * 5))
        assert model.end[0] == pytest.approx(2 / 9)  # of 8 values 2 were the last, and one more that was not

    @pytest.mark.parametrize(
        "sequences", [[[1.0]], [[1.0], [2.0]], [[1.0] * 4] * 3], ids=["one", "short", "flat"]
    )
    def test_too_little_to_fit_a_line(self, sequences):
        some = numbers(*sequences)
        assert np.isfinite(LastValue.fit(some).nats(None, some)).all()

    def test_arrays(self):
        some = numbers([1.0, 2.0, 4.0], [0.0, 1.0])
        model = LastValue.fit(some)
        again = LastValue.from_arrays(model.to_arrays(), 1)
        np.testing.assert_array_equal(again.nats(None, some), model.nats(None, some))

    @pytest.mark.parametrize(
        "change",
        [
            {"first": np.zeros((2, 1))},
            {"next": np.full((3, 1), math.nan)},
            {"next": np.zeros((3, 2))},
            {"end": np.array([1.0])},
            {"end": np.array([0.0])},
            {"first": np.ones((2, 1), np.float32)},
            {"other": np.ones(1)},
        ],
        ids=["no-deviation", "nan", "shape", "always-ends", "never-ends", "float32", "one-more"],
    )
    def test_damaged_arrays(self, change):
        arrays = LastValue.fit(numbers([1.0, 2.0, 4.0])).to_arrays()
        with pytest.raises(InputError, match="save the model again"):
            LastValue.from_arrays({**arrays, **change}, 1)
