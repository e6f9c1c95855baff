"""One family of a list in words: its row on the list's page and in what is exported."""

from collections.abc import Sequence
from dataclasses import dataclass

from targeting.serving.access.fields import Withheld
from targeting.serving.contents import Flag, ListHead
from targeting.serving.pages.agenda import Agenda
from targeting.serving.pages.decision_page import moment
from targeting.serving.pages.decision_words import CHOICES
from targeting.serving.pages.family_words import in_one_line, known_to
from targeting.serving.pages.filters import Row
from targeting.serving.pages.notices import title_of_family
from targeting.serving.pages.standing import Standing
from targeting.serving.pages.words import (
    Halves,
    SaidReason,
    capitalised,
    halves,
    kept_place,
    said_briefly,
)
from targeting.serving.sentences import in_words, ordinal


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One family's row: its number on the agenda, its band, its reasons, what is not known, where it stands.

    `halves` is None while the reader has not said what they would do, where the panel works blind.
    """

    number: int
    title: str
    href: str
    family_id: str
    halves: Halves | None
    kept: str
    line: str
    known_to: str
    status: str
    decided: str
    earlier: str
    returned: str
    place: str
    new: tuple[str, ...]
    strengths: tuple[SaidReason, ...]
    concerns: tuple[SaidReason, ...]
    unknowns: tuple[str, ...]
    withheld: tuple[str, ...]


def entry_said(row: Row, agenda: Agenda, head: ListHead, withheld: Sequence[Withheld]) -> Entry:
    """Return a row of a list in words, as its reader may see it."""
    flag, record, number = row.flag, row.record, agenda.number_of(row.flag.id)
    is_shown = flag.id in agenda.bands_shown
    return Entry(
        number=number,
        title=title_of_family(head, number),
        href=f"/flags/{flag.id}",
        family_id=flag.family_id,
        halves=halves(flag.band, head) if flag.band and is_shown else None,
        kept=kept_place(head, flag.rank) if flag.kept_place and is_shown else "",
        line=in_one_line(record) if record else "",
        known_to=known_to(record) if record else "",
        status=_status(row, agenda),
        decided=_decided(row),
        earlier=earlier_in_words(row.standing),
        returned=(flag.returned or "") if is_shown else "",
        place=_place(flag) if is_shown else "",
        new=tuple(each.sentence for each in flag.change.new_records) if flag.change else (),
        strengths=tuple(said_briefly(each) for each in flag.reasons if each.is_strength),
        concerns=tuple(said_briefly(each) for each in flag.reasons if not each.is_strength),
        unknowns=tuple(each.sentence for each in flag.unknowns),
        withheld=tuple(each.sentence for each in withheld),
    )


def _status(row: Row, agenda: Agenda) -> str:
    if row.standing.decided is not None:
        return "Decided"
    if row.flag.family_id in agenda.conflicts:
        return "Somebody else decides"
    if agenda.asks_first_view(row.flag):
        return "Your own view first"
    return "Not decided yet"


def _decided(row: Row) -> str:
    decision = row.standing.decided
    if decision is None:
        return ""
    return f"{CHOICES[decision.content.decision]}, by {decision.recorded_by} on {moment(decision.recorded_at)}"


def earlier_in_words(standing: Standing) -> str:
    """Return when a family was last on a list, and what was decided then; that it is new where it never was."""
    if not standing.earlier:
        return "New on this list."
    found, decision = standing.earlier[0]
    decided = CHOICES[decision.content.decision].lower() if decision else "nothing was decided"
    return f"Last listed on {in_words(found.on.head.as_of_date)}: {decided}."


def _place(flag: Flag) -> str:
    """Return a family's rank and between which ranks it plausibly lies; its rank alone where nothing says more."""
    place = f"{capitalised(ordinal(flag.rank))} by rank"
    if flag.rank_range is None:
        return place
    if flag.rank_range.best == flag.rank_range.worst:
        return f"{place}, and no other place is plausible"
    return f"{place}, plausibly {flag.rank_range.sentence}"
