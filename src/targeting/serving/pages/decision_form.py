"""A decision as a form holds it: field by field, and back into a decision or what is wrong with each field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from pydantic import ValidationError

from targeting.serving.decisions import Choice, ContactRole, Correction, Decision, FirstContact, FollowUp, SafeContact
from targeting.serving.pages.decision_words import MONTHS
from targeting.serving.pages.fields import PARTS_OF_DAY, FieldFault, Fields, day_fields, day_in, text_in, too_long
from targeting.serving.sentences import in_words

MOST_CHILDREN = 30
# The fields of the first contact: its day in three parts, and who spoke with the family.
CONTACT, CONTACT_BY = "first_contact", "first_contact_by"
# What each field is called where something is wrong with it.
NEEDED: Mapping[str, str] = {
    "decision": "Choose what you decide",
    "reason": "Say why, in a few sentences",
    "threshold_level": "Choose the level of need",
    "agreement": "Say whether they were asked",
    "owner": "Say who sees to it",
}
PARTS: Mapping[str, str] = {
    **{f"safe_contact.{each}": f"contact_{each}" for each in ("who", "how", "when_not")},
    **{f"correction.{each}": f"correction_{each}" for each in ("agency", "what")},
}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a form does not ask: the reader's first view, the decision that it revises, the list's date, and today."""

    first_view: Choice | None
    before: Decision | None
    listed_on: date
    today: date


def fields_of(decision: Decision) -> Fields:
    """Return a decision as its form holds it."""
    contact, correction = decision.safe_contact, decision.correction
    told = {name: str(getattr(decision, name)) for name in NEEDED}
    for number, child in enumerate(decision.children):
        told |= {f"child_{number}": child.child, f"impact_{number}": child.impact, f"voice_{number}": child.voice or ""}
    if contact is not None:
        told |= {f"contact_{name}": getattr(contact, name) for name in SafeContact.model_fields}
    if correction is not None:
        told |= {f"correction_{name}": getattr(correction, name) for name in Correction.model_fields}
    told |= contact_fields(decision.first_contact)
    told |= {f"outcome_{each.months}": each.outcome for each in decision.follow_ups}
    return told | {"best_placed": decision.best_placed or "", **day_fields("due_date", decision.due_date)}


def contact_fields(contact: FirstContact | None) -> Fields:
    """Return a first contact as a form holds it; nothing where none is told."""
    if contact is None:
        return {}
    return {CONTACT_BY: contact.by, **day_fields(CONTACT, contact.contacted_on)}


def fresh_fields(*, children: Sequence[str], owner: str, due_date: date) -> Fields:
    """Return the form of a flag that nobody decided yet, with what is known filled in."""
    named = {f"child_{number}": child for number, child in enumerate(children)}
    return {**named, "owner": owner, **day_fields("due_date", due_date)}


def children_in(fields: Fields) -> int:
    """Return how many children a form has room for; one at least."""
    numbers = [int(name.removeprefix("child_")) for name in fields if name.removeprefix("child_").isdecimal()]
    return min(max([0, *numbers]) + 1, MOST_CHILDREN)


def decided(fields: Fields, setting: Setting) -> Decision | tuple[FieldFault, ...]:
    """Return the decision that a form holds, or everything that is wrong with it, in the order of the form."""
    faults = list(_lacking(fields))
    due = day_in(fields, "due_date", called="The date by which it is done")
    if isinstance(due, FieldFault):
        faults.append(due)
    contact = contact_in(fields, setting)
    faults += contact if isinstance(contact, tuple) else ()
    if faults:
        return tuple(faults)
    try:
        content = Decision.model_validate(_told(fields, setting) | {"due_date": due, "first_contact": contact})
    except ValidationError as error:
        return tuple(_fault(each) for each in error.errors(include_input=False, include_url=False))
    return content


