"""Wards as declared, and their tiles."""

from itertools import combinations
from pathlib import Path

import pytest

from targeting.errors import DeclarationError
from targeting.serving.district.tiles import tiles_of
from targeting.serving.district.ward_set import Ward, WardSet, ward_set_of

PROJECT = Path(__file__).parents[3]
# ward, letters, easting, northing: a cross with its middle.
CROSS = [("N", 10, 20), ("S", 10, 0), ("W", 0, 10), ("E", 20, 10), ("M", 10, 10)]


def declared(tmp_path: Path, text: str) -> Path:
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / "wards.toml").write_text(text)
    return tmp_path


HEAD = 'name = "Wards"\nversion = "1"\nsource = "Here"\n'
WARD = '[[ward]]\ncode = "{code}"\nname = "{code}"\nshort = "{code}"\neasting = 1\nnorthing = 2\n'


def test_a_project_without_wards_has_no_map(tmp_path):
    assert ward_set_of(tmp_path) is None


def test_every_fault_of_a_ward_set_is_told_at_once(tmp_path):
    text = HEAD + WARD.format(code="A") + WARD.format(code="A") + "earlier = { need = 3 }\n"
    text += '[[cluster]]\nname = "north"\ntitle = "North"\nwards = ["A", "X"]\n'
    with pytest.raises(DeclarationError) as raised:
        ward_set_of(declared(tmp_path, text))
    assert sorted({str(fault) for fault in raised.value.faults}) == [
        "serving/wards.toml: cluster north: the ward 'X' does not exist in this set.",
        "serving/wards.toml: ward A: earlier 'need' is not among the set's [[earlier]].",
        "serving/wards.toml: ward: 'A' is declared twice.",
    ]


def test_a_cross_stays_a_cross():
    tiles = tiles_of([Ward(code=c, name=c, short=c, easting=x, northing=y) for c, x, y in CROSS])
    assert tiles["N"].row < tiles["M"].row < tiles["S"].row
    assert tiles["W"].column < tiles["M"].column < tiles["E"].column
    assert tiles["N"].column == tiles["M"].column == tiles["S"].column


def test_one_ward_and_wards_in_one_place_have_a_tile_each():
    alike = [Ward(code=str(n), name="a", short=str(n), easting=5, northing=5) for n in range(7)]
    for number in (1, 7):
        tiles = tiles_of(alike[:number])
        assert len(set(tiles.values())) == number


@pytest.fixture(scope="module")
def wards() -> WardSet:
    """The wards that the repository's own project declares."""
    found = ward_set_of(PROJECT)
    assert found is not None
    return found


def test_the_districts_30_wards_have_a_tile_each_on_their_own_side_of_one_another(wards):
    tiles = tiles_of(wards.ward)
    assert len(set(tiles.values())) == len(wards.ward) == 30
    assert min(each.column for each in tiles.values()) == min(each.row for each in tiles.values()) == 0
    # Of two wards that lie more than a ward's breadth apart, the western is never east of the other.
    for one, other in combinations(wards.ward, 2):
        west, east = sorted((one, other), key=lambda each: each.easting)
        if east.easting - west.easting > 5000:
            assert tiles[west.code].column <= tiles[east.code].column, (west.name, east.name)
        south, north = sorted((one, other), key=lambda each: each.northing)
        if north.northing - south.northing > 5000:
            assert tiles[north.code].row <= tiles[south.code].row, (north.name, south.name)


def test_the_reviews_ward_table_sums_as_the_review_says(wards):
    sums = {
        name: sum(each.earlier.get(name, 0) for each in wards.ward)
        for name in ("children_in_need", "child_protection_plans")
    }
    assert sums == {"children_in_need": 1169, "child_protection_plans": 464}
