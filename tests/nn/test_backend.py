"""Which arithmetic runs: by itself the native kernels where they apply; by choice, or an error."""

import copy
import io
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch.autograd import forward_ad

import ostinato.nn as onn
from ostinato import InputError

X = torch.zeros(5, 2, 3)
MODULES = {
    "RNN": lambda: onn.RNN(3, 8),
    "RNN relu": lambda: onn.RNN(3, 8, nonlinearity="relu"),
    "LSTM": lambda: onn.LSTM(3, 8, num_layers=2, bidirectional=True),
    "LSTM projected": lambda: onn.LSTM(3, 8, proj_size=3),
    "GRU": lambda: onn.GRU(3, 8),
    "RNNCell": lambda: onn.RNNCell(3, 8),
    "LSTMCell": lambda: onn.LSTMCell(3, 8),
    "GRUCell": lambda: onn.GRUCell(3, 8),
}


def by_itself(name):
    """What a module runs on where the kernels apply and the choice is left to it."""
    return "torch" if name.endswith("Cell") else "native"


def run(module, dtype=torch.float32):
    """One forward pass, and what it ran on."""
    module(X[0].to(dtype) if "Cell" in type(module).__name__ else X.to(dtype))
    return onn.backend_used(module)


@pytest.mark.parametrize("name", MODULES)
class TestEveryModule:
    def test_takes_by_itself_what_is_faster(self, name):
        module = MODULES[name]()
        assert onn.backend_used(module) is None
        assert run(module) == by_itself(name)
        assert run(module.eval()) == by_itself(name)

    def test_takes_torch_where_the_kernels_do_not_apply(self, name):
        assert run(MODULES[name]().double(), torch.float64) == "torch"

    @pytest.mark.parametrize("choice", ["native", "torch"])
    def test_takes_what_is_chosen(self, name, choice):
        with onn.backend(choice):
            assert run(MODULES[name]()) == choice

    def test_refuses_what_cannot_be(self, name):
        module = MODULES[name]().double()
        with onn.backend("native"), pytest.raises(InputError, match=r"float64 on cpu: .* leave the choice"):
            run(module, torch.float64)

    def test_tells_of_its_last_run(self, name):
        module = MODULES[name]()
        with onn.backend("torch"):
            run(module)
        with onn.backend("native"):
            assert run(module) == "native"
        assert run(module.double(), torch.float64) == "torch"


def test_choices_nest():
    module = MODULES["GRU"]()
    with onn.backend("torch"):
        with onn.backend("native"):
            assert run(module) == "native"
            with onn.backend("auto"):
                assert run(module) == "native"
        assert run(module) == "torch"
    assert run(module) == "native"


def test_a_choice_ends_with_an_error():
    module = MODULES["GRU"]()
    with pytest.raises(KeyError), onn.backend("torch"):
        raise KeyError
    assert run(module) == "native"


def test_a_choice_may_decorate_a_function():
    @onn.backend("torch")
    def decorated():
        return run(MODULES["GRU"]())

    assert [decorated(), decorated()] == ["torch", "torch"]


def test_a_choice_is_a_threads_own():
    with onn.backend("torch"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(run, MODULES["GRU"]()).result() == "native"
        assert run(MODULES["GRU"]()) == "torch"


def test_an_unknown_backend_is_named():
    with (
        pytest.raises(InputError, match="backend is 'cuda': choose one of auto, native, cudnn, torch"),
        onn.backend("cuda"),
    ):
        pass


def in_a_new_process(code, backend):
    environment = {**os.environ, "OSTINATO_BACKEND": backend}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)


@pytest.mark.parametrize("choice", ["auto", "native", "torch"])
def test_the_environment_chooses_for_all(choice):
    code = """
import threading, torch, ostinato.nn as onn
layer = onn.GRU(3, 8)
thread = threading.Thread(target=layer, args=(torch.zeros(5, 2, 3),))
thread.start(); thread.join()
print(onn.backend_used(layer))
"""
    done = in_a_new_process(code, choice)
    assert (done.stdout.strip(), done.stderr) == ({"auto": "native"}.get(choice, choice), "")


