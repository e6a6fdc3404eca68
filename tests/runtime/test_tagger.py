import numpy as np
import pytest

from ostinato import InputError

from .saved import TEXTS, series, series_tagger, text_tagger

LONG = "the quick brown fox jumps over the lazy dog and goes on and on and on " * 8


@pytest.mark.parametrize("bidirectional", [False, True], ids=["causal", "both-ways"])
@pytest.mark.parametrize("crf", [False, True], ids=["alone", "crf"])
def test_predictions_are_the_estimators(both, crf, bidirectional):
    estimator, model = both(text_tagger, crf=crf, bidirectional=bidirectional)
    texts = [*TEXTS, LONG]  # which is read in windows
    for mine, theirs in zip(model.predict(texts), estimator.predict(texts), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for mine, theirs in zip(model.predict_proba(texts), estimator.predict_proba(texts), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=3e-5)  # a CRF of torch adds up 500 steps in float32


def test_numbers_are_tagged_too(both):
    estimator, model = both(series_tagger)
    for mine, theirs in zip(model.predict(series()), estimator.predict(series()), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(model.classes, estimator.classes_)


def test_a_stream_gives_each_step_the_tag_that_predict_gives_it(both):
    model = both(series_tagger)[1]
    labels, probabilities = model.predict(series())[0], model.predict_proba(series())[0]
    stream = model.stream()
    for x, label, shares in zip(series()[0], labels, probabilities, strict=True):
        (tag,) = stream.push(x)
        assert tag.label == label
        np.testing.assert_array_equal(tag.probabilities, shares)


@pytest.mark.parametrize("crf", [False, True], ids=["alone", "crf"])
def test_a_piece_of_several_steps_has_a_tag_for_each(both, crf):
    model = both(text_tagger, crf=crf)[1]
    one_by_one, at_once = model.stream(), model.stream()
    tags = [tag for character in "hello" for tag in one_by_one.push(character)]
    for mine, other in zip(at_once.push("hello"), tags, strict=True):
        assert mine.label == other.label
        np.testing.assert_array_equal(mine.probabilities, other.probabilities)
    assert at_once.save() == one_by_one.save()
    told = at_once.told(tags)["tags"]
    assert [each["label"] for each in told] == [tag.label for tag in tags]
    assert told[0]["probability"] == tags[0].probabilities.max()


@pytest.mark.parametrize("crf", [False, True], ids=["alone", "crf"])
def test_sessions_with_pieces_of_different_lengths(both, crf):
    model = both(text_tagger, crf=crf)[1]
    streams, alone = model.streams(3), [model.stream() for _ in range(3)]
    for pieces in (["h", "hello", "du"], ["ab", "c", "d"], ["x", "y", "z"]):
        for tags, stream, piece in zip(streams.push([0, 1, 2], pieces), alone, pieces, strict=True):
            for mine, other in zip(tags, stream.push(piece), strict=True):
                np.testing.assert_array_equal(mine.probabilities, other.probabilities)


def test_at_the_last_step_a_crf_is_filtered_as_predicted_but_for_the_end(both):
    model = both(text_tagger, crf=True)[1]
    model.crf.end[:] = 0  # so that being the last tells nothing
    tags = model.stream().push("hello")
    np.testing.assert_allclose(tags[-1].probabilities, model.predict_proba(["hello"])[0][-1], atol=1e-6)


def test_what_has_no_time_has_no_segments(both):
    with pytest.raises(InputError, match="reads vectors, which has no time"):
        both(series_tagger)[1].predict_segments(series())
