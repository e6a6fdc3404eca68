import math
import unicodedata

import pytest

from ostinato.data import open_tokens
from ostinato.tasks import _language_figures

KOREAN = "모든 국민은 인간으로서의 존엄과 가치를 가진다. Élève, café…\n" * 30
DECOMPOSED = unicodedata.normalize("NFD", KOREAN)
KINDS = pytest.mark.parametrize("kind", ["characters", "words", "subwords"])


def in_bits(loss: float) -> object:
    return pytest.approx(loss / math.log(2), rel=1e-12)


@KINDS
def test_a_text_has_the_same_figures_composed_and_decomposed(tiny, kind):
    model = tiny(tokens=kind).fit(KOREAN)
    expected = model.evaluate(KOREAN[:500])
    assert model.evaluate(unicodedata.normalize("NFD", KOREAN[:500])) == expected
    assert expected["characters"] == 500


def test_a_bit_per_character_is_one_per_token_where_these_are_the_same(tiny):
    model = tiny().fit(KOREAN)
    figures = model.evaluate(DECOMPOSED)
    for who in ("model", "baseline"):
        assert figures[who]["bits_per_character"] == in_bits(figures[who]["loss"])


@pytest.mark.parametrize(
    ("X", "validation"),
    [(KOREAN, DECOMPOSED), (KOREAN + DECOMPOSED[: len(KOREAN) // 4], 0.2)],
    ids=["a text of its own", "the end of the text"],
)
def test_a_decomposed_held_out_text_is_measured_in_the_characters_that_are_read(tiny, X, validation):
    model = tiny().fit(X, validation=validation)
    assert model.tokenizer_.form == "NFC"
    for who in ("train", "valid", "baseline"):
        assert model.metrics_[who]["bits_per_character"] == in_bits(model.metrics_[who]["loss"])
    for record in model.history_:
        assert record["valid_bits_per_character"] == in_bits(record["valid_loss"])


def test_the_tokens_of_a_held_out_part_stay_on_the_disk(tiny, monkeypatch):
    model = tiny().fit(KOREAN)
    scored = []

    def note(network, ids, start):
        scored.append((ids, start))
        return score(network, ids, start)

    score = _language_figures.score_tokens
    monkeypatch.setattr(_language_figures, "score_tokens", note)
    opened = []
    monkeypatch.setattr(
        _language_figures, "open_tokens", lambda *path: opened.append(open_tokens(*path)) or opened[0]
    )
    model.evaluate(KOREAN)
    assert scored[0][0] is opened[0]
    assert scored[0][1] == int(len(KOREAN) * 0.9)


def test_the_share_of_unknown_tokens_is_told(tiny):
    model = tiny(tokens="words", vocabulary_size=2).fit("a b c d " * 100, validation=0.25)
    assert model.metrics_["valid_unknown"] == pytest.approx(0.75, abs=0.02)
    assert model.metrics_["train_unknown"] == pytest.approx(0.75, abs=0.02)
    assert model.evaluate("z" + " b" + " z" * 8)["unknown"] == pytest.approx(8 / 9)  # the first is not scored


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_the_unknown_are_counted_in_blocks(tiny, monkeypatch, block):
    model = tiny().fit("abc " * 100)
    monkeypatch.setattr(_language_figures, "_BLOCK", block)
    assert model.evaluate("abc!" * 5)["unknown"] == 5 / 19


def test_subwords_know_all(tiny):
    model = tiny(tokens="subwords").fit(KOREAN)
    assert model.evaluate("日本")["unknown"] == model.metrics_["valid_unknown"] == 0


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / name for name in ("a", "b", "c")]
    for number, path in enumerate(paths):
        path.write_text(KOREAN[: 300 + number], encoding="utf-8")
    return paths


TRAINED = "all of it, which the model was trained on"


@pytest.mark.parametrize(
    ("validation", "whole", "other"),
    [
        (0.25, "the last 25 %, held out from training", "all of it"),
        ("c", TRAINED, "all of it, held out from training"),
        ("b", TRAINED, "all of it"),
    ],
)
def test_a_text_that_training_saw_is_known_again(tiny, files, tmp_path, validation, whole, other):
    held_out = validation if isinstance(validation, float) else tmp_path / validation
    model = tiny().fit(files[:2], validation=held_out)
    part = f"{TRAINED} (at least in part)"
    assert [model.evaluate(path)["text"] for path in files] == [part, part, other]
    assert model.evaluate(files[:2])["text"] == whole
    model.save(tmp_path / "m")
    assert type(model).load(tmp_path / "m").evaluate(files[0])["text"] == part


def test_a_model_saved_before_files_were_told_apart_evaluates_them_as_any_text(tiny, files):
    model = tiny().fit(files[:2])
    del model.split_["files"]
    assert model.evaluate(files[0])["text"] == "all of it"
