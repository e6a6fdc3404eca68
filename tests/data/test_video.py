from pathlib import Path

import numpy as np
import pytest

from ostinato import InputError
from ostinato._errors import ParameterError
from ostinato.data._video import frame_rate, video_frames

BUNDLED = Path(__file__).parents[2] / "examples/data/video"

LEVELS = [30, 200, 60, 170, 90, 140, 20, 220, 50, 180]


def seen(path, **how):
    """The mean grey of each frame."""
    return [float(frame.mean()) for frame in video_frames(path, size=8, **how)]


@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".mkv", ".webm"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_frame_comes_back_in_any_format(tmp_path, film, greys, suffix, channels):
    path = film(tmp_path / f"v{suffix}", greys(LEVELS))
    frames = list(video_frames(path, size=8, channels=channels))
    assert {(frame.shape, frame.dtype.name) for frame in frames} == {((8, 8, channels), "uint8")}
    np.testing.assert_allclose([frame.mean() for frame in frames], LEVELS, atol=6)
    assert frame_rate(path) == 25


def test_colours_are_red_green_blue(tmp_path, film):
    colours = np.zeros((3, 32, 48, 3), np.uint8)
    colours[[0, 1, 2], :, :, [0, 1, 2]] = 255
    frames = video_frames(film(tmp_path / "v.mp4", colours), size=4)
    assert [int(frame.mean((0, 1)).argmax()) for frame in frames] == [0, 1, 2]


def test_a_frame_is_stretched_and_its_pixels_averaged(tmp_path, film):
    halves = np.zeros((1, 32, 64, 3), np.uint8)
    halves[:, :, 32:] = 240
    halves[:, ::2] //= 2  # every other row darker
    [frame] = video_frames(film(tmp_path / "v.mp4", halves), size=4, channels=1)
    np.testing.assert_allclose(frame[:, :, 0], [[0, 0, 180, 180]] * 4, atol=8)


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (25, range(10)),
        (50, [i // 2 for i in range(20)]),
        (12.5, [1, 3, 5, 7, 9]),
        (5, [2, 7]),
        (0.5, [9]),
    ],
)
def test_an_even_pace_repeats_frames_or_leaves_them_out(tmp_path, film, greys, wanted, chosen):
    path = film(tmp_path / "v.mp4", greys(LEVELS))
    every = seen(path)
    assert seen(path, frames_per_second=wanted) == [every[i] for i in chosen]


def test_a_frame_lasts_until_the_next_one(tmp_path, film, greys):
    path = film(tmp_path / "v.mp4", greys([30, 200, 60]), rate=10, times=[0, 1, 5])
    first, second, third = seen(path)
    assert seen(path, frames_per_second=10.0)[:6] == [first, *[second] * 4, third]


def test_times_that_jump_by_hours_are_damage(tmp_path, film, greys):
    path = film(tmp_path / "v.mp4", greys([30, 200]), rate=10, times=[0, 10 * 3700])
    with pytest.raises(
        InputError, match=r"v\.mp4 is damaged after 0\.0 s \(the next frame is at 3700\.0 s\)"
    ):
        seen(path, frames_per_second=10.0)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", r"v\.mp4 is empty \(0 bytes\)"),
        (b"not a film\n" * 100, r"v\.mp4 is not a video file that FFmpeg can decode \(.*\): give an MP4"),
        (None, r"cannot read .*v\.mp4: No such file or directory"),
    ],
    ids=["empty", "text", "missing"],
)
def test_what_is_no_video_is_one_line(tmp_path, content, complaint):
    if content is not None:
        (tmp_path / "v.mp4").write_bytes(content)
    with pytest.raises(InputError, match=complaint) as caught:
        seen(tmp_path / "v.mp4")
    assert "\n" not in str(caught.value)


def test_sound_alone_has_no_frames(tmp_path, record, tone):
    with pytest.raises(InputError, match=r"a\.wav has no video in it"):
        seen(record(tmp_path / "a.wav", tone(440, 0.1)))


def test_a_video_without_frames(tmp_path, film, greys):
    with pytest.raises(InputError, match=r"v\.avi holds no frames"):
        seen(film(tmp_path / "v.avi", greys([])))


def test_a_truncated_video_is_damaged_where_it_ends(tmp_path, film):
    noise = np.random.default_rng(0).integers(0, 256, (50, 32, 48, 3)).astype(np.uint8)
    path = film(tmp_path / "v.avi", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match=r"v\.avi is damaged after 0\.\d s"):
        seen(path)


def test_half_an_mp4_is_refused(tmp_path, film, greys):
    path = film(tmp_path / "v.mp4", greys(LEVELS * 5))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match=r"v\.mp4 is not a video file"):
        seen(path)


@pytest.mark.parametrize(
    "how",
    [{"size": 0}, {"size": 1025}, {"channels": 2}, {"frames_per_second": 0.0}, {"frames_per_second": 1e9}],
    ids=str,
)
def test_values_that_cannot_be_are_refused(tmp_path, how):
    with pytest.raises(ParameterError) as caught:
        next(video_frames(tmp_path / "v.mp4", **({"size": 8} | how)))
    assert caught.value.parameter in how


@pytest.mark.parametrize(("name", "frames"), [("tree", 120), ("box", 120), ("cup", 80)])
def test_the_bundled_videos_can_be_read(name, frames):
    path = BUNDLED / f"{name}.mp4"
    assert frame_rate(path) == 10
    assert len(seen(path)) == frames
