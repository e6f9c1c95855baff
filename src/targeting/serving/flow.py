"""Flow: a decided family leaves the agenda, and is back when its review falls due or when much is new."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.compute as pc

from targeting.errors import DataError
from targeting.serving.contents import ListHead, Passport, Resting
from targeting.serving.database.decisions import FamilyDecision
from targeting.serving.decisions import Choice, RecordedDecision
from targeting.serving.definition import MOST_REST_WEEKS, FlowRules
from targeting.serving.published import kept_parts, open_list, read_head
from targeting.serving.week import Week
from targeting.store.generations import Generation

LONDON = ZoneInfo("Europe/London")
# Its date says by when the information is there; those of other decisions say by when somebody acts.
ENDS_WHEN_DUE: tuple[Choice, ...] = ("more_information_needed",)
IN_WORDS: Mapping[Choice, str] = {
    "offer_help": "offer help",
    "already_getting_the_right_help": "already getting the right help",
    "more_information_needed": "more information needed",
    "refer_up": "refer up",
    "no_contact_needed_now": "no contact needed now",
    "record_is_wrong": "record is wrong",
}


@dataclass(frozen=True)
class Flow:
    """Who is off the agenda, by family; and of who is back on it the sentence that says so."""

    resting: Mapping[str, Resting] = field(default_factory=dict)
    returned: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Held:
    """A decision that holds for a family of the week: what it was called then, since when it rests, until when."""

    then: FamilyDecision
    since: date
    until: date

    @property
    def recorded(self) -> RecordedDecision:
        return self.then.recorded


def flow_of(week: Week, decided: Sequence[FamilyDecision], data: Path) -> Flow:
    """Return who of a week's families rests and who is back, by what was decided on lists of earlier dates.

    The last decision on a family holds, also one on a family that went on as it. A family rests from the day on which
    that was recorded; where it was recorded after the week's date, from the date of the list that it was made on.
    """
    rules = week.service.flow
    held = {name: each for name, each in _held(week, decided, data).items() if rules.weeks(_choice(each)) > 0}
    due = {name: each for name, each in held.items() if each.until <= week.as_of_date}
    waiting = {name: each for name, each in held.items() if name not in due}
    rests = {each.family_id: each for each in _rests(week, waiting, data)}
    new = {name: each for name, each in rests.items() if _is_news(each, rules)}
    return Flow(
        resting={name: each for name, each in rests.items() if name not in new},
        returned={
            **{name: _review_due(each) for name, each in due.items()},
            **{name: _much_is_new(waiting[name]) for name in new},
        },
    )


def successors(generation: Generation, on: date) -> Mapping[str, str]:
    """Return as what each family that ended went on by a date: the last of the line. Who split off is not among them.

    Nobody decided on a family that split off: it is new to the panel.
    """
    rows = generation.successions()
    went = rows.filter(pc.and_(pc.equal(rows["how"], "went_on_as"), pc.less_equal(rows["from_date"], on)))
    following = dict(zip(went["family_id"].to_pylist(), went["successor_id"].to_pylist(), strict=True))
    return {family: _last_of_line(family, following) for family in following}


def _last_of_line(family: str, following: Mapping[str, str]) -> str:
    passed = {family}
    while family in following and following[family] not in passed:
        family = following[family]
        passed.add(family)
    return family


def _held(week: Week, decided: Sequence[FamilyDecision], data: Path) -> dict[str, _Held]:
    """Return the decision that holds for each family of the week, the last one recorded; none of over a year ago."""
    heads = _heads({each.recorded.list_id for each in decided}, data)
    went_on_as, families = successors(week.made_from.generation, week.as_of_date), set(week.matrix.family_id.tolist())
    earliest, held = week.as_of_date - timedelta(weeks=MOST_REST_WEEKS), {}
    for each in decided:
        family, head = went_on_as.get(each.family_id, each.family_id), heads.get(each.recorded.list_id)
        if head is not None and head.as_of_date < week.as_of_date and family in families:
            held[family] = _when(each, head, week)
    return {name: each for name, each in held.items() if each.since > earliest}


def _heads(list_ids: Iterable[str], data: Path) -> dict[str, ListHead]:
    """Return the heads of the lists that are still there."""
    found = {}
    for list_id in list_ids:
        try:
            found[list_id] = read_head(data, list_id)
        except DataError:
            continue
    return found


def _when(each: FamilyDecision, head: ListHead, week: Week) -> _Held:
    recorded = each.recorded
    on = recorded.recorded_at.astimezone(LONDON).date()
    since = on if on <= week.as_of_date else head.as_of_date
    until = since + timedelta(weeks=week.service.flow.weeks(recorded.content.decision))
    if recorded.content.decision in ENDS_WHEN_DUE:
        until = min(until, recorded.content.due_date)
    return _Held(each, since, until)


def _rests(week: Week, waiting: Mapping[str, _Held], data: Path) -> Iterable[Resting]:
    then = _margins_then(week, list(waiting.values()), data)
    rows = np.searchsorted(week.matrix.family_id, list(waiting)) if waiting else np.empty(0, dtype=np.int64)
    for (family, held), row in zip(waiting.items(), rows.tolist(), strict=True):
        yield Resting(
            family_id=family,
            flag_id=held.recorded.flag_id,
            decision=held.recorded.content.decision,
            revision=held.recorded.revision,
            sequence=held.recorded.sequence,
            since=held.since,
            until=held.until,
            margin_then=then.get(held.recorded.flag_id),
            margin=float(week.margins[row]),
        )


def _margins_then(week: Week, waiting: Sequence[_Held], data: Path) -> dict[str, float]:
    """Return by flag what its passport's own values come to by the week's model; none where it asks for others.

    By the model that made the flag that is the published margin, to the bit. So a new model brings nobody back.
    """
    wanted = {each.recorded.flag_id for each in waiting}
    lists = [open_list(data, name, kept_parts(0)) for name in sorted({each.recorded.list_id for each in waiting})]
    passports = [each for one in lists for each in one.passports if each.flag.id in wanted]
    rows = {each.flag.id: _row(each, week.plan.names) for each in passports}
    usable = {flag: row for flag, row in rows.items() if row is not None}
    if not usable:
        return {}
    margins = week.made_from.bundle.margins(np.array(list(usable.values()), dtype=np.float64))
    return dict(zip(usable, margins.tolist(), strict=True))


def _row(passport: Passport, names: Sequence[str]) -> list[float] | None:
    values = {each.name: np.nan if each.value is None else each.value for each in passport.indicators}
    return [values[name] for name in names] if set(names) <= set(values) else None


def _is_news(each: Resting, rules: FlowRules) -> bool:
    return each.margin_then is not None and each.margin - each.margin_then > rules.returns_above


def _choice(each: _Held) -> Choice:
    return each.recorded.content.decision


def _review_due(each: _Held) -> str:
    return f"Back on the list since {_in_words(each.until)}: {_decision(each)} is due for review"


def _much_is_new(each: _Held) -> str:
    return f"Back on the list: what was recorded since {_decision(each)} raises the estimate"


def _decision(each: _Held) -> str:
    return f"the decision of {_in_words(each.since)} ({IN_WORDS[_choice(each)]})"


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
