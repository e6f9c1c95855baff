"""How a table of the Standard Safeguarding Dataset makes facts: its columns by name, its own key the record's."""

from targeting.sources.definition import (
    FactFields,
    Field,
    column,
)


def fact(kind: str, person: str, event: str, key: str, when: str | None = None, **values: str | Field) -> FactFields:
    """Return one fact of a table, its columns by name."""
    return FactFields(
        kind=kind,
        person=person,
        event_date=column(event),
        when=None if when is None else column(when),
        values={name: column(value) if isinstance(value, str) else value for name, value in values.items()},
        record_key=(key,),
    )


def spell(name: str, person: str, key: str, starts: str, ends: str, **values: str | Field) -> tuple[FactFields, ...]:
    """Return the start of something that lasts, and its end, tied by the table's own key."""
    started = fact(f"{name}_started", person, starts, key, None, episode_id=key, **values)
    return started, fact(f"{name}_ended", person, ends, key, episode_id=key)
