"""How a run is trained: the numbers every task has in common."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The settings of one run.

    Attributes:
        epochs: passes over the training data, at most.
        learning_rate: AdamW's rate at its peak.
        weight_decay: AdamW's decay of the matrices.
        clip_norm: gradients whose norm over all parameters is larger are scaled down to it.
        warmup: steps until the peak; never more than a tenth of the run.
        keep_best: whether the weights kept are those of the best evaluation, and training ends early where
            there is none better for long; if not, all epochs are trained and the last weights kept.
        patience: evaluations without a better validation loss before the run ends.
        evaluate_every: steps between evaluations, at most; there is one at the end of each epoch as well.
        checkpoint_seconds: seconds between checkpoints, at most; there is one at each evaluation as well.
        time_limit: seconds after which this call ends the run, or None.
    """

    epochs: int
    learning_rate: float
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    warmup: int = 100
    keep_best: bool = True
    patience: int = 5
    evaluate_every: int = 1000
    checkpoint_seconds: float = 30.0
    time_limit: float | None = None