def contact_in(fields: Fields, setting: Setting) -> FirstContact | tuple[FieldFault, ...] | None:
    """Return the first contact that a form holds, None where nothing of it is filled in, or what is wrong with it."""
    role = next((each for each in get_args(ContactRole) if each == text_in(fields, CONTACT_BY)), None)
    if role is None and not any(text_in(fields, f"{CONTACT}-{part}") for part in PARTS_OF_DAY):
        return None
    on = day_in(fields, CONTACT, called="The day of the first contact")
    told = [on] if isinstance(on, FieldFault) else []
    if not isinstance(on, FieldFault) and not setting.listed_on <= on <= setting.today:
        between = f"from {in_words(setting.listed_on)}, the list’s date, until today, {in_words(setting.today)}"
        told = [FieldFault(f"{CONTACT}-day", f"The day of the first contact has to be {between}")]
    if role is None:
        told.append(FieldFault(CONTACT_BY, "Say who spoke with them"))
    if told or isinstance(on, FieldFault) or role is None:
        return tuple(told)
    return FirstContact(contacted_on=on, by=role)


def _lacking(fields: Fields) -> Iterator[FieldFault]:
    """Yield what has to be said and was not."""
    for name, message in NEEDED.items():
        if not text_in(fields, name):
            yield FieldFault(name, message)
    choice = text_in(fields, "decision")
    if choice == "offer_help" or any(text_in(fields, f"contact_{name}") for name in SafeContact.model_fields):
        yield from _needed(fields, "contact_who", "Say who may be contacted safely")
        yield from _needed(fields, "contact_how", "Say how they may be contacted safely")
    if choice == "record_is_wrong" or any(text_in(fields, f"correction_{name}") for name in Correction.model_fields):
        yield from _needed(fields, "correction_agency", "Say whose record is wrong")
        yield from _needed(fields, "correction_what", "Say what is wrong with the record")
    for number in range(children_in(fields)):
        names = [name for name in ("child", "impact", "voice") if text_in(fields, f"{name}_{number}")]
        if names and "child" not in names:
            yield FieldFault(f"child_{number}", "Say which child this is about")
        if "voice" in names and "impact" not in names:
            yield FieldFault(f"impact_{number}", "Say what it means for this child")


def _needed(fields: Fields, name: str, message: str) -> Iterator[FieldFault]:
    if not text_in(fields, name):
        yield FieldFault(name, message)


def _told(fields: Fields, setting: Setting) -> dict[str, Any]:
    return {
        **{name: text_in(fields, name) for name in NEEDED},
        "first_view": setting.first_view or (setting.before.first_view if setting.before else None),
        "children": [child for number in range(children_in(fields)) if (child := _child(fields, number))],
        "safe_contact": _group(fields, SafeContact, "contact", needs=("who", "how")),
        "best_placed": text_in(fields, "best_placed") or None,
        "correction": _group(fields, Correction, "correction", needs=("agency", "what")),
        "follow_ups": [each for months in MONTHS if (each := _follow_up(fields, months, setting))],
    }


def _child(fields: Fields, number: int) -> dict[str, str | None] | None:
    """Return what is said of one child; nothing of a child of whom nothing but a name was filled in."""
    impact = text_in(fields, f"impact_{number}")
    if not impact:
        return None
    voice = text_in(fields, f"voice_{number}") or None
    return {"child": text_in(fields, f"child_{number}"), "impact": impact, "voice": voice}


def _group(
    fields: Fields, model: type[SafeContact] | type[Correction], prefix: str, *, needs: Sequence[str]
) -> dict[str, str] | None:
    held = {name: text_in(fields, f"{prefix}_{name}") for name in model.model_fields}
    return held if all(held[name] for name in needs) else None


def _follow_up(fields: Fields, months: int, setting: Setting) -> FollowUp | None:
    """Return the outcome after so many months: as it was noted before where it is the same, else noted today."""
    outcome = text_in(fields, f"outcome_{months}")
    if not outcome:
        return None
    held = [each for each in (setting.before.follow_ups if setting.before else []) if each.months == months]
    if held and held[0].outcome == outcome:
        return held[0]
    return FollowUp.model_validate({"months": months, "outcome": outcome, "noted_on": setting.today})


def _fault(error: Mapping[str, Any]) -> FieldFault:
    """Return a fault of the schema at the field where its value was typed."""
    place = error["loc"]
    if place[0] == "children" and len(place) > 2:
        return too_long(f"{place[2]}_{place[1]}", error)
    return too_long(PARTS.get(".".join(map(str, place[:2])), str(place[0])), error)
