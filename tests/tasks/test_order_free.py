import numpy as np
import pytest

from ostinato._errors import InputError
from ostinato.data import Ragged
from ostinato.tasks._order_free import OrderFree, flat_steps, summary_size

rng = np.random.default_rng(0)


def token_sequences(count=30):
    return Ragged.of([rng.integers(0, 5, rng.integers(1, 6)).astype(np.int32) for _ in range(count)])


def vector_sequences(count=30):
    return Ragged.of([rng.normal(size=(rng.integers(1, 6), 2)).astype(np.float32) for _ in range(count)])


SEQUENCES = {"tokens": (token_sequences(), 5), "vectors": (vector_sequences(), 0)}


@pytest.mark.parametrize(("sequences", "vocabulary"), SEQUENCES.values(), ids=SEQUENCES)
@pytest.mark.parametrize("outputs", [2, 3], ids=["two classes", "three"])
def test_it_learns_what_does_not_depend_on_the_order(sequences, vocabulary, outputs):
    amounts = np.array([(s == 0).mean() if vocabulary else s[:, 0].mean() for s in sequences])
    targets = np.digitize(amounts, np.quantile(amounts, [0.5] if outputs == 2 else [0.3, 0.6]))
    baseline = OrderFree.fit(sequences, targets, outputs, vocabulary)
    scores = baseline.outputs(sequences)
    assert (scores.shape, scores.dtype) == ((30, outputs), np.float32)
    assert (scores.argmax(1) == targets).mean() > 0.7


@pytest.mark.parametrize(("sequences", "vocabulary"), SEQUENCES.values(), ids=SEQUENCES)
def test_the_order_of_steps_is_nothing_to_it(sequences, vocabulary):
    baseline = OrderFree.fit(sequences, np.arange(30) % 2, 2, vocabulary)
    backwards = Ragged.of([sequence[::-1] for sequence in sequences])
    np.testing.assert_allclose(baseline.outputs(backwards), baseline.outputs(sequences), atol=1e-5)


def test_numbers_are_a_ridge_regression():
    sequences = vector_sequences()
    means = np.stack([sequence.mean(0) for sequence in sequences]).astype(np.float32)
    outputs = OrderFree.fit(sequences, means, 2, 0).outputs(sequences)
    assert np.square(outputs - means).mean() < 0.1 * means.var()


def test_classes_that_do_not_occur_are_unlikely():
    sequences = token_sequences()
    scores = OrderFree.fit(sequences, np.array([1, 3] * 15), 4, 5).outputs(sequences)
    assert set(scores.argmax(1).tolist()) <= {1, 3}


def test_one_class_only():
    sequences = token_sequences()
    assert (OrderFree.fit(sequences, np.full(30, 2), 4, 5).outputs(sequences).argmax(1) == 2).all()


def test_one_sequence_only():
    one = Ragged.of([np.ones((3, 2), np.float32)])
    assert OrderFree.fit(one, np.array([[0.5]], np.float32), 1, 0).outputs(one) == pytest.approx(0.5)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 1), (8, 8, 3), (17, 33, 3)], ids=str)
def test_frames_are_seen_as_a_few_fields(shape):
    frames = np.full((2, *shape), 51, np.uint8)
    steps = flat_steps(frames)
    assert steps.shape == (2, min(8, shape[0]) * min(8, shape[1]) * shape[2])
    assert steps.mean() == pytest.approx(0.2, rel=0.25)


@pytest.mark.parametrize(
    ("sequence", "vocabulary"),
    [
        (np.zeros(3, np.int32), 5),
        (np.zeros((3, 4), np.float32), 0),
        (np.zeros((3, 5, 17, 3), np.uint8), 0),
    ],
    ids=["tokens", "vectors", "frames"],
)
def test_the_size_of_a_summary(sequence, vocabulary):
    baseline = OrderFree.fit(Ragged.of([sequence] * 2), np.array([0, 1]), 2, vocabulary)
    assert baseline.to_arrays()["weights"].shape == (2, summary_size(sequence.shape[1:], vocabulary))


@pytest.mark.parametrize(("sequences", "vocabulary"), SEQUENCES.values(), ids=SEQUENCES)
def test_arrays_round_trip(sequences, vocabulary):
    baseline = OrderFree.fit(sequences, np.arange(30) % 3, 3, vocabulary)
    again = OrderFree.from_arrays(baseline.to_arrays(), 3, vocabulary)
    np.testing.assert_allclose(again.outputs(sequences), baseline.outputs(sequences), atol=1e-4)
    assert again.name == baseline.name


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: arrays.pop("bias"),
        lambda arrays: arrays.update(extra=arrays["bias"]),
        lambda arrays: arrays.update(bias=arrays["bias"][:-1]),
        lambda arrays: arrays.update(bias=arrays["bias"].astype(np.float64)),
        lambda arrays: arrays.update(centre=arrays["centre"][None]),
        lambda arrays: arrays.update(scale=arrays["scale"] * np.nan),
        lambda arrays: arrays.update({n: arrays[n][..., :-1] for n in ("centre", "scale", "weights")}),
    ],
    ids=["less", "more", "shape", "double", "dimensions", "nan", "features"],
)
def test_a_stranger_s_arrays(change):
    arrays = OrderFree.fit(vector_sequences(), np.arange(30) % 3, 3, 0).to_arrays()
    change(arrays)
    with pytest.raises(InputError, match="baseline"):
        OrderFree.from_arrays(arrays, 3, 0, summary_size((2,), 0))
