import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato import InputError
from ostinato._errors import ParameterError
from ostinato.data._log_mel import LogMel


def slow_frame(samples, rate, num_mels, window, size):
    """The definition, a sum at a time."""
    hann = [math.sin(math.pi * n / window) ** 2 for n in range(window)]
    total = sum(hann)
    power = []
    for k in range(size // 2 + 1):
        turn = -2j * math.pi * k / size
        value = sum(x * w * np.exp(turn * n) for n, (x, w) in enumerate(zip(samples, hann, strict=True)))
        power.append(abs(value / total) ** 2)
    top = 2595 * math.log10(1 + rate / 2 / 700)
    edges = [700 * (10 ** (top * i / (num_mels + 1) / 2595) - 1) for i in range(num_mels + 2)]
    bands = []
    for low, peak, high in zip(edges, edges[1:], edges[2:], strict=False):
        band = 0.0
        for k, p in enumerate(power):
            f = k * rate / size
            if low < f < high:
                band += p * ((f - low) / (peak - low) if f <= peak else (high - f) / (high - peak))
        bands.append(math.log(band + 1e-10))
    return bands


@pytest.mark.parametrize(
    ("rate", "window", "size"), [(16_000, 400, 512), (8000, 200, 256), (16_000, 512, 512)]
)
def test_a_frame_is_what_the_definition_says(rate, window, size):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, window).astype(np.float32)
    frames = LogMel(rate, 12, window / rate, 0.01).frames(samples)
    np.testing.assert_allclose(frames, [slow_frame(samples, rate, 12, window, size)], atol=2e-4)


def test_frame_t_begins_a_hop_after_the_one_before():
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 4000).astype(np.float32)
    log_mel = LogMel()
    frames = log_mel.frames(samples)
    assert frames.dtype == np.float32
    assert log_mel.seconds_per_frame == 0.01
    for t, frame in enumerate(frames):
        np.testing.assert_allclose(log_mel.frames(samples[160 * t : 160 * t + 400]), [frame], atol=1e-4)


@pytest.mark.parametrize(
    ("samples", "frames"), [(0, 1), (1, 1), (399, 1), (400, 1), (559, 1), (560, 2), (16_000, 98)]
)
def test_as_many_frames_as_windows_fit_and_at_least_one(samples, frames):
    assert LogMel().frames(np.ones(samples, np.float32)).shape == (frames, 40)


def test_a_short_clip_is_filled_up_with_zeros():
    clip = np.random.default_rng(0).uniform(-0.5, 0.5, 100).astype(np.float32)
    filled = np.pad(clip, (0, 300))
    np.testing.assert_array_equal(LogMel().frames(clip), LogMel().frames(filled))


@pytest.mark.parametrize("hertz", [150, 440, 1000, 3000, 7000])
def test_a_tone_is_in_the_band_of_its_frequency(tone, hertz):
    frame = LogMel().frames(tone(hertz, 0.5).astype(np.float32)).mean(0)
    peaks = np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 42)[1:-1]
    assert np.argmax(frame) == np.argmin(np.abs(peaks - 2595 * np.log10(1 + hertz / 700)))


def test_silence_is_the_floor():
    np.testing.assert_allclose(LogMel().frames(np.zeros(1000, np.float32)), math.log(1e-10), rtol=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=6), st.sampled_from([0.01, 0.025]))
def test_blocks_give_the_bits_of_the_whole(sizes, hop):
    samples = np.random.default_rng(0).uniform(-1, 1, sum(sizes)).astype(np.float32)
    blocks = np.split(samples, np.cumsum(sizes)[:-1])
    log_mel = LogMel(8000, 23, 0.025, hop)
    np.testing.assert_array_equal(np.concatenate(list(log_mel.stream(blocks))), log_mel.frames(samples))


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"rate": 999}, "rate"),
        ({"num_mels": 0}, "num_mels"),
        ({"num_mels": 200}, "num_mels"),
        ({"window": 2.0}, "window"),
        ({"window": 0.0}, "window"),
        ({"window": math.nan}, "window"),
        ({"hop": 0.03}, "hop"),
        ({"hop": 0.0}, "hop"),
    ],
    ids=str,
)
def test_values_that_cannot_be_are_refused(parameters, name):
    with pytest.raises(ParameterError) as caught:
        LogMel(**parameters)
    assert caught.value.parameter == name


def test_json_is_all_there_is_to_know():
    log_mel = LogMel(8000, 23, 0.03, 0.015)
    assert LogMel.from_json(log_mel.to_json()).to_json() == log_mel.to_json()


@pytest.mark.parametrize(
    "changes",
    [{"rate": "8"}, {"rate": True}, {"hop": None}, {"window": math.inf}, {"num_mels": 10**9}],
    ids=str,
)
def test_a_strangers_json_is_refused(changes):
    with pytest.raises(InputError):
        LogMel.from_json(LogMel().to_json() | changes)


@pytest.mark.parametrize("value", [None, [], "log_mel"], ids=repr)
def test_json_of_something_else_is_refused(value):
    with pytest.raises(InputError, match="log-mel frames need"):
        LogMel.from_json(value)
