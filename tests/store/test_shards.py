"""Facts become rows of families: for each range of days on which their person belonged to one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.records.contract import Contract, contract
from targeting.store.blocks import MISSING_DAY, OPEN_DAY, FactRows, Shard
from targeting.store.contents import AGENCY_LINKS, MEMBERSHIPS, GenerationContents, fact_schema
from targeting.store.generations import write_generation
from targeting.store.shards import READ_LATER, ROW_FIELDS, shard_folder, shard_from_tables

DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)
START = date(2024, 1, 1)


def day(text: str) -> int:
    return (date.fromisoformat(text) - EPOCH).days


def ranges(shard: Shard, rows: FactRows) -> list[tuple[str, str, int, str, str]]:
    """Return each row as (family, person, fact, first day, last day), an open end as `open`."""
    return [
        (
            str(shard.family_ids[rows.family[row]]),
            str(shard.person_ids[rows.person[row]]),
            int(rows.fact_id[row]),
            str(EPOCH + int(rows.visible_from[row]) * DAY),
            "open" if rows.visible_to[row] == OPEN_DAY else str(EPOCH + int(rows.visible_to[row]) * DAY),
        )
        for row in range(len(rows))
    ]


def in_memory(contents: GenerationContents) -> Shard:
    return shard_from_tables(
        contents.facts, contents.memberships, contents.agency_links, contract=contents.contract, sources=("a",)
    )


def test_a_fact_counts_from_the_day_after_it_was_known_until_it_is_superseded_or_its_person_leaves(
    contents: GenerationContents,
) -> None:
    shard = in_memory(contents)
    assert ranges(shard, shard.facts("visit")) == [
        ("f_1", "p_ann", 1, "2024-01-04", "open"),
        ("f_1", "p_bo", 2, "2024-01-04", "2024-01-31"),
        ("f_2", "p_bo", 2, "2024-02-01", "2024-02-01"),
        ("f_2", "p_bo", 3, "2024-02-02", "open"),
        ("f_2", "p_cy", 4, "2023-06-03", "open"),
        ("f_3", "p_cy", 4, "2023-06-03", "open"),
    ]


def test_values_become_numbers_with_a_sign_for_each_missing_one(contents: GenerationContents) -> None:
    rows = in_memory(contents).facts("visit")
    assert rows.vocabularies == {"ward": ("north", "south")}
    assert rows.columns["ward"].tolist() == [0, 1, 1, 0, -1, -1]
    np.testing.assert_array_equal(rows.columns["hours"], [1.5, np.nan, np.nan, 2, 3, 3])
    assert np.isnan(rows.columns["planned"]).all()
    assert rows.columns["next"].tolist() == [MISSING_DAY] * 3 + [day("2024-05-01")] + [MISSING_DAY] * 2
    assert rows.columns["episode_id"].tolist() == [1, 0, 0, 0, 2, 2]
    assert rows.birth.tolist()[:2] == [day("2015-03-01"), MISSING_DAY]


def test_an_agency_knows_a_member_from_the_day_after_it_first_had_him(contents: GenerationContents) -> None:
    shard = in_memory(contents)
    links = shard.links
    told = [
        (str(shard.family_ids[links.family[row]]), str(shard.person_ids[links.person[row]]), links.visible_from[row])
        for row in range(len(links))
    ]
    assert told == [
        ("f_1", "p_ann", day("2020-01-01")),
        ("f_2", "p_cy", day("2021-06-02")),
        ("f_3", "p_cy", day("2021-06-02")),
    ]


def test_a_kind_without_facts_has_no_rows_and_an_unknown_kind_is_refused(contents: GenerationContents) -> None:
    shard = in_memory(contents)
    assert len(shard.facts("suspension")) == 0
    assert shard.facts("suspension").columns["sessions"].dtype == np.float64
    with pytest.raises(KeyError, match="visits"):
        shard.facts("visits")


def test_only_the_wanted_columns_are_read(contents: GenerationContents, tmp_path: Path) -> None:
    for shard in (in_memory(contents), write_generation(tmp_path, contents).shards()[0]):
        assert list(shard.facts("visit", ["hours"]).columns) == ["hours"]
        with pytest.raises(KeyError, match="minutes"):
            shard.facts("visit", ["minutes"])


def test_columns_read_later_are_those_that_are_read_at_once(contents: GenerationContents, tmp_path: Path) -> None:
    shard = write_generation(tmp_path, contents).shards()[0]
    whole, later = shard.facts("visit"), shard.facts("visit", ["hours"])
    assert set(READ_LATER).isdisjoint(vars(later))
    assert len(later) == len(whole) > 0
    for name in ROW_FIELDS:
        assert getattr(later, name).tolist() == getattr(whole, name).tolist()
    assert set(READ_LATER) <= set(vars(later))
    assert replace(later, kind="other").fact_id is later.fact_id
    with pytest.raises(AttributeError, match="weight"):
        later.weight  # noqa: B018


def test_shards_written_with_other_encodings_are_still_read(contents: GenerationContents, tmp_path: Path) -> None:
    generation = write_generation(tmp_path, contents)
    before = as_ids(generation.shards()[0], "visit")
    path = generation.path / shard_folder(0) / "visit.parquet"
    pq.write_table(pq.ParquetFile(path).read(), path, compression="zstd", use_dictionary=True)
    assert as_ids(generation.shards()[0], "visit") == before


def test_ranges_of_one_person_in_one_family_may_not_overlap(
    contents: GenerationContents, memberships: Callable[[str], pa.Table]
) -> None:
    overlapping = memberships(
        """
        family_id | person_id | visible_from | visible_to
        f_1       | p_ann     | 2020-01-01   | 2020-06-30
        f_1       | p_ann     | 2020-06-30   |
        """
    )
    with pytest.raises(ValueError, match="two ranges of one person in one family overlap"):
        shard_from_tables({}, overlapping, contents.agency_links, contract=contents.contract, sources=("a",))


def test_a_membership_without_its_first_day_is_refused(
    contents: GenerationContents, memberships: Callable[[str], pa.Table]
) -> None:
    undated = memberships("family_id | person_id | visible_to\nf_1 | p_ann | 2020-06-30")
    with pytest.raises(ValueError, match="a date that every row must have is missing"):
        shard_from_tables({}, undated, contents.agency_links, contract=contents.contract, sources=("a",))


def visible_days(shard: Shard, kind: str) -> set[tuple[str, int, int]]:
    rows = shard.facts(kind)
    last = (START - EPOCH).days + 40
    return {
        (str(shard.family_ids[rows.family[row]]), int(rows.fact_id[row]), as_of)
        for row in range(len(rows))
        for as_of in range(rows.visible_from[row], min(rows.visible_to[row], last) + 1)
    }


def rows_of(schema: pa.Schema, rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


@st.composite
def districts(draw: st.DrawFn) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Draw a few facts and memberships within 40 days; the ranges of one person in one family do not overlap."""
    days = st.integers(0, 30).map(lambda number: START + number * DAY)
    people = st.sampled_from(["p_a", "p_b", "p_c"])
    facts = [
        {
            "fact_id": number,
            "person_id": draw(people),
            "event_date": draw(days),
            "knowledge_date": draw(days),
            "superseded_on": draw(st.none() | days),
            "source": "a",
        }
        for number in range(1, draw(st.integers(0, 8)) + 1)
    ]
    memberships = []
    pairs = draw(st.sets(st.tuples(st.sampled_from(["f_a", "f_b"]), people), min_size=1))
    for family, person in sorted(pairs):
        edges = sorted(draw(st.sets(days, min_size=1, max_size=4)))
        for first, last in zip(edges[::2], [*edges[1::2], None], strict=False):
            ids = {"family_id": family, "person_id": person}
            memberships.append(ids | {"is_child": True, "visible_from": first, "visible_to": last})
    return facts, memberships


