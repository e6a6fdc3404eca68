import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ostinato import InputError
from ostinato._errors import ParameterError
from ostinato.data import SMALLEST_DEVIATION, Examples, seeded
from ostinato.tasks._generator_numbers import NumberTargets

PLAIN = {"temperature": 1.0, "top_k": None, "top_p": None}


def learned(targets):
    some = Examples(["x"] * len(targets), "text", targets, place="row {}".format)
    model = NumberTargets.learn(some, {})
    return model, model.encode(some)


def generator():
    return torch.Generator().manual_seed(0)


def certain_of_ending(probability, rows, D=1):
    """Outputs of standard Gaussians and this probability of the end."""
    outputs = np.zeros((rows, 2 * D + 1), np.float32)
    outputs[:, D : 2 * D] = math.log(math.expm1(1 - SMALLEST_DEVIATION))
    outputs[:, -1] = math.log(probability / (1 - probability))
    return outputs


def test_what_is_read_is_one_step_behind_what_is_to_come():
    model, encoded = learned([[1.0, 3.0], [1.0, 3.0, 2.0]])
    x, steps, lengths = model.batch(encoded, np.array([0]))
    assert x[:, 0, 1].tolist() == [1, 0, 0]
    assert steps[:, 0, 1].tolist() == [0, 0, 1]
    assert x[1:, 0, 0].tolist() == steps[:2, 0, 0].tolist()
    assert lengths.tolist() == [3]


def test_the_clock_goes_on_from_call_to_call_and_stands_still_past_the_longest():
    model, _ = learned([[1.0, 3.0], [1.0, 3.0, 2.0]])
    steps = np.random.default_rng(0).normal(size=(6, 2, 2)).astype(np.float32)
    whole = model.read(steps, 0)
    assert whole.shape[2] == model.inputs({}).size
    pieces = np.concatenate([model.read(steps[index : index + 1], index) for index in range(6)])
    np.testing.assert_array_equal(pieces, whole)
    clock = whole[:, 0, 2:]
    assert len({tuple(time) for time in clock.tolist()}) == 4
    np.testing.assert_array_equal(clock[3], clock[5])


def test_rows_that_began_at_other_times_have_other_clocks():
    model, _ = learned([[1.0, 3.0], [1.0, 3.0, 2.0]])
    steps = np.zeros((1, 2, 2), np.float32)
    both = model.read(steps, np.array([0, 2]))
    np.testing.assert_array_equal(both[:, :1], model.read(steps[:, :1], 0))
    np.testing.assert_array_equal(both[:, 1:], model.read(steps[:, 1:], 2))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(1, 3), st.data())
def test_sequences_come_back(lengths, D, data):
    numbers = st.floats(-1e6, 1e6, width=32)
    sequences = [data.draw(arrays(np.float32, (T, D), elements=numbers)) for T in lengths]
    model, encoded = learned(sequences)
    for sequence, steps in zip(sequences, encoded.steps, strict=True):
        assert steps[-1].tolist() == [0.0] * D + [1.0]
        np.testing.assert_allclose(model.decode(steps[:-1]), sequence, rtol=1e-3, atol=1 + 1e-4)


@pytest.mark.parametrize(("targets", "shape"), [([[1.0, 2.0]], (2,)), ([np.ones((2, 1))], (2, 1))])
def test_the_shape_is_that_of_training(targets, shape):
    model, encoded = learned(targets)
    assert model.decode(encoded.steps[0][:-1]).shape == shape


def test_nats_are_those_of_torchs_distributions():
    model, _ = learned([np.random.default_rng(0).normal(size=(9, 2))])
    outputs = torch.randn(4, 3, 5, generator=generator())
    steps = torch.cat([torch.randn(4, 3, 2, generator=generator()), torch.zeros(4, 3, 1)], -1)
    steps[-1] = torch.tensor([0.0, 0.0, 1.0])
    mean, deviation, ends = map(torch.from_numpy, model.distribution(outputs.numpy()))
    going = torch.distributions.Bernoulli(logits=ends).log_prob(steps[..., -1])
    values = torch.distributions.Normal(mean, deviation).log_prob(steps[..., :-1]).sum(-1)
    expected = -(going + values * (1 - steps[..., -1]))
    torch.testing.assert_close(model.nats(outputs, steps).double(), expected, rtol=1e-5, atol=1e-5)


