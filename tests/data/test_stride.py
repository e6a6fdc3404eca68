import json

import numpy as np
import pytest

from ostinato._errors import InputError
from ostinato.data._stride import Stride


def series(*lengths):
    rng = np.random.default_rng(0)
    return [rng.normal(size=(length, 2)).astype(np.float32) for length in lengths]


@pytest.mark.parametrize(
    ("lengths", "steps"),
    [((1,), 1), ((50,), 1), ((75, 9, 2000), 2), ((251,), 5), ((1000, 1000, 1), 20)],
    ids=str,
)
def test_about_fifty_windows_cover_a_sequence_of_median_length(lengths, steps):
    assert Stride.learn(series(*lengths)).steps == steps


def test_changes_are_measured_over_a_stride_and_from_the_first_step_before_there_is_one():
    ramp = np.arange(100, dtype=np.float32)[:, None]
    changes = [0, 1, *[2] * 98]
    stride = Stride.learn([ramp, np.full((100, 1), 7, np.float32)])
    assert stride.steps == 2
    assert stride.changes == pytest.approx([np.std(changes + [0] * 100)])


def test_sequences_without_a_step_say_nothing():
    assert (
        Stride.learn([*series(60), np.zeros((0, 2), np.float32)]).changes == Stride.learn(series(60)).changes
    )


def test_what_never_changes_keeps_its_scale():
    assert Stride.learn([np.full((60, 1), 0.1, np.float32)]).changes == (1.0,)


def test_json_round_trip():
    stride = Stride.learn(series(120, 130))
    assert Stride.from_json(json.loads(json.dumps(stride.to_json())), 2) == stride


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"steps": 0, "changes": [1.0]},
        {"steps": True, "changes": [1.0]},
        {"steps": 1 << 30, "changes": [1.0]},
        {"steps": 2},
        {"steps": 2, "changes": []},
        {"steps": 2, "changes": [1.0, 1.0]},
        {"steps": 2, "changes": [0.0]},
        {"steps": 2, "changes": [-1.0]},
        {"steps": 2, "changes": [float("nan")]},
        {"steps": 2, "changes": [float("inf")]},
        {"steps": 2, "changes": ["1"]},
    ],
    ids=str,
)
def test_a_stranger_s_json(value):
    with pytest.raises(InputError, match="save it anew"):
        Stride.from_json(value, 1)
