"""Tagger: every kind of input, what it says of every step, how it is saved, resumed and searched over."""

import json
import wave

import av
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score

from ostinato import InputError, Tagger
from ostinato.data import Segment
from ostinato.data._audio_encoder import AudioEncoder
from ostinato.nn import LAYERS

RATE = 8000


def tiny(**parameters):
    small = {"hidden_size": 6, "embedding_size": 4, "epochs": 1, "batch_size": 4, "threads": 1}
    return Tagger(**{**small, **parameters})


@pytest.fixture(scope="module")
def texts():
    """The label of a letter is the letter before it: a step alone does not tell."""
    random = np.random.default_rng(0)
    X = ["".join(random.choice(list("ab"), size=random.integers(2, 12))) for _ in range(80)]
    return X, ["a" + x[:-1] for x in X]


@pytest.fixture(scope="module")
def fitted(texts):
    """A fitted tagger; not to be changed."""
    return tiny(epochs=12, learning_rate=0.03, dropout=0.0).fit(*texts)


@pytest.fixture(scope="module")
def saved(fitted, tmp_path_factory):
    """Its directory; not to be changed."""
    directory = tmp_path_factory.mktemp("saved") / "model"
    fitted.save(directory)
    return directory


@pytest.fixture(scope="module")
def numbers():
    """A running sum's sign at each step, and sequences of one step among them."""
    random = np.random.default_rng(0)
    X = [random.normal(size=(T, 2)) for T in [1, 30, 7, 1, 12, 40, 9, 25]]
    return X, [(x[:, 0].cumsum() > 0).astype(int) for x in X]


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Hums and hisses in turn, and from when to when the hums are."""
    folder = tmp_path_factory.mktemp("sounds")
    random = np.random.default_rng(0)
    X, y = [], []
    for index in range(6):
        ends = np.cumsum(random.integers(20, 60, size=4)) / 100
        t = np.arange(round(ends[-1] * RATE)) / RATE
        is_hum = np.searchsorted(ends, t, side="right") % 2 == index % 2
        samples = 0.3 * np.where(is_hum, np.sin(2 * np.pi * 300 * t), random.normal(size=len(t)) / 2)
        path = folder / f"{index}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes((samples * 32767).clip(-32768, 32767).astype("<i2").tobytes())
        starts = [0.0, *ends[:-1]]
        X.append(path)
        y.append([Segment(starts[i], ends[i], "hum") for i in range(4) if i % 2 == index % 2])
    return X, y


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Two noises of different colours, spliced."""
    folder = tmp_path_factory.mktemp("films")
    random = np.random.default_rng(0)
    X, y = [], []
    for index in range(6):
        labels = np.repeat(random.permutation(["red", "blue"] * 2), random.integers(3, 8, size=4))
        path = folder / f"{index}.mp4"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mpeg4", rate=10)
            stream.height = stream.width = 32
            stream.pix_fmt = "yuv420p"
            for label in labels:
                frame = random.integers(0, 120, size=(32, 32, 3)).astype(np.uint8)
                frame[..., 0 if label == "red" else 2] += 110
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(stream.encode(None))
        X.append(path)
        y.append(labels)
    return X, y


def test_what_the_steps_before_tell_is_learned(fitted, texts):
    figures = fitted.evaluate(*texts)
    assert figures["model"]["accuracy"] > 0.97 > 0.75 > figures["baseline"]["accuracy"]
    assert figures["model"].keys() == {"loss", "accuracy", "macro_f1"}
    assert [row["class"] for row in figures["classes"]] == ["a", "b"]
    assert np.sum(figures["confusion"]) == sum(row["examples"] for row in figures["classes"])
    assert figures["data"] == "the 10 % held out from training"
    assert fitted.score(*texts) > 0.97
    assert "".join(fitted.predict(["abba"])[0]) == "aabb"


@pytest.mark.parametrize("crf", [False, True], ids=["softmax", "crf"])
@pytest.mark.parametrize("bidirectional", [False, True], ids=["causal", "both-ways"])
@pytest.mark.parametrize("cell", LAYERS)
def test_every_network_labels_every_step(cell, bidirectional, crf, numbers):
    model = tiny(cell=cell, bidirectional=bidirectional, crf=crf, window=10).fit(*numbers, validation=0)
    X, y = numbers
    assert [len(labels) for labels in model.predict(X)] == [len(labels) for labels in y]
    assert all(labels.dtype.kind == "i" for labels in model.predict(X))
    for probabilities, x in zip(model.predict_proba(X), X, strict=True):
        assert probabilities.shape == (len(x), 2)
        np.testing.assert_allclose(probabilities.sum(1), 1.0)
    assert model.metrics_["train_sequences"] == len(X)


