"""What every estimator is: it learns, goes on where it was broken off, and is saved."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from torch import nn

from ostinato._errors import InputError
from ostinato.tasks._run_directory import check_free, claimed, locked
from ostinato.training import Interrupted, Objective, Outcome, Reporter, Settings, reproducible, train


@dataclass(frozen=True)
class Run:
    """A run that is ready to begin, or to go on.

    Attributes:
        objective: what is trained.
        settings: how.
        learned: takes in what came of it.
        finished: deletes from the run's directory what a finished run has no use for.
    """

    objective: Objective
    settings: Settings
    learned: Callable[[Outcome], None]
    finished: Callable[[Path], None]


class Learner(BaseEstimator, ABC):  # type: ignore[misc]
    """A scikit-learn estimator whose network is trained in runs that can be broken off."""

    network_: nn.Module

    @abstractmethod
    def _save(self, directory: Path) -> None:
        """Write the model directory, whatever is there."""

    def _learn(
        self,
        prepare: Callable[[Path | None], Run],
        place: Path | None,
        parameters: Mapping[str, Any],
        facts: Mapping[str, Any],
        *,
        resume: bool,
        overwrite: bool,
        reporter: Reporter | None,
    ) -> None:
        """Train, take the figures, and save.

        Args:
            prepare: makes the run; large files go to the directory that it is given.
            place: the model directory; None keeps all in memory.
            parameters: the estimator's; seed, threads and device are minded here.
            facts: all that a run must share with the one it goes on from.
            resume: go on with the interrupted run in `place`, if there is one.
            overwrite: replace a model in `place`.
            reporter: is told of every step.
        """
        with (
            reproducible(parameters["seed"], parameters["threads"], parameters["device"]),
            nullcontext() if place is None else locked(place),
        ):
            with claimed(place, facts, resume=resume, overwrite=overwrite) as work:
                run = prepare(work)
            try:
                outcome = train(run.objective, run.settings, directory=work, resume=resume, reporter=reporter)
                run.learned(outcome)
                if place is not None:
                    self._save(place)
                if work is not None and outcome.ended != "time limit":
                    run.finished(work)
            except KeyboardInterrupt as interrupt:  # in the final figures too: the run can go on
                raise Interrupted from interrupt

    def save(self, directory: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the model directory, whole or not at all.

        Raises:
            InputError: there is something in it and `overwrite` is not set, or it cannot be written.
        """
        self._check_fitted()
        check_free(Path(directory), overwrite)
        self._save(Path(directory))

    def _reproducible(self) -> AbstractContextManager[None]:
        return reproducible(self.seed, self.threads, next(self.network_.parameters()).device)

    def _check_fitted(self) -> None:
        name = type(self).__name__
        check_is_fitted(
            self, "network_", msg=f"this %(name)s has learned nothing yet: call fit, or {name}.load"
        )


def checked_place(directory: str | os.PathLike[str] | None, *, resume: bool, overwrite: bool) -> Path | None:
    """Where a model is to go, if anywhere; `InputError` at once, not after reading for long, if it cannot."""
    if directory is None:
        if resume:
            raise InputError("resume=True needs a directory: name the one that the run was started with")
        return None
    if not resume:
        check_free(Path(directory), overwrite)
    return Path(directory)


def here(parameters: Mapping[str, Any], device: str) -> dict[str, Any]:
    """Saved parameters as they can be on this machine: a larger one may have had more threads."""
    threads = parameters["threads"]
    fewer = {"threads": None} if (threads or 0) > (os.cpu_count() or 1) else {}
    return {**parameters, **fewer, "device": device}
