import math

import numpy as np
import pytest

from ostinato import InputError
from ostinato.data import check_sampling, sample, sample_rows, seeded, softmax

LOGITS = np.array([0.5, -math.inf, 2.0, -1.0, 1.0, 0.0])


def draws(count=4000, logits=LOGITS, *, temperature=1.0, top_k=None, top_p=None):
    generator = seeded(5)
    how = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    return [sample(logits, **how, generator=generator) for _ in range(count)]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_tokens_come_as_often_as_softmax_says(temperature):
    expected = softmax(LOGITS / temperature) * 4000
    counts = np.bincount(draws(temperature=temperature), minlength=6)
    possible = expected > 0
    chi_square = ((counts - expected)[possible] ** 2 / expected[possible]).sum()
    assert counts[1] == 0
    assert chi_square < 18.47  # 0.1 % of fair samples of 5 kinds lie above


@pytest.mark.parametrize(("k", "tokens"), [(1, {2}), (2, {2, 4}), (3, {0, 2, 4}), (99, {0, 2, 3, 4, 5})])
def test_top_k_are_the_k_likeliest(k, tokens):
    assert set(draws(1000, top_k=k)) == tokens


# The probabilities of 2, 4, 0, 5, 3 are 0.563, 0.207, 0.126, 0.076, 0.028.
@pytest.mark.parametrize(
    ("p", "tokens"),
    [(1e-9, {2}), (0.56, {2}), (0.57, {2, 4}), (0.78, {0, 2, 4}), (0.9, {0, 2, 4, 5}), (1, {0, 2, 3, 4, 5})],
)
def test_top_p_is_the_smallest_set_that_reaches_p(p, tokens):
    assert set(draws(1000, top_p=p)) == tokens


def test_top_p_is_of_what_top_k_leaves():
    # Of 2 and 4 alone, 2 has 0.73.
    assert set(draws(200, top_k=2, top_p=0.7)) == {2}
    assert set(draws(200, top_k=2, top_p=0.75)) == {2, 4}


@pytest.mark.parametrize("temperature", [0, 5e-324, 1e-300, 1e-6])
def test_no_temperature_is_too_low(temperature):
    assert set(draws(50, temperature=temperature)) == {2}


def test_ties_at_temperature_0_go_to_the_first():
    assert draws(1, np.array([0.0, 3.0, 3.0]), temperature=0) == [1]


def test_the_highest_temperature_makes_all_alike_but_not_the_impossible():
    counts = np.bincount(draws(temperature=1e6), minlength=6)
    assert counts[1] == 0
    assert counts[counts > 0].min() > 700


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_scores_of_any_size(scale):
    assert 1 not in draws(50, LOGITS * scale)


def test_each_row_is_drawn_from_its_own_scores():
    rows = sample_rows(np.eye(3) * 1e3, temperature=1.0, top_k=None, top_p=None, generator=seeded(0))
    assert rows.tolist() == [0, 1, 2]


def test_another_seed_is_other_numbers_and_none_are_others_each_time():
    assert seeded(1).random() == seeded(1).random() != seeded(2).random()
    assert seeded(None).random() != seeded(None).random()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("temperature", -0.1),
        ("temperature", math.nan),
        ("temperature", None),
        ("top_k", 0),
        ("top_k", 1.5),
        ("top_p", 0),
        ("top_p", 1.1),
        ("top_p", "0.5"),
        ("length", -1),
        ("length", 2.0),
        ("seed", -1),
        ("seed", 1 << 63),
    ],
)
def test_options_that_mean_nothing(option, value):
    options = {"length": 1, "temperature": 1.0, "top_k": None, "top_p": None, "seed": None}
    with pytest.raises(InputError, match=f"^{option} is "):
        check_sampling(**{**options, option: value})
