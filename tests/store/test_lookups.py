"""Shards kept open, people found by record, and what is forgotten when there is no more room."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from targeting.errors import DataError
from targeting.store.contents import PERSON_RECORDS, GenerationContents
from targeting.store.generations import write_generation
from targeting.store.kept import Kept
from targeting.store.open_shards import OpenShards
from targeting.store.people_index import PeopleIndex
from targeting.store.pseudonyms import record_ids
from targeting.store.shards import flat_columns


def person_records(*rows: tuple[str, str, date, date | None]) -> pa.Table:
    return pa.Table.from_pylist(
        [dict(zip(PERSON_RECORDS.names, row, strict=True)) for row in rows], schema=PERSON_RECORDS
    )


def test_the_least_lately_used_is_forgotten_first() -> None:
    made: list[str] = []

    def ask(kept: Kept[str, str], key: str) -> str:
        return kept.get(key, lambda: (made.append(key), key * 2)[1])

    kept: Kept[str, str] = Kept(5, size=len)
    assert [ask(kept, key) for key in ("a", "b", "a", "c", "a", "b")] == ["aa", "bb", "aa", "cc", "aa", "bb"]
    # Two of three fit: b went for c, being used least lately, and c for b.
    assert made == ["a", "b", "c", "b"]


def test_what_alone_is_too_large_is_made_each_time() -> None:
    kept: Kept[int, int] = Kept(0)
    assert kept.get(1, lambda: 7) == 7
    assert kept.get(1, lambda: 8) == 8


@pytest.mark.parametrize("most_bytes", [0, 1 << 20])
def test_an_open_shard_holds_what_the_generation_holds(
    contents: GenerationContents, tmp_path: Path, most_bytes: int
) -> None:
    generation = write_generation(tmp_path, contents, families_per_shard=2)
    shards = OpenShards(generation, most_bytes=most_bytes)
    for families in (["f_1"], ["f_3", "f_1"], ["f_1"]):
        opened, read = shards.shard_with(families), generation.shard_with(families)
        for one, other in ((opened.facts("visit"), read.facts("visit")), (opened.members, read.members)):
            columns = zip(flat_columns(one).values(), flat_columns(other).values(), strict=True)
            assert all(np.array_equal(left, right, equal_nan=left.dtype.kind == "f") for left, right in columns)
    with pytest.raises(KeyError, match="1 families are not in this generation"):
        shards.shard_with(["f_0"])


def test_a_record_is_a_persons_within_its_dates(contents: GenerationContents, tmp_path: Path) -> None:
    rows = person_records(
        ("r2", "p_cy", date(2024, 3, 2), None),
        ("r1", "p_ann", date(2020, 1, 1), None),
        ("r2", "p_bo", date(2020, 1, 1), date(2024, 3, 1)),
    )
    index = PeopleIndex(write_generation(tmp_path, replace(contents, person_records=rows)))
    assert index.person_of("r1", date(2019, 12, 31)) is None
    assert index.person_of("r1", date(2020, 1, 1)) == "p_ann"
    assert [index.person_of("r2", date(2024, 3, day)) for day in (1, 2)] == ["p_bo", "p_cy"]
    assert index.person_of("r3", date(2024, 3, 1)) is None
    assert index.families_of("p_cy", date(2020, 12, 31)) == ("f_2",)
    assert index.families_of("p_cy", date(2021, 1, 1)) == ("f_2", "f_3")
    assert index.families_of("p_bo", date(2024, 1, 31)) == ("f_1",)
    assert index.families_of("p_nobody", date(2024, 1, 31)) == ()
    assert index.facts_of(["p_nobody"], contents.contract["visit"])["fact_id"].to_pylist() == [5]
    assert len(index.facts_of(["p_nobody"], contents.contract["care_started"])) == 0
    assert index.links_of("p_cy")["known_from"].to_pylist() == [date(2021, 6, 1)]


def test_a_generation_without_records_of_persons_says_what_to_run(contents: GenerationContents, tmp_path: Path) -> None:
    generation = write_generation(tmp_path, contents)
    (generation.path / "person_records.parquet").unlink()
    with pytest.raises(DataError, match=r"nobody can be found by an agency's id. Run `targeting link` again"):
        PeopleIndex(generation).person_of("r1", date(2024, 1, 1))


def test_space_around_an_agencys_id_is_no_part_of_it_and_another_agency_has_other_names() -> None:
    def name(text: str, source: str = "schools") -> str:
        return str(record_ids(pa.array([text]), source=source, identity_key=bytes(32))[0])

    assert name(" 104729\t") == name("104729")
    assert len({name("104729"), name("104730"), name("104729", "police")}) == 3
