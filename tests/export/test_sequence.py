"""The graphs of classifiers and regressors give what their networks give, for each kind of input."""

import json

import numpy as np
import pytest
import torch

from ostinato import Classifier, InputError, Regressor
from ostinato.data import (
    CharacterTokenizer,
    Labels,
    Scaler,
    TextEncoder,
    TokenEncoder,
    VectorEncoder,
    Vocabulary,
    input_encoder_from_json,
)
from ostinato.nn import LAYERS, POOLINGS, FrameInput, SequenceNetwork, TokenInput, VectorInput
from ostinato.tasks._class_targets import ClassTargets
from ostinato.tasks._number_targets import NumberTargets

from .conftest import CLOSE, Running, shaken, states

LIVE = [pooling for pooling in POOLINGS if pooling != "attention"]
SCALER = Scaler(np.array([1e4, -2.0]), np.array([3.0, 0.5]), np.array([False, True]))
ENCODERS = {
    "embedding": (TextEncoder(CharacterTokenizer(list("abcd"))), TokenInput(5, 3)),
    "one-hot": (TokenEncoder(Vocabulary(["x", "y", "zz"])), TokenInput(4)),
    "vectors": (VectorEncoder(SCALER), VectorInput(3)),
    "windows": (VectorEncoder(SCALER), VectorInput(3, 2, (1.0, 0.3, 0.1))),
    "frames": (
        input_encoder_from_json({"kind": "video", "size": 9, "channels": 3, "frames_per_second": 2.0}),
        FrameInput(9, 9, 3),
    ),
    "pixels": (
        input_encoder_from_json({"kind": "video", "size": 8, "channels": 1, "frames_per_second": 2.0}),
        FrameInput(8, 8, 1, "pixels"),
    ),
}


def classifier(cell="gru", inputs="vectors", *, bidirectional=True, pooling="last+mean+max"):
    model = Classifier(cell=cell, bidirectional=bidirectional, pooling=pooling)
    model.encoder_, description = ENCODERS[inputs]
    model.targets_ = ClassTargets(Labels.learn(["가", "b", "c", "d"]))
    model.network_ = sequence_network(description, 4, cell, bidirectional, pooling)
    return model


def regressor(cell, *, bidirectional=False):
    model = Regressor(cell=cell, bidirectional=bidirectional)
    model.encoder_, description = ENCODERS["vectors"]
    model.targets_ = NumberTargets(
        Scaler(np.array([7.0, -1e3]), np.array([2.0, 50.0]), np.zeros(2, bool)), False
    )
    model.network_ = sequence_network(description, 2, cell, bidirectional, "mean")
    return model


def sequence_network(description, outputs, cell, bidirectional, pooling):
    network = SequenceNetwork(
        description,
        outputs,
        cell=cell,
        hidden_size=4,
        num_layers=2,
        bidirectional=bidirectional,
        dropout=0.5,
        pooling=pooling,
    )
    return shaken(network)


def batch(inputs, numbers, T, lengths):
    """What the graph reads, by name, and what the network reads of it."""
    encoder, description = ENCODERS[inputs]
    shape, name = (T, len(lengths)), {"vectors": "x", "windows": "x", "frames": "frames", "pixels": "frames"}
    if isinstance(description, TokenInput):
        given = read = numbers.integers(description.vocabulary_size, size=shape)
    elif isinstance(description, FrameInput):
        given = read = numbers.integers(256, size=(*shape, *encoder.element)).astype(np.uint8)
    else:
        given = (numbers.normal(size=(*shape, 2)) * [6, 3] + [1e4, -2]).astype(np.float32)
        given[numbers.random(given.shape) < 0.1] = np.nan
        read = np.stack([encoder.encode(given[:, row]) for row in range(len(lengths))], axis=1)
    return {name.get(inputs, "ids"): given}, torch.from_numpy(read)


def forward(model, x, lengths):
    with torch.no_grad():
        return model.network_(x, torch.as_tensor(lengths)).numpy()


@pytest.mark.parametrize("bidirectional", [False, True], ids=["causal", "bidirectional"])
@pytest.mark.parametrize("inputs", ENCODERS)
@pytest.mark.parametrize("cell", LAYERS)
def test_a_classifier_of_any_batch(cell, inputs, bidirectional, numbers):
    model = classifier(cell, inputs, bidirectional=bidirectional)
    run = Running(model)
    for T, lengths in [(1, [1]), (7, [7, 2, 1, 6]), (4, [3, 4])]:
        given, x = batch(inputs, numbers, T, lengths)
        results = run(**given, lengths=np.array(lengths), **run.beginning(len(lengths)))
        np.testing.assert_allclose(results["logits"], forward(model, x, lengths), **CLOSE)
        np.testing.assert_allclose(results["probabilities"].sum(1), 1, **CLOSE)


