"""Models with random weights, and what onnxruntime makes of their files."""

import numpy as np
import onnxruntime
import pytest
import torch

from ostinato.export import onnx_model

CLOSE = {"rtol": 1e-5, "atol": 1e-5}


class Running:
    """A model in onnxruntime: called with arrays by name, it gives arrays by name."""

    def __init__(self, model, *, step=False):
        self.model = onnx_model(model, step=step)
        self.metadata = {entry.key: entry.value for entry in self.model.metadata_props}
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            self.model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self.inputs = {each.name: each for each in self.session.get_inputs()}
        self.outputs = [each.name for each in self.session.get_outputs()]

    def __call__(self, **arrays):
        return dict(zip(self.outputs, self.session.run(None, arrays), strict=True))

    def beginning(self, batch):
        """Zeros for every state."""
        types = {"tensor(float)": np.float32, "tensor(int64)": np.int64}
        return {
            name: np.zeros([batch if size == "batch" else size for size in each.shape], types[each.type])
            for name, each in self.inputs.items()
            if name.endswith("_0")
        }


def states(results):
    """What a call gives, as the next call takes it."""
    return {f"{name[:-2]}_0": value for name, value in results.items() if name.endswith("_n")}


def shaken(network, seed=0):
    """The same network with weights that are large enough to saturate some gates."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) * 0.6)
    return network.eval()


@pytest.fixture
def numbers():
    return np.random.default_rng(0)
