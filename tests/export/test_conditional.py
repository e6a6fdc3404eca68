"""A generator's graph gives what its network and its targets give."""

import json

import numpy as np
import pytest
import torch

from ostinato import Generator
from ostinato.data import CharacterTokenizer, ClassConditions, Labels, Scaler
from ostinato.data._conditions import NumberConditions
from ostinato.nn import LAYERS, ClassCondition, ConditionalNetwork, TokenInput, VectorCondition
from ostinato.tasks._generator_numbers import NumberTargets
from ostinato.tasks._generator_texts import TextTargets

from .conftest import CLOSE, Running, shaken, states


def network(inputs, condition, outputs, cell):
    return shaken(
        ConditionalNetwork(
            inputs,
            condition,
            outputs,
            cell=cell,
            hidden_size=5,
            num_layers=2,
            condition_size=3,
            dropout=0.5,
        )
    )


def writer(cell, embedding_size=3):
    """A generator of texts, for words."""
    model = Generator(cell=cell)
    model.encoder_ = ClassConditions(Labels.learn(["가", "나"]))
    model.targets_ = TextTargets(CharacterTokenizer(list("abc")), 9)
    model.network_ = network(TokenInput(6, embedding_size), ClassCondition(2), 5, cell)
    return model


def drawer(cell):
    """A generator of pairs of numbers, for numbers that may be missing."""
    model = Generator(cell=cell)
    model.encoder_ = NumberConditions(Scaler(np.array([3.0]), np.array([2.0]), np.array([True])))
    model.targets_ = NumberTargets(
        Scaler(np.array([5.0, -40.0]), np.array([2.0, 9.0]), np.zeros(2, bool)), False, 4
    )
    model.network_ = network(model.targets_.inputs({}), VectorCondition(2), 5, cell)
    return model


def forward(model, x, condition, lengths):
    with torch.no_grad():
        x, condition = torch.from_numpy(x), torch.from_numpy(condition)
        outputs, state = model.network_(x, condition, torch.as_tensor(lengths))
    return outputs.numpy(), state


@pytest.mark.parametrize("embedding_size", [3, None], ids=["embedding", "one-hot"])
@pytest.mark.parametrize("cell", LAYERS)
def test_texts_of_any_number_and_length(cell, embedding_size, numbers):
    model = writer(cell, embedding_size)
    run = Running(model)
    for T, lengths in [(1, [1]), (6, [6, 0, 2, 5])]:
        B = len(lengths)
        ids, condition = numbers.integers(6, size=(T, B)), numbers.integers(2, size=B)
        results = run(ids=ids, condition=condition, lengths=np.array(lengths), **run.beginning(B))
        outputs, state = forward(model, ids, condition, lengths)
        for row, length in enumerate(lengths):
            np.testing.assert_allclose(results["logits"][:length, row], outputs[:length, row], **CLOSE)
        for letter, value in zip("hc", state, strict=False):
            np.testing.assert_allclose(results[f"{letter}_n"], value.numpy(), **CLOSE)


@pytest.mark.parametrize("step", [False, True], ids=["one at a time", "a step"])
@pytest.mark.parametrize("cell", LAYERS)
def test_texts_step_by_step(cell, step, numbers):
    model = writer(cell)
    run = Running(model, step=step)
    ids, condition = numbers.integers(6, size=(5, 2)), np.array([1, 0])
    outputs, _ = forward(model, ids, condition, [5, 5])
    state = run.beginning(2)
    for t in range(5):
        given = {"ids": ids[t]} if step else {"ids": ids[t : t + 1], "lengths": np.array([1, 1])}
        results = run(**given, condition=condition, **state)
        state = states(results)
        np.testing.assert_allclose(results["logits"].reshape(2, -1), outputs[t], **CLOSE)


def distribution(model, values, condition, lengths):
    """Means, deviations and the end's probability after each step of values (T, B, 2), in their own units."""
    targets = model.targets_
    steps = np.stack([targets.scaled(values[:, row]) for row in range(values.shape[1])], axis=1)
    steps[0] = targets.begin
    outputs, _ = forward(model, targets.read(steps, 0), model.encoder_.scaler.transform(condition), lengths)
    mean, deviation, ends = targets.distribution(outputs)
    return targets.scaler.restore(mean), deviation * targets.scaler.scale, 1 / (1 + np.exp(-ends))


@pytest.mark.parametrize("cell", LAYERS)
def test_numbers_of_any_number_and_length(cell, numbers):
    model = drawer(cell)
    run = Running(model)
    for T, lengths in [(1, [1]), (6, [6, 1, 3])]:
        B = len(lengths)
        values = (numbers.normal(size=(T, B, 2)) * [2, 9] + [5, -40]).astype(np.float32)
        condition = numbers.normal(size=(B, 1)).astype(np.float32)
        condition[0] = np.nan
        results = run(x=values, condition=condition, lengths=np.array(lengths), **run.beginning(B))
        expected = distribution(model, values, condition, lengths)
        for name, value in zip(["mean", "deviation", "end"], expected, strict=True):
            for row, length in enumerate(lengths):
                np.testing.assert_allclose(
                    results[name][:length, row], value[:length, row], rtol=1e-5, atol=1e-4
                )


@pytest.mark.parametrize("cell", LAYERS)
def test_numbers_step_by_step(cell, numbers):
    model = drawer(cell)
    run = Running(model, step=True)
    values = (numbers.normal(size=(6, 2, 2)) * [2, 9] + [5, -40]).astype(np.float32)
    condition = numbers.normal(size=(2, 1)).astype(np.float32)
    expected = distribution(model, values, condition, [6, 6])
    values[0] = np.nan  # what a row reads first is the beginning, whatever is given
    state = run.beginning(2)
    for t in range(6):
        results = run(x=values[t], condition=condition, **state)
        state = states(results)
        for name, value in zip(["mean", "deviation", "end"], expected, strict=True):
            np.testing.assert_allclose(results[name], value[t], rtol=1e-5, atol=1e-4)


def test_what_may_be_asked_for_is_in_the_file():
    metadata = Running(writer("gru")).metadata
    assert json.loads(metadata["conditions"]) == ["가", "나"]
    vocabulary = json.loads(metadata["vocabulary"])
    assert (vocabulary["end"], vocabulary["begin"]) == (4, 5)
