"""Times as one writes them."""

from typing import Any

from ostinato.data._frequency import Times

_FORMS = ["Y", "M", "D", "m", "s"]  # of times, the coarsest first
# By unit of the steps, the coarsest that tells them apart; others are told by the minute.
_FORM = {"year": "Y", "quarter": "M", "month": "M", "week": "D", "business day": "D", "day": "D"}


def written_times(times: Times, unit: str) -> list[Any]:
    """Times (T,) as one writes them: steps as numbers, months as 2013-01, hours as 2013-01-31 14:00.

    Args:
        times: datetime64[s], or numbers.
        unit: of a step.
    """
    if times.dtype.kind != "M":
        return list(times.tolist())
    finer = _FORMS[_FORMS.index(_FORM.get(unit, "m")) :]
    form = next(form for form in finer if (times.astype(f"M8[{form}]") == times).all())
    return [str(time).replace("T", " ") for time in times.astype(f"M8[{form}]")]
