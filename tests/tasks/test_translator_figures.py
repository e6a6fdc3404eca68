"""Figures of translations: sacrebleu's of texts, the error rate of lists of tokens."""

import pytest
import sacrebleu

from ostinato.tasks._translator_figures import translation_figures

REFERENCES = ["the cat sat on the mat", "it is a dog that sat"]
OUTPUTS = ["the cat sat on a mat", "it is a dog that sat"]


def test_texts_are_judged_by_sacrebleu():
    figures = translation_figures(OUTPUTS, REFERENCES)
    assert figures == {
        "bleu": pytest.approx(sacrebleu.corpus_bleu(OUTPUTS, [REFERENCES]).score),
        "chrf": pytest.approx(sacrebleu.corpus_chrf(OUTPUTS, [REFERENCES]).score),
        "exact": 0.5,
    }
    assert 0 < figures["bleu"] < figures["chrf"] < 100


def test_right_texts():
    expected = {"bleu": 100, "chrf": 100, "exact": 1}
    assert translation_figures(REFERENCES, REFERENCES) == pytest.approx(expected)


def test_tokens_are_judged_by_the_edits_they_need_per_token_of_the_reference():
    outputs, references = [["A", "B"], ["C"], []], [["A", "B"], ["D", "E", "F"], ["A"]]
    assert translation_figures(outputs, references) == {"error_rate": 4 / 6, "exact": 1 / 3}


def test_tokens_that_spell_the_same_are_not_the_same():
    assert translation_figures([["ab"]], [["a", "b"]])["exact"] == 0


def test_nothing_is_remarked_on_tokenised_texts(capsys, caplog):
    translation_figures(["a b ."] * 200, ["a b ."] * 200)
    assert (capsys.readouterr().err, caplog.text) == ("", "")
