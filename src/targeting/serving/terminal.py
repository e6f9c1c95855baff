"""A list and a family as a terminal shows them, in the words that a page will use."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from targeting.serving.apart_sentences import apart_on_list
from targeting.serving.contents import Flag, ListHead, Reason, Unknown
from targeting.serving.moved import Change
from targeting.serving.published import PublishedList
from targeting.serving.sentences import (
    BY_POINTS,
    CANNOT_BE_TOLD,
    PROMPT,
    SHADOW,
    SYNTHETIC,
    between,
    count_of,
    in_words,
    place_kept,
    recorded_by,
)
from targeting.serving.suspended import ShownList, meaning_of

STRENGTHS = "What goes well"
CONCERNS = "Why to look"
GAPS = "What is not known"
CHANGES = "What changed"
NOTHING_STANDS_OUT = "No single concern stands out; whatever raises the estimate is small."


def show_list(shown_list: ShownList) -> RenderableType:
    """Return one list: what it is, its families by rank with their reasons, and who is not on it."""
    published, head = shown_list.published, shown_list.published.head
    lines = [Text(heading(head), style="bold"), *_urgently(shown_list.notice), *(Text(line) for line in standing(head))]
    shown = _table(published) if published.flags else Text("No family is on this list.")
    return Group(*lines, Text(), shown, Text(), *(Text(line) for line in footing(head)))


def show_flag(shown_list: ShownList, flag: Flag) -> RenderableType:
    """Return one family of a list: what its band means, what goes well, why to look, what is not known."""
    head = shown_list.published.head
    place = [_place(head, flag), *(f"{line}." for line in rank_lines(flag))]
    body: list[RenderableType] = [
        *_urgently(shown_list.notice),
        Text(meaning_of(flag, head)),
        Text(" ".join(place)),
        Text(),
    ]
    strengths = [reason for reason in flag.reasons if reason.is_strength]
    concerns = [reason for reason in flag.reasons if not reason.is_strength]
    if strengths:
        body += _section(STRENGTHS, [_full(reason) for reason in strengths])
    body += _section(CONCERNS, [_full(reason) for reason in concerns] or [NOTHING_STANDS_OUT])
    if flag.change:
        body += _section(CHANGES, [f"{line}." for line in change_lines(flag.change)])
    if flag.unknowns:
        body += _section(GAPS, [f"{line}." for gap in flag.unknowns for line in gap_lines(gap)])
    body += [Text(line) for line in (*standing(head), head.urgent)]
    title = f"{head.one.capitalize()} {flag.family_id}"
    return Panel(Group(*body), title=title, subtitle=f"flag {flag.id}", title_align="left", subtitle_align="left")


def _urgently(said: str) -> list[RenderableType]:
    return [Text(said, style="bold")] if said else []


def list_as_json(shown_list: ShownList) -> dict[str, Any]:
    """Return one list as a program reads it: what it says of itself, and its flags."""
    flags = [flag_as_json(shown_list, flag) for flag in shown_list.published.flags]
    return {"list": shown_list.published.head.model_dump(mode="json"), "flags": flags}


def flag_as_json(shown_list: ShownList, flag: Flag) -> dict[str, Any]:
    """Return a flag of a list with `suspended`, as the API has it: since when and why, null while it holds."""
    suspended = shown_list.suspended.model_dump(mode="json") if shown_list.suspended else None
    return {**flag.model_dump(mode="json"), "suspended": suspended}


def heading(head: ListHead) -> str:
    """Return a list's title, panel and date in one line."""
    return f"{head.title}: {head.panel_title}, as of {in_words(head.as_of_date)}"


def standing(head: ListHead) -> Iterator[str]:
    """Yield what is to be said of every list, and of a synthetic or shadow one beside."""
    yield PROMPT
    if head.ordered_by == "points_rule":
        yield BY_POINTS
    if head.synthetic:
        yield SYNTHETIC
    if head.standing == "shadow":
        yield SHADOW


