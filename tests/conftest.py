"""How all tests run."""

import pytest
import torch
from hypothesis import settings

# The same examples each time: what fails, fails for everybody.
settings.register_profile("ostinato", derandomize=True)
settings.load_profile("ostinato")


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """The tests' tensors are tiny, and threads waiting for each other would take most of the time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def pytest_collection_modifyitems(items):
    """The pages first: of two workers none is to wait, in the end, while the other tries a whole page."""
    items.sort(key=lambda item: item.path.name != "test_docs.py")
