"""How a table of a return makes facts: its columns by name, a key of its own names the record."""

from targeting.sources.definition import (
    FactFields,
    Field,
    column,
)

# Categories of abuse in the words that case systems write.
CATEGORY = {
    "neglect": "NEG",
    "physical abuse": "PHY",
    "physical": "PHY",
    "sexual abuse": "SAB",
    "sexual": "SAB",
    "emotional abuse": "EMO",
    "emotional": "EMO",
    "multiple/not recommended": "MUL",
    "multiple": "MUL",
}


def fact(
    kind: str, person: str, event: str, *key: str, when: str | Field | None = None, **values: str | Field
) -> FactFields:
    """Return one fact of a table, its columns by name; the columns of its `key` name the record."""
    return FactFields(
        kind=kind,
        person=person,
        event_date=column(event),
        when=None if when is None else _field(when),
        values={name: _field(value) for name, value in values.items()},
        record_key=key,
    )


def spell(
    name: str, person: str, key: str, days: tuple[str, str], when: str | None = None, **values: str | Field
) -> tuple[FactFields, FactFields]:
    """Return the start of something that lasts, and its end, tied by the table's own key."""
    starts, ends = days
    started = fact(f"{name}_started", person, starts, key, when=when, episode_id=key, **values)
    return started, fact(f"{name}_ended", person, ends, key, when=when, episode_id=key)


def _field(of: str | Field) -> Field:
    return column(of) if isinstance(of, str) else of
