"""A made-up store for `targeting bench matrix`: families, members who move, and facts, as a generation holds them.

The product's shards and, for the peers, one Parquet file a kind with the same exploded rows: family, person, since when
and until when a row counts, its event and its columns. So no peer has to join memberships. Drawn by NumPy from a fixed
seed; a generation of real data is written by `link`, which is not what is measured here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.records.definition import CodeSet, Column, FactKind
from targeting.store.blocks import OPEN_DAY, FactRows, LinkRows, MemberRows
from targeting.store.generations import Shards
from targeting.store.manifest import SourceCoverage
from targeting.store.shards import ShardFiles, flat_columns, shard_folder, write_rows, write_table

from .matrix_peers import GRADES, PARTS

SEED = 20_260_329
FAMILIES_A_SHARD = 5_000
SOURCE = "made_up"
EPOCH = date(1970, 1, 1)
FIRST, LAST = (date(2021, 4, 1) - EPOCH).days, (date(2026, 4, 1) - EPOCH).days
LONG_AGO = (date(1990, 1, 1) - EPOCH).days
GROWN_UP = 2
PART_THAT_MOVES, PART_SOON_KNOWN, PART_CORRECTED = 0.10, 0.90, 0.02

Days = NDArray[np.int32]


def _kind(name: str) -> FactKind:
    grades = CodeSet(name="grades", source="made up", codes=dict.fromkeys(GRADES, "a grade"))
    columns = (
        Column(name="grade", description="a grade", type="code", codes=grades),
        Column(name="amount", description="an amount", type="integer"),
        Column(name="possible", description="what it is of", type="integer"),
        Column(name="flagged", description="a flag", type="flag"),
    )
    return FactKind(name=name, description=name, area="made up", event="it", knowledge="it", columns=columns)


CONTRACT = {name: _kind(name) for name in PARTS}


@dataclass(frozen=True)
class Store:
    """A made-up store in a folder: what the engine needs of a generation, and the peers' files."""

    folder: Path

    @property
    def coverage(self) -> tuple[SourceCoverage, ...]:
        """One source shares everything, always."""
        return tuple(SourceCoverage(SOURCE, kind, date(1990, 1, 1), date(2100, 1, 1)) for kind in PARTS)

    def shards(self) -> Sequence[Any]:
        """Return the shards in the order of their families."""
        types = {name: {column.name: column.type for column in kind.columns} for name, kind in CONTRACT.items()}
        words = {name: {"grade": GRADES} for name in PARTS}
        folders = sorted((self.folder / "shards").iterdir())
        return Shards([ShardFiles(folder, (SOURCE,), types, words) for folder in folders])


def make_store(folder: Path, *, families: int, facts: int, progress: Callable[[str, int, int], None]) -> Store:
    """Write a store of so many families and about so many facts."""
    writers: dict[str, pq.ParquetWriter] = {}
    firsts = range(0, families, FAMILIES_A_SHARD)
    for number, first in enumerate(firsts):
        progress("making facts", number, len(firsts))
        count = min(FAMILIES_A_SHARD, families - first)
        drawn = np.random.default_rng([SEED, number])
        path = folder / shard_folder(number)
        path.mkdir(parents=True)
        members = _members(drawn, count)
        _write_people(path, first, count, members)
        for kind, part in PARTS.items():
            rows = _facts(drawn, kind, members, round(facts * part * count / families))
            columns = flat_columns(rows)
            write_rows(path / f"{kind}.parquet", columns)
            table = pa.table({name.removeprefix("column."): values for name, values in columns.items()})
            table = table.set_column(0, "family", pa.array(rows.family + np.int32(first)))
            if kind not in writers:
                writers[kind] = pq.ParquetWriter(folder / f"{kind}.parquet", table.schema, compression="lz4")
            writers[kind].write_table(table)
    for writer in writers.values():
        writer.close()
    write_table(folder / "families.parquet", pa.table({"family": np.arange(families, dtype=np.int32)}))
    return Store(folder)


