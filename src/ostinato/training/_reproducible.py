"""Same seed, same machine, same threads: the same model, to the bit."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def reproducible(seed: int, threads: int | None) -> Iterator[None]:
    """Within the block torch draws from `seed` and uses `threads` threads; then both are as before."""
    threads_before = torch.get_num_threads()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        try:
            if threads is not None:
                torch.set_num_threads(threads)
            yield
        finally:
            torch.set_num_threads(threads_before)
