"""What the user can mend: one clear line, exit code 2, nothing half-written."""

import os
import shutil

import pytest

TINY = ["--embedding=4", "--hidden=8", "--epochs=1", "--window=16", "--batch=8", "--threads=1"]
LONG = ("It was a dark and stormy night. " * 20).encode()


def missing(path):
    pass


def folder(path):
    path.mkdir()


def holding(content):
    return lambda path: path.write_bytes(content)


def fifo(path):
    os.mkfifo(path)


TEXTS = [
    pytest.param(holding(b""), "is empty; name a file with text in it", id="empty"),
    pytest.param(holding(b"\xef\xbb\xbf"), "is empty", id="only-a-byte-order-mark"),
    pytest.param(holding(b"a"), "give more text", id="one-character"),
    pytest.param(holding(b"ab\n"), "give more text", id="three-characters"),
    pytest.param(holding(LONG[:16]), "fewer than one window of 16", id="shorter-than-a-window"),
    pytest.param(holding(LONG + b"\xff"), f"byte {len(LONG)} (0xFF) is not UTF-8", id="invalid-utf-8"),
    pytest.param(holding(LONG + b"\xed"), f"byte {len(LONG)} (0xED) is not UTF-8", id="cut-off-utf-8"),
    pytest.param(holding(b"a\0b"), "byte 1 is NUL", id="binary"),
    pytest.param(holding("dark".encode("utf-16")), "is UTF-16, not UTF-8", id="utf-16"),
    pytest.param(folder, "is a folder", id="folder"),
    pytest.param(fifo, "is not an ordinary file", id="fifo"),
    pytest.param(missing, "no such file", id="missing"),
]


@pytest.mark.parametrize(("make", "words"), TEXTS)
def test_text_to_train_on(refused, contents, tmp_path, make, words):
    make(tmp_path / "x.txt")
    line = refused("train", "lm", tmp_path / "x.txt", "-o", tmp_path / "out", *TINY)
    assert words in line
    assert contents(tmp_path / "out") is None


@pytest.mark.parametrize(("make", "words"), TEXTS[5:])
def test_held_out_text(refused, contents, text, tmp_path, make, words):
    make(tmp_path / "x.txt")
    line = refused("train", "lm", text, "-o", tmp_path / "out", "--valid", tmp_path / "x.txt", *TINY)
    assert words in line
    assert contents(tmp_path / "out") is None


@pytest.mark.parametrize(
    ("make", "words"), [*TEXTS[:2], pytest.param(holding(b"a"), "1 token", id="one-character"), *TEXTS[5:]]
)
def test_text_to_evaluate(refused, model, tmp_path, make, words):
    make(tmp_path / "x.txt")
    assert words in refused("evaluate", model, tmp_path / "x.txt")


HUGE = "9" * 30

