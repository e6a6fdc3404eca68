"""What a forecaster is told of a step, checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._errors import InputError, one_line
from ostinato.data.forecasting import ForecastEncoder
from ostinato.runtime._forecast_progress import Observation

_LARGEST = float(np.finfo(np.float32).max)
_KEYS = ("value", "known", "past")


def read_observation(given: Any, encoder: ForecastEncoder) -> Observation:
    """A number, None, or a mapping with the value and covariates.

    Raises:
        InputError: it is anything else, or a covariate is missing.
    """
    parts = given if isinstance(given, Mapping) else {"value": given}
    if unknown := [key for key in parts if key not in _KEYS]:
        raise InputError(f"an observation has no {unknown[0]!r}: give {', '.join(_KEYS)}")
    if "value" not in parts:
        raise InputError("an observation needs a value; None or NaN is a missing one")
    value = _numbers(parts["value"], "value")
    if value.ndim:
        raise InputError(f"value has shape {value.shape}: give one number")
    known = _columns(parts, "known", encoder.known.names)
    past = _columns(parts, "past", encoder.past.names)
    if len(past) != 1:
        raise InputError(f"past covariates are given for {len(past)} steps: give those of this one")
    return Observation(float(value), known, past[0])


def _columns(parts: Mapping[str, Any], kind: str, names: tuple[str, ...]) -> NDArray[np.float64]:
    """(k, len(names)) the covariates of k steps: of one where there are no names."""
    columns = parts.get(kind)
    if columns is None and kind == "known" and names:
        return np.empty((0, len(names)))  # enough may be known from before
    columns = {} if columns is None else columns
    if not isinstance(columns, Mapping):
        raise InputError(f"{kind} is {type(columns).__name__}: give a mapping from names to numbers")
    for name in (*names, *columns):
        if name not in columns:
            raise InputError(f"the {kind} covariate {name!r} is missing: give it too, or None")
        if name not in names:
            raise InputError(f"the model was trained without the {kind} covariate {name!r}: leave it out")
    if not names:
        return np.empty((1, 0))
    arrays = [np.atleast_1d(_numbers(columns[name], f"{kind} {name!r}")) for name in names]
    if any(array.ndim > 1 or len(array) != len(arrays[0]) for array in arrays):
        raise InputError(f"the {kind} covariates are not given for equally many steps: give as many of each")
    return np.column_stack(arrays)


def _numbers(given: Any, name: str) -> NDArray[np.float64]:
    """As float64, what is None as NaN."""
    try:
        array = np.asarray(given)
        if array.dtype.kind == "O":
            array = np.array(given, np.float64)  # None becomes NaN
        if array.dtype.kind not in "fiu":
            raise TypeError(f"it is {array.dtype}")
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name} is no number: {one_line(error)}") from None
    array = array.astype(np.float64)
    if (np.abs(array) > _LARGEST).any():
        raise InputError(f"{name} is infinite or too large for float32; correct it, or make it None")
    return array
