"""A tagger's graph gives what its network and its CRF give."""

import numpy as np
import pytest
import torch

from ostinato import Tagger
from ostinato.data import CharacterTokenizer, Labels, TextEncoder
from ostinato.nn import LAYERS, TaggingNetwork, TokenInput
from ostinato.tasks._tag_targets import TagTargets

from .conftest import CLOSE, Running, shaken, states

BATCHES = [(1, [1]), (7, [7, 2, 1, 6]), (4, [3, 4])]


def tagger(cell="gru", *, bidirectional=True, crf=False):
    model = Tagger(cell=cell, bidirectional=bidirectional, crf=crf)
    model.encoder_ = TextEncoder(CharacterTokenizer(list("abcde")))
    model.targets_ = TagTargets(Labels.learn([3, 1, 2]))
    network = TaggingNetwork(
        TokenInput(6, 3),
        3,
        cell=cell,
        hidden_size=4,
        num_layers=2,
        bidirectional=bidirectional,
        dropout=0.5,
        crf=crf,
    )
    model.network_ = shaken(network)
    return model


def forward(model, ids, lengths):
    with torch.no_grad():
        return model.network_(torch.from_numpy(ids), torch.as_tensor(lengths))


@pytest.mark.parametrize("bidirectional", [False, True], ids=["causal", "bidirectional"])
@pytest.mark.parametrize("cell", LAYERS)
def test_any_batch(cell, bidirectional, numbers):
    model = tagger(cell, bidirectional=bidirectional)
    run = Running(model)
    for T, lengths in BATCHES:
        ids = numbers.integers(6, size=(T, len(lengths)))
        results = run(ids=ids, lengths=np.array(lengths), **run.beginning(len(lengths)))
        logits = forward(model, ids, lengths)
        for row, length in enumerate(lengths):
            of_row = logits[:length, row]
            np.testing.assert_allclose(results["logits"][:length, row], of_row.numpy(), **CLOSE)
            np.testing.assert_allclose(
                results["probabilities"][:length, row], of_row.softmax(-1).numpy(), **CLOSE
            )
            np.testing.assert_array_equal(results["labels"][:length, row], of_row.argmax(-1).numpy())


@pytest.mark.parametrize("bidirectional", [False, True], ids=["causal", "bidirectional"])
@pytest.mark.parametrize("cell", LAYERS)
def test_the_likeliest_labelling_of_a_crf(cell, bidirectional, numbers):
    model = tagger(cell, bidirectional=bidirectional, crf=True)
    run, differs = Running(model), 0
    for T, lengths in BATCHES:
        ids = numbers.integers(6, size=(T, len(lengths)))
        results = run(ids=ids, lengths=np.array(lengths), **run.beginning(len(lengths)))
        logits = forward(model, ids, lengths)
        paths = model.network_.crf.decode(logits, torch.tensor(lengths))
        for row, length in enumerate(lengths):
            np.testing.assert_array_equal(results["labels"][:length, row], paths[row].numpy())
            differs += int((paths[row] != logits[:length, row].argmax(-1)).sum())
    assert differs > 0  # or the CRF would not have been asked


@pytest.mark.parametrize("crf", [False, True], ids=["alone", "crf"])
@pytest.mark.parametrize("cell", LAYERS)
def test_step_by_step(cell, crf, numbers):
    model = tagger(cell, bidirectional=False, crf=crf)
    run = Running(model, step=True)
    ids = numbers.integers(6, size=(5, 2))
    logits = forward(model, ids, [5, 5]).numpy()
    state = run.beginning(2)
    for t in range(5):
        results = run(ids=ids[t], **state)
        state = states(results)
        np.testing.assert_allclose(results["logits"], logits[t], **CLOSE)
    if crf:
        transitions = model.network_.crf.transitions.detach().numpy()
        np.testing.assert_array_equal(results["crf_transitions"], transitions)
