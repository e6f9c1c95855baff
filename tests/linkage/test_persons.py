"""Records joined into persons on toy links: the strongest first, refusals kept apart, splits when they are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.linkage.persons import OPEN, Links, Refusals, Versions, assign_persons, ranks

A, B, C = range(3)


def versions(*days: tuple[int, int]) -> Versions:
    """Return versions from pairs of record and day, in the order of the records."""
    record, day = zip(*days, strict=True)
    return Versions(np.array(record), np.array(day))


def links(*those: tuple[int, int, float, int]) -> Links:
    """Return links from (version, version, weight, day)."""
    left, right, weight, day = (np.array(column) for column in zip(*those, strict=True))
    return Links(left, right, weight.astype(float), day)


def assigned(of: Versions, by: Links, refusals: Refusals = Refusals()) -> list[tuple[int, int, int, int]]:  # noqa: B008
    rank = ranks(of, np.zeros(of.records, bool))
    return [tuple(row.values()) for row in assign_persons(of, by, refusals=refusals, rank=rank).to_pylist()]


def test_records_are_one_person_from_the_day_the_link_is_known() -> None:
    found = assigned(versions((A, 1), (B, 5)), links((0, 1, 9.0, 5)))
    assert found == [(A, A, 1, OPEN), (B, A, 5, OPEN)]


def test_records_known_long_before_their_link_are_two_persons_until_then() -> None:
    found = assigned(versions((A, 1), (B, 2), (B, 30)), links((0, 2, 9.0, 30)))
    assert found == [(A, A, 1, OPEN), (B, B, 2, 30), (B, A, 30, OPEN)]


def test_the_stronger_of_two_links_that_exclude_each_other_holds() -> None:
    found = assigned(
        versions((A, 1), (B, 1), (C, 1)),
        links((0, 1, 9.0, 1), (1, 2, 12.0, 1)),
        Refusals(versions={(0, 2): False}),
    )
    assert found == [(A, A, 1, OPEN), (B, B, 1, OPEN), (C, B, 1, OPEN)]


def test_records_part_again_when_what_refuses_them_becomes_known() -> None:
    found = assigned(
        versions((A, 1), (B, 1), (B, 20)),
        links((0, 1, 9.0, 1)),
        Refusals(versions={(0, 2): False}),
    )
    assert found == [(A, A, 1, OPEN), (B, A, 1, 20), (B, B, 20, OPEN)]


def test_records_that_are_related_are_two_persons_from_the_day_that_is_known() -> None:
    found = assigned(versions((A, 1), (B, 1), (C, 9)), links((0, 1, 9.0, 1)), Refusals(related={(A, B): 1}))
    assert found == [(A, A, 1, OPEN), (B, B, 1, OPEN), (C, C, 9, OPEN)]


def test_what_somebody_answered_counts_from_its_day_for_and_against_all_else() -> None:
    said = {(A, B): [(10, True), (20, False)]}
    weak_and_answered = links((0, 1, 9.0, 1), (0, 1, 99.0, 10))
    refused = Refusals(versions={(0, 1): False}, answers=said)
    found = assigned(versions((A, 1), (B, 1)), weak_and_answered, refused)
    assert found == [(A, A, 1, OPEN), (B, B, 1, 10), (B, A, 10, 20), (B, B, 20, OPEN)]


def test_no_answer_joins_two_valid_numbers() -> None:
    refused = Refusals(versions={(0, 1): True}, answers={(A, B): [(10, True)]})
    found = assigned(versions((A, 1), (B, 1)), links((0, 1, 99.0, 10)), refused)
    assert found == [(A, A, 1, OPEN), (B, B, 1, OPEN)]


@pytest.mark.parametrize("known_before", [A, B])
def test_the_record_that_gave_a_person_its_id_before_goes_on_naming_it(known_before: int) -> None:
    of = versions((A, 1), (B, 5))
    rank = ranks(of, np.arange(2) == known_before)
    table = assign_persons(of, links((0, 1, 9.0, 5)), refusals=Refusals(), rank=rank)
    in_the_end = [row["person"] for row in table.to_pylist() if row["until"] == OPEN]
    assert in_the_end == [rank[known_before]] * 2


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_where_nothing_is_refused_records_join_as_they_do_where_something_might_be(data: st.DataObject) -> None:
    """A refusal that never applies, of versions that never stand together, leads the slower way."""
    days = data.draw(st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True), min_size=2, max_size=7))
    of = versions(*((record, day) for record, those in enumerate(days) for day in sorted(those)))
    ends = st.tuples(*[st.integers(0, len(of.record) - 1)] * 2).filter(
        lambda pair: of.record[pair[0]] != of.record[pair[1]]
    )
    pairs = data.draw(st.lists(ends, min_size=1, max_size=9, unique=True))
    rows = [(a, b, float(number), int(max(of.day[[a, b]]))) for number, (a, b) in enumerate(pairs)]
    never = {(version, len(of.record)): False for version in range(len(of.record))}
    assert assigned(of, links(*rows)) == assigned(of, links(*rows), Refusals(versions=never))
