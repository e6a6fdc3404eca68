"""A translator's network without torch, against the one that is trained."""

import numpy as np
import pytest
import torch

from ostinato.nn import EncoderDecoder as Trained
from ostinato.runtime._encoder_decoder import EncoderDecoder

S, T, B, IDS, K = 7, 5, 3, 6, 9
SOURCE_LENGTHS = np.array([7, 1, 4])


def networks(cell, layers, attention, marks):
    torch.manual_seed(0)
    sizes = {"embedding_size": 5, "hidden_size": 4, "cell": cell, "num_layers": layers}
    sizes["attention"] = attention
    trained = Trained(IDS, K, marks, **sizes, dropout=0.2, embedding_dropout=0.1).eval()
    for parameter in trained.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    network = EncoderDecoder(IDS, K, marks, sizes)
    weights = {name: tensor.detach().numpy() for name, tensor in trained.state_dict().items()}
    assert network.shapes() == {name: array.shape for name, array in weights.items()}
    network.load(weights, "float32")
    return trained, network


@pytest.mark.parametrize("marks", [0, 2])
@pytest.mark.parametrize("attention", [True, False], ids=["attention", "none"])
@pytest.mark.parametrize(("cell", "layers"), [("gru", 1), ("lstm", 3), ("rnn", 2)])
class TestNetwork:
    def draw(self, marks):
        rng = np.random.default_rng(marks)
        return rng.integers(0, IDS + K + marks, (S, B)), rng.integers(0, K, (T, B))

    def test_whole_targets(self, cell, layers, attention, marks):
        trained, network = networks(cell, layers, attention, marks)
        source, ids = self.draw(marks)
        with torch.inference_mode():
            memory = trained.encode(*map(torch.from_numpy, (source, SOURCE_LENGTHS)))
            expected, _, weights = trained.decode(memory, torch.from_numpy(ids))
        mine, _, attended = network.decode(network.encode(source, SOURCE_LENGTHS), ids)
        np.testing.assert_allclose(mine, expected, atol=2e-5)
        assert (attended is None) == (weights is None)
        if attended is not None:
            np.testing.assert_allclose(attended, weights, atol=1e-6)

    def test_step_by_step_from_chosen_rows(self, cell, layers, attention, marks):
        trained, network = networks(cell, layers, attention, marks)
        source, ids = self.draw(marks)
        rows = np.array([2, 0, 0, 1])
        with torch.inference_mode():
            theirs = trained.encode(*map(torch.from_numpy, (source, SOURCE_LENGTHS)))
            ours, states = network.encode(source, SOURCE_LENGTHS), (None, None)
            for t in range(T):
                if t == 2:
                    theirs, ours = theirs.take(torch.from_numpy(rows)), ours.take(rows)
                    states = states[0].take(torch.from_numpy(rows)), states[1].take(rows)
                step = ids[t : t + 1] if t < 2 else ids[t : t + 1][:, rows]
                expected, first, _ = trained.decode(theirs, torch.from_numpy(step), state=states[0])
                mine, second, _ = network.decode(ours, step, states[1])
                states = first, second
                np.testing.assert_allclose(mine, expected, atol=2e-5)
