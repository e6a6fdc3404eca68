"""Examples that the user can mend: one clear line, exit code 2, nothing half-written."""

import json
import sys
from pathlib import Path

import pytest

SMALL = ["--hidden=8", "--epochs=1", "--threads=1", "--valid=0"]
COLUMNS = ["--input=글 x", "--target=y"]
SPEECH = Path(__file__).parents[2] / "examples" / "data" / "speech"


def csv(*rows):
    return "\n".join(["글 x,y", *rows, ""])


def jsonl(*rows):
    return "".join(f'{{"글 x": {x}, "y": {y}}}\n' for x, y in rows)


TABLES = [
    pytest.param("t.csv", "", "t.csv is empty", id="empty"),
    pytest.param("t.csv", csv(), "t.csv has no rows below its header", id="no-rows"),
    pytest.param("t.csv", csv("한국,p"), "all 1 training sequences are of one class, p", id="one-row"),
    pytest.param("t.csv", csv("a,p", "b,p"), "are of one class, p", id="one-class"),
    pytest.param("t.csv", csv("a,p", ",q"), "nothing in column '글 x' in row 2; fill it", id="no-input"),
    pytest.param("t.csv", csv("a,p", "b,"), "nothing in column 'y' in row 2; fill it", id="no-target"),
    pytest.param("t.csv", csv("a,p", "b"), "row 2 has 1 fields and the header has 2", id="short-row"),
    pytest.param("t.csv", csv('"a,p', "b,q"), "line ", id="open-quote"),
    pytest.param("t.csv", csv("a,p", "b,q").encode("utf-16"), "is UTF-16, not UTF-8", id="utf-16"),
    pytest.param("t.jsonl", '{"글 x": "a", "y": "p"}\n{"글 x"', "line 2 is not JSON", id="broken-json"),
    pytest.param("t.jsonl", "[1]\n", "line 1 is not a JSON object", id="no-object"),
    pytest.param("t.parquet", b"PAR1", "cannot be read as .parquet", id="broken-parquet"),
    pytest.param(
        "t.jsonl",
        jsonl(("[[1, 2]]", '"a"'), ("[[1, 2, 3]]", '"b"')),
        "row 2: a step of column '글 x' has 3 numbers, and in row 1 it has 2",
        id="ragged-features",
    ),
    pytest.param("t.jsonl", jsonl(("[1]", '"a"'), ("[]", '"b"')), "row 2: [] in column", id="no-steps"),
    pytest.param(
        "t.jsonl",
        jsonl(("[1]", '"a"'), ("[1, 1e99]", '"b"')),
        "row 2: column '글 x' has the value 1e+99 at step 2",
        id="too-large",
    ),
    pytest.param(
        "t.jsonl",
        jsonl(("[1]", '"a"'), ("[Infinity]", '"b"')),
        "row 2: column '글 x' has the value inf",
        id="inf",
    ),
    pytest.param(
        "t.csv",
        csv("8.wav,p", f"{SPEECH / '8.wav'},q", "없다.wav,q"),
        "2 of 3 files in column '글 x' do not exist: '8.wav' (row 1); '없다.wav' (row 3); correct the paths",
        id="absent-files",
    ),
    pytest.param("t.ods", "x", "is no table that can be read; those are .csv", id="another-format"),
]


