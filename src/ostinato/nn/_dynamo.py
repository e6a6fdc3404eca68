"""`torch.compile` may look into our layers.

Dynamo, its front end, refuses every `torch.nn.RNN`, `LSTM` and `GRU`, subclasses included, since it would
unroll them over time. Ours are one operator. The switch that lets them in is Dynamo's own, and is turned when
Dynamo is loaded: loading it for the sake of the switch would take seconds.
"""

import sys
from importlib import import_module
from importlib.abc import MetaPathFinder
from typing import Any

_READS_THE_SWITCH = "torch._dynamo.variables.builder"


def let_dynamo_in() -> None:
    """Turn `torch._dynamo.config.allow_rnn` on: now, or as soon as Dynamo is loaded."""
    if _READS_THE_SWITCH in sys.modules:
        _turn_on()
    else:
        sys.meta_path.insert(0, _Watch())


class _Watch(MetaPathFinder):
    """Finds no module; sees Dynamo's coming."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        if fullname == _READS_THE_SWITCH:
            # A new list: the old one is being gone through.
            sys.meta_path = [finder for finder in sys.meta_path if finder is not self]
            _turn_on()


def _turn_on() -> None:
    config: Any = import_module("torch._dynamo.config")
    config.allow_rnn = True
