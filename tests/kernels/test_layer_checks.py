"""What does not fit is told by its name, with what it should be; what lies otherwise in memory is copied."""

import pickle
import re

import numpy as np
import pytest

from ostinato import InputError, kernels
from ostinato.kernels import Kept, Weights
from ostinato.kernels._lengths import given_lengths

T, B, I, H, G = 4, 3, 5, 6, 4  # noqa: E741  # the field's own letter


def floats(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32)


def state():
    return floats(B, H), floats(B, H)


def weights():
    return Weights(floats(G * H, I), floats(G * H, H), floats(G * H), floats(G * H))


def forward_arguments(**changed):
    """An LSTM's, that are right, but for what is changed."""
    kept = Kept(
        *(None if size is None else floats(*size) for size in kernels.kept_sizes("lstm", T * B, H, False))
    )
    return {
        "kind": "lstm",
        "x": floats(T, B, I),
        "states": (state(),),
        "weights": (weights(),),
        "y": floats(T, B, H),
        "finals": (state(),),
        "kept": (kept,),
    } | changed


def backward_arguments(**changed):
    given = forward_arguments()
    del given["finals"]
    return (
        given
        | {"dy": floats(T, B, H), "dfinals": (state(),), "dx": floats(T, B, I), "dstates": (state(),)}
        | {"dweights": (weights(),)}
        | changed
    )


def readonly(array):
    array.flags.writeable = False
    return array


def misaligned(*shape):
    size = int(np.prod(shape))
    return np.zeros(4 * size + 1, np.uint8)[1:].view(np.float32).reshape(shape)


IDS = np.zeros((T, B), np.int64)
PACKED = {"x": floats(9, I), "y": floats(9, H), "kept": None}

