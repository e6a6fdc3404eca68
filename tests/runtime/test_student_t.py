"""Quantiles of Student's t distribution, against SciPy's."""

import numpy as np
import pytest
from scipy.special import stdtrit

from ostinato.runtime._student_t import student_t_quantiles

LEVELS = [1e-6, 1e-3, 0.05, 0.3, 0.5, 0.501, 0.9, 0.999999]


@pytest.mark.parametrize("degrees", [1, 2, 2.001, 3.5, 30, 1e3, 1e5, 1e7, 1e30], ids=str)
def test_quantiles(degrees):
    expected = stdtrit(degrees, LEVELS)
    np.testing.assert_allclose(student_t_quantiles(degrees, LEVELS), expected, rtol=1e-6, atol=1e-8)
