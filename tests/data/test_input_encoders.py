import json

import numpy as np
import pytest

from ostinato._errors import InputError
from ostinato.data import IdEncoder, VectorEncoder, input_encoder_from_json, learn_input_encoder

GAPPY = [np.array([[1, 2], [3, np.nan]], np.float32), np.array([[5, 6]], np.float32)]
KINDS = {
    "text": ["ab", "b"],
    "tokens": [["a", "b"], ["b"]],
    "vectors": GAPPY,
}


@pytest.mark.parametrize("kind", KINDS)
def test_json_round_trip(kind):
    encoder = learn_input_encoder(kind, KINDS[kind])
    again = input_encoder_from_json(json.loads(json.dumps(encoder.to_json())))
    assert (again.kind, again.element) == (kind, encoder.element)
    for item in KINDS[kind]:
        np.testing.assert_array_equal(again.encode(item), encoder.encode(item))
        np.testing.assert_array_equal(np.concatenate(list(encoder.stream(item))), encoder.encode(item))


@pytest.mark.parametrize(
    ("kind", "dtype", "shapes"),
    [
        ("text", np.int32, [(2,), (1,)]),
        ("tokens", np.int32, [(2,), (1,)]),
        ("vectors", np.float32, [(2, 3), (1, 3)]),
    ],
)
def test_what_a_network_reads(kind, dtype, shapes):
    encoder = learn_input_encoder(kind, KINDS[kind])
    arrays = [encoder.encode(item) for item in KINDS[kind]]
    assert [array.dtype for array in arrays] == [dtype] * 2
    assert [array.shape for array in arrays] == shapes
    assert all(array.shape[1:] == encoder.element for array in arrays)
    assert encoder.seconds_per_step is None


@pytest.mark.parametrize("kind", ["text", "tokens"])
def test_ids_are_below_the_size_also_of_what_training_never_saw(kind):
    encoder = learn_input_encoder(kind, KINDS[kind])
    assert isinstance(encoder, IdEncoder)
    ids = encoder.encode("abz" if kind == "text" else ["a", "b", "z"])
    assert len(set(ids.tolist())) == 3
    assert 0 <= ids.min() <= ids.max() < encoder.size


@pytest.mark.parametrize(("tokens", "count"), [("characters", 7), ("words", 2)])
def test_texts_may_be_read_in_several_ways(tokens, count):
    encoder = learn_input_encoder("text", ["one two"], tokens=tokens)
    assert len(encoder.encode("one two")) == count


def test_a_vocabulary_may_be_small():
    assert learn_input_encoder("tokens", [["a", "b", "c", "d"]], vocabulary_size=3).size == 3


def test_windows_of_vectors_are_told_with_the_rest():
    encoder = learn_input_encoder("vectors", GAPPY, windows=True)
    again = input_encoder_from_json(json.loads(json.dumps(encoder.to_json())))
    assert isinstance(encoder, VectorEncoder) and isinstance(again, VectorEncoder)
    assert again.stride == encoder.stride
    assert encoder.stride is not None and len(encoder.stride.changes) == 3
    np.testing.assert_array_equal(again.encode(GAPPY[0]), encoder.encode(GAPPY[0]))


def test_vectors_of_another_width_are_refused():
    with pytest.raises(InputError, match="X has 3 columns, but the model was trained with 2"):
        learn_input_encoder("vectors", GAPPY).encode(np.zeros((1, 3), np.float32))


@pytest.mark.parametrize("kind", ["text", "tokens"])
def test_nothing_to_learn_from(kind):
    with pytest.raises(InputError):
        learn_input_encoder(kind, ["", ""] if kind == "text" else [[], []])


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        [],
        {},
        {"kind": []},
        {"kind": "smell"},
        {"kind": "text"},
        {"kind": "tokens", "vocabulary": 7},
        {"kind": "vectors", "scaler": None},
        {"kind": "vectors", "scaler": {"mean": [0.0], "scale": [1.0], "gaps": [False]}, "stride": None},
        {"kind": "audio"},
        {"kind": "video"},
    ],
    ids=str,
)
def test_a_stranger_s_json(value):
    with pytest.raises(InputError):
        input_encoder_from_json(value)
