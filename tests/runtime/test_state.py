import hashlib
import struct

import numpy as np
import pytest

from ostinato import InputError
from ostinato.runtime._state import pack_state, unpack_state

STATE = (
    np.arange(6, dtype=np.float32).reshape(2, 1, 3),
    np.array([[1 << 40]], np.int64),
    np.full((1, 0), np.nan),
    np.array([[np.nan, -np.inf]]),
)
MODEL = "a" * 64


def signed(content):
    return content + hashlib.sha256(content).digest()


def test_a_state_comes_back_to_the_bit():
    again = unpack_state(pack_state(STATE, MODEL), MODEL, STATE)
    for array, known in zip(again, STATE, strict=True):
        assert array.dtype == known.dtype
        np.testing.assert_array_equal(array, known)
        array += 0  # it can be written to


def test_arrays_that_lie_otherwise_in_memory():
    state = (np.arange(12, dtype=">f4").reshape(3, 4).T,)
    (again,) = unpack_state(pack_state(state, MODEL), MODEL, state)
    np.testing.assert_array_equal(again, state[0])


def test_the_layout_is_what_is_written_down():
    data = pack_state((np.array([[1.0]], np.float32),), "ff")
    header = b'{"model": "ff", "arrays": [{"dtype": "<f4", "shape": [1, 1]}]}'
    content = b"OSTSTATE" + struct.pack("<II", 1, len(header)) + header + struct.pack("<f", 1.0)
    assert data == signed(content)


@pytest.mark.parametrize("index", [0, 8, 12, 20, -40, -1])
def test_one_bit_that_differs_is_noticed(index):
    data = bytearray(pack_state(STATE, MODEL))
    data[index] ^= 4
    with pytest.raises(InputError, match=r"damaged|no state|has version"):
        unpack_state(data, MODEL, STATE)


@pytest.mark.parametrize("length", [0, 5, 47, 48, 100])
def test_a_state_that_was_cut_short(length):
    with pytest.raises(InputError, match=r"damaged|no state"):
        unpack_state(pack_state(STATE, MODEL)[:length], MODEL, STATE)


def test_the_state_of_another_model():
    with pytest.raises(InputError, match="of another model \\(aaaaaaaaaaaa…, not bbbbbbbbbbbb…\\)"):
        unpack_state(pack_state(STATE, MODEL), "b" * 64, STATE)


@pytest.mark.parametrize("like", [STATE[:-1], (*STATE, STATE[0]), (STATE[0].astype(float), *STATE[1:])])
def test_arrays_of_another_kind(like):
    with pytest.raises(InputError, match="not of this kind of stream"):
        unpack_state(pack_state(STATE, MODEL), MODEL, like)


def test_a_newer_version():
    data = bytearray(pack_state(STATE, MODEL)[:-32])
    data[8] = 2
    with pytest.raises(InputError, match="has version 2 and this Ostinato reads version 1"):
        unpack_state(signed(bytes(data)), MODEL, STATE)


@pytest.mark.parametrize(
    "header",
    [b"", b"[]", b"{", b'{"model": 3}', b'{"model": "%s"}' % MODEL.encode(), b"[" * 100_000, b"\xff"],
    ids=["empty", "list", "half", "number", "no-arrays", "deep", "no-utf8"],
)
def test_headers_that_say_nothing(header):
    content = b"OSTSTATE" + struct.pack("<II", 1, len(header)) + header
    with pytest.raises(InputError):
        unpack_state(signed(content), MODEL, STATE)


def test_a_header_that_asks_for_a_lot_of_memory():
    header = b'{"model": "%s", "arrays": [{"dtype": "<f4", "shape": [1000000, 1000000]}]}' % MODEL.encode()
    content = b"OSTSTATE" + struct.pack("<II", 1, len(header)) + header
    with pytest.raises(InputError, match="not of this kind of stream"):
        unpack_state(signed(content), MODEL, STATE)


@pytest.mark.parametrize("data", ["OSTSTATE", None, 3])
def test_what_is_no_bytes(data):
    with pytest.raises(InputError, match=f"is bytes, not {type(data).__name__}"):
        unpack_state(data, MODEL, STATE)
