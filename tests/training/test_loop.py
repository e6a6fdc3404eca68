import copy
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from ostinato import InputError
from ostinato.training import DivergedError, Interrupted, Settings, Silent, StepLoss, train
from ostinato.training._checkpoint import load_checkpoint, steps_saved

SETTINGS = Settings(epochs=3, learning_rate=0.05, warmup=2, evaluate_every=4, patience=100)
PER_EPOCH = 6
EVALUATED = [4, 6, 10, 12, 16, 18]


class Toy:
    """A small recurrent network with dropout that sums its inputs; 6 steps an epoch."""

    steps_per_epoch = PER_EPOCH

    def __init__(self, *, valid: list[float] | None = None, spoil=None) -> None:
        torch.manual_seed(0)
        self.module = nn.ModuleDict({"rnn": nn.GRU(2, 5), "drop": nn.Dropout(0.3), "out": nn.Linear(5, 1)})
        self.valid = valid  # validation losses to tell, one after the other
        self.spoil = spoil or (lambda step, loss: loss)
        self.evaluations = 0

    def loss(self, epoch, index, state):
        assert (state == ()) == (index == 0)
        x = self.inputs(7 * epoch + index)
        y, h = self.module["rnn"](x, state[0] if state else None)
        loss = (self.module["out"](self.module["drop"](y)) - x.sum(-1, keepdim=True)).square().mean()
        return StepLoss(self.spoil(epoch * PER_EPOCH + index + 1, loss), 12, (h,))

    @torch.no_grad()
    def evaluate(self):
        self.evaluations += 1
        if self.valid is not None:
            return {"loss": self.valid[self.evaluations - 1]}
        self.module.eval()
        x = self.inputs(999)
        return {
            "loss": (self.module["out"](self.module["rnn"](x)[0]) - x.sum(-1, keepdim=True))
            .square()
            .mean()
            .item()
        }

    @staticmethod
    def inputs(seed: int) -> torch.Tensor:
        return torch.randn(4, 3, 2, generator=torch.Generator().manual_seed(seed))


class NothingHeldOut(Toy):
    """The same without validation data."""

    def evaluate(self):
        return {}


class StopAt(Silent):
    """Ctrl-C during a step; and what the reporter was told."""

    def __init__(self, step: int | None = None) -> None:
        self.stop_at = step
        self.told: list[object] = []

    def begin(self, step, total, steps_per_epoch):
        self.step = step
        self.told.append((step, total, steps_per_epoch))

    def stepped(self, tokens, loss):
        self.step += 1
        if self.step == self.stop_at:
            os.kill(os.getpid(), signal.SIGINT)

    def evaluated(self, record):
        self.told.append(record["step"])

    def end(self):
        self.told.append("end")


@pytest.fixture(autouse=True)
def no_events(monkeypatch):
    """TensorBoard has tests of its own, and takes its time to start a thread."""
    monkeypatch.setattr("ostinato.training._loop.Events", lambda *_: NoEvents())


class NoEvents:
    def append(self, record):
        pass

    def close(self):
        pass


def weights(toy: Toy) -> dict[str, torch.Tensor]:
    return copy.deepcopy(toy.module.state_dict())


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def without_seconds(history: list[dict]) -> list[dict]:
    return [{name: value for name, value in record.items() if name != "seconds"} for record in history]


def run(toy: Toy, directory: Path | None = None, settings: Settings = SETTINGS, **options):
    torch.manual_seed(1)
    return train(toy, settings, directory=directory, **options)


def changed(**changes) -> Settings:
    return Settings(**{**SETTINGS.__dict__, **changes})


# The course of a run


def test_it_learns_and_says_how_it_went():
    toy = Toy()
    outcome = run(toy, settings=changed(epochs=20))
    assert (outcome.ended, outcome.steps, outcome.total) == ("finished", 120, 120)
    losses = [record["valid_loss"] for record in outcome.history]
    assert min(losses) < 0.5 * losses[0]
    assert outcome.tokens_per_second == pytest.approx(120 * 12 / outcome.seconds)


def test_evaluations_come_at_intervals_and_at_the_end_of_epochs():
    reporter = StopAt()
    outcome = run(Toy(), reporter=reporter)
    assert [record["step"] for record in outcome.history] == EVALUATED
    assert reporter.told == [(0, 18, PER_EPOCH), *EVALUATED, "end"]


