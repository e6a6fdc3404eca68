"""The learning rate over a run: a short warm-up, then half a cosine down (Loshchilov & Hutter 2017)."""

import math


def warmup_cosine(step: int, *, total: int, warmup: int, floor: float = 0.01) -> float:
    """The share of the peak learning rate that step `step` (0 … total - 1) trains with.

    Rises linearly over the first `warmup` steps, then follows half a cosine from 1 down to `floor`.
    It is a function of the step alone, so a resumed run meets the same rates.
    """
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(1, total - warmup)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
