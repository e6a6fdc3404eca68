import itertools

import numpy as np
import pytest
import torch

from ostinato import InputError
from ostinato.training import TokenStreams

SIZES = pytest.mark.parametrize(
    ("count", "batch_size", "window"),
    [(2, 1, 1), (9, 16, 8), (10, 3, 3), (65, 2, 64), (1000, 16, 64), (1023, 7, 10), (5000, 16, 33)],
)


def streams_of(count: int, batch_size: int, window: int, seed: int = 0) -> TokenStreams:
    return TokenStreams(np.arange(count), batch_size=batch_size, window=window, seed=seed)


def windows(streams: TokenStreams, epoch: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [streams(epoch, index) for index in range(streams.steps_per_epoch)]


@SIZES
def test_targets_are_the_inputs_one_token_later(count, batch_size, window):
    streams = streams_of(count, batch_size, window)
    for inputs, targets in windows(streams, 0):
        assert inputs.dtype == targets.dtype == torch.int64
        assert torch.equal(targets, inputs + 1)
        assert inputs.shape[1] == streams.batch_size
        assert 1 <= len(inputs) <= window


@SIZES
def test_a_stream_goes_on_from_window_to_window(count, batch_size, window):
    pairs = windows(streams_of(count, batch_size, window), 1)
    for (_, before), (after, _) in itertools.pairwise(pairs):
        assert torch.equal(before[-1], after[0])


@SIZES
@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_no_token_is_a_target_twice_and_few_are_left_out(count, batch_size, window, epoch):
    streams = streams_of(count, batch_size, window)
    targets = torch.cat([target.flatten() for _, target in windows(streams, epoch)])
    assert len(targets.unique()) == len(targets)
    left_out = (count - 1) - len(targets)
    assert left_out < min(window, count // 8) + streams.batch_size


def test_all_windows_but_the_last_are_full():
    lengths = [len(inputs) for inputs, _ in windows(streams_of(5000, 16, 33), 0)]
    assert set(lengths[:-1]) == {33}


def test_the_offsets_of_epochs_differ_and_depend_on_the_seed():
    firsts = {
        seed: [int(streams_of(5000, 4, 64, seed)(epoch, 0)[0][0, 0]) for epoch in range(20)]
        for seed in (0, 1)
    }
    assert len(set(firsts[0])) > 10
    assert firsts[0] != firsts[1]
    assert max(firsts[0]) <= 64


def test_a_window_is_a_function_of_its_place_only():
    one, other = streams_of(500, 4, 16), streams_of(500, 4, 16)
    list(windows(one, 0))
    assert torch.equal(one(3, 2)[0], other(3, 2)[0])


@pytest.mark.parametrize(("count", "streams"), [(10_000, 16), (500, 6), (129, 1), (65, 1)])
def test_a_short_text_is_read_in_fewer_streams(count, streams):
    assert streams_of(count, 16, 64).batch_size == streams


@pytest.mark.parametrize("count", [0, 1, 64])
def test_fewer_tokens_than_a_window_are_refused(count):
    with pytest.raises(InputError, match=rf"^{count} token.* fewer than one window of 64 .* give more text"):
        streams_of(count, 16, 64)


def test_ids_on_disk_give_the_same_windows(tmp_path):
    ids = np.random.default_rng(0).integers(0, 65_536, 2000).astype("<u2")
    ids.tofile(tmp_path / "ids")
    mapped = TokenStreams(np.memmap(tmp_path / "ids", "<u2", "r"), batch_size=4, window=32, seed=0)
    in_memory = TokenStreams(ids.astype(np.int64), batch_size=4, window=32, seed=0)
    for index in range(mapped.steps_per_epoch):
        for a, b in zip(mapped(0, index), in_memory(0, index), strict=True):
            assert torch.equal(a, b)
