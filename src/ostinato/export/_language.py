"""A language model: after each token a score for every one that may come next."""

import numpy as np

from ostinato.export._graph import BATCH, TIME, Graph
from ostinato.export._layers import lengths_input, linear, run_layers, state_inputs, state_outputs
from ostinato.export._steps import ids_input, token_vectors
from ostinato.export._vocabulary import tokenizer_metadata
from ostinato.tasks import LanguageModel


def language_model(graph: Graph, model: LanguageModel) -> dict[str, object]:
    """Grow the graph of a fitted language model, and tell what goes with it."""
    network = model.network_
    V = network.decoder.out_features
    ids = ids_input(graph, V)
    lengths = lengths_input(graph, least=0)
    state = state_inputs(graph, network.recurrent)
    x = token_vectors(graph, ids, network.encoder, V)
    y, state = run_layers(graph, network.recurrent, x, lengths, state)
    logits = linear(graph, network.decoder, y)
    what = "a score for each token that may come next; their softmax is its probability"
    graph.output(logits, "logits", np.float32, [TIME, BATCH, V], what)
    state_outputs(graph, network.recurrent, state)
    return {"vocabulary": tokenizer_metadata(model.tokenizer_)}
