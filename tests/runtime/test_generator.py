import numpy as np
import pytest

from ostinato import InputError

from .saved import number_generator, text_generator

VECTOR = [0.3, -1.0]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("encoding", ["embedding", "one-hot"])
def test_the_same_seed_writes_the_same_texts(both, cell, encoding):
    estimator, model = both(text_generator, cell=cell, input=encoding, num_layers=2)
    asked = ["en", "de", "en"]
    for options in ({"seed": 1}, {"seed": 2, "temperature": 0.7, "top_k": 5}, {"seed": 3, "top_p": 0.9}):
        assert model.sample(asked, **options) == estimator.sample(asked, **options)
    assert model.predict(asked) == estimator.predict(asked)
    assert model.generate("de", seed=4) == estimator.generate("de", seed=4)


@pytest.mark.parametrize("columns", [1, 2])
def test_the_same_seed_writes_the_same_numbers(both, columns):
    estimator, model = both(number_generator, columns=columns)
    asked = [VECTOR, [1.0, 1.0]]
    for mine, theirs in zip(model.sample(asked, seed=1), estimator.sample(asked, seed=1), strict=True):
        assert mine.shape == theirs.shape
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


def test_what_was_never_asked_for_in_training(both):
    with pytest.raises(InputError, match="never seen in training: 'fr'"):
        both(text_generator)[1].generate("fr")
    with pytest.raises(InputError, match="trained to be given numbers, and these are strings"):
        both(number_generator)[1].generate("fr")


class TestStreamsOfTexts:
    def test_the_likeliest_step_by_step_is_what_predict_writes(self, both):
        model = both(text_generator)[1]
        (expected,) = model.predict(["de"])
        stream, written = model.stream(given="de"), ""
        output = stream.push()
        while output.argmax() < len(output) - 1 and len(written) < len(expected):
            character = model.written.tokenizer.decode([int(output.argmax())])
            written += character
            output = stream.push(character)
        assert written == expected
        assert output.sum() == pytest.approx(1)

    def test_the_beginning_is_read_by_itself_or_before_the_first_piece(self, both):
        model = both(text_generator)[1]
        apart, together = model.stream(given="en"), model.stream(given="en")
        first = apart.push(None)
        assert first[-1] == 0  # there is no empty text
        np.testing.assert_array_equal(apart.push("go"), together.push("go"))
        assert apart.save() == together.save()
        with pytest.raises(InputError, match="None is not what this model reads"):
            apart.push(None)

    def test_what_was_asked_for_is_in_the_state(self, both):
        model = both(text_generator)[1]
        english, german = model.stream(given="en"), model.stream(given="de")
        assert not np.array_equal(english.push(), german.push())
        english.restore(german.save())
        np.testing.assert_array_equal(english.push("gut"), german.push("gut"))

    def test_sessions_are_asked_for_different_things(self, both):
        model = both(text_generator)[1]
        streams = model.streams(1, given="en")
        other = streams.join(given="de")
        alone = [model.stream(given="en"), model.stream(given="de")]
        for pieces in ([None, "gu"], ["good", "t"], [" ", "en tag"]):
            outputs = streams.push([0, other], pieces)
            for output, stream, piece in zip(outputs, alone, pieces, strict=True):
                np.testing.assert_array_equal(output, stream.push(piece))
        streams.reset(other)
        np.testing.assert_array_equal(streams.push([other], [None])[0], model.stream(given="de").push())

    def test_the_likeliest_and_the_end_are_told(self, both):
        stream = both(text_generator)[1].stream(given="en")
        output = stream.push("goo")
        told = stream.told(output)
        assert told["end"] == pytest.approx(output[-1])
        assert told["next"][0]["id"] == output[:-1].argmax()

    @pytest.mark.parametrize("piece", ["", 3, ["a"]])
    def test_what_is_no_piece(self, both, piece):
        stream = both(text_generator)[1].stream(given="en")
        with pytest.raises(InputError, match="is not what this model reads: give the piece of text"):
            stream.push(piece)


class TestStreamsOfNumbers:
    @pytest.mark.parametrize("columns", [1, 2])
    def test_the_means_step_by_step_are_what_predict_writes(self, both, columns):
        model = both(number_generator, columns=columns)[1]
        (expected,) = model.predict([VECTOR])
        stream = model.stream(given=VECTOR)
        output = stream.push()
        assert output.end == 0
        for values in expected:
            np.testing.assert_allclose(output.mean, np.atleast_1d(values), rtol=1e-4, atol=1e-6)
            assert (output.deviation > 0).all()
            output = stream.push(output.mean)
            assert 0 < output.end < 1

    def test_sessions_that_began_at_other_times(self, both):
        model = both(number_generator)[1]
        streams, alone = model.streams(2, given=VECTOR), [model.stream(given=VECTOR) for _ in range(2)]
        for sessions, pieces in (([0], [None]), ([1, 0], [0.5, 1.0]), ([0, 1], [[[1.0], [2.0]], 3.0])):
            for session, piece, output in zip(sessions, pieces, streams.push(sessions, pieces), strict=True):
                expected = alone[session].push(piece)
                for mine, other in zip(output, expected, strict=True):
                    np.testing.assert_array_equal(mine, other)

    def test_json(self, both):
        stream = both(number_generator, columns=2)[1].stream(given=VECTOR)
        output = stream.push([1.0, 2.0])
        told = stream.told(output)
        assert told == {
            "mean": output.mean.tolist(),
            "deviation": output.deviation.tolist(),
            "end": output.end,
        }

    @pytest.mark.parametrize("piece", ["a", [1.0, 2.0], float("nan"), [], True, [[[1.0]]]])
    def test_what_is_no_step(self, both, piece):
        stream = both(number_generator)[1].stream(given=VECTOR)
        with pytest.raises(InputError, match="is not what this model reads: give the number that came"):
            stream.push(piece)


def test_a_generator_must_be_asked_for_something(both):
    model = both(text_generator)[1]
    with pytest.raises(InputError, match=r"give it, stream\(given=…\)"):
        model.stream()
    with pytest.raises(InputError, match="have no option 'speed'"):
        model.stream(given="en", speed=2)
