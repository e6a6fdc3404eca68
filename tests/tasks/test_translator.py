"""The translator, as its user meets it."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline

from ostinato import InputError, Translator

WORDS = ["ab", "ba", "abc", "cab", "bca", "cc"] * 8
BACKWARDS = [word[::-1].upper() for word in WORDS]
SPELLED = [list(word) for word in BACKWARDS]
LINES = [f"open {{0}} at {n}" for n in range(40)]
ZEILEN = [f"bei {n} öffne {{0}}" for n in range(40)]

LEARNING = {
    "epochs": 16,
    "dropout": 0.0,
    "embedding_dropout": 0.0,
    "label_smoothing": 0.0,
    "learning_rate": 0.02,
}


def tiny(**parameters):
    small = {"hidden_size": 32, "embedding_size": 16, "num_layers": 1, "epochs": 2, "threads": 1}
    return Translator(**{**small, "batch_size": 8, **parameters})


@pytest.fixture(scope="module")
def reverser():
    """Knows how to write words backwards, in capitals; not to be changed."""
    return tiny(**LEARNING).fit(WORDS, BACKWARDS)


@pytest.fixture(scope="module")
def speller():
    """The same, as lists of tokens; not to be changed."""
    return tiny(**LEARNING).fit(WORDS, SPELLED)


@pytest.fixture(scope="module")
def copier():
    """Knows what to do with placeholders and numbers; not to be changed."""
    return tiny(**LEARNING).fit(LINES, ZEILEN)


class TestLearning:
    @pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
    @pytest.mark.parametrize("attention", [True, False], ids=["attention", "no attention"])
    def test_what_was_learned_is_written(self, cell, attention):
        model = tiny(cell=cell, attention=attention, **LEARNING).fit(WORDS, BACKWARDS)
        assert model.predict(["cab", "ba", "abc"]) == ["BAC", "AB", "CBA"]

    @pytest.mark.parametrize("layers", [1, 2, 3])
    def test_layers(self, layers):
        model = tiny(num_layers=layers, **{**LEARNING, "epochs": 24}).fit(WORDS, BACKWARDS)
        assert model.predict(["cab"]) == ["BAC"]

    def test_text_to_tokens(self, speller):
        assert speller.predict(["cab"]) == [["B", "A", "C"]]

    def test_tokens_to_tokens(self):
        model = tiny(**LEARNING).fit([list(word) for word in WORDS], SPELLED)
        assert model.predict([["c", "a", "b"]]) == [["B", "A", "C"]]

    def test_tokens_to_text(self):
        model = tiny(**LEARNING).fit([list(word) for word in WORDS], BACKWARDS)
        assert model.predict([["c", "a", "b"]]) == ["BAC"]

    @pytest.mark.parametrize("tokens", ["characters", "words", "subwords"])
    @pytest.mark.parametrize("shared", [False, True], ids=["apart", "shared"])
    def test_tokens_of_texts(self, tokens, shared):
        X, y = ["a cat", "two dogs"] * 10, ["eine Katze", "zwei Hunde"] * 10
        how = {"source_tokens": tokens, "target_tokens": tokens, "shared_vocabulary": shared}
        model = tiny(vocabulary_size=300, **how, **{**LEARNING, "epochs": 30}).fit(X, y)
        assert model.predict(X[:2]) == y[:2]

    def test_one_pair(self):
        model = tiny().fit(["a"], ["b"], validation=0)
        assert model.metrics_["valid"] is None
        assert isinstance(model.predict(["a"])[0], str)

    def test_same_seed_same_model(self):
        first, second = (tiny(seed=3).fit(WORDS, BACKWARDS) for _ in range(2))
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

        whole = tiny().fit(WORDS, BACKWARDS)
        with pytest.raises(KeyboardInterrupt):
            tiny().fit(WORDS, BACKWARDS, directory=tmp_path / "m", reporter=Impatient())
        resumed = tiny().fit(WORDS, BACKWARDS, directory=tmp_path / "m", resume=True)
        for name, tensor in whole.network_.state_dict().items():
            assert tensor.equal(resumed.network_.state_dict()[name])


class TestTranslating:
    def test_company_changes_nothing(self, reverser):
        assert reverser.predict(WORDS[:7]) == [reverser.predict([word])[0] for word in WORDS[:7]]

    @pytest.mark.parametrize("beam_size", [1, 2, 12])
    def test_beams(self, reverser, beam_size):
        assert reverser.translate(["cab"], beam_size=beam_size) == ["BAC"]

    def test_never_longer_than_length(self, reverser, speller):
        assert len(reverser.translate(["cab"], length=2)[0]) <= 2
        assert len(speller.translate(["cab"], length=1)[0]) == 1

    def test_numbers_and_placeholders_are_copied(self, copier):
        given = ["open {0} at 7", "open %s at 1,234.5", "open ${name} at 88"]
        assert copier.predict(given) == ["bei 7 öffne {0}", "bei 1,234.5 öffne %s", "bei 88 öffne ${name}"]

    def test_attention_is_told_on_request(self, reverser):
        (told,) = reverser.translate(["cab"], attention=True)
        assert told.output == "BAC"
        assert (told.source_tokens, told.target_tokens) == (["c", "a", "b"], ["B", "A", "C"])
        assert told.attention.shape == (3, 3)
        np.testing.assert_allclose(told.attention.sum(1), 1, rtol=1e-5)
        assert told.log_probability < 0

    @pytest.mark.parametrize("memory", [None, True, False])
    @pytest.mark.parametrize("how", ["characters", "subwords"])
    def test_what_was_read_of_a_similar_pair_has_some_attention(self, how, memory):
        model = tiny(memory=memory, source_tokens=how, vocabulary_size=300).fit(WORDS, BACKWARDS)
        (told,) = model.translate(["cab"], attention=True)
        remembers = how == "subwords" if memory is None else memory
        assert (told.attention.sum(1) < 0.9999).all() == remembers

    def test_what_was_copied_is_told_as_such(self, copier):
        (told,) = copier.translate(["open %s at 7"], attention=True)
        assert {"%s", "7"} <= set(told.source_tokens) & set(told.target_tokens)

    def test_without_attention_there_is_none_to_tell(self):
        model = tiny(attention=False).fit(WORDS, BACKWARDS)
        assert model.translate(["cab"], attention=True)[0].attention is None


class TestFigures:
    def test_of_texts(self, reverser):
        figures = reverser.evaluate(["cab", "ba"], ["BAC", "XX"])["model"]
        assert figures.keys() == {"loss", "perplexity", "bleu", "chrf", "exact"}
        assert figures["exact"] == 0.5
        assert figures["perplexity"] == pytest.approx(math.exp(figures["loss"]))
        assert reverser.score(["cab", "ba"], ["BAC", "XX"]) == figures["chrf"] / 100

    def test_of_tokens(self, speller):
        given, right = ["cab", "ba"], [["B", "A", "C"], ["A", "X"]]
        figures = speller.evaluate(given, right)["model"]
        assert figures.keys() == {"loss", "perplexity", "error_rate", "exact"}
        assert figures["error_rate"] == 1 / 5
        assert speller.score(given, right) == 4 / 5

    def test_of_the_nearest_neighbour(self, reverser):
        report = reverser.evaluate(["cab", "abcc"], ["BAC", "CCBA"])
        assert report["baseline_name"] == "the target of the most similar training source"
        assert report["baseline"].keys() == {"bleu", "chrf", "exact"}
        assert report["baseline"]["exact"] == 0.5

    def test_what_was_trained_on_is_judged_by_what_was_held_out(self, reverser):
        report = reverser.evaluate(WORDS, BACKWARDS)
        assert report["data"] == "the 10 % held out from training"
        assert report["model"] == reverser.metrics_["valid"]
        name = reverser.metrics_["baseline"]["name"]
        assert {"name": name, **report["baseline"]} == reverser.metrics_["baseline"]

    def test_pairs_of_its_own_are_held_out(self):
        model = tiny().fit(WORDS, BACKWARDS, validation=(["ab"], ["BA"]))
        assert model.metrics_["valid_sequences"] == 1
        assert model.evaluate(["ab"], ["BA"])["data"] == "all of them, held out from training"

    def test_while_it_learns(self, reverser):
        assert {"valid_loss", "valid_perplexity"} <= reverser.history_[-1].keys()
        assert "valid_chrf" not in reverser.history_[-1]


class TestWhatIsGiven:
    @pytest.mark.parametrize(
        ("X", "y"),
        [
            (tuple(WORDS), tuple(BACKWARDS)),
            (np.array(WORDS), np.array(BACKWARDS)),
            (pd.Series(WORDS), pd.Series(BACKWARDS)),
            (pl.Series(WORDS), pl.Series(BACKWARDS)),
            (pd.DataFrame({"a": WORDS}), BACKWARDS),
        ],
        ids=["tuple", "array", "pandas", "polars", "frame"],
    )
    def test_texts(self, X, y):
        assert isinstance(tiny(epochs=1).fit(X, y).predict(X[:1] if len(X) else X)[0], str)

    @pytest.mark.parametrize(
        "y",
        [
            [tuple(tokens) for tokens in SPELLED],
            [np.array(tokens) for tokens in SPELLED],
            pd.Series(SPELLED),
            pl.Series(SPELLED),
        ],
        ids=["tuples", "arrays", "pandas", "polars"],
    )
    def test_tokens(self, y):
        model = tiny(epochs=1).fit(WORDS, y)
        assert set(model.predict(["ab"])[0]) <= set("ABC")

    @pytest.mark.parametrize(
        ("X", "y", "told"),
        [
            (["a", "b"], ["c"], "y has 1 targets and X has 2 sequences"),
            (["a", "b"], None, "there are no targets"),
            (["a", ""], ["a", "b"], "empty sources: sequence 2"),
            (["a", "b"], ["a", "  "], "empty targets: sequence 2"),
            (["a", "b"], ["a", None], "sequence 2: a target must be .* not NoneType"),
            (["a", "b"], ["a", ["b"]], "sequence 2: a target must be .* not list"),
            (["a", "b"], [["a"], [1]], "sequence 2: a target must be"),
            (["a", "b"], [1, 2], "sequence 1: a target must be .* not int"),
            ([[1.0, 2.0], [3.0]], ["a", "b"], "cannot read vectors"),
        ],
        ids=["unpaired", "none", "empty", "blank", "missing", "mixed", "inside", "numbers", "vectors"],
    )
    def test_what_cannot_be_learned(self, X, y, told):
        with pytest.raises(InputError, match=told):
            tiny().fit(X, y, validation=0)

    @pytest.mark.parametrize(
        ("X", "told"),
        [
            (["ab", ""], "empty sources: sequence 2"),
            (["ab", "abcabca"], "sequence 2 has 7 tokens, more than 2 times .* cut it into sentences"),
            (["ab", "Да"], "sequence 2 is in a script that was never seen"),
            ([["a"]], "trained to read text, and these are tokens"),
            ([1.0], "sequence"),
            ("ab", "put a single one into a list"),
        ],
        ids=["empty", "long", "script", "tokens", "number", "bare"],
    )
    def test_what_cannot_be_translated(self, reverser, X, told):
        with pytest.raises(InputError, match=told):
            reverser.predict(X)

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({"beam_size": 0}, "beam_size is 0"),
            ({"beam_size": 2.5}, "beam_size is 2.5"),
            ({"length_penalty": -1}, "length_penalty is -1"),
            ({"length": 0}, "length is 0"),
        ],
        ids=str,
    )
    def test_options(self, reverser, options, told):
        with pytest.raises(InputError, match=told):
            reverser.translate(["ab"], **options)

    @pytest.mark.parametrize(
        "parameters",
        [
            {"source_tokens": "letters"},
            {"attention": 1},
            {"copying": None},
            {"label_smoothing": 1.0},
            {"beam_size": 0},
            {"cell": "transformer"},
        ],
        ids=str,
    )
    def test_parameters(self, parameters):
        with pytest.raises(InputError, match=next(iter(parameters))):
            tiny(**parameters).fit(WORDS, BACKWARDS)

    def test_more_than_memory_holds(self):
        with pytest.raises(InputError, match="takes at least"):
            tiny(hidden_size=1 << 15, num_layers=64).fit(WORDS, BACKWARDS)


class TestScikitLearn:
    def test_parameters_are_as_they_were_given(self):
        model = Translator(hidden_size=7, cell="lstm", attention=False)
        assert clone(model).get_params() == model.get_params()
        assert model.get_params()["hidden_size"] == 7

    def test_cross_validation(self):
        scores = cross_val_score(tiny(epochs=1), np.array(WORDS), np.array(BACKWARDS), cv=2)
        assert ((scores >= 0) & (scores <= 1)).all()

    def test_grid_search_in_a_pipeline(self):
        pipeline = Pipeline([("write", tiny(epochs=1))])
        search = GridSearchCV(pipeline, {"write__hidden_size": [2, 8]}, cv=2).fit(WORDS, BACKWARDS)
        assert search.best_params_["write__hidden_size"] in (2, 8)


def test_what_was_held_out_is_remembered_and_takes_no_part_in_its_own_figures():
    X, y = [f"{a}{b} {b}" for a in "abcd" for b in "efgh"], [f"{b} {a}" for a in "abcd" for b in "efgh"]
    model = Translator(hidden_size=8, embedding_size=8, epochs=1, source_tokens="characters", threads=1)
    model.fit(X, y, validation=0.25)
    assert sorted(model.baseline_.sources) == sorted(X)
    figures = model.evaluate(X, y)
    assert figures["sequences"] == 4
    assert figures["model"] == pytest.approx(model.metrics_["valid"])
    assert figures["baseline"]["exact"] == 0
    assert model.evaluate(X[:3], y[:3])["baseline"]["exact"] == 1


def test_a_validation_set_of_its_own_is_not_remembered():
    X, y = ["ab c", "b cd", "c de"] * 4, ["c a", "d b", "e c"] * 4
    model = Translator(hidden_size=8, embedding_size=8, epochs=1, source_tokens="characters", threads=1)
    model.fit(X, y, validation=(["x ab"], ["b x"]))
    assert list(model.baseline_.sources) == X
