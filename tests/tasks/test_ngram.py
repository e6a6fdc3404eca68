"""The n-gram baseline against the formula written out with dictionaries."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._errors import InputError
from ostinato.tasks._ngram import NGram


class Oracle:
    """Modified Kneser-Ney, read off Chen & Goodman (1999): slow, and one token at a time."""

    def __init__(self, train, size, order):
        self.size, self.order = size, min(order, len(train))
        train = tuple(train)
        self.k = [defaultdict(Counter) for _ in range(self.order)]  # k[n][context of n tokens][token]
        for i in range(self.order - 1, len(train)):
            self.k[-1][train[i - self.order + 1 : i]][train[i]] += 1
        for n in range(self.order - 1):
            for preceded in {train[i - n - 1 : i + 1] for i in range(n + 1, len(train))}:
                self.k[n][preceded[1:-1]][preceded[-1]] += 1
        self.discounts = [self.estimate(level) for level in self.k]

    @staticmethod
    def estimate(level):
        having = Counter(k for tokens in level.values() for k in tokens.values())
        n1, n2, n3, n4 = having[1], having[2], having[3], having[4]
        if 0 not in (n1, n2, n3, n4):
            y = n1 / (n1 + 2 * n2)
            found = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
            if min(found) > 0:
                return found
        return (0.5, 1.0, 1.5)

    def p(self, token, context):
        p = 1 / self.size
        for n in range(min(self.order, len(context) + 1)):
            tokens = self.k[n].get(tuple(context[len(context) - n :]))
            if tokens is None:
                break
            total = sum(tokens.values())
            discount = {w: self.discounts[n][min(k, 3) - 1] for w, k in tokens.items()}
            handed_on = sum(discount.values()) / total
            p = (tokens[token] - discount.get(token, 0)) / total + handed_on * p
        return p

    def distribution(self, context):
        return np.array([self.p(w, context) for w in range(self.size)])


def assert_equal_to_the_oracle(train, size, order, held_out, before):
    oracle, model = Oracle(train, size, order), NGram.fit(np.array(train), size, order)
    assert model.order == oracle.order
    stream = before[max(len(before) - order + 1, 0) :] + held_out
    contexts = [stream[: i + len(stream) - len(held_out)] for i in range(len(held_out))]
    expected = [math.log(oracle.p(w, c)) for w, c in zip(held_out, contexts, strict=True)]
    np.testing.assert_allclose(model.log_probabilities(held_out, before), expected, rtol=0, atol=1e-10)

    right = 0
    for token, context in zip(held_out, contexts, strict=True):
        p = model.distribution(context)
        assert p.min() > 0
        assert p.sum() == pytest.approx(1, abs=1e-12)
        np.testing.assert_allclose(p, oracle.distribution(context), rtol=0, atol=1e-12)
        right += p.argmax() == token
    found = model.evaluate(held_out, before)
    assert found["loss"] == pytest.approx(-np.mean(expected), abs=1e-10)
    assert found["accuracy"] == right / len(held_out)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_random_sequences_match_the_formula(data):
    size = data.draw(st.integers(1, 7), "vocabulary size")
    tokens = st.integers(0, size - 1)
    assert_equal_to_the_oracle(
        train=data.draw(st.lists(tokens, min_size=1, max_size=60), "train"),
        size=size,
        order=data.draw(st.integers(1, 6), "order"),
        held_out=data.draw(st.lists(tokens, min_size=1, max_size=20), "held out"),
        before=data.draw(st.lists(tokens, max_size=7), "before"),
    )


@pytest.mark.parametrize("order", [2, 3, 5])
def test_a_zipfian_stream_with_estimated_discounts_matches_the_formula(order):
    rng = np.random.default_rng(order)
    stream = np.minimum(rng.zipf(1.4, 3000), 60).cumsum() % 89  # tokens 89 and 90 never occur
    oracle = Oracle(stream.tolist(), 91, order)
    assert any(d != (0.5, 1.0, 1.5) for d in oracle.discounts)
    held_out = [*stream[:30].tolist(), 90, 3, 89, 90, *rng.integers(0, 91, 30).tolist()]
    assert_equal_to_the_oracle(stream.tolist(), 91, order, held_out, [1, 2])


def test_predictable_text_is_predicted():
    stream = np.tile([2, 0, 1, 3], 200)
    found = NGram.fit(stream, 4).evaluate(stream[4:24], context=stream[:4])
    assert found["accuracy"] == 1
    assert found["loss"] < 0.02


def test_a_vocabulary_near_the_limit_does_not_overflow():
    size = 2**31 - 1
    rng = np.random.default_rng(0)
    stream = (size - 1 - rng.integers(0, 5, 400) * (size // 5)).tolist()
    model, oracle = NGram.fit(np.array(stream), size), Oracle(stream, size, 5)
    held_out = [0, *stream[:50], size - 2]
    expected = [math.log(oracle.p(w, held_out[:i])) for i, w in enumerate(held_out)]
    np.testing.assert_allclose(model.log_probabilities(held_out), expected, atol=1e-10)


def test_an_unseen_token_is_unlikely_but_possible():
    model = NGram.fit(np.array([0, 1, 0, 1, 0, 1]), 3)
    assert -20 < model.log_probabilities([2], [0, 1, 0, 1])[0] < -2


def test_an_older_context_than_the_order_reaches_changes_nothing():
    model = NGram.fit(np.arange(50) % 7, 7, order=3)
    np.testing.assert_array_equal(
        model.log_probabilities([1, 2], [6, 6, 6, 0]), model.log_probabilities([1, 2], [6, 0])
    )


def test_any_integer_type_will_do():
    stream = np.arange(90) % 7
    expected = NGram.fit(stream, 7).evaluate(stream)
    for dtype in (np.uint8, np.int16, np.uint64):
        assert NGram.fit(stream.astype(dtype), 7).evaluate(stream.astype(dtype)) == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: NGram.fit(np.array([], int), 4), "not 0"),
        (lambda m: NGram.fit(np.array([0, 4]), 4), "token 4 is outside the vocabulary; it has 0 to 3"),
        (lambda m: NGram.fit(np.array([0, -1]), 4), "token -1"),
        (lambda m: NGram.fit(np.array([0.5]), 4), "float64"),
        (lambda m: NGram.fit(np.array([[0]]), 4), r"shape \(1, 1\)"),
        (lambda m: NGram.fit(np.array([0]), 0), "vocabulary_size is 0"),
        (lambda m: NGram.fit(np.array([0]), 2**31), "vocabulary_size is 2147483648"),
        (lambda m: NGram.fit(np.array([0]), 4, order=0), "order is 0; choose a whole number from 1 to 16"),
        (lambda m: m.log_probabilities([4]), "token 4"),
        (lambda m: m.log_probabilities([0], [9]), "token 9"),
        (lambda m: m.distribution([-2]), "token -2"),
        (lambda m: m.evaluate([]), "no tokens to evaluate"),
    ],
)
def test_what_the_user_can_mend_is_said_in_one_line(call, message):
    with pytest.raises(InputError, match=message) as caught:
        call(NGram.fit(np.array([0, 1, 2, 3]), 4))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("length", [1, 2, 3, 500], ids="{}_tokens".format)
def test_arrays_bring_the_same_model_back(length):
    rng = np.random.default_rng(length)
    model = NGram.fit(rng.integers(0, 9, length), 10)
    back = NGram.from_arrays(model.to_arrays())
    held_out = rng.integers(0, 10, 200)
    assert (back.order, back.vocabulary_size) == (model.order, 10)
    np.testing.assert_array_equal(back.log_probabilities(held_out), model.log_probabilities(held_out))
    assert back.evaluate(held_out) == model.evaluate(held_out)


def replaced(name, value):
    return lambda arrays: arrays | {name: value(arrays[name])}


def changed(name, place, value):
    def change(array):
        array = array.copy()
        array[place] = value
        return array

    return replaced(name, change)


@pytest.mark.parametrize(
    "damage",
    [
        lambda arrays: {},
        lambda arrays: arrays | {"surprise": np.zeros(1)},
        lambda arrays: {name: array for name, array in arrays.items() if name != "counts_1"},
        lambda arrays: {name.replace("_2", "_7"): array for name, array in arrays.items()},
        replaced("vocabulary_size", lambda a: a[:0]),
        replaced("vocabulary_size", lambda a: a * 0),
        replaced("vocabulary_size", lambda a: a * 2**40),
        replaced("vocabulary_size", lambda a: a - 1),
        replaced("grams_0", lambda a: a[:0]),
        replaced("grams_0", lambda a: a[:-1]),
        replaced("grams_1", lambda a: a.astype(np.float64)),
        replaced("grams_1", lambda a: a.astype(np.int32)),
        replaced("grams_1", lambda a: a[None]),
        replaced("grams_2", lambda a: a[::-1].copy()),
        changed("grams_2", 0, -1),
        changed("grams_2", -1, 2**62),
        changed("grams_2", 1, 0),
        replaced("contexts_1", lambda a: a[:-1]),
        replaced("contexts_1", lambda a: a[::-1].copy()),
        changed("contexts_2", 0, -5),
        changed("contexts_2", -1, 2**62),
        changed("counts_2", 0, 0),
        changed("counts_2", -1, -7),
        replaced("counts_2", lambda a: a[1:]),
        replaced("counts_2", lambda a: a.astype(np.int64)),
    ],
)
def test_a_damaged_file_is_refused(damage):
    arrays = NGram.fit(np.random.default_rng(0).integers(0, 6, 300), 6, order=3).to_arrays()
    with pytest.raises(InputError) as caught:
        NGram.from_arrays(damage(arrays))
    assert "\n" not in str(caught.value)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_changed_number_is_refused_or_leaves_a_model_that_works(data):
    arrays = NGram.fit(np.random.default_rng(1).integers(0, 4, 40), 5, order=3).to_arrays()
    name = data.draw(st.sampled_from(sorted(arrays)))
    place = data.draw(st.integers(0, len(arrays[name]) - 1))
    limits = np.iinfo(arrays[name].dtype)
    value = data.draw(st.integers(-3, 99) | st.sampled_from([limits.min, limits.max]))
    arrays = changed(name, place, value)(arrays)
    try:
        model = NGram.from_arrays(arrays)
    except InputError:
        return
    held_out = data.draw(st.lists(st.integers(0, min(model.vocabulary_size, 5) - 1), min_size=1, max_size=9))
    assert np.isfinite(model.log_probabilities(held_out)).all()
    if model.vocabulary_size < 1000:
        assert model.distribution(held_out).sum() == pytest.approx(1)
