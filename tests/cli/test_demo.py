"""`ostinato demo hello`, as a user sees it."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from ostinato._errors import InputError
from ostinato.cli._demo import demo


def hello(*options):
    return CliRunner().invoke(demo, ["hello", *options], env={"COLUMNS": "80"})


@pytest.fixture(scope="module", params=["rnn", "lstm", "gru"])
def shown(request):
    result = hello("--cell", request.param)
    assert result.exit_code == 0
    return request.param, result.stdout


def test_it_fits_eighty_columns_without_colour_codes(shown):
    _, text = shown
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text


def test_wrong_answers_turn_into_right_ones(shown):
    _, text = shown
    marks = [mark for mark in text if mark in "✗✓"]
    assert len(marks) == 5 * 4
    assert "✗" in marks[:4]
    assert marks[-4:] == ["✓"] * 4


def test_the_simple_rnn_answers_o_to_e_at_first():
    rows = [line.split() for line in hello().stdout.splitlines()]
    assert ["e", "l", "o", "✗"] in [row[:4] for row in rows]


def test_every_matrix_and_state_is_shown_under_its_name(shown):
    cell, text = shown
    lesson = json.loads(hello("--cell", cell, "--json").stdout)
    words = text.split()
    for name, rows in lesson["matrices"].items():
        assert name in words
        for value in [v for row in rows for v in (row if isinstance(row, list) else [row])]:
            assert f"{value:+.2f}" in words
    for name, rows in lesson["states"].items():
        assert f"{name}_t" in words
        assert all(f"{value:+.2f}" in words for row in rows for value in row)


def test_it_ends_with_the_word_and_what_to_try_next():
    *_, written, _, following = hello().stdout.splitlines()
    assert written.endswith("it writes:  hello")
    assert following == "Next:  ostinato demo hello --cell lstm"


def test_json_is_one_object_with_everything():
    lesson = json.loads(hello("--json", "--seed", "2", "--steps", "5").stdout)
    assert (lesson["cell"], lesson["seed"], lesson["steps"]) == ("rnn", 2, 5)
    assert [snapshot["step"] for snapshot in lesson["snapshots"]] == [0, 3, 5]
    first = lesson["snapshots"][0]["answers"][0]
    assert list(first) == ["letter", "target", "answer", "right", "probabilities"]
    assert list(first["probabilities"]) == list("helo")
    assert lesson["written"].startswith("h")


def test_a_bad_option_is_the_users_to_mend():
    result = hello("--cell", "transformer")
    assert isinstance(result.exception, InputError)
    assert result.stdout == ""


def test_demo_alone_lists_the_lessons():
    result = CliRunner().invoke(demo, [])
    assert result.exit_code == 0
    assert "hello" in result.stdout


def test_help_does_not_wait_for_torch():
    code = (
        "import sys; from typer.testing import CliRunner; from ostinato.cli._demo import demo;"
        "assert CliRunner().invoke(demo, ['hello', '--help']).exit_code == 0;"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
