"""Which arithmetic a layer runs on: the native kernels, cuDNN, or readable torch operations.

The choice is a thread's own, like that of `torch.no_grad` and `torch.autocast`.
"""

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad

from ostinato._errors import InputError

_BACKENDS = ("auto", "native", "cudnn", "torch")


def _known(name: str, source: str) -> str:
    if name not in _BACKENDS:
        raise InputError(f"{source} is {name!r}: choose one of {', '.join(_BACKENDS)}")
    return name


_DEFAULT = _known(os.environ.get("OSTINATO_BACKEND", "auto"), "OSTINATO_BACKEND")
_thread = threading.local()


@contextmanager
def backend(name: str) -> Iterator[None]:
    """Choose the arithmetic of the layers and cells that this thread runs inside the `with` block.

    Blocks nest. Outside all of them the environment variable `OSTINATO_BACKEND`, read when `ostinato.nn` is
    imported, chooses; without it the choice is `"auto"`.

    Args:
        name: `"auto"` for the native kernels in layers where they apply (float32 on the CPU, outside of
            autocast, of `torch.func` and of forward-mode differentiation), for cuDNN in layers on a GPU, and
            for readable torch operations elsewhere and in cells; `"native"` for the kernels or an error;
            `"cudnn"` for cuDNN in layers, or an error; `"torch"` for the torch operations.

    Raises:
        ValueError: There is no such backend. The layers themselves raise it where what is forced does not
            apply.
    """
    before = _chosen()
    _thread.name = _known(name, "backend")
    try:
        yield
    finally:
        _thread.name = before


def backend_used(module: nn.Module) -> str | None:
    """Which arithmetic the last forward pass of a layer or cell ran on.

    Args:
        module: One of `ostinato.nn`'s recurrent layers or cells.

    Returns:
        `"native"`, `"cudnn"` or `"torch"`; None if it has not run yet.
    """
    return getattr(module, "_backend_used", None)


def choose_backend(module: Any, x: Tensor, tensors: Sequence[Tensor], *, layer: bool = True) -> str:
    """What a module is to run on: "native", "cudnn" or "torch". What `backend_used` tells is set here.

    Args:
        module: The layer or cell.
        x: Its input.
        tensors: All the floating-point tensors it reads.
        layer: Whether it is a layer. The kernels are the faster choice there only, and cuDNN has no cells.

    Raises:
        ValueError: What is forced does not apply.
    """
    choice = _chosen()
    if choice == "auto":
        chosen = next(
            (n for n, obstacle in _FUSED.items() if layer and obstacle(x, tensors) is None), "torch"
        )
    elif choice == "torch" or (choice == "cudnn" and not layer):
        chosen = "torch"
    elif (obstacle := _FUSED[choice](x, tensors)) is None:
        chosen = choice
    else:
        raise InputError(f'backend "{choice}" was asked for, and {obstacle}; leave the choice to "auto"')
    # Past nn.Module's own, which looks for parameters: this runs at every call.
    object.__setattr__(module, "_backend_used", chosen)
    return chosen


def autocasting(device: str) -> bool:
    """Whether torch chooses the types of the products on this type of device."""
    return torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)


def _chosen() -> str:
    return getattr(_thread, "name", _DEFAULT)


def _no_kernels(x: Tensor, tensors: Iterable[Tensor]) -> str | None:
    """Why the native kernels do not apply, or None."""
    if not x.is_cpu or x.numel() == 0:
        return f"the input is {tuple(x.shape)} on {x.device}: the kernels take an input on the cpu, not empty"
    for tensor in tensors:
        if tensor.dtype is not torch.float32 or not tensor.is_cpu:
            return f"a tensor is {tensor.dtype} on {tensor.device}: the kernels take torch.float32 on the cpu"
        if tensor.layout is not torch.strided:
            return f"a tensor is {tensor.layout}: the kernels take torch.strided"
    return "torch.autocast is on" if autocasting("cpu") else _transform()


def _no_cudnn(x: Tensor, tensors: Iterable[Tensor]) -> str | None:
    """Why cuDNN does not apply, or None."""
    if not x.is_cuda or x.numel() == 0:
        return f"the input is {tuple(x.shape)} on {x.device}: cuDNN takes an input on a GPU, not empty"
    if any(not tensor.is_cuda for tensor in tensors):
        return "a tensor is not on the GPU"
    return _transform()


def _transform() -> str | None:
    """What torch would make of a layer that only the readable operations follow, or None."""
    if torch._C._are_functorch_transforms_active():
        return "the call is inside a transform of torch.func"
    if forward_ad._current_level >= 0:
        return "the call is inside a level of forward-mode differentiation"
    return None


_FUSED = {"native": _no_kernels, "cudnn": _no_cudnn}
