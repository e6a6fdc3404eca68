import pytest

from ostinato._errors import InputError
from ostinato.data import PanelColumns


@pytest.mark.parametrize(
    "columns", [PanelColumns("y"), PanelColumns("y", "t", "s", ("a", "b"), ("c",))], ids=["few", "all"]
)
def test_there_and_back_as_json(columns):
    assert PanelColumns.from_json(columns.to_json()) == columns


@pytest.mark.parametrize(
    "changes",
    [
        {"target": None},
        {"target": 3},
        {"time": 3},
        {"series": []},
        {"known": "k"},
        {"past": [3]},
        {"past": None},
    ],
    ids=str,
)
def test_a_strangers_json_is_refused(changes):
    with pytest.raises(InputError, match="save them anew"):
        PanelColumns.from_json({**PanelColumns("y").to_json(), **changes})


@pytest.mark.parametrize("value", [None, [], "y", {}], ids=str)
def test_what_is_no_columns_is_refused(value):
    with pytest.raises(InputError, match="save them anew"):
        PanelColumns.from_json(value)


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ({"target": "y", "time": "y"}, "column 'y' is named as target and as time; name it once"),
        ({"target": "y", "known": ("y",)}, "column 'y' is named as target and as known covariate"),
        (
            {"target": "y", "known": ("a",), "past": ("a",)},
            "column 'a' is named as known covariate and as past covariate",
        ),
    ],
    ids=["time", "target", "covariate"],
)
def test_a_column_has_one_role(columns, complaint):
    with pytest.raises(InputError, match=complaint):
        PanelColumns(**columns)
