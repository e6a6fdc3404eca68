"""Searching for translations: the network's own likeliest ones, whatever company they are searched in."""

import numpy as np
import pytest
import torch

from ostinato import InputError
from ostinato.data import Copier, Ragged, TextSentences, learn_tokenizer
from ostinato.data.translating import _search
from ostinato.data.translating._search import Search
from ostinato.data.translating._sides import Sources, Targets
from ostinato.nn import EncoderDecoder
from ostinato.tasks._translator_network import TrainedNetwork

PARTS = {"embedding_size": 8, "hidden_size": 16, "num_layers": 2, "dropout": 0.5, "embedding_dropout": 0.0}


def search(cell="gru", *, attention=True, slots=0, beam_size=1, **options):
    torch.manual_seed(3)
    sentences = TextSentences(learn_tokenizer("characters", ["abcdef"]), slots)
    net = EncoderDecoder(sentences.size, sentences.size, cell=cell, attention=attention, **PARTS)
    with torch.no_grad():
        net.combine.weight *= 20  # sure of itself, so that rounding does not choose
    sources = Sources(sentences, Copier() if slots else None, 10, frozenset(), False)
    return Search(TrainedNetwork(net.eval()), sources, Targets(sentences, 1.0), beam_size, 1.0, **options)


def sources(count=7):
    random = np.random.default_rng(1)
    return Ragged.of([random.integers(1, 7, random.integers(1, 6)) for _ in range(count)])


def best(how, ids):
    """The best hypothesis for each source."""
    return [found[0] for found in how.hypotheses(ids, ids)]


def greedy(how, source, length):
    """The likeliest token at each step, found with the whole sequence at once."""
    sentences = how.targets.sentences
    how.network.network.eval()
    memory = how.network.network.encode(torch.from_numpy(source)[:, None], torch.tensor([len(source)]))
    written = []
    while len(written) < length:
        log_probs, _, _ = how.network.network.decode(
            memory, torch.tensor([sentences.begin, *written])[:, None]
        )
        scores = log_probs[-1, 0].clone()
        scores[[sentences.unknown_id, sentences.begin]] = -torch.inf
        if not written:
            scores[sentences.end] = -torch.inf
        token = int(scores.argmax())
        if token == sentences.end:
            break
        written.append(token)
    return written


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("attention", [True, False], ids=["attention", "no attention"])
def test_a_beam_of_one_takes_the_likeliest_token_at_each_step(cell, attention):
    how, ids = search(cell, attention=attention), sources()
    longest = how.targets.longest(ids.lengths)
    expected = [greedy(how, source, length) for source, length in zip(ids, longest, strict=True)]
    assert len(set(map(len, expected))) > 1
    assert [found.ids.tolist() for found in best(how, ids)] == expected


def test_of_what_is_far_too_long_no_more_is_written_than_of_the_longest():
    lengths = np.array([3, 20, 6000])
    assert search().longest(lengths).tolist() == [16, 50, 50]  # those of training had 10 tokens at most
    assert search(length=7).longest(lengths).tolist() == [7, 7, 7]


@pytest.mark.parametrize("beam_size", [1, 4])
def test_company_changes_nothing(beam_size, monkeypatch):
    how, ids = search(beam_size=beam_size), sources()
    together = [found.ids.tolist() for found in best(how, ids)]
    monkeypatch.setattr(_search, "AT_A_TIME", 1)
    assert [found.ids.tolist() for found in best(how, ids)] == together


def test_the_log_probability_is_that_of_the_tokens_and_the_end():
    how, ids = search(beam_size=3), sources()
    sentences = how.targets.sentences
    for source, found in zip(ids, best(how, ids), strict=True):
        how.network.network.eval()
        memory = how.network.network.encode(torch.from_numpy(source)[:, None], torch.tensor([len(source)]))
        written = torch.tensor([sentences.begin, *found.ids, sentences.end])
        logs = how.network.network.decode(memory, written[:-1, None])[0][:, 0]
        expected = logs[range(len(written) - 1), written[1:]].sum().item()
        assert found.log_probability == pytest.approx(expected, rel=1e-4)


def test_a_wider_beam_finds_nothing_less_likely():
    scores = [[found.score for found in best(search(beam_size=size), sources())] for size in (1, 50)]
    assert all(wide >= narrow - 1e-6 for narrow, wide in zip(*scores, strict=True))


@pytest.mark.parametrize("beam_size", [1, 4])
def test_never_longer_than_asked_for_and_never_empty(beam_size):
    assert {len(found.ids) for found in best(search(beam_size=beam_size, length=1), sources())} == {1}


def test_a_slot_is_written_as_often_as_it_was_read():
    how = search(slots=2, beam_size=4)
    slots = list(how.sources.sentences.slots)
    with torch.no_grad():
        how.network.network.bias[slots] += 30
    ids = Ragged.of([np.array([1, slots[0], slots[0], 2]), np.array([slots[1]]), np.array([3, 4])])
    counts = [[found.ids.tolist().count(slot) for slot in slots] for found in best(how, ids)]
    assert counts == [[2, 0], [0, 1], [0, 0]]


@pytest.mark.parametrize("at_a_time", [1, 1 << 23], ids=["one at a time", "all at once"])
def test_attention_is_told_for_each_token(at_a_time, monkeypatch):
    monkeypatch.setattr(_search, "AT_A_TIME", at_a_time)
    how, ids = search(), sources()
    written = [found.ids for found in best(how, ids)]
    for (weights, log_probability), found, source, target in zip(
        how.told(ids, Ragged.of(written)), best(how, ids), ids, written, strict=True
    ):
        assert log_probability == pytest.approx(found.log_probability, rel=1e-4)
        assert weights.shape == (len(target), len(source))
        np.testing.assert_allclose(weights.sum(1), 1, rtol=1e-5)
        how.network.network.eval()
        memory = how.network.network.encode(torch.from_numpy(source)[:, None], torch.tensor([len(source)]))
        read = torch.tensor([how.targets.sentences.begin, *target[:-1]])[:, None]
        expected = how.network.network.decode(memory, read)[2][:, 0].detach()
        np.testing.assert_allclose(weights, expected, rtol=1e-4, atol=1e-6)


def test_without_attention_none_is_told():
    how, ids = search(attention=False), sources(2)
    assert [weights for weights, _ in how.told(ids, ids)] == [None, None]


def test_a_broken_network_is_told():
    how = search()
    with torch.no_grad():
        how.network.network.bias[0] = torch.nan
    with pytest.raises(InputError, match="outputs are not all finite"):
        how.hypotheses(sources(), sources())