def test_sequences_of_one_step_are_enough(numbers):
    X, y = [[-1.0], [1.0]] * 10, [["down"], ["up"]] * 10
    model = tiny(epochs=20, learning_rate=0.05).fit(X, y)
    assert [labels.tolist() for labels in model.predict([[-1.0], [1.0]])] == [["down"], ["up"]]


def test_words_have_tags():
    X = [["the", "old", "sea"], ["a", "stone"], ["the", "sea"]] * 8
    y = [["D", "A", "N"], ["D", "N"], ["D", "N"]] * 8
    model = tiny(epochs=8, learning_rate=0.05).fit(X, y)
    assert model.predict([["a", "sea"]])[0].tolist() == ["D", "N"]


@pytest.mark.parametrize("class_weight", ["balanced", {"b": 3.0}], ids=str)
def test_labels_can_weigh_differently(class_weight, texts):
    model = tiny(class_weight=class_weight).fit(*texts)
    assert not np.array_equal(model.predict_proba(["ab"])[0], tiny().fit(*texts).predict_proba(["ab"])[0])


class TestRecordings:
    def test_segments_are_learned_and_given_back(self, sounds):
        X, y = sounds
        model = tiny(epochs=12, learning_rate=0.02, background="hiss").fit(X, y, validation=0)
        assert model.classes_.tolist() == ["hiss", "hum"]
        assert model.score(X, y) > 0.9
        for found, given in zip(model.predict_segments(X), y, strict=True):
            assert {segment.label for segment in found} == {"hum"}
            long = [segment for segment in found if segment.end - segment.start > 0.1]
            np.testing.assert_allclose([s[:2] for s in long], [s[:2] for s in given], atol=0.06)

    def test_scenes_are_told_apart_frame_by_frame(self, films):
        X, y = films
        model = tiny(epochs=8, learning_rate=0.02, frame_size=8).fit(X[:5], y[:5], validation=(X[5:], y[5:]))
        assert model.metrics_["valid"]["accuracy"] > 0.95
        assert model.predict_segments(X[5:])[0][0].start == 0.0

    def test_a_stream_is_never_whole_in_memory(self, sounds, monkeypatch):
        model = tiny(window=50).fit(*sounds, validation=0)
        taken = []

        def stream(self, path):
            for _ in range(20):
                taken.append(1)
                yield np.zeros((100, 40), np.float32)

        monkeypatch.setattr(AudioEncoder, "stream", stream)
        reading = model.stream(sounds[0][0])
        next(reading)
        assert sum(taken) <= 3  # a window and its context on both sides
        assert 50 + sum(map(len, reading)) == 2000
        assert len(model.predict(sounds[0][:1])[0]) == 2000

    def test_all_that_cannot_be_read_are_listed(self, sounds, tmp_path):
        model = tiny().fit(*sounds, validation=0)
        missing = [tmp_path / "one.wav", tmp_path / "two.wav"]
        with pytest.raises(InputError, match=r"2 of 3 inputs cannot be read: .*one.wav.*two.wav"):
            model.predict([missing[0], sounds[0][0], missing[1]])

    def test_other_inputs_have_no_time(self, fitted):
        with pytest.raises(InputError, match="has no time: call predict instead"):
            fitted.predict_segments(["ab"])


@pytest.mark.parametrize("crf", [False, True], ids=["softmax", "crf"])
def test_a_causal_stream_is_the_prediction_of_the_whole(crf, numbers):
    model = tiny(bidirectional=False, crf=crf, window=7).fit(*numbers, validation=0)
    x = np.random.default_rng(1).normal(size=(100, 2))
    pieces = list(model.stream(x))
    assert [len(piece) for piece in pieces] == ([100] if crf else [7] * 14 + [2])
    np.testing.assert_array_equal(np.concatenate(pieces), model.predict([x])[0])


def test_a_stream_of_windows_is_what_is_predicted_of_a_long_sequence(numbers):
    model = tiny(window=50).fit(*numbers, validation=0)
    x = np.random.default_rng(1).normal(size=(700, 2))
    np.testing.assert_array_equal(np.concatenate(list(model.stream(x))), model.predict([x])[0])


@pytest.mark.parametrize(
    ("X", "y", "complaint"),
    [
        pytest.param(["ab", ""], ["01", ""], "sequences of length 0: sequence 2", id="empty-sequence"),
        pytest.param(["ab", "ba"], ["01", "010"], "sequence 2: 3 labels for 2 steps", id="count"),
        pytest.param(["ab", "ba"], ["00", "00"], "have one label, '0'", id="one-label"),
        pytest.param(["ab", "ba"], None, "y cannot be None", id="no-targets"),
        pytest.param([], [], "X is empty", id="nothing"),
    ],
)
def test_complaints_of_examples(X, y, complaint):
    with pytest.raises(InputError) as caught:
        tiny().fit(X, y, validation=0)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"tokens": "words"}, "for a label at each word, give lists of words"),
        ({"crf": True, "class_weight": "balanced"}, "class_weight is for taggers without a CRF"),
        ({"background": None}, "background is None: it must be a string"),
        ({"window": 0}, "window is 0"),
        ({"crf": "yes"}, "crf is 'yes': it must be True or False"),
    ],
    ids=lambda value: None if isinstance(value, str) else " ".join(value),
)
def test_complaints_of_parameters(parameters, complaint, texts):
    with pytest.raises(InputError) as caught:
        tiny(**parameters).fit(*texts)
    assert complaint in str(caught.value)


