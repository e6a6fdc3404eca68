"""What the sections of docs/results.md are made of: the data made for them, and the page they are put on."""

import wave
from dataclasses import fields
from importlib import import_module
from itertools import pairwise

import av
import numpy as np
import pytest

import results
from _augmented_speech import (
    BETWEEN,
    BEYOND,
    RATE,
    RECORDINGS,
    SEEN,
    Ranges,
    augmented,
    noise,
    read_wav,
    write_copies,
)
from _korean_lines import Line, distinct, without_spaces
from _quality import mean, table, write_table
from _quality_generator import Name, halves
from _quality_memory import TITLE as LAST
from _quality_names import TITLE as EARLIER
from _quality_phonemes import Word, bare, dictionary, error_rate
from _quality_volatility import _examples as volatility_examples
from _spliced_scenes import (
    CLIPS,
    FRAME_RATE,
    LONGEST,
    SHORTEST,
    TEST,
    TRAIN,
    Part,
    order,
    scene,
    segments,
    write_videos,
)
from _two_seasons import DAY, WEEK, TwoSeasons, season
from ostinato.data import Columns, Segment, read_examples

PAGE = f"# Results\n\nOld head.\n\n## {LAST}\n\nkept\n\n## Gone\n\ndropped\n"


@pytest.fixture
def random():
    return np.random.default_rng(0)


@pytest.fixture
def page(tmp_path, monkeypatch):
    path = tmp_path / "results.md"
    path.write_text(PAGE, encoding="utf-8")
    monkeypatch.setattr(results, "PAGE", path)
    return path


def test_every_section_has_a_heading_of_its_own():
    titles = [import_module(f"_quality_{name}").TITLE for name in results.SECTIONS]
    assert len(set(titles)) == len(results.SECTIONS)


def test_the_parts_of_a_page_are_its_sections():
    assert [part.partition("\n")[0] for part in results.parts(PAGE)] == [f"## {LAST}", "## Gone"]


def test_a_page_without_sections_has_no_parts():
    assert results.parts("# Results\n\nNothing yet.\n") == []


def test_a_new_section_comes_in_its_place_under_a_new_head(page, capsys):
    results.put("names", f"## {EARLIER}\n\nnew\n")
    headings = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    assert headings == [f"## {EARLIER}", f"## {LAST}"]
    assert "Old head" not in page.read_text(encoding="utf-8")
    assert str(page) in capsys.readouterr().err


def test_a_section_is_replaced(page):
    results.put("memory", f"## {LAST}\n\nnew\n")
    text = page.read_text(encoding="utf-8")
    assert text.endswith(f"## {LAST}\n\nnew\n")
    assert "kept" not in text


def test_putting_a_section_twice_changes_nothing(page):
    results.put("memory", f"## {LAST}\n\nnew\n")
    once = page.read_text(encoding="utf-8")
    results.put("memory", f"## {LAST}\n\nnew\n")
    assert page.read_text(encoding="utf-8") == once


@pytest.mark.parametrize(
    ("values", "shown"), [([0.5], "0.500"), ([0.5, 0.7], "0.600 ± 0.141"), ([1, 1, 1], "1.000 ± 0.000")]
)
def test_a_mean_has_a_deviation_if_there_are_several(values, shown):
    assert mean(values) == shown


def test_a_table_of_markdown():
    assert table(["", "a"], ["x", "1"]) == "|  | a |\n| --- | --- |\n| x | 1 |\n"


@pytest.mark.parametrize("name", [field.name for field in fields(SEEN)])
def test_no_condition_of_training_is_one_of_the_tests(name):
    bands = sorted(band for ranges in (SEEN, BETWEEN, BEYOND) for band in getattr(ranges, name))
    assert all(low < high for low, high in bands)
    assert all(one[1] <= other[0] for one, other in pairwise(bands))


