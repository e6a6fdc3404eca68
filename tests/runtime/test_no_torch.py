import subprocess
import sys

USE = """
import sys
import numpy as np
from ostinato.runtime import LSTM
layer = LSTM({"weight_ih_l0": np.ones((8, 3), np.float32), "weight_hh_l0": np.ones((8, 2), np.float32)})
layer.step(np.ones(3, np.float32))
print(sorted({"torch", "pandas", "polars", "scipy", "sklearn"} & set(sys.modules)))
"""


def test_the_runtime_works_without_torch():
    done = subprocess.run([sys.executable, "-c", USE], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"