NUMBERS = [
    ("--hidden", "-1", "--hidden is -1: it must be from 1 to 32,768"),
    ("--hidden", "0", "--hidden is 0"),
    ("--hidden", "1000000000", "--hidden is 1000000000"),
    ("--hidden", HUGE, f"--hidden is {HUGE}"),
    ("--hidden", "abc", "'abc' is not a whole number"),
    ("--hidden", "1.5", "'1.5' is not a whole number"),
    ("--hidden", "", "'' is not a whole number"),
    ("--embedding", "0", "--embedding is 0"),
    ("--embedding", "1000000000", "--embedding is 1000000000"),
    ("--layers", "0", "--layers is 0"),
    ("--layers", "65", "--layers is 65: it must be from 1 to 64"),
    ("--vocabulary", "1", "--vocabulary is 1: it must be from 2 to 2,000,000"),
    ("--vocabulary", "1000000000", "--vocabulary is 1000000000"),
    ("--dropout", "2", "--dropout is 2.0: it must be from 0 and at most 0.95"),
    ("--dropout", "-0.1", "--dropout is -0.1"),
    ("--dropout", "nan", "--dropout is nan"),
    ("--epochs", "0", "--epochs is 0"),
    ("--epochs", "-3", "--epochs is -3"),
    ("--epochs", "1000000000", "--epochs is 1000000000"),
    ("--batch", "0", "--batch is 0"),
    ("--batch", "1000000000", "--batch is 1000000000"),
    ("--window", "0", "--window is 0"),
    ("--window", "1000000000", "--window is 1000000000"),
    ("--lr", "0", "--lr is 0.0: it must be above 0 and at most 10"),
    ("--lr", "-1", "--lr is -1.0"),
    ("--lr", "nan", "--lr is nan"),
    ("--lr", "inf", "--lr is inf"),
    ("--lr", "fast", "'fast' is not a number"),
    ("--weight-decay", "-1", "--weight-decay is -1.0"),
    ("--weight-decay", "nan", "--weight-decay is nan"),
    ("--clip", "0", "--clip is 0.0"),
    ("--clip", "nan", "--clip is nan"),
    ("--patience", "0", "--patience is 0"),
    ("--seed", "-1", "--seed is -1"),
    ("--seed", HUGE, f"--seed is {HUGE}"),
    ("--threads", "0", "--threads is 0"),
    ("--threads", "-2", "--threads is -2"),
    ("--threads", "1000000", "--threads is 1000000"),
    ("--valid", "0", "--valid is 0.0"),
    ("--valid", "1", "--valid is 1.0"),
    ("--valid", "1.5", "--valid is 1.5: it must be a share above 0 and below 1, or a text"),
    ("--valid", "-0.5", "--valid is -0.5"),
    ("--valid", "nan", "--valid is nan"),
    ("--valid", "1e-9", "the held-out part has 1 token, which is too few"),
    ("--valid", "nowhere.txt", "nowhere.txt: no such file"),
    ("--time-limit", "0", "--time-limit is 0.0: it must be above 0"),
    ("--time-limit", "-5", "--time-limit is '-5': write it like 90s, 10m or 1h30m"),
    ("--time-limit", "soon", "--time-limit is 'soon'"),
    ("--time-limit", "5 m", "--time-limit is '5 m'"),
    ("--time-limit", "1d", "--time-limit is '1d'"),
    ("--time-limit", "", "--time-limit is ''"),
    ("--cell", "transformer", "--cell is 'transformer': it must be one of rnn, lstm, gru"),
    ("--cell", "", "--cell is ''"),
    ("--tokens", "syllables", "--tokens is 'syllables': it must be one of characters, words, subwords"),
    ("--input", "two-hot", "--input is 'two-hot': it must be one of embedding, one-hot"),
    ("--device", "abacus", "--device is 'abacus'"),
    ("--device", "meta", "--device is 'meta'"),
    ("--device", "cuda:99", "--device is 'cuda:99'"),
]


@pytest.mark.parametrize(
    ("option", "value", "words"), NUMBERS, ids=[f"{option}={value[:12]}" for option, value, _ in NUMBERS]
)
def test_option_of_train(refused, contents, text, tmp_path, option, value, words):
    line = refused("train", "lm", text, "-o", tmp_path / "out", *TINY, option, value)
    assert words in line
    assert contents(tmp_path / "out") is None


def test_more_memory_than_there_is(refused, contents, text, tmp_path):
    line = refused("train", "lm", text, "-o", tmp_path / "out", *TINY, "--hidden", 32768, "--layers", 64)
    assert "training this model takes at least 6,1" in line
    assert "take a smaller hidden size" in line
    assert contents(tmp_path / "out") is None


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--length", "-1", "--length is -1: it must be from 0 to 1,000,000,000"),
        ("--length", "1e3", "'1e3' is not a whole number"),
        ("--temperature", "-1", "--temperature is -1.0"),
        ("--temperature", "nan", "--temperature is nan"),
        ("--temperature", "inf", "--temperature is inf"),
        ("--temperature", "hot", "'hot' is not a number"),
        ("--top-k", "0", "--top-k is 0"),
        ("--top-k", "-1", "--top-k is -1"),
        ("--top-p", "0", "--top-p is 0.0: it must be above 0 and at most 1"),
        ("--top-p", "2", "--top-p is 2.0"),
        ("--top-p", "nan", "--top-p is nan"),
        ("--seed", "-1", "--seed is -1"),
        ("--seed", HUGE, f"--seed is {HUGE}"),
        ("--prompt", "caf\udce9", "--prompt is not valid UTF-8 at character 3"),
    ],
)
def test_option_of_generate(refused, model, option, value, words):
    assert words in refused("generate", model, option, value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--top", "0", "a"], "--top is 0"),
        (["--top", "x", "a"], "'x' is not a whole number"),
        (["\udcff"], "INPUT is not valid UTF-8 at character 0"),
        ([], "Missing argument 'INPUT"),
    ],
    ids=["top-0", "top-x", "not-utf-8", "no-input"],
)
def test_argument_of_predict(refused, model, arguments, words):
    assert words in refused("predict", model, *arguments)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("frobnicate", "No such command 'frobnicate'"),
        ("train", "Missing command. See: ostinato train --help"),
        ("train xy", "No such command 'xy'"),
        ("train lm", "Missing argument 'TEXT"),
        ("train lm a.txt", "Missing option '-o' / '--output'. See: ostinato train lm --help"),
        ("train lm a.txt -o x --frob", "No such option: --frob"),
        ("train lm a.txt -o", "Option '-o' requires an argument"),
        ("evaluate", "Missing argument 'DIR'"),
        ("evaluate x", "Missing argument 'DATA"),
        ("generate", "Missing argument 'DIR'"),
        ("generate x y", "unexpected extra argument"),
        ("--frob", "No such option: --frob"),
    ],
)
def test_command_line(refused, line, words):
    assert words in refused(*line.split())