def test_labels_of_validation_that_training_never_saw_are_named(texts):
    with pytest.raises(InputError, match=r"not seen in training .a, b.: sequence 1, step 2: 'c'"):
        tiny().fit(*texts, validation=(["ab"], ["ac"]))


def test_what_is_not_fitted_says_so():
    with pytest.raises(NotFittedError, match=r"call fit, or Tagger\.load"):
        tiny().stream("ab")


class TestDirectories:
    @pytest.mark.parametrize("crf", [False, True], ids=["softmax", "crf"])
    @pytest.mark.parametrize("cell", LAYERS)
    def test_a_model_comes_back_as_it_was(self, cell, crf, texts, tmp_path):
        model = tiny(cell=cell, crf=crf, class_weight=None if crf else {"a": 2.0}).fit(*texts)
        model.save(tmp_path / "model")
        again = Tagger.load(tmp_path / "model")
        assert again.evaluate(*texts) == model.evaluate(*texts)
        for one, other in zip(model.predict_proba(["abba"]), again.predict_proba(["abba"]), strict=True):
            np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize("crf", [False, True], ids=["softmax", "crf"])
    def test_a_run_broken_off_and_resumed_is_the_same_to_the_bit(self, crf, texts, tmp_path):
        options = {"epochs": 2, "num_layers": 2, "crf": crf, "window": 5, "batch_size": 16}
        whole = tiny(**options).fit(*texts, directory=tmp_path / "whole")
        calls, model = 1, tiny(**options)
        model.fit(*texts, directory=tmp_path / "parts", time_limit=1e-9)
        while model.metrics_["ended"] == "time limit":
            model = tiny(**options).fit(*texts, directory=tmp_path / "parts", resume=True, time_limit=1e-9)
            calls += 1
        assert calls >= whole.metrics_["steps"]
        for name in ("model.safetensors", "baseline.safetensors", "targets.json", "inputs.json"):
            assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()

    @pytest.mark.parametrize(
        "name", ["model.safetensors", "baseline.safetensors", "inputs.json", "targets.json", "metrics.json"]
    )
    def test_a_cut_file_is_an_input_error(self, name, saved, tmp_path):
        directory = copied(saved, tmp_path)
        content = (directory / name).read_bytes()
        (directory / name).write_bytes(content[: len(content) // 2])
        with pytest.raises(InputError, match=name):
            Tagger.load(directory)

    @pytest.mark.parametrize(
        ("parameters", "complaint"),
        [
            ({"crf": True}, "lacks the tensor crf"),
            ({"crf": 1}, "crf is 1"),
            ({"window": 10**30}, "window is"),
            ({"background": {}}, "background is"),
            ({"hidden_size": 7}, "has shape"),
        ],
        ids=str,
    )
    def test_a_strangers_configuration_is_checked(self, parameters, complaint, saved, tmp_path):
        directory = copied(saved, tmp_path)
        config = json.loads((directory / "config.json").read_text())
        config["parameters"].update(parameters)
        (directory / "config.json").write_text(json.dumps(config))
        with pytest.raises(InputError) as caught:
            Tagger.load(directory)
        assert complaint in str(caught.value)


def copied(saved, folder):
    directory = folder / "model"
    directory.mkdir()
    for path in saved.iterdir():
        if path.is_file():
            (directory / path.name).write_bytes(path.read_bytes())
    return directory


class TestScikitLearn:
    def test_clones_are_alike(self):
        model = tiny(crf=True, background="none")
        assert clone(model).get_params() == model.get_params()

    def test_search_and_cross_validation_take_lists(self, texts):
        X, y = texts[0][:12], texts[1][:12]
        search = GridSearchCV(tiny(), {"hidden_size": [2, 3]}, cv=2).fit(X, y, validation=0)
        assert search.best_params_["hidden_size"] in (2, 3)
        assert len(cross_val_score(tiny(), X, y, cv=2, params={"validation": 0})) == 2

    def test_same_seed_same_model(self, texts):
        one, other = (tiny(seed=3).fit(*texts).predict_proba(["abab"])[0] for _ in range(2))
        np.testing.assert_array_equal(one, other)
