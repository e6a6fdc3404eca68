"""`ostinato demo memory`, as a user sees it."""

import pytest


@pytest.fixture
def memory(ostinato):
    def call(*options):
        return ostinato("demo", "memory", "--steps=2", *options)

    return call


def test_it_fits_eighty_columns_without_colour_codes(memory):
    shown = memory()
    assert shown.code == 0
    assert max(map(len, shown.out.splitlines())) <= 80
    assert "\x1b" not in shown.out


def test_accuracy_and_gradient_are_shown_for_every_cell_and_distance(memory):
    options = ["--distances=3,20", "--cell=gru", "--cell=rnn"]
    rows = [line.split() for line in memory(*options).out.splitlines()]
    lesson = memory(*options, "--json").json
    assert ["distance", "gru", "rnn"] in rows
    assert ["back", "gru", "rnn"] in rows
    for distance in (3, 20):
        (row,) = [row for row in rows if row[:1] == [str(distance)] and row[-1].endswith("%")]
        shares = [f"{r['accuracy']:.1%}" for r in lesson["recalls"] if r["distance"] == distance]
        assert row[2::2] == shares
    for back in range(0, 21, 2):
        (row,) = [row for row in rows if row[:1] == [str(back)] and "e-" in row[-1]]
        norms = [f"{lesson['gradients'][cell][back]:.0e}" for cell in ("gru", "rnn")]
        assert [word for word in row[1:] if "e-" in word] == norms


def test_the_bar_of_a_faded_gradient_is_shorter(memory):
    bars = [
        line.count("█") for line in memory("--distances=100", "--cell=rnn").out.splitlines() if "e-" in line
    ]
    assert len(bars) == 11
    assert bars == sorted(bars, reverse=True)
    assert bars[0] > 10 and bars[-1] == 0


def test_json_is_one_object_with_everything(memory):
    lesson = memory("--json", "--distances=2,4", "--seed=3").json
    assert lesson["cells"] == ["rnn", "lstm", "gru"]
    assert (lesson["distances"], lesson["seed"], lesson["steps"]) == ([2, 4], 3, 2)
    assert (lesson["symbols"], lesson["chance"], lesson["hidden"]) == (8, 0.125, 64)
    assert len(lesson["recalls"]) == 6
    assert set(lesson["recalls"][0]) == {"cell", "distance", "accuracy", "seconds"}
    assert {cell: len(norms) for cell, norms in lesson["gradients"].items()} == {
        "rnn": 5,
        "lstm": 5,
        "gru": 5,
    }


def test_progress_goes_to_stderr_a_line_for_each_network(memory):
    lines = memory("--distances=2,3", "--cell=lstm").err.splitlines()
    assert [line.split()[:3] for line in lines] == [["lstm", "distance", "2"], ["lstm", "distance", "3"]]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--cell=elman"], "error: --cell is 'elman': it must be one of rnn, lstm, gru"),
        (["--distances=5,0"], "error: --distances is 0: it must be from 1 to 1,000"),
        (
            ["--distances=5,,9"],
            "error: Invalid value for '--distances': '' is not a whole number",
        ),
        (["--distances=far"], "error: Invalid value for '--distances': 'far' is not a whole number"),
        (["--steps=-1"], "error: --steps is -1: it must be from 0 to 100,000"),
    ],
    ids=["cell", "distance", "a gap", "no number", "steps"],
)
def test_a_bad_option_is_the_users_to_mend(refused, options, complaint):
    assert refused("demo", "memory", *options).startswith(complaint)
