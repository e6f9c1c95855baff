"""The definition of a family on one day: who is joined by what, and who is kept apart by what."""

from collections.abc import Iterable
from dataclasses import replace

from targeting.linkage.units import Known, Unit, units_of

MOTHER, FATHER, CHILD, YOUNGER, STEPFATHER, GRANDMOTHER, STEPMOTHER = range(7)


def pairs(*those: tuple[int, int]) -> frozenset[frozenset[int]]:
    return frozenset(map(frozenset, those))


def parents(**of: Iterable[int]) -> dict[int, frozenset[int]]:
    """Return each child's parents: `parents(child=[MOTHER], younger=[MOTHER, FATHER])`."""
    numbers = {"child": CHILD, "younger": YOUNGER}
    return {numbers[name]: frozenset(those) for name, those in of.items()}


def homes(**at: str) -> dict[int, frozenset[str]]:
    """Return addresses: `homes(mother="A", father="B")`."""
    return {globals()[name.upper()]: frozenset(addresses) for name, addresses in at.items()}


def units(known: Known) -> list[tuple[set[int], set[int]]]:
    return [(set(unit.adults), set(unit.children)) for unit in units_of(known)]


def test_children_of_one_mother_are_one_family() -> None:
    known = Known(parents=parents(child=[MOTHER], younger=[MOTHER]))
    assert units(known) == [({MOTHER}, {CHILD, YOUNGER})]


def test_parents_of_one_child_are_together_unless_something_says_otherwise() -> None:
    both = parents(child=[MOTHER, FATHER])
    together = [({MOTHER, FATHER}, {CHILD})]
    apart = [({MOTHER}, {CHILD}), ({FATHER}, {CHILD})]
    assert units(Known(parents=both)) == together
    assert units(Known(parents=both, parted=pairs((MOTHER, FATHER)))) == apart
    elsewhere = homes(mother="A", father="B")
    assert units(Known(parents=both, homes=elsewhere, all_homes=elsewhere)) == apart


def test_an_old_address_of_one_parent_does_not_part_them() -> None:
    known = Known(
        parents=parents(child=[MOTHER, FATHER]),
        homes=homes(mother="B", father="A"),
        all_homes=homes(mother="AB", father="A"),
    )
    assert units(known) == [({MOTHER, FATHER}, {CHILD})]


def test_a_mother_at_a_refuge_is_a_family_of_her_own() -> None:
    known = Known(
        parents=parents(child=[MOTHER, FATHER]),
        homes=homes(mother="R", father="A"),
        all_homes=homes(mother="AR", father="A"),
        communal=frozenset("R"),
    )
    assert units(known) == [({MOTHER}, {CHILD}), ({FATHER}, {CHILD})]


def test_a_communal_address_does_not_bring_siblings_carers_together() -> None:
    known = Known(
        parents=parents(child=[MOTHER], younger=[FATHER]),
        siblings=pairs((CHILD, YOUNGER)),
        homes=homes(mother="R", father="R"),
        all_homes=homes(mother="R", father="R"),
    )
    assert units(known) == [({MOTHER, FATHER}, {CHILD, YOUNGER})]
    assert units(replace(known, communal=frozenset("R"))) == [({MOTHER}, {CHILD}), ({FATHER}, {YOUNGER})]


def test_a_mothers_new_partner_joins_and_the_father_is_a_family_of_his_own() -> None:
    known = Known(parents=parents(child=[MOTHER, FATHER]), partners={frozenset((MOTHER, STEPFATHER)): 5})
    assert units(known) == [({MOTHER, STEPFATHER}, {CHILD}), ({FATHER}, {CHILD})]


def test_both_parents_new_partners_keep_two_families() -> None:
    known = Known(
        parents=parents(child=[MOTHER, FATHER]),
        partners={frozenset((MOTHER, STEPFATHER)): 5, frozenset((FATHER, STEPMOTHER)): 6},
    )
    assert units(known) == [({MOTHER, STEPFATHER}, {CHILD}), ({FATHER, STEPMOTHER}, {CHILD})]


def test_of_two_fathers_of_one_mothers_children_the_younger_childs_stays() -> None:
    known = Known(
        parents=parents(child=[MOTHER, FATHER], younger=[MOTHER, STEPFATHER]),
        of_age_from={CHILD: 100, YOUNGER: 200},
    )
    assert units(known) == [({MOTHER, STEPFATHER}, {CHILD, YOUNGER}), ({FATHER}, {CHILD})]


def test_a_shared_address_alone_makes_no_family() -> None:
    known = Known(
        minors=frozenset({YOUNGER}),
        parents=parents(child=[MOTHER]),
        homes=homes(mother="A", child="A", younger="A", grandmother="A"),
        all_homes=homes(mother="A", child="A", younger="A", grandmother="A"),
    )
    assert units(known) == [(set(), {YOUNGER}), ({MOTHER}, {CHILD})]


def test_a_grandmother_in_the_childs_case_belongs_to_the_household() -> None:
    known = Known(parents=parents(child=[MOTHER]), cases=pairs((GRANDMOTHER, CHILD)))
    assert units(known) == [({MOTHER, GRANDMOTHER}, {CHILD})]


def test_a_grandmother_brings_up_a_child_whose_parents_nobody_knows() -> None:
    known = Known(minors=frozenset({CHILD}), cases=pairs((GRANDMOTHER, CHILD)))
    assert units(known) == [({GRANDMOTHER}, {CHILD})]


def test_whoever_is_in_a_case_of_two_separated_families_joins_the_one_at_the_same_address() -> None:
    known = Known(
        parents=parents(child=[MOTHER, FATHER]),
        parted=pairs((MOTHER, FATHER)),
        cases=pairs((GRANDMOTHER, CHILD)),
        homes=homes(father="A", grandmother="A"),
    )
    assert units(known) == [({MOTHER}, {CHILD}), ({FATHER, GRANDMOTHER}, {CHILD})]


def test_siblings_of_unknown_parents_are_one_family() -> None:
    known = Known(minors=frozenset({CHILD, YOUNGER}), siblings=pairs((CHILD, YOUNGER)))
    assert units(known) == [(set(), {CHILD, YOUNGER})]


def test_a_child_of_unknown_parents_joins_its_siblings_family() -> None:
    known = Known(minors=frozenset({YOUNGER}), parents=parents(child=[MOTHER]), siblings=pairs((CHILD, YOUNGER)))
    assert units(known) == [({MOTHER}, {CHILD, YOUNGER})]


def test_a_young_mother_is_a_child_of_one_family_and_brings_her_own_child_up_in_another() -> None:
    known = Known(minors=frozenset({CHILD}), parents={CHILD: frozenset({MOTHER}), YOUNGER: frozenset({CHILD})})
    assert units(known) == [({MOTHER}, {CHILD}), ({CHILD}, {YOUNGER})]


def test_two_records_of_one_mother_that_were_not_linked_stay_in_one_family() -> None:
    known = Known(parents=parents(child=[MOTHER, FATHER, GRANDMOTHER]))
    assert units_of(known) == [Unit(frozenset({MOTHER, FATHER, GRANDMOTHER}), frozenset({CHILD}))]
