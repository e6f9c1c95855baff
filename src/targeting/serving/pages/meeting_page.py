"""A meeting as a page shows it: its agenda, who decides on what, actions, and how decisions came about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from targeting.serving.contents import ListHead
from targeting.serving.database.involvement import Involvement
from targeting.serving.database.panel import standing_in
from targeting.serving.decisions import RecordedDecision
from targeting.serving.ids import meeting_id
from targeting.serving.meetings import Action, ConflictWithdrawn, Entry, Meeting, NotUsed, SignedOff
from targeting.serving.pages.agenda import Agenda
from targeting.serving.pages.decision_page import awaits_contact, contact_said, moment
from targeting.serving.pages.decision_words import CHOICES
from targeting.serving.pages.notices import Link, synthetic_notice, title_of_family
from targeting.serving.pages.standing import Standing
from targeting.serving.pages.waiting import Waiting
from targeting.serving.published import PublishedList
from targeting.serving.sentences import count_of, enumerated, in_words
from targeting.serving.suspended import Suspended, suspended_notice


@dataclass(frozen=True, kw_only=True)
class Item:
    """One family on the agenda: where it stands, who does not decide on it, how its decision came about."""

    link: Link
    called: str
    flag_id: str
    family_id: str
    status: str
    decided: str
    owner: str
    contact: str
    conflicts: str
    is_own_conflict: bool
    involved: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One list's part of the agenda."""

    link: Link
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class ActionSaid:
    """An action in words: `about` names the family, or nobody."""

    number: int
    what: str
    owner: str
    due: str
    about: str
    family_id: str
    href: str
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class MeetingView:
    """All that a meeting's page says."""

    id: str
    panel: str
    as_of: str
    standing: str
    attendees: tuple[str, ...]
    held_on: str
    parts: tuple[Part, ...]
    waiting: tuple[Waiting, ...]
    undecided: int
    actions: tuple[ActionSaid, ...]
    is_closed: bool
    why_not_used: str
    synthetic: str
    suspended: str
    one: str


@dataclass(frozen=True, kw_only=True)
class OnAgenda:
    """One list of a meeting as its reader has it."""

    published: PublishedList
    suspended: Suspended | None
    agenda: Agenda
    standings: Mapping[str, Standing]
    involvement: Mapping[str, Involvement]
    conflicts: Mapping[str, tuple[Entry, ...]]


def meeting_of_list(head: ListHead) -> str:
    """Return the id of the meeting that a list is for."""
    return meeting_id(head.panel, head.as_of_date.isoformat())


def view_of_meeting(
    identifier: str, meeting: Meeting, lists: Sequence[OnAgenda], waiting: tuple[Waiting, ...]
) -> MeetingView:
    """Return what the page of a meeting shows; `lists` are those of its panel and date, as declared.

    `waiting` are the offers of its panel's earlier lists that nobody has taken to the family yet.
    """
    head, attendees = lists[0].published.head, meeting.attendees
    parts = tuple(_part(each, meeting) for each in lists)
    numbered = {item.flag_id: item.called for part in parts for item in part.items}
    return MeetingView(
        id=identifier,
        panel=head.panel_title,
        as_of=in_words(head.as_of_date),
        standing=standing_of(meeting, head),
        attendees=attendees.names if attendees else (),
        held_on=in_words(attendees.held_on) if attendees else "",
        parts=parts,
        waiting=waiting,
        undecided=sum(not item.decided for part in parts for item in part.items),
        actions=tuple(action_said(each, meeting, numbered) for each in meeting.actions),
        is_closed=meeting.is_closed,
        why_not_used=meeting.not_used.content.why
        if meeting.not_used and isinstance(meeting.not_used.content, NotUsed)
        else "",
        synthetic=synthetic_notice(head),
        suspended=suspended_notice(lists[0].suspended),
        one=head.one,
    )


