"""The examples as modules: a test calls their functions."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def example():
    def load(name):
        # Not by its own name: a package may be called the same.
        spec = spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
