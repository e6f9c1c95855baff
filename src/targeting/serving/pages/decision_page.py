"""A decision as pages show it: the form, what is checked before it is sent, and what was recorded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from targeting.serving.contents import ListHead
from targeting.serving.decisions import Decision, FirstContact, RecordedDecision
from targeting.serving.flow import LONDON
from targeting.serving.pages.decision_words import AGREEMENTS, CHOICES, CONTACT_ROLES, LEVELS, OUTCOMES
from targeting.serving.sentences import in_words


@dataclass(frozen=True, kw_only=True)
class DecisionSaid:
    """One revision in words: what was decided, by whom, when, and each part that was said."""

    choice: str
    by: str
    at: str
    revision: int
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Difference:
    """One part of a decision on which two revisions differ: as somebody recorded it, and as the reader has it."""

    part: str
    theirs: str
    ours: str


def said(recorded: RecordedDecision) -> DecisionSaid:
    """Return a recorded decision in words."""
    return DecisionSaid(
        choice=CHOICES[recorded.content.decision],
        by=f"{recorded.recorded_by} ({recorded.role.replace('_', ' ')})",
        at=moment(recorded.recorded_at),
        revision=recorded.revision,
        parts=tuple(parts_of(recorded.content)),
    )


def moment(at: datetime) -> str:
    """Return a moment as a clock in the room shows it: `30 March 2026, 10:31`."""
    local = at.astimezone(LONDON)
    return f"{in_words(local.date())}, {local:%H:%M}"


def parts_of(decision: Decision) -> Iterable[tuple[str, str]]:
    """Yield each part of a decision that says something, under the words of its form."""
    yield "Decision", CHOICES[decision.decision]
    yield "Reason", decision.reason
    if decision.first_view is not None:
        yield "First view, before the band was seen", CHOICES[decision.first_view]
    yield "Level of need", LEVELS[decision.threshold_level]
    for child in decision.children:
        voice = f"\nWhat the child said: {child.voice}" if child.voice else "\nThe child was not heard."
        yield f"For {child.child}", f"{child.impact}{voice}"
    yield "Were they asked", AGREEMENTS[decision.agreement]
    contact = decision.safe_contact
    if contact is not None:
        when = f"\nWhen not: {contact.when_not}" if contact.when_not else ""
        yield "Safe contact", f"Who: {contact.who}\nHow: {contact.how}{when}"
    if decision.best_placed:
        yield "Best placed to offer help", decision.best_placed
    if decision.correction is not None:
        yield f"Wrong record of {decision.correction.agency}", decision.correction.what
    yield "Who sees to it", decision.owner
    yield "By", in_words(decision.due_date)
    if decision.first_contact is not None:
        yield "First contact", contact_said(decision.first_contact)
    for each in sorted(decision.follow_ups, key=lambda one: one.months):
        yield f"After {each.months} months", f"{OUTCOMES[each.outcome]}, noted on {in_words(each.noted_on)}"


def contact_said(contact: FirstContact) -> str:
    """Return when and by whom a family was first contacted, in words."""
    return f"{in_words(contact.contacted_on)}, {CONTACT_ROLES[contact.by].lower()}"


def awaits_contact(head: ListHead, decided: RecordedDecision | None) -> bool:
    """Return whether an offer waits to be taken to the family; of a shadow list nobody is contacted, so none does."""
    return head.standing == "live" and decided is not None and decided.content.awaits_contact


def differences(theirs: Decision, ours: Decision) -> tuple[Difference, ...]:
    """Return the parts on which two decisions differ, in the order of the form."""
    held, own = dict(parts_of(theirs)), dict(parts_of(ours))
    names: Sequence[str] = tuple(dict.fromkeys((*held, *own)))
    nothing = "Nothing"
    return tuple(
        Difference(name, held.get(name, nothing), own.get(name, nothing))
        for name in names
        if held.get(name) != own.get(name)
    )