@pytest.mark.parametrize(("name", "content", "words"), TABLES)
def test_table_to_train_on(refused, contents, tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    line = refused("train", "classify", tmp_path / name, "-o", tmp_path / "out", *COLUMNS, *SMALL)
    assert str(tmp_path / name) in line or "one class" in line
    assert words in line
    assert contents(tmp_path / "out") is None


@pytest.mark.parametrize(
    ("task", "row"), [("classify", "a,p"), ("regress", "a,1"), ("tag", "a b,D N"), ("generate", "a,p")]
)
def test_one_row(refused, contents, tmp_path, task, row):
    (tmp_path / "t.csv").write_text(csv(row))
    columns = COLUMNS if task != "generate" else ["--given=글 x", "--target=y"]
    line = refused("train", task, tmp_path / "t.csv", "-o", tmp_path / "out", *columns)
    assert f"{tmp_path / 't.csv'}, row 1 is all there is, and one sample is too few" in line
    assert line.endswith("give more, or learn it by heart with --valid 0")
    assert contents(tmp_path / "out") is None


def test_few_rows_that_will_not_do_are_told_in_one_line(refused, tmp_path):
    (tmp_path / "t.csv").write_text(csv("a,p", "b,p"))
    line = refused("train", "classify", tmp_path / "t.csv", "-o", tmp_path / "out", *COLUMNS)
    assert "are of one class, p" in line


def test_a_thousand_paths_of_which_three_are_wrong(refused, tmp_path):
    rows = [f"{SPEECH / '8.wav'},p"] * 1000
    rows[6] = rows[500] = rows[999] = "gone.wav,q"
    (tmp_path / "t.csv").write_text(csv(*rows))
    line = refused("train", "classify", tmp_path / "t.csv", "-o", tmp_path / "out", *COLUMNS)
    assert "3 of 1,000 files" in line
    assert all(f"(row {row})" in line for row in (7, 501, 1000))


@pytest.mark.parametrize(
    ("task", "rows", "words"),
    [
        ("regress", csv("a,1", "b,many"), "row 2: 'many' in column 'y' is not a number"),
        ("regress", csv("a,1", "b,nan"), "nothing in column 'y' in row 2"),
        ("regress", csv("a,1", "b,inf"), "row 2: 'inf' in column 'y' is infinite"),
        ("tag", csv("a b,D N", "c d,D"), "row 2 has 1 labels in column 'y' for 2 steps"),
        ("tag", csv("a b,D D", "c d,D D"), "all 4 training steps have one label, 'D'"),
    ],
)
def test_targets(refused, contents, tmp_path, task, rows, words):
    (tmp_path / "t.csv").write_text(rows)
    line = refused("train", task, tmp_path / "t.csv", "-o", tmp_path / "out", *COLUMNS, *SMALL)
    assert words in line
    assert contents(tmp_path / "out") is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["classify", "--target=갈래"], "--input is needed: {table} has '이름', '갈래', '길이', 'other'"),
        (["classify", "--input=이름"], "--target is needed: {table} has '이름'"),
        (["classify", "--input=x", "--target=갈래"], "{table} has no column 'x'; it has '이름', '갈래'"),
        (["classify", "--input=이름", "--target=갈래", "--id=x"], "{table} has no column 'x'"),
        (
            ["classify", "--input=이름", "--target=갈래", "--kind=smell"],
            "--kind is 'smell': it must be auto, text",
        ),
        (["generate", "--target=이름"], "--given is needed: {table} has '이름'"),
        (["generate", "--given=갈래"], "--target is needed: {table} has '이름'"),
    ],
)
def test_columns(refused, contents, tables, tmp_path, arguments, words):
    task, *columns = arguments
    line = refused("train", task, tables / "이름.csv", "-o", tmp_path / "out", *columns, *SMALL)
    assert words.format(table=tables / "이름.csv") in line
    assert contents(tmp_path / "out") is None


