import json
from functools import partial

import numpy as np
import pytest

from ostinato._errors import InputError, ParameterError
from ostinato.data import Columns, Segment, read_examples


@pytest.fixture
def write(tmp_path):
    def written(content: str, name: str = "t.tsv"):
        path = tmp_path / name
        path.write_text(content)
        return path

    return written


@pytest.mark.parametrize(
    ("content", "columns", "task", "kind", "inputs", "targets"),
    [
        ("x\ty\na b\tu\nc\tv\n", Columns(("x",), "y"), "classify", "text", ["a b", "c"], ["u", "v"]),
        ("x\ty\n12\tu\n", Columns(("x",), "y", kind="text"), "classify", "text", ["12"], ["u"]),
        ("x\ty\na b\t0.5\n", Columns(("x",), "y", kind="tokens"), "regress", "tokens", [["a", "b"]], [0.5]),
        ("x\ty\tz\na\t1\t2\n", Columns(("x",), ("y", "z")), "regress", "text", ["a"], [[1, 2]]),
        ("x\ty\na b\tN V\n", Columns(("x",), "y"), "tag", "tokens", [["a", "b"]], [["N", "V"]]),
        ("x\ty\nab \t0 1 0\n", Columns(("x",), "y", kind="text"), "tag", "text", ["ab "], [["0", "1", "0"]]),
        ("x\ty\nItalian\tRossi\n", Columns(("x",), "y"), "generate", "text", ["Italian"], ["Rossi"]),
    ],
    ids=["classify", "digits", "regress", "several numbers", "words", "characters", "generate"],
)
def test_a_row_is_an_example(write, content, columns, task, kind, inputs, targets):
    examples = read_examples(write(content), columns, task=task)
    assert (examples.kind, examples.inputs, examples.targets) == (kind, inputs, targets)
    assert examples.place(0).endswith("t.tsv, row 1")


@pytest.mark.parametrize(
    ("content", "columns", "task", "inputs"),
    [
        ("a\tb\n1\t2\n3\t\n", Columns(("a", "b")), "classify", [[[1], [2]], [[3], [np.nan]]]),
        ("a\n[1, 2]\n[3]\n", Columns(("a",)), "classify", [[[1], [2]], [[3]]]),
        ("a\n[[1, 2], [3, 4]]\n", Columns(("a",)), "tag", [[[1, 2], [3, 4]]]),
        ("a\tb\n1\t2\n3\t4\n", Columns(("a", "b")), "generate", [[[1, 2]], [[3, 4]]]),
        ("a\n1\n2\n", Columns(("a",)), "generate", [[[1]], [[2]]]),
        ("a\n[1, 2]\n", Columns(("a",)), "generate", [[[1, 2]]]),
    ],
    ids=["columns", "lists", "lists of lists", "condition in columns", "a number", "condition in a list"],
)
def test_numbers_become_vectors(write, content, columns, task, inputs):
    examples = read_examples(write(content), columns, task=task, targets=False)
    assert examples.kind == "vectors"
    for array, expected in zip(examples.inputs, inputs, strict=True):
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, np.float32(expected))


@pytest.mark.parametrize(
    ("cells", "kinds", "inputs", "targets"),
    [
        (("가 나", "a b"), {}, ["가 나"], ["a b"]),
        (("12", "3"), {}, ["12"], ["3"]),
        (("no.wav", "[1"), {}, ["no.wav"], ["[1"]),
        (("cat", '["K", "AE1"]'), {}, ["cat"], [["K", "AE1"]]),
        (("cat", "K AE1 T"), {"target_kind": "tokens"}, ["cat"], [["K", "AE1", "T"]]),
        (('["c", "a"]', "K"), {}, [["c", "a"]], ["K"]),
        (("[1, 2]", "[3]"), {}, [["1", "2"]], [["3"]]),
        (("[1, 2]", "[3]"), {"kind": "text", "target_kind": "text"}, ["[1, 2]"], ["[3]"]),
        (("a b", "c"), {"kind": "tokens"}, [["a", "b"]], ["c"]),
    ],
    ids=["texts", "digits", "no", "JSON", "spaces", "source", "numbers", "forced text", "forced tokens"],
)
def test_the_two_sides_of_a_translation(write, cells, kinds, inputs, targets):
    columns = Columns(("x",), "y", **kinds)
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells)
    examples = read_examples(write("x\ty\n" + "\t".join(quoted) + "\n"), columns, task="translate")
    assert (examples.inputs, examples.targets) == (inputs, targets)
    assert examples.kind == ("text" if isinstance(inputs[0], str) else "tokens")


def test_another_table_s_targets_are_of_the_same_kind(write):
    first = read_examples(write('x,y\na,"[""N""]"\n', "a.csv"), Columns(("x",), "y"), task="translate")
    again = Columns.from_json(first.origin["columns"])
    assert read_examples(write("x,y\na,N V\n", "b.csv"), again, task="translate").targets == [["N", "V"]]


def test_a_numeric_sequence_to_generate(write):
    examples = read_examples(write("x\ty\na\t[1, 2]\n"), Columns(("x",), "y"), task="generate")
    np.testing.assert_array_equal(examples.targets, np.float32([[[1], [2]]]))


