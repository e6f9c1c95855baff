"""Families through time: who belongs from when, what carries a family on, and that later knowledge changes nothing."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.linkage.families import memberships_of
from targeting.linkage.persons import OPEN
from targeting.linkage.picture import Birth, Evidence, Home, Relation

MOTHER, FATHER, CHILD, BABY, STEPFATHER = range(5)
ADULT, MINOR = 0, 5000


def born(persons: Mapping[int, tuple[int, int | None]]) -> list[Birth]:
    """Return persons with the day from which they are known and the day on which they come of age."""
    return [Birth(person, after, OPEN, of_age) for person, (after, of_age) in persons.items()]


def said(text: str) -> list[Relation]:
    """Return relations from lines such as `10 parent_of 0 2` and `50 partner_of 0 1 ended`: day, kind, two persons."""
    rows = []
    for line in text.strip().splitlines():
        day, relationship, one, other, *ended = line.split()
        rows.append(Relation(relationship, int(one), int(other), int(day), OPEN, int(day), bool(ended)))
    return rows


def home(person: int, day: int, address: str) -> Home:
    return Home(person, day, day, frozenset({address}))


def spans(evidence: Evidence) -> list[tuple[tuple[int, int], int, int, int | None]]:
    """Return (family, person, first as-of day, last as-of day or None), sorted."""
    return sorted(
        ((row.founder, row.number), row.person, row.after + 1, None if row.until == OPEN else row.until)
        for row in memberships_of(evidence)
    )


def members_on(evidence: Evidence, as_of: int) -> set[tuple[int, int, int, bool]]:
    return {
        (row.founder, row.number, row.person, row.is_child)
        for row in memberships_of(evidence)
        if row.after < as_of <= row.until
    }


def test_a_mother_joins_her_childs_family_the_day_after_their_relationship_is_known() -> None:
    births = born({MOTHER: (1, ADULT), CHILD: (5, MINOR)})
    evidence = Evidence(births, [], said("10 parent_of 0 2"))
    assert spans(evidence) == [((CHILD, 0), MOTHER, 11, None), ((CHILD, 0), CHILD, 6, None)]


def test_an_unborn_child_joins_when_the_booking_is_known() -> None:
    births = born({MOTHER: (1, ADULT), CHILD: (1, MINOR), BABY: (40, MINOR + 300)})
    evidence = Evidence(births, [], said("1 parent_of 0 2\n40 parent_of 0 3"))
    assert ((MOTHER, 0), BABY, 41, None) in spans(evidence)


def test_parents_who_separate_are_two_families_and_their_child_is_in_both() -> None:
    births = born({MOTHER: (1, ADULT), FATHER: (1, ADULT), CHILD: (1, MINOR)})
    relations = said(
        """
        1  parent_of  0 2
        1  parent_of  1 2
        1  partner_of 0 1
        50 partner_of 0 1 ended
        """
    )
    assert spans(Evidence(births, [], relations)) == [
        ((MOTHER, 0), MOTHER, 2, None),
        ((MOTHER, 0), FATHER, 2, 50),
        ((MOTHER, 0), CHILD, 2, None),
        ((FATHER, 0), FATHER, 51, None),
        ((FATHER, 0), CHILD, 51, None),
    ]


def test_of_separated_parents_the_one_with_whom_the_child_lives_carries_the_family_on() -> None:
    births = born({MOTHER: (1, ADULT), FATHER: (1, ADULT), CHILD: (1, MINOR)})
    relations = said(
        """
        1  parent_of  0 2
        1  parent_of  1 2
        50 partner_of 0 1 ended
        """
    )
    homes = [home(MOTHER, 40, "new"), home(FATHER, 1, "old"), home(MOTHER, 1, "old"), home(CHILD, 1, "old")]
    found = spans(Evidence(births, homes, relations))
    assert ((MOTHER, 0), FATHER, 2, None) in found
    assert ((MOTHER, 1), MOTHER, 51, None) in found


def test_partners_with_children_each_become_one_family_and_the_older_goes_on() -> None:
    births = born({MOTHER: (1, ADULT), CHILD: (1, MINOR), STEPFATHER: (20, ADULT), BABY: (20, MINOR)})
    relations = said(
        """
        1  parent_of  0 2
        20 parent_of  4 3
        30 partner_of 0 4
        """
    )
    found = spans(Evidence(births, [], relations))
    assert ((MOTHER, 0), STEPFATHER, 31, None) in found
    assert ((MOTHER, 0), BABY, 31, None) in found
    assert {(person, last) for family, person, _, last in found if family == (BABY, 0)} | {
        (person, last) for family, person, _, last in found if family == (STEPFATHER, 0)
    } == {(STEPFATHER, 30), (BABY, 30)}


def test_a_child_stays_a_child_of_the_family_past_the_eighteenth_birthday() -> None:
    births = born({MOTHER: (1, ADULT), CHILD: (1, 30), BABY: (40, MINOR)})
    evidence = Evidence(births, [], said("1 parent_of 0 2\n40 parent_of 2 3"))
    assert ((MOTHER, 0), CHILD, 2, None) in spans(evidence)
    assert ((CHILD, 0), CHILD, 41, None) in spans(evidence)
    assert members_on(evidence, 45) == {(0, 0, 0, False), (0, 0, 2, True), (2, 0, 2, False), (2, 0, 3, True)}


def test_a_grown_up_does_not_join_a_parent_found_later() -> None:
    births = born({MOTHER: (1, ADULT), CHILD: (1, 30)})
    assert spans(Evidence(births, [], said("40 parent_of 0 2"))) == [((CHILD, 0), CHILD, 2, None)]


def test_adults_without_children_are_no_family() -> None:
    births = born({MOTHER: (1, ADULT), FATHER: (1, ADULT)})
    assert spans(Evidence(births, [], said("1 partner_of 0 1\n1 shared_case 0 1"))) == []


def test_a_child_whose_birth_is_corrected_after_coming_of_age_stays() -> None:
    births = [Birth(CHILD, 1, 35, 30), Birth(CHILD, 35, OPEN, 32), Birth(MOTHER, 1, OPEN, ADULT)]
    found = spans(Evidence(births, [], said("40 parent_of 0 2")))
    assert found == [((CHILD, 0), CHILD, 2, None)]


def test_an_address_tells_nothing_of_who_lives_with_whom_from_the_day_it_becomes_communal() -> None:
    births = born({MOTHER: (1, ADULT), FATHER: (1, ADULT), CHILD: (1, MINOR)})
    homes = [home(person, 1, "house") for person in (MOTHER, FATHER, CHILD)] + [home(MOTHER, 20, "refuge")]
    evidence = Evidence(births, homes, said("1 parent_of 0 2\n1 parent_of 1 2"), communal={"refuge": 30})
    found = spans(evidence)
    assert ((MOTHER, 0), MOTHER, 2, 30) in found
    assert ((MOTHER, 0), FATHER, 2, None) in found
    assert ((MOTHER, 1), MOTHER, 31, None) in found


# Three who are mostly adults, two who are mostly children, two addresses between them, and days few enough to clash.
LAST_DAY = 8
ADULTS, CHILDREN = (0, 1, 4), (2, 3)
days = st.integers(1, LAST_DAY)
anyone = st.sampled_from(ADULTS + CHILDREN)
pairs = {
    "parent_of": st.tuples(st.sampled_from(ADULTS), st.sampled_from(CHILDREN)) | st.tuples(anyone, anyone),
    "partner_of": st.tuples(st.sampled_from(ADULTS), st.sampled_from(ADULTS)),
    "sibling_of": st.tuples(st.sampled_from(CHILDREN), st.sampled_from(CHILDREN)),
    "shared_case": st.tuples(anyone, anyone),
}


@st.composite
def relations(draw: st.DrawFn, kind: str) -> Relation:
    one, other = draw(pairs[kind].filter(lambda pair: pair[0] != pair[1]))
    if kind != "parent_of":
        one, other = sorted((one, other))
    after = draw(days)
    until = draw(st.just(OPEN) | st.integers(after + 1, LAST_DAY + 1))
    return Relation(kind, one, other, after, until, draw(st.integers(0, after)), draw(st.booleans()))


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    births = []
    for person in ADULTS + CHILDREN:
        usual = 0 if person in ADULTS else 5000
        believed = draw(st.lists(st.tuples(days, st.sampled_from([None, 4, usual])), max_size=1))
        changes = sorted({1: usual, **dict(believed)}.items())
        ends = [*(day for day, _ in changes[1:]), OPEN]
        births += [Birth(person, day, end, age) for (day, age), end in zip(changes, ends, strict=True)]
    parents = [Relation("parent_of", adult, 2, day, OPEN, day, False) for adult, day in ((0, 1), (1, draw(days)))]
    others = draw(st.lists(st.sampled_from(sorted(pairs)).flatmap(relations), max_size=4))
    homes = [home(person, draw(days), draw(st.sampled_from("AB"))) for person in (0, 1)]
    homes += draw(st.lists(st.builds(home, anyone, days, st.sampled_from("AB")), max_size=4))
    communal = draw(st.dictionaries(st.sampled_from("AB"), days, max_size=1))
    return Evidence(births, homes, [*parents, *others], communal)


def known_by(evidence: Evidence, day: int) -> Evidence:
    """Return what of the evidence was known by the end of a day; what ended later is open."""

    def cut(rows: list[Birth] | list[Relation]) -> list[Birth] | list[Relation]:
        return [row if row.until <= day else row._replace(until=OPEN) for row in rows if row.after <= day]

    return replace(
        evidence,
        births=cut(evidence.births),
        relations=cut(evidence.relations),
        homes=[row for row in evidence.homes if row.after <= day],
        communal={address: since for address, since in evidence.communal.items() if since <= day},
    )


@settings(max_examples=100, deadline=None)
@given(evidences(), st.integers(0, LAST_DAY))
def test_what_is_learned_later_changes_no_earlier_membership(evidence: Evidence, day: int) -> None:
    then = known_by(evidence, day)
    for as_of in (day, day + 1):
        assert members_on(then, as_of) == members_on(evidence, as_of)


@settings(max_examples=30, deadline=None)
@given(evidences())
def test_no_person_is_in_one_family_twice_on_a_day_and_no_adult_brings_children_up_in_two(evidence: Evidence) -> None:
    ranges = defaultdict(list)
    for row in memberships_of(evidence):
        assert row.after < row.until
        ranges[row.founder, row.number, row.person].append((row.after, row.until))
    for those in ranges.values():
        ordered = sorted(those)
        assert all(before[1] <= after[0] for before, after in pairwise(ordered))


@settings(max_examples=30, deadline=None)
@given(evidences(), evidences(), st.integers(1, LAST_DAY))
def test_another_familys_evidence_changes_nothing(one: Evidence, other: Evidence, as_of: int) -> None:
    """Families that are not yet connected do not touch each other, though they are looked at together."""
    shifted = replace(
        other,
        births=[row._replace(person=row.person + 10) for row in other.births],
        homes=[
            row._replace(person=row.person + 10, addresses=frozenset(f"x{address}" for address in row.addresses))
            for row in other.homes
        ],
        relations=[row._replace(person=row.person + 10, other=row.other + 10) for row in other.relations],
    )
    together = Evidence(
        births=[*one.births, *shifted.births],
        homes=[*one.homes, *shifted.homes],
        relations=[*one.relations, *shifted.relations],
        communal={**one.communal, **{f"x{address}": day for address, day in other.communal.items()}},
    )
    expected = members_on(one, as_of) | {
        (founder + 10, number, person + 10, child) for founder, number, person, child in members_on(other, as_of)
    }
    assert members_on(together, as_of) == expected