@pytest.mark.parametrize("below", ["file", "file/deeper", "/proc/ostinato", "/proc/1/ostinato/x"])
def test_unwritable_output(refused, contents, text, tmp_path, below):
    (tmp_path / "file").write_bytes(b"mine")
    line = refused("train", "lm", text, "-o", tmp_path / below, *TINY)
    assert str(tmp_path / below) in line
    assert contents(tmp_path) == {"file": b"mine"}


class TestOutputInUse:
    def test_other_files(self, refused, contents, text, tmp_path):
        (tmp_path / "thesis.txt").write_bytes(b"mine")
        line = refused("train", "lm", text, "-o", tmp_path, *TINY)
        assert f"{tmp_path} is not empty" in line
        assert contents(tmp_path) == {"thesis.txt": b"mine"}

    def test_other_files_are_not_overwritten_either(self, refused, contents, text, tmp_path):
        (tmp_path / "thesis.txt").write_bytes(b"mine")
        line = refused("train", "lm", text, "-o", tmp_path, *TINY, "--overwrite")
        assert "holds other files and no model" in line
        assert contents(tmp_path) == {"thesis.txt": b"mine"}

    def test_a_model(self, refused, contents, text, model):
        before = contents(model)
        line = refused("train", "lm", text, "-o", model, *TINY)
        assert "--overwrite" in line
        assert contents(model) == before

    def test_is_said_before_the_text_is_read(self, refused, tmp_path):
        (tmp_path / "thesis.txt").write_bytes(b"mine")
        assert "is not empty" in refused("train", "lm", tmp_path / "none.txt", "-o", tmp_path)

    def test_a_model_survives_bad_input_with_overwrite(self, refused, ostinato, model, tmp_path):

        shutil.copytree(model, tmp_path / "m")
        (tmp_path / "x.txt").write_bytes(LONG[:16])
        refused("train", "lm", tmp_path / "x.txt", "-o", tmp_path / "m", *TINY, "--overwrite")
        assert ostinato("generate", tmp_path / "m", "--length", 1).code == 0


def test_a_loss_that_is_no_number(ostinato, text, tmp_path):
    out = tmp_path / "out"
    diverging = ["--epochs", "30", "--lr", "10", "--weight-decay", "10", "--clip", "1000000"]
    code, printed, err = ostinato("train", "lm", text, "-o", out, *TINY, *diverging)
    line = err.splitlines()[-1]
    assert (code, printed) == (2, "")
    assert line.startswith("error: the ")
    assert "at step " in line
    assert "learning rate below 10" in line
    assert list(out.glob("checkpoints/step-*.safetensors"))  # the last good one, of which the line speaks
    assert f"{out / 'checkpoints'}" in line
    assert not (out / "config.json").exists()


class TestModelDirectory:
    @pytest.fixture(params=["evaluate", "generate", "predict"])
    def use(self, request, refused, text):
        more = {"evaluate": [text], "generate": [], "predict": ["a"]}[request.param]
        return lambda directory: refused(request.param, directory, *more)

    def test_missing(self, use, tmp_path):
        assert "does not exist: name the directory that" in use(tmp_path / "none")

    def test_a_file(self, use, tmp_path):
        (tmp_path / "f").write_bytes(b"")
        assert "is not a directory" in use(tmp_path / "f")

    def test_below_a_file(self, use, tmp_path):
        (tmp_path / "f").write_bytes(b"")
        assert "Not a directory" in use(tmp_path / "f" / "m")

    def test_too_long_a_name(self, use, tmp_path):
        assert "File name too long" in use(tmp_path / ("x" * 5000))

    def test_empty(self, use, tmp_path):
        assert "has no config.json" in use(tmp_path)

    def test_an_unfinished_run(self, use, tmp_path):
        (tmp_path / "checkpoints").mkdir()
        assert "holds an unfinished run: finish it with" in use(tmp_path)


def test_a_name_with_a_newline_and_an_escape_is_still_one_line(refused, tmp_path):
    line = refused("generate", tmp_path / "a\nb\x1b[31m")
    assert "a\\nb\\x1b[31m does not exist" in line
