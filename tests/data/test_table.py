import csv
import json

import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._errors import InputError, ParameterError
from ostinato.data import read_table

properties = settings(max_examples=60, deadline=None)
# What a text file can hold; a field of nothing but spaces would be hard to tell from a blank line.
field = st.text(
    st.one_of(st.sampled_from('",\t\r\n é한'), st.characters(exclude_categories=["Cs"])), max_size=8
)
field = field.filter(lambda text: "\0" not in text and "\ufeff" not in text)
json_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@pytest.fixture
def write(tmp_path):
    def written(name: str, content: str | bytes):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


@properties
@given(rows=st.lists(st.tuples(field, field), min_size=1, max_size=5))
@pytest.mark.parametrize(("suffix", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_what_was_written_is_read(tmp_path_factory, rows, suffix, delimiter):
    path = tmp_path_factory.getbasetemp() / f"trip.{suffix}"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([("a", "b"), *rows])
    table = read_table(path)
    assert list(zip(table.column("a"), table.column("b"), strict=True)) == rows


@properties
@given(rows=st.lists(st.dictionaries(st.text(max_size=3), json_value, min_size=1), min_size=1, max_size=5))
def test_what_was_written_as_jsonl_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "trip.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    table = read_table(path)
    assert len(table) == len(rows)
    assert all(table.column(name)[i] == row.get(name) for i, row in enumerate(rows) for name in table.columns)


def test_parquet_gives_its_values(tmp_path):
    path = tmp_path / "t.parquet"
    polars.DataFrame({"a": [1.5, None], "b": [[1, 2], []], "c": ["x", "y"]}).write_parquet(path)
    table = read_table(path)
    assert [table.column(name) for name in table.columns] == [[1.5, None], [[1, 2], []], ["x", "y"]]


@pytest.mark.parametrize(
    ("name", "content", "column"),
    [
        ("t.csv", "\ufeffa,b\n1,2\n", ["1"]),
        ("t.csv", "a,b\r\n1,2\r\n", ["1"]),
        ("t.csv", "a,b\n\n1,2\n\n,3\n", ["1", ""]),
        ("T.CSV", "a\n1", ["1"]),
        ("t.tsv", 'a\tb\n"x" is\ty\n"z"\t"', ['"x" is', '"z"']),
        ("t.tsv", 'a\tb\n"x"\ty\n', ["x"]),
        ("t.jsonl", '{"a": 1}\n\n{"b": 2}\n', [1, None]),
        ("t.jsonl", '{"a": "a\u2028b"}', ["a\u2028b"]),
    ],
    ids=[
        "BOM",
        "CRLF",
        "blank lines",
        "upper case",
        "loose quotes",
        "quotes",
        "missing key",
        "line separator",
    ],
)
def test_cells_of(write, name, content, column):
    assert read_table(write(name, content)).column("a") == column


def test_a_field_longer_than_the_csv_module_s_limit(write):
    limit = csv.field_size_limit()
    assert read_table(write("t.csv", f"a,b\n{'x' * (limit + 1)},2\n")).column("a") == ["x" * (limit + 1)]
    assert csv.field_size_limit() == limit


def test_place_counts_rows_below_the_header_from_1(write):
    path = write("t.csv", "a\n1\n2\n")
    assert read_table(path).place(1) == f"{path}, row 2"


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("t.csv", "", "is empty"),
        ("t.csv", "\n\n", "is empty"),
        ("t.csv", "a,b\n", "has no rows below its header"),
        ("t.csv", "a,b\n1,2\n3\n", "row 2 has 1 fields and the header has 2"),
        ("t.csv", "a,b\n1,2,3\n", "row 1 has 3 fields and the header has 2"),
        ("t.csv", "a,a\n1,2\n", "has two columns 'a'"),
        ("t.csv", 'a,b\n1,"2\n', "line 2: unexpected end of data"),
        ("t.csv", b"a,b\n1,\xff\n", r"byte 6 \(0xFF\) is not UTF-8"),
        ("t.csv", "a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("t.tsv", 'a\tb\n"1"\n', "row 1 has 1 fields and the header has 2"),
        ("t.jsonl", "", "is empty"),
        ("t.jsonl", "\n\n", "has only blank lines"),
        ("t.jsonl", '{"a": 1}\n\n{"a": \n', "line 3 is not JSON"),
        ("t.jsonl", "[1]\n", "line 1 is not a JSON object"),
        ("t.jsonl", "{}\n", "has no columns"),
        ("t.jsonl", "[" * 100_000, "line 1 is not JSON"),
        ("t.parquet", "no parquet", "cannot be read as .parquet"),
        ("t.parquet", "", "cannot be read as .parquet"),
        ("t.xlsx", "x", "is no table that can be read; those are .csv, .tsv, .jsonl, .parquet"),
    ],
)
def test_one_line_says_what_is_wrong(write, name, content, complaint):
    path = write(name, content)
    with pytest.raises(InputError, match=complaint) as caught:
        read_table(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"none.csv: no such file"):
        read_table(tmp_path / "none.csv")


def test_a_folder(tmp_path):
    with pytest.raises(InputError, match="is a folder; name a table"):
        read_table(tmp_path)


def test_a_parquet_file_without_rows(tmp_path):
    path = tmp_path / "t.parquet"
    polars.DataFrame({"a": []}).write_parquet(path)
    with pytest.raises(InputError, match="has no rows"):
        read_table(path)


def test_a_missing_column_and_those_there_are(write):
    with pytest.raises(InputError, match="has no column 'nmae'; it has 'name', 'y'"):
        read_table(write("t.csv", "name,y\na,b\n")).column("nmae")


@pytest.mark.parametrize(
    ("names", "complaint"),
    [((), r"target is needed: .* has 'a', 'b'"), (("a", "b"), "target names 2 columns")],
)
def test_only_one_column(write, names, complaint):
    with pytest.raises(ParameterError, match=complaint):
        read_table(write("t.csv", "a,b\n1,2\n")).only(names, "target")
