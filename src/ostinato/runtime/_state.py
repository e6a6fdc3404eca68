"""A stream's state as bytes, and back.

| bytes | what |
|---|---|
| 8 | `OSTSTATE` |
| 4 | the version of this layout, little-endian, as all numbers are |
| 4 | N, the length of the header |
| N | JSON: the model's fingerprint, and of each array its dtype and shape |
| … | the arrays' numbers, one after the other |
| 32 | SHA-256 of all that comes before |
"""

import hashlib
import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError
from ostinato.runtime._stepper import State

VERSION = 1

_MAGIC = b"OSTSTATE"
_HEAD = struct.Struct("<8sII")
_SUM = 32


def pack_state(state: State, fingerprint: str) -> bytes:
    """The state of one session of the model with this fingerprint."""
    arrays = [_little_endian(array) for array in state]
    described = [{"dtype": array.dtype.str, "shape": list(array.shape)} for array in arrays]
    header = json.dumps({"model": fingerprint, "arrays": described}).encode()
    content = _HEAD.pack(_MAGIC, VERSION, len(header)) + header + b"".join(a.tobytes() for a in arrays)
    return content + hashlib.sha256(content).digest()


def unpack_state(data: Any, fingerprint: str, like: State) -> State:
    """The state that `pack_state` wrote; safe with a stranger's bytes.

    Args:
        data: bytes.
        fingerprint: of the model that is to go on.
        like: a state of that model; memory is taken for arrays of these shapes only.

    Raises:
        InputError: they are damaged, of a newer version, or another model's.
    """
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise InputError(f"a stream's state is bytes, not {type(data).__name__}: give what save returned")
    data = bytes(data)
    content, digest = data[:-_SUM], data[-_SUM:]
    if len(content) < _HEAD.size or content[: len(_MAGIC)] != _MAGIC:
        raise InputError("these bytes are no state of a stream: give what save returned")
    _, version, length = _HEAD.unpack_from(content)
    if version != VERSION:
        raise InputError(
            f"the state has version {version} and this Ostinato reads version {VERSION}: begin again, or "
            f"upgrade with `pip install -U ostinato`"
        )
    if hashlib.sha256(content).digest() != digest:
        raise InputError("the state is damaged (its SHA-256 differs): it was cut short or changed")
    header = _header(content[_HEAD.size : _HEAD.size + length])
    if header.get("model") != fingerprint:
        raise InputError(
            f"the state is of another model ({str(header.get('model'))[:12]}…, not {fingerprint[:12]}…): "
            f"load the model that it was saved with"
        )
    return _arrays(content[_HEAD.size + length :], header.get("arrays"), like)


def _header(content: bytes) -> dict[str, Any]:
    try:
        header = json.loads(content)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise InputError("the state is damaged: its header is no JSON object")
    return header


def _arrays(payload: bytes, described: Any, like: State) -> State:
    due = [{"dtype": _little_endian(array).dtype.str, "shape": list(array.shape)} for array in like]
    if described != due or len(payload) != sum(array.nbytes for array in like):
        raise InputError("the state is not of this kind of stream: begin again")
    arrays, begin = [], 0
    for array in like:
        stored = np.frombuffer(payload, array.dtype.newbyteorder("<"), array.size, begin)
        arrays.append(stored.reshape(array.shape).astype(array.dtype))
        begin += array.nbytes
    return tuple(arrays)


def _little_endian(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(array.dtype.newbyteorder("<"), copy=False)