def footing(head: ListHead) -> Iterator[str]:
    """Yield who is not on the list, as counts, and where somebody goes who cannot wait."""
    listed = f"{head.listed:,} of {count_of(head.families, f'{head.one}|{head.many}')} considered"
    yield f"{listed}; the meeting has time for {head.capacity:,}."
    if head.just_below:
        others = count_of(head.just_below, f"other {head.one}|other {head.many}")
        yield f"{others} in the band of the last one listed: a count, without names."
    if head.sent_to_front_door:
        sent = count_of(head.sent_to_front_door, f"{head.one}|{head.many}")
        yield f"{sent} sent to the front door by a threshold rule, not listed."
    apart = " ".join(apart_on_list(head))
    if apart:
        yield apart
    yield head.urgent


def change_lines(change: Change) -> Iterator[str]:
    """Yield what changed since the list before: where it stood, what is newly recorded, what else moved it."""
    yield change.sentence
    for new in change.new_records:
        yield f"Since {in_words(change.since)}: {new.sentence}"
    yield from change.because


def gap_lines(gap: Unknown) -> Iterator[str]:
    """Yield what is not known, and how far it could move the place."""
    yield gap.sentence
    could = gap.could_place
    if could is not None and could.best == could.worst:
        yield "Those records would not move the place"
    elif could is not None:
        yield f"With those records, the place could be {between(could.best, could.worst)}"


def rank_lines(flag: Flag) -> Iterator[str]:
    """Yield between which places a family plausibly lies, and why; nothing of a flag published without it."""
    if flag.rank_range is None:
        return
    is_one_place = flag.rank_range.best == flag.rank_range.worst
    if is_one_place and CANNOT_BE_TOLD not in flag.rank_range.why:
        yield "No other place is plausible"
        return
    if not is_one_place:
        yield f"It could plausibly stand {flag.rank_range.sentence}"
    yield from flag.rank_range.why


def _table(published: PublishedList) -> Table:
    table = Table(show_lines=True, header_style="bold")
    table.add_column("Rank", justify="right")
    table.add_column(published.head.one.capitalize(), overflow="fold", min_width=14)
    table.add_column("Later outcome", no_wrap=True)
    table.add_column("Reasons, strengths first")
    for flag in published.flags:
        table.add_row(_rank(flag), f"{flag.family_id}\n{flag.id}", _short_band(flag), _reasons(flag))
    if any(flag.kept_place for flag in published.flags):
        table.caption = f"* {place_kept(published.head.many, published.head.kept_for)}"
    return table


def _rank(flag: Flag) -> str:
    rank, held = f"{flag.rank:,}{'*' if flag.kept_place else ''}", flag.rank_range
    return rank if held is None or held.best == held.worst else f"{rank}\n{held.best:,} to {held.worst:,}"


def _short_band(flag: Flag) -> str:
    if flag.band is None:
        return "no estimate"
    about, of = flag.band.about, flag.band.of
    return f"about {about} of {of}\n{of - about} of {of} not"


def _reasons(flag: Flag) -> Group:
    said = [f"{'+' if reason.is_strength else '-'} {reason.sentence}{_when(reason)}" for reason in flag.reasons]
    gaps = [f"? {gap.sentence}" for gap in flag.unknowns]
    return Group(*(Text(line) for line in (said or [NOTHING_STANDS_OUT]) + gaps))


def _when(reason: Reason) -> str:
    return f" (latest {reason.age})" if reason.age else ""


def _full(reason: Reason) -> str:
    recorded = recorded_by(reason.agency, reason.latest_date, reason.age)
    return f"{reason.concern.capitalize()}. {reason.sentence}. {recorded}."


def _place(head: ListHead, flag: Flag) -> str:
    place = f"Rank {flag.rank:,} of {count_of(head.families, f'{head.one}|{head.many}')} considered"
    kept = f", {place_kept(head.many, head.kept_for)}" if flag.kept_place else ""
    return f"{place}{kept}. The flag ends on {in_words(flag.expires_on)}."


def _section(title: str, lines: list[str]) -> list[RenderableType]:
    return [Text(title, style="bold"), *(Padding(Text(line), (0, 0, 0, 2)) for line in lines), Text()]
