import io
import sys

import pytest

from ostinato.cli._inputs import lines
from ostinato.cli._predict_lm import view
from ostinato.data import learn_tokenizer


def predictions(ostinato, model, *inputs):
    ran = ostinato("predict", model, "--json", *inputs)
    assert ran.code == 0
    return ran.json["predictions"]


def test_all_probabilities_sum_to_one(ostinato, model):
    [answer] = predictions(ostinato, model, "--top", 1000, "Cath")
    assert sum(entry["probability"] for entry in answer["next"]) == pytest.approx(1)
    assert len({entry["id"] for entry in answer["next"]}) == len(answer["next"])


def test_the_likeliest_come_first(ostinato, model):
    [answer] = predictions(ostinato, model, "--top", 4, "Cath")
    probabilities = [entry["probability"] for entry in answer["next"]]
    assert answer["input"] == "Cath"
    assert len(probabilities) == 4
    assert probabilities == sorted(probabilities, reverse=True)


def test_several_inputs_and_a_file_of_lines(ostinato, model, tmp_path):
    (tmp_path / "x.txt").write_text("in a\r\nin b\n")
    answers = predictions(ostinato, model, "one", tmp_path / "x.txt", "two")
    assert [answer["input"] for answer in answers] == ["one", "in a", "in b", "two"]


@pytest.mark.parametrize("typed", ["", "x" * 5000], ids=["empty", "longer-than-a-file-name"])
def test_any_text_is_a_text(ostinato, model, typed):
    [answer] = predictions(ostinato, model, typed)
    assert answer["input"] == typed


def test_for_the_eye(ostinato, model):
    with pytest.warns(UserWarning, match="never seen"):
        ran = ostinato("predict", model, "--top", 3, "[/] Cath")
    lines = ran.out.splitlines()
    assert lines[0] == "[/] Cath …"
    assert len(lines) == 4
    assert all(line.startswith("'") and "%" in line for line in lines[1:])


@pytest.mark.parametrize(("token", "shown"), [("\n", "'\\n'"), ("[", "'['"), ("é", "'é'")])
def test_tokens_are_quoted_once(token, shown):
    name = learn_tokenizer("characters", ["\n[é"]).token({"\n": 1, "[": 2, "é": 3}[token])
    assert view("", [(name, 0.5)]) == f" …\n{shown}   50.00%  {'█' * 20}\n"


@pytest.mark.parametrize("where", ["file", "stdin"])
@pytest.mark.filterwarnings("ignore:the model has never seen")
def test_a_line_ends_at_a_newline_and_nowhere_else(ostinato, model, tmp_path, monkeypatch, where):
    text = "in\x0ca\x85b\u2028c\r\n\nd\re\r\r\nno newline"
    (tmp_path / "x").write_bytes(text.encode())
    if where == "stdin":
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    answers = predictions(ostinato, model, tmp_path / "x" if where == "file" else "-")
    lines = ["in\x0ca\x85b\u2028c", "", "d\re\r", "no newline"]
    assert [answer["input"] for answer in answers] == lines


def test_lines_across_chunks():
    assert list(lines(["a", "b\r", "\nc\n\n", "", "d\n"])) == ["ab", "c", "", "d"]


def test_a_file_that_is_not_utf8(refused, model, tmp_path):
    (tmp_path / "x").write_bytes(b"ab\nc\xff\n")
    assert "x: byte 4 (0xFF) is not UTF-8; convert it" in refused("predict", model, "--json", tmp_path / "x")


def test_wide_characters_take_two_columns():
    _, *rows = view("", [("한국", 0.5), ("a", 0.25)]).splitlines()
    assert [row.split("%")[0] for row in rows] == ["'한국'   50.00", "'a'      25.00"]
