import math

import numpy as np
import pytest
import torch

from ostinato.nn import LanguageNetwork
from ostinato.tasks import _language_scoring
from ostinato.tasks._language_scoring import language_figures, score_tokens

VOCABULARY = 11
CELLS = pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])


def network_of(cell: str = "gru", layers: int = 1) -> LanguageNetwork:
    torch.manual_seed(0)
    network = LanguageNetwork(
        VOCABULARY, cell=cell, hidden_size=6, num_layers=layers, embedding_size=4, dropout=0.5
    )
    with torch.no_grad():
        network.decoder.weight.mul_(5)  # answers of some decision
    return network


def ids_of(count: int, dtype="<u2") -> np.ndarray:
    return np.random.default_rng(count).integers(0, VOCABULARY, count).astype(dtype)


@torch.no_grad()
def by_one(network: LanguageNetwork, ids: np.ndarray, start: int, begin: int = 0) -> dict[str, float]:
    """The same, one token at a time with the state carried on, read from `begin`."""
    network.eval()
    losses, right, state = [], 0, ()
    for position in range(begin + 1, len(ids)):
        logits, state = network(torch.tensor([[int(ids[position - 1])]]), state)
        if position >= start:
            losses.append(-logits[0, 0].log_softmax(0)[int(ids[position])].item())
            right += int(logits[0, 0].argmax()) == int(ids[position])
    return {"loss": math.fsum(losses) / len(losses), "accuracy": right / len(losses), "tokens": len(losses)}


def approximately(scores: dict[str, float], tolerance: float = 1e-5) -> dict[str, object]:
    return {**scores, "loss": pytest.approx(scores["loss"], abs=tolerance)}


@CELLS
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize(
    ("count", "start"), [(2, 0), (2, 1), (3, 0), (40, 17), (511, 0), (512, 0), (700, 200)]
)
def test_one_segment_is_read_token_by_token(cell, layers, count, start):
    network, ids = network_of(cell, layers), ids_of(count)
    assert score_tokens(network, ids, start) == approximately(by_one(network, ids, start))


@pytest.mark.parametrize("count", [2, 3, 511, 512, 513, 1024, 1025, 1026, 5000, 40_000])
@pytest.mark.parametrize("start", [0, 1])
def test_all_but_the_first_token_are_scored_once(count, start, monkeypatch):
    network, ids = network_of(), ids_of(count)
    seen: list[int] = []
    score = _language_scoring.cross_entropy

    def note(logits, targets, **options):
        seen.extend(targets.tolist())
        return score(logits, targets, **options)

    monkeypatch.setattr(_language_scoring, "cross_entropy", note)
    scores = score_tokens(network, ids, start)
    assert scores["tokens"] == len(seen) == count - 1
    assert sorted(seen) == sorted(ids[1:].tolist())


@CELLS
@pytest.mark.parametrize(("count", "start"), [(1025, 0), (1026, 1), (2000, 100), (3000, 900)])
def test_segments_change_the_figures_but_little(cell, count, start):
    network, ids = network_of(cell), ids_of(count)
    expected = by_one(network, ids, start)
    found = score_tokens(network, ids, start)
    assert found["loss"] == pytest.approx(expected["loss"], abs=1e-3)
    assert found["accuracy"] == pytest.approx(expected["accuracy"], abs=2e-3)
    assert found["tokens"] == expected["tokens"]


def test_what_comes_before_the_start_is_read():
    network, ids = network_of(), ids_of(100)
    alone = score_tokens(network, ids[50:], 1)
    after = score_tokens(network, ids, 51)
    assert alone["tokens"] == after["tokens"]
    assert after == approximately(by_one(network, ids, 51))
    assert alone != approximately(after)


def test_of_a_long_past_the_last_257_tokens_are_read():
    network, ids = network_of(), ids_of(900)
    assert score_tokens(network, ids, 600) == approximately(by_one(network, ids, 600, begin=600 - 257))


@CELLS
@pytest.mark.parametrize("numbers", [1, 50, 300, 9000])
def test_what_is_computed_at_a_time_is_bounded(cell, numbers, monkeypatch):
    network, ids = network_of(cell, layers=2), ids_of(1200)
    expected = score_tokens(network, ids, 300)
    monkeypatch.setattr(_language_scoring, "_AT_A_TIME", numbers)
    largest = 0
    read = network.read

    def watch(tokens, state=()):
        nonlocal largest
        largest = max(largest, tokens.numel() * network.numbers_per_token)
        return read(tokens, state)

    monkeypatch.setattr(network, "read", watch)
    assert score_tokens(network, ids, 300) == approximately(expected, 1e-3)
    assert 0 < largest <= max(numbers, network.numbers_per_token)


@pytest.mark.parametrize("training", [True, False])
def test_dropout_is_off_and_the_mode_is_as_before(training):
    network, ids = network_of(), ids_of(50)
    network.train(training)
    assert score_tokens(network, ids, 0) == score_tokens(network, ids, 0)
    assert network.training is training


def test_no_random_numbers_are_drawn():
    before = torch.get_rng_state()
    network = network_of()
    torch.set_rng_state(before)
    score_tokens(network, ids_of(1500), 10)
    assert torch.equal(torch.get_rng_state(), before)


def test_ids_on_disk(tmp_path):
    ids = ids_of(1500)
    ids.tofile(tmp_path / "ids")
    network = network_of()
    assert score_tokens(network, np.memmap(tmp_path / "ids", "<u2", "r"), 7) == score_tokens(network, ids, 7)


def test_the_figures_of_a_loss():
    figures = language_figures({"loss": math.log(8), "accuracy": 0.5, "tokens": 10}, characters=20)
    assert figures == pytest.approx(
        {"loss": math.log(8), "perplexity": 8, "bits_per_character": 1.5, "accuracy": 0.5}
    )


def test_a_loss_without_bounds_has_a_finite_perplexity():
    assert math.isfinite(language_figures({"loss": 1e6, "accuracy": 0.0, "tokens": 1}, 1)["perplexity"])
