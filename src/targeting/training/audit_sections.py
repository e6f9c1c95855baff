"""What an audit of a model tells beyond the cut: who is on the list beside who is elsewhere, and what is not known."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from targeting.fairness.grouping import Grouping
from targeting.fairness.results import Number, Section, SectionColumn, SectionRow
from targeting.store.blocks import OPEN_DAY
from targeting.store.generations import Generation
from targeting.training.audit_attributes import People, values_of
from targeting.training.audit_drawn import Drawn
from targeting.training.audit_indicators import explanations, proxies, unknowns
from targeting.training.audit_units import Mask, Texts, day_column, members_of

# How a case begins and ends in social care.
CASES = {
    "referral": ("referral_closed", "referral_no_further_action"),
    "child_in_need_plan_started": ("child_in_need_plan_ended",),
    "child_protection_plan_started": ("child_protection_plan_ended",),
    "care_started": ("care_ended",),
}
# What others decided of a child, and what of it says that there was less than feared.
LABEL_CHECKS = (
    ("section_47_ended", "outcome", "unsubstantiated", "Enquiries under section 47 that were not substantiated"),
    ("assessment_completed", "found_in_need", "false", "Assessments that found no need"),
    ("contact", "outcome", "no_further_action", "Contacts that ended without action"),
)
YEARS_CHECKED = 2
# After which event a family is to be asked something, and which fact says that it was.
SCREENINGS = (("birth", "maternal_mood", "Mothers asked after their mood since a birth"),)


def sections_of(drawn: Drawn) -> tuple[Section, ...]:
    """Return every section that can be had; those of indicators need the rows that the predictions were made from."""
    if not drawn.attributes:
        return ()
    made: list[Callable[[Drawn], Section]] = [composition, staying]
    if all(check[0] in drawn.generation.manifest.kinds for check in LABEL_CHECKS):
        made.append(label_checks)
    if all(kind in drawn.generation.manifest.kinds for each in SCREENINGS for kind in each[:2]):
        made.append(screening)
    if drawn.predictions.rows is not None:
        made += [unknowns, proxies]
    if drawn.predictions.booster is not None:
        made.append(explanations)
    return tuple(make(drawn) for make in made)


def composition(drawn: Drawn) -> Section:
    """Return each group's part of the list, of those scored, of all children and of the current caseload."""
    everyone = people_on(drawn.last_day, drawn.generation)
    open_case = have_open_case(everyone, drawn.generation)
    rows = []
    for attribute in drawn.attributes:
        scored = drawn.groups(attribute, drawn.given.attributes[attribute.name])
        children = drawn.groups(attribute, values_of(attribute, everyone))
        for name in scored.names:
            is_scored, is_child = _of(scored, name), _of(children, name)
            shares = (
                drawn.share(drawn.persons(drawn.listed & is_scored), drawn.persons(drawn.listed)),
                drawn.share(drawn.persons(is_scored), drawn.persons(np.ones_like(is_scored))),
                drawn.share(int(is_child.sum()), len(is_child)),
                drawn.share(int(open_case[is_child].sum()), int(open_case.sum())),
            )
            rows.append(SectionRow(label=drawn.label(attribute, name), values=shares))
    return Section(
        name="composition",
        title="Who is on the list, and who is elsewhere",
        says=(
            "A list mirrors whom services have met. Where a group's part of the list lies far from its part of all "
            "children, ask whether its need differs, or how closely it is looked at.",
            "All children and the caseload are those of the last date scored; an open case is a referral, plan or "
            "period of care that had not been recorded as ended.",
        ),
        columns=tuple(
            SectionColumn(heading=heading)
            for heading in ("Of the list", "Of those scored", "Of all children", "Of the caseload")
        ),
        rows=tuple(rows),
    )


def _of(groups: Grouping, name: str) -> Mask:
    """Return who is of a group; nobody where it has no row."""
    return groups.code == groups.names.index(name) if name in groups.names else np.zeros(len(groups.code), dtype=bool)


def people_on(day: np.int32, generation: Generation) -> People:
    """Return every child of every family on a date."""
    memberships = generation.memberships()
    family = np.unique(np.asarray(memberships["family_id"].to_pylist(), dtype=np.str_))
    members = members_of(family, np.full(len(family), day, dtype=np.int32), memberships)
    return People(members, members.are_under_18, generation)


def have_open_case(people: People, generation: Generation) -> Mask:
    """Return which of the people have a case with social care that was open on their date, as far as it was known."""
    day = int(people.persons.as_of.max(initial=0))
    begun = [start for start in CASES if start in generation.manifest.kinds]
    found = [_open_on(day, start, CASES[start], generation) for start in begun]
    return np.isin(people.persons.person, np.concatenate([np.zeros(0, dtype=np.str_), *found]))


def _open_on(day: int, start: str, ends: Sequence[str], generation: Generation) -> Texts:
    begun, episode = _known(generation.facts(start), day)
    over = [_known(generation.facts(end), day)[1] for end in ends if end in generation.manifest.kinds]
    ended = np.concatenate([np.zeros(0, dtype=np.str_), *over])
    return np.asarray(begun[~np.isin(episode, ended)], dtype=np.str_)


def _known(table: pa.Table, day: int) -> tuple[Texts, Texts]:
    """Return person and episode of the facts that could be known on a date, and held."""
    known = day_column(table, "knowledge_date", OPEN_DAY) < day
    held = day <= day_column(table, "superseded_on", OPEN_DAY)
    kept = table.filter(pa.array(known & held))
    person, episode = (
        np.array([text or "" for text in kept[name].to_pylist()]) for name in ("person_id", "episode_id")
    )
    return person.astype(np.str_), episode.astype(np.str_)


