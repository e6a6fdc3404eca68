"""Same seed, same machine, same threads: the same model, to the bit."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def reproducible(seed: int, threads: int | None, device: str | torch.device = "cpu") -> Iterator[None]:
    """Within the block torch draws from `seed` and uses `threads` threads; then both are as before.

    Random numbers are those of the CPU and of `device`; other GPUs are not looked at.
    """
    threads_before = torch.get_num_threads()
    gpus = [torch.device(device)] if torch.device(device).type == "cuda" else []
    with torch.random.fork_rng(devices=gpus):
        torch.default_generator.manual_seed(seed)
        for gpu in gpus:
            with torch.cuda.device(gpu):
                torch.cuda.manual_seed(seed)
        try:
            if threads is not None:
                torch.set_num_threads(threads)
            yield
        finally:
            torch.set_num_threads(threads_before)
