"""What a tagger says of inputs: the label of each step, or of recordings what is when."""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import Any

from ostinato.cli._inputs import Batch
from ostinato.cli._predictions import Answer


def tags(model: Any, batch: Batch) -> Iterator[Answer]:
    """The labels of each input."""
    if batch.examples.kind in ("audio", "video"):
        for name, path in zip(batch.names, batch.examples.inputs, strict=True):
            yield from _segments(model, name, path)
    else:
        for name, item, labels in zip(
            batch.names, batch.examples.inputs, model.predict(batch.examples), strict=True
        ):
            yield _of_steps(model, name, item, labels.tolist())


def _of_steps(model: Any, name: str, item: Any, labels: list[Any]) -> Answer:
    """Texts as pairs of step and label; of numbers, from which step to which a label goes on."""
    if model.encoder_.kind == "vectors":
        lines = [name, *(f"{first + 1:8,} – {end:8,}  {label}" for first, end, label in _runs([labels]))]
        return {"input": name, "labels": labels}, "\n".join(lines) + "\n"
    steps = list(model.encoder_.tokenizer.formed(item) if isinstance(item, str) else item)
    pairs = " ".join(f"{step}/{label}" for step, label in zip(steps, labels, strict=True))
    return {"input": name, "steps": steps, "labels": labels}, f"{pairs}\n"


def _segments(model: Any, name: str, path: Any) -> Iterator[Answer]:
    """The segments of a recording, each as soon as it has ended; no recording is in memory as a whole."""
    seconds, background = model.encoder_.seconds_per_step, model.targets_.background
    yield None, f"{name}\n"
    segments = []
    for first, end, label in _runs(piece.tolist() for piece in model.stream(path)):
        if label != background:
            segments.append({"start": _time(first, seconds), "end": _time(end, seconds), "label": label})
            yield None, f"{first * seconds:10.3f} – {end * seconds:10.3f} s  {label}\n"
    yield {"input": name, "segments": segments}, ""


def _time(steps: int, seconds: float) -> float:
    """When so many steps are over, to the microsecond: 1.9, where floats would have it 1.9000000000000001."""
    return round(steps * seconds, 6)


def _runs(pieces: Iterable[list[Any]]) -> Iterator[tuple[int, int, Any]]:
    """Where each stretch of equal labels begins and where it ends, as far as the labels are known."""
    end = 0
    for label, run in groupby(chain.from_iterable(pieces)):
        first, end = end, end + sum(1 for _ in run)
        yield first, end, label