@settings(max_examples=60, deadline=None)
@given(districts(), st.integers(1, 3))
def test_a_fact_counts_for_a_family_on_the_days_on_which_it_is_known_and_its_person_belongs(
    district: tuple[list[dict[str, object]], list[dict[str, object]]], families_per_shard: int
) -> None:
    facts, memberships = district
    expected = {
        (member["family_id"], fact["fact_id"], (as_of - EPOCH).days)
        for as_of in (START + number * DAY for number in range(41))
        for fact in facts
        for member in memberships
        if fact["person_id"] == member["person_id"]
        and fact["knowledge_date"] < as_of <= (fact["superseded_on"] or as_of)
        and member["visible_from"] <= as_of <= (member["visible_to"] or as_of)
    }
    kinds = contract()
    tables = {"moved_out": rows_of(fact_schema(kinds["moved_out"]), facts)}
    links = AGENCY_LINKS.empty_table()
    shard = shard_from_tables(tables, rows_of(MEMBERSHIPS, memberships), links, contract=kinds, sources=("a",))
    assert visible_days(shard, "moved_out") == expected
    rows = shard.facts("moved_out")
    keys = list(zip(rows.family, rows.person, rows.event, rows.fact_id, rows.visible_from, strict=True))
    assert keys == sorted(keys)


