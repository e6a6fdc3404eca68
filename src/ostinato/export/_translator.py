"""A translator: what was read in and what was written so far in, the likelihood of what comes next out.

A search over translations takes two files. The whole graph reads sources and the beginnings of their targets;
what it keeps of the sources and its state are outputs, with which the graph of one step goes on.
"""

from typing import Any, NamedTuple, cast

import numpy as np

from ostinato.data import SentenceEncoder, TextSentences, TokenSentences
from ostinato.export._attention import attend, copies, keys
from ostinato.export._graph import BATCH, TIME, Graph
from ostinato.export._layers import (
    Lengths,
    array_of,
    initial_states,
    last_state,
    lengths_input,
    linear,
    run_layers,
    state_names,
)
from ostinato.export._real import real_steps
from ostinato.export._vocabulary import tokenizer_metadata, vocabulary_metadata
from ostinato.nn import EncoderDecoder
from ostinato.tasks import Translator

SOURCE = "source_time"
_BEFORE = 3  # tokens that a pointer looks back on, beside the one that is read
_LEAST = 1e-12  # probability


class Memory(NamedTuple):
    """What is kept of the sources; the graph of a step has it as inputs. None without attention."""

    outputs: str | None
    lengths: str | None
    keys: tuple[str, ...]
    read: str | None
    summary: str | None
    """With attention, None: it is not asked for."""


def translator(graph: Graph, model: Translator) -> dict[str, Any]:
    """Grow the graph of a fitted translator, and tell what goes with it."""
    network = model.network_
    names = state_names(network.decoder[0])
    if graph.step:
        memory, state, before = _given(graph, network)
        lengths = None
    else:
        memory, state, before = _read(graph, network)
        _keep(graph, network, memory)
        lengths = lengths_input(graph, least=0)
    what = "token ids of the target, 0 to {}: the beginning, then what was written"
    ids = graph.input("ids", np.int64, [TIME, BATCH], what.format(network.target_ids - 1))
    log_probs, weights, finals, written = _decode(graph, network, memory, ids, lengths, state, before)
    what = "the logarithm of the probability of each token that may come next"
    graph.output(log_probs, "log_probs", np.float32, [TIME, BATCH, network.target_ids], what)
    if weights is not None:
        what = "how much each step of the source was attended to"
        graph.output(weights, "attention", np.float32, [TIME, BATCH, SOURCE], what)
    L, H = len(network.decoder), network.decoder[0].hidden_size
    for name, final in zip(names, finals, strict=True):
        what = f"what the decoder remembers: {name}_0 of its next step"
        graph.output(final, f"{name}_n", np.float32, [L, BATCH, H], what)
    if written is not None:
        what = "the tokens that were read before the last one: written_0 of the next step"
        graph.output(written, "written_n", np.int64, [_BEFORE, BATCH], what)
    return _metadata(model)


def _given(graph: Graph, network: EncoderDecoder) -> tuple[Memory, list[str], str | None]:
    """What the graph of a step is given: memory, state, and the tokens before."""
    H = network.decoder[0].hidden_size
    states = [
        graph.input(f"{name}_0", np.float32, [len(network.decoder), BATCH, H], f"{name}_n of the call before")
        for name in state_names(network.decoder[0])
    ]
    if network.attention is None:
        summary = graph.input("summary", np.float32, [BATCH, 2 * H], "of the graph that read the sources")
        return Memory(None, None, (), None, summary), states, None
    what = "of the graph that read the sources"
    memory = Memory(
        graph.input("memory", np.float32, [SOURCE, BATCH, 2 * H], what),
        graph.input("source_lengths", np.int64, [BATCH], "how many steps of each source are real"),
        tuple(graph.input(name, np.float32, [SOURCE, BATCH, H], what) for name in _KEYS),
        graph.input("read", np.int64, [SOURCE, BATCH], what),
        None,
    )
    before = graph.input("written_0", np.int64, [_BEFORE, BATCH], "written_n of the call before")
    return memory, states, before


_KEYS = ("attention_keys", "pointer_keys")


def _read(graph: Graph, network: EncoderDecoder) -> tuple[Memory, list[str], str | None]:
    """Read sources: what is kept of them, and what a decoder begins with."""
    V = network.embedding.num_embeddings
    source = graph.input("source", np.int64, [SOURCE, BATCH], f"token ids of the source, 0 to {V - 1}")
    what = "how many steps of each source are real, from 1 to source_time"
    given = graph.input("source_lengths", np.int64, [BATCH], what)
    lengths = Lengths(given, graph("Cast", given, to=6))
    first, *above = network.encoder
    y, state = run_layers(graph, first, _vectors(graph, network, source, 0), lengths)
    for layer in above:
        z, state = run_layers(graph, layer, y, lengths)
        y = graph("Add", y, z)
    summary = last_state(graph, first, state[0])
    count = len(state_names(first))
    L, H = len(network.decoder), network.decoder[0].hidden_size
    states = initial_states(graph, linear(graph, network.initial_state, summary), count, L, H)
    if network.attention is None or network.pointer is None:
        return Memory(None, None, (), None, summary), states, None
    read = graph("Sub", source, graph.integer(network.source_ids))
    read = graph("Where", real_steps(graph, source, lengths), read, graph.integer(-1))
    read = graph("Min", read, graph.integer(network.target_ids - 1))
    asked = tuple(keys(graph, module, y) for module in (network.attention, network.pointer))
    size = graph("Concat", graph.ints(_BEFORE), graph("Shape", given), axis=0)
    return Memory(y, given, asked, read, None), states, graph("Expand", graph.integer(-1), size)


