"""Every family that lists of the last year spoke of, once: from lists, decisions, and the wards written with lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from targeting.serving.decisions import Decision
from targeting.serving.district.family_wards import family_coverage, family_wards
from targeting.serving.district.figures import FamilySeen
from targeting.serving.published import PublishedList

A_YEAR = timedelta(weeks=52)
CONSIDERED, FLAGGED, DECIDED, OUTCOME = range(4)
NO_OFFER, OFFERED, CONTACTED = range(3)


def families_seen(
    data: Path, lists: Sequence[PublishedList], decided: Mapping[str, tuple[str, Decision]]
) -> tuple[FamilySeen, ...]:
    """Return the families that the latest of `lists` considered, and those flagged within a year before.

    `lists` begin with the latest date. Empty where no ward was written beside any list.
    """
    if not lists:
        return ()
    latest = lists[0].head.as_of_date
    seen: dict[str, FamilySeen] = {}
    for each in lists:
        if each.head.as_of_date <= latest - A_YEAR:
            continue
        wards = family_wards(data, each)
        if wards and each.head.as_of_date == latest:
            _add_considered(seen, each, wards, family_coverage(data, each))
        _add_flagged(seen, each, wards, decided)
    return tuple(seen[name] for name in sorted(seen))


def _add_considered(
    seen: dict[str, FamilySeen], published: PublishedList, wards: Mapping[str, str], covered: Mapping[str, float]
) -> None:
    held = published.considered
    for family, probability in zip(held["family_id"].to_pylist(), held["probability"].to_pylist(), strict=True):
        told = FamilySeen(wards.get(family, ""), CONSIDERED, probability, covered=covered.get(family))
        seen.setdefault(family, told)


def _add_flagged(
    seen: dict[str, FamilySeen],
    published: PublishedList,
    wards: Mapping[str, str],
    decided: Mapping[str, tuple[str, Decision]],
) -> None:
    for flag in published.flags:
        if flag.family_id not in wards:
            continue
        known = seen.get(flag.family_id, FamilySeen(wards[flag.family_id], CONSIDERED))
        came = _how_far(published, decided.get(flag.id))
        seen[flag.family_id] = replace(
            known,
            stage=max(known.stage, came.stage),
            days=_shorter(known.days, came.days),
            offer=max(known.offer, came.offer),
            contact_days=_shorter(known.contact_days, came.contact_days),
        )


@dataclass(frozen=True)
class _Came:
    """How far one flag came."""

    stage: int = FLAGGED
    days: int | None = None
    offer: int = NO_OFFER
    contact_days: int | None = None


def _how_far(published: PublishedList, decision: tuple[str, Decision] | None) -> _Came:
    if decision is None:
        return _Came()
    (at, said), listed_on, is_live = decision, published.head.as_of_date, published.head.standing == "live"
    noted = any(each.outcome != "not_known" for each in said.follow_ups)
    contact = said.first_contact
    return _Came(
        stage=OUTCOME if noted else DECIDED,
        days=max((datetime.fromisoformat(at).date() - listed_on).days, 0),
        # Of a shadow list nobody is contacted, so no offer of one waits.
        offer=CONTACTED if contact else OFFERED if said.awaits_contact and is_live else NO_OFFER,
        contact_days=(contact.contacted_on - listed_on).days if contact else None,
    )


def _shorter(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)
