"""Which columns of a table are time series, and what goes along with them."""

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Self

from ostinato._errors import InputError

_MOST = 10_000  # covariates


@dataclass(frozen=True)
class PanelColumns:
    """The columns that make a panel.

    Attributes:
        target: the values to forecast.
        time: when each is; None if the rows of each series are its steps, without holes.
        series: which series a row is of; None if there is only one.
        known: covariates that are known ahead, such as holidays or a price that one sets.
        past: covariates that are known only as far as the values are.
    """

    target: str
    time: str | None = None
    series: str | None = None
    known: tuple[str, ...] = ()
    past: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for (one, role), (other, other_role) in combinations(self._roles(), 2):
            if one == other:
                raise InputError(f"column {one!r} is named as {role} and as {other_role}; name it once")

    @property
    def names(self) -> list[str]:
        """The names of all."""
        return [name for name, _ in self._roles()]

    def _roles(self) -> list[tuple[str, str]]:
        named = [(self.target, "target"), (self.time, "time"), (self.series, "series")]
        named += [(name, "known covariate") for name in self.known]
        named += [(name, "past covariate") for name in self.past]
        return [(name, role) for name, role in named if name is not None]

    def to_json(self) -> dict[str, Any]:
        """The columns, JSON-able."""
        return {**asdict(self), "known": list(self.known), "past": list(self.past)}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The columns that `to_json` described; safe for a stranger's JSON.

        Raises:
            InputError: `value` is anything else.
        """
        value = value if isinstance(value, dict) else {}
        target, time, series = (value.get(name) for name in ("target", "time", "series"))
        known, past = (value.get(name) for name in ("known", "past"))
        if not isinstance(target, str) or not all(isinstance(name, str | None) for name in (time, series)):
            raise InputError('the "target", "time" and "series" of columns must be names; save them anew')
        if not _are_names(known) or not _are_names(past):
            raise InputError("the covariates of columns must be names; save them anew")
        return cls(target, time, series, tuple(known), tuple(past))


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= _MOST and all(isinstance(name, str) for name in value)
