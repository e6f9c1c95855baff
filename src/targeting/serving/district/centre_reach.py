"""How far children's centres reach, ward by ward: counted when lists are published, so that no page computes it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.features.dates import day_number
from targeting.serving.district.figures import FamilySeen
from targeting.serving.published import PublishedList
from targeting.store.blocks import MISSING_DAY, FactRows, Shard
from targeting.store.files import private_folder, write_atomically

FOLDER = "centre_reach"
REGISTERED, ATTENDED = "childrens_centre_registered", "childrens_centre_attended"
# The 2016 review's measures: of children under five, who is registered, who came once, who came three times.
UNDER_FIVE = 5 * 365
ENGAGED_FROM = 3
SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")
_SCHEMA = pa.schema([("ward", pa.string()), ("stage", pa.int8()), ("children", pa.int64())])


def write_centre_reach(data: Path, published: PublishedList, children: Iterable[tuple[str, int]]) -> None:
    """Write how far centres reached the children under five on a list's date, beside it: ward and stage of each."""
    rows = [(ward, stage, count) for (ward, stage), count in sorted(Counter(children).items())]
    columns = [list(each) for each in zip(*rows, strict=True)] if rows else [[], [], []]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, schema=_SCHEMA), sink, compression="zstd")
    private_folder(data / FOLDER)
    write_atomically(_path(data, published), sink.getvalue().to_pybytes())


def children_reached(data: Path, published: PublishedList) -> tuple[FamilySeen, ...]:
    """Return each child under five on a list's date: its ward, and how far centres reached it; none where not written.

    Stages are those of families on the way to an outcome, one within the other: known, registered, came once, came
    three times.
    """
    path = _path(data, published)
    if not path.exists():
        return ()
    rows = pq.read_table(path).to_pylist()
    return tuple(FamilySeen(row["ward"], row["stage"]) for row in rows for _ in range(row["children"]))


def reached_in(shard: Shard, wards: NDArray[np.str_], as_of_date: date) -> Mapping[str, tuple[str, int]]:
    """Return the ward of each child under five of a shard, and how far centres reached it: stages 0 to 3.

    `wards` has that of each family (empty: none known). What an adult of its family attended since it was born counts.
    A child of two families counts once, in the one that comes first.
    """
    family, person, stage = _reached(shard, day_number(as_of_date))
    told = zip(shard.person_ids[person].tolist(), wards[family].tolist(), stage.tolist(), strict=True)
    found: dict[str, tuple[str, int]] = {}
    for name, ward, how_far in told:
        found.setdefault(name, (ward, how_far))
    return found


Ints = NDArray[np.int64]


def _reached(shard: Shard, day: int) -> tuple[Ints, Ints, Ints]:
    """Return family, person and stage of each child under five in a shard on a day, sorted by family."""
    rows = shard.members
    young = (rows.birth != MISSING_DAY) & (rows.birth < day) & (rows.birth >= day - UNDER_FIVE)
    held = young & (rows.is_child == 1) & (rows.visible_from <= day) & (day <= rows.visible_to)
    children = _distinct(*(each[held].astype(np.int64) for each in (rows.family, rows.person, rows.birth)))
    family, person, _ = children
    registered = np.isin(person, _known(shard.facts(REGISTERED, []), day)[1])
    times = _times_attended(shard, children, day)
    stage = registered * (1 + (times >= 1) + (times >= ENGAGED_FROM))
    return family, person, stage.astype(np.int64)


def _known(rows: FactRows, day: int) -> tuple[Ints, Ints, Ints, NDArray[np.bool_]]:
    """Return family, person and day of the event, and whether it is a child's, of the facts known on a day."""
    kept = (rows.visible_from <= day) & (day <= rows.visible_to) & (rows.event < day)
    family, person, event = (each[kept].astype(np.int64) for each in (rows.family, rows.person, rows.event))
    return family, person, event, rows.is_child[kept] == 1


def _times_attended(shard: Shard, children: Ints, day: int) -> Ints:
    """Return on how many days of its life each child, or an adult of its family, came to a centre."""
    family, person, birth = children
    of, who, when, own = _known(shard.facts(ATTENDED, []), day)
    first, after = (np.searchsorted(family, of[~own], side=side) for side in SIDES)
    by_adult = np.repeat(when[~own], after - first)
    child = np.array(
        [each for low, high in zip(first, after, strict=True) for each in range(low, high)], dtype=np.int64
    )
    lived = birth[child] <= by_adult
    days = _distinct(np.append(who[own], person[child][lived]), np.append(when[own], by_adult[lived]))
    came, times = np.unique(days[0], return_counts=True)
    counts: dict[int, int] = dict(zip(came.tolist(), times.tolist(), strict=True))
    return np.array([counts.get(each, 0) for each in person.tolist()], dtype=np.int64)


def _distinct(*columns: Ints) -> Ints:
    """Return the different rows of some columns, sorted, a row of the result for each column."""
    rows = np.stack(columns)[:, np.lexsort(columns[::-1])]
    first = np.ones(rows.shape[1], dtype=np.bool_)
    first[1:] = (rows[:, 1:] != rows[:, :-1]).any(axis=0)
    return rows[:, first]


def _path(data: Path, published: PublishedList) -> Path:
    return data / FOLDER / f"{published.head.together[0]}.parquet"