def test_a_record_holds_the_mean_loss_since_the_one_before():
    losses: list[float] = []

    def note(_step, loss):
        losses.append(loss.item())
        return loss

    record = run(Toy(spoil=note)).history[1]
    assert record["train_loss"] == pytest.approx(sum(losses[4:6]) / 2)
    assert record.keys() == {
        "step",
        "epoch",
        "train_loss",
        "valid_loss",
        "learning_rate",
        "tokens",
        "seconds",
    }
    assert (record["epoch"], record["tokens"]) == (1.0, 6 * 12)


def test_the_learning_rate_rises_to_its_peak_then_falls():
    rates = [record["learning_rate"] for record in run(Toy(), settings=changed(evaluate_every=1)).history]
    assert max(rates) == SETTINGS.learning_rate
    assert rates[1:] == sorted(rates[1:], reverse=True)


def test_the_weights_left_are_those_of_the_best_evaluation(tmp_path):
    toy = Toy(valid=[5.0, 3.0, 1.0, 2.0, 4.0, 1.0])
    outcome = run(toy, tmp_path)
    assert outcome.best_step == 10
    assert same(weights(toy), load_checkpoint(tmp_path, 10).group("module"))
    assert not same(weights(toy), load_checkpoint(tmp_path, 18).group("module"))
    assert not toy.module.training


def test_patience_ends_a_run_early():
    outcome = run(Toy(valid=[1.0, 2.0, 0.5, 0.5, 0.6, 0.1]), settings=changed(patience=2))
    assert (outcome.ended, outcome.steps, outcome.best_step) == ("early stopping", 16, 10)


def test_patience_that_ends_with_the_last_step_is_a_run_that_finished():
    assert run(Toy(valid=[1.0] * 6), settings=changed(patience=5)).ended == "finished"


def test_with_nothing_held_out_the_last_weights_are_left_and_nothing_ends_early(tmp_path):
    toy = NothingHeldOut()
    outcome = run(toy, tmp_path, changed(patience=1))
    assert (outcome.ended, outcome.steps, outcome.best_step) == ("finished", 18, 18)
    assert same(weights(toy), load_checkpoint(tmp_path, 18).group("module"))
    assert steps_saved(tmp_path) == [18]
    assert all("valid_loss" not in record and "train_loss" in record for record in outcome.history)


def test_with_nothing_held_out_a_stopped_run_goes_on_as_if_it_had_not_been(tmp_path):
    whole = NothingHeldOut()
    run(whole)
    with pytest.raises(Interrupted):
        run(NothingHeldOut(), tmp_path, reporter=StopAt(11))
    resumed = NothingHeldOut()
    run(resumed, tmp_path, resume=True)
    assert same(weights(resumed), weights(whole))


def test_with_nothing_held_out_a_time_limit_leaves_the_last_weights(tmp_path):
    outcome = run(NothingHeldOut(), tmp_path, changed(time_limit=1e-9))
    assert (outcome.ended, outcome.steps, outcome.best_step) == ("time limit", 1, 1)


# The time limit


def test_a_time_limit_ends_a_run_after_at_least_a_step(tmp_path):
    toy = Toy(valid=[1.0])
    outcome = run(toy, tmp_path, changed(time_limit=1e-9))
    assert (outcome.ended, outcome.steps, outcome.best_step) == ("time limit", 1, 1)
    assert same(weights(toy), load_checkpoint(tmp_path, 1).group("module"))


@pytest.mark.parametrize(("last", "best"), [(0.5, 5), (2.0, 4)], ids=["better", "worse"])
def test_weights_between_two_evaluations_are_kept_if_they_are_better(tmp_path, last, best):
    with pytest.raises(Interrupted):
        run(Toy(valid=[1.0]), tmp_path, reporter=StopAt(4))
    outcome = run(Toy(valid=[last]), tmp_path, changed(time_limit=1e-9), resume=True)
    assert (outcome.ended, outcome.steps, outcome.best_step) == ("time limit", 5, best)


def test_a_run_that_reaches_its_end_in_time_has_finished():
    assert run(Toy(), settings=changed(epochs=1, time_limit=60)).ended == "finished"


def test_calls_of_one_step_each_end_where_one_call_ends(tmp_path):
    whole = Toy()
    expected = run(whole)
    for calls in range(1, 19):
        parts = Toy()
        outcome = run(parts, tmp_path, changed(time_limit=1e-9), resume=True)
        assert outcome.steps == calls
    assert outcome.ended == "finished"
    assert without_seconds(outcome.history) == without_seconds(expected.history)
    assert same(weights(parts), weights(whole))


