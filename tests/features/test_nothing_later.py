"""What is learned later changes nothing earlier: rows up to the day on which it is learned stay the same to the bit."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_worlds import DAYS, FAMILIES, every_operation, some_fact, worlds
from slow_twin import Fact, Linked, Member, World
from tables import world_of
from worlds import matrix_of

from targeting.features import facts

NOTHING = dict.fromkeys(("grade", "amount", "size", "flagged", "due"))

# The day on which it is learned, a fact, and a number that chooses among what there is.
learnt = st.tuples(st.sampled_from(DAYS[5:]), some_fact(), st.integers(0, 30))

Change = Callable[[World, date, Fact, int], World]


def add_a_fact(world: World, learned: date, fact: Fact, _: int) -> World:
    return replace(world, facts=(*world.facts, replace(fact, fact_id=900, knowledge=learned, superseded=None)))


def close_an_episode(world: World, learned: date, fact: Fact, _: int) -> World:
    ends = [
        replace(
            fact, kind=kind, fact_id=900 + place, knowledge=learned, superseded=None, values={"episode_id": episode}
        )
        for place, (kind, episode) in enumerate([("ended", "one"), ("stopped", "two")])
    ]
    return replace(world, facts=(*world.facts, *ends))


def correct_a_fact(world: World, learned: date, fact: Fact, which: int) -> World:
    """Close a fact that still stands and open what it was corrected to."""
    place = which % len(world.facts)
    old = world.facts[place]
    if old.superseded is not None or old.knowledge >= learned:
        return world
    corrected = replace(fact, kind=old.kind, fact_id=900, knowledge=learned, superseded=None, values=old.values)
    closed = replace(old, superseded=learned)
    return replace(world, facts=(*world.facts[:place], closed, *world.facts[place + 1 :], corrected))


def replay_a_fact(world: World, learned: date, _: Fact, which: int) -> World:
    again = replace(world.facts[which % len(world.facts)], fact_id=900, knowledge=learned, superseded=None)
    return replace(world, facts=(*world.facts, again))


def learn_a_membership(world: World, learned: date, fact: Fact, which: int) -> World:
    """A person joins a family that they were not in."""
    known_from = learned + timedelta(days=1)
    joined = {member.family for member in world.members if member.person == fact.person}
    family = next(name for name in (*FAMILIES, "d") if name not in joined)
    member = Member(family, fact.person, known_from, None, None, is_child=bool(which % 2))
    return replace(world, members=(*world.members, member))


def learn_that_a_membership_ended(world: World, learned: date, _: Fact, which: int) -> World:
    place = which % len(world.members)
    member = world.members[place]
    if member.first > learned or (member.last is not None and member.last <= learned):
        return world
    ended = replace(member, last=learned)
    return replace(world, members=(*world.members[:place], ended, *world.members[place + 1 :]))


def learn_a_link(world: World, learned: date, fact: Fact, _: int) -> World:
    return replace(world, links=(*world.links, Linked(fact.person, "south", learned)))


CHANGES: tuple[Change, ...] = (
    add_a_fact,
    close_an_episode,
    correct_a_fact,
    replay_a_fact,
    learn_a_membership,
    learn_that_a_membership_ended,
    learn_a_link,
)


@pytest.mark.parametrize("change", CHANGES)
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(worlds(), every_operation(), learnt)
def test_what_is_learned_later_changes_no_earlier_row(change, world, values, later):
    learned, fact, which = later
    earlier = [day for day in (DAYS[3], DAYS[9], learned) if day <= learned]
    before = matrix_of(world, values, earlier)
    after = matrix_of(change(world, learned, fact, which), values, earlier)
    assert before.family_id.tolist() == after.family_id.tolist()
    assert before.as_of_date.tolist() == after.as_of_date.tolist()
    assert before.values.tobytes() == after.values.tobytes()
    assert before.unknown.tobytes() == after.unknown.tobytes()


def test_what_is_learned_changes_the_rows_after_it():
    world = world_of({"seen": "family | event_date"}, members="family\na")
    fact = Fact("seen", 1, "a", date(2024, 2, 1), date(2024, 2, 1), "north", values=NOTHING)
    changed = add_a_fact(world, date(2024, 3, 1), fact, 0)
    matrix = matrix_of(changed, {"it": facts("seen").count_for_family()}, [date(2024, 3, 1), date(2024, 3, 2)])
    assert matrix.values.tolist() == [[0], [1]]