@pytest.mark.parametrize("bidirectional", [False, True], ids=["causal", "bidirectional"])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_each_pooling(pooling, bidirectional, numbers):
    model = classifier(pooling=pooling, bidirectional=bidirectional)
    run, lengths = Running(model), [7, 2, 1, 6]
    given, x = batch("vectors", numbers, 7, lengths)
    results = run(**given, lengths=np.array(lengths), **run.beginning(4))
    np.testing.assert_allclose(results["logits"], forward(model, x, lengths), **CLOSE)


@pytest.mark.parametrize("inputs", ["vectors", "windows"])
def test_what_stands_in_the_padding_is_not_read(inputs, numbers):
    run, lengths = Running(classifier(inputs=inputs)), np.array([7, 2, 1, 6])
    given, _ = batch(inputs, numbers, 7, lengths)
    results = run(**given, lengths=lengths)
    given["x"][np.arange(7)[:, None] >= lengths] = np.inf
    np.testing.assert_array_equal(run(**given, lengths=lengths)["logits"], results["logits"])


@pytest.mark.parametrize("pooling", LIVE)
@pytest.mark.parametrize("cell", LAYERS)
def test_in_pieces_of_any_length(cell, pooling, numbers):
    model = classifier(cell, bidirectional=False, pooling=pooling)
    run, lengths = Running(model), np.array([9, 4])
    given, x = batch("vectors", numbers, 9, lengths)
    results = run(x=given["x"][:3], lengths=np.array([3, 1]), **run.beginning(2))
    rest = np.stack([given["x"][3:, 0], given["x"][1:7, 1]], axis=1)
    results = run(x=rest, lengths=lengths - [3, 1], **states(results))
    np.testing.assert_allclose(results["logits"], forward(model, x, lengths), **CLOSE)


@pytest.mark.parametrize("pooling", LIVE)
@pytest.mark.parametrize("cell", LAYERS)
def test_step_by_step_after_each_step_what_the_whole_so_far_gives(cell, pooling, numbers):
    model = classifier(cell, bidirectional=False, pooling=pooling)
    run = Running(model, step=True)
    given, x = batch("vectors", numbers, 5, [5, 5])
    state = run.beginning(2)
    for t in range(5):
        results = run(x=given["x"][t], **state)
        state = states(results)
        np.testing.assert_allclose(results["logits"], forward(model, x[: t + 1], [t + 1] * 2), **CLOSE)


@pytest.mark.parametrize(
    ("options", "instead"),
    [
        ({"bidirectional": True}, "--causal"),
        ({"bidirectional": True, "inputs": "windows"}, "--causal"),
        ({"bidirectional": False, "inputs": "windows"}, "--causal"),
        ({"bidirectional": False, "pooling": "attention"}, "--pooling last"),
    ],
    ids=str,
)
def test_a_step_of_what_needs_whole_sequences_is_refused(options, instead):
    with pytest.raises(InputError, match=f"train one with {instead}"):
        Running(classifier(**options), step=True)


@pytest.mark.parametrize("bidirectional", [False, True], ids=["causal", "bidirectional"])
@pytest.mark.parametrize("cell", LAYERS)
def test_a_regressor_gives_numbers_in_their_own_units(cell, bidirectional, numbers):
    model = regressor(cell, bidirectional=bidirectional)
    run = Running(model)
    for T, lengths in [(1, [1]), (6, [6, 2, 5])]:
        given, x = batch("vectors", numbers, T, lengths)
        results = run(**given, lengths=np.array(lengths), **run.beginning(len(lengths)))
        values = model.targets_.restore(forward(model, x, lengths))
        np.testing.assert_allclose(results["values"], values, rtol=1e-5, atol=5e-4)


@pytest.mark.parametrize("cell", LAYERS)
def test_a_regressor_step_by_step(cell, numbers):
    model = regressor(cell)
    run = Running(model, step=True)
    given, x = batch("vectors", numbers, 4, [4])
    state = run.beginning(1)
    for t in range(4):
        results = run(x=given["x"][t], **state)
        state = states(results)
    values = model.targets_.restore(forward(model, x, [4]))
    np.testing.assert_allclose(results["values"], values, rtol=1e-5, atol=5e-4)


def test_labels_and_vocabulary_are_in_the_file():
    metadata = Running(classifier(inputs="one-hot")).metadata
    assert json.loads(metadata["labels"]) == ["b", "c", "d", "가"]
    assert json.loads(metadata["vocabulary"])["tokens"] == ["\ufffd", "x", "y", "zz"]


def test_how_frames_are_taken_is_in_the_file():
    metadata = Running(classifier(inputs="pixels")).metadata
    assert json.loads(metadata["recordings"]) == {
        "kind": "video",
        "size": 8,
        "channels": 1,
        "frames_per_second": 2.0,
    }
