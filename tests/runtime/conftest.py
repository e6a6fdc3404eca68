"""One thread: the tests' tensors are tiny, and threads waiting for each other would take most of the time."""

import pytest
import torch

from ostinato import runtime


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Saves an estimator, and gives it as it was loaded again, with torch and without."""
    loaded = {}

    def load(make, **options):
        key = (make, tuple(sorted(options.items())))
        if key not in loaded:
            directory = tmp_path_factory.mktemp("saved") / "model"
            estimator = make(**options)
            estimator.save(directory)
            loaded[key] = type(estimator).load(directory), runtime.load(directory)
        return loaded[key]

    return load
