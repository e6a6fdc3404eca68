"""`predict` of what was learned from examples: values, files, stdin."""

import io
import json
import sys
from pathlib import Path

import pytest

from ostinato.cli._main import run

SPEECH = Path(__file__).parents[2] / "examples" / "data" / "speech"


@pytest.fixture
def predictions(ostinato):
    def call(model, *arguments):
        ran = ostinato("predict", model, "--json", *arguments)
        assert (ran.code, ran.err) == (0, "")
        return ran.json["predictions"]

    return call


@pytest.fixture
def typed(monkeypatch):
    def call(text):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    return call


class TestClasses:
    def test_of_a_text_with_their_probabilities(self, predictions, names):
        [answer] = predictions(names, "김치")
        assert answer["input"] == "김치"
        assert {entry["class"] for entry in answer["probabilities"]} == {"음식", "도시"}
        assert answer["class"] == answer["probabilities"][0]["class"]
        assert sum(entry["probability"] for entry in answer["probabilities"]) == pytest.approx(1)

    def test_only_the_likeliest(self, predictions, names):
        [answer] = predictions(names, "김치", "--top", 1)
        assert len(answer["probabilities"]) == 1

    def test_for_the_eye(self, ostinato, names):
        lines = ostinato("predict", names, "김치").out.splitlines()
        assert lines[0] == "김치"
        assert len(lines) == 3
        assert all("%" in line and "█" in line for line in lines[1:])

    def test_of_a_table_by_its_input_column_alone(self, ostinato, predictions, names, tmp_path):
        (tmp_path / "새 표.csv").write_text("이름\n김밥\n울산\n")
        assert [answer["input"] for answer in predictions(names, tmp_path / "새 표.csv")] == ["김밥", "울산"]
        lines = ostinato("predict", names, tmp_path / "새 표.csv", "--top", 2).out.splitlines()
        assert [line.split()[-1] for line in lines] == ["김밥", "울산"]
        assert all(line.count("%") == 2 for line in lines)

    @pytest.mark.parametrize("where", ["file", "stdin"])
    def test_of_lines(self, ostinato, names, typed, tmp_path, where):
        text = "김치\r\n서울\n부산"
        (tmp_path / "x.txt").write_text(text)
        typed(text)
        lines = ostinato("predict", names, tmp_path / "x.txt" if where == "file" else "-").out.splitlines()
        assert [line.split()[-1] for line in lines] == ["김치", "서울", "부산"]

    def test_in_any_batch_the_same(self, predictions, names, tables):
        answers = predictions(names, tables / "이름.csv", "김치")
        assert len(answers) == 61
        one, other = ([entry["probability"] for entry in answers[k]["probabilities"]] for k in (0, -1))
        assert one == pytest.approx(other, abs=1e-6)

    def test_of_a_word_after_which_a_folder_is_named(self, predictions, names, tmp_path, monkeypatch):
        (tmp_path / "서울").mkdir()
        monkeypatch.chdir(tmp_path)
        assert predictions(names, "서울")[0]["input"] == "서울"

    def test_of_a_value_that_looks_like_an_option(self, ostinato, names):
        assert ostinato("predict", names, "--", "--김치").out.startswith("--김치\n")


class TestNumericInput:
    def test_as_json(self, predictions, series):
        one, other = predictions(series, "[[1, 2], [null, 4], [5, 6.5]]", "[[0, 0]]")
        assert one["input"] == "[[1, 2], [null, 4], [5, 6.5]]"
        assert other["class"] in "ab"

    def test_on_stdin(self, predictions, series, typed):
        typed("[[1, 2]]\n[[3, 4], [5, 6]]\n")
        assert len(predictions(series, "-")) == 2

    def test_of_a_table_is_named_by_its_row(self, predictions, series, tables):
        answers = predictions(series, tables / "series.jsonl")
        assert answers[2]["input"] == f"{tables / 'series.jsonl'}, row 3"

    def test_of_a_ts_file(self, predictions, series, tmp_path):
        (tmp_path / "x.ts").write_text("@dimensions 2\n@classLabel true a b\n@data\n1,2,3:4,5,6:a\n")
        [answer] = predictions(series, tmp_path / "x.ts")
        assert answer["input"] == f"{tmp_path / 'x.ts'}, line 4"


def test_numbers(ostinato, predictions, lengths):
    [answer] = predictions(lengths, "김치")
    assert len(answer["value"]) == 2
    line = ostinato("predict", lengths, "김치").out
    assert line.split() == [*(f"{value:.6g}" for value in answer["value"]), "김치"]


