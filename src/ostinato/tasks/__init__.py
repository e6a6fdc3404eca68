"""One file per task: what goes in, what comes out, how it is trained, measured, saved and used."""

from ostinato.tasks._language_model import LanguageModel

__all__ = ["LanguageModel"]
