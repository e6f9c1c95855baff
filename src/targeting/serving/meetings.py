"""A panel's meeting on the lists of one date: what is entered, one thing after another, and where it then stands."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

MOST_ATTENDEES = 40
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Entered(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _said(most: int) -> object:
    return Field(min_length=1, max_length=most, repr=False)


class Attendees(_Entered):
    """Who attends, as the panel calls them; in place of what was entered before."""

    kind: Literal["attendees"] = "attendees"
    held_on: date
    names: Annotated[tuple[Name, ...], Field(min_length=1, max_length=MOST_ATTENDEES)]


class Conflict(_Entered):
    """Whoever enters it has a conflict of interest with a family, and does not decide on it from then on."""

    kind: Literal["conflict"] = "conflict"
    flag_id: str
    family_id: str


class ConflictWithdrawn(_Entered):
    """Whoever enters it has no conflict of interest with a family after all, and why; what was entered stays kept."""

    kind: Literal["conflict_withdrawn"] = "conflict_withdrawn"
    flag_id: str
    family_id: str
    why: Annotated[str, _said(1000)]


class Action(_Entered):
    """Something to be done, by whom, by when; `flag_id` and `family_id` are empty where it is about no one family."""

    kind: Literal["action"] = "action"
    what: Annotated[str, _said(1000)]
    owner: Annotated[str, _said(200)]
    due_date: date
    flag_id: str = ""
    family_id: str = ""


class ActionDone(_Entered):
    """An action is done; it may be so after the meeting was signed off."""

    kind: Literal["action_done"] = "action_done"
    action: int


class NotUsed(_Entered):
    """The lists of the date were not used, and why."""

    kind: Literal["not_used"] = "not_used"
    why: Annotated[str, _said(1000)]


class SignedOff(_Entered):
    """The chair closes the meeting: which revision of which flag's decision it ends with, and what stayed open."""

    kind: Literal["signed_off"] = "signed_off"
    decided: dict[str, int]
    undecided: tuple[str, ...]


Content = Attendees | Conflict | ConflictWithdrawn | Action | ActionDone | NotUsed | SignedOff
CONTENT: TypeAdapter[Content] = TypeAdapter(Annotated[Content, Field(discriminator="kind")])
# What a meeting that is signed off still takes.
AFTER_SIGN_OFF = ("action_done",)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that was entered: `sequence` is that of its audit event, so all entries have one order."""

    sequence: int
    at: datetime
    by: str
    role: str
    content: Content


@dataclass(frozen=True)
class Meeting:
    """Where a meeting stands after all that was entered."""

    entries: tuple[Entry, ...] = ()
    attendees: Attendees | None = None
    actions: tuple[Entry, ...] = ()
    done: frozenset[int] = field(default_factory=frozenset)
    not_used: Entry | None = None
    signed_off: Entry | None = None

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is entered but that an action is done."""
        return self.signed_off is not None or self.not_used is not None


class ClosedError(Exception):
    """A meeting takes no more of what was to be entered."""


def meeting_after(entries: Iterable[Entry]) -> Meeting:
    """Return where a meeting stands after its entries, in the order in which they were made."""
    held = tuple(entries)
    by_kind = {kind: [each for each in held if each.content.kind == kind] for kind in _KINDS}
    attendees = by_kind["attendees"][-1].content if by_kind["attendees"] else None
    return Meeting(
        entries=held,
        attendees=attendees if isinstance(attendees, Attendees) else None,
        actions=tuple(by_kind["action"]),
        done=frozenset(each.content.action for each in held if isinstance(each.content, ActionDone)),
        not_used=by_kind["not_used"][-1] if by_kind["not_used"] else None,
        signed_off=by_kind["signed_off"][-1] if by_kind["signed_off"] else None,
    )


_KINDS = ("attendees", "action", "not_used", "signed_off")


def check_takes(meeting: Meeting, content: Content) -> None:
    """Raise ClosedError, in a sentence, where a meeting takes no more of what is to be entered."""
    if content.kind in AFTER_SIGN_OFF:
        return
    if meeting.signed_off is not None:
        raise ClosedError("The chair has signed this meeting off, so nothing more is entered.")
    if meeting.not_used is not None:
        raise ClosedError("It was entered that these lists were not used, so nothing more is entered.")
