"""The generator, as its user meets it."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline

from ostinato import Generator

LETTERS = ["up", "down"] * 10
TEXTS = ["abcd", "dcba"] * 10
NUMBERS = [float(n) for n in range(1, 9)] * 6
RAMPS = [np.arange(4) * n for n in NUMBERS]


LEARNING = {"epochs": 60, "dropout": 0.0, "learning_rate": 0.03, "patience": 60}


def tiny(**parameters):
    small = {"hidden_size": 12, "embedding_size": 6, "condition_size": 4, "epochs": 2, "threads": 1}
    return Generator(**{**small, **parameters})


@pytest.fixture(scope="module")
def spelling():
    """Knows that up is abcd and down is dcba; not to be changed."""
    return tiny(**LEARNING).fit(LETTERS, TEXTS)


@pytest.fixture(scope="module")
def ramps():
    """Knows that n is 0, n, 2n, 3n; not to be changed."""
    return tiny(**{**LEARNING, "epochs": 150}, hidden_size=24, batch_size=12).fit(NUMBERS, RAMPS)


class TestTexts:
    @pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
    def test_what_is_asked_for_is_written(self, cell):
        model = tiny(cell=cell, **LEARNING)
        assert model.fit(LETTERS, TEXTS).predict(["up", "down", "up"]) == ["abcd", "dcba", "abcd"]

    def test_the_condition_reaches_steps_far_off(self):
        given = ["left", "right"] * 10
        written = ["o" * 40 + ("l" if side == "left" else "r") for side in given]
        model = tiny(**LEARNING, batch_size=4).fit(given, written)
        probable = model.evaluate(["left", "right"], [written[0], written[1]])["model"]["loss"]
        swapped = model.evaluate(["left", "right"], [written[1], written[0]])["model"]["loss"]
        assert swapped - probable > 3 / 42  # nats of one letter of 42 steps

    def test_same_seed_same_texts(self, spelling):
        asked = LETTERS[:10]
        assert spelling.sample(asked, seed=4) == spelling.sample(asked, seed=4)
        hot = {"temperature": 5.0, "length": 30}
        assert spelling.sample(asked, seed=4, **hot) != spelling.sample(asked, seed=5, **hot)
        assert spelling.sample(asked, **hot) != spelling.sample(asked, **hot)

    def test_generate_is_sample_of_one(self, spelling):
        assert (
            spelling.generate("up", seed=2, temperature=3.0)
            == spelling.sample(["up"], seed=2, temperature=3.0)[0]
        )

    def test_greedy_is_one_text_whatever_the_seed_and_the_company(self, spelling):
        assert len({spelling.generate("up", temperature=0, seed=seed) for seed in range(5)}) == 1
        assert spelling.predict(LETTERS[:7]) == [spelling.predict([given])[0] for given in LETTERS[:7]]

    def test_it_ends_by_itself(self, spelling):
        assert spelling.generate("up", temperature=0, length=1000) == "abcd"

    def test_never_longer_than_length(self, spelling):
        assert spelling.predict(["up"]) == ["abcd"]
        assert spelling.generate("up", temperature=0, length=3) == "abc"
        assert spelling.generate("up", length=0) == ""
        assert max(map(len, spelling.sample(LETTERS, temperature=100.0, seed=0))) <= 6  # 1.5 × 4

    def test_never_empty_and_never_a_placeholder(self, spelling):
        wild = spelling.sample(LETTERS * 10, temperature=1000.0, seed=0)
        assert min(map(len, wild)) >= 1
        assert set("".join(wild)) == set("abcd")

    @pytest.mark.parametrize("how", [{"top_k": 1}, {"top_p": 1e-9}, {"temperature": 1e-9}])
    def test_choosing_among_one_is_greedy(self, spelling, how):
        assert spelling.sample(["up", "down"], seed=1, **how) == spelling.predict(["up", "down"])

    def test_many_at_once_are_more_than_fit_side_by_side(self, spelling, monkeypatch):
        monkeypatch.setattr("ostinato.data._sequence_writing._SIDE_BY_SIDE", 7)
        assert spelling.sample(LETTERS, temperature=0) == TEXTS

    @pytest.mark.parametrize("tokens", ["characters", "words", "subwords"])
    def test_tokens(self, tokens):
        given, texts = ["a", "b"] * 10, ["a cat", "dogs, two"] * 10
        model = tiny(tokens=tokens, vocabulary_size=300, **LEARNING)
        assert model.fit(given, texts).predict(["a", "b"]) == texts[:2]

    def test_one_hot(self):
        model = tiny(input="one-hot", **LEARNING)
        assert model.fit(LETTERS, TEXTS).predict(["up"]) == ["abcd"]

    def test_figures(self, spelling):
        report = spelling.evaluate(["up", "down"], ["abcd", "dcba"])
        assert report["sequences"] == 2
        assert report["unknown"] == 0
        figures = report["model"]
        assert figures["perplexity"] == pytest.approx(math.exp(figures["loss"]))
        assert figures["bits_per_character"] == pytest.approx(figures["loss"] / math.log(2))
        assert spelling.score(["up", "down"], ["abcd", "dcba"]) == -figures["bits_per_character"]

    def test_bits_are_per_character_also_of_words(self):
        model = tiny(tokens="words").fit(["a", "b"] * 12, ["one two", "six"] * 12)
        figures = model.evaluate(["a"], ["one two"])["model"]
        expected = figures["loss"] * 3 / (len("one two") + 1) / math.log(2)  # one, _two, the end
        assert figures["bits_per_character"] == pytest.approx(expected)

    def test_unknown_tokens_are_told(self, spelling):
        assert spelling.evaluate(["up"], ["abxy"])["unknown"] == 0.5

    def test_what_was_trained_on_is_judged_by_what_was_held_out(self, spelling):
        report = spelling.evaluate(LETTERS, TEXTS)
        assert report["data"] == "the 10 % held out from training"
        assert report["model"] == spelling.metrics_["valid"]
        name = spelling.metrics_["baseline"]["name"]
        assert {"name": name, **report["baseline"]} == spelling.metrics_["baseline"]


class TestNumbers:
    def test_what_is_asked_for_is_written(self, ramps):
        for n, ramp in zip([2.0, 5.0, 7.0], ramps.predict([2.0, 5.0, 7.0]), strict=True):
            assert ramp.shape == (4,)
            np.testing.assert_allclose(ramp, np.arange(4) * n, atol=1.0)

    def test_a_number_in_between(self, ramps):
        np.testing.assert_allclose(ramps.predict([4.5])[0][-1], 13.5, atol=1.5)

    def test_better_than_the_baseline(self, ramps):
        assert ramps.metrics_["valid"]["loss"] < ramps.metrics_["baseline"]["loss"]
        assert ramps.score(NUMBERS, RAMPS) == -ramps.evaluate(NUMBERS, RAMPS)["model"]["loss"]

    def test_temperature_widens(self, ramps):
        spread = [
            np.std([ramp[0] for ramp in ramps.sample([4.0] * 200, temperature=t, seed=0)])
            for t in (0.1, 1, 5)
        ]
        assert spread[0] < spread[1] < spread[2]

    def test_same_seed_same_numbers(self, ramps):
        once, again = (ramps.sample([3.0] * 5, seed=7) for _ in range(2))
        assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
        assert not np.array_equal(once[0], once[1])

    def test_never_longer_than_length(self, ramps):
        assert [len(ramp) for ramp in ramps.sample([1.0, 2.0], length=2, seed=0)] == [2, 2]
        assert ramps.generate(1.0, length=0).shape == (0,)

    @pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
    def test_vectors_to_sequences_of_vectors(self, cell):
        X = np.random.default_rng(0).normal(size=(20, 3))
        y = [np.full((2 + row % 3, 2), x[:2]) for row, x in enumerate(X)]
        model = tiny(cell=cell).fit(X, y)
        assert all(array.ndim == 2 and array.shape[1] == 2 for array in model.predict(X))
        assert math.isfinite(model.evaluate(X, y)["model"]["loss"])

    def test_constant_numbers_have_a_likelihood(self):
        model = tiny(epochs=5).fit(["a"] * 20, [[0.1, 0.1, 0.1]] * 20)
        assert math.isfinite(model.metrics_["valid"]["loss"])
        assert math.isfinite(model.metrics_["baseline"]["loss"])

    def test_sequences_of_one_step(self):
        assert math.isfinite(tiny().fit(["a"] * 20, [[1.0]] * 20).metrics_["baseline"]["loss"])

    def test_a_gap_in_what_is_asked_for_is_allowed(self):
        model = tiny().fit([[1.0, np.nan], [2.0, 3.0]] * 10, ["ab", "ba"] * 10)
        assert len(model.predict([[np.nan, 1.0]])) == 1


class TestWhatIsAskedFor:
    @pytest.mark.parametrize(
        "X",
        [
            [1, 2] * 10,
            np.arange(20.0),
            np.arange(20.0)[:, None],
            [np.float64(1), 2.0] * 10,
            pd.Series(np.arange(20)),
            pl.Series(np.arange(20)),
            pd.DataFrame({"a": np.arange(20.0)}),
            [np.ones((1, 1)), np.zeros((1, 1))] * 10,
        ],
        ids=["list", "1d", "2d", "scalars", "pandas", "polars", "frame", "steps"],
    )
    def test_numbers(self, X):
        model = tiny(epochs=1).fit(X, ["a", "b"] * 10)
        assert model.encoder_.scaler.columns == 1
        assert len(model.predict([7.0])) == 1

    @pytest.mark.parametrize(
        "X",
        [
            [[1, 2]] * 20,
            [(1.0, 2.0)] * 20,
            np.ones((20, 2)),
            pd.DataFrame({"a": [1.0] * 20, "b": [2.0] * 20}),
            pl.DataFrame({"a": [1.0] * 20, "b": [2.0] * 20}),
            [np.ones((1, 2))] * 20,
        ],
        ids=["lists", "tuples", "array", "pandas", "polars", "steps"],
    )
    def test_vectors(self, X):
        model = tiny(epochs=1).fit(X, ["a", "b"] * 10)
        assert model.encoder_.scaler.columns == 2
        assert isinstance(model.generate([0, 1]), str)

    @pytest.mark.parametrize(
        "X",
        [
            ["x", "y"] * 10,
            np.array(["x", "y"] * 10),
            pd.Series(["x", "y"] * 10),
            pl.Series(["x", "y"] * 10),
            pd.DataFrame({"a": ["x", "y"] * 10}),
        ],
        ids=["list", "array", "pandas", "polars", "frame"],
    )
    def test_strings(self, X):
        assert tiny(epochs=1).fit(X, ["a", "b"] * 10).encoder_.labels.classes.tolist() == ["x", "y"]


class TestTraining:
    def test_one_example(self):
        model = tiny().fit(["a"], ["b"], validation=0)
        assert model.metrics_["valid"] is None
        assert isinstance(model.predict(["a"])[0], str)

    def test_same_seed_same_model(self):
        first, second = (tiny(seed=3).fit(LETTERS, TEXTS) for _ in range(2))
        for name, tensor in first.network_.state_dict().items():
            assert tensor.equal(second.network_.state_dict()[name])

    def test_interrupted_and_resumed_to_the_bit(self, tmp_path):
        class Impatient:
            def begin(self, step, total, steps_per_epoch):
                self.steps = 0

            def stepped(self, tokens, loss):
                self.steps += 1
                if self.steps == 3:
                    raise KeyboardInterrupt

            def evaluated(self, record): ...

            def end(self): ...

        whole = tiny(batch_size=8).fit(LETTERS, TEXTS)
        with pytest.raises(KeyboardInterrupt):
            tiny(batch_size=8).fit(LETTERS, TEXTS, directory=tmp_path / "m", reporter=Impatient())
        resumed = tiny(batch_size=8).fit(LETTERS, TEXTS, directory=tmp_path / "m", resume=True)
        for name, tensor in whole.network_.state_dict().items():
            assert tensor.equal(resumed.network_.state_dict()[name])

    def test_examples_of_its_own_are_held_out(self):
        model = tiny().fit(LETTERS, TEXTS, validation=(["up"], ["abcd"]))
        assert model.metrics_["valid_sequences"] == 1
        assert model.evaluate(["up"], ["abcd"])["data"] == "all of them, held out from training"


class TestScikitLearn:
    def test_parameters_are_as_they_were_given(self):
        model = Generator(hidden_size=7, cell="lstm")
        assert clone(model).get_params() == model.get_params()
        assert model.get_params()["hidden_size"] == 7

    def test_cross_validation(self):
        scores = cross_val_score(tiny(epochs=1), np.array(LETTERS), np.array(TEXTS), cv=2)
        assert (scores < 0).all()

    def test_grid_search_in_a_pipeline(self):
        pipeline = Pipeline([("write", tiny(epochs=1))])
        search = GridSearchCV(pipeline, {"write__hidden_size": [2, 8]}, cv=2).fit(LETTERS, TEXTS)
        assert search.best_params_["write__hidden_size"] in (2, 8)