@pytest.mark.parametrize(
    ("cells", "targets"),
    [
        (["[[0, 1.5, 'u'], [2, 3, 'v']]", "[]"], [[Segment(0, 1.5, "u"), Segment(2, 3, "v")], []]),
        (["['u', 'v']", "u v"], [["u", "v"], ["u", "v"]]),
    ],
    ids=["segments", "labels"],
)
@pytest.mark.parametrize(("suffix", "kind"), [("wav", "audio"), ("mp4", "video")])
def test_recordings_beside_their_table(write, tmp_path, cells, targets, suffix, kind):
    for name in ("a", "b"):
        (tmp_path / f"{name}.{suffix}").touch()
    rows = [f"{name}.{suffix}\t{cell}\n".replace("'", '"') for name, cell in zip("ab", cells, strict=True)]
    examples = read_examples(write("clip\twhat\n" + "".join(rows)), Columns(("clip",), "what"), task="tag")
    assert (examples.kind, examples.targets) == (kind, targets)
    assert examples.inputs == [tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"]


def test_what_was_seen_in_one_file_reads_another_like_it(write):
    first = read_examples(write("x\ty\na b\tN V\n"), Columns(("x",), "y"), task="tag")
    origin = json.loads(json.dumps(first.origin))
    again = partial(read_examples, task="tag", targets=False)
    assert again(write("x\n1 2\n", "new.tsv"), Columns.from_json(origin["columns"])).inputs == [["1", "2"]]


@pytest.mark.parametrize(
    ("content", "columns", "task", "complaint"),
    [
        ("x\ty\na\tu\n", Columns(("z",), "y"), "classify", "has no column 'z'; it has 'x', 'y'"),
        ("x\ty\na\tu\n", Columns(("x",), "z"), "classify", "has no column 'z'; it has 'x', 'y'"),
        ("x\ty\n1\tu\n", Columns(("x",), "y"), "classify", "row 1: '1' in column 'x' is one number"),
        (
            "x\ty\nfoo\tu\n",
            Columns(("x", "y"), "y"),
            "classify",
            "row 1: 'foo' in column 'x' is not a number",
        ),
        ("x\ty\na\tabc\n", Columns(("x",), "y"), "regress", "row 1: 'abc' in column 'y' is not a number"),
        ("x\ty\na b\tN\n", Columns(("x",), "y"), "tag", "row 1 has 1 labels in column 'y' for 2 steps"),
        ("x\ty\nno.wav\tu\n", Columns(("x",), "y"), "classify", r"1 of 1 files .* 'no.wav'"),
        ("x\ty\n[1]\tu\n[1, 2]\tu\n", Columns(("x",), "y"), "generate", r"row 2: 2 numbers .* in row 1 1"),
        ("x\ty\na\n", Columns(("x",), "y"), "translate", "row 1 has 1 fields and the header has 2"),
        ("x\ty\na\t\n", Columns(("x",), "y"), "translate", "nothing in column 'y' in row 1"),
        ("x\ty\n\tb\n", Columns(("x",), "y"), "translate", "nothing in column 'x' in row 1"),
    ],
)
def test_one_line_says_what_is_wrong(write, content, columns, task, complaint):
    path = write(content)
    with pytest.raises(InputError, match=complaint) as caught:
        read_examples(path, columns, task=task)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "task", "complaint"),
    [
        (Columns(), "classify", r"input is needed: .* has 'x', 'y'"),
        (Columns(("x",)), "classify", r"target is needed: .* has 'x', 'y'"),
        (Columns(("x",)), "regress", "target is needed"),
        (Columns(("x",), ("x", "y")), "generate", "target names 2 columns"),
        (Columns(("x", "y"), "y", kind="text"), "classify", "input names 2 columns"),
        (Columns(("x",), "y", kind="picture"), "classify", "kind is 'picture'"),
        (Columns(("x",), "y"), "sing", "task is 'sing'"),
        (Columns(("x",), "y", kind="audio"), "translate", "kind is 'audio': it must be auto, text, tokens"),
        (Columns(("x",), "y", target_kind="vectors"), "translate", "target_kind is 'vectors': it must be"),
        (Columns(("x", "y"), "y"), "translate", "input names 2 columns"),
        (Columns(("x",)), "translate", "target is needed"),
    ],
)
def test_a_parameter_that_will_not_do(write, columns, task, complaint):
    with pytest.raises(ParameterError, match=complaint):
        read_examples(write("x\ty\na\tu\n"), columns, task=task)


@pytest.mark.parametrize("columns", [Columns(("x",)), Columns(target="y"), Columns(id="who")])
def test_a_folder_has_no_columns(tmp_path, columns):
    with pytest.raises(InputError, match="is no table and has no columns"):
        read_examples(tmp_path, columns, task="classify")


@pytest.mark.parametrize("name", ["folder.tsv", "series.ts"])
def test_what_has_no_columns_is_not_asked_to_be_named_without_them(tmp_path, name):
    (tmp_path / "folder.tsv").mkdir()
    with pytest.raises(InputError, match=f"{name}.* to translate, name a table"):
        read_examples(tmp_path / name, Columns(("x",), target="y"), task="translate")


def test_a_missing_file_is_named_before_its_columns(tmp_path):
    with pytest.raises(InputError, match=r"none.csv: no such file"):
        read_examples(tmp_path / "none.csv", task="classify")
