"""`evaluate` of what was learned from examples, and how classes are reported."""

import json

import pytest

from ostinato.cli._class_report import class_table, confusion_view

DATA = {
    "names": "이름.csv",
    "lengths": "이름.csv",
    "words": "words.tsv",
    "writer": "이름.csv",
    "waves": "waves.jsonl",
    "translator": "쌍.tsv",
}


@pytest.fixture(params=DATA)
def model(request):
    return request.getfixturevalue(request.param), DATA[request.param]


def test_own_table_is_scored_on_its_held_out_part_only(ostinato, model, tables):
    directory, table = model
    metrics = json.loads((directory / "metrics.json").read_text())
    figures = ostinato("evaluate", directory, tables / table, "--json").json
    assert figures["data"] == "the 10 % held out from training"
    assert figures["sequences"] == metrics["valid_sequences"]
    assert figures["model"] == pytest.approx(metrics["valid"], rel=1e-5)
    assert figures["baseline"] == pytest.approx(
        {k: metrics["baseline"][k] for k in figures["baseline"]}, rel=1e-5
    )


def test_another_table_is_scored_whole_by_the_columns_of_training(ostinato, names, tmp_path):
    (tmp_path / "새 표.tsv").write_text("갈래\tx\t이름\n음식\t1\t김밥\n도시\t2\t울산\n")
    figures = ostinato("evaluate", names, tmp_path / "새 표.tsv", "--json").json
    assert (figures["data"], figures["sequences"]) == ("all of them", 2)
    assert [row["class"] for row in figures["classes"]] == ["도시", "음식"]
    assert sum(map(sum, figures["confusion"])) == 2


def test_what_people_see(ostinato, model, tables):
    code, out, _ = ostinato("evaluate", model[0], tables / model[1])
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("Scored: the 10 % held out from training (")
    assert lines[1].startswith("Baseline: ")
    assert [line.split()[0] for line in lines[3:6]] == ["loss", "baseline", "model"]


@pytest.mark.parametrize(
    ("fixture", "table", "unit"), [("names", "이름.csv", "examples"), ("words", "words.tsv", "steps")]
)
def test_classes_are_told_apart(ostinato, tables, request, fixture, table, unit):
    out = ostinato("evaluate", request.getfixturevalue(fixture), tables / table).out
    _, classes, confusion = out.split("\n\n")[-3:]
    assert classes.splitlines()[0].split() == ["class", "precision", "recall", "F1", unit]
    assert confusion.startswith("true ↓ predicted →")
    assert len(confusion.splitlines()) == len(classes.splitlines())


def rows(*names):
    return [{"class": name, "precision": 0.5, "recall": 1.0, "f1": 2 / 3, "examples": 1234} for name in names]


def test_a_line_for_each_class():
    assert class_table(rows("a", "도시")).splitlines() == [
        "class  precision  recall      F1  examples",
        "a         0.5000  1.0000  0.6667     1,234",
        "도시      0.5000  1.0000  0.6667     1,234",
    ]


def test_the_matrix_has_the_true_class_in_its_row():
    assert confusion_view(rows("a", "bcde"), [[7, 0], [12, 3]]).splitlines() == [
        "true ↓ predicted →     a  bcde",
        "a                      7     ·",
        "bcde                  12     3",
    ]


@pytest.mark.parametrize("count", [2, 9, 12])
def test_a_matrix_fits_80_columns(count):
    names = [f"{k} a very long name of a class" for k in range(count)]
    view = confusion_view(rows(*names), [[100] * count] * count)
    lines = view.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) == count + 1


def test_of_many_classes_the_most_frequent_confusions():
    matrix = [[0] * 40 for _ in range(40)]
    matrix[3][4], matrix[7][1], matrix[2][2] = 5, 900, 1000
    assert confusion_view(rows(*(f"class {k}" for k in range(40))), matrix).splitlines() == [
        "Most often:",
        "     900  class 7 taken for class 1",
        "       5  class 3 taken for class 4",
    ]


def test_no_confusion_at_all():
    assert confusion_view(rows(*map(str, range(40))), [[0] * 40] * 40) == "None was taken for another."
