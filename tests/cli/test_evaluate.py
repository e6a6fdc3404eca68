import json

import pytest


def test_own_text_is_scored_on_its_held_out_part_only(ostinato, model, text):
    figures = ostinato("evaluate", model, text, "--json").json
    assert figures["text"] == "the last 10 %, held out from training"
    assert (figures["characters"], figures["tokens"]) == (400, 400)


@pytest.mark.parametrize(("who", "there"), [("model", "valid"), ("baseline", "baseline")])
@pytest.mark.parametrize("figure", ["loss", "perplexity", "bits_per_character", "accuracy"])
def test_figures_agree_with_those_of_training(ostinato, model, text, who, there, figure):
    metrics = json.loads((model / "metrics.json").read_text())
    figures = ostinato("evaluate", model, text, "--json").json
    assert figures[who][figure] == pytest.approx(metrics[there][figure], rel=1e-5)


def test_another_text_is_scored_whole(ostinato, model, tmp_path):
    (tmp_path / "x.txt").write_text("한국 and so on. " * 20)
    figures = ostinato("evaluate", model, tmp_path / "x.txt", "--json").json
    assert (figures["text"], figures["characters"]) == ("all of it", 280)
    assert figures["unknown"] > 0
    assert figures.keys() == {
        "text",
        "baseline_name",
        "characters",
        "tokens",
        "unknown",
        "model",
        "baseline",
    }


def test_the_table(ostinato, model, text):
    lines = ostinato("evaluate", model, text).out.splitlines()
    assert lines[:2] == [
        "Scored: the last 10 %, held out from training (400 characters).",
        "Baseline: interpolated 5-gram (modified Kneser-Ney).",
    ]
    assert [line.split()[0] for line in lines[3:]] == ["loss", "baseline", "model"]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(("share", "shown"), [(0.0, None), (0.0009, None), (1 / 3, "33.3%"), (1.0, "100.0%")])
def test_unknown_tokens_are_told_of(share, shown):
    from ostinato.cli._figures import unknown_note

    note = unknown_note(share)
    if shown is None:
        assert note is None
    else:
        assert note == f"{shown} of the scored tokens are unknown ones, which flatters the figures."
        assert len(note) <= 80


def test_astronomical_figures_do_not_widen_the_table():
    from ostinato.cli._figures import figures_table

    row = {"loss": 1.281e30, "perplexity": 1.014e304, "bits_per_character": 1.849e30, "accuracy": 1.0}
    lines = figures_table({"baseline, held out": row}).splitlines()
    assert len({*map(len, lines)}) == 1
    assert len(lines[0]) <= 80
