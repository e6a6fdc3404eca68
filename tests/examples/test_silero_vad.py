"""A published model of speech and silence gives what its own ONNX file gives."""

import importlib.metadata
import wave

import numpy as np
import pytest


@pytest.fixture(scope="module")
def vad(example):
    return example("silero_vad")


@pytest.fixture(scope="module")
def speech(vad):
    """Everything that the bundled speaker says, by rate."""
    samples, rate = vad.spelled(sorted(clip.stem for clip in vad.SPEECH.glob("*.wav")))
    return {rate: samples, 16_000: vad.resampled(samples, rate)}


@pytest.fixture(scope="module")
def detectors(vad):
    return {rate: vad.Detector(vad.published_weights(rate)) for rate in (8_000, 16_000)}


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_probabilities_are_those_of_the_onnx_file(vad, speech, detectors, rate):
    found = np.array(vad.probabilities(detectors[rate], speech[rate]))
    expected = vad.probabilities(vad.Original(vad.published(), rate), speech[rate])
    assert len(found) > 800
    assert np.ptp(found) > 0.9
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


def test_a_recording_does_not_hear_the_one_before(vad, speech, detectors):
    first, second = (vad.probabilities(detectors[16_000], speech[16_000][:20_000]) for _ in range(2))
    assert first == second


def test_the_last_frame_is_filled_up_with_silence(vad, speech, detectors):
    samples = speech[8_000][4_000:4_700]
    padded = np.append(samples, np.zeros(68, np.float32))
    assert vad.probabilities(detectors[8_000], samples) == vad.probabilities(detectors[8_000], padded)


def test_speech_is_found_where_it_is(vad, detectors):
    samples, rate = vad.spelled("OSTINATO")
    found = list(vad.segments(vad.probabilities(detectors[rate], samples)))
    at = 0.4
    for (begin, end), letter in zip(found, "OSTINATO", strict=True):
        length = len(vad.read(vad.SPEECH / f"{letter}.wav")[0]) / rate
        assert at - 0.1 < begin < end < at + length + 0.1, letter
        at += length + 0.4


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ([], []),
        ([0.4] * 5, []),
        ([0.1, 0.9, 0.4, 0.1], [(1, 3)]),
        ([0.9, 0.1, 0.1, 0.1, 0.9], [(0, 5)]),
        ([0.9, 0.1, 0.1, 0.1, 0.1, 0.9], [(0, 1), (5, 6)]),
    ],
    ids=["nothing", "doubtful", "going on", "a short pause", "a pause"],
)
def test_segments(vad, probabilities, expected):
    found = np.array(list(vad.segments(probabilities))).reshape(-1, 2)
    np.testing.assert_allclose(found, vad.SECONDS * np.array(expected).reshape(-1, 2))


def write(path, samples, rate, width=2):
    """`samples` (N, channels) of 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setparams((samples.shape[1], width, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


def test_another_rate_and_two_channels(vad, tmp_path):
    t, target = np.arange(4_410) / 44_100, np.arange(1_600) / 16_000
    tone = np.round(2**14 * np.sin(2 * np.pi * 1_000 * t)).astype("<i2")
    path = write(tmp_path / "tone.wav", np.stack([tone, np.zeros_like(tone)], axis=1), 44_100)
    samples, rate = vad.read(path)
    assert rate == 16_000
    np.testing.assert_allclose(samples, 0.25 * np.sin(2 * np.pi * 1_000 * target), rtol=0, atol=1e-4)


def test_files_that_are_no_recordings(vad, tmp_path):
    (tmp_path / "text.wav").write_text("not a sound")
    write(tmp_path / "empty.wav", np.zeros((0, 1), "<i2"), 8_000)
    write(tmp_path / "fine.wav", np.zeros((8, 1), "<i4"), 8_000, width=4)
    for name in ("text", "empty", "fine", "absent"):
        with pytest.raises(SystemExit, match=f"{name}.wav"):
            vad.read(tmp_path / f"{name}.wav")


def test_without_the_package(vad, monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(vad, "distribution", missing)
    with pytest.raises(SystemExit, match="pip install --no-deps silero-vad"):
        vad.published()


def test_one_line_of_time_for_each_file(vad, monkeypatch, capsys):
    files = [str(vad.SPEECH / f"{letter}.wav") for letter in "AB"]
    monkeypatch.setattr("sys.argv", ["silero_vad.py", *files])
    vad.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line in files] == files
    assert sum("speech: 0." in line for line in lines) == 2
