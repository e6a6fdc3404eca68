"""The contests of published models: who takes part, and that they are alike."""

import pytest

import published
from _peers import MismatchError


@pytest.fixture(scope="module")
def contests():
    return published.speech(), *published.words(40)


def test_everybody_is_timed_beside_ours(contests):
    written = published.section(contests, seconds=0, rounds=1)
    rows = [line.split("|")[1:-1] for line in written.splitlines() if "silero" in line or "g2p" in line]
    assert [row[2].strip() for row in rows] == [
        *("onnxruntime", "onnxruntime, fixed sizes", "its own numpy", "its own numpy")
    ]
    assert [row[4].strip() for row in rows] == ["1", "", "5", "5"]


def test_another_probability_is_told(monkeypatch):
    monkeypatch.setattr(published, "TOLERANCE", 0.0)
    with pytest.raises(MismatchError, match=r"differs from that of onnxruntime by \d\.\de-0[67]"):
        published.speech()


def test_only_its_section_is_replaced():
    before = f"# Title\n\n{published.TITLE}\nold\n\n## Measured\n\nkept\n"
    after = published.page(before, f"{published.TITLE}\nnew\n")
    assert after == before.replace("old", "new")
