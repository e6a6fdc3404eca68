"""Reading in windows: the same as at once, in bounded memory."""

import tracemalloc

import numpy as np
import pytest
import torch

from ostinato.data import CONTEXT, Ragged
from ostinato.nn import LAYERS, TaggingNetwork, VectorInput
from ostinato.tasks._sequence_objective import outputs_of
from ostinato.tasks._tag_reading import read_sequences, read_stream

WINDOW = 7


def network(bidirectional, cell="gru", layers=2):
    torch.manual_seed(0)
    options = {"hidden_size": 5, "num_layers": layers, "dropout": 0.5, "crf": False}
    return TaggingNetwork(VectorInput(3), 2, cell=cell, bidirectional=bidirectional, **options).eval()


def steps(T):
    return np.random.default_rng(0).normal(size=(T, 3)).astype(np.float32)


def pieces(x, size):
    return (x[begin : begin + size] for begin in range(0, len(x), size))


def whole(net, x):
    return outputs_of(net, Ragged.of([x]))[0]


@pytest.mark.parametrize("size", [1, 5, 7, 64])
@pytest.mark.parametrize("cell", LAYERS)
def test_a_causal_network_reads_on_as_if_at_once(cell, size):
    net, x = network(False, cell), steps(50)
    read = np.concatenate(list(read_stream(net, pieces(x, size), WINDOW)))
    np.testing.assert_allclose(read, whole(net, x), atol=1e-6)


@pytest.mark.parametrize("size", [1, 100, 1000])
@pytest.mark.parametrize("T", [1, CONTEXT + WINDOW - 1, CONTEXT + WINDOW, 2 * CONTEXT + 3 * WINDOW + 1])
def test_context_on_both_sides_makes_windows_as_good_as_the_whole(T, size):
    # These weights forget within 200 steps, so that nothing of the whole is missed.
    net, x = network(True), steps(T)
    read = np.concatenate(list(read_stream(net, pieces(x, size), WINDOW)))
    np.testing.assert_allclose(read, whole(net, x), atol=1e-5)


def test_a_window_sees_no_farther_than_its_context():
    net, x = network(True, layers=1), steps(2 * CONTEXT)
    read = next(read_stream(net, [x], WINDOW))
    np.testing.assert_array_equal(read, whole(net, x[: WINDOW + CONTEXT])[:WINDOW])


@pytest.mark.parametrize("bidirectional", [False, True], ids=["causal", "both-ways"])
def test_short_and_long_ones_come_back_in_their_order(bidirectional):
    net = network(bidirectional)
    sequences = Ragged.of([steps(T) for T in (300, 3, 250, 1)])
    read = read_sequences(net.train(), sequences, WINDOW)
    assert read.lengths.tolist() == [300, 3, 250, 1]
    for logits, x in zip(read, sequences, strict=True):
        np.testing.assert_allclose(logits, whole(net, x), atol=1e-5)
    assert net.training


@pytest.mark.parametrize("bidirectional", [False, True], ids=["causal", "both-ways"])
def test_memory_does_not_grow_with_the_sequence(bidirectional):
    net = network(bidirectional, layers=1)

    def peak(count):
        tracemalloc.start()
        for _ in read_stream(net, (np.zeros((512, 3), np.float32) for _ in range(count)), 100):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(40) < 2 * peak(4)
