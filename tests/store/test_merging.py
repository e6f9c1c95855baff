"""A shard with more laid over it is the shard that would have been written with it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from targeting.records.contract import Contract
from targeting.store.blocks import LinkRows, MemberRows, Shard
from targeting.store.contents import GenerationContents, fact_schema
from targeting.store.generations import write_generation
from targeting.store.merging import Added, merged_shard
from targeting.store.open_shards import OpenShards
from targeting.store.shards import flat_columns

Tables = Callable[[str], pa.Table]


def told(shard: Shard, kind: str) -> list[tuple[object, ...]]:
    """Return a shard's facts of a kind by names and words, its own numbers left out."""
    rows = shard.facts(kind)
    wards = (*rows.vocabularies["ward"], None)
    dates = zip(rows.event, rows.knowledge, rows.visible_from, rows.visible_to, rows.birth, strict=True)
    people = zip(shard.family_ids[rows.family], shard.person_ids[rows.person], strict=True)
    own = zip([wards[ward] for ward in rows.columns["ward"]], rows.columns["hours"].tolist(), strict=True)
    return [(*who, *when, *map(repr, what)) for who, when, what in zip(people, dates, own, strict=True)]


def same_rows(one: MemberRows | LinkRows, other: MemberRows | LinkRows) -> bool:
    columns = zip(flat_columns(one).values(), flat_columns(other).values(), strict=True)
    return all(np.array_equal(left, right) for left, right in columns)


def after_2023(table: pa.Table) -> pa.Table:
    return pc.greater(table["event_date"], pa.scalar(19_700, pa.int32()).cast(pa.date32()))


@pytest.mark.parametrize("family", ["f_1", "f_2", "f_3"])
def test_what_is_added_lies_where_it_would_have_been_written(
    contents: GenerationContents, tmp_path: Path, family: str
) -> None:
    visits = contents.facts["visit"]
    late = after_2023(visits)
    held = replace(
        contents, facts={"visit": visits.filter(pc.invert(late))}, agency_links=contents.agency_links.slice(0, 1)
    )
    shards = OpenShards(write_generation(tmp_path / "held", held))
    added = Added(facts={"visit": visits.filter(late)}, agency_links=contents.agency_links.slice(1))
    merged = merged_shard(
        shards.shard_with([family]), added, contract=contents.contract, episode_numbers=shards.episode_numbers
    )
    whole = write_generation(tmp_path / "whole", contents).shard_with([family])
    assert told(merged, "visit") == told(whole, "visit")
    assert same_rows(merged.members, whole.members)
    assert same_rows(merged.links, whole.links)
    assert merged.person_ids.tolist() == whole.person_ids.tolist()
    assert merged.facts("visit", ["hours"]).columns.keys() == {"hours"}


def test_a_person_added_anew_leaves_behind_what_the_family_held_of_them(
    contents: GenerationContents, memberships: Tables, tmp_path: Path
) -> None:
    shards = OpenShards(write_generation(tmp_path, contents))
    again = memberships("family_id | person_id | birth_date | visible_from\nf_1 | p_bo | 2011-01-01 | 2024-03-01")
    merged = merged_shard(
        shards.shard_with(["f_1"]),
        Added(memberships=again),
        contract=contents.contract,
        episode_numbers=shards.episode_numbers,
    )
    assert [row[1] for row in told(merged, "visit")] == ["p_ann"]
    assert merged.person_ids[merged.members.person].tolist() == ["p_ann", "p_bo"]
    assert merged.members.birth.tolist()[1] == 14975


def test_a_closed_fact_is_gone_and_a_family_is_made_of_people_alone(
    contents: GenerationContents, memberships: Tables, visits: Tables, tmp_path: Path
) -> None:
    shards = OpenShards(write_generation(tmp_path, contents))
    here = {"contract": contents.contract, "episode_numbers": shards.episode_numbers}
    assert told(merged_shard(shards.shard_with(["f_1"]), Added(closed=frozenset({1, 2})), **here), "visit") == []
    nobody = shards.shard_of_nobody()
    assert len(nobody.facts("visit")) == len(nobody.members) == len(nobody.links) == 0
    people = memberships("family_id | person_id | visible_from\nnew | x | 2020-01-01\nnew | y | 2020-01-01")
    facts = visits(
        "fact_id | person_id | event_date | knowledge_date | ward\n-1 | y | 2024-01-01 | 2024-01-02 | elsewhere"
    )
    merged = merged_shard(nobody, Added(memberships=people, facts={"visit": facts}), **here)
    assert [row[:2] for row in told(merged, "visit")] == [("new", "y")]
    assert merged.facts("visit").vocabularies["ward"][-1] == "elsewhere"


def test_an_episode_that_ends_in_another_kind_is_one_whichever_others_each_kind_tells_of(
    contents: GenerationContents, kinds: Contract, memberships: Tables, tmp_path: Path
) -> None:
    def facts(kind: str, *episodes: str) -> pa.Table:
        rows = [
            {
                "fact_id": number,
                "person_id": "x",
                "event_date": DAY,
                "knowledge_date": DAY,
                "source": "a",
                "episode_id": each,
            }
            for number, each in enumerate(episodes)
        ]
        names = fact_schema(kinds[kind]).names
        filled = [{name: row.get(name) for name in names} for row in rows]
        return pa.Table.from_pylist(filled, schema=fact_schema(kinds[kind]))

    shards = OpenShards(write_generation(tmp_path, contents))
    added = Added(
        memberships=memberships("family_id | person_id | visible_from\nnew | x | 2020-01-01"),
        facts={
            "care_started": facts("care_started", "new b", "e1", "new a"),
            "care_ended": facts("care_ended", "new b"),
            "visit": facts("visit", "e1"),
        },
    )
    merged = merged_shard(shards.shard_of_nobody(), added, contract=kinds, episode_numbers=shards.episode_numbers)
    started, ended, visit = (
        merged.facts(kind).columns["episode_id"].tolist() for kind in ("care_started", "care_ended", "visit")
    )
    assert ended == started[:1]
    # The generation knows e1, e2, e3: e1 keeps its number, the new ones lie beyond.
    assert visit == started[1:2] == [0]
    assert min(started[0], started[2]) == 3


DAY = 19_723


def test_ranges_of_one_person_that_overlap_are_refused(
    contents: GenerationContents, memberships: Tables, tmp_path: Path
) -> None:
    shards = OpenShards(write_generation(tmp_path, contents))
    twice = memberships("family_id | person_id | visible_from\nf_1 | x | 2020-01-01\nf_1 | x | 2021-01-01")
    with pytest.raises(ValueError, match="two ranges of one person in one family overlap"):
        merged_shard(
            shards.shard_with(["f_1"]),
            Added(memberships=twice),
            contract=contents.contract,
            episode_numbers=shards.episode_numbers,
        )
