"""One family as a page shows it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from targeting.serving.contents import Flag, ListHead
from targeting.serving.decisions import RecordedDecision
from targeting.serving.ids import meeting_id
from targeting.serving.library import Found
from targeting.serving.pages.agenda import Agenda
from targeting.serving.pages.decision_page import DecisionSaid, awaits_contact
from targeting.serving.pages.decision_page import said as said_decision
from targeting.serving.pages.decision_words import CHOICES
from targeting.serving.pages.family_words import AgencySaid, MemberSaid, member_said, timeline, works_with
from targeting.serving.pages.model_words import ModelSaid
from targeting.serving.pages.notices import (
    Link,
    ended_notice,
    shadow_notice,
    synthetic_notice,
    title_of_family,
)
from targeting.serving.pages.print_style import print_address
from targeting.serving.pages.standing import Standing
from targeting.serving.pages.words import SaidReason, families, kept_place, reach, said
from targeting.serving.published import PublishedList
from targeting.serving.reading import ReadFamily, ReadList
from targeting.serving.sentences import count_of, enumerated, in_words
from targeting.serving.suspended import meaning_of, suspended_notice
from targeting.serving.terminal import change_lines, gap_lines, rank_lines


@dataclass(frozen=True)
class EarlierFlag:
    """A flag that a family had on an earlier list, and what was decided of it, if anything."""

    link: Link
    decided: str


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A flag as one reader opens it, and on which day: its agenda, where it stands, and what is shown beside it.

    `successors` are the families that its members went on as, where they were linked anew, with their latest flags.
    """

    today: date
    successors: tuple[Link, ...]
    agenda: Agenda
    standing: Standing
    family: ReadFamily | None


@dataclass(frozen=True, kw_only=True)
class FamilyView:
    """All that a family's page says; `previous` and `following` are its neighbours on the list."""

    title: str
    number: int
    of: int
    list_title: str
    panel: str
    as_of: str
    back: str
    synthetic: str
    shadow: str
    suspended: str
    ended: str
    urgent: str
    one: str
    family_id: str
    successors: tuple[Link, ...]
    flag_id: str
    band: str
    place: str
    kept: str
    asks_view: bool
    conflict: bool
    may_decide: bool
    band_after_view: bool
    plausible: tuple[str, ...]
    changes: tuple[str, ...]
    returned: str
    expires: str
    strengths: tuple[SaidReason, ...]
    concerns: tuple[SaidReason, ...]
    unknowns: tuple[str, ...]
    withheld: tuple[str, ...]
    members: tuple[MemberSaid, ...]
    former: tuple[MemberSaid, ...]
    elsewhere: str
    works_with: tuple[str, ...]
    timeline: tuple[AgencySaid, ...]
    held_by: str
    is_recorded: bool
    decisions: tuple[DecisionSaid, ...]
    awaits_contact: bool
    earlier: tuple[EarlierFlag, ...]
    meeting: str
    previous: Link | None
    following: Link | None
    facts: tuple[tuple[str, str], ...]
    reach: tuple[tuple[str, str], ...]
    print_address: str


def view_of_family(found: Found, read: ReadList, opened: Opened, model: ModelSaid) -> FamilyView:
    """Return what the page of a flag shows to its reader, who reads its list as `read`."""
    published, head, agenda = read.published, read.published.head, opened.agenda
    number = [each.id for each in published.flags].index(found.flag.id) + 1
    flag = published.flags[number - 1]
    is_in_conflict = flag.family_id in agenda.conflicts
    return FamilyView(
        title=title_of_family(head, number),
        number=number,
        of=len(published.flags),
        back=f"/lists/{head.id}#family-{number}",
        family_id=flag.family_id,
        flag_id=flag.id,
        asks_view=agenda.asks_first_view(flag),
        conflict=is_in_conflict,
        may_decide=agenda.may_decide and not is_in_conflict,
        **_of_list(read),
        ended=ended_notice([flag], on=opened.today),
        successors=opened.successors,
        **_of_rank(flag, head, is_shown=flag.id in agenda.bands_shown),
        **_of_reasons(flag, read),
        **_of_record(opened.family, head),
        decisions=tuple(said_decision(each) for each in reversed(opened.standing.revisions)),
        awaits_contact=awaits_contact(head, opened.standing.decided),
        earlier=tuple(_earlier(*each) for each in opened.standing.earlier),
        previous=_neighbour(published, number - 1),
        following=_neighbour(published, number + 1),
        facts=_how_made(found, model),
    )


