"""A stream of a saved model: what it says, remembers and refuses."""

import numpy as np
import pytest

from ostinato import InputError, runtime

from .saved import LANGUAGES, TEXTS, language_model, series, series_classifier, text_classifier


@pytest.fixture(scope="module")
def directories(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    models = {
        "text": text_classifier(),
        "series": series_classifier(cell="lstm", pooling="mean"),
        "lm": language_model(),
    }
    for name, model in models.items():
        model.save(folder / name)
    return folder


@pytest.fixture
def model(directories):
    return runtime.load(directories / "series")


def pushed(stream, sequence):
    for x in sequence:
        output = stream.push(x)
    return output


def test_after_the_last_step_it_says_what_predict_says_of_the_whole(model):
    sequences = series()
    expected = model.predict_proba(sequences)
    for sequence, row in zip(sequences, expected, strict=True):
        np.testing.assert_array_equal(pushed(model.stream(), sequence), row)


def test_a_restored_stream_goes_on_as_if_never_broken_off(model, directories):
    sequence = series()[0]
    whole, begun = model.stream(), model.stream()
    pushed(whole, sequence)
    pushed(begun, sequence[:2])
    again = runtime.load(directories / "series").stream()
    again.restore(begun.save())
    np.testing.assert_array_equal(pushed(again, sequence[2:]), pushed(begun, sequence[2:]))
    assert again.save() == whole.save()


def test_after_reset_nothing_is_known(model):
    stream = model.stream()
    fresh = stream.save()
    pushed(stream, series()[0])
    assert stream.save() != fresh
    stream.reset()
    assert stream.save() == fresh


def test_the_state_of_another_model_is_refused_and_the_stream_is_as_it_was(model, directories):
    other, stream = runtime.load(directories / "text").stream(), model.stream()
    before = stream.save()
    with pytest.raises(InputError, match="of another model"):
        stream.restore(other.save())
    assert stream.save() == before


def test_a_missing_value_goes_in_as_in_training(model):
    x = np.array([0.5, np.nan])
    with_nan, with_none = model.stream(), model.stream()
    np.testing.assert_array_equal(with_nan.push(x), with_none.push([0.5, None]))
    np.testing.assert_array_equal(
        model.predict_proba([x[None].astype(np.float32)])[0], model.stream().push(x)
    )


@pytest.mark.parametrize(
    ("kind", "x"),
    [
        ("series", [1.0]),
        ("series", 1.0),
        ("series", [1.0, "a"]),
        ("series", "ab"),
        ("series", None),
        ("series", []),
        ("series", [[[1.0, 2.0]]]),
        ("series", [[1.0, 2.0], [1.0]]),
        ("series", {"a": 1}),
        ("series", [10**400, 1]),
        ("text", ""),
        ("text", 3),
        ("text", b"abc"),
        ("text", None),
        ("lm", ""),
        ("lm", True),
        ("lm", 1.5),
        ("lm", ["a"]),
    ],
)
def test_what_a_model_does_not_read_is_refused_with_what_it_does(directories, kind, x):
    stream = runtime.load(directories / kind).stream()
    before = stream.save()
    with pytest.raises(InputError, match="is not what this model reads: give a") as refused:
        stream.push(x)
    assert stream.reads() in str(refused.value)
    assert "\n" not in str(refused.value)
    assert stream.save() == before


@pytest.mark.parametrize("x", [[np.inf, 0.0], np.array([[0.0, 1e39]])])
def test_infinity_is_refused(model, x):
    with pytest.raises(InputError, match="infinity"):
        model.stream().push(x)


def test_options_that_there_are_not(model):
    for begin in (model.stream, model.streams):
        with pytest.raises(InputError, match="of a model for classify have no option 'given': leave it out"):
            begin(given="x")


class TestTexts:
    def test_pieces_are_the_text_however_it_is_cut(self, directories):
        model = runtime.load(directories / "text")
        expected = model.predict_proba(TEXTS)[0]
        for pieces in (TEXTS[0], [TEXTS[0]], [TEXTS[0][:4], TEXTS[0][4:]]):
            np.testing.assert_array_equal(pushed(model.stream(), pieces), expected)

    def test_what_is_told_is_the_likeliest_first(self, directories):
        stream = runtime.load(directories / "text").stream()
        output = stream.push("guten")
        told = stream.told(output)
        assert told["class"] == sorted(set(LANGUAGES))[int(output.argmax())]
        assert [each["probability"] for each in told["probabilities"]] == sorted(
            output.tolist(), reverse=True
        )


class TestLanguageModels:
    def test_after_a_text_it_says_what_predict_says(self, directories):
        model = runtime.load(directories / "lm")
        expected = model.predict_proba("the fox")[0]
        np.testing.assert_array_equal(pushed(model.stream(), ["the", " fox"]), expected)
        np.testing.assert_array_equal(pushed(model.stream(), model.tokenizer.encode("the fox")), expected)

    def test_what_was_never_seen_is_left_out_with_a_warning(self, directories):
        model = runtime.load(directories / "lm")
        with pytest.warns(UserWarning, match="never seen 'É': left out") as caught:
            output = model.stream().push("Éthe")
        assert caught[0].filename == __file__
        np.testing.assert_array_equal(output, model.stream().push("the"))

    def test_nothing_but_the_never_seen_is_refused(self, directories):
        with (
            pytest.warns(UserWarning, match="never seen"),
            pytest.raises(InputError, match="never seen anything of 'É'"),
        ):
            runtime.load(directories / "lm").stream().push("É")

    def test_an_id_that_there_is_not(self, directories):
        with pytest.raises(InputError, match="token id 999 is not one of this tokenizer's ids"):
            runtime.load(directories / "lm").stream().push(999)

    def test_ten_tokens_are_told(self, directories):
        stream = runtime.load(directories / "lm").stream()
        output = stream.push("the ")
        told = stream.told(output)["next"]
        assert len(told) == 10
        assert told[0]["id"] == output.argmax()
        assert told[0]["probability"] == output.max()


def test_a_model_that_reads_backwards_is_refused_with_the_option_that_makes_it_stream(tmp_path):
    text_classifier(bidirectional=True).save(tmp_path / "model")
    model = runtime.load(tmp_path / "model")
    with pytest.raises(InputError, match=r"train one with --causal \(bidirectional=False\)"):
        model.stream()
    with pytest.raises(InputError, match="--causal"):
        model.streams(2)