class TestTags:
    def test_of_words(self, ostinato, predictions, words):
        [answer] = predictions(words, "she sat")
        assert answer["steps"] == ["she", "sat"]
        assert len(answer["labels"]) == 2
        pairs = " ".join(
            f"{word}/{label}" for word, label in zip(answer["steps"], answer["labels"], strict=True)
        )
        assert ostinato("predict", words, "she sat").out == f"{pairs}\n"

    def test_of_a_list(self, predictions, words):
        assert predictions(words, '["she", "sat"]')[0]["steps"] == ["she", "sat"]

    def test_of_videos_as_segments(self, ostinato, predictions, scenes, tables):
        path = json.loads((tables / "clips.jsonl").read_text().partition("\n")[0])["clip"]
        [answer] = predictions(scenes, path)
        assert answer.keys() == {"input", "segments"}
        for segment in answer["segments"]:
            assert segment["start"] < segment["end"] <= 12.1
            assert segment["end"] == round(segment["end"], 6)  # 1.9, not 1.9000000000000001
            assert segment["label"] in ("box", "cup")
        lines = ostinato("predict", scenes, path).out.splitlines()
        assert (lines[0], len(lines)) == (path, 1 + len(answer["segments"]))

    def test_segments_come_before_the_file_has_ended(self, ostinato, scenes, tables, monkeypatch):
        from ostinato import Tagger

        def stream(self, item):
            import numpy as np

            yield np.array(["x", "box", "box"])
            yield np.array(["box", "cup"])
            raise KeyboardInterrupt

        monkeypatch.setattr(Tagger, "stream", stream)
        path = json.loads((tables / "clips.jsonl").read_text().partition("\n")[0])["clip"]
        code, out, _ = ostinato("predict", scenes, path)
        assert (code, out) == (130, f"{path}\n     0.100 –      0.400 s  box\n")


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """A folder with a classifier of sounds, and with two files for it, one of which is no sound."""
    folder = tmp_path_factory.mktemp("sounds")
    for label, names in (("one", "13"), ("two", "24")):
        (folder / "train" / label).mkdir(parents=True)
        for name in names:
            (folder / "train" / label / f"{name}.wav").write_bytes((SPEECH / f"{name}.wav").read_bytes())
    small = ["--hidden=8", "--epochs=1", "--threads=1", "--valid=0", "--num-mels=8"]
    assert run(["train", "classify", str(folder / "train"), "-o", str(folder / "model"), *small]) == 0
    (folder / "new").mkdir()
    (folder / "new" / "0 noise.wav").write_bytes(b"this is no sound")
    (folder / "new" / "5.wav").write_bytes((SPEECH / "5.wav").read_bytes())
    return folder


class TestCorruptRecordings:
    """Of which `predict` leaves out what it cannot decode, where it is told to."""

    def test_are_an_error(self, refused, sounds):
        assert "0 noise.wav is not an audio file" in refused("predict", sounds / "model", sounds / "new")

    def test_are_skipped(self, ostinato, sounds):
        with pytest.warns(UserWarning, match=r"0 noise\.wav is not an audio file .* left out"):
            ran = ostinato("predict", sounds / "model", sounds / "new", "--on-corrupt=skip", "--json")
        assert [answer["input"] for answer in ran.json["predictions"]] == [str(sounds / "new" / "5.wav")]

    def test_alone_are_an_error_all_the_same(self, refused, sounds):
        noise = sounds / "new" / "0 noise.wav"
        line = refused("predict", sounds / "model", noise, "--on-corrupt=skip")
        assert "0 noise.wav is not an audio file" in line
        line = refused("predict", sounds / "model", noise, noise, "--on-corrupt=skip")
        assert line.startswith("error: none of the 2 inputs can be read: ")

    def test_of_videos(self, ostinato, scenes, tables, tmp_path):
        (tmp_path / "x.mp4").write_bytes(b"this is no video")
        path = json.loads((tables / "clips.jsonl").read_text().partition("\n")[0])["clip"]
        with pytest.warns(UserWarning, match=r"x\.mp4 is not a video file"):
            ran = ostinato("predict", scenes, tmp_path / "x.mp4", path, "--on-corrupt=skip", "--json")
        assert [answer["input"] for answer in ran.json["predictions"]] == [path]

    def test_another_action(self, refused, sounds):
        words = "--on-corrupt is 'no': it must be one of error, skip"
        assert words in refused("predict", sounds / "model", sounds / "new", "--on-corrupt=no")

    def test_are_nothing_to_a_generator(self, refused, writer):
        assert "takes no --on-corrupt" in refused("predict", writer, "x", "--on-corrupt=skip")


