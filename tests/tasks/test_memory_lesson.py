"""The lesson on memory: what it claims, and that its figures are what it says they are."""

import numpy as np
import pytest
import torch

from ostinato._errors import InputError
from ostinato.tasks._memory_lesson import (
    CHANCE,
    DISTRACTORS,
    QUESTION,
    SYMBOLS,
    Sequences,
    Watcher,
    learn_to_remember,
)

CELLS = ["rnn", "lstm", "gru"]


class Diary(Watcher):
    def __init__(self):
        self.steps, self.networks = [], []

    def stepped(self, cell, distance):
        self.steps.append((cell, distance))

    def learned(self, recall):
        self.networks.append(recall)


@pytest.fixture(scope="module")
def untrained():
    return learn_to_remember(distances=(100,), steps=0)


@pytest.mark.parametrize("distance", [1, 2, 7])
def test_a_sequence_is_a_symbol_distractors_and_the_question(distance):
    ids, symbols = Sequences(distance, seed=0).draw(500)
    assert ids.shape == (distance + 1, 500)
    assert torch.equal(ids[0], symbols)
    assert set(symbols.tolist()) == set(range(SYMBOLS))
    assert set(ids[-1].tolist()) == {QUESTION}
    assert set(ids[1:-1].flatten().tolist()) <= set(range(SYMBOLS, SYMBOLS + DISTRACTORS))


def test_every_draw_is_new_and_a_seed_gives_the_same_draws():
    first, second = Sequences(9, seed=4), Sequences(9, seed=4)
    drawn = first.draw(20)[0]
    assert torch.equal(drawn, second.draw(20)[0])
    assert not torch.equal(drawn, first.draw(20)[0])
    assert not torch.equal(drawn, Sequences(9, seed=5).draw(20)[0])


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_remembers_over_a_short_distance(cell):
    (recall,) = learn_to_remember((cell,), (4,), steps=250).recalls
    assert recall.accuracy > 0.98


@pytest.mark.parametrize("cell", CELLS)
def test_only_gates_remember_over_a_long_one(cell):
    (recall,) = learn_to_remember((cell,), (60,), steps=450).recalls
    if cell == "rnn":
        assert recall.accuracy < 0.5
    else:
        assert recall.accuracy > 0.95


def test_without_training_the_answers_are_chance(untrained):
    for recall in untrained.recalls:
        assert recall.accuracy == pytest.approx(CHANCE, abs=0.05)


def test_the_simple_rnns_gradient_fades_and_the_gated_ones_do_not(untrained):
    assert {cell: len(norms) for cell, norms in untrained.gradients.items()} == dict.fromkeys(CELLS, 101)
    faded = {cell: norms[100] / norms[0] for cell, norms in untrained.gradients.items()}
    assert 0 < faded["rnn"] < 1e-15
    assert faded["lstm"] > 1e-3
    assert faded["gru"] > 1e-3


def test_the_simple_rnns_gradient_follows_from_its_equation():
    torch.manual_seed(0)
    cell, out = torch.nn.RNN(QUESTION + 1, 64), torch.nn.Linear(64, SYMBOLS)
    ids, symbols = Sequences(6, seed=0).draw(256)
    x = np.eye(QUESTION + 1)[ids]  # (T, B, 17)
    w_x, w_h, b_x, b_h = (parameter.detach().double().numpy() for parameter in cell.parameters())
    w_y, b_y = (parameter.detach().double().numpy() for parameter in out.parameters())
    states, h = [], np.zeros((256, 64))
    for x_t in x:
        h = np.tanh(x_t @ w_x.T + b_x + h @ w_h.T + b_h)
        states.append(h)
    p = np.exp(h @ w_y.T + b_y)
    dh = (p / p.sum(1, keepdims=True) - np.eye(SYMBOLS)[symbols]) @ w_y
    norms = []
    for h in reversed(states):
        da = dh * (1 - h**2)
        norms.append(np.linalg.norm(da @ w_x, axis=1).mean())
        dh = da @ w_h
    lesson = learn_to_remember(("rnn",), (6,), steps=0)
    np.testing.assert_allclose(lesson.gradients["rnn"], norms, rtol=1e-4)


def test_the_watcher_is_told_of_every_step_and_network():
    diary = Diary()
    lesson = learn_to_remember(("rnn", "gru"), (3, 2), steps=2, watcher=diary)
    places = [("rnn", 3), ("rnn", 2), ("gru", 3), ("gru", 2)]
    assert diary.steps == [place for place in places for _ in range(2)]
    assert diary.networks == list(lesson.recalls)
    assert [(recall.cell, recall.distance) for recall in lesson.recalls] == places
    assert all(len(norms) == 4 for norms in lesson.gradients.values())


def test_what_is_asked_for_twice_is_learned_once():
    lesson = learn_to_remember(("rnn", "rnn"), (2, 2), steps=0)
    assert (lesson.cells, lesson.distances, len(lesson.recalls)) == (("rnn",), (2,), 1)


def test_it_is_deterministic_and_leaves_torch_as_it_was():
    torch.manual_seed(3)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    first, second, other = (learn_to_remember(("gru",), (5,), seed, steps=60) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    assert first.recalls[0].accuracy == second.recalls[0].accuracy
    assert first.gradients == second.gradients
    assert first.gradients != other.gradients


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cells": ("elman",)}, "cell is 'elman': it must be one of rnn, lstm, gru"),
        ({"cells": ()}, "cell is empty: give at least one"),
        ({"distances": ()}, "distances is empty: give at least one"),
        ({"distances": (5, 0)}, "distances is 0: it must be from 1 to 1,000"),
        ({"distances": (1001,)}, "distances is 1001: it must be from 1 to 1,000"),
        ({"seed": -1}, "seed is -1: it must be from 0"),
        ({"steps": -1}, "steps is -1: it must be from 0"),
    ],
)
def test_what_cannot_be_is_said(arguments, message):
    with pytest.raises(InputError, match=message):
        learn_to_remember(**arguments)
