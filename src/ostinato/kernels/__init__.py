"""The arithmetic of recurrent networks, without torch: kernels in C++, and the equations in numpy.

`forward` and `backward` run a layer over a batch of sequences (`forward_tensors` and `backward_tensors` over
torch's), `Packed` one time step at a time, `Stack` a step of several layers; `reference` is the same in
float64, as the papers write it.
"""

from ostinato.kernels import reference as reference
from ostinato.kernels._arrays import check_array
from ostinato.kernels._cells import GATES, Kind, Weights
from ostinato.kernels._empty import empty
from ostinato.kernels._functions import allocations, multiply_adds, sigmoid, tanh
from ostinato.kernels._instruction_sets import instruction_set, instruction_sets, use_instruction_set
from ostinato.kernels._kept import Kept, KeptSizes, kept_sizes
from ostinato.kernels._layer import backward, forward
from ostinato.kernels._lengths import given_lengths
from ostinato.kernels._packed import Packed
from ostinato.kernels._precision import Precision, round_bfloat16
from ostinato.kernels._stack import Stack
from ostinato.kernels._tensors import backward_tensors, forward_tensors

__all__ = [
    "GATES",
    "Kept",
    "KeptSizes",
    "Kind",
    "Packed",
    "Precision",
    "Stack",
    "Weights",
    "allocations",
    "backward",
    "backward_tensors",
    "check_array",
    "empty",
    "forward",
    "forward_tensors",
    "given_lengths",
    "instruction_set",
    "instruction_sets",
    "kept_sizes",
    "multiply_adds",
    "reference",
    "round_bfloat16",
    "sigmoid",
    "tanh",
    "use_instruction_set",
]
