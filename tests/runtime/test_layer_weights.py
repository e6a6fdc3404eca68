"""Which layers there are among named arrays, and whether they fit."""

import numpy as np
import pytest

from ostinato import InputError, runtime

from .stacks import arrays, draw, layers, module


def changed(weights, **arrays):
    """The weights, some exchanged, added, or with None left out."""
    return {name: array for name, array in (weights | arrays).items() if array is not None}


@pytest.mark.parametrize("cell", ["rnn_tanh", "lstm", "gru"])
def test_a_cells_names_are_those_of_one_layer(cell):
    weights = arrays(module(cell, 3, 8))
    as_cell = {name.removesuffix("_l0"): array for name, array in weights.items()}
    a, b = (layers(cell, w).step(draw(3))[0] for w in (weights, as_cell))
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_other_floating_point_types_are_converted(dtype):
    weights = {name: array.astype(dtype) for name, array in arrays(module("gru", 3, 8)).items()}
    rounded = {name: array.astype(np.float32) for name, array in weights.items()}
    a, b = (runtime.GRU(w).step(draw(3))[0] for w in (weights, rounded))
    np.testing.assert_array_equal(a, b)


REFUSED = {
    "weight_hh_l0 is missing": {"weight_hh_l0": None},
    "bias_hh_l0 is missing": {"bias_hh_l0": None},
    "weight_ih_l1 is missing": {"weight_ih_l2": draw(32, 8)},
    "weight_ih_l0_reverse is missing": {"bias_ih_l0_reverse": draw(32)},
    "bias_ih_l0 has shape (8,): beside the others it is (32,)": {"bias_ih_l0": draw(8)},
    "weight_ih_l0 has shape (30, 3): beside the others it is (32, 3)": {"weight_ih_l0": draw(30, 3)},
    "weight_ih_l0 has shape (32,): give a matrix that is not empty": {"weight_ih_l0": draw(32)},
    "weight_hh_l0 has shape (24, 8): of LSTM it has 4·H rows and H columns": {"weight_hh_l0": draw(24, 8)},
    "weight_hh_l0 has shape (32, 8): of LSTM it has 4·H rows and fewer than H columns": {
        "weight_hr_l0": draw(4, 8)
    },
    "weight_ih_l0 is int64: give a numpy array of floating-point": {"weight_ih_l0": np.ones((32, 3), int)},
    "weight_ih_l0 is a list: give a numpy array of floating-point": {"weight_ih_l0": [[1.0]]},
    "weight_ih is there under a second name too": {"weight_ih": draw(32, 3)},
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_does_not_fit_is_told(message):
    weights = changed(arrays(module("lstm", 3, 8)), **REFUSED[message])
    with pytest.raises(InputError) as error:
        runtime.LSTM(weights)
    assert message in str(error.value)


def test_another_cells_projection_is_refused():
    weights = changed(arrays(module("gru", 3, 8)), weight_hr_l0=draw(4, 8))
    with pytest.raises(InputError, match="weight_hr_l0 is given, and this layer has none"):
        runtime.GRU(weights)


def test_a_wrong_prefix_is_told():
    with pytest.raises(
        InputError, match=r"named decoder\.weight_ih_l0; there are weight_ih_l0, .* the prefix"
    ):
        runtime.GRU(arrays(module("gru", 3, 8)), prefix="decoder.")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*none\.safetensors"):
        runtime.GRU.from_file(tmp_path / "none.safetensors")


HUGE = b'{"weight_ih_l0":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}'


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff" * 100, len(HUGE).to_bytes(8, "little") + HUGE],
    ids=["empty", "noise", "a-huge-header"],
)
def test_a_damaged_file_is_refused(tmp_path, content):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"bad\.safetensors is not a safetensors file"):
        runtime.GRU.from_file(path)
