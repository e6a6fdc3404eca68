"""What is pushed of sound and video: the steps of the whole, however it is cut."""

from pathlib import Path

import numpy as np
import pytest

from ostinato import InputError, Tagger
from ostinato.data import AudioEncoder, Scaler, VideoEncoder
from ostinato.data._audio import decode_audio
from ostinato.data._log_mel import LogMel
from ostinato.runtime._pieces import FramePieces, SamplePieces, batched

from .saved import CAUSAL

SPEECH = sorted((Path(__file__).parents[2] / "examples" / "data" / "speech").glob("[0-3].wav"))
MELS = 5
ENCODER = AudioEncoder(
    LogMel(1000, MELS, 0.032, 0.010), Scaler(np.full(MELS, -9.0), np.full(MELS, 2.0), np.zeros(MELS, bool))
)
SAMPLES = np.random.default_rng(0).normal(size=217).astype(np.float32) / 9


def pushed(cuts, samples=SAMPLES):
    """The frames of a sound that comes in pieces, cut at these places."""
    pieces = SamplePieces(ENCODER)
    state, frames = pieces.begin(1), []
    for piece in np.split(samples, cuts):
        (new,), state = pieces.read([piece], state)
        frames.append(new)
    return np.concatenate(frames)


@pytest.mark.parametrize(
    "cuts",
    [[], [1], [31, 32], [32], [33, 34, 35], [*range(1, 217)], [*range(10, 217, 10)], [0, 0, 216]],
)
def test_frames_are_those_of_the_whole_sound(cuts):
    expected = ENCODER.scaler.transform(ENCODER.log_mel.frames(SAMPLES))
    np.testing.assert_allclose(pushed(cuts), expected, atol=1e-5)
    np.testing.assert_array_equal(pushed(cuts), pushed([]))


def test_sounds_side_by_side_do_not_know_of_each_other():
    pieces = SamplePieces(ENCODER)
    both, state = pieces.read([SAMPLES[:100], SAMPLES[:20]], pieces.begin(2))
    more, _ = pieces.read([SAMPLES[100:], SAMPLES[20:]], state)
    for first, rest in zip(both, more, strict=True):
        np.testing.assert_array_equal(np.concatenate([first, rest]), pushed([]))
    assert [len(each) for each in both] == [7, 0]


@pytest.mark.parametrize("piece", ["ab", None, [[1.0]], [np.nan], [np.inf], {"a": 1}, True])
def test_what_is_no_sound(piece):
    pieces = SamplePieces(ENCODER)
    with pytest.raises(InputError, match="give a list of samples from -1 to 1, 1,000 to the second"):
        pieces.read([piece], pieces.begin(1))


@pytest.mark.parametrize("count", [-1, 33, 1 << 62])
def test_a_state_that_there_cannot_be(count):
    pieces = SamplePieces(ENCODER)
    held, counts = pieces.begin(1)
    counts[:] = count
    with pytest.raises(InputError, match="begin again"):
        pieces.read([SAMPLES], (held, counts))


def test_a_frame_or_several():
    pieces = FramePieces(VideoEncoder(8, 3, 10.0))
    frames = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3))
    (one, two), _ = pieces.read([frames[0].tolist(), frames], ())
    assert one.dtype == np.uint8
    np.testing.assert_array_equal(one, frames[:1])
    np.testing.assert_array_equal(two, frames)


@pytest.mark.parametrize(
    "piece",
    [None, "a", np.zeros((8, 8)), np.zeros((8, 8, 3)), np.full((8, 8, 3), 256), np.full((8, 8, 3), -1), [[]]],
    ids=["none", "text", "flat", "floats", "above", "below", "empty"],
)
def test_what_is_no_frame(piece):
    with pytest.raises(InputError, match="give a frame, 8 × 8 × 3 whole numbers from 0 to 255"):
        FramePieces(VideoEncoder(8, 3, 10.0)).read([piece], ())


def test_pieces_of_different_lengths_are_filled_up():
    x, lengths = batched([np.array([1, 2]), np.array([], int), np.array([3])])
    assert x.tolist() == [[1, 0, 3], [2, 0, 0]]
    assert lengths.tolist() == [2, 0, 1]
    assert batched([np.array([1]), np.array([3])])[1] is None


def speech_tagger():
    labels = [[0] * len(AudioEncoder.learn(SPEECH, num_mels=8).encode(path)) for path in SPEECH]
    for row, each in enumerate(labels):
        each[row * 3 :: 2] = [1] * len(each[row * 3 :: 2])
    return Tagger(**CAUSAL, num_mels=8).fit(SPEECH, labels, validation=0)


def test_recordings_are_tagged_as_the_estimator_does_and_a_stream_hears_what_is_in_them(both):
    estimator, model = both(speech_tagger)
    for mine, theirs in zip(
        model.predict_proba(SPEECH[:2]), estimator.predict_proba(SPEECH[:2]), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, atol=2e-6)
    assert model.predict_segments(SPEECH[:1]) == estimator.predict_segments(SPEECH[:1])
    samples = decode_audio(SPEECH[0], estimator.encoder_.log_mel.rate)
    stream = model.stream()
    assert stream.push(samples[:10]) == []
    tags = [tag for piece in np.split(samples[10:], [500, 9000]) for tag in stream.push(piece)]
    shares = np.stack([tag.probabilities for tag in tags])
    np.testing.assert_allclose(shares, model.predict_proba(SPEECH[:1])[0], atol=1e-4)
