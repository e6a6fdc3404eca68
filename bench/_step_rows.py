"""What bench/stream.py measures: the rows, and what is aimed at."""

from dataclasses import dataclass

from _rows import Row
from ostinato.kernels import Precision


@dataclass(frozen=True)
class StepRow:
    """One time step of a layer."""

    cell: str
    H: int
    """I too."""
    sessions: int = 1
    one_by_one: bool = False
    """The peers take the sessions in single calls, we all of them in one."""
    torch: float | None = None
    """How many times as fast as torch's cell a step must be,"""
    onnxruntime: float | None = None
    """and as onnxruntime."""

    @property
    def name(self) -> str:
        """What `--rows` searches."""
        return f"{self.cell} {self.H} {self.kind}"

    @property
    def kind(self) -> str:
        """One session, or how many, and how the others take them."""
        if self.sessions == 1:
            return "one session"
        return f"{self.sessions:,} sessions, {'single calls' if self.one_by_one else 'one call'}"

    @property
    def problem(self) -> Row:
        """The layer over a sequence of one step."""
        return Row("forward", self.cell, 1, self.sessions, self.H, self.H)


ROWS = (
    StepRow("lstm", 32, torch=12, onnxruntime=6),
    StepRow("lstm", 128, torch=6, onnxruntime=3.5),
    StepRow("lstm", 256, torch=2, onnxruntime=2),
    StepRow("gru", 32),
    StepRow("gru", 128, torch=6, onnxruntime=3),
    StepRow("gru", 256),
    StepRow("rnn", 128),
    StepRow("lstm", 128, 1000, one_by_one=True, torch=12, onnxruntime=6),
    StepRow("lstm", 128, 1000, torch=1.5, onnxruntime=1),
    StepRow("gru", 128, 1000),
)

PRECISIONS: tuple[Precision, ...] = ("float32", "bfloat16", "int8")
PRECISION_ROWS = tuple(StepRow(cell, H) for cell in ("lstm", "gru") for H in (32, 64, 128, 256, 512))