@pytest.mark.parametrize("ranges", [SEEN, BETWEEN, BEYOND], ids=["seen", "between", "beyond"])
def test_a_copy_of_a_word_is_not_cut_off_and_has_its_pace(ranges, random):
    word = read_wav(RECORDINGS / "7.wav")
    copies = [augmented(word, ranges, random) for _ in range(20)]
    assert max(np.abs(copy).max() for copy in copies) < 1
    slowest, latest = min(ranges.speed)[0], max(ranges.delay)[1]
    assert max(map(len, copies)) <= len(word) / slowest + 2 * latest * RATE + 2


@pytest.mark.parametrize("snr", [0, 20])
def test_the_noise_is_as_loud_as_is_asked_for(snr, random):
    still = {"speed": ((1, 1),), "gain": ((0, 0),), "delay": ((0, 0),), "colour": ((0, 0),)}
    word = np.sin(np.arange(8000) / 3)
    quiet = augmented(word, Ranges(**still, snr=((300, 300),)), random)
    noisy = augmented(word, Ranges(**still, snr=((snr, snr),)), random)
    ratio = np.mean(quiet**2) / np.mean((noisy - quiet) ** 2)
    assert 10 * np.log10(ratio) == pytest.approx(snr, abs=0.1)


@pytest.mark.parametrize("colour", [0, 1, 2])
def test_noise_falls_with_frequency(colour, random):
    power = np.mean([np.abs(np.fft.rfft(noise(1024, colour, random))) ** 2 for _ in range(200)], axis=0)
    slope = np.polyfit(np.log(np.arange(4, 400)), np.log(power[4:400]), 1)[0]
    assert slope == pytest.approx(-colour, abs=0.1)


def test_noise_has_mean_power_1(random):
    samples = noise(999, 1.5, random)
    assert (samples.mean(), np.mean(samples**2)) == (pytest.approx(0, abs=1e-9), pytest.approx(1))