def standing_of(meeting: Meeting, head: ListHead) -> str:
    """Return in a sentence whether a meeting on a list was signed off, not held, begun or not begun."""
    if meeting.signed_off is not None and isinstance(meeting.signed_off.content, SignedOff):
        left = len(meeting.signed_off.content.undecided)
        still = f" {count_of(left, f'{head.one} stayed|{head.many} stayed')} undecided." if left else ""
        return f"Signed off by {meeting.signed_off.by}, {moment(meeting.signed_off.at)}.{still}"
    if meeting.not_used is not None:
        return f"The lists were not used. Entered by {meeting.not_used.by}, {moment(meeting.not_used.at)}."
    return "Begun, not signed off." if meeting.entries else "Not begun."


def action_said(entry: Entry, meeting: Meeting, numbered: Mapping[str, str]) -> ActionSaid:
    """Return an action in words; of a family that the reader may not see, without saying which."""
    action = entry.content
    if not isinstance(action, Action):
        raise TypeError(action.kind)
    return ActionSaid(
        number=entry.sequence,
        what=action.what,
        owner=action.owner,
        due=in_words(action.due_date),
        about=numbered.get(action.flag_id, ""),
        family_id=action.family_id,
        href=f"/flags/{action.flag_id}" if action.flag_id in numbered else "",
        is_done=entry.sequence in meeting.done,
    )


def _part(on: OnAgenda, meeting: Meeting) -> Part:
    head = on.published.head
    return Part(Link(head.title, f"/lists/{head.id}"), tuple(_item(on, each, meeting) for each in range(_size(on))))


def _size(on: OnAgenda) -> int:
    return len(on.agenda.flags)


def _item(on: OnAgenda, place: int, meeting: Meeting) -> Item:
    flag, head = on.agenda.flags[place], on.published.head
    title, decided = title_of_family(head, place + 1), on.standings[flag.id].decided
    conflicts = on.conflicts.get(flag.family_id, ())
    return Item(
        link=Link(title, f"/flags/{flag.id}"),
        called=f"{title}: {head.title}",
        flag_id=flag.id,
        family_id=flag.family_id,
        status="Decided" if decided else "Not decided yet",
        decided=CHOICES[decided.content.decision] if decided else "",
        owner=f"{decided.content.owner}, by {in_words(decided.content.due_date)}" if decided else "",
        contact=_contact(head, decided) if decided else "",
        conflicts=enumerated(standing_in(conflicts)),
        is_own_conflict=flag.family_id in on.agenda.conflicts,
        involved=(*_involved(on.involvement[flag.id], meeting), *_withdrawn(conflicts)),
    )


def _contact(head: ListHead, decided: RecordedDecision) -> str:
    """Return when a family was first contacted, or that nobody has told; empty where no offer waits."""
    contact = decided.content.first_contact
    if contact is not None:
        return f"First contact: {contact_said(contact)}"
    return "No first contact recorded yet" if awaits_contact(head, decided) else ""


def _involved(found: Involvement, meeting: Meeting) -> list[str]:
    """Return how a decision came about: who opened the page and when, how long it took, what changed."""
    told = [f"Opened by {who}, {moment(at)}" for who, at in found.opened.items()] or ["Nobody opened the page yet"]
    told += [f"First view of {who}: {CHOICES[view]}" for who, view in found.first_views.items()]
    if found.minutes is not None:
        took = count_of(found.minutes, "minute") if found.minutes else "Less than a minute"
        told.append(f"{took} from opening the page to the decision")
    if found.changes is not None:
        told.append("The decision differs from a first view" if found.changes else "The decision is as first viewed")
    if len(found.revisions) > 1:
        told.append(f"Revised {count_of(len(found.revisions) - 1, 'time')}")
    closed = meeting.signed_off
    if closed is not None and any(each.sequence > closed.sequence for each in found.revisions):
        told.append("Decided or revised after the meeting was signed off")
    return told


def _withdrawn(conflicts: Sequence[Entry]) -> list[str]:
    return [
        f"Conflict of interest withdrawn by {each.by}, {moment(each.at)}: {each.content.why}"
        for each in conflicts
        if isinstance(each.content, ConflictWithdrawn)
    ]
