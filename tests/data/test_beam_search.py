from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.data._beam_search import beam_search

properties = settings(max_examples=150, deadline=None)
BEGIN, END, FIRST_SLOT, VOCABULARY = 0, 1, 3, 5  # 2 is a word, 3 and 4 are slots


class RandomModel:
    """Log-probabilities drawn anew for each beginning of each sentence: no smaller search can be exact."""

    def __init__(self, seed, first_sentence=0):
        self.seed, self.first_sentence = seed, first_sentence
        self.history = []  # for each call what its rows go on from: the sentence and what is written

    @property
    def calls(self):
        return [len(rows) for rows in self.history]

    def log_probs(self, sentence, prefix):
        seed = [self.seed, self.first_sentence + sentence, *prefix]
        logits = 2 * np.random.default_rng(seed).normal(size=VOCABULARY)
        logits[BEGIN] = -np.inf
        return (logits - np.log(np.exp(logits).sum())).astype(np.float32)

    def __call__(self, ids, parents):
        if not self.history:
            assert set(ids.tolist()) == {BEGIN}
            rows = [(sentence, ()) for sentence in parents.tolist()]
        else:
            before = [self.history[-1][row] for row in parents.tolist()]
            rows = [(s, (*written, i)) for (s, written), i in zip(before, ids.tolist(), strict=True)]
        self.history.append(rows)
        return np.stack([self.log_probs(*row) for row in rows])

    def log_probability(self, sentence, ids):
        return sum(float(self.log_probs(sentence, ids[:t])[token]) for t, token in enumerate((*ids, END)))


def search(model, lengths, **options):
    """The best of each sentence."""
    return [found[0] for found in ranked(model, lengths, **options)]


def ranked(model, lengths, *, beam_size=1000, length_penalty=1.0, slots=None):
    return beam_search(
        model,
        len(lengths),
        beam_size=beam_size,
        length=np.array(lengths),
        length_penalty=length_penalty,
        begin=BEGIN,
        end=END,
        slots=None if slots is None else np.array(slots).reshape(-1, 2),
        first_slot=FIRST_SLOT,
    )


def exhaustive(model, sentence, length, length_penalty, slots):
    """All sequences that are allowed, the best first: has all slots, score, ids."""
    found = []
    for count in range(length + 1):
        for ids in product(range(2, VOCABULARY), repeat=count):
            written = Counter(ids)
            if all(written[FIRST_SLOT + k] <= most for k, most in enumerate(slots)):
                score = model.log_probability(sentence, ids) / ((6 + count) / 6) ** length_penalty
                complete = all(written[FIRST_SLOT + k] > 0 for k, most in enumerate(slots) if most)
                found.append((complete, score, ids))
    return sorted(found, reverse=True)


sentences = st.lists(st.tuples(st.integers(0, 4), *[st.integers(0, 2)] * 2), min_size=1, max_size=3)
penalties = st.sampled_from([0.0, 0.6, 1.0, 2.0])


@properties
@given(st.integers(0, 1000), sentences, penalties)
def test_a_beam_that_holds_everything_finds_the_best_of_all(seed, sentences, length_penalty):
    model = RandomModel(seed)
    lengths, slots = [s[0] for s in sentences], [s[1:] for s in sentences]
    found = search(model, lengths, length_penalty=length_penalty, slots=slots)
    for sentence, hypothesis in enumerate(found):
        (complete, score, ids), *_ = exhaustive(
            model, sentence, lengths[sentence], length_penalty, slots[sentence]
        )
        assert tuple(hypothesis.ids.tolist()) == ids
        assert hypothesis.complete == complete
        assert hypothesis.score == pytest.approx(score, abs=1e-6)
        assert hypothesis.log_probability == pytest.approx(model.log_probability(sentence, ids), abs=1e-6)


@properties
@given(st.integers(0, 1000), sentences)
def test_what_a_beam_finds_is_ranked(seed, sentences):
    model = RandomModel(seed)
    lengths, slots = [s[0] for s in sentences], [s[1:] for s in sentences]
    for sentence, found in enumerate(ranked(model, lengths, beam_size=3, slots=slots)):
        assert 1 <= len(found) <= 3
        assert len({tuple(hypothesis.ids.tolist()) for hypothesis in found}) == len(found)
        ranks = [(hypothesis.complete, hypothesis.score) for hypothesis in found]
        assert ranks == sorted(ranks, reverse=True)
        all_there_are = exhaustive(model, sentence, lengths[sentence], 1.0, slots[sentence])
        allowed = {ids: score for _, score, ids in all_there_are}
        for hypothesis in found:
            assert hypothesis.score == pytest.approx(allowed[tuple(hypothesis.ids.tolist())], abs=1e-6)