def test_no_deviation_is_smaller_than_the_floor():
    model, _ = learned([[1.0, 2.0]])
    assert model.distribution(np.full(3, -1e4))[1].item() == pytest.approx(SMALLEST_DEVIATION)


@pytest.mark.parametrize("probability", [0.1, 0.5])
def test_lengths_come_as_often_as_they_should(probability):
    model, _ = learned([[1.0, 2.0]])
    rows = 4000
    drawing = model.drawing(rows, PLAIN, seeded(0))
    _, ended = drawing(certain_of_ending(probability, rows), first=True)
    assert not ended.any()
    for _ in range(3):
        _, ended = drawing(certain_of_ending(probability, rows), first=False)
        assert ended.mean() == pytest.approx(probability, abs=0.03)
        going = np.flatnonzero(~ended)
        drawing.keep(going)
        rows = len(going)


def test_at_temperature_0_the_length_is_the_median_and_the_numbers_are_the_means():
    model, _ = learned([[1.0, 2.0]])
    drawing = model.drawing(1, {**PLAIN, "temperature": 0.0}, seeded(0))
    outputs = certain_of_ending(0.2, 1)
    outputs[:, 0] = 0.7
    steps = [drawing(outputs, first=index == 0) for index in range(5)]
    assert [bool(ended) for _, ended in steps] == [False, False, False, False, True]  # 0.8 ** 4 < 1 / 2
    assert all(values.tolist() == [[pytest.approx(0.7), 0.0]] for values, _ in steps)


@pytest.mark.parametrize("option", [{"top_k": 3}, {"top_p": 0.5}])
def test_options_of_tokens_are_refused(option):
    model, _ = learned([[1.0, 2.0]])
    with pytest.raises(ParameterError, match=f"{next(iter(option))} chooses among tokens"):
        model.drawing(1, {**PLAIN, **option}, seeded(0))


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([[1.0], []], "targets of length 0: row 1; leave them out"),
        ([[1.0], [1.0, math.nan]], "the target of row 1 has no value at step 2: fill the gap"),
        ([[1.0], [math.inf]], "the target of row 1 has the value inf at step 1"),
        ([[1.0], [-math.inf]], "the target of row 1 has the value -inf at step 1"),
        ([[1.0], "ab"], "the target of row 1 is not a numeric sequence|the target of row 1 has 0 dimensions"),
        ([[1.0], 2.0], "the target of row 1 has 0 dimensions"),
        ([[[1.0]], [[1.0, 2.0]]], "the target of row 1 has 2 columns and the first one 1"),
        ([np.zeros((1, 1, 1))], "the target of row 0 has 3 dimensions"),
    ],
    ids=["empty", "nan", "infinity", "minus-infinity", "text", "number", "ragged", "3d"],
)
def test_bad_targets_are_named(targets, message):
    with pytest.raises(InputError, match=message):
        learned(targets)


def test_other_columns_than_in_training():
    model, _ = learned([np.zeros((2, 2))])
    with pytest.raises(InputError, match="have 1 columns and those of training had 2"):
        model.encode(Examples(["x"], "text", [[1.0, 2.0]]))


def test_json():
    model, encoded = learned([[1.0, 3.0], [1.0, 3.0, 2.0]])
    again = NumberTargets.from_json(model.to_json())
    assert (again.flat, again.longest) == (True, 3)
    np.testing.assert_array_equal(again.decode(encoded.steps[1][:-1]), model.decode(encoded.steps[1][:-1]))


@pytest.mark.parametrize(
    "change", [{"flat": None}, {"flat": 1}, {"scaler": {}}, {"longest": 0}], ids=lambda c: next(iter(c))
)
def test_damaged_json(change):
    model, _ = learned([[1.0, 3.0]])
    with pytest.raises(InputError):
        NumberTargets.from_json({**model.to_json(), **change})


def test_flat_of_two_columns():
    model, _ = learned([np.zeros((2, 2))])
    with pytest.raises(InputError, match="whether they are flat"):
        NumberTargets.from_json({**model.to_json(), "flat": True})