class TestTranslations:
    @pytest.mark.parametrize("where", ["file", "stdin"])
    def test_a_line_for_each_line(self, ostinato, translator, typed, tmp_path, where):
        text = "%1을 저장\r\n파일이 없습니다\n3개의 파일"
        (tmp_path / "x.txt").write_text(text)
        typed(text)
        lines = ostinato(
            "predict", translator, tmp_path / "x.txt" if where == "file" else "-"
        ).out.splitlines()
        assert len(lines) == 3
        assert all(lines)

    def test_one_at_a_time_the_same_as_together(self, predictions, translator, tables):
        answers = predictions(translator, tables / "쌍.tsv", "%1을 저장")
        assert len(answers) == 41
        assert answers[1]["input"] == "%1을 저장"
        assert answers[1] == answers[-1]

    def test_with_their_attention(self, ostinato, predictions, translator):
        [answer] = predictions(translator, "%1을 저장", "--attention", "--beam", 2)
        assert answer["source_tokens"][0] == "%1"
        assert len(answer["attention"]) == len(answer["target_tokens"]) > 0
        for row in answer["attention"]:
            assert len(row) == len(answer["source_tokens"])
            assert 0 <= sum(row) <= 1.01
        lines = ostinato("predict", translator, "%1을 저장", "--attention", "--beam", 2).out.splitlines()
        assert lines[0] == answer["output"]
        assert len(lines) == 1 + len(answer["target_tokens"])

    def test_without_attention_there_is_none_to_show(self, ostinato, tables, tmp_path):
        options = ["--source=ko", "--target=en", "--no-attention", "--hidden=8", "--epochs=1", "--threads=1"]
        assert ostinato("train", "translate", tables / "쌍.tsv", "-o", tmp_path / "m", *options).code == 0
        ran = ostinato("predict", tmp_path / "m", "저장", "--attention")
        assert (ran.code, ran.out.count("\n")) == (0, 1)

    def test_of_tokens_separated_by_spaces(self, ostinato, predictions, tmp_path):
        (tmp_path / "t.tsv").write_text("word\tphonemes\n" + "cat\tK AE1 T\n" * 10)
        columns = ["--source=word", "--target=phonemes", "--target-kind=tokens"]
        options = [*columns, "--hidden=8", "--epochs=1", "--threads=1"]
        assert ostinato("train", "translate", tmp_path / "t.tsv", "-o", tmp_path / "m", *options).code == 0
        [answer] = predictions(tmp_path / "m", "tac")
        assert set(answer["output"]) <= {"K", "AE1", "T"}
        assert ostinato("predict", tmp_path / "m", "tac").out == " ".join(answer["output"]) + "\n"


class TestGenerator:
    def test_texts_a_line_each(self, ostinato, writer):
        ran = ostinato("generate", writer, "--given", "음식", "--count", 3, "--seed", 1)
        assert ran.out.count("\n") == 3
        again = ostinato("generate", writer, "--given", "음식", "--count", 3, "--seed", 1, "--json").json
        assert again["given"] == "음식"
        assert again["seed"] == 1
        assert "\n".join(again["samples"]) + "\n" == ran.out

    @pytest.mark.parametrize("given", [["1", "--given", "0.1"], ["[1, 0.1]"]], ids=["twice", "list"])
    def test_numbers_a_line_for_each_step(self, ostinato, waves, given):
        options = ["--given", *given, "--length", 2, "--count", 2, "--temperature", 0]
        ran = ostinato("generate", waves, *options, "--json")
        assert ran.json["given"] == [1, 0.1]
        one, other = ran.json["samples"]
        assert one == other
        lines = [f"{value:.6g}" for step in one for value in step]
        assert ostinato("generate", waves, *options).out.splitlines() == [*lines, "", *lines]

    def test_numbers_that_are_classes(self, ostinato, tables, tmp_path):
        columns = ["--given=길이", "--target=이름", "--kind=text"]
        options = [*columns, "--hidden=8", "--epochs=1", "--threads=1"]
        assert ostinato("train", "generate", tables / "이름.csv", "-o", tmp_path / "m", *options).code == 0
        assert ostinato("generate", tmp_path / "m", "--given", 3, "--json").json["given"] == "3"

    def test_a_missing_number(self, ostinato, waves):
        assert ostinato("generate", waves, "--given", "nan", "--given", 1, "--json").json["given"] == [
            None,
            1,
        ]

    def test_a_value_that_looks_like_an_option(self, ostinato, waves):
        assert ostinato("generate", waves, "--given", "-1", "--given=-2", "--json").json["given"] == [-1, -2]
