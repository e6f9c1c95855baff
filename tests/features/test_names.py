"""What people and facts are called changes no value, not by a bit: records told under other names come out alike."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from random_worlds import DAYS, PERSONS, combinations, every_operation, worlds
from slow_twin import World
from tables import spec, world_of
from worlds import matrix_of

from targeting.features import facts

BACKWARDS = dict(zip(PERSONS, reversed(PERSONS), strict=True))


def renamed(world: World) -> World:
    """Return the world with its persons called by one another's names, and its facts numbered from the last."""
    return replace(
        world,
        facts=tuple(
            replace(fact, person=BACKWARDS[fact.person], fact_id=len(world.facts) - fact.fact_id)
            for fact in reversed(world.facts)
        ),
        members=tuple(replace(member, person=BACKWARDS[member.person]) for member in world.members),
        links=tuple(replace(link, person=BACKWARDS[link.person]) for link in world.links),
    )


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(worlds(), every_operation(), combinations())
def test_other_names_give_the_same_values_to_the_bit(world: World, values: dict, combined: object) -> None:
    told = values | {"combined": combined}
    one, other = (matrix_of(each, told, DAYS[8:]) for each in (world, renamed(world)))
    assert one.values.tobytes() == other.values.tobytes()
    assert np.array_equal(one.unknown, other.unknown)


def test_a_mean_over_three_people_is_rounded_alike_in_whatever_order_they_come() -> None:
    # 0.1 + 0.2 + 0.3 rounds otherwise than 0.3 + 0.2 + 0.1.
    rows = ["family | person | event_date | knowledge_date | amount | size"]
    members = ["family | person"]
    for family, sizes in (("a", (1, 2, 3)), ("b", (3, 2, 1)), ("c", (2, 3, 1))):
        members += [f"{family} | {family}{place}" for place in range(3)]
        rows += [
            f"{family} | {family}{place} | 2024-03-01 | 2024-03-01 | {size} | 10" for place, size in enumerate(sizes)
        ]
    mean = facts("seen").rate("amount", "size").mean_for_family()
    values = matrix_of(world_of({"seen": "\n".join(rows)}, "\n".join(members)), {"mean": mean}, [DAYS[-1]]).values
    assert len(set(values[:, 0].tolist())) == 1


@pytest.mark.parametrize("amounts", [(3, 5), (5, 3)])
def test_of_two_facts_of_one_day_the_greater_is_the_later_whatever_they_are_numbered(amounts: tuple[int, int]) -> None:
    rows = [f"a | 2024-03-01 | 2024-03-02 | {amount}" for amount in amounts]
    table = "\n".join(["family | event_date | knowledge_date | amount", *rows])
    spec(table, facts("seen").latest_for_family("amount"), as_of="2024-04-01", expected={"a": 5})
    spec(table, facts("seen").earliest_for_family("amount"), as_of="2024-04-01", expected={"a": 3})