def test_an_unknown_backend_in_the_environment_is_named():
    done = in_a_new_process("import ostinato.nn", "fast")
    assert "InputError: OSTINATO_BACKEND is 'fast': choose one of auto, native, cudnn, torch" in done.stderr


@pytest.mark.parametrize("name", ["LSTM", "GRUCell"])
class TestFallingBack:
    """Results there are tested with the layers; here, that it is the readable path which gives them."""

    def test_autocast(self, name):
        module = MODULES[name]()
        with torch.autocast("cpu", torch.bfloat16):
            assert run(module) == "torch"
            with onn.backend("native"), pytest.raises(InputError, match="autocast is on"):
                run(module)

    @pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # torch's own
    @pytest.mark.parametrize(
        "transform", [torch.func.vmap, torch.func.grad, torch.func.jacfwd], ids=lambda f: f.__name__
    )
    def test_transforms(self, name, transform):
        module = MODULES[name]()
        x = X[0] if name.endswith("Cell") else X

        def total(x):
            y = module(x)
            return (y[0] if isinstance(y, tuple) else y).sum()

        transform(total)(x[None] if transform is torch.func.vmap else x)
        assert onn.backend_used(module) == "torch"
        total(x)
        assert onn.backend_used(module) == by_itself(name)

    @pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # torch's own
    def test_forward_mode(self, name):
        module = MODULES[name]()
        x = X[0] if name.endswith("Cell") else X
        with forward_ad.dual_level():
            y = module(forward_ad.make_dual(x, torch.ones_like(x)))
            tangent = forward_ad.unpack_dual(y[0] if isinstance(y, tuple) else y).tangent
        assert tangent is not None
        assert onn.backend_used(module) == "torch"

    def test_the_meta_device(self, name):
        module = MODULES[name]().to("meta")
        module(torch.zeros((2, 3) if name.endswith("Cell") else (5, 2, 3), device="meta"))
        assert onn.backend_used(module) == "torch"

    def test_an_empty_batch(self, name):
        module = MODULES[name]()
        x = torch.zeros((0, 3) if name.endswith("Cell") else (5, 0, 3))
        module(x)
        assert onn.backend_used(module) == "torch"
        with onn.backend("native"), pytest.raises(InputError, match="not empty"):
            module(x)

    def test_one_weight_of_another_type(self, name):
        module = MODULES[name]()
        weight = "weight_hh" if name.endswith("Cell") else "weight_hh_l0"
        setattr(module, weight, torch.nn.Parameter(getattr(module, weight).double()))
        with pytest.raises(RuntimeError, match="dtype"):
            run(module)


def test_a_layer_that_has_run_is_copied_saved_and_converted_as_before():
    layer = MODULES["LSTM"]()
    keys = list(layer.state_dict())
    expected = layer(X)
    assert list(layer.state_dict()) == keys
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        torch.testing.assert_close(twin(X), expected, rtol=0, atol=0)
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    fresh = MODULES["LSTM"]()
    fresh.load_state_dict(torch.load(file, weights_only=True))
    torch.testing.assert_close(fresh(X), expected, rtol=0, atol=0)
    torch.testing.assert_close(onn.revert(copy.deepcopy(layer))(X), expected)


def test_a_torch_layer_tells_of_nothing():
    layer = torch.nn.LSTM(3, 8)
    layer(X)
    assert onn.backend_used(layer) is None


def test_importing_the_layers_does_not_load_the_compiler():
    code = "import sys, ostinato.nn; print({'torch._dynamo', 'torch._inductor', 'sympy'} & set(sys.modules))"
    assert in_a_new_process(code, "auto").stdout.strip() == "set()"