def _members(drawn: np.random.Generator, families: int) -> MemberRows:
    """Draw three to six members a family, the first two grown up; one child in ten moves to the next family."""
    sizes = drawn.integers(3, 7, families)
    family = np.repeat(np.arange(families, dtype=np.int32), sizes)
    place = np.arange(len(family)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    birth = np.where(
        place < GROWN_UP,
        drawn.integers(-2000, 11_000, len(family)),
        drawn.integers(LAST - 7300, LAST - 400, len(family)),
    )
    moves = np.flatnonzero((place >= GROWN_UP) & (drawn.random(len(family)) < PART_THAT_MOVES))
    moved_on = drawn.integers(FIRST, LAST, len(moves)).astype(np.int32)
    until = np.full(len(family), OPEN_DAY)
    until[moves] = moved_on - 1
    whole = {
        "family": np.concatenate([family, (family[moves] + 1) % families]).astype(np.int32),
        "person": np.concatenate([np.arange(len(family)), moves]).astype(np.int32),
        "visible_from": np.concatenate([np.full(len(family), LONG_AGO), moved_on]).astype(np.int32),
        "visible_to": np.concatenate([until, np.full(len(moves), OPEN_DAY)]).astype(np.int32),
        "birth": np.concatenate([birth, birth[moves]]).astype(np.int32),
        "is_child": np.concatenate([place >= GROWN_UP, place[moves] >= GROWN_UP]).astype(np.int8),
    }
    order = np.lexsort((whole["visible_from"], whole["person"], whole["family"]))
    return MemberRows(**{name: values[order] for name, values in whole.items()})


def _facts(drawn: np.random.Generator, kind: str, members: MemberRows, count: int) -> FactRows:
    """Draw facts of persons, and give them to every family to which the person ever belonged."""
    persons = int(members.person.max()) + 1
    of_person = np.sort(drawn.integers(0, persons, count))
    event = drawn.integers(FIRST, LAST, count)
    event = event[np.argsort(of_person * np.int64(100_000) + event, kind="stable")].astype(np.int32)
    late = np.where(drawn.random(count) < PART_SOON_KNOWN, drawn.integers(0, 4, count), drawn.integers(0, 120, count))
    corrected = np.where(drawn.random(count) < PART_CORRECTED, event + late + drawn.integers(1, 300, count), OPEN_DAY)
    possible = drawn.integers(5, 61, count)
    own = {
        "grade": drawn.integers(0, len(GRADES), count).astype(np.int32),
        "amount": drawn.integers(0, 6, count).astype(np.float64),
        "possible": possible.astype(np.float64),
        "flagged": drawn.integers(0, 2, count).astype(np.float64),
    }
    fact, member = _exploded(of_person, members)
    first = np.maximum(event[fact] + late[fact] + 1, members.visible_from[member])
    last = np.minimum(corrected[fact], members.visible_to[member])
    kept = np.flatnonzero(first <= last)
    fact, member = fact[kept], member[kept]
    return FactRows(
        kind=kind,
        family=members.family[member],
        person=members.person[member],
        fact_id=fact.astype(np.int64),
        event=event[fact],
        knowledge=(event + late)[fact].astype(np.int32),
        visible_from=first[kept].astype(np.int32),
        visible_to=last[kept].astype(np.int32),
        birth=members.birth[member],
        is_child=members.is_child[member],
        source=np.zeros(len(fact), dtype=np.int16),
        columns={name: values[fact] for name, values in own.items()},
        vocabularies={"grade": GRADES},
    )


def _exploded(of_person: NDArray[Any], members: MemberRows) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return every fact with every membership of its person, in the order of memberships, then of facts."""
    first = np.searchsorted(of_person, members.person, side="left")
    counts = np.searchsorted(of_person, members.person, side="right") - first
    member = np.repeat(np.arange(len(members.person)), counts)
    fact = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    return fact, member


def _write_people(path: Path, first: int, families: int, members: MemberRows) -> None:
    ids = [f"f_{first + number:08}" for number in range(families)]
    persons = [f"p_{first:08}_{number:06}" for number in range(int(members.person.max()) + 1)]
    write_table(path / "families.parquet", pa.table({"family_id": ids}))
    write_table(path / "persons.parquet", pa.table({"person_id": persons}))
    write_rows(path / "members.parquet", flat_columns(members))
    nobody = {name: np.empty(0, np.int32) for name in ("family", "person", "visible_from", "visible_to", "birth")}
    links = LinkRows(source=np.empty(0, np.int16), is_child=np.empty(0, np.int8), **nobody)
    write_rows(path / "links.parquet", flat_columns(links))
