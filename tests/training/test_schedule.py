import math

import pytest

from ostinato.training._schedule import warmup_cosine


def rates(total: int, warmup: int) -> list[float]:
    return [warmup_cosine(step, total=total, warmup=warmup) for step in range(total)]


@pytest.mark.parametrize(
    ("step", "rate"),
    [
        (0, 0.1),
        (4, 0.5),
        (9, 1.0),
        (10, 1.0),
        (60, 0.505),
        (109, 0.01 + 0.99 * 0.5 * (1 - math.cos(math.pi / 100))),
    ],
    ids=["first", "half-way up", "end of warm-up", "peak", "half-way down", "last"],
)
def test_values(step, rate):
    assert warmup_cosine(step, total=110, warmup=10) == pytest.approx(rate, rel=1e-12)


def test_it_rises_then_falls_and_stays_above_its_floor():
    shares = rates(1000, 50)
    assert shares[:50] == sorted(shares[:50])
    assert shares[50:] == sorted(shares[50:], reverse=True)
    assert min(shares[50:]) >= 0.01
    assert max(shares) == 1.0


@pytest.mark.parametrize(("total", "warmup"), [(1, 1), (2, 1), (1, 2), (3, 3)])
def test_the_shortest_runs_have_rates(total, warmup):
    assert all(0 < share <= 1 for share in rates(total, warmup))


def test_past_its_end_it_stays_at_the_floor():
    assert warmup_cosine(5000, total=100, warmup=10) == pytest.approx(0.01)
