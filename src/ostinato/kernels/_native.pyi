"""The C++ kernels. Nothing is checked here: that is what the modules beside it are for."""

from collections.abc import Sequence

from ostinato.kernels._arrays import Array
from ostinato.kernels._call import Call
from ostinato.kernels._cells import Weights
from ostinato.kernels._kept import Kept
from ostinato.kernels._precision import StackLayer

_State = tuple[Array, ...]

def forward(
    call: Call,
    reverse: tuple[bool, ...],
    weights: tuple[Weights, ...],
    states: tuple[_State, ...],
    y: Array,
    finals: tuple[_State, ...],
    kept: tuple[Kept | None, ...],
) -> None: ...
def backward(
    call: Call,
    reverse: tuple[bool, ...],
    weights: tuple[Weights, ...],
    states: tuple[_State, ...],
    y: Array,
    kept: tuple[Kept, ...],
    dy: Array,
    dfinals: tuple[_State, ...],
    dx: Array | None,
    dstates: tuple[_State, ...],
    dweights: tuple[Weights, ...],
    dembedding: Array | None,
) -> None: ...

# Whether they ran: see _tensors.py.
def forward_tensors(
    interface: object,
    kind: int,
    inputs: tuple[object, ...],
    y: object,
    finals: Sequence[object],
    kept: Sequence[object] | None,
    threads: int,
) -> bool: ...
def backward_tensors(
    interface: object,
    kind: int,
    inputs: tuple[object, ...],
    y: object,
    kept: Sequence[object],
    dy: object,
    dfinals: Sequence[object],
    gradients: Sequence[object],
    threads: int,
) -> bool: ...

class Packed:
    def __init__(self, kind: int, inputs: int, hidden: int, outputs: int, weights: Weights) -> None: ...
    def step(self, x: Array, state: _State, out: _State) -> None: ...

class Stack:
    def __init__(
        self,
        kind: int,
        precision: int,
        inputs: int,
        hidden: int,
        outputs: int,
        layers: tuple[StackLayer, ...],
    ) -> None: ...
    def step(self, x: object, state: object, out: object) -> bool: ...

def allocations() -> int: ...
def empty(floats: int) -> Array: ...
def tanh(x: Array, out: Array) -> None: ...
def sigmoid(x: Array, out: Array) -> None: ...
def multiply_adds(rounds: int) -> int: ...
def instruction_sets() -> tuple[str, ...]: ...
def instruction_set() -> str: ...
def use_instruction_set(name: str) -> None: ...
