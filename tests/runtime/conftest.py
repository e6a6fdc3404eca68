"""Models as they are saved, and as they are loaded again."""

import pytest

from ostinato import runtime


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
