import json

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data._audio_encoder import AudioEncoder


@pytest.fixture
def sounds(tmp_path, record):
    random = np.random.default_rng(0)
    return [
        record(tmp_path / f"{i}.wav", random.normal(0, 10.0 ** -(i + 1), 16_000 + 4000 * i)) for i in range(3)
    ]


def test_each_band_is_scaled_over_all_training_frames(sounds):
    encoder = AudioEncoder.learn(sounds)
    frames = np.concatenate([encoder.encode(path) for path in sounds])
    assert encoder.element == (40,)
    assert encoder.seconds_per_step == 0.01
    assert frames.dtype == np.float32
    np.testing.assert_allclose(frames.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(frames.std(0), 1, atol=1e-4)


def test_a_band_that_hardly_changes_is_not_blown_up(tmp_path, record):
    path = record(tmp_path / "silence.wav", np.zeros(8000))
    encoder = AudioEncoder.learn([path])
    np.testing.assert_allclose(encoder.encode(path), 0, atol=1e-4)
    assert encoder.scaler.scale.min() == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("stored", "used"), [((16_000, 8000), 8000), ((44_100, 48_000), 16_000), ((22_050,), 16_000)]
)
def test_the_rate_is_the_lowest_there_is_and_no_higher_than_speech_needs(
    tmp_path, record, tone, stored, used
):
    paths = [record(tmp_path / f"{rate}.wav", tone(440, 0.2, rate), rate) for rate in stored]
    assert AudioEncoder.learn(paths).log_mel.rate == used
    assert AudioEncoder.learn(paths, rate=11_025).log_mel.rate == 11_025


def test_the_stream_is_the_whole_in_pieces(tmp_path, record):
    path = record(tmp_path / "long.wav", np.random.default_rng(0).normal(0, 0.1, 16_000 * 12))
    encoder = AudioEncoder.learn([path])
    pieces = list(encoder.stream(path))
    assert len(pieces) == 3
    np.testing.assert_array_equal(np.concatenate(pieces), encoder.encode(path))


def test_damaged_files_teach_nothing(sounds, tmp_path):
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    learned = AudioEncoder.learn([tmp_path / "bad.wav", *sounds, tmp_path / "none.wav"])
    assert learned.to_json() == AudioEncoder.learn(sounds).to_json()


def test_nothing_but_damaged_files_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*1\.wav"):
        AudioEncoder.learn([tmp_path / "1.wav", tmp_path / "2.wav"])


def test_json_makes_an_equal_encoder(sounds):
    encoder = AudioEncoder.learn(sounds, num_mels=20)
    value = json.loads(json.dumps(encoder.to_json()))
    assert value["kind"] == "audio"
    np.testing.assert_array_equal(AudioEncoder.from_json(value).encode(sounds[0]), encoder.encode(sounds[0]))


@pytest.mark.parametrize(
    "changes",
    [
        {"log_mel": None},
        {"scaler": None},
        {"scaler": {"mean": [0.0], "scale": [1.0], "gaps": [False]}},
        {"scaler": {"mean": [0.0] * 20, "scale": [1.0] * 20, "gaps": [True] * 20}},
    ],
    ids=["no frames", "no scaler", "another width", "gaps"],
)
def test_a_strangers_json_is_refused(sounds, changes):
    value = AudioEncoder.learn(sounds, num_mels=20).to_json() | changes
    with pytest.raises(InputError, match="save it anew"):
        AudioEncoder.from_json(value)
