"""What an audit tells of the records themselves: who is recorded how often, and whether that means the same."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from targeting.fairness.coarse import LEAST
from targeting.fairness.definition import Attribute
from targeting.fairness.disclosure import SMALL
from targeting.fairness.grouping import Grouping
from targeting.fairness.one_against_rest import AgainstRest, against_the_rest
from targeting.fairness.results import WITHHELD, Number, Section, SectionColumn, SectionRow
from targeting.store.blocks import OPEN_DAY
from targeting.store.generations import Generation
from targeting.training.audit_drawn import Drawn
from targeting.training.audit_units import Indexes, Mask, Members, Texts, day_column

# Records that somebody outside the family decides to make, and what one is called.
RECORDS = (("domestic_abuse_incident", "police incident"), ("contact", "contact with social care"))
YEAR = 365
# What says that services helped the family, and that its members took it.
HELP = ("early_help_started", "help_accepted", "family_centre_session")


@dataclass(frozen=True)
class _Found:
    """The rows whose outcome is known: which have a record, of which group they are, and how each group compares."""

    recorded: Mask
    label: Indexes
    groups: Grouping
    against: AgainstRest


def records(drawn: Drawn) -> tuple[Section, ...]:
    """Return a section for each kind of record that the generation holds."""
    held = [(kind, words) for kind, words in RECORDS if kind in drawn.generation.manifest.kinds]
    return tuple(_of_kind(drawn, kind, words) for kind, words in held)


def _of_kind(drawn: Drawn, kind: str, words: str) -> Section:
    recorded = families_with(drawn, (kind,), (-YEAR, 0))
    rows, says = [], []
    for attribute in (*drawn.attributes, *_proxies(drawn)):
        found = _found(drawn, attribute, recorded)
        for code, name in enumerate(found.groups.names):
            rows.append(SectionRow(label=drawn.label(attribute, name), values=_values(drawn, found, code)))
        says += list(_says(drawn, attribute, found, words))
    return Section(
        name=f"records_{kind}",
        title=f"How often there is a {words} on record, and what it means",
        says=(
            f"Children whose family had a {words} on record in the year before the list, and for how many of these the "
            "outcome came, beside all other groups of the attribute. Where a record is followed by the outcome less "
            "often, it may be made there for less: such a group is looked at more closely than others, and a list "
            "that goes by the record lists it without need. The intervals of one attribute hold together.",
            *(says or ("No group's records are followed by the outcome less often than others' beyond chance.",)),
        ),
        columns=(
            SectionColumn(heading=f"With a {words}"),
            SectionColumn(heading="Of these, with the outcome"),
            SectionColumn(heading="Outcomes after it, against all others", form="text"),
        ),
        rows=tuple(rows),
    )


def _proxies(drawn: Drawn) -> tuple[Attribute, ...]:
    """Return the audited attributes that may stand in for what is refused, such as the ward."""
    named = {attribute.name for attribute in drawn.attributes}
    return tuple(
        each
        for each in drawn.policy.audited
        if each.attribute_class == "proxy" and each.column is not None and each.name not in named
    )


def _found(drawn: Drawn, attribute: Attribute, recorded: Mask) -> _Found:
    known = ~np.isnan(drawn.given.label)
    groups = drawn.groups(attribute, drawn.given.attributes[attribute.name])
    of = known & recorded
    label = np.where(known, drawn.given.label, 0).astype(np.int64)
    places = drawn.given.entity if drawn.given.place is None else drawn.given.place
    family = np.unique(places[of], return_inverse=True)[1].reshape(-1).astype(np.int64)
    against = against_the_rest(label[of], groups.code[of], family, len(groups.names))
    return _Found(of, label, groups, against)


def _values(drawn: Drawn, found: _Found, code: int) -> tuple[Number | str, ...]:
    mine = (found.groups.code == code) & ~np.isnan(drawn.given.label)
    with_record = mine & found.recorded
    people = drawn.persons(with_record)
    shares = (
        drawn.share(int(with_record.sum()), int(mine.sum()), people=drawn.persons(mine)),
        drawn.share(int(found.label[with_record].sum()), int(with_record.sum()), people=people),
    )
    return (*shares, _compared(drawn, found, code))


def _compared(drawn: Drawn, found: _Found, code: int) -> str:
    """Return how a group compares with all others, in tenths; `c` where few were recorded or had the outcome."""
    if not _may_be_told(drawn, found, code):
        return WITHHELD
    ratio, lower, upper = (column[code] for column in (found.against.ratio, found.against.lower, found.against.upper))
    if not np.isfinite(ratio):
        return "–"
    return f"{ratio:.1f} times ({lower:.1f} to {upper:.1f})"


def _may_be_told(drawn: Drawn, found: _Found, code: int) -> bool:
    if drawn.policy.disclosure == "none":
        return True
    with_record = found.recorded & (found.groups.code == code)
    sides = [with_record, found.recorded & ~with_record]
    few = [drawn.persons(side & (found.label == 1)) for side in sides]
    return min(map(drawn.persons, sides)) >= LEAST and not any(1 <= each <= SMALL for each in few)


def _says(drawn: Drawn, attribute: Attribute, found: _Found, words: str) -> Iterator[str]:
    for code in np.flatnonzero(found.against.is_less).tolist():
        if _may_be_told(drawn, found, code):
            label = drawn.label(attribute, found.groups.names[code])
            compared = _compared(drawn, found, code)
            yield f"{label}: a {words} is followed by the outcome less often than elsewhere, {compared}."


def families_with(drawn: Drawn, kinds: tuple[str, ...], days: tuple[int, int]) -> Mask:
    """Return which rows' families have a fact of any of the kinds between so many days from the row's date.

    Before the date, only what was known on it counts.
    """
    held = [kind for kind in kinds if kind in drawn.generation.manifest.kinds]
    members, persons = drawn.people.members, drawn.people.persons
    has = np.zeros(len(members.person), dtype=bool)
    for kind in held:
        has |= _have(members, drawn.generation, kind, days)
    families = np.zeros(int(members.scored.max(initial=-1)) + 1, dtype=bool)
    families[members.scored[has]] = True
    return np.asarray(families[persons.scored])


def _have(members: Members, generation: Generation, kind: str, days: tuple[int, int]) -> Mask:
    table = generation.facts(kind)
    who = np.asarray(table["person_id"].to_pylist(), dtype=np.str_)
    event, known = (day_column(table, name, OPEN_DAY) for name in ("event_date", "knowledge_date"))
    until = day_column(table, "superseded_on", OPEN_DAY)
    has = np.zeros(len(members.person), dtype=bool)
    for day in np.unique(members.as_of):
        seen = (event >= day + days[0]) & (event < day + days[1])
        if days[1] <= 0:
            seen &= (known < day) & (day <= until)
        on_day = members.as_of == day
        has[on_day] = np.isin(members.person[on_day], np.unique(who[seen]))
    return has


def help_given(drawn: Drawn) -> Section:
    """Return, by group, how many of those listed were helped within the outcome's horizon, and of those missed."""
    horizon = drawn.horizon
    helped = families_with(drawn, HELP, (0, horizon))
    happened = drawn.given.label == 1
    asked = (drawn.listed, drawn.listed & happened, happened & ~drawn.listed)
    rows = []
    for attribute in drawn.attributes:
        groups = drawn.groups(attribute, drawn.given.attributes[attribute.name])
        for code, name in enumerate(groups.names):
            mine = [each & (groups.code == code) for each in asked]
            values = tuple(drawn.share(int((m & helped).sum()), int(m.sum()), people=drawn.persons(m)) for m in mine)
            rows.append(SectionRow(label=drawn.label(attribute, name), values=values))
    return Section(
        name="help",
        title="Who is helped",
        says=(
            f"Children in whose family early help began, was accepted or was given within {horizon // 7} weeks of the "
            "list, whoever began it. A list is worth what help follows it: where a group is listed as often and helped "
            "less, the list does it no good.",
        ),
        columns=(
            SectionColumn(heading="Helped, of those listed"),
            SectionColumn(heading="Of those listed who had the outcome"),
            SectionColumn(heading="Of those missed"),
        ),
        rows=tuple(rows),
    )


