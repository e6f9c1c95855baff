"""Who belongs to a family, who works with it, and what was recorded of it, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from targeting.serving.contents import FamilyRecord, Member
from targeting.serving.pages.words import capitalised
from targeting.serving.sentences import count_of, enumerated, in_words

GROWN = 18
# By completed years; a child who is expected, or whose age is not known, is in none.
AGE_BANDS: Mapping[str, range] = {
    "Under 1": range(1),
    "1 to 4": range(1, 5),
    "5 to 10": range(5, 11),
    "11 to 15": range(11, 16),
    "16 and 17": range(16, GROWN),
}


@dataclass(frozen=True)
class MemberSaid:
    """Somebody of a family: by role and age, since when, and in whose records."""

    who: str
    dates: str
    known_to: str


@dataclass(frozen=True)
class MonthSaid:
    """What an agency recorded in one month."""

    month: str
    told: tuple[str, ...]


@dataclass(frozen=True)
class AgencySaid:
    """The timeline of one agency, the latest month first."""

    agency: str
    months: tuple[MonthSaid, ...]


def in_one_line(record: FamilyRecord) -> str:
    """Return a family in a line: `2 children (5 years and under 1 year), 1 adult`; empty where nobody is shown."""
    children = [each for each in record.members if is_minor(each)]
    aged = [str(each.years) for each in children if each.years]
    years = "year" if aged == ["1"] else "years"
    others = [_without_years(each) for each in children if not each.years]
    ages = enumerated([*([f"{enumerated(aged)} {years}"] if aged else []), *dict.fromkeys(others)])
    told = [f"{count_of(len(children), 'child|children')} ({ages})"] if children else []
    adults = len(record.members) - len(children)
    return ", ".join([*told, *([count_of(adults, "adult")] if adults else [])])


def _without_years(child: Member) -> str:
    return child.age if child.years is None else "under 1 year"


def is_minor(member: Member) -> bool:
    """Return whether somebody is a child by age; one who is expected, or whose age is not known, by role."""
    return member.is_child and (member.years is None or member.years < GROWN)


def known_to(record: FamilyRecord) -> str:
    """Return in whose records the members of a family are, as far as the reader may know."""
    agencies = sorted({name for each in record.members for name in each.known_to if name})
    return enumerated(agencies)


def member_said(member: Member) -> MemberSaid:
    """Return somebody of a family in words."""
    who = f"Child, {member.age}" if is_minor(member) else "Adult"
    who = f"Grown-up child, {member.age}" if member.is_child and not is_minor(member) else who
    since = f"since {in_words(member.since)}"
    dates = since if member.until is None else f"from {in_words(member.since)} until {in_words(member.until)}"
    agencies = [each for each in member.known_to if each]
    return MemberSaid(who, dates, f"Known to {enumerated(agencies)}" if agencies else "")


def timeline(record: FamilyRecord) -> tuple[AgencySaid, ...]:
    """Return what was recorded, by agency in the order of their names, each from its latest month on."""
    agencies = sorted({each.agency for each in record.recorded})
    return tuple(AgencySaid(capitalised(agency), _months(record, agency)) for agency in agencies)


def works_with(record: FamilyRecord) -> tuple[str, ...]:
    """Return which services work with a family, in a sentence each."""
    return tuple(
        f"{capitalised(each.service)}, since {in_words(each.since)} (recorded by {each.agency})"
        for each in record.works_with
    )


def age_bands(record: FamilyRecord) -> frozenset[str]:
    """Return the age bands of a family's children."""
    years = {each.years for each in record.members if each.years is not None}
    return frozenset(band for band, of in AGE_BANDS.items() if not years.isdisjoint(of))


def _months(record: FamilyRecord, agency: str) -> tuple[MonthSaid, ...]:
    own = [each for each in record.recorded if each.agency == agency]
    months = sorted({each.month for each in own}, reverse=True)
    return tuple(
        MonthSaid(f"{month:%B %Y}", _told([(each.what, each.times) for each in own if each.month == month]))
        for month in months
    )


def _told(entries: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    return tuple(what if times == 1 else f"{what} ({count_of(times, 'time')})" for what, times in entries)
