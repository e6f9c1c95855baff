"""Every family that lists of the last year spoke of, once: from lists, decisions, and the wards written with lists."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from targeting.serving.district.decided_flags import DecidedFlag
from targeting.serving.district.family_wards import held_families, wards_of
from targeting.serving.district.figures import Families, FamilySeen
from targeting.serving.published import PublishedList

A_YEAR = timedelta(weeks=52)
CONSIDERED, FLAGGED, DECIDED, OUTCOME = range(4)
NO_OFFER, OFFERED, CONTACTED = range(3)


@dataclass(frozen=True)
class FlagSeen:
    """One flag of the last year: the family that it is of and its ward, when it was listed, whether the list was live.

    A family has one ward, that of its latest list, whichever of its flags it is.
    """

    id: str
    family_id: str
    ward: str
    listed_on: date
    is_live: bool


@dataclass(frozen=True)
class Seen:
    """What no decision changes: the families that lists spoke of, and the flags of the last year."""

    families: Families
    flags: tuple[FlagSeen, ...]


def families_seen(data: Path, lists: Sequence[PublishedList]) -> Seen:
    """Return the families that the latest of `lists` considered, and those flagged within a year before.

    `lists` begin with the latest date. Empty where no ward was written beside any list.
    """
    latest = lists[0].head.as_of_date if lists else date.min
    considered = _considered(data, [each for each in lists if each.head.as_of_date == latest])
    of_year = [each for each in lists if each.head.as_of_date > latest - A_YEAR] if lists else []
    ward = dict(zip(considered["family_id"].to_pylist(), considered["ward"].to_pylist(), strict=True))
    # What is not considered now stands at the end, in the ward of the latest list with a flag of it.
    flags = tuple(_flags(data, of_year, ward))
    wards, more = list(ward.values()), [math.nan] * (len(ward) - considered.num_rows)
    families = Families(
        ward=np.array(wards, dtype=np.str_),
        probability=np.array([*_numbers(considered["probability"]), *more], dtype=np.float64),
        covered=np.array([*_numbers(considered["covered"]), *more], dtype=np.float64),
    )
    return Seen(families, flags)


def how_far(flags: Sequence[FlagSeen], decided: Mapping[str, DecidedFlag]) -> tuple[FamilySeen, ...]:
    """Return how far each flagged family came, by the flag of it that came furthest; days are the fewest of any."""
    seen: dict[str, FamilySeen] = {}
    for flag in flags:
        came, known = _how_far(flag, decided.get(flag.id)), seen.get(flag.family_id)
        seen[flag.family_id] = came if known is None else _further(known, came)
    return tuple(seen.values())


def _considered(data: Path, lists: Sequence[PublishedList]) -> pa.Table:
    """Return everybody whom lists of one date considered, by family: ward, estimate, coverage."""
    held = held_families(data, lists[0]) if lists else None
    names = ["family_id", "ward", "probability", "covered"]
    if held is None or not held.num_rows:
        return pa.table({name: pa.array([], pa.string() if name in names[:2] else pa.float64()) for name in names})
    told = pa.concat_tables([each.considered.select(["family_id", "probability"]) for each in lists])
    # Sorted; of a family on two lists the first counts.
    _, first = np.unique(np.array(told["family_id"].to_pylist(), dtype=np.str_), return_index=True)
    told = told.take(pa.array(first))
    at = pc.index_in(told["family_id"], value_set=held["family_id"].combine_chunks())
    columns = told["family_id"], pc.fill_null(held["ward"].take(at), ""), told["probability"], held["covered"].take(at)
    return pa.table(columns, names=names)


def _flags(data: Path, lists: Sequence[PublishedList], ward: dict[str, str]) -> Iterator[FlagSeen]:
    """Yield the flags of families whose ward was written beside their list; `ward` learns of those that it lacks."""
    for _, held in groupby(lists, key=lambda each: each.head.together[0]):
        together = list(held)
        written = wards_of(data, together[0], [flag.family_id for each in together for flag in each.flags])
        for each in together:
            for flag in (flag for flag in each.flags if flag.family_id in written):
                lives_in = ward.setdefault(flag.family_id, written[flag.family_id])
                is_live = each.head.standing == "live"
                yield FlagSeen(flag.id, flag.family_id, lives_in, each.head.as_of_date, is_live)


def _how_far(flag: FlagSeen, decided: DecidedFlag | None) -> FamilySeen:
    if decided is None:
        return FamilySeen(flag.ward, FLAGGED)
    contacted_on = decided.contacted_on
    return FamilySeen(
        flag.ward,
        OUTCOME if decided.has_outcome else DECIDED,
        days=max((decided.first_on - flag.listed_on).days, 0),
        # Of a shadow list nobody is contacted, so no offer of one waits.
        offer=CONTACTED if contacted_on else OFFERED if decided.awaits_contact and flag.is_live else NO_OFFER,
        contact_days=(contacted_on - flag.listed_on).days if contacted_on else None,
    )


def _further(one: FamilySeen, other: FamilySeen) -> FamilySeen:
    return replace(
        one,
        stage=max(one.stage, other.stage),
        days=_shorter(one.days, other.days),
        offer=max(one.offer, other.offer),
        contact_days=_shorter(one.contact_days, other.contact_days),
    )


def _shorter(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _numbers(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(pc.fill_null(column, math.nan).to_numpy(), dtype=np.float64)
