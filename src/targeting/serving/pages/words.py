"""What pages say of a list and a family, phrase by phrase."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from targeting.serving.contents import Band, DataAsOf, ListHead, Reason
from targeting.serving.sentences import count_of, enumerated, in_words, place_kept, recorded_by


@dataclass(frozen=True)
class Halves:
    """A band's sentence in its parts, so that both numbers can stand in type of one size.

    `opening`, `some` `outcome`; `others` did not.
    """

    opening: str
    some: str
    outcome: str
    others: str


def halves(band: Band, head: ListHead) -> Halves:
    """Return the parts of a band's sentence, in the words of its list."""
    opening = f"Of {band.of} {head.many} with records like these,"
    if band.about == 0:
        return Halves(opening, "fewer than 1", head.outcome, f"at least {band.of - 1}")
    if band.about == band.of:
        return Halves(opening, "nearly all", head.outcome, "fewer than 1")
    return Halves(opening, f"about {band.about}", head.outcome, f"{band.of - band.about}")


@dataclass(frozen=True)
class SaidReason:
    """A reason as a page shows it: `recorded` says by whom, when last, how long before the list's date."""

    concern: str
    sentence: str
    recorded: str


def said(reason: Reason) -> SaidReason:
    """Return a reason with who recorded it, the latest date and its age."""
    return _said(reason, recorded_by(reason.agency, reason.latest_date, reason.age))


def said_briefly(reason: Reason) -> SaidReason:
    """Return a reason with its agency and age alone, for a list."""
    latest = f"latest {reason.age}" if reason.age else ""
    return _said(reason, ", ".join(each for each in (reason.agency, latest) if each))


def _said(reason: Reason, recorded: str) -> SaidReason:
    return SaidReason(capitalised(reason.concern), reason.sentence, capitalised(recorded))


def capitalised(text: str) -> str:
    """Return a text that begins with a capital; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def families(number: int, head: ListHead) -> str:
    """Return `1 family`, `23,503 families`, in the list's own words."""
    return count_of(number, f"{head.one}|{head.many}")


def reach(data: Iterable[DataAsOf]) -> tuple[tuple[str, str], ...]:
    """Return until when records reach, with the agencies of each day, the latest day first."""
    by_day: dict[date, list[str]] = {}
    for each in sorted(data, key=lambda one: -one.until.toordinal()):
        by_day.setdefault(each.until, []).append(each.agency)
    return tuple((in_words(day), enumerated(agencies)) for day, agencies in by_day.items())


def records_until(data: Sequence[DataAsOf]) -> str:
    """Return in a few words how fresh the records are; empty where no agency shares any."""
    days = sorted({each.until for each in data})
    if not days:
        return ""
    earlier = f", some only until {in_words(days[0])}" if len(days) > 1 else ""
    return f"from records until {in_words(days[-1])}{earlier}"


def kept_place(head: ListHead, rank: int) -> str:
    """Return why a family stands on a list that its rank alone would not have brought it onto."""
    return f"{capitalised(place_kept(head.many, head.kept_for))}. By rank, {rank:,} of {head.families:,}."