@pytest.mark.parametrize(
    ("task", "option", "words"),
    [
        ("classify", "--hidden=0", "--hidden is 0: it must be from 1 to 32,768"),
        ("classify", "--cell=cnn", "--cell is 'cnn': it must be one of rnn, lstm, gru"),
        ("classify", "--encoding=two", "'--encoding': 'two' is neither embedding nor one-hot"),
        ("classify", "--pooling=sum", "--pooling is 'sum': it must be one of last, mean"),
        ("classify", "--label-smoothing=1", "--label-smoothing is 1.0"),
        ("classify", "--num-mels=0", "--num-mels is 0"),
        ("classify", "--sample-rate=1", "--sample-rate is 1"),
        ("classify", "--frame-size=1", "--frame-size is 1"),
        ("classify", "--frames=x", "--frames is 'x'"),
        ("classify", "--on-corrupt=x", "--on-corrupt is 'x'"),
        ("classify", "--workers=0", "--workers is 0"),
        ("classify", "--valid=1", "--valid is 1.0"),
        ("classify", "--valid=nan", "--valid is nan"),
        ("classify", "--valid=none.csv", "none.csv: no such file"),
        ("classify", "--time-limit=x", "--time-limit is 'x'"),
        ("regress", "--balanced", "No such option: --balanced"),
        ("tag", "--window=0", "--window is 0"),
        ("tag", "--crf --balanced", "--balanced is for taggers without a CRF"),
        ("generate", "--condition=0", "--condition is 0"),
    ],
)
def test_options(refused, contents, tables, tmp_path, task, option, words):
    table = "words.tsv" if task == "tag" else "이름.csv"
    columns = {
        "classify": ["--input=이름", "--target=갈래"],
        "regress": ["--input=이름", "--target=길이"],
        "tag": ["--input=words", "--target=tags"],
        "generate": ["--given=갈래", "--target=이름"],
    }[task]
    out = tmp_path / "out"
    assert words in refused("train", task, tables / table, "-o", out, *columns, *SMALL, *option.split())
    assert contents(out) is None


def test_a_class_that_training_never_saw(refused, tables, names, tmp_path):
    (tmp_path / "v.csv").write_text("이름,갈래\n김치,음식\n한강,강\n")
    words = f"labels that were not seen in training (도시, 음식): {tmp_path / 'v.csv'}, row 2: '강'"
    arguments = [tables / "이름.csv", "-o", tmp_path / "out", "--input=이름", "--target=갈래"]
    assert words in refused("train", "classify", *arguments, "--valid", tmp_path / "v.csv")
    assert words in refused("evaluate", names, tmp_path / "v.csv")


def test_the_output_is_looked_at_before_the_table(refused, contents, tmp_path):
    (tmp_path / "thesis.txt").write_bytes(b"mine")
    assert "is not empty" in refused("train", "classify", tmp_path / "none.csv", "-o", tmp_path)
    assert contents(tmp_path) == {"thesis.txt": b"mine"}