def as_ids(shard: Shard, kind: str) -> list[tuple[object, ...]]:
    rows = shard.facts(kind)
    wards = (*rows.vocabularies["ward"], None)
    texts = [wards[code] for code in rows.columns["ward"]]
    return [(*row, text) for row, text in zip(ranges(shard, rows), texts, strict=True)]


@pytest.mark.parametrize("families_per_shard", [1, 2, 5000])
def test_shards_on_disk_hold_what_the_shard_in_memory_holds(
    contents: GenerationContents, tmp_path: Path, families_per_shard: int
) -> None:
    generation = write_generation(tmp_path, contents, families_per_shard=families_per_shard)
    shards = generation.shards()
    assert len(shards) == -(-3 // families_per_shard)
    assert [row for shard in shards for row in as_ids(shard, "visit")] == as_ids(in_memory(contents), "visit")
    assert [str(family) for shard in shards for family in shard.family_ids] == ["f_1", "f_2", "f_3"]
    assert sum(len(shard.members) for shard in shards) == 5
    assert sum(len(shard.links) for shard in shards) == 3


@pytest.mark.parametrize("families_per_shard", [1, 2, 5000])
def test_a_shard_of_some_families_holds_their_facts_alone(
    contents: GenerationContents, tmp_path: Path, families_per_shard: int
) -> None:
    generation = write_generation(tmp_path, contents, families_per_shard=families_per_shard)
    shard = generation.shard_with(["f_3", "f_1"])
    expected = [row for row in as_ids(in_memory(contents), "visit") if row[0] != "f_2"]
    assert as_ids(shard, "visit") == expected
    assert shard.family_ids.tolist() == ["f_1", "f_3"]
    assert shard.person_ids.tolist() == ["p_ann", "p_bo", "p_cy"]
    assert len(shard.members) == 3
    with pytest.raises(KeyError, match="1 families are not in this generation"):
        generation.shard_with(["f_1", "f_9"])


def test_an_episode_has_one_number_in_every_kind(kinds: Contract, memberships: Callable[[str], pa.Table]) -> None:
    def facts(kind: str, fact_id: int, **own: str) -> pa.Table:
        common = {"person_id": "p_a", "event_date": START, "knowledge_date": START, "source": "a"}
        return rows_of(fact_schema(kinds[kind]), [{"fact_id": fact_id, **common, **own}])

    tables = {
        "care_started": pa.concat_tables(
            [facts("care_started", 1, episode_id="x"), facts("care_started", 2, episode_id="b")]
        ),
        "care_ended": facts("care_ended", 3, episode_id="x"),
    }
    members = memberships("family_id | person_id | visible_from\nf_1 | p_a | 2020-01-01")
    shard = shard_from_tables(tables, members, AGENCY_LINKS.empty_table(), contract=kinds, sources=("a",))
    started, ended = shard.facts("care_started"), shard.facts("care_ended")
    assert started.columns["episode_id"].tolist() == [1, 0]
    assert ended.columns["episode_id"].tolist() == [1]
