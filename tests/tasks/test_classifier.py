"""What classifiers and regressors do alike, and what only a classifier does."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from ostinato import Classifier, InputError, Regressor
from ostinato.tasks._held_out import held_out_rows
from ostinato.tasks._load import load_model
from ostinato.training import Interrupted
from ostinato.training._checkpoint import steps_saved

from .rising import LABELS, MODELS, NUMBERS, TEXTS, TINY, StopAt, files, weights

STEPS = 10  # of a run: 36 sequences in batches of 8, twice

both = pytest.mark.parametrize(("kind", "y"), MODELS.values(), ids=MODELS)


@pytest.fixture(scope="module")
def classifier():
    """Fitted on texts; not to be changed."""
    return Classifier(**TINY).fit(TEXTS, LABELS)


# Networks


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("pooling", ["last", "mean", "max", "last+mean+max", "attention"])
@pytest.mark.parametrize("bidirectional", [True, False], ids=["both ways", "causal"])
def test_every_cell_pooling_and_direction_learns(cell, pooling, bidirectional):
    options = {**TINY, "cell": cell, "pooling": pooling, "bidirectional": bidirectional, "dropout": 0.0}
    model = Classifier(**{**options, "hidden_size": 8, "epochs": 8}).fit(NUMBERS, LABELS)
    assert model.score(NUMBERS, LABELS) > 0.9


@pytest.mark.parametrize(
    "options",
    [
        {"tokens": "words"},
        {"tokens": "subwords", "vocabulary_size": 270},
        {"input": "one-hot"},
        {"num_layers": 2},
    ],
    ids=str,
)
def test_texts_may_be_read_in_several_ways(options):
    model = Classifier(**TINY, **options).fit(TEXTS, LABELS)
    assert model.predict_proba(TEXTS).shape == (40, 2)


def test_gaps_are_no_obstacle_also_where_training_had_none():
    gappy = [np.where(np.arange(len(numbers)) == 1, np.nan, numbers) for numbers in NUMBERS]
    for train, test in [(gappy, NUMBERS), (NUMBERS, gappy)]:
        model = Classifier(**{**TINY, "epochs": 10}).fit(train, LABELS)
        assert model.score(test, LABELS) > 0.8


def test_class_weights_move_the_decision():
    shares = [
        Classifier(**{**TINY, "epochs": 5}, class_weight={"up": weight})
        .fit(TEXTS, LABELS)
        .predict_proba(TEXTS)
        for weight in (0.01, 100)
    ]
    assert shares[0][:, 1].mean() + 0.2 < shares[1][:, 1].mean()


def test_smoothing_makes_it_less_sure():
    sure, smooth = (
        Classifier(**{**TINY, "epochs": 10}, label_smoothing=share)
        .fit(NUMBERS, LABELS)
        .predict_proba(NUMBERS)
        for share in (0.0, 0.5)
    )
    assert smooth.max(1).mean() < sure.max(1).mean()


# Predictions


@both
@pytest.mark.parametrize("X", [NUMBERS, TEXTS], ids=["numbers", "texts"])
def test_a_prediction_depends_on_its_row_only(kind, y, X):
    model = kind(**TINY).fit(X, y)
    tell = model.predict_proba if kind is Classifier else model.predict
    expected = tell(X)
    np.testing.assert_allclose(np.concatenate([tell([x]) for x in X]), expected, rtol=1e-5, atol=1e-6)
    order = np.random.default_rng(0).permutation(40)
    np.testing.assert_allclose(tell([X[row] for row in order]), expected[order], rtol=1e-5, atol=1e-6)


@both
def test_threads_change_no_prediction(kind, y):
    model = kind(**TINY).fit(NUMBERS, y)
    expected = model.predict(NUMBERS)
    model.set_params(threads=2)
    np.testing.assert_array_equal(model.predict(NUMBERS), expected)
    assert torch.get_num_threads() == 1


def test_probabilities_sum_to_one_and_lead_to_the_prediction(classifier):
    shares = classifier.predict_proba(TEXTS)
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-12)
    assert classifier.predict(TEXTS).tolist() == classifier.classes_[shares.argmax(1)].tolist()


def test_what_training_never_saw_is_read_all_the_same(classifier):
    assert classifier.predict(["éñ漢"]).shape == (1,)


@pytest.mark.parametrize(
    ("X", "words"),
    [
        ([], "there are no sequences"),
        (["ab", ""], "sequences of length 0: sequence 2; leave them out"),
        ([[1.0]], "the inputs are vectors and the model was trained on text"),
        ("ab", "X must be a list of sequences"),
    ],
    ids=["nothing", "empty", "another kind", "not a list"],
)
def test_what_cannot_be_classified(classifier, X, words):
    for use in (
        classifier.predict,
        classifier.predict_proba,
        lambda X: classifier.evaluate(X, ["up"] * len(X)),
    ):
        with pytest.raises(InputError, match=words):
            use(X)


def test_another_number_of_columns_is_refused():
    model = Classifier(**TINY).fit([numbers[:, None] for numbers in NUMBERS], LABELS)
    with pytest.raises(InputError, match="X has 2 columns, but the model was trained with 1"):
        model.predict([np.zeros((3, 2))])


# Examples that will not do

ONES = [[1.0], [1.0, 2.0]]
UNFIT = {
    "nothing": ([], [], "there are no sequences"),
    "empty-sequence": ([*ONES, []], ["a", "b", "a"], "sequences of length 0: sequence 3"),
    "all-empty-texts": (["", ""], ["a", "b"], "there is no text to learn"),
    "infinity": ([[1.0], [np.inf]], ["a", "b"], "sequence 2 has the value inf"),
    "widths": (
        [np.ones((2, 1)), np.ones((2, 2))],
        ["a", "b"],
        "sequence 2 has 2 columns and sequence 1 has 1",
    ),
    "fewer-targets": (ONES, ["a"], "y has 1 targets and X has 2 sequences"),
    "no-targets": (ONES, None, "requires y to be passed"),
    "one-class": (ONES, ["a", "a"], "are of one class, a"),
    "one-row": ([[1.0]], ["a"], "sequence 1 is all there is"),
    "missing-label": (ONES, ["a", None], "sequence 2: None"),
    "list-label": (ONES, [["a"], ["b"]], r"sequence 1: \['a'\]"),
}


@pytest.mark.parametrize(("X", "y", "words"), UNFIT.values(), ids=UNFIT)
def test_what_cannot_be_learned_from(X, y, words, tmp_path):
    with pytest.raises(InputError, match=words) as caught:
        Classifier(**TINY).fit(X, y, directory=tmp_path / "m")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_class_that_only_validation_has():
    with pytest.raises(InputError, match=r"not seen in training \(down, up\): sequence 2: 'sideways'"):
        Classifier(**TINY).fit(TEXTS, LABELS, validation=(["ab", "cd"], ["up", "sideways"]))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cell", "transformer"),
        ("hidden_size", 0),
        ("pooling", "median"),
        ("dropout", 1.0),
        ("epochs", 0),
        ("label_smoothing", -0.1),
        ("class_weight", "heavy"),
        ("bidirectional", 2),
        ("seed", -1),
        ("input", None),
    ],
)
def test_a_parameter_that_will_not_do_is_named(name, value):
    with pytest.raises(InputError, match=f"^{name} "):
        Classifier(**{**TINY, name: value}).fit(TEXTS, LABELS)


def test_a_sequence_too_long_for_the_memory_is_told_before_training(monkeypatch):
    monkeypatch.setattr("ostinato.tasks._sequence_parameters.total_memory", lambda: 1000)
    with pytest.raises(InputError, match="a sequence of 6 steps takes at least"):
        Classifier(**TINY).fit(TEXTS, LABELS)


# Held out, evaluated


@both
def test_figures_are_of_what_was_held_out(kind, y):
    model = kind(**TINY).fit(TEXTS, y, validation=0.25)
    result = model.evaluate(TEXTS, y)
    assert result["data"] == "the 25 % held out from training"
    assert result["sequences"] == model.metrics_["valid_sequences"] == 10
    assert result["model"] == pytest.approx(model.metrics_["valid"])
    assert result["baseline"] == pytest.approx(
        {name: model.metrics_["baseline"][name] for name in result["model"]}
    )


def test_the_scored_rows_are_those_not_learned(classifier):
    rows = np.flatnonzero(held_out_rows(40, 0.1, LABELS, 0))
    held_out = classifier.evaluate([TEXTS[row] for row in rows], [LABELS[row] for row in rows])
    assert held_out["data"] == "all of them"
    assert held_out["model"] == classifier.evaluate(TEXTS, LABELS)["model"]


def test_what_was_held_out_does_not_change_with_a_parameter():
    model = Classifier(**TINY).fit(TEXTS, LABELS, validation=0.25)
    expected = model.evaluate(TEXTS, LABELS)
    assert model.set_params(seed=1).evaluate(TEXTS, LABELS) == expected


def test_other_examples_held_out_are_known_again():
    model = Classifier(**TINY).fit(TEXTS[:30], LABELS[:30], validation=(TEXTS[30:], LABELS[30:]))
    assert model.evaluate(TEXTS[30:], LABELS[30:])["data"] == "all of them, held out from training"
    assert model.evaluate(TEXTS[:30], LABELS[:30])["data"] == "all of them, which the model was trained on"
    assert model.metrics_["valid_sequences"] == 10


def test_nothing_held_out():
    model = Classifier(**TINY).fit(TEXTS, LABELS, validation=0)
    assert (model.metrics_["valid"], model.metrics_["valid_sequences"]) == (None, 0)
    assert model.metrics_["train_sequences"] == 40
    assert model.metrics_["best_step"] == model.metrics_["steps"] == STEPS
    assert model.evaluate(TEXTS, LABELS)["data"] == "all of them, which the model was trained on"


def test_few_examples_are_all_learned_with_a_warning():
    with pytest.warns(UserWarning, match="4 sequences are too few to hold 0.1 of them out"):
        model = Classifier(**TINY).fit(TEXTS[:2] + TEXTS[-2:], ["a", "b", "a", "b"])
    assert model.metrics_["train_sequences"] == 4


def test_nearly_as_many_classes_as_examples():
    model = Classifier(**TINY).fit(TEXTS, [str(row // 2) for row in range(40)], validation=0.5)
    assert model.predict_proba(TEXTS).shape == (40, 20)
    assert model.metrics_["valid_sequences"] == 20


def test_evaluation_tells_of_each_class(classifier):
    result = classifier.evaluate(TEXTS[:20], LABELS[:20])
    assert [row["class"] for row in result["classes"]] == ["down", "up"]
    assert np.sum(result["confusion"]) == result["sequences"] == 20
    assert "blind to the order" in result["baseline_name"]
    json.dumps(result, allow_nan=False)


def test_a_class_that_only_evaluation_has(classifier):
    with pytest.raises(InputError, match=r"not seen in training \(down, up\): sequence 1: 'sideways'"):
        classifier.evaluate(["ab"], ["sideways"])


# Saved, loaded, stopped, resumed


@both
def test_saved_and_loaded_it_says_the_same(kind, y, tmp_path):
    model = kind(**TINY).fit(NUMBERS, y)
    model.save(tmp_path / "m")
    for again in (kind.load(tmp_path / "m"), load_model(tmp_path / "m")):
        assert type(again) is kind
        assert again.get_params() == model.get_params()
        np.testing.assert_array_equal(again.predict(NUMBERS), model.predict(NUMBERS))
        told, expected = again.evaluate(NUMBERS, y), model.evaluate(NUMBERS, y)
        assert told["model"] == expected["model"]
        assert told["baseline"] == pytest.approx(expected["baseline"], rel=1e-4)
        assert (again.history_, again.metrics_) == (model.history_, model.metrics_)


@pytest.mark.parametrize("y", [[1, 2] * 20, [True, False] * 20, ["a", "b"] * 20], ids=["int", "bool", "str"])
def test_classes_and_their_weights_survive_saving(tmp_path, y):
    weight = {y[0]: 3.0}
    model = Classifier(**TINY, class_weight=weight).fit(TEXTS, y)
    model.save(tmp_path / "m")
    again = Classifier.load(tmp_path / "m")
    assert again.classes_.tolist() == model.classes_.tolist()
    assert again.predict(TEXTS).dtype.kind == model.predict(TEXTS).dtype.kind
    assert dict(again.class_weight) == weight
    assert weights(again.fit(TEXTS, y)) == weights(model)


@both
def test_a_run_in_a_directory_is_the_run_in_memory(kind, y, tmp_path):
    in_memory = kind(**TINY).fit(NUMBERS, y)
    in_directory = kind(**TINY).fit(NUMBERS, y, directory=tmp_path / "m")
    assert weights(in_directory) == weights(in_memory)
    in_memory.save(tmp_path / "n")
    assert files(tmp_path / "m") == files(tmp_path / "n")


@both
@pytest.mark.parametrize("step", [1, 5, 9])
def test_a_stopped_run_goes_on_to_the_same_model(kind, y, tmp_path, step):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    kind(**TINY).fit(NUMBERS, y, directory=whole)
    with pytest.raises(Interrupted):
        kind(**TINY).fit(NUMBERS, y, directory=parts, reporter=StopAt(step))
    assert steps_saved(parts / "checkpoints")[-1] == step
    kind(**TINY).fit(NUMBERS, y, directory=parts, resume=True)
    assert files(parts) == files(whole)


def test_a_stopped_run_of_other_examples_is_not_resumed(tmp_path):
    with pytest.raises(Interrupted):
        Classifier(**TINY).fit(TEXTS, LABELS, directory=tmp_path / "m", reporter=StopAt(3))
    with pytest.raises(InputError, match="was started otherwise: sha256 was"):
        Classifier(**TINY).fit(TEXTS[::-1], LABELS, directory=tmp_path / "m", resume=True)


def test_a_time_limit_leaves_a_model_that_can_be_trained_on(tmp_path):
    short = Classifier(**TINY).fit(TEXTS, LABELS, directory=tmp_path / "m", time_limit=1e-9)
    assert (short.metrics_["ended"], short.metrics_["steps"]) == ("time limit", 1)
    assert Classifier.load(tmp_path / "m").predict(TEXTS).shape == (40,)
    long = Classifier(**TINY).fit(TEXTS, LABELS, directory=tmp_path / "m", resume=True)
    assert (long.metrics_["ended"], long.metrics_["steps"]) == ("finished", STEPS)


def test_a_model_is_not_overwritten_unasked(tmp_path, classifier):
    classifier.save(tmp_path / "m")
    with pytest.raises(InputError, match="is not empty"):
        classifier.save(tmp_path / "m")
    with pytest.raises(InputError, match="is not empty"):
        Classifier(**TINY).fit(TEXTS, LABELS, directory=tmp_path / "m")
    classifier.save(tmp_path / "m", overwrite=True)


def test_a_model_of_another_task_is_not_loaded(tmp_path, classifier):
    classifier.save(tmp_path / "m")
    with pytest.raises(InputError, match="is of a model for 'classify', not for 'regress'"):
        Regressor.load(tmp_path / "m")


def test_resuming_needs_a_directory():
    with pytest.raises(InputError, match="resume=True needs a directory"):
        Classifier(**TINY).fit(TEXTS, LABELS, resume=True)


# Recordings

SPEECH = Path(__file__).parents[2] / "examples" / "data" / "speech"


def test_decoded_recordings_are_kept_while_a_run_lasts(tmp_path):
    pytest.importorskip("av")
    sounds, classes = [SPEECH / f"{digit}.wav" for digit in range(4)] * 2, ["even", "odd"] * 4
    decoded = tmp_path / "m" / "checkpoints" / "decoded"
    model = Classifier(**{**TINY, "batch_size": 2}, num_mels=8, sample_rate=8000)
    with pytest.raises(Interrupted):
        model.fit(sounds, classes, validation=0.5, directory=tmp_path / "m", reporter=StopAt(2))
    assert decoded.is_dir()
    model.fit(sounds, classes, validation=0.5, directory=tmp_path / "m", resume=True)
    assert not decoded.exists()
    whole = Classifier(**model.get_params()).fit(sounds, classes, validation=0.5)
    assert weights(model) == weights(whole)
    assert Classifier.load(tmp_path / "m").predict(sounds).shape == (8,)


def test_corrupt_recordings_are_named_or_left_out(tmp_path):
    pytest.importorskip("av")
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    sounds = [*(SPEECH / f"{digit}.wav" for digit in range(4)), tmp_path / "bad.wav"]
    with pytest.raises(InputError, match=r"sequence 5: .*bad.wav"):
        Classifier(**TINY, num_mels=8).fit(sounds, ["a", "b"] * 2 + ["a"], validation=0)
    with pytest.warns(UserWarning, match=r"1 of 5 inputs cannot be read: sequence 5: .*; left out"):
        model = Classifier(**TINY, num_mels=8, on_corrupt="skip").fit(
            sounds, ["a", "b"] * 2 + ["a"], validation=0
        )
    assert model.metrics_["train_sequences"] == 4
