"""A native layer as operators of torch: to autograd, `torch.compile` and `torch.export`, one node each.

`ostinato::layer` is the forward pass. Where gradients may be asked for it runs as `ostinato::layer_training`,
which also returns what the backward pass wants kept, and `ostinato::layer_backward` computes them. Gradients
of gradients take the readable path.

As results are allocated from the shapes of the inputs, allocating is all that a fake implementation does.

The dispatcher takes ten microseconds and more for so many arguments, two or three times a call. Where tensors
are plain and nobody watches, what the operators would run is called directly.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from ostinato.nn import _native, _readable
from ostinato.nn._equations import State, Weights
from ostinato.nn._native import Inputs

_INPUTS = (
    "str kind, Tensor x, Tensor[] state, Tensor[] weights, "
    "Tensor? embedding, Tensor? lengths, Tensor? batch_sizes"
)
_GRADIENTS = "Tensor y, Tensor[] kept, Tensor? dy, Tensor?[] dfinal, bool[] wanted"

_library: Any = torch.library.Library("ostinato", "DEF")  # type: ignore[no-untyped-call]
_library.define(f"layer({_INPUTS}) -> (Tensor y, Tensor[] final)")
_library.define(f"layer_training({_INPUTS}) -> (Tensor y, Tensor[] final, Tensor[] kept)")
_library.define(f"layer_backward({_INPUTS}, {_GRADIENTS}) -> Tensor[]")
_layer = torch.ops.ostinato.layer.default
_layer_training = torch.ops.ostinato.layer_training.default
_layer_backward = torch.ops.ostinato.layer_backward.default

_PLAIN = {Tensor, torch.nn.Parameter, type(None)}


def run_layer(
    kind: str,
    x: Tensor,
    state: State,
    weights: Sequence[Weights],
    *,
    embedding: Tensor | None = None,
    lengths: Tensor | None = None,
    batch_sizes: Tensor | None = None,
) -> tuple[Tensor, State]:
    """Run a layer on the kernels. Arguments and results are those of `_layer.run_layer`."""
    flat = [w for direction in weights for w in direction if w is not None]
    inputs = Inputs(kind, x, list(state), flat, embedding, lengths, batch_sizes)  # type: ignore[arg-type]
    y, final = _shortest(_layer, _autograd, inputs)(*inputs)
    return y, tuple(final)


def _shortest(
    operator: Callable[..., Any], function: Callable[..., Any], inputs: Inputs, *gradients: Tensor | None
) -> Callable[..., Any]:
    """The function that an operator comes to; or the operator, for tracers, modes and subclasses to see."""
    unseen = (
        not torch.compiler.is_compiling()
        and torch._C._get_tracing_state() is None
        and torch._C._len_torch_dispatch_stack() == 0
        and _PLAIN.issuperset(map(type, (*inputs.tensors, inputs.lengths, inputs.batch_sizes, *gradients)))
    )
    return function if unseen else operator


def _run(*arguments: Any) -> tuple[Tensor, list[Tensor]]:
    inputs = Inputs(*arguments)
    y, final = _native.new_outputs(inputs)
    _native.forward(inputs, y, final, None)
    return y, final


def _run_training(*arguments: Any) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    inputs = Inputs(*arguments)
    (y, final), kept = _native.new_outputs(inputs), _native.new_kept(inputs)
    _native.forward(inputs, y, final, kept)
    return y, final, kept


def _run_backward(*arguments: Any) -> list[Tensor]:
    inputs, (y, kept, dy, dfinal, wanted) = Inputs(*arguments[:7]), arguments[7:]
    gradients = _native.new_gradients(inputs, wanted)
    _native.backward(inputs, y, kept, dy, dfinal, _native.spread(gradients, wanted))
    return gradients


def _fake(*arguments: Any) -> tuple[Tensor, list[Tensor]]:
    inputs = Inputs(*arguments)
    h = inputs.state[0]
    return h.new_empty(_native.output_shape(inputs)), [s.new_empty(s.shape) for s in inputs.state]


def _fake_training(*arguments: Any) -> tuple[Tensor, list[Tensor], list[Tensor]]:
    inputs = Inputs(*arguments)
    return *_fake(*inputs), [inputs.state[0].new_empty(shape) for shape in _native.kept_shapes(inputs)]


def _fake_backward(*arguments: Any) -> list[Tensor]:
    inputs, wanted = Inputs(*arguments[:7]), arguments[-1]
    return [t.new_empty(t.shape) for t in inputs.of_wanted(wanted)]


def _autograd(*arguments: Any) -> tuple[Tensor, list[Tensor]]:
    inputs = Inputs(*arguments)
    tensors = inputs.tensors
    if torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors):
        y, *final = _Differentiable.apply(inputs, *tensors)  # type: ignore[no-untyped-call]
        return y, final
    with torch._C._AutoDispatchBelowAutograd():
        y, final = _shortest(_layer, _run, inputs)(*inputs)
        return y, final


class _Differentiable(torch.autograd.Function):
    """A layer as autograd knows it. It sees a function's own arguments only: here, `inputs.tensors`."""

    @staticmethod
    def forward(ctx: Any, inputs: Inputs, *tensors: Tensor | None) -> tuple[Tensor, ...]:
        y, final, kept = _shortest(_layer_training, _run_training, inputs)(*inputs)
        ctx.kind = inputs.kind
        ctx.save_for_backward(*tensors, inputs.lengths, inputs.batch_sizes, y, *kept)
        ctx.set_materialize_grads(False)
        return y, *final

    @staticmethod
    def backward(ctx: Any, dy: Tensor | None, *dfinal: Tensor | None) -> tuple[Tensor | None, ...]:
        wanted = ctx.needs_input_grad[1:]
        tensors, (lengths, batch_sizes, y, *kept) = _cut(ctx.saved_tensors, len(wanted))
        further = torch.is_grad_enabled()  # which means create_graph=True
        if further or any(map(_is_batched, (dy, *dfinal))):
            inputs = Inputs.of(ctx.kind, tensors, lengths, batch_sizes)
            return None, *_readable_gradients(inputs, dy, dfinal, wanted, create_graph=further)
        inputs = Inputs.of(ctx.kind, tensors, lengths, batch_sizes)
        run = _shortest(_layer_backward, _run_backward, inputs, dy, *dfinal)
        return None, *_native.spread(run(*inputs, y, kept, dy, dfinal, wanted), wanted)


