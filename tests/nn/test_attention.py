"""Attention: outputs and gradients are those of loops over rows and steps; padding is not looked at."""

import pytest
import torch

from ostinato.nn import Attention

LENGTHS = [3, 8, 1, 8]


def attention(Q=5, M=6, dtype=torch.float32):
    torch.manual_seed(0)
    return Attention(Q, M).to(dtype)


def batch(Q=5, M=6, T=4, S=8, dtype=torch.float32):
    torch.manual_seed(1)
    return torch.randn(T, 4, Q, dtype=dtype), torch.randn(S, 4, M, dtype=dtype), torch.tensor(LENGTHS)


def ask(module, queries, memory, lengths):
    return module(queries, module.keys(memory), memory, lengths)


def looped(W, queries, memory, lengths):
    """The equations, one row and one step at a time."""
    (T, B, _), S = queries.shape, len(memory)
    contexts, weights = [], []
    for t in range(T):
        for b in range(B):
            real = memory[: lengths[b], b]
            scores = torch.stack([queries[t, b] @ W @ m for m in real])
            alpha = scores.exp() / scores.exp().sum()
            contexts.append(sum(a * m for a, m in zip(alpha, real, strict=True)))
            weights.append(torch.cat([alpha, alpha.new_zeros(S - len(real))]))
    return torch.stack(contexts).view(T, B, -1), torch.stack(weights).view(T, B, S)


@pytest.mark.parametrize(("Q", "M"), [(1, 1), (3, 8), (8, 3), (17, 33)])
def test_contexts_weights_and_gradients_are_those_of_loops(Q, M):
    module = attention(Q, M, torch.float64)
    queries, memory, lengths = batch(Q, M, dtype=torch.float64)
    given = [queries.requires_grad_(), memory.requires_grad_(), module.weight]
    found = ask(module, queries, memory, lengths)
    expected = looped(module.weight, queries, memory, lengths)
    torch.testing.assert_close(found, expected)
    said = [torch.randn_like(tensor) for tensor in found]
    gradients = [torch.autograd.grad(tensors, given, said) for tensors in (found, expected)]
    torch.testing.assert_close(*gradients)


def test_a_row_is_the_same_alone_and_in_company():
    module = attention()
    queries, memory, lengths = batch()
    contexts, weights = ask(module, queries, memory, lengths)
    for row, length in enumerate(LENGTHS):
        alone = ask(module, queries[:, [row]], memory[:length, [row]], lengths[[row]])
        torch.testing.assert_close((contexts[:, [row]], weights[:, [row], :length]), alone)


def test_padding_has_neither_weight_nor_gradient():
    queries, memory, lengths = batch()
    module = attention()
    ended = torch.arange(8)[:, None] >= lengths
    memory[ended] = 1e6
    memory.requires_grad_()
    contexts, weights = ask(module, queries, memory, lengths)
    assert not weights[:, ended.T].any()
    torch.testing.assert_close(weights.sum(-1), torch.ones(4, 4))
    contexts.sum().backward()
    assert not memory.grad[ended].any()


def test_a_memory_of_one_step_is_what_is_remembered():
    queries, memory, _ = batch(S=1)
    contexts, weights = ask(attention(), queries, memory, torch.ones(4, dtype=torch.long))
    assert torch.equal(weights, torch.ones(4, 4, 1))
    assert torch.equal(contexts, memory.expand(4, -1, -1))


def test_repr():
    assert repr(attention()) == "Attention(query_size=5, memory_size=6)"