# Stopping and going on


@pytest.mark.parametrize("step", range(1, 19))
def test_a_run_stopped_after_any_step_goes_on_as_if_it_had_not_been(tmp_path, step):
    whole = Toy()
    expected = run(whole)
    with pytest.raises(Interrupted):
        run(Toy(), tmp_path, reporter=StopAt(step))
    assert steps_saved(tmp_path)[-1] == step
    resumed = Toy()
    torch.nn.init.zeros_(resumed.module["out"].weight)  # whatever it begins with
    torch.manual_seed(99)
    outcome = train(resumed, SETTINGS, directory=tmp_path, resume=True)
    assert same(weights(resumed), weights(whole))
    assert outcome.best_step == expected.best_step
    assert without_seconds(outcome.history) == without_seconds(expected.history)
    lines = (tmp_path / "history.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == outcome.history


def test_early_stopping_counts_on_after_a_stop(tmp_path):
    settings = changed(patience=2)
    with pytest.raises(Interrupted):
        run(Toy(valid=[1.0, 2.0]), tmp_path, settings, reporter=StopAt(6))
    outcome = run(Toy(valid=[3.0]), tmp_path, settings, resume=True)
    assert (outcome.ended, outcome.steps, outcome.best_step) == ("early stopping", 10, 4)


def test_a_run_that_has_ended_is_not_trained_on(tmp_path):
    first = Toy()
    expected = run(first, tmp_path)
    again = Toy()
    outcome = run(again, tmp_path, resume=True)
    assert (outcome.steps, outcome.ended) == (18, "finished")
    assert again.evaluations == 0
    assert same(weights(again), weights(first))
    assert outcome.history == expected.history


def test_where_there_is_nothing_to_resume_a_run_starts(tmp_path):
    assert run(Toy(), tmp_path, resume=True).steps == 18


def test_a_new_run_does_away_with_the_one_before(tmp_path):
    run(Toy(), tmp_path)
    with pytest.raises(Interrupted):
        run(Toy(), tmp_path, reporter=StopAt(1))
    assert steps_saved(tmp_path) == [1]
    assert (tmp_path / "history.jsonl").read_text() == ""


def test_the_newest_and_the_best_checkpoint_are_kept(tmp_path):
    run(Toy(valid=[5.0, 1.0, 2.0, 3.0, 4.0, 5.0]), tmp_path)
    assert steps_saved(tmp_path) == [6, 18]


def test_checkpoints_come_as_often_as_asked(tmp_path):
    class Note(StopAt):
        def stepped(self, tokens, loss):
            self.told.append(steps_saved(tmp_path)[-1])

    reporter = Note()
    run(
        Toy(valid=[1.0] * 6), tmp_path, changed(checkpoint_seconds=0.0, evaluate_every=100), reporter=reporter
    )
    assert reporter.told[1:7] == [0, 1, 2, 3, 4, 5]


def test_without_a_directory_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Interrupted):
        run(Toy(), reporter=StopAt(3))
    assert list(tmp_path.iterdir()) == []


def test_the_reporter_hears_the_end_whatever_happens():
    reporter = StopAt(3)
    with pytest.raises(Interrupted):
        run(Toy(), reporter=reporter)
    assert reporter.told[-1] == "end"


# Divergence


@pytest.mark.parametrize("factor", [float("nan"), float("inf")], ids=["NaN", "infinite"])
def test_a_loss_that_is_no_number_names_its_step_and_keeps_what_was_good(tmp_path, factor):
    toy = Toy(spoil=lambda step, loss: loss * factor if step == 9 else loss)
    with pytest.raises(
        DivergedError, match=r"at step 9; the last good checkpoint is in .*: .* learning rate below 0.05"
    ):
        run(toy, tmp_path, changed(checkpoint_seconds=0.0))
    assert steps_saved(tmp_path)[-1] == 8
    assert all(tensor.isfinite().all() for tensor in load_checkpoint(tmp_path, 8).group("module").values())


def test_a_gradient_that_is_no_number_is_noticed_before_it_is_used(tmp_path):
    def spoil(step, loss):
        return loss + (loss * 0).sqrt() if step == 9 else loss  # the square root's gradient at 0 is infinite

    with pytest.raises(DivergedError, match=r"^the gradient stopped being finite at step 9;"):
        run(Toy(spoil=spoil), tmp_path)
    assert steps_saved(tmp_path)[-1] == 6


