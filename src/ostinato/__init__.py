"""Recurrent neural networks on the machine you have.

The public names are loaded when they are first used, so that `import ostinato` itself is quick and pulls in
neither torch nor pandas.
"""

from ostinato._errors import InputError as InputError
from ostinato._lazy import lazily

# For type checkers. Importing `typing` for it would take most of our 50 ms.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ostinato.tasks import Classifier as Classifier
    from ostinato.tasks import Forecaster as Forecaster
    from ostinato.tasks import Generator as Generator
    from ostinato.tasks import LanguageModel as LanguageModel
    from ostinato.tasks import Regressor as Regressor
    from ostinato.tasks import Tagger as Tagger
    from ostinato.tasks import Translator as Translator

__version__ = "0.1.0"

_TASKS = ("Classifier", "Forecaster", "Generator", "LanguageModel", "Regressor", "Tagger", "Translator")

__all__ = [
    "Classifier",
    "Forecaster",
    "Generator",
    "InputError",
    "LanguageModel",
    "Regressor",
    "Tagger",
    "Translator",
    "__version__",
]

__getattr__ = lazily(__name__, dict.fromkeys(_TASKS, "ostinato.tasks"))


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