@properties
@given(st.integers(0, 1000), st.integers(0, 8))
def test_a_beam_of_one_takes_the_likeliest_token_at_each_step(seed, length):
    model, ids = RandomModel(seed), ()
    while len(ids) < length:
        likeliest = int(model.log_probs(0, ids).argmax())
        if likeliest == END:
            break
        ids += (likeliest,)
    (found,) = search(model, [length], beam_size=1)
    assert tuple(found.ids.tolist()) == ids
    assert model.calls == [1] * (len(ids) + 1)


@properties
@given(st.integers(0, 1000), sentences, st.integers(1, 4), penalties)
def test_a_sentence_is_searched_alike_alone_and_with_others(seed, sentences, beam_size, length_penalty):
    lengths, slots = [s[0] for s in sentences], [s[1:] for s in sentences]
    options = {"beam_size": beam_size, "length_penalty": length_penalty}
    together = search(RandomModel(seed), lengths, slots=slots, **options)
    for number, hypothesis in enumerate(together):
        (alone,) = search(
            RandomModel(seed, number), lengths[number:][:1], slots=slots[number:][:1], **options
        )
        assert alone.ids.tolist() == hypothesis.ids.tolist()
        assert alone.score == hypothesis.score


@properties
@given(st.integers(0, 1000), sentences, st.integers(1, 4))
def test_the_log_probability_is_that_of_what_was_found(seed, sentences, beam_size):
    model = RandomModel(seed)
    slots = [s[1:] for s in sentences]
    for number, found in enumerate(
        search(model, [s[0] for s in sentences], beam_size=beam_size, slots=slots)
    ):
        expected = model.log_probability(number, tuple(found.ids.tolist()))
        assert found.log_probability == pytest.approx(expected, abs=1e-6)


@properties
@given(st.integers(0, 1000), sentences, st.integers(1, 4))
def test_neither_too_much_nor_a_slot_too_often_is_written(seed, sentences, beam_size):
    slots = np.array([s[1:] for s in sentences])
    found = search(RandomModel(seed), [s[0] for s in sentences], beam_size=beam_size, slots=slots)
    for (length, *_), most, hypothesis in zip(sentences, slots, found, strict=True):
        assert len(hypothesis.ids) <= length
        assert END not in hypothesis.ids
        written = np.bincount(hypothesis.ids, minlength=VOCABULARY)[FIRST_SLOT:]
        assert (written <= most).all()
        assert hypothesis.complete == ((written > 0) | (most == 0)).all()


def fixed(*log_probs):
    """A step whose answer is the same whatever was written."""
    return lambda ids, parents: np.tile(np.float32(log_probs), (len(ids), 1))


def test_the_search_goes_on_for_a_slot_that_is_missing():
    likeliest_to_end = fixed(-np.inf, -0.1, -5, -9, -np.inf)
    (without,) = search(likeliest_to_end, [3], beam_size=1)
    assert without.ids.tolist() == []
    (found,) = search(likeliest_to_end, [3], beam_size=4, slots=[[1, 0]])
    assert (found.ids.tolist(), found.complete) == ([FIRST_SLOT], True)


def test_without_the_slot_if_there_is_no_other_way():
    (found,) = search(fixed(-np.inf, -0.1, -5, -np.inf, -np.inf), [3], beam_size=2, slots=[[1, 0]])
    assert (found.ids.tolist(), found.complete) == ([], False)


@pytest.mark.parametrize(("length_penalty", "ids"), [(0.0, []), (3.0, [2, 2, 2])])
def test_the_length_penalty_favours_what_is_long(length_penalty, ids):
    (found,) = search(fixed(-np.inf, -1, -0.5, -9, -9), [3], beam_size=4, length_penalty=length_penalty)
    assert found.ids.tolist() == ids
    assert found.score == pytest.approx(found.log_probability / ((6 + len(ids)) / 6) ** length_penalty)


def test_unlikely_ends_do_not_end_the_search_for_what_is_likely():
    steps = iter([[-np.inf, -5, -0.01, -6, -6]] * 3 + [[-np.inf, -0.01, -5, -6, -6]] * 9)
    (found,) = search(lambda ids, _: np.tile(np.float32(next(steps)), (len(ids), 1)), [9], beam_size=3)
    assert found.ids.tolist() == [2, 2, 2]


def test_what_is_done_leaves_the_batch():
    model = RandomModel(0)
    search(model, [0, 5, 0], beam_size=2)
    assert model.calls[:2] == [3, 2]


def test_no_sentences():
    assert search(RandomModel(0), []) == []


def test_nothing_is_found_where_nothing_may_follow():
    (found,) = search(fixed(*[-np.inf] * VOCABULARY), [3], beam_size=2)
    assert (found.ids.tolist(), found.log_probability) == ([], -np.inf)
