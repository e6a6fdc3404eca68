import warnings

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score

from ostinato import InputError, LanguageModel
from ostinato._errors import ParameterError
from ostinato.data import next_token_probabilities
from ostinato.tasks import _language_model
from ostinato.tasks._language_files import save_files
from ostinato.tasks._language_parameters import CHECKS, check_memory


def weights(model):
    return {name: tensor.numpy().tobytes() for name, tensor in model.network_.state_dict().items()}


class TestEstimator:
    def test_parameters_are_kept_as_they_were_given(self):
        odd = {name: object() for name in LanguageModel().get_params()}
        assert LanguageModel(**odd).get_params() == odd

    def test_every_parameter_is_checked(self):
        assert CHECKS.keys() | {"device"} == LanguageModel().get_params().keys()

    def test_clone_has_the_parameters_and_nothing_learned(self, fitted):
        other = clone(fitted)
        assert other.get_params() == fitted.get_params()
        assert not hasattr(other, "network_")

    def test_set_params(self):
        assert LanguageModel().set_params(cell="lstm").cell == "lstm"

    def test_repr_shows_what_differs_from_the_defaults(self):
        assert repr(LanguageModel(cell="lstm", hidden_size=5)) == "LanguageModel(cell='lstm', hidden_size=5)"

    def test_fit_gives_itself_and_leaves_its_parameters(self, tiny, text):
        model = tiny()
        before = model.get_params()
        assert model.fit(text) is model
        assert model.get_params() == before

    def test_what_is_learned_ends_in_an_underscore(self, fitted):
        learned = vars(fitted).keys() - fitted.get_params().keys()
        assert learned == {"tokenizer_", "network_", "baseline_", "history_", "metrics_", "split_"}

    def test_cross_validation_of_a_list_of_texts(self, tiny, text):
        scores = cross_val_score(tiny(window=8), text.splitlines(), cv=2)
        assert scores.shape == (2,)
        assert (scores < 0).all()

    def test_grid_search(self, tiny, text):
        lines = [line for line in text.splitlines() if line]
        search = GridSearchCV(tiny(window=8), {"hidden_size": np.array([2, 3])}, cv=2).fit(lines)
        assert search.best_params_["hidden_size"] in (2, 3)
        assert isinstance(search.predict(["a"])[0], str)

    def test_numbers_of_numpy_can_be_saved(self, tiny, text, tmp_path):
        model = tiny(hidden_size=np.int64(2), dropout=np.float32(0.5), seed=np.int32(1)).fit(text)
        model.save(tmp_path / "m")
        assert LanguageModel.load(tmp_path / "m").get_params() == {**model.get_params()}

    @pytest.mark.parametrize(
        "use",
        [
            lambda m: m.predict("a"),
            lambda m: m.predict_proba(["a"]),
            lambda m: m.generate("a"),
            lambda m: m.generate_pieces("a"),
            lambda m: m.evaluate("abc"),
            lambda m: m.score("abc"),
            lambda m: m.save("nowhere"),
        ],
        ids=["predict", "predict_proba", "generate", "generate_pieces", "evaluate", "score", "save"],
    )
    def test_before_fit(self, use):
        with pytest.raises(NotFittedError, match="this LanguageModel has learned nothing yet: call fit, or"):
            use(LanguageModel())


class TestReproducible:
    @pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
    def test_same_seed_same_weights_to_the_bit(self, tiny, text, cell):
        first, again = (tiny(cell=cell, seed=3).fit(text) for _ in range(2))
        assert weights(first) == weights(again)

    def test_another_seed_other_weights(self, tiny, text, fitted):
        assert weights(tiny(seed=3).fit(text)) != weights(fitted)

    def test_saved_in_a_directory_or_kept_in_memory(self, tiny, text, fitted, tmp_path):
        assert weights(tiny().fit(text, directory=tmp_path / "m")) == weights(fitted)
        assert weights(LanguageModel.load(tmp_path / "m")) == weights(fitted)

    def test_torch_is_left_as_it_was(self, tiny, text):
        torch.manual_seed(7)
        expected, threads = torch.rand(1), torch.get_num_threads()
        torch.manual_seed(7)
        tiny(threads=2, hidden_size=2).fit(text[:400])
        assert torch.rand(1) == expected
        assert torch.get_num_threads() == threads

    def test_also_after_a_failure(self, tiny):
        torch.manual_seed(7)
        expected = torch.rand(1)
        torch.manual_seed(7)
        with pytest.raises(InputError):
            tiny().fit("a")
        assert torch.rand(1) == expected