def test_validation_figures_that_are_no_numbers_end_the_run(tmp_path):
    with pytest.raises(DivergedError, match=r"^the validation loss \(nan\) is not finite after step 6;"):
        run(Toy(valid=[1.0, float("nan")]), tmp_path)
    assert steps_saved(tmp_path)[-1] == 4
    assert len((tmp_path / "history.jsonl").read_text().splitlines()) == 1


def test_divergence_is_something_the_user_can_mend():
    assert issubclass(DivergedError, InputError)


# Files that are not what they were


def interrupted(directory: Path) -> None:
    with pytest.raises(Interrupted):
        run(Toy(valid=[1.0, 2.0]), directory, reporter=StopAt(8))
    assert steps_saved(directory) == [4, 8]


def test_a_checkpoint_of_another_module_is_named(tmp_path):
    interrupted(tmp_path)
    other = Toy()
    other.module["out"] = nn.Linear(5, 2)
    with pytest.raises(InputError) as caught:
        run(other, tmp_path, resume=True)
    assert str(caught.value).startswith(f"{tmp_path / 'step-000000008.safetensors'} is not of this run (")
    assert "\n" not in str(caught.value)


def test_a_checkpoint_under_another_name_is_refused(tmp_path):
    interrupted(tmp_path)
    (tmp_path / "step-000000008.safetensors").rename(tmp_path / "step-000000009.safetensors")
    with pytest.raises(
        InputError, match=r"step-000000009.safetensors is not of this run \(it is of step 8\)"
    ):
        run(Toy(), tmp_path, resume=True)


def test_a_truncated_checkpoint_is_named_and_without_it_the_one_before_does(tmp_path):
    whole = Toy(valid=[1.0, 2.0, 0.5, 3.0, 3.0, 3.0])
    run(whole)
    interrupted(tmp_path)
    newest = tmp_path / "step-000000008.safetensors"
    newest.write_bytes(newest.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"step-000000008.safetensors is damaged .* delete it"):
        run(Toy(), tmp_path, resume=True)
    newest.unlink()
    again = Toy(valid=[2.0, 0.5, 3.0, 3.0, 3.0])
    run(again, tmp_path, resume=True)
    assert same(weights(again), weights(whole))


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("history.jsonl", "history.jsonl lacks the first 2 records of this run"),
        ("step-000000004.safetensors", "cannot read .*step-000000004.safetensors: No such file"),
    ],
    ids=["history", "best weights"],
)
def test_a_missing_file_is_named(tmp_path, name, complaint):
    interrupted(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(InputError, match=complaint):
        run(Toy(), tmp_path, resume=True)


def test_a_full_disk_leaves_the_checkpoint_before_and_nothing_half_written(tmp_path):
    """The system refuses to let files grow: a real write fails half-way."""
    child = subprocess.run(
        [sys.executable, "-c", FILLED, str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert child.returncode == 0, child.stderr
    complaint, last = child.stdout.splitlines()
    assert complaint.startswith("InputError cannot write ")
    assert complaint.endswith(": File too large; nothing was changed")
    assert "step-0" in complaint
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert steps_saved(tmp_path)[-1] == int(last)
    load_checkpoint(tmp_path, int(last))


FILLED = """
import resource, signal, sys
from pathlib import Path
import torch
from torch import nn
from ostinato.training import Settings, StepLoss, Silent, train
from ostinato.training._checkpoint import steps_saved

class Growing:
    steps_per_epoch = 100
    def __init__(self):
        self.module = nn.Linear(60, 60)
    def loss(self, epoch, index, state):
        return StepLoss(self.module(torch.ones(1, 60)).square().sum(), 1, (torch.zeros(1),))
    def evaluate(self):
        return {"loss": 1.0}

class Fill(Silent):
    step = 0
    def stepped(self, tokens, loss):
        self.step += 1
        if self.step == 5:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, most))

folder = Path(sys.argv[1])
try:
    settings = Settings(epochs=1, learning_rate=0.1, checkpoint_seconds=0.0)
    train(Growing(), settings, directory=folder, reporter=Fill())
except Exception as error:
    print(type(error).__name__, error)
print(steps_saved(folder)[-1])
"""
