import json
import math

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data._video_encoder import VideoEncoder


def test_the_pace_is_that_of_the_first_file_that_can_be_read(tmp_path, film, greys):
    slow = film(tmp_path / "slow.mp4", greys([10] * 20), rate=10)
    fast = film(tmp_path / "fast.mp4", greys([10] * 20), rate=20)
    encoder = VideoEncoder.learn([tmp_path / "none.mp4", slow, fast], size=16)
    assert encoder.seconds_per_step == 0.1
    assert encoder.element == (16, 16, 3)
    assert encoder.encode(slow).shape == (20, 16, 16, 3)
    assert encoder.encode(fast).shape == (10, 16, 16, 3)
    assert encoder.encode(fast).dtype == np.uint8


def test_a_pace_that_is_given_is_kept(tmp_path):
    assert VideoEncoder.learn([tmp_path / "none.mp4"], frames_per_second=4.0).seconds_per_step == 0.25


def test_the_stream_is_the_whole_in_pieces(tmp_path, film, greys):
    path = film(tmp_path / "v.avi", greys(np.arange(300) % 200))
    encoder = VideoEncoder.learn([path], size=4, channels=1)
    pieces = list(encoder.stream(path))
    assert [len(piece) for piece in pieces] == [256, 44]
    np.testing.assert_array_equal(np.concatenate(pieces), encoder.encode(path))


def test_nothing_but_damaged_files_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*1\.mp4"):
        VideoEncoder.learn([tmp_path / "1.mp4", tmp_path / "2.mp4"])


def test_json_makes_an_equal_encoder():
    value = json.loads(json.dumps(VideoEncoder(24, 1, 29.97).to_json()))
    assert value == {"kind": "video", "size": 24, "channels": 1, "frames_per_second": 29.97}
    assert VideoEncoder.from_json(value).to_json() == value


@pytest.mark.parametrize(
    "changes",
    [
        {"size": "24"},
        {"size": 10**9},
        {"channels": True},
        {"channels": 2},
        {"frames_per_second": None},
        {"frames_per_second": math.nan},
    ],
    ids=str,
)
def test_a_strangers_json_is_refused(changes):
    with pytest.raises(InputError):
        VideoEncoder.from_json(VideoEncoder(24, 1, 25.0).to_json() | changes)
