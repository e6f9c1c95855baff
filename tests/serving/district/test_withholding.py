"""What readers could work out of a district's figures: an attack by linear programmes, written apart from the plan."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from targeting.fairness.tables import People, Tables, small_cells
from targeting.serving.district.figures import FamilySeen, figures_of
from targeting.serving.district.withholding import COUNTED, EACH_APART

# How far a family may have come: as stage and offer, with the counts that it is in.
KINDS = {
    (0, 0): {"considered"},
    (1, 0): {"considered", "flagged"},
    (2, 0): {"considered", "flagged", "decided"},
    (2, 1): {"considered", "flagged", "decided", "offered"},
    (2, 2): {"considered", "flagged", "decided", "offered", "contacted"},
    (3, 0): {"considered", "flagged", "decided", "outcomes"},
    (3, 1): {"considered", "flagged", "decided", "outcomes", "offered"},
    (3, 2): {"considered", "flagged", "decided", "outcomes", "offered", "contacted"},
}
COUNTS = ("considered", "flagged", "decided", "outcomes", "offered", "contacted")
# Counts, and what lies between one and another that is within it: offered, but not contacted.
BETWEEN = tuple(
    (wide, narrow)
    for wide in COUNTS
    for narrow in (*COUNTS, "")
    if narrow != wide and all(wide in held for held in KINDS.values() if narrow in held)
)
WARDS = "ABCDE"
CLUSTERS = {"north": ("A", "B"), "south": ("C", "D", "E")}
AREAS = {**{ward: (ward,) for ward in WARDS}, **CLUSTERS}
EVERY = {**AREAS, "": tuple(WARDS)}

District = Mapping[str, Sequence[int]]


def families(district: District) -> list[FamilySeen]:
    return [
        FamilySeen(ward, stage, offer=offer)
        for ward, held in district.items()
        for (stage, offer), count in zip(KINDS, held, strict=True)
        for _ in range(count)
    ]


def told_too_well(district: District, shown: Mapping[str, object], known: Collection[str]) -> Iterator[str]:
    """Yield every count of one to five, of the wards that a reader does not know, that he knows to within three."""
    unknown = [ward for ward in WARDS if ward not in known]
    true = np.array([district[ward] for ward in unknown], dtype=float).ravel()

    def row(area: str, wide: str, narrow: str = "") -> np.ndarray:
        return np.array(
            [
                ward in EVERY[area] and wide in held and narrow not in held
                for ward in unknown
                for held in KINDS.values()
            ],
            dtype=float,
        )

    given_rows = [row(area, count) for area in EVERY for count in COUNTS if getattr(shown[area], count) is not None]
    equal = {"A_eq": np.array(given_rows), "b_eq": np.array(given_rows) @ true} if given_rows else {}
    for area in EVERY:
        for wide, narrow in BETWEEN:
            wanted = row(area, wide, narrow)
            if 1 <= wanted @ true <= 5:
                least, most = (sign * linprog(sign * wanted, bounds=(0, 1000), **equal).fun for sign in (1, -1))
                if most - least < 4 - 1e-6:
                    yield f"{area}: {wide} but {narrow}: {least:g} to {most:g}"


def one_panel_each(panels: Mapping[str, int]) -> tuple[frozenset[str], ...]:
    held = [frozenset(ward for ward in WARDS if panels[ward] == each) for each in sorted(set(panels.values()))]
    return tuple(held) if len(held) > 1 else ()


SMALL_DISTRICTS = st.fixed_dictionaries(
    {ward: st.tuples(st.integers(0, 60), *[st.integers(0, 8)] * (len(KINDS) - 1)) for ward in WARDS}
)


@given(SMALL_DISTRICTS, st.fixed_dictionaries({ward: st.integers(0, 2) for ward in WARDS}))
@settings(max_examples=12, deadline=None)
def test_whoever_knows_one_panels_families_works_out_no_few_others(
    district: District, panels: Mapping[str, int]
) -> None:
    known = one_panel_each(panels)
    shown = figures_of(families(district), AREAS, known=known)
    assert [*told_too_well(district, shown, ())] == []
    for each in known:
        assert [*told_too_well(district, shown, each)] == [], sorted(each)


def test_what_is_left_of_the_district_less_a_panel_is_withheld_and_was_not_without_knowing_of_panels():
    # Panel north has 12 families flagged, panel south 4 in one ward; the district's 16 less 12 are those 4.
    district = {"A": (90, 6, *[0] * 6), "B": (90, 6, *[0] * 6), "C": (90, 4, *[0] * 6)} | dict.fromkeys(
        "DE", (90, *[0] * 7)
    )
    north, south = frozenset("AB"), frozenset("CDE")
    naive = figures_of(families(district), AREAS)
    assert "south: flagged but : 4 to 4" in [*told_too_well(district, naive, north)]
    shown = figures_of(families(district), AREAS, known=(north, south))
    assert [*told_too_well(district, shown, north)] == []
    assert (shown[""].flagged, shown["C"].flagged, shown["south"].flagged) == (None, None, None)
    assert shown[""].considered == 466


@pytest.mark.parametrize("offers", [((2, 1), 3), ((2, 2), 4), ((2, 0), 2)])
def test_few_who_wait_or_were_contacted_or_were_offered_nothing_are_not_told(
    offers: tuple[tuple[int, int], int],
) -> None:
    few, count = offers
    held = dict.fromkeys(KINDS, 40) | {few: count, (3, few[1]): 0}
    district = {ward: tuple(held.values() if ward == "A" else [40] * len(KINDS)) for ward in WARDS}
    shown = figures_of(families(district), AREAS)
    assert [*told_too_well(district, shown, ())] == []


@given(SMALL_DISTRICTS)
@settings(max_examples=20, deadline=None)
def test_one_family_tells_the_engine_what_all_of_them_tell(district: District) -> None:
    atoms = np.array([[(count, 0) for count in district[ward]] for ward in WARDS])
    rows = np.repeat(np.arange(atoms.size), atoms.ravel())
    nothing = np.zeros(1 + len(WARDS), dtype=np.bool_)
    members = np.vstack([np.eye(len(WARDS), dtype=np.bool_), ~nothing[1:]])

    def small(people: People) -> list[object]:
        tables = Tables(atoms, COUNTED[:, 1:], members, nothing, nothing[1:], people)
        return [(cell.node, cell.columns, cell.counted.tolist()) for cell in small_cells(tables)]

    everybody = np.arange(len(rows))
    assert small(EACH_APART) == small(People(rows, everybody, everybody))
