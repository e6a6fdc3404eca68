import sys
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data._audio import audio_blocks, decode_audio, sample_rate

BUNDLED = Path(__file__).parents[2] / "examples/data/speech"


def loudest(samples, rate):
    return np.argmax(np.abs(np.fft.rfft(samples))) * rate / len(samples)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".m4a"])
def test_a_tone_comes_back_in_any_format(tmp_path, record, tone, suffix):
    path = record(tmp_path / f"a{suffix}", tone(1000, 1))
    samples = decode_audio(path)
    assert samples.dtype == np.float32
    assert abs(len(samples) - 16_000) < 2500  # codecs add a little silence
    assert abs(loudest(samples, 16_000) - 1000) < 2
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.1)


def test_lossless_samples_are_those_that_were_stored(tmp_path, record, tone):
    stored = np.round(tone(440, 0.3) * 32768) / 32768
    np.testing.assert_array_equal(decode_audio(record(tmp_path / "a.wav", stored)), stored.astype("f4"))


@pytest.mark.parametrize("stored", [8000, 11_025, 44_100, 48_000])
def test_any_rate_is_brought_to_the_one_asked_for(tmp_path, record, tone, stored):
    path = record(tmp_path / "a.wav", tone(1000, 1, stored), stored)
    samples = decode_audio(path, 16_000)
    assert sample_rate(path) == stored
    assert abs(len(samples) - 16_000) <= 16
    assert abs(loudest(samples, 16_000) - 1000) < 2


@pytest.mark.parametrize("suffix", [".wav", ".m4a"])
def test_channels_are_averaged_whatever_the_sample_format(tmp_path, record, tone, suffix):
    left = tone(1000, 1)
    path = record(tmp_path / f"a{suffix}", np.stack([left, 0 * left]))
    assert np.abs(decode_audio(path)).max() == pytest.approx(0.25, abs=0.03)


def test_blocks_are_the_whole_in_pieces(tmp_path, record, tone):
    path = record(tmp_path / "a.flac", tone(300, 2.3, 44_100), 44_100)
    blocks = list(audio_blocks(path, 16_000))
    assert len(blocks) >= 2
    np.testing.assert_array_equal(np.concatenate(blocks), decode_audio(path, 16_000))


def test_the_sound_of_a_video_is_sound(tmp_path, record, tone):
    (tmp_path / "a.mp4").write_bytes(record(tmp_path / "a.m4a", tone(1000, 1)).read_bytes())
    assert abs(loudest(decode_audio(tmp_path / "a.mp4"), 16_000) - 1000) < 2


def test_a_long_file_takes_little_memory(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 1, 16_000, 0, "NONE", ""))
        for _ in range(600):
            file.writeframes(bytes([128]) * 16_000)
    tracemalloc.start()
    count = sum(map(len, audio_blocks(tmp_path / "a.wav")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 600 * 16_000
    assert peak < 3_000_000  # the whole has 38


def test_a_name_is_a_file_and_no_protocol(tmp_path, record, tone, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = record(tmp_path / "concat:a|b.wav", tone(1000, 0.1))
    assert len(decode_audio(path.relative_to(tmp_path))) == 1600


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", r"a\.wav is empty \(0 bytes\)"),
        (b"not a sound\n" * 100, r"a\.wav is not an audio file that FFmpeg can decode \(.*\): give a WAV"),
        (bytes(range(256)) * 64, r"a\.wav is not an audio file"),
        (None, r"cannot read .*a\.wav: No such file or directory"),
    ],
    ids=["empty", "text", "bytes", "missing"],
)
def test_what_is_no_sound_file_is_one_line(tmp_path, content, complaint):
    if content is not None:
        (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(InputError, match=complaint) as caught:
        decode_audio(tmp_path / "a.wav")
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_sound(tmp_path):
    with pytest.raises(InputError, match=r"^cannot read .*: Is a directory$"):
        decode_audio(tmp_path)


def test_a_silent_film_has_no_sound(tmp_path, film, greys):
    with pytest.raises(InputError, match=r"a\.avi has no audio in it"):
        decode_audio(film(tmp_path / "a.avi", greys([0] * 5)))


def test_a_file_of_no_samples_holds_no_sound(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
    with pytest.raises(InputError, match=r"a\.wav holds no sound \(0 samples\)"):
        decode_audio(tmp_path / "a.wav")


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_truncated_file_is_damaged_where_it_ends(tmp_path, record, suffix):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 64_000)
    path = record(tmp_path / f"a{suffix}", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 1])
    with pytest.raises(InputError, match=r"is damaged after (1\.[789]|2\.0) s \(.*\): replace it or leave"):
        decode_audio(path)


@pytest.mark.parametrize("suffix", [".mp3", ".m4a"])
def test_garbage_on_the_way_is_damage(tmp_path, record, suffix):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 64_000)
    path = record(tmp_path / f"a{suffix}", noise)
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    content[half : half + 2000] = np.random.default_rng(1).bytes(2000)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"is damaged after (1\.[789]|2\.[01]) s"):
        decode_audio(path)


def test_without_pyav_the_missing_module_is_named(tmp_path, record, monkeypatch):
    path = record(tmp_path / "a.wav", np.zeros(100))
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        decode_audio(path)
    assert caught.value.name == "av"


@pytest.mark.parametrize("channels", [3, 4, 6])
def test_channels_without_names_are_averaged_too(tmp_path, channels):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((channels, 2, 8000, 0, "NONE", ""))
        file.writeframes(np.tile(np.arange(channels, dtype="<i2") * 1000, 800).tobytes())
    samples = decode_audio(tmp_path / "a.wav", 8000)
    np.testing.assert_allclose(samples, np.full(800, (channels - 1) * 500 / 32768), rtol=1e-6)


def test_a_change_of_format_on_the_way_is_one_line(tmp_path, record, tone):
    mono = record(tmp_path / "mono.aac", tone(440, 0.5))
    stereo = record(tmp_path / "stereo.aac", np.stack([tone(440, 0.5, 32_000)] * 2), 32_000)
    (tmp_path / "both.aac").write_bytes(mono.read_bytes() + stereo.read_bytes())
    with pytest.raises(InputError, match=r"both\.aac changes its format on the way \(.*\): convert it$"):
        decode_audio(tmp_path / "both.aac")


def test_the_bundled_sounds_are_a_file_for_each_digit_and_letter():
    paths = sorted(BUNDLED.glob("*.wav"))
    assert [path.stem for path in paths] == [*"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    assert {sample_rate(path) for path in paths} == {8000}
    assert all(0.2 < len(decode_audio(path, 8000)) / 8000 < 0.9 for path in paths)
