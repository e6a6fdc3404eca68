"""A translator's two graphs give what its network gives."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from ostinato import Translator
from ostinato.data import CharacterTokenizer, TextSentences, TokenSentences, Vocabulary
from ostinato.nn import LAYERS, EncoderDecoder

from .conftest import CLOSE, Running, shaken, states

OWN, TARGET, MARKS = 3, 8, 2
KEPT = ("memory", "attention_keys", "pointer_keys", "read", "summary")


def translator(cell="gru", *, attention=True, num_layers=2):
    model = Translator(cell=cell, attention=attention)
    target = TextSentences(CharacterTokenizer(list("abc")), 2)
    assert target.size == TARGET
    model.encoder_ = SimpleNamespace(sentences=TokenSentences(Vocabulary(["x", "y"])), copier=None)
    model.targets_ = SimpleNamespace(sentences=target)
    network = EncoderDecoder(
        OWN,
        TARGET,
        MARKS,
        embedding_size=4,
        cell=cell,
        hidden_size=5,
        num_layers=num_layers,
        attention=attention,
        dropout=0.5,
        embedding_dropout=0.5,
    )
    model.network_ = shaken(network)
    return model


@pytest.mark.parametrize("attention", [True, False], ids=["attention", "summary"])
@pytest.mark.parametrize("cell", LAYERS)
def test_sources_and_targets_of_any_number_and_length(cell, attention, numbers):
    model = translator(cell, attention=attention)
    run = Running(model)
    for S, source_lengths, T, lengths in [(1, [1], 1, [1]), (7, [7, 2, 5], 5, [3, 5, 1])]:
        B = len(lengths)
        source, ids = (
            numbers.integers(OWN + TARGET + MARKS, size=(S, B)),
            numbers.integers(TARGET, size=(T, B)),
        )
        arrays = {"source_lengths": np.array(source_lengths), "lengths": np.array(lengths)}
        results = run(source=source, ids=ids, **arrays)
        with torch.no_grad():
            memory = model.network_.encode(torch.from_numpy(source), torch.tensor(source_lengths))
            told = torch.from_numpy(ids), torch.tensor(lengths)
            log_probs, state, weights = model.network_.decode(memory, *told)
        for row, length in enumerate(lengths):
            np.testing.assert_allclose(
                results["log_probs"][:length, row], log_probs[:length, row].numpy(), **CLOSE
            )
            if attention:
                of_row = weights[:length, row].numpy()
                np.testing.assert_allclose(results["attention"][:length, row], of_row, **CLOSE)
        for letter, value in zip("hc", state.layers, strict=False):
            np.testing.assert_allclose(results[f"{letter}_n"], value.numpy(), **CLOSE)


@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("attention", [True, False], ids=["attention", "summary"])
@pytest.mark.parametrize("cell", LAYERS)
def test_step_by_step_in_another_order_of_rows(cell, attention, num_layers, numbers):
    """As in a beam search: several sequences of a source, any of which goes on in any row."""
    model = translator(cell, attention=attention, num_layers=num_layers)
    whole, step = Running(model), Running(model, step=True)
    source, source_lengths = numbers.integers(OWN + TARGET, size=(6, 2)), np.array([6, 4])
    ids = numbers.integers(TARGET, size=(6, 3))
    ids[0] = TARGET - 1
    begun = whole(source=source, source_lengths=source_lengths, ids=ids[:1, :2], lengths=np.array([1, 1]))
    rows = np.array([1, 0, 1])  # the sources of three sequences
    kept = {name: value[:, rows] for name, value in begun.items() if name in KEPT and name != "summary"}
    if attention:
        given = {**kept, "source_lengths": source_lengths[rows]}
    else:
        given = {"summary": begun["summary"][rows]}
    state = {name: value[:, rows] for name, value in states(begun).items()}
    with torch.no_grad():
        memory = model.network_.encode(torch.from_numpy(source), torch.from_numpy(source_lengths))
        log_probs, _, _ = model.network_.decode(memory.take(torch.from_numpy(rows)), torch.from_numpy(ids))
    for t in range(1, 6):
        results = step(ids=ids[t], **given, **state)
        state = states(results)
        np.testing.assert_allclose(results["log_probs"], log_probs[t].numpy(), **CLOSE)


def test_a_prefix_of_any_length_can_be_gone_on_from(numbers):
    model = translator()
    whole, step = Running(model), Running(model, step=True)
    source, source_lengths = numbers.integers(OWN + TARGET, size=(6, 2)), np.array([6, 4])
    ids, lengths = numbers.integers(TARGET, size=(5, 2)), np.array([4, 2])
    results = whole(source=source, source_lengths=source_lengths, ids=ids, lengths=lengths)
    kept = {name: results[name] for name in KEPT if name in results}
    given = {**kept, "source_lengths": source_lengths, **states(results)}
    after = step(ids=ids[lengths, [0, 1]], **given)["log_probs"]
    longer = whole(source=source, source_lengths=source_lengths, ids=ids, lengths=lengths + 1)["log_probs"]
    np.testing.assert_allclose(after, longer[lengths, [0, 1]], **CLOSE)


def test_both_vocabularies_are_in_the_file():
    metadata = Running(translator()).metadata
    source, target = (json.loads(metadata[f"{side}_vocabulary"]) for side in ("source", "target"))
    assert source["tokens"] == ["\ufffd", "x", "y"]
    assert target["tokens"] == ["\ufffd", "a", "b", "c"]
    assert (target["slots"], target["end"], target["begin"]) == ([4, 5], 6, 7)
    assert (target["first_in_source"], json.loads(metadata["marks"])) == (3, [11, 12])
