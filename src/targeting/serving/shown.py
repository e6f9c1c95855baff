"""What is shown of a family's record to whoever some agencies' records are shown to: field by field."""

from typing import TypeVar

from targeting.serving.contents import FamilyRecord, Member, Recorded, WorksWith

FIELDS = ("members", "former", "works_with", "recorded")


def record_shown(record: FamilyRecord, shown: frozenset[str]) -> tuple[FamilyRecord, tuple[str, ...]]:
    """Return a family's record as it is shown where some agencies' records are, and the agencies of what is not.

    Where no agency's are shown nothing is, not even who belongs to the family, and no agency is named.
    """
    if not shown:
        nothing = dict.fromkeys(FIELDS, ())
        return record.model_copy(update={**nothing, "children_elsewhere": 0}), ()
    told = {name: _shown_of(getattr(record, name), shown) for name in FIELDS}
    kept = {name: shown_ones for name, (shown_ones, _) in told.items()}
    return record.model_copy(update=kept), tuple(agency for _, agencies in told.values() for agency in agencies)


Told = TypeVar("Told", Member, WorksWith, Recorded)


def _shown_of(told: tuple[Told, ...], shown: frozenset[str]) -> tuple[tuple[Told, ...], tuple[str, ...]]:
    """Return what of it is shown by the agencies whose it is, and the agencies of what is not.

    A member is shown where any agency that is shown has a record of them.
    """
    behind = [each.known_to if isinstance(each, Member) else (each.agency,) for each in told]
    seen = [not names or not shown.isdisjoint(names) for names in behind]
    kept = tuple(_narrowed(each, shown) for each, is_seen in zip(told, seen, strict=True) if is_seen)
    hidden = (name for names, is_seen in zip(behind, seen, strict=True) if not is_seen for name in names)
    return kept, tuple(hidden)


def _narrowed(told: Told, shown: frozenset[str]) -> Told:
    """Return a member as known to the agencies that are shown, anything else as it is."""
    if isinstance(told, Member):
        return told.model_copy(update={"known_to": tuple(each for each in told.known_to if each in shown)})
    return told
