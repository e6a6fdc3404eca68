"""The loop, the optimiser, checkpoints, the history and who hears of it."""

from ostinato.training._batches import ShuffledBatches
from ostinato.training._loop import DivergedError, Interrupted, Outcome, train
from ostinato.training._objective import Figures, Objective, State, StepLoss
from ostinato.training._progress import ProgressBar
from ostinato.training._reporter import Reporter, Silent
from ostinato.training._reproducible import reproducible
from ostinato.training._settings import Settings
from ostinato.training._streams import TokenStreams

__all__ = [
    "DivergedError",
    "Figures",
    "Interrupted",
    "Objective",
    "Outcome",
    "ProgressBar",
    "Reporter",
    "Settings",
    "ShuffledBatches",
    "Silent",
    "State",
    "StepLoss",
    "TokenStreams",
    "reproducible",
    "train",
]
