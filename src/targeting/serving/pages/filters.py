"""Filters of a list: what may be chosen, what was, and which families are left."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from targeting.serving.contents import FamilyRecord, Flag
from targeting.serving.pages.family_words import AGE_BANDS, age_bands
from targeting.serving.pages.standing import Standing
from targeting.serving.pages.words import capitalised

STATUSES: Mapping[str, str] = {"open": "Not decided yet", "decided": "Decided", "new": "New on this list"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One family of a list as filters see it: its flag as it is read, what is shown beside, where it stands.

    `ward` and `cluster` are names for people to read; empty where the reader may not know, or nothing is declared.
    """

    flag: Flag
    record: FamilyRecord | None
    standing: Standing
    ward: str = ""
    cluster: str = ""


@dataclass(frozen=True)
class Filter:
    """One thing to choose: its name in the address, its label, its options in words, and what was chosen."""

    name: str
    label: str
    options: Mapping[str, str]
    chosen: str


def _ward(row: Row) -> Iterable[str]:
    return (row.ward,) if row.ward else ()


def _cluster(row: Row) -> Iterable[str]:
    return (row.cluster,) if row.cluster else ()


def _age(row: Row) -> Iterable[str]:
    return age_bands(row.record) if row.record else ()


def _concern(row: Row) -> Iterable[str]:
    return {each.concern for each in row.flag.reasons if not each.is_strength}


def _gap(row: Row) -> Iterable[str]:
    return {each.sentence for each in row.flag.unknowns}


def _status(row: Row) -> Iterable[str]:
    return row.standing.statuses


# By its name in the address: the label, and what a family has of it.
FILTERS: Mapping[str, tuple[str, Callable[[Row], Iterable[str]]]] = {
    "status": ("Status", _status),
    "ward": ("Ward", _ward),
    "cluster": ("Cluster of children’s centres", _cluster),
    "age": ("Age of a child", _age),
    "concern": ("Concern", _concern),
    "gap": ("Not known", _gap),
}


def filters_of(rows: Iterable[Row], asked: Mapping[str, str]) -> tuple[Filter, ...]:
    """Return the filters that a list's families make sense of, with what was chosen where it is one of the options."""
    held = tuple(rows)
    found = []
    for name, (label, of) in FILTERS.items():
        options = _options(name, {each for row in held for each in of(row)})
        if len(options) > 1:
            chosen = asked.get(name, "")
            found.append(Filter(name, label, options, chosen if chosen in options else ""))
    return tuple(found)


def is_left(row: Row, filters: Iterable[Filter]) -> bool:
    """Return whether a family is left by every filter of which something was chosen."""
    return all(each.chosen in FILTERS[each.name][1](row) for each in filters if each.chosen)


def _options(name: str, values: set[str]) -> Mapping[str, str]:
    if name == "status":
        return {each: words for each, words in STATUSES.items() if each in values}
    ordered = [each for each in AGE_BANDS if each in values] if name == "age" else sorted(values)
    return {each: capitalised(each) for each in ordered}
