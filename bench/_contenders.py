"""Who is here to take part, on how many threads, and whether they agree."""

import os
from collections.abc import Sequence
from importlib import import_module

import numpy as np
import torch

from _peers import Arrays, MismatchError, Peer

OPTIONAL = {"_onnx_peer": "onnxruntime", "_jax_peer": "JAX"}
TOLERANCE = 5e-5  # of the largest number of an array: float32's, after some thousand additions


def set_threads(threads: int) -> None:
    """For this process and those it starts, before JAX has computed anything."""
    torch.set_num_threads(threads)
    os.environ["NPROC"] = str(threads)  # where JAX's CPU client looks
    os.environ["JAX_PLATFORMS"] = "cpu"


def installed() -> tuple[list[type[Peer]], list[str]]:
    """The peers, ours first; and who is missing."""
    peers, missing = [*import_module("_torch_peers").PEERS], []
    for module, name in OPTIONAL.items():
        try:
            peers += import_module(module).PEERS
        except ModuleNotFoundError:
            missing.append(name)
    return peers, missing


def agree(peers: Sequence[Peer]) -> None:
    """Compare everybody's first call, outputs and gradients, with torch's, who comes second.

    Raises:
        MismatchError: Somebody's differ.
    """
    expected = peers[1].arrays(peers[1](0))
    for peer in peers:
        compare(peer.name, peer.arrays(peer(0)), expected)


def compare(name: str, found: Arrays, expected: Arrays) -> None:
    """Whether the arrays that were found are as expected.

    Raises:
        MismatchError: They are not.
    """
    for key, array in found.items():
        error = float(np.abs(array - expected[key]).max() / np.abs(expected[key]).max())
        if not error <= TOLERANCE:  # NaN is not
            raise MismatchError(f"{name}: {key} differs from torch's by {error:.1e} of its largest number")
