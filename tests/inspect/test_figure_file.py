"""Figures as files."""

import sys
from pathlib import Path

import matplotlib
import pytest
from matplotlib.figure import Figure

from ostinato import InputError
from ostinato.inspect import figure_format
from ostinato.inspect._figure_file import drawing, write_figure

FAMILY = ["DejaVu Sans"]


@pytest.mark.parametrize(("name", "form"), [("a.png", "png"), ("a b.svg", "svg"), ("A.PNG", "png")])
def test_the_suffix_says_the_format(name, form):
    assert figure_format(Path(name)) == form


@pytest.mark.parametrize("name", ["a.pdf", "a", ".svg", "png", "a.svg.gz"])
def test_another_suffix_is_refused(name):
    with pytest.raises(InputError, match=r"is '.*': name a file that ends in \.png or \.svg"):
        figure_format(Path(name))


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match=r"a plot needs matplotlib: pip install '\.\[plot\]'"):
        figure_format(Path("x.png"))


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(InputError, match=r"cannot write .*nowhere/x\.png: No such file or directory"):
        write_figure(Figure(), tmp_path / "nowhere" / "x.png")


def test_what_fails_leaves_the_old_file(tmp_path, monkeypatch):
    (tmp_path / "x.png").write_bytes(b"old")

    def fail(self, file, **_):
        file.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(InputError, match="No space left on device; nothing was changed"):
        write_figure(Figure(), tmp_path / "x.png")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("x.png", b"old")]


def test_the_users_own_style_is_neither_used_nor_changed():
    with matplotlib.rc_context({"axes.facecolor": "black"}):
        with drawing(FAMILY):
            assert matplotlib.rcParams["axes.facecolor"] == "white"
        assert matplotlib.rcParams["axes.facecolor"] == "black"
