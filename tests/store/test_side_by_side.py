"""Shards of one family each, laid side by side, tell of each family what its own shard tells."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from targeting.store.blocks import Shard
from targeting.store.contents import GenerationContents
from targeting.store.generations import write_generation
from targeting.store.merging import Added, merged_shard
from targeting.store.open_shards import OpenShards
from targeting.store.selection import select_families
from targeting.store.side_by_side import side_by_side

Tables = Callable[[str], pa.Table]


def told(shard: Shard, family: int) -> list[tuple[object, ...]]:
    """Return one family's facts, by the names that its persons have in a shard of its own and by words."""
    rows = shard.facts("visit")
    words = (*rows.vocabularies["ward"], None)
    people = [str(shard.person_ids[person]).rpartition("/")[2] for person in rows.person]
    numbers = (rows.fact_id, rows.event, rows.knowledge, rows.visible_from, rows.visible_to, rows.birth, rows.source)
    columns = zip(people, *(each.tolist() for each in numbers), rows.columns["ward"].tolist(), strict=True)
    return [(*row[:-1], words[row[-1]]) for row, of in zip(columns, rows.family.tolist(), strict=True) if of == family]


def here(shard: Shard, family: int) -> list[tuple[object, ...]]:
    """Return who belongs to a family, and to whom they are known."""
    return [
        (str(shard.person_ids[person]).rpartition("/")[2], *map(int, rest))
        for part in (shard.members, shard.links)
        for of, person, *rest in zip(
            part.family, part.person, part.visible_from, part.visible_to, part.birth, strict=True
        )
        if of == family
    ]


@pytest.fixture
def shards(contents: GenerationContents, visits: Tables, tmp_path: Path) -> list[Shard]:
    """Return the same family twice and another, each with a ward of its own that no record held has."""
    held = OpenShards(write_generation(tmp_path, contents))
    line = "fact_id | person_id | event_date | knowledge_date | ward\n-1 | p_ann | 2024-01-01 | 2024-01-02 | {}"
    return [
        merged_shard(
            held.shard_with([family]),
            Added(facts={"visit": visits(line.format(ward))}),
            contract=contents.contract,
            episode_numbers=held.episode_numbers,
        )
        for family, ward in (("f_1", "elsewhere"), ("f_1", "abroad"), ("f_2", "nowhere"), ("f_3", "elsewhere"))
    ]


def test_each_family_is_told_as_its_own_shard_tells_it(shards: list[Shard]) -> None:
    whole = side_by_side(shards)
    assert len(whole.family_ids) == len(shards)
    for place, each in enumerate(shards):
        assert told(whole, place) == told(each, 0)
        assert here(whole, place) == here(each, 0)
    assert {row[-1] for place in range(2) for row in told(whole, place)} >= {"elsewhere", "abroad"}
    assert sorted(whole.person_ids.tolist()) == whole.person_ids.tolist()
    assert sorted(whole.family_ids.tolist()) == whole.family_ids.tolist()
    assert whole.facts("visit", ["hours"]).columns.keys() == {"hours"}


def test_who_objected_in_one_family_is_left_out_of_each_that_names_them(shards: list[Shard]) -> None:
    objected = [replace(each, left_out=frozenset({"p_ann", "p_elsewhere"})) for each in shards]
    whole = side_by_side(objected)
    expected = {person for person in whole.person_ids.tolist() if person.endswith("/p_ann")}
    assert len(expected) >= 2
    assert whole.left_out == expected


def test_who_was_not_asked_about_a_family_is_told_of_it_alone(shards: list[Shard]) -> None:
    unasked = [("f_1", "clinic"), ("f_1", "school")]
    first, *others = (
        replace(each, not_asked=frozenset(pairs))
        for each, pairs in zip(shards, (unasked, [], unasked[:1], []), strict=True)
    )
    whole = side_by_side([first, *others])
    assert whole.not_asked == {("000000000", "clinic"), ("000000000", "school"), ("000000002", "clinic")}
    alone = select_families([first], ["f_1"])
    assert alone.not_asked == first.not_asked


def test_a_shard_of_several_families_is_refused(contents: GenerationContents, tmp_path: Path) -> None:
    held = OpenShards(write_generation(tmp_path, contents))
    with pytest.raises(ValueError, match="that have one family each"):
        side_by_side([held.shard_with(["f_1", "f_2"])])
