"""How far the families of lists came: what is kept between decisions gives what a reading of everything gives."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import fmean, median

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from targeting.serving.district.decided_flags import DecidedFlag
from targeting.serving.district.family_wards import write_family_wards
from targeting.serving.district.figures import areas_of, figures_on
from targeting.serving.district.seen import families_seen, how_far
from targeting.serving.ids import flag_id, list_id
from targeting.serving.published import CONSIDERED, PublishedList

LATEST = date(2026, 3, 30)
WARDS = ("A", "B", "C", "")
AREAS = {"A": ("A",), "B": ("B",), "C": ("C",), "north": ("A", "B"), "elsewhere": ("",)}
# Weeks before the latest lists: a year's, and one of before that.
WEEKS = (0, 1, 2, 51, 52)


@pytest.fixture
def published(a_list, tmp_path: Path):
    """Return a function that gives lists drawn by chance, two panels' of each week, their wards written beside them."""

    def draw(random: Random) -> list[PublishedList]:
        lists: list[PublishedList] = []
        for weeks in WEEKS:
            as_of, families = LATEST - timedelta(weeks=weeks), [f"f_{n:02}" for n in range(60) if random.random() < 0.9]
            wards = {family: random.choice(WARDS) for family in families}
            together = tuple(list_id("escalation", panel, "offer", as_of.isoformat()) for panel in ("north", "rest"))
            of_week = [a_week(a_list(), together, at=at, as_of=as_of, wards=wards, random=random) for at in (0, 1)]
            if weeks != 2:
                told = np.array(families), np.array(list(wards.values()))
                covered = {family: random.random() for family in families if random.random() < 0.8}
                write_family_wards(tmp_path, of_week[0], *told, covered)
            lists += of_week
        return lists

    return draw


def a_week(
    made: PublishedList, together: tuple[str, ...], *, at: int, as_of: date, wards: dict[str, str], random: Random
) -> PublishedList:
    """Return one panel's list of a week; now and then it is about a family whose ward was not written."""
    own = [family for family, ward in wards.items() if (ward in ("A", "B")) == (at == 0) and random.random() < 0.9]
    own = sorted([*own, *([f"f_new{at}"] if random.random() < 0.5 else [])])
    standing = random.choice(("live", "shadow"))
    named = {"id": together[at], "together": together, "as_of_date": as_of, "standing": standing}
    rows = [own, list(range(1, len(own) + 1)), [-3.0] * len(own), [random.random() for _ in own]]
    return replace(
        made,
        head=made.head.model_copy(update=named),
        considered=pa.table(rows, schema=CONSIDERED),
        flags=tuple(
            made.flags[0].model_copy(update={"family_id": family, "id": flag_id(together[at], family)})
            for family in own
            if random.random() < 0.4
        ),
    )


def decided_by_chance(lists: Sequence[PublishedList], random: Random) -> dict[str, DecidedFlag]:
    def one(on: date) -> DecidedFlag:
        contacted_on = on + timedelta(days=random.randrange(30)) if random.random() < 0.4 else None
        awaits = contacted_on is None and random.random() < 0.5
        return DecidedFlag(on + timedelta(days=random.randrange(-2, 20)), random.random() < 0.3, awaits, contacted_on)

    flags = [(flag.id, each.head.as_of_date) for each in lists for flag in each.flags]
    return {flag: one(on) for flag, on in flags if random.random() < 0.6}


def plainly(
    data: Path, lists: Sequence[PublishedList], decided: dict[str, DecidedFlag]
) -> dict[str, dict[str, object]]:
    """Return the figures of each area by reading everything, family by family and flag by flag."""
    # By family: ward, estimate, coverage, then of each of its flags what came of it.
    told: dict[str, tuple[str, float | None, float | None, list[tuple[PublishedList, DecidedFlag | None]]]] = {}
    for each in lists:
        if each.head.as_of_date <= LATEST - timedelta(days=364):
            continue
        path = data / "family_wards" / f"{each.head.together[0]}.parquet"
        rows = pq.read_table(path).to_pylist() if path.exists() else []
        beside = {row["family_id"]: row for row in rows}
        if each.head.as_of_date == LATEST:
            for row in each.considered.to_pylist():
                held = beside.get(row["family_id"], {"ward": "", "covered": None})
                told[row["family_id"]] = held["ward"], row["probability"], held["covered"], []
        for flag in (flag for flag in each.flags if flag.family_id in beside):
            told.setdefault(flag.family_id, (beside[flag.family_id]["ward"], None, None, []))
            told[flag.family_id][3].append((each, decided.get(flag.id)))

    def figures(wards: Sequence[str]) -> dict[str, object]:
        own = [each for each in told.values() if each[0] in wards]
        of_flags = [[(each.head, said) for each, said in flags] for *_, flags in own]
        days = [[max((said.first_on - head.as_of_date).days, 0) for head, said in some if said] for some in of_flags]
        contacts = [
            [(said.contacted_on - head.as_of_date).days for head, said in some if said and said.contacted_on]
            for some in of_flags
        ]
        waits = [[head for head, said in some if said and said.awaits_contact] for some in of_flags]
        waiting = sum(any(h.standing == "live" for h in w) and not c for w, c in zip(waits, contacts, strict=True))
        return {
            "considered": len(own),
            "flagged": sum(map(bool, of_flags)),
            "decided": sum(map(bool, days)),
            "outcomes": sum(any(said and said.has_outcome for _, said in some) for some in of_flags),
            "contacted": sum(map(bool, contacts)),
            "waiting": waiting,
            "need": middle(fmean, [1000 * each[1] for each in own if each[1] is not None]),
            "coverage": middle(fmean, [100 * each[2] for each in own if each[2] is not None]),
            "days": middle(median, [min(each) for each in days if each]),
            "contact_days": middle(median, [min(each) for each in contacts if each]),
        }

    def middle(of, values: list[float]) -> float | None:
        return of(values) if len(values) > 5 else None

    return {area: figures(wards) for area, wards in {**AREAS, "": WARDS}.items()}


@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_between_decisions_gives_what_reading_everything_gives(published, tmp_path: Path, seed: int):
    random = Random(seed)
    lists = published(random)
    seen = families_seen(tmp_path, lists)
    areas = areas_of(seen.families, AREAS)
    for _ in range(3):
        decided = decided_by_chance(lists, random)
        found = figures_on(areas, how_far(seen.flags, decided), withhold=False)
        for area, wanted in plainly(tmp_path, lists, decided).items():
            shown = {name: getattr(found[area], name) for name in wanted}
            assert shown == pytest.approx(wanted), area


def test_without_lists_or_wards_nothing_is_seen(a_list, tmp_path: Path):
    for lists in ([], [a_list()]):
        seen = families_seen(tmp_path, lists)
        assert (seen.families.ward.tolist(), seen.flags) == ([], ())
        found = figures_on(areas_of(seen.families, AREAS), how_far(seen.flags, {}))
        assert (found[""].considered, found[""].need) == (0, None)
