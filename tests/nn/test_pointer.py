"""Pointer: what is copied, and where what was written goes on."""

import pytest
import torch

from ostinato.nn import Pointer


def ask(written, read, real=None, *, agreement=1.0, gate=0.0, Q=3, M=4):
    """(T, S) of one row, whose states and memory say nothing."""
    module = Pointer(Q, M)
    with torch.no_grad():
        module.agreement.fill_(agreement)
        module.gate.weight.zero_()
        module.gate.bias.fill_(gate)
    T, S = len(written), len(read)
    memory = torch.zeros(S, 1, M)
    given = torch.tensor([-1, -1, -1, *written])[:, None]
    read = torch.tensor(read)[:, None]
    real = read >= 0 if real is None else torch.tensor(real)[:, None]
    copies = module(torch.zeros(T, 1, Q), torch.zeros(T, 1, M), module.keys(memory), given, read, real)
    return copies[:, 0]


def test_a_copy_goes_on_where_what_was_written_stands():
    copies = ask([9, 5, 6], [9, 5, 6, 7, 5, 8], agreement=9.0)
    assert copies.argmax(1).tolist() == [1, 2, 3]


def test_the_longer_what_was_written_agrees_the_better():
    copies = ask([1, 2, 3], [2, 3, 7, 1, 2, 3, 8])
    assert copies[-1].argmax() == 6
    expected = torch.tensor([0.0, 0, 2, 0, 0, 0, 3]).softmax(0) / 2
    torch.testing.assert_close(copies[-1], expected)


def test_a_replaced_token_does_not_end_a_copy():
    assert ask([1, 2, 9], [1, 2, 3, 4])[-1].argmax() == 3


def test_nothing_agrees_with_what_is_not_there():
    copies = ask([5], [-1, -1, 6, 7])
    torch.testing.assert_close(copies[0], torch.tensor([0, 0, 0.25, 0.25]))


@pytest.mark.parametrize("gate", [-50.0, 0.0, 50.0])
def test_the_gate_says_whether_anything_is_copied(gate):
    total = ask([5, 6], [5, 6, 7], gate=gate).sum(1)
    torch.testing.assert_close(total, torch.tensor(gate).sigmoid().expand(2))


def test_what_may_not_be_copied_is_not():
    copies = ask([5, 6], [5, 6, 7], [False, True, False])
    assert (copies > 0).tolist() == [[False, True, False]] * 2
    assert not ask([5, 6], [5, 6, 7], [False] * 3).any()


def test_states_find_what_is_alike():
    torch.manual_seed(0)
    module = Pointer(3, 4)
    memory, queries = torch.randn(5, 2, 4), torch.randn(6, 2, 3)
    read = torch.arange(10).view(5, 2)
    written = torch.full((9, 2), -1)
    copies = module(queries, torch.zeros(6, 2, 4), module.keys(memory), written, read, read >= 0)
    scores = torch.einsum("tbq,qm,sbm->tbs", queries, module.weight, memory)
    torch.testing.assert_close(copies / copies.sum(-1, keepdim=True), scores.softmax(-1))


def test_repr():
    assert "query_size=3, memory_size=4" in repr(Pointer(3, 4))
