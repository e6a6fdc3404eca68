"""A tagger: a label for each step."""

from typing import Any

import numpy as np

from ostinato.export._crf import crf_outputs, likeliest_labels
from ostinato.export._graph import BATCH, TIME, Graph
from ostinato.export._sequence import sequence_scores
from ostinato.export._vocabulary import encoder_metadata
from ostinato.tasks import Tagger


def tagger(graph: Graph, model: Tagger) -> dict[str, Any]:
    """Grow the graph of a fitted tagger, and tell what goes with it."""
    crf = model.network_.crf
    K = len(model.classes_)
    logits, lengths = sequence_scores(graph, model.network_, model.encoder_)
    what = "a score for each label at each step, in the order of `labels`"
    graph.output(logits, "logits", np.float32, [TIME, BATCH, K], what)
    number = "its number in `labels`; past a row's length without meaning"
    if crf is None:
        probabilities = graph("Softmax", logits, axis=-1)
        what = "the probability of each label at each step"
        graph.output(probabilities, "probabilities", np.float32, [TIME, BATCH, K], what)
        labels = graph("ArgMax", logits, axis=-1, keepdims=0)
        graph.output(labels, "labels", np.int64, [TIME, BATCH], f"the likeliest label of each step: {number}")
    elif lengths is None:
        crf_outputs(graph, crf)  # the likeliest labelling depends on all steps
    else:
        labels = likeliest_labels(graph, crf, logits, lengths)
        what = f"each step's label in the likeliest labelling of the whole sequence: {number}"
        graph.output(labels, "labels", np.int64, [TIME, BATCH], what)
        crf_outputs(graph, crf)
    return {"labels": model.classes_.tolist(), **encoder_metadata(model.encoder_)}
