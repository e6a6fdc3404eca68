import numpy as np
import pytest
import torch

from ostinato.data import Ragged, Scaler
from ostinato.nn import SequenceNetwork, TokenInput, VectorInput
from ostinato.tasks import _sequence_objective
from ostinato.tasks._number_targets import NumberTargets
from ostinato.tasks._sequence_objective import SequenceObjective, batch_of, outputs_of

rng = np.random.default_rng(0)
SEQUENCES = Ragged.of([rng.normal(size=(length, 2)).astype(np.float32) for length in [3, 1, 7, 3, 5]])
TARGETS = rng.normal(size=(5, 1)).astype(np.float32)


def network(pooling="last+mean+max", inputs=VectorInput(2), **options):  # noqa: B008
    torch.manual_seed(0)
    small = {"cell": "gru", "hidden_size": 4, "num_layers": 1, "bidirectional": True, "dropout": 0.5}
    return SequenceNetwork(inputs, 1, pooling=pooling, **{**small, **options})


def objective(**options):
    targets = NumberTargets(Scaler(np.zeros(1), np.ones(1), np.zeros(1, bool)), True)
    parts = {"train": (SEQUENCES, TARGETS), "valid": (SEQUENCES, TARGETS), **options}
    return SequenceObjective(network(), targets, parts["train"], parts["valid"], batch_size=2, seed=0)


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "last+mean+max", "attention"])
def test_a_row_alone_is_told_the_same_as_among_others(pooling):
    model = network(pooling)
    together = outputs_of(model, SEQUENCES)
    alone = np.concatenate([outputs_of(model, SEQUENCES.take([row])) for row in range(5)])
    np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-6)


def test_the_order_of_rows_is_theirs_alone():
    model = network()
    order = [4, 2, 0, 1, 3]
    np.testing.assert_allclose(
        outputs_of(model, SEQUENCES.take(order)), outputs_of(model, SEQUENCES)[order], rtol=1e-5, atol=1e-6
    )


def test_outputs_without_pooling_are_a_row_a_step():
    outputs = outputs_of(network(None), SEQUENCES)
    assert outputs.lengths.tolist() == [3, 1, 7, 3, 5]
    assert outputs.values.shape == (19, 1)


def test_little_memory_makes_more_batches_not_other_numbers(monkeypatch):
    model = network()
    expected = outputs_of(model, SEQUENCES)
    monkeypatch.setattr(_sequence_objective, "AT_A_TIME", 1)
    np.testing.assert_allclose(outputs_of(model, SEQUENCES), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("training", [True, False])
def test_the_network_is_left_as_it_was(training):
    model = network().train(training)
    first, again = outputs_of(model, SEQUENCES), outputs_of(model, SEQUENCES)
    np.testing.assert_array_equal(first, again)
    assert model.training is training


def test_ids_reach_the_network_as_torch_wants_them():
    sequences = Ragged.of([np.array([1, 2], np.int32), np.array([3], np.int32)])
    x, lengths = batch_of(sequences, np.array([0, 1]), network(inputs=TokenInput(5, 3)))
    assert (x.dtype, x.tolist(), lengths.tolist()) == (torch.int64, [[1, 3], [2, 0]], [2, 1])


def test_an_epoch_is_every_sequence_once():
    goal = objective()
    assert goal.steps_per_epoch == 3
    steps = [goal.loss(0, index, ()) for index in range(3)]
    assert sum(step.tokens for step in steps) == 19
    assert all(step.state == () and step.loss.requires_grad for step in steps)


def test_the_loss_is_a_function_of_epoch_index_weights_and_torch_s_random_numbers():
    goal = objective()

    def loss():
        torch.manual_seed(3)
        return goal.loss(1, 2, ()).loss.item()

    first = loss()
    goal.loss(5, 0, ())
    goal.evaluate()
    assert loss() == first


def test_figures_are_on_what_is_held_out():
    assert objective().evaluate().keys() == {"loss", "mae", "rmse", "r2"}
    assert objective(valid=None).evaluate() == {}
