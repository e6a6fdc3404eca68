"""The training loop.

A run is a function of the seed, the data and the settings: where it was stopped, and how often, leaves no
trace in the weights. Everything that a step depends on is therefore in the checkpoint: weights, the
optimiser's memory, random numbers, the state carried from window to window, and what early stopping
remembers.
"""

import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from ostinato._errors import InputError, one_line
from ostinato.training._checkpoint import (
    Checkpoint,
    checkpoint_path,
    drop_checkpoints,
    load_checkpoint,
    save_checkpoint,
    steps_saved,
)
from ostinato.training._events import Events
from ostinato.training._history import History, Record
from ostinato.training._interrupt import StopRequest, stop_on_signal
from ostinato.training._objective import Objective, State
from ostinato.training._optimiser import adamw, optimiser_tensors, restore_optimiser, set_learning_rate
from ostinato.training._reporter import Reporter, Silent
from ostinato.training._schedule import warmup_cosine
from ostinato.training._settings import Settings


class DivergedError(InputError):
    """The loss, or its gradient, stopped being a number."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C: the run stopped and, if it keeps checkpoints, can go on as if it never had."""


@dataclass
class Tally:
    """Where a run stands, apart from its tensors."""

    step: int = 0
    best_step: int | None = None  # whose weights had the lowest validation loss; None before an evaluation
    best_loss: float = 0.0
    since_best: int = 0  # evaluations since then
    loss_sum: float = 0.0  # over the tokens since the last evaluation
    tokens: int = 0
    all_tokens: int = 0
    seconds: float = 0.0
    records: int = 0


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        ended: "finished" (all epochs), "early stopping" or "time limit".
        steps: steps trained, of `total`.
        best_step: the step whose weights the module now has.
        seconds: spent training and evaluating, over all calls that the run took.
        tokens_per_second: trained tokens in each of those seconds.
        history: the record of each evaluation.
    """

    ended: str
    steps: int
    total: int
    best_step: int
    seconds: float
    tokens_per_second: float
    history: list[Record]


def train(
    objective: Objective,
    settings: Settings,
    *,
    directory: Path | None = None,
    resume: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Train `objective.module` in place and leave it with the weights of the best evaluation.

    Args:
        objective: the module, its loss and its validation figures.
        settings: how.
        directory: where checkpoints and `history.jsonl` go; None keeps none.
        resume: go on from the newest checkpoint in `directory`, or start where there is none.
        reporter: is told of every step; silent where None.

    Raises:
        DivergedError: the loss, the gradient or a validation figure became infinite or NaN; the last
            checkpoint is from before.
        Interrupted: Ctrl-C or SIGTERM; the checkpoint of the last whole step was written first.
        InputError: a file of the run cannot be written or read.
    """
    run = _Run(objective, settings, directory, resume)
    reporter = reporter or Silent()
    try:
        reporter.begin(run.tally.step, run.total, objective.steps_per_epoch)
        with stop_on_signal() as stop:
            ended = run.go(reporter, stop)
    finally:
        reporter.end()
        run.events.close()
    return run.finish(ended)


