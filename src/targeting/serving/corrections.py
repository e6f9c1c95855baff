"""Records said to be wrong: tasks for the agencies whose they are, and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Step = Literal["sent", "put_right", "found_right"]
STEPS: tuple[Step, ...] = get_args(Step)
# After these nothing is left to do.
ENDS: tuple[Step, ...] = ("put_right", "found_right")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One step of a correction: who took it, when, with what note."""

    step: Step
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CorrectionTask:
    """A record that a panel said is wrong: whose, of which family, what is wrong, and the steps since."""

    number: int
    opened_at: datetime
    opened_by: str
    flag_id: str
    family_id: str
    agency: str
    what: str
    steps: tuple[Taken, ...]

    @property
    def is_open(self) -> bool:
        """Whether the agency has not answered yet."""
        return not any(each.step in ENDS for each in self.steps)