def _is_batched(gradient: Tensor | None) -> bool:
    """Whether it is many at once: of `is_grads_batched=True`, or of `torch.vmap`."""
    if gradient is None:
        return False
    kinds = torch._C._functorch
    return kinds.is_batchedtensor(gradient) or kinds.is_legacy_batchedtensor(gradient)


@torch.enable_grad()
def _readable_gradients(
    inputs: Inputs,
    dy: Tensor | None,
    dfinal: Sequence[Tensor | None],
    wanted: Sequence[bool],
    *,
    create_graph: bool,
) -> list[Tensor | None]:
    """The gradients by the readable path: functions of the inputs, dy and dfinal, or of many dy at once."""
    # Partial derivatives: nothing is to flow from one of these to another before the layer.
    apart = [None if t is None else t.view_as(t) for t in inputs.tensors]
    inputs = Inputs.of(inputs.kind, apart, inputs.lengths, inputs.batch_sizes)
    y, final = _readable.run_layer(
        inputs.kind,
        inputs.x,
        tuple(inputs.state),
        inputs.by_direction(inputs.weights),
        embedding=inputs.embedding,
        lengths=inputs.lengths,
        batch_sizes=inputs.batch_sizes,
    )
    pairs = zip((y, *final), (dy, *dfinal), strict=True)
    given = [
        (o, d) for o, d in pairs if d is not None and o.requires_grad
    ]  # of no steps, y depends on nothing
    found = torch.autograd.grad(
        [o for o, _ in given],
        inputs.of_wanted(wanted),
        [d for _, d in given],
        create_graph=create_graph,
        allow_unused=True,
    )
    return _native.spread(found, wanted)


def _cut(values: Sequence[Any], n: int) -> tuple[Sequence[Any], Sequence[Any]]:
    return values[:n], values[n:]


_library.impl("layer", _run, "CPU")
_library.impl("layer", _autograd, "Autograd")
_library.impl("layer_training", _run_training, "CPU")
_library.impl("layer_backward", _run_backward, "CPU")
torch.library.register_fake("ostinato::layer", _fake, lib=_library)
torch.library.register_fake("ostinato::layer_training", _fake_training, lib=_library)
torch.library.register_fake("ostinato::layer_backward", _fake_backward, lib=_library)
