"""onnxruntime: forward only."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from _peers import Arrays, Peer
from _rows import Problem, Row


class OnnxRuntime(Peer):
    """onnxruntime: one node, the weights as constants, which it packs when it loads them."""

    name = "onnxruntime"

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        # Its threads would go on spinning while the others are timed.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        self.session = onnxruntime.InferenceSession(
            onnx_model(problem), options, providers=["CPUExecutionProvider"]
        )
        self.inputs = {"x": problem.x.numpy()}
        self.inputs |= {f"{s}0": a.numpy() for s, a in zip("hc", problem.states, strict=False)}

    @classmethod
    def takes(cls, row: Row) -> bool:
        """It does not train."""
        return not row.trains

    def __call__(self, call: int) -> Sequence[NDArray[np.float32]]:
        """Y (T, D, B, H), h, c."""
        lengths = self.problem.lengths_of(call)
        if lengths is not None:
            self.inputs["lengths"] = lengths.numpy().astype(np.int32)
        outputs: Sequence[NDArray[np.float32]] = self.session.run(None, self.inputs)
        return outputs

    def arrays(self, result: Sequence[NDArray[np.float32]]) -> Arrays:
        """Directions side by side."""
        y, *states = result
        y = y.transpose(0, 2, 1, 3).reshape(*self.problem.dy.shape)
        return self.problem.named((y, *states))


def onnx_model(problem: Problem) -> bytes:
    """A graph of one RNN, GRU or LSTM node.

    ONNX orders a GRU's gates z r n, an LSTM's i o f g, and has both biases in one array.
    """
    row = problem.row
    order = {"rnn": [0], "gru": [1, 0, 2], "lstm": [0, 3, 1, 2]}[row.cell]

    def gathered(*names: str) -> NDArray[np.float32]:
        """(D, ·): parameters of each direction, one after the other, gates reordered."""
        suffixes = ["_l0", "_l0_reverse"][: row.directions]
        parts = [[np.split(problem.weights[n + s].numpy(), len(order)) for n in names] for s in suffixes]
        return np.stack([np.concatenate([p[k] for p in direction for k in order]) for direction in parts])

    constants = {"W": gathered("weight_ih"), "R": gathered("weight_hh"), "B": gathered("bias_ih", "bias_hh")}
    states = ["h", "c"][: len(problem.states)]
    inputs = {"x": TensorProto.FLOAT} | {f"{s}0": TensorProto.FLOAT for s in states}
    if row.lengths:
        inputs["lengths"] = TensorProto.INT32
    options: dict[str, Any] = {"linear_before_reset": 1} if row.cell == "gru" else {}
    node = helper.make_node(
        row.cell.upper(),
        ["x", *constants, "lengths" if row.lengths else "", *(f"{s}0" for s in states)],
        ["y", *states],
        hidden_size=row.H,
        direction="bidirectional" if row.bidirectional else "forward",
        **options,
    )
    graph = helper.make_graph(
        [node],
        row.cell,
        [helper.make_tensor_value_info(name, kind, None) for name, kind in inputs.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("y", *states)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    serialised: bytes = model.SerializeToString()
    return serialised


PEERS = (OnnxRuntime,)
