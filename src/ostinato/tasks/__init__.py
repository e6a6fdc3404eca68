"""One file per task: what goes in, what comes out, how it is trained, measured, saved and used.

The names are loaded when they are first used: a lesson need not wait for scikit-learn.
"""

from typing import TYPE_CHECKING

from ostinato._lazy import lazily

if TYPE_CHECKING:
    from ostinato.tasks._classifier import Classifier
    from ostinato.tasks._forecaster import Forecaster
    from ostinato.tasks._generator import Generator
    from ostinato.tasks._language_model import LanguageModel
    from ostinato.tasks._regressor import Regressor
    from ostinato.tasks._tagger import Tagger
    from ostinato.tasks._translator import Translator

__all__ = ["Classifier", "Forecaster", "Generator", "LanguageModel", "Regressor", "Tagger", "Translator"]

__getattr__ = lazily(
    __name__,
    {
        "Classifier": "ostinato.tasks._classifier",
        "Forecaster": "ostinato.tasks._forecaster",
        "Generator": "ostinato.tasks._generator",
        "LanguageModel": "ostinato.tasks._language_model",
        "Regressor": "ostinato.tasks._regressor",
        "Tagger": "ostinato.tasks._tagger",
        "Translator": "ostinato.tasks._translator",
    },
)
