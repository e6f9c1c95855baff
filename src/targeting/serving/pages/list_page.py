"""One list as a page shows it, and all lists by date."""

import json
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import cast

from targeting.serving.apart_sentences import apart_on_list
from targeting.serving.contents import ListHead, Resting
from targeting.serving.decisions import Choice
from targeting.serving.ids import meeting_id
from targeting.serving.pages.agenda import Agenda
from targeting.serving.pages.decision_words import CHOICES
from targeting.serving.pages.filters import Filter, Row, is_left
from targeting.serving.pages.list_entry import Entry, entry_said
from targeting.serving.pages.model_words import ModelSaid
from targeting.serving.pages.notices import Link, ended_notice, shadow_notice, synthetic_notice
from targeting.serving.pages.print_style import print_address
from targeting.serving.pages.words import families, reach, records_until
from targeting.serving.published import PublishedList
from targeting.serving.reading import ReadList
from targeting.serving.sentences import count_of, in_words
from targeting.serving.suspended import suspended_notice


@dataclass(frozen=True)
class RestingSaid:
    """A family that was decided on and is off the agenda: what was decided, until when, the way to its flag if any."""

    link: Link
    family_id: str
    until: str


@dataclass(frozen=True, kw_only=True)
class ListView:
    """All that a list's page says; `elsewhere` tells of families not on it.

    `others` are its panel's lists of its date, `panels` the first list of each panel of which the reader reads any.
    """

    title: str
    panel: str
    as_of: str
    count: str
    records: str
    head: ListHead
    synthetic: str
    shadow: str
    suspended: str
    ended: str
    for_whom: tuple[str, ...]
    others: tuple[Link, ...]
    panels: tuple[Link, ...]
    entries: tuple[Entry, ...]
    shown: str
    filters: tuple[Filter, ...]
    is_blind: bool
    meeting: str
    elsewhere: tuple[str, ...]
    resting: tuple[RestingSaid, ...]
    since: str
    reach: tuple[tuple[str, str], ...]
    model: ModelSaid
    published: str
    print_address: str


@dataclass(frozen=True)
class DateOfLists:
    """The lists of one date, each with what is said beside its link."""

    as_of: str
    lists: tuple[tuple[Link, str], ...]


@dataclass(frozen=True, kw_only=True)
class Gone:
    """How a reader goes through a list, and on which day: its agenda, the filters, a row for each family."""

    today: date
    agenda: Agenda
    filters: tuple[Filter, ...]
    rows: tuple[Row, ...]

    @property
    def left(self) -> tuple[Row, ...]:
        """The rows that the filters leave."""
        return tuple(each for each in self.rows if is_left(each, self.filters))


def view_of_list(read: ReadList, gone: Gone, *, together: tuple[PublishedList, ...], model: ModelSaid) -> ListView:
    """Return what the page of a list shows to its reader; `together` are the reader's lists of its date."""
    published, head = read.published, read.published.head
    return ListView(
        title=head.title,
        panel=head.panel_title,
        as_of=in_words(head.as_of_date),
        count=f"{families(head.listed, head)}, of {head.families:,} considered",
        records=records_until(head.data_as_of),
        head=head,
        synthetic=synthetic_notice(head),
        shadow=shadow_notice(head),
        suspended=suspended_notice(read.suspended),
        ended=ended_notice(published.flags, on=gone.today),
        for_whom=tuple(each for each in (cohort_of(published), model.cohort) if each),
        others=tuple(
            _link(each.head, current=each.head.id == head.id) for each in together if each.head.panel == head.panel
        ),
        panels=_panels(head, together),
        entries=tuple(entry_said(each, gone.agenda, head, read.withheld[each.flag.id]) for each in gone.left),
        shown=_shown(gone, head),
        filters=gone.filters,
        is_blind=any(gone.agenda.asks_first_view(each.flag) for each in gone.rows),
        meeting=f"/meetings/{meeting_id(head.panel, head.as_of_date.isoformat())}",
        elsewhere=_elsewhere(head),
        resting=tuple(_resting(each) for each in sorted(published.resting, key=lambda each: each.until)),
        since=next((in_words(each.change.since) for each in published.flags if each.change), ""),
        reach=reach(head.data_as_of),
        model=model,
        published=in_words(head.published_at.date()),
        print_address=print_address(head),
    )


def by_date(lists: tuple[PublishedList, ...]) -> tuple[DateOfLists, ...]:
    """Return all lists under their dates, in the order given."""
    grouped = groupby(lists, key=lambda each: each.head.as_of_date)
    return tuple(DateOfLists(in_words(on), tuple(map(_with_count, each))) for on, each in grouped)


def cohort_of(published: PublishedList) -> str:
    """Return the list's own cohort in the district's words; empty where its plan says none."""
    plan = json.loads(published.plans.get(published.rules.cohort, "{}"))
    return str((plan.get("cohort") or {}).get("description", ""))


def _with_count(published: PublishedList) -> tuple[Link, str]:
    head = published.head
    standing = ", shadow list" if head.standing == "shadow" else ""
    return _link(head), f"{head.panel_title}. {families(head.listed, head)}{standing}."


def _link(head: ListHead, *, current: bool = False) -> Link:
    return Link(head.title, f"/lists/{head.id}", current)


def _panels(head: ListHead, together: tuple[PublishedList, ...]) -> tuple[Link, ...]:
    """Return the first list of each panel, by the panel's title."""
    first: dict[str, ListHead] = {}
    for each in together:
        first.setdefault(each.head.panel, each.head)
    return tuple(Link(each.panel_title, f"/lists/{each.id}", panel == head.panel) for panel, each in first.items())


def _shown(gone: Gone, head: ListHead) -> str:
    """Return how many of the families the filters leave; empty where nothing was chosen."""
    if not any(each.chosen for each in gone.filters):
        return ""
    return f"{families(len(gone.left), head)} of {len(gone.rows)} shown."


def _elsewhere(head: ListHead) -> tuple[str, ...]:
    """Return who is not on the list, as counts alone."""
    others, time = head.families - head.listed, f"{head.capacity:,}" if head.capacity else "none"
    considered = _others(others, head) if others else f"No other {head.one} was"
    told = [f"{considered} considered. The meeting has time for {time}."]
    if head.just_below:
        below = count_of(head.just_below, "of them is|of them are")
        told.append(f"{below} in the same band as the last one that came onto the list by rank.")
    if head.resting:
        told.append(f"{count_of(head.resting, 'of them was|of them were')} decided on before, and off the agenda now.")
    if head.left_out:
        told.append(f"{count_of(head.left_out, 'person’s|people’s')} own records are left out, for they objected.")
    if head.sent_to_front_door:
        sent = count_of(head.sent_to_front_door, f"{head.one} was|{head.many} were")
        told.append(f"{sent} sent to the front door the same day by a rule that does not wait for a list.")
    return (*told, *apart_on_list(head))


def _resting(each: Resting) -> RestingSaid:
    decided = f"{in_words(each.since)}: {CHOICES[cast(Choice, each.decision)].lower()}"
    href = f"/flags/{each.flag_id}" if each.flag_id else ""
    return RestingSaid(Link(decided, href), each.family_id, in_words(each.until))


def _others(number: int, head: ListHead) -> str:
    return count_of(number, f"other {head.one} was|other {head.many} were")
