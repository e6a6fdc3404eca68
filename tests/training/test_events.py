import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from ostinato import InputError
from ostinato.training._events import Events


def record(step: int, loss: float) -> dict:
    return {"step": step, "valid_loss": loss, "tokens": 10, "seconds": 1.0}


def scalars(path, name: str = "valid_loss") -> list[tuple[int, float]]:
    accumulator = EventAccumulator(str(path))
    accumulator.Reload()
    return [(event.step, event.value) for event in accumulator.Scalars(name)]


def write(path, step: int, *records: dict) -> None:
    events = Events(path, step)
    for each in records:
        events.append(each)
    events.close()


def test_tensorboard_reads_what_was_written(tmp_path):
    write(tmp_path / "events", 0, record(5, 0.5), record(10, 0.25))
    assert scalars(tmp_path / "events") == [(5, 0.5), (10, 0.25)]


def test_only_figures_are_plotted(tmp_path):
    write(tmp_path / "events", 0, record(5, 0.5))
    accumulator = EventAccumulator(str(tmp_path / "events"))
    accumulator.Reload()
    assert accumulator.Tags()["scalars"] == ["valid_loss"]


def test_records_are_on_the_disk_at_once(tmp_path):
    events = Events(tmp_path / "events", 0)
    events.append(record(5, 0.5))
    assert scalars(tmp_path / "events") == [(5, 0.5)]
    events.close()


@pytest.mark.parametrize(
    ("resumed_at", "expected"),
    [(0, [(5, 1.0), (10, 2.0)]), (5, [(5, 0.5), (10, 2.0)]), (7, [(5, 0.5), (10, 2.0)])],
    ids=["from the start", "from an evaluation", "from between two"],
)
def test_a_run_that_goes_on_shows_no_step_twice(tmp_path, monkeypatch, resumed_at, expected):
    # Files are read in the order of the second they were begun in.
    monkeypatch.setattr("time.time", lambda: 1_000_000_000.0)
    write(tmp_path / "events", 0, record(5, 0.5), record(10, 0.25))
    monkeypatch.setattr("time.time", lambda: 1_000_000_060.0)
    write(tmp_path / "events", resumed_at, *[record(s, s / 5) for s in (5, 10) if s > resumed_at])
    assert scalars(tmp_path / "events") == expected


def test_without_a_folder_nothing_is_written(tmp_path):
    write(None, 0, record(5, 0.5))


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "events").touch()
    with pytest.raises(InputError) as caught:
        Events(tmp_path / "events", 0)
    assert str(caught.value) == f"cannot write TensorBoard events in {tmp_path / 'events'}: File exists"