FORWARD = {
    "no such cell": ({"kind": "lstn"}, InputError, "there is no cell 'lstn': choose one of rnn_tanh, "),
    "x is a list": ({"x": [[[1.0]]]}, TypeError, "x is a list: give a numpy array"),
    "x in float64": (
        {"x": np.zeros((T, B, I))},
        TypeError,
        "x has dtype float64: give float32 vectors, or int64",
    ),
    "x in int32": (
        {"x": np.zeros((T, B), np.int32)},
        TypeError,
        "x has dtype int32: give float32 vectors, or int64",
    ),
    "x of two dimensions": (
        {"x": floats(T, I)},
        ValueError,
        "x has shape (4, 5): give it (T, B, I), or (T, B) of",
    ),
    "x of other inputs": (
        {"x": floats(T, B, 7)},
        ValueError,
        "x has shape (4, 3, 7): with these weights and this",
    ),
    "no steps": (
        {"x": floats(0, B, I)},
        InputError,
        "x has shape (0, 3, 5): a batch has at least one step of one",
    ),
    "three directions": (
        {"weights": (weights(),) * 3},
        ValueError,
        "weights has 3 entries: give one for each",
    ),
    "states of two": (
        {"states": (state(),) * 2},
        ValueError,
        "states has 2 entries, weights 1: give one each",
    ),
    "reverse of two": (
        {"reverse": (False, True)},
        ValueError,
        "reverse has 2 entries, weights 1: give one each",
    ),
    "no cell state": (
        {"states": ((floats(B, H),),)},
        ValueError,
        "1 arrays for h of states, c of states: give each",
    ),
    "a state of other rows": (
        {"states": ((floats(2, H),) * 2,)},
        ValueError,
        "h of states has shape (2, 6): ",
    ),
    "a state that is None": (
        {"states": ((None, None),)},
        TypeError,
        "h of states is a NoneType: give a numpy array",
    ),
    "weights of one dimension": (
        {"weights": (weights()._replace(w_hh=floats(9)),)},
        ValueError,
        "w_hh of weights has shape (9,): give a matrix that is not empty",
    ),
    "weights of another cell": (
        {"weights": (weights()._replace(w_ih=floats(3 * H, I)),)},
        ValueError,
        "w_ih of weights has shape (18, 5): with these weights and this input it is (24, 5)",
    ),
    "one bias": ({"weights": (weights()._replace(b_hh=None),)}, TypeError, "b_hh of weights is a NoneType: "),
    "weights in float64": (
        {"weights": (weights()._replace(b_ih=np.zeros(G * H)),)},
        TypeError,
        "b_ih of weights has dtype float64: give float32",
    ),
    "a projection to no fewer": (
        {"weights": (weights()._replace(w_hr=floats(H, H)),)},
        ValueError,
        "w_hr of weights projects 6 units to 6: a projection is to fewer",
    ),
    "a projection that is missing": (
        {"weights": (weights()._replace(w_hh=floats(G * H, 2)),)},
        TypeError,
        "w_hr of weights is a NoneType: give a numpy array",
    ),
    "y of another shape": (
        {"y": floats(T, B, 7)},
        ValueError,
        "y has shape (4, 3, 7): with these weights and this",
    ),
    "y read-only": (
        {"y": readonly(floats(T, B, H))},
        ValueError,
        "y is read-only: give an array that can be written",
    ),
    "y not contiguous": (
        {"y": floats(T, H, B).swapaxes(1, 2)},
        ValueError,
        "y has strides (72, 4, 12): give an array that is contiguous in its last dimension, and aligned",
    ),
    "y misaligned": (
        {"y": misaligned(T, B, H)},
        ValueError,
        "y has strides (72, 24, 4): give an array that is",
    ),
    "finals not contiguous": (
        {"finals": ((floats(H, B).T, floats(B, H)),)},
        ValueError,
        "h of finals has strides (4, 12): give an array that is contiguous, and aligned",
    ),
    "kept of another size": (
        {"kept": (Kept(floats(1, 24), floats(1, 6)),)},
        ValueError,
        "gates of kept has shape (1,",
    ),
    "kept that there is not": (
        {"kept": (Kept(floats(12, 24), floats(12, 6), floats(12, 6)),)},
        ValueError,
        "m of kept is given, and this layer has none: leave it None",
    ),
    "no threads": ({"threads": 0}, InputError, "threads is 0: give at least 1"),
    "a length too many": (
        {"lengths": np.array([1, 2, 3, 4])},
        InputError,
        "lengths has shape (4,): give one for each",
    ),
    "a length too large": (
        {"lengths": np.array([1, 5, 2])},
        InputError,
        "length 5 of row 1 is outside 0 to 4",
    ),
    "a negative length": (
        {"lengths": np.array([1, 2, -1])},
        InputError,
        "length -1 of row 2 is outside 0 to 4",
    ),
    "lengths of int32": ({"lengths": np.ones(B, np.int32)}, TypeError, "lengths has dtype int32: give int64"),
    "lengths in a list": (
        {"lengths": [1, 2, 3]},
        TypeError,
        "lengths is a list: give a numpy array of int64",
    ),
    "padded and packed": (
        PACKED | {"lengths": np.ones(B, np.int64), "batch_sizes": np.array([3, 3, 3])},
        ValueError,
        "lengths and batch_sizes are given: a batch is either padded or packed",
    ),
    "batch sizes that grow": (
        PACKED | {"batch_sizes": np.array([3, 2, 3, 1])},
        InputError,
        "batch_sizes[2] is 3: ",
    ),
    "batch sizes above the rows": (
        PACKED | {"batch_sizes": np.array([5, 4])},
        InputError,
        "batch_sizes[0] is 5: ",
    ),
    "batch sizes down to zero": (
        PACKED | {"batch_sizes": np.array([3, 0])},
        InputError,
        "batch_sizes[1] is 0: ",
    ),
    "batch sizes of other steps": (
        PACKED | {"batch_sizes": np.array([3, 3, 2])},
        InputError,
        "batch_sizes add up to 8, and the packed input has 9 steps",
    ),
    "a token too large": (
        {"x": IDS + np.array([0, I, 0])},
        InputError,
        "token 5 at step 0 of row 1 is outside 0 to 4",
    ),
    "a negative token": (
        {"x": IDS - 1, "lengths": np.array([0, 2, 4])},
        InputError,
        "token -1 at step 0 of row 2 is",
    ),
    "an embedding of vectors": (
        {"embedding": floats(9, I)},
        ValueError,
        "embedding is given, and x is vectors: ",
    ),
    "an embedding of other inputs": (
        {"x": IDS, "embedding": floats(9, 7)},
        ValueError,
        "embedding has shape (9, 7): with these weights and this input it is (9, 5)",
    ),
}

BACKWARD = {
    "dy of another shape": (
        {"dy": floats(T, B)},
        ValueError,
        "dy has shape (4, 3): with these weights and this",
    ),
    "dx of another shape": (
        {"dx": floats(T, B)},
        ValueError,
        "dx has shape (4, 3): with these weights and this",
    ),
    "dx read-only": (
        {"dx": readonly(floats(T, B, I))},
        ValueError,
        "dx is read-only: give an array that can be",
    ),
    "dx of tokens": (
        {"x": IDS},
        ValueError,
        "dx is given, and x is tokens, which have no gradient: leave it None",
    ),
    "dembedding of vectors": (
        {"dembedding": floats(9, I)},
        ValueError,
        "dembedding is given, and embedding is not: ",
    ),
    "dweights of another shape": (
        {"dweights": (weights()._replace(w_hh=floats(3, 3)),)},
        ValueError,
        "w_hh of dweights has shape (3, 3): ",
    ),
    "a gradient of no weight": (
        {"weights": (Weights(*weights()[:2]),)},
        ValueError,
        "b_ih of dweights is given, and this layer has none: leave it None",
    ),
    "nothing kept": (
        {"kept": (Kept(),)},
        TypeError,
        "gates of kept is a NoneType: give a numpy array of float32",
    ),
}


