"""Which columns of a table are read, and as what."""

from dataclasses import dataclass
from typing import Any, Self, TypeGuard

from ostinato._errors import InputError
from ostinato.data._examples import KINDS

SENTENCE_KINDS = ("text", "tokens")
_MOST = 10_000  # columns of one sequence


@dataclass(frozen=True)
class Columns:
    """The columns that make examples.

    Attributes:
        input: one column of texts, lists or paths; or one or more columns of numbers.
        target: the column of labels, numbers, tags or texts; several for several numbers; None
            where there are no targets to read.
        id: in a long table, the column that says which rows are the steps of one sequence.
        kind: what the input is: "text", "tokens", "vectors", "audio" or "video"; "auto" looks at the cells.
        target_kind: what the target of a translation is: "text" or "tokens"; "auto" looks at the cells.
    """

    input: tuple[str, ...] = ()
    target: str | tuple[str, ...] | None = None
    id: str | None = None
    kind: str = "auto"
    target_kind: str = "auto"

    @property
    def targets(self) -> tuple[str, ...]:
        """The target columns, as many as there are."""
        if self.target is None:
            return ()
        return (self.target,) if isinstance(self.target, str) else self.target

    def to_json(self) -> dict[str, Any]:
        """The columns, JSON-able."""
        target = list(self.target) if isinstance(self.target, tuple) else self.target
        return {
            "input": list(self.input),
            "target": target,
            "id": self.id,
            "kind": self.kind,
            "target_kind": self.target_kind,
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """The columns that `to_json` described; safe for a stranger's JSON.

        Raises:
            InputError: `value` is anything else.
        """
        if not isinstance(value, dict):
            raise InputError("the columns of a table must be a JSON object; save them anew")
        names, target, group = value.get("input"), value.get("target"), value.get("id")
        kind, target_kind = value.get("kind"), value.get("target_kind", "auto")
        if not _are_names(names) or not (target is None or isinstance(target, str) or _are_names(target)):
            raise InputError('the "input" and "target" of columns must be names; save them anew')
        if not (group is None or isinstance(group, str)) or kind not in ("auto", *KINDS):
            raise InputError('the "id" of columns must be a name, their "kind" one of input; save them anew')
        if target_kind not in ("auto", *SENTENCE_KINDS):
            raise InputError('the "target_kind" of columns must be "text" or "tokens"; save them anew')
        return cls(
            tuple(names), tuple(target) if isinstance(target, list) else target, group, kind, target_kind
        )


def _are_names(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and len(value) <= _MOST and all(isinstance(name, str) for name in value)