def _keep(graph: Graph, network: EncoderDecoder, memory: Memory) -> None:
    """Give what is kept of the sources, for the graph of a step."""
    M = 2 * network.decoder[0].hidden_size
    what = "of the sources, to be given to each step with the rows of their sequences"
    if memory.outputs is None or memory.read is None:
        graph.output(memory.summary or "", "summary", np.float32, [BATCH, M], what)
        return
    graph.output(memory.outputs, "memory", np.float32, [SOURCE, BATCH, M], what)
    for name, value in zip(_KEYS, memory.keys, strict=True):
        graph.output(value, name, np.float32, [SOURCE, BATCH, M // 2], what)
    graph.output(memory.read, "read", np.int64, [SOURCE, BATCH], what)


def _decode(
    graph: Graph,
    network: EncoderDecoder,
    memory: Memory,
    ids: str,
    lengths: Lengths | None,
    state: list[str],
    before: str | None,
) -> tuple[str, str | None, list[str], str | None]:
    """Log-probabilities (T, B, K), the weights of attention, the states after, and the tokens before."""
    first, *above = network.decoder
    L = len(network.decoder)
    initial = [[s] if L == 1 else graph.several(L, "Split", s, axis=0) for s in state]
    begins = [list(pieces) for pieces in zip(*initial, strict=True)]
    h, final = run_layers(graph, first, _vectors(graph, network, ids, network.source_ids), lengths, begins[0])
    c, weights = _context(graph, memory, h)
    finals = [final]
    y = graph("Concat", h, c, axis=2)
    for layer, begin in zip(above, begins[1:], strict=True):
        z, final = run_layers(graph, layer, y, lengths, begin)
        h = graph("Add", h, z)
        y = graph("Concat", h, c, axis=2)
        finals.append(final)
    after = [
        pieces[0] if L == 1 else graph("Concat", *pieces, axis=0) for pieces in zip(*finals, strict=True)
    ]
    if before is None or network.pointer is None or memory.read is None:
        return graph("LogSoftmax", _scores(graph, network, y), axis=2), weights, after, None
    written = graph("Concat", before, ids, axis=0)
    last = network.target_ids - 1
    copied = copies(graph, network.pointer, h, c, memory.keys[1], written, memory.read, last)
    log_probs = _with_copies(graph, _scores(graph, network, y), copied, memory.read)
    return log_probs, weights, after, _last_written(graph, written, lengths)


def _vectors(graph: Graph, network: EncoderDecoder, ids: str, first: int) -> str:
    """The vectors (T, B, E) of ids that count from `first` on."""
    table = array_of(network.embedding.weight) * np.float32(network.embedding.embedding_dim**0.5)
    shifted = graph("Add", ids, graph.integer(first)) if first else ids
    return graph("Gather", table, shifted, axis=0)


def _context(graph: Graph, memory: Memory, h: str) -> tuple[str, str | None]:
    if memory.outputs is None or memory.lengths is None:
        T = graph("Shape", h, start=0, end=1)
        size = graph("Concat", T, graph("Shape", memory.summary or ""), axis=0)
        return graph("Expand", memory.summary or "", size), None
    return attend(graph, h, memory.keys[0], memory.outputs, memory.lengths)


def _scores(graph: Graph, network: EncoderDecoder, y: str) -> str:
    """E tanh(W y + b) + b', (T, B, K): the embeddings are the last layer's weights too."""
    first, K = network.source_ids, network.target_ids
    E = array_of(network.embedding.weight)[first : first + K]
    features = graph("Tanh", linear(graph, network.combine, y))
    return graph("Add", graph("MatMul", features, np.ascontiguousarray(E.T)), array_of(network.bias))


def _with_copies(graph: Graph, scores: str, copied: str, read: str) -> str:
    """The logarithm of what is likely to be written, with what is copied (T, B, S)."""
    others = graph("Sub", graph.constant(1.0), graph("ReduceSum", copied, graph.ints(2)))
    probs = graph("Mul", graph("Softmax", scores, axis=2), others)
    tokens = graph("Transpose", graph("Max", read, graph.integer(0)), perm=[1, 0])
    tokens = graph("Expand", tokens, graph("Shape", copied))
    probs = graph("ScatterElements", probs, tokens, copied, axis=2, reduction="add")
    return graph("Log", graph("Max", probs, graph.constant(_LEAST)))


def _last_written(graph: Graph, written: str, lengths: Lengths | None) -> str:
    """(3, B): the tokens before the one that each row is to read next, of (3 + T, B)."""
    if lengths is None:
        return graph("Slice", written, graph.ints(1), graph.ints(1 + _BEFORE), graph.ints(0))
    places = graph("Add", lengths.int64, graph.constant(np.arange(_BEFORE)[:, None], np.int64))
    return graph("GatherElements", written, places, axis=0)


def _metadata(model: Translator) -> dict[str, Any]:
    sources, targets, network = model.encoder_, model.targets_.sentences, model.network_
    marks = network.source_ids + network.target_ids
    return {
        "source_vocabulary": _sentences(sources.sentences),
        "target_vocabulary": {**_sentences(targets), "first_in_source": network.source_ids},
        "marks": list(range(marks, network.embedding.num_embeddings)),
        "copied": None if sources.copier is None else sources.copier.to_json(),
    }


def _sentences(sentences: SentenceEncoder) -> dict[str, Any]:
    """A side's vocabulary, and what its other ids are."""
    others = {"slots": list(sentences.slots), "end": sentences.end, "begin": sentences.begin}
    if isinstance(sentences, TextSentences):
        return {**tokenizer_metadata(sentences.tokenizer), **others}
    return {**vocabulary_metadata(cast("TokenSentences", sentences).vocabulary), **others}