class _Run:
    """The run's parts, and how they start, step, are evaluated, saved and finished."""

    def __init__(
        self, objective: Objective, settings: Settings, directory: Path | None, resume: bool
    ) -> None:
        self.objective = objective
        self.module = objective.module
        self.settings = settings
        self.directory = directory
        self.device = next(self.module.parameters()).device
        self.optimiser = adamw(self.module, settings.learning_rate, settings.weight_decay)
        self.state: State = ()
        self.tally = Tally()
        self.best_weights: dict[str, torch.Tensor] | None = None
        saved = steps_saved(directory) if directory and resume else []
        if directory and saved:
            self._restore(directory, saved[-1])
        elif directory:
            drop_checkpoints(directory, keep=set())
        self.history = History(directory / "history.jsonl" if directory else None, self.tally.records)
        self.events = Events(directory / "events" if directory else None, self.tally.step)
        self.total = settings.epochs * objective.steps_per_epoch
        self.first_step, self.seconds_before = self.tally.step, self.tally.seconds
        self.saved_at = self.resumed_at = time.monotonic()

    def go(self, reporter: Reporter, stop: StopRequest) -> str:
        """Step until the run ends; says why it did."""
        self._save()
        while (ended := self._ended()) is None:
            loss, tokens = self._step()
            reporter.stepped(tokens, loss)
            if self._evaluation_due():
                reporter.evaluated(self._evaluate())
                self._save()
            elif stop.requested or time.monotonic() - self.saved_at >= self.settings.checkpoint_seconds:
                self._save()
            if stop.requested:
                raise Interrupted
        self._save()  # writes only where a time limit came between two evaluations
        return ended

    def finish(self, ended: str) -> Outcome:
        """Put the best weights into the module, ready for use."""
        tally = self.tally
        best_step = tally.step if tally.best_step is None else tally.best_step
        if ended == "time limit" and tally.step != tally.best_step:
            # Broken off between two evaluations: are these weights better than the best so far? Asked after
            # the checkpoint was written, so that the run can still go on as if it had not been.
            figures = self.objective.evaluate() if tally.best_step is not None else {}
            if tally.best_step is None or figures["loss"] < tally.best_loss:
                self.best_weights, best_step = None, tally.step
        if self.best_weights is not None:
            self.module.load_state_dict(self.best_weights)
        self.module.eval()
        return Outcome(
            ended=ended,
            steps=tally.step,
            total=self.total,
            best_step=best_step,
            seconds=tally.seconds,
            tokens_per_second=tally.all_tokens / max(tally.seconds, 1e-9),
            history=self.history.records,
        )

    def _ended(self) -> str | None:
        if self.tally.step >= self.total:
            return "finished"
        if self.tally.since_best >= self.settings.patience:
            return "early stopping"
        limit = self.settings.time_limit
        over = limit is not None and self._seconds() - self.seconds_before >= limit
        return "time limit" if over and self.tally.step > self.first_step else None  # each call gets on

    def _step(self) -> tuple[float, int]:
        tally = self.tally
        epoch, index = divmod(tally.step, self.objective.steps_per_epoch)
        warmup = max(1, min(self.settings.warmup, self.total // 10))
        share = warmup_cosine(tally.step, total=self.total, warmup=warmup)
        set_learning_rate(self.optimiser, self.settings.learning_rate * share)

        self.module.train()
        self.optimiser.zero_grad()
        loss, tokens, state = self.objective.loss(epoch, index, self.state if index else ())
        torch.autograd.backward(loss)
        norm = torch.nn.utils.clip_grad_norm_(self.module.parameters(), self.settings.clip_norm)
        value = loss.item()
        if not (math.isfinite(value) and math.isfinite(norm.item())):
            what = "the gradient" if math.isfinite(value) else f"the loss ({value})"
            raise self._diverged(f"{what} stopped being finite at step {tally.step + 1}")
        self.optimiser.step()

        # Copies into memory of their own, as after a resumption: where a tensor lies may change the last bit
        # of a product.
        self.state = tuple(tensor.detach().clone() for tensor in state)
        tally.step += 1
        tally.loss_sum += value * tokens
        tally.tokens += tokens
        tally.all_tokens += tokens
        tally.seconds = self._seconds()
        return value, tokens

    def _diverged(self, what: str) -> DivergedError:
        kept = over = ""
        if self.directory is not None:
            kept = f"; the last good checkpoint is in {self.directory}"
            over = " and overwrite this run (--overwrite)"
        return DivergedError(
            f"{what}{kept}: train with a learning rate below {self.settings.learning_rate:g}{over}"
        )

    def _evaluation_due(self) -> bool:
        step_of_epoch = self.tally.step % self.objective.steps_per_epoch  # 0 at its end
        return step_of_epoch % self.settings.evaluate_every == 0

    def _evaluate(self) -> Record:
        tally = self.tally
        figures = self.objective.evaluate()
        for name, value in figures.items():
            if not math.isfinite(value):
                raise self._diverged(f"the validation {name} ({value}) is not finite after step {tally.step}")
        if not (figures and self.settings.keep_best):
            pass  # the last weights are kept
        elif tally.best_step is None or figures["loss"] < tally.best_loss:
            tally.best_step, tally.best_loss, tally.since_best = tally.step, figures["loss"], 0
            self.best_weights = {name: t.detach().clone() for name, t in self.module.state_dict().items()}
        else:
            tally.since_best += 1
        tally.seconds = self._seconds()
        record: Record = {
            "step": tally.step,
            "epoch": round(tally.step / self.objective.steps_per_epoch, 3),
            "train_loss": tally.loss_sum / tally.tokens,
            **{f"valid_{name}": value for name, value in figures.items()},
            "learning_rate": self.optimiser.param_groups[0]["lr"],
            "tokens": tally.all_tokens,
            "seconds": round(tally.seconds, 3),
        }
        tally.loss_sum, tally.tokens = 0.0, 0
        tally.records += 1
        self.history.append(record)
        self.events.append(record)
        return record

    def _seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.resumed_at

    def _save(self) -> None:
        self.saved_at = time.monotonic()
        if self.directory is None or self.tally.step in steps_saved(self.directory):
            return
        tensors = {
            **{f"module.{name}": tensor for name, tensor in self.module.state_dict().items()},
            **{f"optimiser.{name}": t for name, t in optimiser_tensors(self.optimiser).items()},
            **{f"state.{index}": tensor for index, tensor in enumerate(self.state)},
            **{f"random.{name}": tensor for name, tensor in _random_state(self.device).items()},
        }
        save_checkpoint(self.directory, self.tally.step, Checkpoint(tensors, asdict(self.tally)))
        keep = {self.tally.step} | ({self.tally.best_step} if self.tally.best_step is not None else set())
        drop_checkpoints(self.directory, keep)

    def _restore(self, directory: Path, step: int) -> None:
        checkpoint = load_checkpoint(directory, step)
        try:
            self.tally = Tally(**checkpoint.facts)
            if self.tally.step != step:
                raise ValueError(f"it is of step {self.tally.step}")
            self.module.load_state_dict(checkpoint.group("module"))
            restore_optimiser(self.optimiser, checkpoint.group("optimiser"))
            states = checkpoint.group("state")
            self.state = tuple(states[str(index)].clone().to(self.device) for index in range(len(states)))
            _restore_random_state(checkpoint.group("random"), self.device)
        except (RuntimeError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{checkpoint_path(directory, step)} is not of this run ({one_line(error)}): "
                f"start again with --overwrite"
            ) from error
        if self.tally.best_step is not None:
            self.best_weights = load_checkpoint(directory, self.tally.best_step).group("module")


def _random_state(device: torch.device) -> dict[str, torch.Tensor]:
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


def _restore_random_state(state: dict[str, torch.Tensor], device: torch.device) -> None:
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
