"""Which arithmetic a layer runs on: the native kernels, or readable torch operations.

The choice is a thread's own, like that of `torch.no_grad` and `torch.autocast`.
"""

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import forward_ad

from ostinato._errors import InputError

_BACKENDS = ("auto", "native", "torch")


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
            autocast, of `torch.func` and of forward-mode differentiation), and readable torch operations
            elsewhere and in cells; `"native"` for the kernels or an error; `"torch"` for the torch
            operations.

    Raises:
        ValueError: There is no such backend. The layers themselves raise it where the kernels are forced and
            do not apply.
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
        `"native"` or `"torch"`; None if it has not run yet.
    """
    return getattr(module, "_backend_used", None)


def use_native(module: Any, x: Tensor, tensors: Iterable[Tensor], *, pays: bool = True) -> bool:
    """Whether a module is to run on the native kernels. What `backend_used` tells is set here.

    Args:
        module: The layer or cell.
        x: Its input.
        tensors: All the floating-point tensors it reads.
        pays: Whether the kernels are the faster choice, and so are taken without being forced.

    Raises:
        ValueError: The kernels are forced, and do not apply.
    """
    choice, native = _chosen(), False
    if choice == "native" or (choice == "auto" and pays):
        obstacle = _obstacle(x, tensors)
        if obstacle is not None and choice == "native":
            raise InputError(f'backend "native" was asked for, and {obstacle}; leave the choice to "auto"')
        native = obstacle is None
    # Past nn.Module's own, which looks for parameters: this runs at every call.
    object.__setattr__(module, "_backend_used", "native" if native else "torch")
    return native


def autocasting(device: str) -> bool:
    """Whether torch chooses the types of the products on this type of device."""
    return torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)


def _chosen() -> str:
    return getattr(_thread, "name", _DEFAULT)


def _obstacle(x: Tensor, tensors: Iterable[Tensor]) -> str | None:
    """Why the native kernels do not apply, or None."""
    if not x.is_cpu or x.numel() == 0:
        return f"the input is {tuple(x.shape)} on {x.device}: the kernels take an input on the cpu, not empty"
    for tensor in tensors:
        if tensor.dtype is not torch.float32 or not tensor.is_cpu:
            return f"a tensor is {tensor.dtype} on {tensor.device}: the kernels take torch.float32 on the cpu"
        if tensor.layout is not torch.strided:
            return f"a tensor is {tensor.layout}: the kernels take torch.strided"
    if autocasting("cpu"):
        return "torch.autocast is on"
    if torch._C._are_functorch_transforms_active():
        return "the call is inside a transform of torch.func"
    if forward_ad._current_level >= 0:
        return "the call is inside a level of forward-mode differentiation"
    return None
