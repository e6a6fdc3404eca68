"""How good translations are, beside those that were wanted."""

from collections.abc import Sequence
from typing import Any

from ostinato.tasks._edit_distance import edit_distance
from ostinato.training import Figures


def translation_figures(outputs: Sequence[Any], references: Sequence[Any]) -> Figures:
    """Figures of translations, one or more.

    Args:
        outputs: texts, or lists of tokens.
        references: the same, what is right.

    Returns:
        `exact`, the share that is right to the letter. Of texts `bleu` (Papineni et al. 2002) and `chrf`
        (Popović 2015), 0 to 100, by sacrebleu with its own settings. Of lists of tokens `error_rate`: the
        edits that make the references of the outputs (Levenshtein), per token of the references.
    """
    pairs = list(zip(outputs, references, strict=True))
    exact = sum(list(output) == list(reference) for output, reference in pairs) / len(pairs)
    if isinstance(references[0], str):
        return {**_text_figures(outputs, references), "exact": exact}
    edits = sum(edit_distance(output, reference) for output, reference in pairs)
    return {"error_rate": edits / sum(map(len, references)), "exact": exact}


def _text_figures(outputs: Sequence[str], references: Sequence[str]) -> Figures:
    from sacrebleu import BLEU, CHRF

    # `force`: no remark on texts that look tokenised.
    return {
        "bleu": float(BLEU(force=True).corpus_score(outputs, [references]).score),
        "chrf": float(CHRF().corpus_score(outputs, [references]).score),
    }
