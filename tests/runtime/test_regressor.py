import numpy as np
import pytest

from .saved import regressor, series


@pytest.mark.parametrize("columns", [1, 3])
def test_predictions_are_the_estimators(both, columns):
    estimator, model = both(regressor, columns=columns)
    predicted = estimator.predict(series())
    assert predicted.shape == ((6,) if columns == 1 else (6, 3))
    np.testing.assert_allclose(model.predict(series()), predicted, rtol=1e-5)


@pytest.mark.parametrize("columns", [1, 3])
def test_a_stream_tells_the_number_so_far(both, columns):
    model = both(regressor, columns=columns)[1]
    sequence = series()[0]
    stream = model.stream()
    for t, x in enumerate(sequence):
        value = stream.push(x)
        np.testing.assert_array_equal(value, model.predict([sequence[: t + 1]])[0])
    told = stream.told(value)["value"]
    assert told == (value if columns == 1 else value.tolist())
