"""A language model's graph gives what its network gives."""

import json

import numpy as np
import pytest
import torch

from ostinato import LanguageModel
from ostinato.data import CharacterTokenizer
from ostinato.nn import LAYERS, LanguageNetwork

from .conftest import CLOSE, Running, shaken, states

TOKENS = "abcde"


def language_model(cell, *, embedding_size=3, num_layers=2):
    model = LanguageModel(cell=cell, num_layers=num_layers)
    model.tokenizer_ = CharacterTokenizer(list(TOKENS))
    network = LanguageNetwork(
        6, cell=cell, hidden_size=5, num_layers=num_layers, embedding_size=embedding_size, dropout=0.5
    )
    model.network_ = shaken(network)
    return model


def forward(model, ids, state=()):
    with torch.no_grad():
        logits, state = model.network_(torch.from_numpy(ids), state)
    return logits.numpy(), state


@pytest.mark.parametrize("embedding_size", [3, None], ids=["embedding", "one-hot"])
@pytest.mark.parametrize("cell", LAYERS)
def test_whole_sequences_of_any_number_and_length(cell, embedding_size, numbers):
    model = language_model(cell, embedding_size=embedding_size)
    run = Running(model)
    for T, B in [(1, 1), (7, 3), (4, 5)]:
        ids = numbers.integers(6, size=(T, B))
        results = run(ids=ids, lengths=np.full(B, T), **run.beginning(B))
        logits, state = forward(model, ids)
        np.testing.assert_allclose(results["logits"], logits, **CLOSE)
        for letter, value in zip("hc", state, strict=False):
            np.testing.assert_allclose(results[f"{letter}_n"], value.numpy(), **CLOSE)


@pytest.mark.parametrize("cell", LAYERS)
def test_rows_of_different_lengths(cell, numbers):
    model = language_model(cell)
    run = Running(model)
    ids, lengths = numbers.integers(6, size=(7, 4)), np.array([3, 7, 0, 1])
    begin = {name: numbers.normal(size=zeros.shape).astype("f") for name, zeros in run.beginning(4).items()}
    results = run(ids=ids, lengths=lengths, **begin)
    for row, length in enumerate(lengths):
        state = tuple(torch.from_numpy(begin[f"{x}_0"][:, row : row + 1]) for x in "hc" if f"{x}_0" in begin)
        if length:
            logits, state = forward(model, ids[:length, row : row + 1], state)
            np.testing.assert_allclose(results["logits"][:length, row], logits[:, 0], **CLOSE)
        for letter, value in zip("hc", state, strict=False):
            np.testing.assert_allclose(results[f"{letter}_n"][:, row], value[:, 0].numpy(), **CLOSE)


@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("cell", LAYERS)
def test_step_by_step(cell, num_layers, numbers):
    model = language_model(cell, num_layers=num_layers)
    run = Running(model, step=True)
    assert run.inputs["ids"].shape == ["batch"]
    ids = numbers.integers(6, size=(6, 3))
    logits, _ = forward(model, ids)
    state = run.beginning(3)
    for t in range(6):
        results = run(ids=ids[t], **state)
        state = states(results)
        np.testing.assert_allclose(results["logits"], logits[t], **CLOSE)


def test_the_vocabulary_is_in_the_file():
    vocabulary = json.loads(Running(language_model("gru")).metadata["vocabulary"])
    assert vocabulary["tokens"] == ["\ufffd", *TOKENS]
    assert vocabulary["unknown"] == 0
