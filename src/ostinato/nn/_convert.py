"""Swap the recurrent layers of an existing model for ours, in place, and back."""

from typing import TypeVar

from torch import nn
from torch.nn.utils import parametrize

from ostinato.nn._cells import GRUCell, LSTMCell, RNNCell
from ostinato.nn._gru import GRU
from ostinato.nn._lstm import LSTM
from ostinato.nn._rnn import RNN

M = TypeVar("M", bound=nn.Module)

_OURS: dict[type[nn.Module], type[nn.Module]] = {
    nn.RNN: RNN,
    nn.LSTM: LSTM,
    nn.GRU: GRU,
    nn.RNNCell: RNNCell,
    nn.LSTMCell: LSTMCell,
    nn.GRUCell: GRUCell,
}
_TORCHS = {ours: torchs for torchs, ours in _OURS.items()}


def convert(module: M) -> M:
    """Swap every `torch.nn` recurrent layer and cell in a model for its `ostinato.nn` twin, in place.

    The layers remain the objects they were: parameters, buffers, hooks, optimisers and other references to
    them keep working. A layer whose weights are parametrised (`torch.nn.utils.parametrizations`) is swapped
    too. A subclass someone else wrote is left alone, since its forward pass may not be torch's; so is
    everything that is not recurrent.

    Args:
        module: A model, or a recurrent layer itself.

    Returns:
        The same module.

    Raises:
        TypeError: `module` is not a `torch.nn.Module`.
    """
    return _swap(module, _OURS)


def revert(module: M) -> M:
    """Undo `convert`: swap every `ostinato.nn` layer and cell in a model for its `torch.nn` twin, in place.

    Args:
        module: A model, or a recurrent layer itself.

    Returns:
        The same module.

    Raises:
        TypeError: `module` is not a `torch.nn.Module`.
    """
    return _swap(module, _TORCHS)


def _swap(module: M, twins: dict[type[nn.Module], type[nn.Module]]) -> M:
    if not isinstance(module, nn.Module):
        raise TypeError(f"{module!r} is a {type(module).__name__}: give a torch.nn.Module")
    for part in module.modules():
        cls = type(part)
        if cls in twins:
            part.__class__ = twins[cls]
        elif parametrize.is_parametrized(part) and cls.__bases__[0] in twins:
            part.__class__ = _rebase(cls, twins[cls.__bases__[0]])
    return module


def _rebase(cls: type[nn.Module], base: type[nn.Module]) -> type[nn.Module]:
    """The class torch made for a parametrised module, on another base.

    A copy, not a change of `__bases__`: deep copies of a parametrised module share its class.
    """
    body = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    return type(f"Parametrized{base.__name__}", (base,), body)
