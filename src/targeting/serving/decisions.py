"""What a panel decides of a flag: its content, and each revision of it as it was recorded."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from targeting.serving.scores.request import NOT_BLANK, Day

Choice = Literal[
    "offer_help",
    "already_getting_the_right_help",
    "more_information_needed",
    "refer_up",
    "no_contact_needed_now",
    "record_is_wrong",
]
ThresholdLevel = Literal["universal", "early_help", "child_in_need", "child_protection"]
Agreement = Literal["agreed", "declined", "not_sought_yet", "not_safe_to_ask"]
Outcome = Literal["needs_met", "needs_met_in_part", "needs_unmet", "stepped_up", "moved_away", "not_known"]
# Who spoke with a family, by role alone: no name is kept of anybody.
ContactRole = Literal[
    "early_help_worker",
    "family_hub_worker",
    "health_visitor",
    "midwife",
    "school_staff",
    "voluntary_or_community_worker",
    "youth_worker",
    "somebody_else",
]
# Nothing is offered before somebody has said who may be contacted safely, how, and when not.
NEEDS_SAFE_CONTACT: tuple[Choice, ...] = ("offer_help",)
# Whose record it is, and what is wrong with it: without both nobody can put it right.
NEEDS_CORRECTION: tuple[Choice, ...] = ("record_is_wrong",)


def _whole(value: object) -> object:
    """Return 3 for 3.0: JSON knows one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(most: int, description: str) -> object:
    return Field(min_length=1, max_length=most, pattern=NOT_BLANK, description=description, repr=False)


class _Decided(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Child(_Decided):
    """What the matter means for one child, in the child's own words where they were heard."""

    child: Annotated[str, _text(100, "Which child, as the panel calls the child; no name")]
    impact: Annotated[str, _text(2000, "What it means for this child")]
    voice: Annotated[str | None, Field(max_length=2000, repr=False, description="What the child said; null: not heard")]


class SafeContact(_Decided):
    """Who may be contacted safely, how, and when not: before any offer."""

    who: Annotated[str, _text(200, "Whom to contact")]
    how: Annotated[str, _text(500, "How")]
    when_not: Annotated[str, Field(max_length=500, repr=False, description="When not; empty where any time is safe")]


class Correction(_Decided):
    """A record that is said to be wrong: a task for its agency. It says nothing of who belongs to the family."""

    agency: Annotated[str, _text(200, "Whose record it is, as the list names the agency")]
    what: Annotated[str, _text(2000, "What is wrong, and what would be right; read by the agency")]


class FirstContact(_Decided):
    """When somebody first spoke with the family about the offer, and who: a role, never a name."""

    contacted_on: Annotated[Day, Field(description="Not before the list's date, and not after today")]
    by: Annotated[ContactRole, Field(description="Who spoke with them, by role")]


class FollowUp(_Decided):
    """What became of it so many months after the decision."""

    months: Annotated[Literal[3, 6, 12], BeforeValidator(_whole)]
    outcome: Outcome
    noted_on: Day


class Decision(_Decided):
    """What a panel decides of one flag. Overriding the list is as easy as accepting it."""

    decision: Choice
    reason: Annotated[str, _text(4000, "Why, in a few sentences")]
    first_view: Annotated[
        Choice | None, Field(description="What the reader would have decided before seeing the band; null: not blind")
    ]
    threshold_level: ThresholdLevel
    children: Annotated[list[Child], Field(max_length=30, description="What it means for each child")]
    agreement: Annotated[Agreement, Field(description="Whether the family was asked, and what it said")]
    safe_contact: Annotated[SafeContact | None, Field(description="Needed where help is offered")]
    best_placed: Annotated[
        str | None,
        Field(max_length=200, repr=False, description="Who is best placed to offer help, of the council or not"),
    ] = None
    correction: Annotated[
        Correction | None, Field(description="Needed where a record is wrong: opens a task for its agency")
    ] = None
    owner: Annotated[str, _text(200, "Who sees to it: a person's subject as sign-in knows it, or a team")]
    due_date: Annotated[Day, Field(description="By when")]
    first_contact: Annotated[
        FirstContact | None, Field(description="When somebody first spoke with the family of it; null: not told yet")
    ] = None
    follow_ups: Annotated[list[FollowUp], Field(max_length=3, description="Outcomes, as they become known")]

    def faults(self) -> tuple[str, ...]:
        """Return what keeps a decision that fits the schema from being recorded, in sentences."""
        told = []
        if self.decision in NEEDS_SAFE_CONTACT and self.safe_contact is None:
            told.append("Help is offered only once somebody has said who may be contacted safely, how, and when not.")
        if self.decision in NEEDS_CORRECTION and self.correction is None:
            told.append("Whose record is wrong, and what is wrong with it, has to be said.")
        months = [each.months for each in self.follow_ups]
        if len(set(months)) < len(months):
            told.append("There is one outcome for each of 3, 6 and 12 months.")
        # PostgreSQL keeps no such character. A backslash that somebody typed stands in JSON as two.
        if "\\u0000" in self.model_dump_json().replace("\\\\", ""):
            told.append("A text holds the character U+0000, which cannot be kept: leave it out.")
        return tuple(told)

    def contact_faults(self, *, listed_on: date, today: date) -> tuple[str, ...]:
        """Return what is wrong with the day of the first contact, in a sentence, by the date of the flag's list."""
        if self.first_contact is None or listed_on <= self.first_contact.contacted_on <= today:
            return ()
        return (f"The first contact was on or after the list's date, {listed_on}, and no later than today, {today}.",)

    @property
    def awaits_contact(self) -> bool:
        """Whether help is offered, and nobody has told yet that the family was spoken with about it."""
        return self.decision == "offer_help" and self.first_contact is None


class RecordedDecision(BaseModel):
    """One revision of a flag's decision as it was recorded; the last one holds. `sequence` orders all decisions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    flag_id: str
    list_id: str
    revision: int
    sequence: int
    recorded_at: datetime
    recorded_by: str
    role: str
    content: Decision