def label_checks(drawn: Drawn) -> Section:
    """Return, by group, how often what others decided of a child says that there was less than feared."""
    everyone = people_on(drawn.last_day, drawn.generation)
    day = int(drawn.last_day)
    found = [_decided(drawn.generation, check, (day - 365 * YEARS_CHECKED, day)) for check in LABEL_CHECKS]
    rows = []
    for attribute in drawn.attributes:
        groups = drawn.groups(attribute, values_of(attribute, everyone))
        for code, name in enumerate(groups.names):
            persons = everyone.persons.person[groups.code == code]
            values = [_share_of_less(drawn, who[of], less[of]) for who, less in found for of in [np.isin(who, persons)]]
            rows.append(SectionRow(label=drawn.label(attribute, name), values=tuple(values)))
    return Section(
        name="label_checks",
        title="Whether the outcome means the same for every group",
        says=(
            "The outcome is decided by people. Where enquiries into a group's families come to nothing more often, it "
            "may be looked at more closely than its need calls for, and a model learns to look so too.",
            f"Of what was recorded in the {YEARS_CHECKED} years before the last date scored.",
        ),
        columns=tuple(SectionColumn(heading=check[3]) for check in LABEL_CHECKS),
        rows=tuple(rows),
    )


def _share_of_less(drawn: Drawn, who: Texts, less: Mask) -> Number:
    return drawn.share(int(less.sum()), len(less), people=len(np.unique(who)))


def _decided(generation: Generation, check: tuple[str, str, str, str], days: tuple[int, int]) -> tuple[Texts, Mask]:
    """Return whose facts of a kind there are between two days, and which of them say that there was less."""
    kind, column, value, _ = check
    table = generation.facts(kind)
    event = day_column(table, "event_date", OPEN_DAY)
    held = day_column(table, "superseded_on", OPEN_DAY) == OPEN_DAY
    table = table.filter(pa.array((event >= days[0]) & (event < days[1]) & held))
    said = np.array(
        [str(each).lower() if each is not None else "" for each in table[column].to_pylist()], dtype=np.str_
    )
    return np.asarray(table["person_id"].to_pylist(), dtype=np.str_), said == value


def screening(drawn: Drawn) -> Section:
    """Return, by group of the child, how many families were asked what agencies are to ask all of them."""
    everyone = people_on(drawn.last_day, drawn.generation)
    found = [_asked(everyone, drawn.generation, each) for each in SCREENINGS]
    rows = []
    for attribute in drawn.attributes:
        groups = drawn.groups(attribute, values_of(attribute, everyone))
        for code, name in enumerate(groups.names):
            mine = groups.code == code
            values = [drawn.share(int((due & asked & mine).sum()), int((due & mine).sum())) for due, asked in found]
            rows.append(SectionRow(label=drawn.label(attribute, name), values=tuple(values)))
    return Section(
        name="screening",
        title="Who is not asked",
        says=(
            "What agencies are to ask of every family, and of whom they did. A group that is not asked looks well: its "
            "needs are unknown, and nothing here says so but this.",
            f"Of children born in the {YEARS_CHECKED} years before the last date scored.",
        ),
        columns=tuple(SectionColumn(heading=each[2]) for each in SCREENINGS),
        rows=tuple(rows),
    )


def _asked(people: People, generation: Generation, screening: tuple[str, str, str]) -> tuple[Mask, Mask]:
    """Return of which children their family was to be asked, and of which it was, in the years before their date."""
    day = int(people.persons.as_of.max(initial=0))
    due, asked = (_with_fact(generation, kind, (day - 365 * YEARS_CHECKED, day)) for kind in screening[:2])
    members = people.members
    families = np.unique(members.scored[np.isin(members.person, asked)])
    return np.isin(people.persons.person, due), np.isin(people.persons.scored, families)


def _with_fact(generation: Generation, kind: str, days: tuple[int, int]) -> Texts:
    table = generation.facts(kind)
    event = day_column(table, "event_date", OPEN_DAY)
    kept = table.filter(pa.array((event >= days[0]) & (event < days[1])))
    return np.asarray(kept["person_id"].to_pylist(), dtype=np.str_)


def staying(drawn: Drawn) -> Section:
    """Return, by group, how many of those listed on the first date, without an outcome, are listed on the last."""
    first, last = (drawn.given.list_name == edge for edge in _edges(drawn.given.list_name))
    still = np.unique(drawn.given.entity[last & drawn.listed])
    scored_again = np.unique(drawn.given.entity[last])
    begun = first & drawn.listed & (drawn.given.label == 0) & np.isin(drawn.given.entity, scored_again)
    rows = []
    for attribute in drawn.attributes:
        groups = drawn.groups(attribute, drawn.given.attributes[attribute.name])
        for code, name in enumerate(groups.names):
            mine = begun & (groups.code == code)
            kept = int(np.isin(drawn.given.entity[mine], still).sum())
            rows.append(SectionRow(label=drawn.label(attribute, name), values=(drawn.share(kept, int(mine.sum())),)))
    return Section(
        name="staying",
        title="Who leaves the list",
        says=(
            "Of those listed on the first date for whom no outcome came, how many were listed again on the last. A "
            "group that stays longer is held to its past for longer.",
        ),
        columns=(SectionColumn(heading="Listed again"),),
        rows=tuple(rows),
    )


def _edges(lists: Texts | None) -> tuple[str, str]:
    names = np.unique(lists) if lists is not None else np.array([""])
    return str(names[0]), str(names[-1])