def cases(table):
    return [pytest.param(*case, id=name) for name, case in table.items()]


@pytest.mark.parametrize(("changed", "error", "message"), cases(FORWARD))
def test_forward_tells_what_is_wrong(changed, error, message):
    with pytest.raises(error, match=re.escape(message)) as raised:
        kernels.forward(**forward_arguments(**changed))
    assert raised.type is error


@pytest.mark.parametrize(("changed", "error", "message"), cases(BACKWARD))
def test_backward_tells_what_is_wrong(changed, error, message):
    with pytest.raises(error, match=re.escape(message)) as raised:
        kernels.backward(**backward_arguments(**changed))
    assert raised.type is error


def overlapping(first, second):
    """Two arrays of these shapes, the last number of one being the first of the other."""
    memory = floats(int(np.prod(first) + np.prod(second)) - 1)
    return memory[: np.prod(first)].reshape(first), memory[np.prod(first) - 1 :].reshape(second)


@pytest.mark.parametrize("turned", [False, True], ids=["after", "before"])
@pytest.mark.parametrize("other", ["x", "weights", "states", "finals", "kept"])
def test_an_output_shares_memory_with_nothing(other, turned):
    shape = {"x": (T, B, I), "weights": (G * H, I), "kept": (T * B, 4 * H)}.get(other, (B, H))
    if turned:
        array, y = overlapping(shape, (T, B, H))
    else:
        y, array = overlapping((T, B, H), shape)
    arguments = forward_arguments(y=y)
    if other == "x":
        arguments["x"] = array
    else:
        first = arguments[other][0]
        whole = (array, *first[1:])
        arguments[other] = (type(first)(*whole) if hasattr(first, "_fields") else whole,)
    message = rf"^(y overlaps {other}|{other} overlaps y) in memory: give each output an array of its own$"
    with pytest.raises(ValueError, match=message):
        kernels.forward(**arguments)


def test_inputs_may_share_memory():
    one = floats(B, H)
    kernels.forward(**forward_arguments(states=((one, one),)))


def test_lengths_are_copied_before_they_are_checked():
    lengths = np.array([1, 2, 0])
    assert not np.shares_memory(given_lengths(lengths, T, B), lengths)


def test_arrays_that_were_pickled_are_as_good():
    arguments = forward_arguments()
    expected = arguments["y"].copy()
    kernels.forward(**arguments | {"y": expected})
    pickled = pickle.loads(pickle.dumps(arguments))
    kernels.forward(**pickled)
    np.testing.assert_array_equal(pickled["y"], expected)


def test_any_number_of_threads_will_do():
    arguments = forward_arguments()
    expected = arguments["y"].copy()
    kernels.forward(**arguments | {"y": expected})
    kernels.forward(**arguments, threads=2**32)
    np.testing.assert_array_equal(arguments["y"], expected)


def misaligned_copy(array):
    copy = misaligned(*array.shape)
    copy[...] = array
    return copy


LAYOUTS = {
    "fortran": np.asfortranarray,
    "reversed": lambda a: a[::-1].copy()[::-1],
    "read-only": lambda a: readonly(a.copy()),
    "misaligned": misaligned_copy,
    "every other": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_inputs_may_lie_anywhere(layout):
    arrange = LAYOUTS[layout]
    plain = forward_arguments()
    kernels.forward(**plain)
    other = forward_arguments(
        x=arrange(plain["x"]),
        states=tuple(tuple(arrange(s) for s in state) for state in plain["states"]),
        weights=tuple(Weights(*(None if w is None else arrange(w) for w in ws)) for ws in plain["weights"]),
    )
    kernels.forward(**other)
    np.testing.assert_array_equal(other["y"], plain["y"])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        pytest.param({"x": floats(B, 9)}, ValueError, "x has shape (3, 9): ", id="x"),
        pytest.param({"x": [[1.0]]}, TypeError, "x is a list: ", id="no array"),
        pytest.param(
            {"state": (floats(B, H),)}, ValueError, "1 arrays for h of state, c of state", id="state"
        ),
        pytest.param(
            {"out": (floats(B, H), readonly(floats(B, H)))}, ValueError, "c of out is read-only", id="out"
        ),
    ],
)
def test_a_step_tells_what_is_wrong(change, error, message):
    packed = kernels.Packed("lstm", weights())
    with pytest.raises(error, match=re.escape(message)):
        packed.step(**{"x": floats(B, I), "state": state(), "out": state()} | change)


def test_a_step_may_not_overlap_by_half():
    packed = kernels.Packed("lstm", weights())
    memory = floats(B + 1, H)
    with pytest.raises(ValueError, match=r"overlaps"):
        packed.step(floats(B, I), (memory[:-1], floats(B, H)), (memory[1:], floats(B, H)))
