import pytest
import torch

from ostinato.training import reproducible


def test_the_same_seed_draws_the_same_numbers():
    drawn = []
    for seed in (1, 1, 2):
        with reproducible(seed, None):
            drawn.append(torch.rand(3))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


@pytest.mark.parametrize("error", [None, ValueError], ids=["left", "left by an error"])
def test_the_callers_random_numbers_and_threads_are_as_before(error):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    before = torch.get_num_threads()
    try:
        with reproducible(1, before + 1):
            torch.rand(10)
            assert torch.get_num_threads() == before + 1
            if error:
                raise error
    except ValueError:
        pass
    assert torch.get_num_threads() == before
    assert torch.equal(torch.rand(3), expected)


def test_without_a_number_of_threads_they_stay():
    before = torch.get_num_threads()
    with reproducible(1, None):
        assert torch.get_num_threads() == before


def test_on_a_cpu_no_gpu_is_looked_at(monkeypatch):
    def touched(*_, **__):
        raise AssertionError

    for name in ("device_count", "get_rng_state", "set_rng_state", "manual_seed", "manual_seed_all"):
        monkeypatch.setattr(torch.cuda, name, touched)
    with reproducible(1, None, "cpu"):
        torch.rand(1)
