"""A language model's figures beside the baseline's: at the end of a run, and on any text later."""

import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.data import Tokenizer, drop, open_tokens, take, write_tokens
from ostinato.nn import LanguageNetwork
from ostinato.tasks._cost import cost
from ostinato.tasks._language_corpus import Corpus
from ostinato.tasks._language_scoring import language_figures, score_tokens
from ostinato.tasks._ngram import NGram
from ostinato.tasks._texts import Texts
from ostinato.training import Outcome

_TRAIN_SCORED = 250_000  # training tokens the final training figures are on, the last ones
_COUNTED = 5_000_000  # training tokens the n-gram is counted on, the last ones
_BLOCK = 500_000  # tokens that the n-gram scores, or the unknown are counted among, at a time
_CONTEXT = 8192  # characters read, unscored, before a held-out part


def final_metrics(network: LanguageNetwork, corpus: Corpus, outcome: Outcome) -> tuple[NGram, dict[str, Any]]:
    """Count the baseline, and take all figures at the end of a run; the content of `metrics.json`."""
    ids, cut = corpus.ids, corpus.cut
    first = max(0, cut - _COUNTED)
    baseline = NGram.fit(np.asarray(ids[first:cut]), len(corpus.tokenizer))
    known = max(0, cut - _TRAIN_SCORED)
    trained = score_tokens(network, ids[:cut], known)
    metrics = {
        "train": language_figures(trained, round(trained["tokens"] * corpus.train.characters / cut)),
        "valid": language_figures(score_tokens(network, ids, cut), corpus.held_out.characters),
        "baseline": {
            "name": baseline_name(baseline),
            "counted_tokens": cut - first,
            **language_figures(_score_baseline(baseline, ids, cut), corpus.held_out.characters),
        },
        "train_tokens": cut,
        "valid_tokens": len(ids) - cut,
        "train_unknown": _unknown_share(corpus.tokenizer, ids[:cut], known),
        "valid_unknown": _unknown_share(corpus.tokenizer, ids, cut),
        "vocabulary": len(corpus.tokenizer),
        **cost(network, outcome),
    }
    return baseline, metrics


def evaluate_text(
    network: LanguageNetwork,
    tokenizer: Tokenizer,
    baseline: NGram,
    split: Mapping[str, Any],
    X: Any,
) -> dict[str, Any]:
    """Figures of model and baseline on a text, or on its held-out part where it is the text of `split`."""
    text, share = Texts(X), split["validation"]
    sha256, characters = text.measured()
    held_out_of_it = sha256 == split["sha256"] and isinstance(share, float)
    before = int(characters * (1 - share)) if held_out_of_it else 0
    with tempfile.TemporaryDirectory(prefix="ostinato-") as folder:
        path = Path(folder) / "tokens.bin"
        past = drop(take(text.chunks(), before), max(0, before - _CONTEXT))
        context, scored = write_tokens(path, tokenizer, past, drop(text.chunks(), before))
        if scored.tokens < 2:
            raise InputError(
                f"the text has {scored.tokens} token{'s' * (scored.tokens != 1)}: at least 2 can be scored"
            )
        ids, start = open_tokens(path, tokenizer), context.tokens
        foreseen = scored.characters - (0 if start else len(tokenizer.decode([int(ids[0])])))
        figures: dict[str, Any] = {
            "text": _which(split, sha256),
            "baseline_name": baseline_name(baseline),
            "characters": scored.characters,
            "tokens": scored.tokens,
            "unknown": _unknown_share(tokenizer, ids, start),
            "model": language_figures(score_tokens(network, ids, start), foreseen),
            "baseline": language_figures(_score_baseline(baseline, ids, start), foreseen),
        }
    if not math.isfinite(figures["model"]["loss"]):
        raise InputError("the model's loss is not finite: its weights are of no use, train it again")
    return figures


def baseline_name(baseline: NGram) -> str:
    """What the baseline is, in a few words."""
    return f"interpolated {baseline.order}-gram (modified Kneser-Ney)"


def _which(split: Mapping[str, Any], sha256: str) -> str:
    """What is scored of the text with this fingerprint, and whether the model has seen it."""
    share = split["validation"]
    if sha256 == split["sha256"]:
        if isinstance(share, float):
            return f"the last {100 * share:g} %, held out from training"
        return "all of it, which the model was trained on"
    if sha256 in split.get("files", []):
        return "all of it, which the model was trained on (at least in part)"
    return "all of it, held out from training" if sha256 == share else "all of it"


def _unknown_share(tokenizer: Tokenizer, ids: NDArray[Any], start: int) -> float:
    """The share of the scored tokens that are the unknown one: the more there are, the less figures mean."""
    first, unknown = max(start, 1), tokenizer.unknown_id
    if unknown is None:
        return 0.0
    blocks = (ids[begin : begin + _BLOCK] for begin in range(first, len(ids), _BLOCK))
    return sum(int((block == unknown).sum()) for block in blocks) / (len(ids) - first)


def _score_baseline(baseline: NGram, ids: NDArray[Any], start: int) -> dict[str, float]:
    first, loss, right = max(start, 1), 0.0, 0.0
    for begin in range(first, len(ids), _BLOCK):
        block = np.asarray(ids[begin : begin + _BLOCK])
        context = np.asarray(ids[max(0, begin - baseline.order + 1) : begin])
        scores = baseline.evaluate(block, context)
        loss += scores["loss"] * len(block)
        right += scores["accuracy"] * len(block)
    count = len(ids) - first
    return {"loss": loss / count, "accuracy": right / count, "tokens": count}
