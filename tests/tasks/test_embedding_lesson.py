"""The lesson on embeddings: sizes, figures and neighbours, on a language in which it is clear who is near."""

import itertools
import random

import numpy as np
import pytest
import torch

from ostinato._errors import InputError
from ostinato.tasks._embedding_lesson import learn_words
from ostinato.training import Silent

PEOPLE, THINGS, VERBS = (
    ["anna", "bert", "carl", "dora"],
    ["bread", "soup", "fish", "rice"],
    ["eats", "buys", "cooks"],
)


def sentences(count: int) -> str:
    draw = random.Random(0)
    return " ".join(
        f"{draw.choice(PEOPLE)} {draw.choice(VERBS)} {draw.choice(THINGS)}." for _ in range(count)
    )


@pytest.fixture(scope="module")
def lesson():
    return learn_words(sentences(2000), ["anna", "Soup", "eats"])


def test_words_that_are_used_alike_come_close(lesson):
    for group, found in zip((PEOPLE, THINGS, VERBS), lesson.neighbours, strict=True):
        others = [word for word, _ in found.nearest]
        assert set(others[: len(group) - 1]) == set(group) - {found.word}


def test_cosines_fall_and_are_cosines(lesson):
    for found in lesson.neighbours:
        cosines = [cosine for _, cosine in found.nearest]
        assert cosines == sorted(cosines, reverse=True)
        assert all(-1 <= cosine <= 1 for cosine in cosines)


def test_sizes_are_those_of_the_networks(lesson):
    V, D, H = lesson.vocabulary, 32, 64
    assert V == 13  # eleven words, the full stop, the unknown one
    one_hot, embedding = lesson.models
    cell, out = 3 * H * H + 6 * H, H * V + V
    assert (one_hot.input, one_hot.numbers_per_word, one_hot.input_parameters) == ("one-hot", V, 3 * H * V)
    assert (embedding.input, embedding.numbers_per_word) == ("embedding", D)
    assert embedding.input_parameters == V * D + 3 * H * D
    for model in lesson.models:
        assert model.parameters == model.input_parameters + cell + out


def test_figures_are_near_what_this_language_allows(lesson):
    best = (4 * 3 * 4 * 1) ** 0.25  # perplexity of a person, a verb, a thing and a full stop
    assert [score.name for score in lesson.baselines] == ["1-gram", "2-gram", "5-gram"]
    assert lesson.baselines[0].perplexity > 2 * best
    for score in (*lesson.baselines[1:], *(model.score for model in lesson.models)):
        assert best * 0.95 < score.perplexity < best * 1.1
        assert 0.4 < score.accuracy < 0.55  # 1/4, 1/3, 1/4 and 1 on average


def test_words_are_counted_in_lower_case_on_both_sides_of_the_split(lesson):
    assert lesson.train_words + lesson.held_out_words == 4 * 2000
    assert lesson.held_out_words == pytest.approx(800, abs=40)
    assert lesson.unknown == 0
    assert [found.word for found in lesson.neighbours] == ["anna", "soup", "eats"]
    assert lesson.neighbours[1].count == pytest.approx(lesson.train_words / 16, rel=0.1)


def test_a_word_outside_the_vocabulary_is_counted_as_unknown():
    lesson = learn_words(sentences(100) + " xylophone" * 10, ["anna"], epochs=1)
    assert lesson.unknown == pytest.approx(10 / lesson.held_out_words)


def test_words_of_a_novel_are_the_default_and_the_most_frequent_where_they_do_not_occur():
    novel = learn_words(sentences(60) + " He said he was very happy. " * 20, epochs=1)
    assert [found.word for found in novel.neighbours] == ["he", "was", "said", "very", "happy"]
    other = learn_words("wort " * 30 + "satz " * 60 + ", " * 90, epochs=1)
    assert [found.word for found in other.neighbours] == ["satz", "wort"]


def test_whoever_is_to_be_told_is_told_of_both_trainings():
    told = []

    class Diary(Silent):
        def stepped(self, tokens, loss):
            told[-1][1] += 1

    def reporter(kind):
        told.append([kind, 0])
        return Diary()

    learn_words(sentences(100), ["anna"], epochs=2, reporter=reporter)
    (first, steps), (second, as_many) = told
    assert (first, second) == ("one-hot", "embedding")
    assert steps == as_many > 0


def test_it_is_deterministic_and_leaves_torch_as_it_was():
    torch.manual_seed(3)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    first, second, other = (learn_words(sentences(100), ["anna"], seed, epochs=1) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    for one, two in itertools.pairwise((first, second)):
        assert one.neighbours == two.neighbours
        assert [model.score for model in one.models] == [model.score for model in two.models]
    assert first.neighbours != other.neighbours


def test_a_file_is_a_text_too(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(sentences(50))
    from_file, from_string = (learn_words(text, ["anna"], epochs=1) for text in ([path], sentences(50)))
    assert from_file.neighbours == from_string.neighbours
    assert np.isfinite(from_file.models[0].score.perplexity)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"X": "too short a text"}, "the text has 4 words: give one of 100 at least"),
        (
            {"words": ["anna", "dragon"]},
            "words has 'dragon', which is not one of the text's 12 most frequent words",
        ),
        ({"words": ["anna eats"]}, "words has 'anna eats', which is not one"),
        ({"words": [""]}, "words has '', which is not one"),
        ({"epochs": 0}, "epochs is 0: it must be from 1 to 1,000"),
        ({"seed": -1}, "seed is -1: it must be from 0"),
    ],
    ids=["text", "word", "two words", "no word", "epochs", "seed"],
)
def test_what_cannot_be_is_said(arguments, message):
    with pytest.raises(InputError, match=message):
        learn_words(**{"X": sentences(50), **arguments})
