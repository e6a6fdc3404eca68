import pytest

from ostinato.cli._charts import bar


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0, "    "),
        (1, "████"),
        (0.5, "██  "),
        (0.125, "▌   "),
        (0.25 + 1 / 32, "█▏  "),
        (-1, "    "),
        (7, "████"),
    ],
)
def test_a_bar_is_as_long_as_its_share(share, shown):
    assert bar(share, 4) == shown


@pytest.mark.parametrize("eighths", range(33))
def test_every_bar_is_as_wide_as_its_column(eighths):
    assert len(bar(eighths / 32, 4)) == 4
