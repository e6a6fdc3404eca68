"""`ostinato stream`: each line is answered as soon as it has come, and what is wrong with one is said."""

import io
import json
import subprocess
import sys

import numpy as np
import pytest

from ostinato import Classifier, Generator, LanguageModel, runtime
from ostinato.cli import _stream

TEXTS = ["hello there", "hallo du", "good day", "guten tag"]
LANGUAGES = ["en", "de"] * 2
SMALL = {"hidden_size": 5, "epochs": 1, "threads": 1, "embedding_size": 3}
NO_TORCH = "import sys; sys.modules['torch'] = None"  # whoever imports it fails


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    Classifier(**SMALL, bidirectional=False).fit(TEXTS, LANGUAGES, validation=0).save(folder / "classify")
    Classifier(**SMALL).fit(TEXTS, LANGUAGES, validation=0).save(folder / "backwards")
    numbers = [np.arange(6.0).reshape(3, 2)] * 4
    Classifier(**SMALL, bidirectional=False).fit(numbers, LANGUAGES, validation=0).save(folder / "numbers")
    LanguageModel(**SMALL).fit("the quick brown fox\n" * 20).save(folder / "lm")
    options = {**SMALL, "condition_size": 4}
    Generator(**options).fit(LANGUAGES, TEXTS, validation=0).save(folder / "generate")
    Generator(**options).fit([[1.0, 2.0], [2.0, 3.0]] * 2, [[1.0, 2.0]] * 4, validation=0).save(
        folder / "vectors"
    )
    return folder


@pytest.fixture
def stream(ostinato, monkeypatch):
    """Runs the command on these bytes; its exit code, its answers, and what is on stderr."""

    def call(*arguments, sent=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent)))
        ran = ostinato("stream", *arguments)
        return ran.code, [json.loads(line) for line in ran.out.splitlines()], ran.err

    return call


def test_each_line_has_what_the_model_says_so_far(stream, models):
    code, answers, err = stream(models / "classify", sent=b'"go"\n"od day"')
    assert (code, err) == (0, "")
    assert [answer["line"] for answer in answers] == [1, 2]
    expected = runtime.load(models / "classify").predict_proba(["go", "good day"])
    for answer, row in zip(answers, expected, strict=True):
        found = {each["class"]: each["probability"] for each in answer["probabilities"]}
        assert found == dict(zip(["de", "en"], row.tolist(), strict=True))
        assert answer["class"] == max(found, key=found.get)


@pytest.mark.parametrize(
    ("name", "sent", "error"),
    [
        ("classify", b"go", "no JSON (Expecting value: line 1 column 1 (char 0)): send a piece of text"),
        ("classify", b"", "the line is empty: send a piece of text"),
        ("classify", b'"\xff"', "no JSON ('utf-8' codec can't decode"),
        ("classify", b"[" * 100_000, "no JSON"),
        ("classify", b"3", "3 is not what this model reads: give a piece of text"),
        ("numbers", b"[1, 2, 3]", "[1, 2, 3] is not what this model reads: give a list of 2 numbers"),
        ("numbers", b"[1, Infinity]", "infinity"),
        ("numbers", b"[1, 1e999]", "infinity"),
        ("numbers", b"[1, " + b"9" * 4000 + b"]", "is not what this model reads"),
        ("lm", b'""', "'' is not what this model reads"),
        ("lm", b"99", "token id 99 is not one of"),
    ],
)
def test_a_bad_line_is_told_and_the_stream_goes_on_without_it(stream, models, name, sent, error):
    good = {"classify": b'"du"', "numbers": b"[null, 2]", "lm": b'"q"'}[name]
    code, answers, err = stream(models / name, sent=good + b"\n" + sent + b"\n" + good + b"\n")
    assert code == 2
    assert err == "error: 1 of 3 lines could not be read: see the errors among the answers\n"
    assert answers[1].keys() == {"line", "error"}
    assert answers[1]["line"] == 2
    assert error in answers[1]["error"]
    _, without, _ = stream(models / name, sent=good + b"\n" + good + b"\n")
    assert [answers[0], {**answers[2], "line": 2}] == without


def test_a_line_too_long_to_be_held_is_passed_over(stream, models, monkeypatch):
    monkeypatch.setattr(_stream, "_LONGEST", 16)
    _, answers, _ = stream(models / "classify", sent=b'"' + b"a" * 50 + b'"\n"du"\n"' + b"a" * 20)
    assert "more than 16 bytes" in answers[0]["error"]
    assert answers[1]["line"] == 2
    assert "class" in answers[1]
    assert "more than 16 bytes" in answers[2]["error"]


def test_nothing_is_answered_with_nothing(stream, models):
    assert stream(models / "lm") == (0, [], "")


def test_a_generator_is_asked_for_something(stream, models):
    _, answers, _ = stream(models / "generate", "--given", "en", sent=b'null\n"goo"\n')
    expected = runtime.load(models / "generate").stream(given="en")
    expected.push()
    told = expected.told(expected.push("goo"))
    assert answers[1] == {"line": 2, **json.loads(json.dumps(told))}
    for given in (["--given", "1", "--given", "2"], ["--given", "[1, 2]"]):
        code, answers, _ = stream(models / "vectors", *given, sent=b"null\n1.5\n")
        assert code == 0
        assert answers[1].keys() == {"line", "mean", "deviation", "end"}


@pytest.mark.parametrize(
    ("name", "options", "complaint"),
    [
        ("generate", [], "--given is needed: give one of de, en"),
        ("generate", ["--given", "fr"], "never seen in training: 'fr'"),
        ("classify", ["--given", "x"], "is a model for classify, which takes no --given"),
        ("classify", ["--series", "x"], "is a model for classify, which takes no --series"),
        ("classify", ["--weights", "int3"], "weights is 'int3': choose one of float32"),
        ("backwards", [], "train one with --causal"),
        ("none", [], "does not exist"),
    ],
)
def test_what_cannot_be_streamed_is_told_at_once(refused, models, name, options, complaint):
    assert complaint in refused("stream", models / name, *options)


def test_answers_come_line_by_line_where_torch_is_not_installed(models):
    code = f"{NO_TORCH}\nfrom ostinato.cli import main\nmain()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "stream", str(models / "lm")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        for number in range(1, 4):
            process.stdin.write(b'"q"\n')
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["line"] == number  # though stdin is still open
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, b"", b"")
