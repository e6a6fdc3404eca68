"""How the lesson on embeddings looks in a terminal, 80 columns wide, and as JSON."""

from dataclasses import asdict
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from ostinato.cli._charts import bar
from ostinato.cli._console import errors, results, say
from ostinato.tasks._embedding_lesson import AMONG, HIDDEN, EmbeddingLesson, Neighbours
from ostinato.training import ProgressBar

WIDTH = 20  # of a bar


def as_object(lesson: EmbeddingLesson) -> dict[str, Any]:
    """The whole lesson as one JSON object."""
    return {"hidden": HIDDEN, **asdict(lesson)}


def progress(kind: str) -> ProgressBar:
    """Shows on stderr how far the training on one kind of input is."""
    errors.print(f"{kind} input", highlight=False)
    return ProgressBar(errors)


def show(lesson: EmbeddingLesson) -> None:
    """Print the lesson."""
    one_hot, embedding = lesson.models
    V, D = one_hot.numbers_per_word, embedding.numbers_per_word
    say(
        f"Two GRUs of {HIDDEN} units read {lesson.train_words:,} words and punctuation marks, all in lower",
        "case. After each they must say the next one. They differ in what they read:",
        "",
        f"  one-hot    x_t = e_k, {V:,} numbers: 1 for this word, 0 for all others",
        f"  embedding  x_t = E[k], {D} numbers: row k of a matrix that is learned",
    )
    results.print(_sizes(lesson))
    say(f"The {lesson.held_out_words:,} words of the text's end, held out:")
    results.print(_scores(lesson))
    say(
        f"({lesson.unknown:.1%} of them are outside the vocabulary: one word, for all alike. An n-gram",
        "counts which word followed the n - 1 before it.)",
        "",
        "One-hot, every word is as far from every other: all cosines are 0. In E, words",
        f"that are used alike have come close. The nearest among the {AMONG} most frequent; a",
        "word that was seen only a few dozen times has hardly been learned:",
        "",
    )
    results.print(_neighbours(lesson.neighbours))
    say(
        "",
        f"Either way a word gives the gates {3 * HIDDEN} numbers. W_x e_k is a column of W_x,",
        f"learned for this word alone; W_x E[k] makes them of {D}, and all words share W_x.",
        "",
        "Next:  ostinato train lm TEXT -o DIR --tokens words",
    )


def _sizes(lesson: EmbeddingLesson) -> Table:
    table = _table("", "numbers per word", "parameters: input", "in all", "training")
    for model in lesson.models:
        table.add_row(
            model.input,
            f"{model.numbers_per_word:,}",
            f"{model.input_parameters:,}",
            f"{model.parameters:,}",
            f"{model.seconds:.1f} s",
        )
    return table


def _scores(lesson: EmbeddingLesson) -> Table:
    scores = [*lesson.baselines, *(model.score for model in lesson.models)]
    best = max(max(score.accuracy for score in scores), 1e-9)
    table = _table("", "perplexity", "accuracy", "")
    for score in scores:
        filled = bar(score.accuracy / best, WIDTH)
        table.add_row(score.name, f"{score.perplexity:,.1f}", f"{score.accuracy:.1%}", filled)
    return table


def _neighbours(neighbours: tuple[Neighbours, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("word", justify="right", header_style="dim", no_wrap=True)
    table.add_column("seen", justify="right", header_style="dim", no_wrap=True)
    table.add_column("nearest, with the cosine", header_style="dim")
    for one in neighbours:
        nearest = "  ".join(f"{word} {cosine:.2f}" for word, cosine in one.nearest)
        table.add_row(Text(one.word), f"{one.count:,}", Text(nearest))
    return table


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in columns:
        table.add_column(name, justify="right")
    return table
