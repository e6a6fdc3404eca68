"""Pairs to translate that the user can mend: one clear line, exit code 2, nothing half-written."""

import pytest

COLUMNS = ["--source=ko", "--target=en"]
SMALL = ["--hidden=8", "--epochs=1", "--threads=1"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["가\ta", "나"], "{path}, row 2 has 1 fields and the header has 2; give every row as many"),
        (["가\ta", "나\t"], "{path}: nothing in column 'en' in row 2; fill it or remove the row"),
        (["가\ta", "\tb"], "{path}: nothing in column 'ko' in row 2; fill it or remove the row"),
        (["가\ta", " \tb"], "empty sources: {path}, row 2; leave them out, or fill them"),
        (["가\ta", "나\t "], "empty targets: {path}, row 2; leave them out, or fill them"),
        ([], "{path} has no rows below its header"),
    ],
    ids=["unpaired", "no target", "no source", "blank source", "blank target", "no rows"],
)
def test_rows(refused, contents, tmp_path, rows, words):
    path = tmp_path / "쌍.tsv"
    path.write_text("".join(f"{row}\n" for row in ("ko\ten", *rows)))
    line = refused("train", "translate", path, "-o", tmp_path / "out", *COLUMNS, *SMALL, "--valid=0")
    assert words.format(path=path) in line
    assert contents(tmp_path / "out") is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--target=en"], "--source is needed: {path} has 'ko', 'en'"),
        (["--source=ko"], "--target is needed: {path} has 'ko', 'en'"),
        (["--source=한국어", "--target=en"], "{path} has no column '한국어'; it has 'ko', 'en'"),
        (["--source=ko", "--target=영어"], "{path} has no column '영어'; it has 'ko', 'en'"),
        ([*COLUMNS, "--source-kind=audio"], "--source-kind is 'audio': it must be auto, text, tokens"),
        ([*COLUMNS, "--target-kind=x"], "--target-kind is 'x': it must be auto, text, tokens"),
        ([*COLUMNS, "--source-tokens=x"], "--source-tokens is 'x'"),
        ([*COLUMNS, "--beam=0"], "--beam is 0"),
        ([*COLUMNS, "--length-penalty=-1"], "--length-penalty is -1.0"),
        ([*COLUMNS, "--label-smoothing=1"], "--label-smoothing is 1.0"),
        ([*COLUMNS, "--valid=none.tsv"], "none.tsv: no such file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_columns_and_options(refused, contents, tables, tmp_path, options, words):
    line = refused("train", "translate", tables / "쌍.tsv", "-o", tmp_path / "out", *SMALL, *options)
    assert words.format(path=tables / "쌍.tsv") in line
    assert contents(tmp_path / "out") is None


LONG = "파일이 없습니다 " * 200


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("저장\n\n파일\n", "empty sources: {path}, line 2; leave them out, or fill them"),
        (f"저장\n{LONG}\n", "{path}, line 2 has "),
        (f"저장\n{LONG}\n", "times as many as the longest one in training"),
        ("저장\nΦύλαξε\n", "{path}, line 2 is in a script that was never seen in training (GREEK"),
    ],
    ids=["empty line", "too long", "how long it may be", "script"],
)
def test_lines_to_translate(refused, translator, tmp_path, text, words):
    (tmp_path / "글.txt").write_text(text)
    assert words.format(path=tmp_path / "글.txt") in refused("predict", translator, tmp_path / "글.txt")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["저장", "--beam=0"], "--beam is 0"),
        (["저장", "--top=3"], "is a model for translate, which takes no --top: leave it out"),
        (["없다.tsv"], "없다.tsv: no such file"),
        ([""], "empty sources: INPUT"),
    ],
    ids=["beam", "top", "file", "nothing"],
)
def test_what_predict_is_given(refused, translator, arguments, words):
    assert words in refused("predict", translator, *arguments)


def test_a_table_without_the_columns_of_training(refused, translator, tables):
    words = f"{tables / 'words.tsv'} has no column 'ko'; it has 'words', 'tags'"
    assert words in refused("predict", translator, tables / "words.tsv")
    assert words in refused("evaluate", translator, tables / "words.tsv")


def test_options_of_a_translator_are_for_no_other_model(refused, names):
    assert "is a model for classify, which takes no --beam" in refused("predict", names, "김치", "--beam=2")