def _of_list(read: ReadList) -> dict[str, Any]:
    """Return what a family's page says of its list."""
    head = read.published.head
    return {
        "list_title": head.title,
        "panel": head.panel_title,
        "as_of": in_words(head.as_of_date),
        "synthetic": synthetic_notice(head),
        "shadow": shadow_notice(head),
        "suspended": suspended_notice(read.suspended),
        "urgent": head.urgent,
        "one": head.one,
        "meeting": f"/meetings/{meeting_id(head.panel, head.as_of_date.isoformat())}",
        "reach": reach(head.data_as_of),
        "print_address": print_address(head),
    }


def _of_rank(flag: Flag, head: ListHead, *, is_shown: bool) -> dict[str, Any]:
    """Return what a family's page says of band and rank: nothing, where these are not shown."""
    if not is_shown:
        empty: dict[str, Any] = dict.fromkeys(("band", "place", "kept", "returned"), "")
        return {**empty, "band_after_view": True, "plausible": (), "changes": ()}
    return {
        "band_after_view": False,
        "band": meaning_of(flag, head),
        "place": f"{flag.rank:,} of {families(head.families, head)} considered",
        "kept": kept_place(head, flag.rank) if flag.kept_place else "",
        "returned": flag.returned or "",
        "plausible": tuple(rank_lines(flag)),
        "changes": tuple(change_lines(flag.change)) if flag.change else (),
    }


def _of_reasons(flag: Flag, read: ReadList) -> dict[str, Any]:
    """Return what a family's page says of reasons, of what is not known, and until when."""
    return {
        "expires": in_words(flag.expires_on),
        "strengths": tuple(said(each) for each in flag.reasons if each.is_strength),
        "concerns": tuple(said(each) for each in flag.reasons if not each.is_strength),
        "unknowns": tuple(". ".join(gap_lines(each)) for each in flag.unknowns),
        "withheld": tuple(each.sentence for each in read.withheld[flag.id]),
    }


def _of_record(family: ReadFamily | None, head: ListHead) -> dict[str, Any]:
    """Return what a family's page says of its people and of what agencies recorded; nothing where nothing is held."""
    if family is None:
        nothing = dict.fromkeys(("members", "former", "works_with", "timeline"), ())
        return {**nothing, "elsewhere": "", "held_by": "", "is_recorded": False}
    record = family.record
    return {
        "members": tuple(member_said(each) for each in record.members),
        "former": tuple(member_said(each) for each in record.former),
        "elsewhere": _elsewhere(record.children_elsewhere, head),
        "works_with": works_with(record),
        "timeline": timeline(record),
        "held_by": enumerated(family.held_by),
        "is_recorded": True,
    }


def _elsewhere(children: int, head: ListHead) -> str:
    """Return that children belong to another family too, of which this page says nothing."""
    if not children:
        return ""
    belong = count_of(children, "child belongs|children belong")
    return f"{belong} to another {head.one} as well. That household has a page of its own, where it is on a list."


def _earlier(found: Found, decision: RecordedDecision | None) -> EarlierFlag:
    head = found.on.head
    decided = f"{CHOICES[decision.content.decision]}. {decision.content.reason}" if decision else "Nothing was decided."
    return EarlierFlag(Link(f"{in_words(head.as_of_date)}, {head.title}", f"/flags/{found.flag.id}"), decided)


def _neighbour(published: PublishedList, number: int) -> Link | None:
    if not 1 <= number <= len(published.flags):
        return None
    neighbour: Flag = published.flags[number - 1]
    return Link(title_of_family(published.head, number), f"/flags/{neighbour.id}")


def _how_made(found: Found, model: ModelSaid) -> tuple[tuple[str, str], ...]:
    """Return what the flag's passport names, by which it can be computed again and proved."""
    made_by, looked_at = found.passport.provenance, found.passport.indicators
    known = sum(each.value is not None for each in looked_at)
    return (
        ("Model", f"{model.name}, version {model.version}"),
        ("Looked at", f"{len(looked_at):,} indicators, of which {known:,} are known for this {found.on.head.one}"),
        ("Flag", found.flag.id),
        ("List", found.on.head.id),
        ("State of the records", made_by.generation_id),
        ("What the district declared", made_by.declarations_digest),
        ("Program", f"Targeting {made_by.code_version}"),
        ("Proof kept until", in_words(found.on.head.keep_until)),
    )
