"""A graph of ONNX operators that grows node by node."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, DTypeLike, NDArray
from onnx import helper, numpy_helper

from ostinato import __version__
from ostinato._errors import InputError

OPSET = 17  # of 2022: what still runs models runs it
_IR_VERSION = 8  # the file format that goes with it
_LARGEST = 2**31 - 2**20  # bytes; protobuf ends at 2 GiB

TIME, BATCH = "time", "batch"
Shape = Sequence[int | str]


class Graph:
    """Takes operators one by one and gives the names of what they compute.

    A name stands for a tensor. `graph("Add", a, b)` is a node's only output; arrays among the arguments
    become constants, and None leaves an optional input out.

    Args:
        name: of the graph.
        step: whether it reads a single time step: inputs and outputs that have one step after another, `TIME`
            first, then come without that dimension.
    """

    def __init__(self, name: str, *, step: bool = False) -> None:
        self.name = name
        self.step = step
        self._prefix = ""
        self._count = 0
        self._nodes: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._constants: list[Any] = []
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def __call__(self, operator: str, *inputs: str | NDArray[Any] | None, **attributes: Any) -> str:
        """The output of one more operator."""
        (output,) = self.several(1, operator, *inputs, **attributes)
        return output

    def several(
        self, count: int, operator: str, *inputs: str | NDArray[Any] | None, **attributes: Any
    ) -> list[str]:
        """The first `count` outputs of one more operator."""
        self._count += 1
        outputs = [f"{self._prefix}{operator}_{self._count}" + (f".{k}" if k else "") for k in range(count)]
        names = ["" if given is None else self._name(given) for given in inputs]
        while names and not names[-1]:
            names.pop()
        self._nodes.append(helper.make_node(operator, names, outputs, name=outputs[0], **attributes))
        return outputs

    def constant(self, value: ArrayLike, dtype: DTypeLike = np.float32) -> str:
        """An array that never changes; an equal one is the same."""
        array = np.ascontiguousarray(value, dtype).reshape(np.shape(value))
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._known:
            self._known[key] = f"constant_{len(self._known)}"
            self._constants.append(numpy_helper.from_array(array, self._known[key]))
        return self._known[key]

    def ints(self, *values: int) -> str:
        """A list of whole numbers, such as axes."""
        return self.constant(values, np.int64)

    def integer(self, value: int) -> str:
        """One whole number, without a dimension."""
        return self.constant(value, np.int64)

    def input(self, name: str, dtype: DTypeLike, shape: Shape, what: str) -> str:
        """What whoever runs the graph gives it; a step comes out of here as a sequence of one."""
        given = list(shape[1:]) if self._drops_time(shape) else shape
        self._inputs.append(_described(name, dtype, given, what))
        return name if given is shape else self("Unsqueeze", name, self.ints(0))

    def output(self, value: str, name: str, dtype: DTypeLike, shape: Shape, what: str) -> None:
        """What the graph gives whoever runs it."""
        given = list(shape[1:]) if self._drops_time(shape) else shape
        axes = [] if given is shape else [self.ints(0)]
        self._outputs.append(_described(name, dtype, given, what))
        operator = "Squeeze" if axes else "Identity"
        self._nodes.append(helper.make_node(operator, [value, *axes], [name], name=name))

    def inner(self, name: str) -> "Body":
        """A loop's body, which may use names of this graph."""
        return Body(self, name)

    def model(self, metadata: Mapping[str, Any]) -> onnx.ModelProto:
        """The whole as a model, checked.

        Args:
            metadata: JSON-able values that go with it; strings are written as they are.

        Raises:
            InputError: it is larger than an ONNX file can be.
        """
        size = sum(len(constant.raw_data) for constant in self._constants)
        if size > _LARGEST:
            raise InputError(
                f"the model has {size / 2**30:.1f} GiB of weights, and an ONNX file 2 GiB at most: train one "
                f"with a smaller hidden size or vocabulary"
            )
        model = helper.make_model(
            helper.make_graph(self._nodes, self.name, self._inputs, self._outputs, self._constants),
            producer_name="ostinato",
            producer_version=__version__,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=_IR_VERSION,
        )
        described = {
            "inputs": {each.name: each.doc_string for each in self._inputs},
            "outputs": {each.name: each.doc_string for each in self._outputs},
        }
        texts = {name: _text(value) for name, value in {**metadata, **described}.items()}
        helper.set_model_props(model, texts)
        onnx.checker.check_model(model, full_check=True)
        return model

    def _name(self, given: str | NDArray[Any]) -> str:
        return given if isinstance(given, str) else self.constant(given, given.dtype)

    def _drops_time(self, shape: Shape) -> bool:
        return self.step and len(shape) > 0 and shape[0] == TIME


class Body(Graph):
    """What a loop does at each step.

    Args:
        outer: the graph that the loop is in.
        name: of the body.
    """

    def __init__(self, outer: Graph, name: str) -> None:
        super().__init__(name)
        self._outer, self._prefix = outer, f"{name}."
        self._taken: list[str] = []

    def constant(self, value: ArrayLike, dtype: DTypeLike = np.float32) -> str:
        """A constant of the outer graph."""
        return self._outer.constant(value, dtype)

    def takes(self, *names: str) -> list[str]:
        """The body's inputs: what the loop carries on, then a step of each sequence."""
        self._taken = [f"{self.name}.{name}" for name in names]
        return self._taken

    def gives(self, *outputs: str) -> Any:
        """The body, whose outputs are what is carried on, then a step of each sequence."""
        inputs, given = (
            [onnx.ValueInfoProto(name=name) for name in names] for names in (self._taken, outputs)
        )
        return helper.make_graph(self._nodes, self.name, inputs, given)


def _described(name: str, dtype: DTypeLike, shape: Shape, what: str) -> Any:
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    return helper.make_tensor_value_info(name, kind, list(shape), doc_string=what)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, allow_nan=False)