def test_copies_lie_in_a_folder_for_each_word(tmp_path, random):
    examples = read_examples(write_copies(tmp_path / "made", BETWEEN, 1, random), task="classify")
    assert examples.kind == "audio"
    assert list(examples.targets) == sorted("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    with wave.open(str(examples.inputs[0])) as file:
        assert file.getparams()[:3] == (1, 2, RATE)


def test_same_seed_same_copies(tmp_path):
    made = [write_copies(tmp_path / n, SEEN, 1, np.random.default_rng(3)) for n in ("one", "other")]
    one, other = ([path.read_bytes() for path in sorted(folder.rglob("*.wav"))] for folder in made)
    assert one == other


def test_a_copy_of_8_bits_is_read_at_full_scale(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "w") as file:
        file.setparams((1, 1, RATE, 3, "NONE", ""))
        file.writeframes(bytes([0, 128, 192]))
    assert read_wav(tmp_path / "a.wav").tolist() == [-1, 0, 0.5]


def test_the_frames_of_training_and_test_do_not_meet():
    frames = np.arange(100)
    assert not set(TRAIN.of(frames)) & set(TEST.of(frames))


def test_no_clip_follows_itself(random):
    names = order(50, random)
    assert set(names) == set(CLIPS)
    assert all(one != other for one, other in pairwise(names))


@pytest.mark.parametrize("length", [SHORTEST, 17, 100])
def test_a_scene_has_frames_of_its_clip_in_a_row(length, random):
    clip = np.broadcast_to(np.linspace(20, 200, length)[:, None, None, None], (length, 2, 2, 3))
    for _ in range(20):
        frames = scene(clip.astype(np.uint8), random)
        assert SHORTEST <= len(frames) <= min(LONGEST, length)
        assert frames.shape[1:] == (2, 2, 3)


def test_segments_follow_each_other():
    assert segments([("box", 5), ("cup", 12)]) == [(0.0, 0.5, "box"), (0.5, 1.7, "cup")]


def test_spliced_videos_are_read_with_their_segments(tmp_path, random):
    listed = write_videos(tmp_path / "videos", Part(0.0, 0.1), 1, random)
    examples = read_examples(listed, Columns(("path",), "segments"), task="tag")
    (path,), (scenes,) = examples.inputs, examples.targets
    assert all(isinstance(scene, Segment) for scene in scenes)
    with av.open(str(path)) as container:
        assert len(list(container.decode(video=0))) == round(scenes[-1].end * FRAME_RATE)


@pytest.mark.parametrize(
    ("line", "characters", "spaces"),
    [("가 나다", "가나다", [0]), ("가나다", "가나다", []), ("a b c", "abc", [0, 1]), ("가", "가", [])],
)
def test_a_line_is_taken_apart(line, characters, spaces):
    labels = ["space" if place in spaces else "none" for place in range(len(characters))]
    assert without_spaces(line) == Line(list(characters), labels)


def test_lines_are_taken_once_in_one_form():
    assert distinct(["가  나 ", "", " \t", "가 나", "\u1100\u1161 나", "다"]) == ["가 나", "다"]


def test_every_name_is_in_one_half():
    names = [Name(language, f"{language}{row}") for language in "AB" for row in range(21)]
    one, other = halves(names, 0)
    assert sorted(one + other) == sorted(names)
    assert [name.language for name in one] == ["A"] * 10 + ["B"] * 10


def test_other_seeds_divide_names_otherwise():
    names = [Name("A", str(row)) for row in range(20)]
    assert halves(names, 0) != halves(names, 1)


def test_tables_are_read_as_they_were_written(tmp_path):
    path = write_table(tmp_path / "t.jsonl", [{"a": "가\t\"'", "b": "x"}, {"a": "[]", "b": "y"}])
    examples = read_examples(path, Columns(("a",), "b", None, "text"), task="classify")
    assert (list(examples.inputs), list(examples.targets)) == (["가\t\"'", "[]"], ["x", "y"])


class TestTwoSeasons:
    @pytest.fixture
    def series(self, random):
        return TwoSeasons.made(8 * WEEK, random)

    def test_noise_is_around_the_mean(self, series):
        noise = series.values - series.mean
        assert noise.mean() == pytest.approx(0, abs=0.1)
        assert noise.std() == pytest.approx(series.noise, rel=0.1)

    def test_the_mean_returns_after_a_week_but_for_the_trend(self, series):
        assert series.mean[WEEK:] - series.mean[:-WEEK] == pytest.approx(4 / 8)

    @pytest.mark.parametrize("period", [DAY, WEEK])
    def test_a_season_has_its_period_and_height(self, random, period):
        wave = season(np.arange(8 * WEEK), period, 4.0, random)
        assert wave[period:] == pytest.approx(wave[:-period])
        assert (wave.mean(), wave.std()) == (pytest.approx(0, abs=1e-9), pytest.approx(4))

    def test_each_value_has_an_hour(self, series):
        assert (len(series.hours), series.hours[25]) == (8 * WEEK, "2024-01-02T01")

    def test_as_many_values_as_are_said_lie_below_its_quantiles(self, series):
        levels = (0.05, 0.5, 0.95)
        below = (series.values[:, None] < series.quantiles(levels)).mean(axis=0)
        assert below == pytest.approx(levels, abs=0.05)


class TestPhonemes:
    READ = Word("read", [["R", "EH1", "D"], ["R", "IY1", "D"]])

    def test_an_answer_is_compared_with_the_nearest_pronunciation(self):
        answers = [["R", "IY1", "D"], ["R", "IY1"], ["K", "AE1", "T", "S"]]
        words = [self.READ, self.READ, Word("cat", [["K", "AE1", "T"]])]
        assert error_rate(answers, words) == pytest.approx(2 / 9)

    def test_without_stress(self):
        assert bare(["AH0", "T", "AE1", "K"]) == ["AH", "T", "AE", "K"]

    def test_words_are_of_letters_and_said_in_some_way(self):
        words = dictionary()
        assert len(words) > 100_000
        assert all(word.letters.isalpha() and all(word.said) for word in words)


def test_restless_shares_are_read_whole():
    train, test = volatility_examples()
    assert len(train) > len(test) > 100
    for example in (*train, *test):
        assert len(example["returns"]) == 60
        assert np.isfinite([*example["returns"], example["volatility"]]).all()
    assert not {tuple(e["returns"]) for e in train} & {tuple(e["returns"]) for e in test}
