"""The arithmetic of recurrent networks, without torch."""

from ostinato.kernels import reference as reference

__all__ = ["reference"]