class TestUse:
    def test_probabilities_of_each_text(self, fitted):
        rows = fitted.predict_proba(["a", "", "of the"])
        assert rows.shape == (3, len(fitted.tokenizer_))
        assert rows.dtype == np.float32
        np.testing.assert_allclose(rows.sum(1), 1, rtol=1e-5)
        assert (rows[:, fitted.tokenizer_.unknown_id] == 0).all()

    def test_a_single_text_is_one_row(self, fitted):
        np.testing.assert_array_equal(fitted.predict_proba("of"), fitted.predict_proba(["of"]))

    def test_no_texts_are_no_rows(self, fitted):
        assert fitted.predict_proba([]).shape == (0, len(fitted.tokenizer_))
        assert fitted.predict([]) == []

    def test_predict_is_the_likeliest(self, fitted):
        [token] = fitted.predict("of")
        best = fitted.predict_proba("of")[0].argmax()
        assert (
            token == fitted.tokenizer_.decode([best]) == fitted.generate("", temperature=0, length=0) + token
        )

    def test_generate_is_prompt_and_pieces(self, fitted):
        pieces = list(fitted.generate_pieces("of ", length=9, seed=1))
        assert fitted.generate("of ", length=9, seed=1) == "of " + "".join(pieces)

    def test_score_is_minus_the_bits_per_character(self, fitted, text):
        assert fitted.score(text) == -fitted.evaluate(text)["model"]["bits_per_character"]

    def test_predict_uses_the_model_s_threads(self, fitted, monkeypatch):
        seen = []

        def look(*arguments):
            seen.append(torch.get_num_threads())
            return next_token_probabilities(*arguments)

        monkeypatch.setattr(_language_model, "next_token_probabilities", look)
        before = torch.get_num_threads()
        monkeypatch.setattr(fitted, "threads", before + 1)
        fitted.predict_proba("of")
        assert (seen, torch.get_num_threads()) == ([before + 1], before)

    @pytest.mark.parametrize("who", ["model", "baseline"])
    def test_evaluate_agrees_with_the_figures_of_training(self, fitted, text, who):
        there = fitted.metrics_["valid" if who == "model" else "baseline"]
        figures = fitted.evaluate(text)[who]
        assert figures == {name: pytest.approx(there[name], rel=1e-5) for name in figures}

    def test_loaded_it_gives_the_same_figures(self, fitted, saved, text):
        assert LanguageModel.load(saved).evaluate(text) == fitted.evaluate(text)

    @pytest.mark.parametrize("text_", ["", "a"], ids=["empty", "one-character"])
    def test_too_little_to_evaluate(self, fitted, text_):
        with pytest.raises(InputError):
            fitted.evaluate(text_)

    def test_a_warning_points_at_the_callers_line(self, fitted):
        with pytest.warns(UserWarning) as caught:
            fitted.predict_proba("한")
        assert [w.filename for w in caught] == [__file__]


class TestSave:
    def test_not_over_something(self, fitted, tmp_path):
        (tmp_path / "mine").write_bytes(b"")
        with pytest.raises(InputError, match="is not empty"):
            fitted.save(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["mine"]

    def test_over_a_model_if_told_to(self, fitted, tmp_path):
        fitted.save(tmp_path / "m")
        fitted.save(tmp_path / "m", overwrite=True)
        assert weights(LanguageModel.load(tmp_path / "m")) == weights(fitted)

    def test_below_a_file_leaves_nothing(self, fitted, tmp_path):
        (tmp_path / "f").write_bytes(b"mine")
        with pytest.raises(InputError, match=r"cannot save the model in .*: Not a directory"):
            fitted.save(tmp_path / "f" / "a" / "m")
        assert (tmp_path / "f").read_bytes() == b"mine"

    @pytest.mark.parametrize("device", ["abacus", "meta", "cuda:99", None, 7.5])
    def test_a_device_that_is_none(self, saved, device):
        with pytest.raises(InputError, match=r"^device is "):
            LanguageModel.load(saved, device=device)


class TestMemory:
    PARAMETERS = LanguageModel().get_params()

    @pytest.mark.parametrize(
        "changes",
        [
            {"hidden_size": 32768, "num_layers": 64},
            {"batch_size": 1 << 20, "window": 1 << 20},
            {"vocabulary": 2_000_000, "hidden_size": 32768},
        ],
        ids=["weights", "window", "vocabulary"],
    )
    def test_more_than_there_is(self, monkeypatch, changes):
        monkeypatch.setattr("ostinato.tasks._language_parameters.total_memory", lambda: 64 << 30)
        vocabulary = changes.pop("vocabulary", 100)
        with pytest.raises(
            InputError, match=r"takes at least [\d,.]+ GiB of memory and there are 64.0: take"
        ):
            check_memory({**self.PARAMETERS, **changes}, vocabulary, 10**9)

    @pytest.mark.parametrize("tokens", [1000, 10**12])
    def test_the_default_fits_anywhere(self, monkeypatch, tokens):
        monkeypatch.setattr("ostinato.tasks._language_parameters.total_memory", lambda: 100 << 20)
        check_memory(self.PARAMETERS, 100, tokens)


@pytest.mark.parametrize("X", [7, None, b"bytes", [], [1, 2], ["a", 1], ""], ids=repr)
def test_what_is_no_text(tiny, X):
    with pytest.raises(InputError, match="text"):
        tiny().fit(X)


@pytest.mark.parametrize("limit", ["10m", 0, -1.0, float("nan"), True])
def test_a_time_limit_that_is_none(tiny, text, limit):
    with pytest.raises(InputError, match=r"^time_limit is .*: it must be "):
        tiny().fit(text, time_limit=limit)


@pytest.mark.parametrize("share", [0, 1.5, float("nan"), np.float32(2), np.int64(1)])
def test_a_share_that_is_none(tiny, text, share):
    with pytest.raises(ParameterError, match=r"^validation is .*: it must be a share above 0 and below 1"):
        tiny().fit(text, validation=share)


def test_resuming_takes_a_directory(tiny, text):
    with pytest.raises(InputError, match="resume=True needs a directory"):
        tiny().fit(text, resume=True)


def test_a_directory_is_locked_until_the_model_is_in_it(tiny, text, tmp_path, monkeypatch):
    def save(directory, files):
        with pytest.raises(InputError, match="another process is training in"):
            tiny().fit(text, directory=tmp_path / "m", resume=True)
        save_files(directory, files)

    monkeypatch.setattr(_language_model, "save_files", save)
    tiny().fit(text, directory=tmp_path / "m")
    assert (tmp_path / "m" / "config.json").exists()


def test_fit_says_nothing_it_was_not_asked_for(tiny, text, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tiny().fit(text)
    assert capfd.readouterr() == ("", "")