def known_within(drawn: Drawn, known: Texts) -> Section:
    """Return, within each group, recall and precision of families that social care had met and of those it had not."""
    happened, told = drawn.given.label == 1, ~np.isnan(drawn.given.label)
    rows = []
    for attribute in drawn.attributes:
        groups = drawn.groups(attribute, drawn.given.attributes[attribute.name])
        for code, name in enumerate(groups.names):
            for state in np.unique(known).tolist():
                mine = (groups.code == code) & (known == state) & told
                shares = ((mine, drawn.listed), (mine & happened, drawn.listed), (mine & drawn.listed, happened))
                values = tuple(
                    drawn.share(int((of & did).sum()), int(of.sum()), people=drawn.persons(of)) for of, did in shares
                )
                rows.append(SectionRow(label=f"{drawn.label(attribute, name)}, {state}", values=values))
    return Section(
        name="known_within",
        title="Known and never known, within each group",
        says=(
            "A list by records finds whom services have met. Whether a group is missed because it was never met, or "
            "although it was, asks for another answer: to look for it, or to look at the list.",
        ),
        columns=(
            SectionColumn(heading="Listed"),
            SectionColumn(heading="Of those with the outcome, listed"),
            SectionColumn(heading="Of those listed, with the outcome"),
        ),
        rows=tuple(rows),
    )
