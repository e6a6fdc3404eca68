"""RNN, LSTM and GRU of the runtime: the equations, and the bits of `ostinato.nn`."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from ostinato import InputError, runtime
from ostinato.kernels import Weights, reference

from .stacks import CELLS, arrays, draw, draw_state, layers, module, torch_run

SIZES = [(1, 1), (3, 8), (17, 33), (64, 64)]
every_cell = pytest.mark.parametrize("cell", CELLS)


def reference_run(cell, weights, x, state, lengths=None, directions=1):
    """The stack by `kernels.reference`: y and the final states, as the runtime stacks them."""
    finals, layer = [], 0
    while f"weight_ih_l{layer}" in weights:
        outputs = []
        for d, suffix in enumerate(["", "_reverse"][:directions]):
            names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"]
            of_layer = Weights(*(weights.get(f"{name}_l{layer}{suffix}") for name in names))
            first = tuple(s[layer * directions + d] for s in state)
            trace = reference.forward(cell, x, first, of_layer, lengths=lengths, reverse=d > 0)
            outputs.append(trace.y)
            finals.append(trace.state)
        x, layer = np.concatenate(outputs, axis=2), layer + 1
    return x, tuple(np.stack(s) for s in zip(*finals, strict=True))


def by_steps(stack, x, state):
    """y and the final state, by `step`."""
    ys = []
    for x_t in x:
        y, state = stack.step(x_t, state)
        ys.append(y)
    return np.stack(ys), state


def assert_same(found, expected):
    for a, b in zip((found[0], *found[1]), (expected[0], *expected[1]), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("depth", [1, 3], ids=["one-layer", "three-layers"])
@pytest.mark.parametrize("size", SIZES, ids=str)
@every_cell
def test_steps_are_the_equations_and_the_bits_of_nn(cell, size, depth):
    network = module(cell, *size, depth)
    stack = layers(cell, arrays(network))
    x, state = draw(4, 5, size[0]), draw_state(stack, 5)
    found = by_steps(stack, x, state)
    assert_same(found, torch_run(network, x, state))
    assert_same(found, stack.run(x, state=state))
    exact = reference_run(cell, arrays(network), x, state)
    for a, b in zip((found[0], *found[1]), (exact[0], *exact[1]), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=2e-6)


@every_cell
def test_a_bidirectional_run_with_lengths(cell):
    network = module(cell, 5, 9, 2, bidirectional=True)
    stack = layers(cell, arrays(network))
    x, state, lengths = draw(6, 4, 5), draw_state(stack, 4), np.array([2, 6, 0, 5])
    found = stack.run(x, lengths, state)
    assert_same(found, torch_run(network, x, state, lengths=torch.from_numpy(lengths)))
    exact = reference_run(cell, arrays(network), x, state, lengths, directions=2)
    np.testing.assert_allclose(found[0], exact[0], rtol=1e-5, atol=2e-6)
    assert stack.output_size == 18 and stack.bidirectional and stack.num_layers == 2


def test_a_projection():
    network = module("lstm", 7, 12, 2, proj_size=5)
    stack = runtime.LSTM(arrays(network))
    assert (stack.input_size, stack.hidden_size, stack.proj_size, stack.output_size) == (7, 12, 5, 5)
    x = draw(4, 3, 7)
    found = by_steps(stack, x, None)
    assert_same(found, torch_run(network, x))
    assert_same(found, stack.run(x))


@every_cell
def test_biases_may_be_absent(cell):
    network = module(cell, 3, 6, 2, bias=False)
    x = draw(4, 2, 3)
    assert_same(by_steps(layers(cell, arrays(network)), x, None), torch_run(network, x))


@pytest.mark.parametrize("embedded", [False, True], ids=["one-hot", "embedded"])
def test_a_run_over_tokens(embedded):
    network = module("gru", 5, 8)
    ids = np.random.default_rng(0).integers(0, 5, (6, 3))
    embedding = draw(9, 5) if embedded else None
    expected = torch_run(network, ids, embedding=torch.from_numpy(embedding) if embedded else None)
    assert_same(runtime.GRU(arrays(network)).run(ids, embedding=embedding), expected)


@every_cell
def test_a_row_of_a_batch_is_the_row_alone(cell):
    stack = layers(cell, arrays(module(cell, 3, 20, 2)))
    x, state = draw(11, 3), draw_state(stack, 11)
    y, after = stack.step(x, state)
    for row in range(11):
        alone = stack.step(x[row], tuple(s[:, row : row + 1].copy() for s in state))
        assert alone[0].shape == (20,)
        assert_same(alone, (y[row], [s[:, row : row + 1] for s in after]))


@every_cell
def test_what_was_returned_can_be_written_over(cell):
    stack = layers(cell, arrays(module(cell, 3, 20, 2)))
    xs = draw(5, 4, 3)
    expected = by_steps(stack, xs, None)
    out = (np.empty((4, 20), np.float32), stack.initial_state(4))
    for x in xs:
        assert stack.step(x, out[1], out) is out
    assert_same((out[0], out[1]), (expected[0][-1], expected[1]))


def test_nan_passes_through():
    stack = runtime.GRU(arrays(module("gru", 3, 8)))
    x = draw(2, 3)
    x[0, 1] = np.nan
    y, _ = stack.step(x)
    assert np.isnan(y[0]).all() and not np.isnan(y[1]).any()


def test_a_stack_from_a_file_with_a_prefix(tmp_path):
    from safetensors.numpy import save_file

    network = module("lstm", 4, 6, 2)
    named = {f"encoder.lstm.{name}": array for name, array in arrays(network).items()}
    save_file({**named, "embedding.weight": draw(9, 4)}, tmp_path / "model.safetensors")
    stack = runtime.LSTM.from_file(tmp_path / "model.safetensors", prefix="encoder.lstm.")
    x = draw(3, 2, 4)
    assert_same(by_steps(stack, x, None), torch_run(network, x))


def test_weights_are_copied():
    weights = {name: array.copy() for name, array in arrays(module("gru", 3, 8)).items()}
    stack = runtime.GRU(weights)
    before = stack.step(draw(3))[0], stack.run(draw(2, 1, 3))[0]
    for array in weights.values():
        array[...] = 0
    after = stack.step(draw(3))[0], stack.run(draw(2, 1, 3))[0]
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)


@every_cell
def test_inputs_may_lie_in_any_way(cell):
    stack = layers(cell, arrays(module(cell, 3, 20, 2)))
    x, state = draw(4, 3), draw_state(stack, 4)
    expected = stack.step(x, state)
    spread = np.full((8, 9), np.nan, np.float32)
    spread[::2, 3:6] = x
    assert_same(stack.step(spread[::2, 3:6], state), expected)
    assert_same(stack.step(np.asfortranarray(x), tuple(map(np.asfortranarray, state))), expected)
    assert_same(stack.step(np.flip(np.flip(x, 0).copy(), 0), state), expected)


def test_an_output_may_not_lie_in_an_input():
    stack = runtime.GRU(arrays(module("gru", 3, 8)))
    memory = np.zeros(64, np.float32)
    state = (memory[:16].reshape(1, 2, 8),)
    for out in [
        (memory[8:24].reshape(2, 8), stack.initial_state(2)),  # y in h
        (np.empty((2, 8), np.float32), (memory[8:24].reshape(1, 2, 8),)),  # the new h half in the old one
    ]:
        with pytest.raises(InputError, match="out overlaps x or state"):
            stack.step(draw(2, 3), state, out)
    y = memory[:16].reshape(2, 8)
    with pytest.raises(InputError, match="overlaps"):
        stack.step(memory[4:10].reshape(2, 3), None, (y, stack.initial_state(2)))


def test_weights_larger_than_a_panel_are_read_to_and_fro():
    """Every other step takes the panels from the last to the first."""
    network = module("gru", 40, 70, 2)
    x = draw(5, 2, 40)
    assert_same(by_steps(runtime.GRU(arrays(network)), x, None), torch_run(network, x))


def test_several_threads_step_with_the_same_layers():
    stack = runtime.LSTM(arrays(module("lstm", 33, 40, 2)))
    x, state = draw(4, 33), draw_state(stack, 4)
    expected = stack.step(x, state)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: stack.step(x, state), range(100)):
            assert_same(found, expected)


@pytest.mark.parametrize("precision", ["bfloat16", "int8"])
@every_cell
def test_a_run_in_fewer_bits_is_its_steps(cell, precision):
    network = module(cell, 5, 24, 2)
    stack = layers(cell, arrays(network), precision=precision)
    x, state = draw(6, 4, 5), draw_state(stack, 4)
    found = stack.run(x, state=state)
    assert_same(found, by_steps(stack, x, state))
    exact, _ = layers(cell, arrays(network)).run(x, state=state)
    assert 0 < np.abs(found[0] - exact).max() < 0.05


def test_an_int8_run_reads_lengths_and_both_directions():
    network = module("gru", 5, 24, 2, bidirectional=True)
    stack = runtime.GRU(arrays(network), precision="int8")
    ids, lengths = np.random.default_rng(0).integers(0, 5, (6, 3)), np.array([6, 0, 4])
    y, (h,) = stack.run(ids, lengths)
    exact, (h_exact,) = runtime.GRU(arrays(network)).run(ids, lengths)
    np.testing.assert_allclose(y, exact, atol=0.02)
    np.testing.assert_allclose(h, h_exact, atol=0.02)
    assert not y[4:, 2].any() and not y[:, 1].any()
    with pytest.raises(InputError, match="tokens are from 0 to 5: give 0 to 4"):
        stack.run(np.array([[0], [5]]))


BAD_STEPS = {
    "x has shape (4,): give (B, 3), or (3,)": lambda s: s.step(draw(4)),
    "x has dtype float64: give float32": lambda s: s.step(np.zeros(3)),
    "x is a list: give a numpy array of float32": lambda s: s.step([1.0, 2.0, 3.0]),
    "the state of state is not (h, c)": lambda s: s.step(draw(3), (draw(1, 1, 8),)),
    "h of state has shape (1, 2, 8): here it is (1, 1, 8)": lambda s: s.step(draw(3), s.initial_state(2)),
    "c of out has shape (1, 2, 8): here it is (1, 1, 8)": lambda s: s.step(
        draw(3), None, (draw(8), (draw(1, 1, 8), draw(1, 2, 8)))
    ),
    "y of out has shape (1, 8): here it is (8,)": lambda s: s.step(draw(3), None, (draw(1, 8), None)),
    "out is not (y, state)": lambda s: s.step(draw(3), None, s.initial_state(1)[0]),
    "read-only or not contiguous": lambda s: s.step(draw(3), None, (draw(16)[::2], s.initial_state(1))),
    "x has shape (3, 3): give (T, B, 3)": lambda s: s.run(draw(3, 3)),
    "x has shape (0, 2, 3)": lambda s: s.run(draw(0, 2, 3)),
    "length 3 of row 1 is outside 0 to 2": lambda s: s.run(draw(2, 2, 3), np.array([1, 3])),
    "x has shape (2, 2, 4)": lambda s: s.run(draw(2, 2, 4)),
}


@pytest.mark.parametrize("message", BAD_STEPS)
def test_what_does_not_fit_is_told(message):
    stack = runtime.LSTM(arrays(module("lstm", 3, 8)))
    with pytest.raises(InputError) as error:
        BAD_STEPS[message](stack)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_bidirectional_stack_cannot_step():
    stack = runtime.GRU(arrays(module("gru", 3, 8, bidirectional=True)))
    with pytest.raises(InputError, match="bidirectional: they need the whole sequence"):
        stack.step(draw(3))


def test_options_are_checked():
    weights = arrays(module("gru", 3, 8))
    with pytest.raises(InputError, match="precision is 'float16': choose one of float32, bfloat16, int8"):
        runtime.GRU(weights, precision="float16")
    with pytest.raises(InputError, match="nonlinearity is 'sin'"):
        runtime.RNN(arrays(module("rnn_tanh", 3, 8)), nonlinearity="sin")