class TestRecordings:
    @pytest.fixture
    def table(self, tmp_path):
        (tmp_path / "noise.wav").write_bytes(b"this is no sound")
        rows = [f"{SPEECH / name}.wav,{'pq'[int(name) % 2]}" for name in "123456"]
        (tmp_path / "t.csv").write_text(csv("noise.wav,p", *rows))
        return tmp_path / "t.csv"

    def test_that_cannot_be_decoded_are_named(self, refused, table, tmp_path):
        line = refused("train", "classify", table, "-o", tmp_path / "out", *COLUMNS, *SMALL)
        assert f"1 of 7 inputs cannot be read: {table}, row 1: " in line
        assert line.endswith("mend them, or leave them out with --on-corrupt skip")

    def test_that_cannot_be_decoded_are_skipped(self, ostinato, table, tmp_path):
        arguments = [table, "-o", tmp_path / "out", *COLUMNS, *SMALL, "--on-corrupt=skip", "--json"]
        with pytest.warns(UserWarning, match="row 1"):
            assert ostinato("train", "classify", *arguments).json["train_sequences"] == 6

    def test_without_the_library_say_what_to_install(self, refused, table, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "av", None)
        line = refused("train", "classify", table, "-o", tmp_path / "out", *COLUMNS, *SMALL)
        assert line == "error: this command needs av: pip install '.[media]' in Ostinato's folder"

    def test_a_video_without_frames(self, refused, tmp_path):
        rows = [{"글 x": str(SPEECH / f"{name}.wav"), "y": "pq"[int(name) % 2]} for name in "12"]
        (tmp_path / "t.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        out = tmp_path / "out"
        line = refused("train", "classify", tmp_path / "t.jsonl", "-o", out, *COLUMNS, *SMALL, "--kind=video")
        assert "has no video in it" in line


class TestPredict:
    @pytest.mark.parametrize(
        ("which", "value", "words"),
        [
            ("names", "이름.tsv", "이름.tsv: no such file"),
            ("names", "", "sequences of length 0: INPUT"),
            ("series", "1 2", "INPUT: '1 2' is no numeric sequence: give a JSON list"),
            ("series", "[1, 2]", "INPUT: X has 1 columns, but the model was trained with 2"),
            ("series", "[[1, 2], [3]]", "INPUT is not a numeric sequence"),
            ("series", "[[1, Infinity]]", "INPUT has the value inf at step 1, column 2"),
            ("series", "[]", "INPUT: '[]' is no numeric sequence"),
            ("words", '["a", 1]', "INPUT: '[\"a\", 1]' is no list of strings"),
            ("scenes", "gone.mp4", "INPUT: 'gone.mp4': no such file; give the path of a recording"),
            ("writer", "음식", "is a generator, which foretells nothing: use ostinato generate"),
        ],
    )
    def test_input(self, refused, request, which, value, words):
        assert words in refused("predict", request.getfixturevalue(which), "--json", "--", value)

    def test_a_table_without_the_column(self, refused, names, tmp_path):
        (tmp_path / "t.csv").write_text("name\n김치\n")
        assert "t.csv has no column '이름'; it has 'name'" in refused("predict", names, tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("which", "arguments", "words"),
    [
        ("writer", [], "--given is needed: give one of 도시, 음식"),
        ("writer", ["--given=음식", "--given=도시"], "--given is needed once: give one of 도시, 음식"),
        ("writer", ["--given=강"], "never seen in training: '강' (--given); there are 도시, 음식"),
        ("writer", ["--given=음식", "--prompt=a"], "takes no --prompt: give it --given VALUE"),
        ("writer", ["--given=음식", "--count=0"], "--count is 0: it must be from 1 to 100,000"),
        ("writer", ["--given=음식", "--top-k=0"], "--top-k is 0"),
        ("writer", ["--given=\udcff"], "--given is not valid UTF-8"),
        ("waves", ["--given=1"], "conditions have 1 numbers each and those of training had 2"),
        ("waves", ["--given=1", "--given=x"], "--given is 'x': give a number"),
        ("waves", ["--given=1", "--given=inf"], "--given has the value inf"),
        ("waves", ["--given=[1, 2"], "--given: '[1, 2' is no numeric sequence"),
        ("waves", ["--given=1", "--given=2", "--top-k=3"], "--top-k chooses among tokens"),
        ("model", ["--given=a"], "is a language model, which takes no --given: give it --prompt TEXT"),
        ("model", ["--count=2"], "is a language model, which takes no --count"),
        ("names", [], "is a model for classify, which writes nothing: use ostinato predict"),
    ],
)
def test_generate(refused, request, which, arguments, words):
    assert words in refused("generate", request.getfixturevalue(which), *arguments)


class TestEvaluate:
    def test_several_files(self, refused, names, tables):
        assert "DATA names 2 files" in refused("evaluate", names, tables / "이름.csv", tables / "이름.csv")

    def test_a_table_for_a_model_that_knows_no_columns(self, refused, ostinato, tmp_path, tables):
        (tmp_path / "x.ts").write_text("@classLabel true a b\n@data\n" + "1,2:a\n3,4:b\n" * 4)
        ostinato("train", "classify", tmp_path / "x.ts", "-o", tmp_path / "m", *SMALL)
        line = refused("evaluate", tmp_path / "m", tables / "이름.csv")
        assert "the model was not trained on a table, so it is not known which columns to read" in line

    def test_targets_of_another_kind(self, refused, series, tmp_path):
        (tmp_path / "x.jsonl").write_text('{"x": "text", "y": "a"}\n')
        assert "row 1: 'text' in column 'x' " in refused("evaluate", series, tmp_path / "x.jsonl")
