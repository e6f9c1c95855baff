"""Boundaries as a district supplies them: every fault told, drawn to scale, nothing served but the rings."""

import json
from pathlib import Path
from typing import Any

import pytest

from targeting.errors import DeclarationError
from targeting.serving.district.boundaries import MOST_BYTES, boundaries_of, drawn
from targeting.serving.district.ward_set import Ward, WardSet, ward_set_of

HEAD = 'name = "Wards"\nversion = "2026"\nsource = "Here"\n'
DECLARED = '[boundaries]\nfile = "wards.geojson"\ncode = "WD26CD"\nsource = "A surveyor, 2026"\n'
WARD = '[[ward]]\ncode = "{0}"\nname = "{0}"\nshort = "{0}"\neasting = 1\nnorthing = 2\n'
# At 60 degrees north a degree of longitude is half as long as one of latitude: a square is twice as many degrees wide.
A = [[-2.0, 59.5], [0.0, 59.5], [0.0, 60.5], [-2.0, 60.5], [-2.0, 59.5]]
B = [[0.0, 59.5], [2.0, 59.5], [2.0, 60.5], [0.0, 60.5], [0.0, 59.5]]
HOLE = [[0.5, 59.75], [1.5, 59.75], [1.5, 60.25], [0.5, 60.25], [0.5, 59.75]]


def feature(code: str, *polygons: Any, **properties: Any) -> dict[str, Any]:
    kind = {"type": "Polygon", "coordinates": polygons[0]}
    if len(polygons) != 1:
        kind = {"type": "MultiPolygon", "coordinates": list(polygons)}
    return {"type": "Feature", "properties": {"WD26CD": code, **properties}, "geometry": kind}


def project(folder: Path, *features: dict[str, Any], codes: str = "AB", **beside: Any) -> Path:
    (folder / "serving").mkdir(exist_ok=True)
    (folder / "serving" / "wards.toml").write_text(HEAD + "".join(WARD.format(each) for each in codes) + DECLARED)
    content = {"type": "FeatureCollection", "features": list(features), **beside}
    (folder / "serving" / "wards.geojson").write_text(json.dumps(content))
    return folder


def faults(root: Path) -> list[str]:
    with pytest.raises(DeclarationError) as raised:
        boundaries_of(root, ward_set_of(root))
    return [str(each) for each in raised.value.faults]


def test_squares_are_drawn_square_with_north_above_and_east_to_the_right(tmp_path: Path) -> None:
    root = project(tmp_path, feature("A", [A]), feature("B", [B]))
    found = boundaries_of(root, ward_set_of(root))
    assert found is not None
    assert (found.width, found.height) == (1000, 500)
    assert found.outlines["A"].path == "M0 500L500 500L500 0L0 0L0 500Z"
    assert found.outlines["B"].path == "M500 500L1000 500L1000 0L500 0L500 500Z"
    assert (found.outlines["A"].x, found.outlines["A"].across) == (250, 500)


def test_letters_stand_within_the_ward_and_not_in_its_hole(tmp_path: Path) -> None:
    # What is left of B around its hole: two uprights a quarter wide, and a full width above and below.
    root = project(tmp_path, feature("A", [A]), feature("B", [B, HOLE]))
    found = boundaries_of(root, ward_set_of(root))
    assert found is not None
    outline = found.outlines["B"]
    assert outline.path.count("M") == 2
    assert (outline.x, outline.across) == (750, 500)
    assert not 125 <= outline.y <= 375


def test_a_ward_in_parts_has_its_letters_in_the_widest(tmp_path: Path) -> None:
    part = [[1.5, 59.5], [2.0, 59.5], [2.0, 59.6], [1.5, 59.6], [1.5, 59.5]]
    island = [[0.0, 60.0], [1.4, 60.0], [1.4, 60.4], [0.0, 60.4], [0.0, 60.0]]
    root = project(tmp_path, feature("A", [A]), feature("B", [part], [island]))
    found = boundaries_of(root, ward_set_of(root))
    assert found is not None
    assert abs(found.outlines["B"].x - round((2.0 + 0.7) * 250)) <= 1
    assert found.outlines["B"].across == 350


def test_a_ward_with_hundreds_of_teeth_has_its_letters_where_it_is_whole() -> None:
    # West of 1 it is a comb, each tooth about a unit of the screen wide; a square lies to the east.
    teeth = [point for tooth in range(400) for point in ((tooth / 400, 0.98), ((tooth + 0.5) / 400, 0.02))]
    found = drawn({"A": (((0.0, 0.0), *teeth, (1.0, 0.98), (2.0, 0.98), (2.0, 0.0), (0.0, 0.0)),)})
    assert 490 <= found.outlines["A"].across <= 503
    assert abs(found.outlines["A"].x - 750) <= 3


def test_every_ward_has_one_feature_and_every_feature_a_ward(tmp_path: Path) -> None:
    assert faults(project(tmp_path, feature("A", [A]), feature("X", [B]))) == [
        "serving/wards.geojson: has no boundary of the ward 'B'.",
        "serving/wards.geojson: has the ward 'X', not declared in wards.toml.",
    ]
    assert faults(project(tmp_path, feature("A", [A]), feature("A", [A]))) == [
        "serving/wards.geojson: 'A' has more than one feature."
    ]
    assert faults(project(tmp_path, {**feature("A", [A]), "properties": {"code": "A"}})) == [
        "serving/wards.geojson: a feature has no property 'WD26CD', which wards.toml names as the code."
    ]


@pytest.mark.parametrize(
    ("ring", "said"),
    [
        (A[:-1], "the ward 'A' has a ring that is not closed, or of fewer than four points."),
        ([A[0], A[1], A[0]], "the ward 'A' has a ring that is not closed, or of fewer than four points."),
        ([[x * 1e5, y * 1e4] for x, y in A], "the ward 'A' is not in degrees (EPSG:4326), longitude first."),
        ([[float("nan"), 1.0]] * 4, "the ward 'A' is not in degrees (EPSG:4326), longitude first."),
        ([["-2", None]] * 4, "not GeoJSON as RFC 7946 has it."),
        ([[]] * 4, "not GeoJSON as RFC 7946 has it."),
    ],
)
def test_what_is_no_boundary_in_degrees_is_refused(tmp_path: Path, ring: Any, said: str) -> None:
    told = faults(project(tmp_path, feature("A", [ring]), codes="A"))
    assert f"serving/wards.geojson: {said}" in told


def test_what_is_no_geojson_is_refused(tmp_path: Path) -> None:
    line = {"type": "Feature", "properties": {"WD26CD": "A"}, "geometry": {"type": "LineString", "coordinates": A}}
    metres = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    assert faults(project(tmp_path, line, codes="A")) == ["serving/wards.geojson: not GeoJSON as RFC 7946 has it."]
    assert faults(project(tmp_path, feature("A", [A]), codes="A", crs=metres)) == [
        "serving/wards.geojson: has to be in degrees (EPSG:4326), longitude first."
    ]
    path = project(tmp_path, feature("A", [A]), codes="A") / "serving" / "wards.geojson"
    whole = path.read_bytes()
    for content, said in (
        (b"{", "not GeoJSON as RFC 7946 has it."),
        (b"[" * 1_000_000, "not GeoJSON as RFC 7946 has it."),
        (whole.replace(b"59.5", b"1" + b"0" * 400), "not GeoJSON as RFC 7946 has it."),
        (whole.replace(b"59.5", b"NaN"), "the ward 'A' is not in degrees (EPSG:4326), longitude first."),
        (whole.replace(b"59.5", b"1e999"), "the ward 'A' is not in degrees (EPSG:4326), longitude first."),
        (b" " * (MOST_BYTES + 1), "more than 5 megabytes: use boundaries that are generalised for a screen."),
    ):
        path.write_bytes(content)
        assert faults(tmp_path) == [f"serving/wards.geojson: {said}"]
    path.unlink()
    assert faults(tmp_path) == ["serving/wards.geojson: the file does not exist."]


def test_too_many_points_for_a_page_are_refused(tmp_path: Path) -> None:
    ring = [A[0], *([A[1]] * 60_000), A[0]]
    assert faults(project(tmp_path, feature("A", [ring]), codes="A")) == [
        "serving/wards.geojson: more than 60,000 points: use boundaries that are generalised for a screen."
    ]


def test_points_that_fall_together_on_the_screen_are_one_and_a_ward_of_one_point_is_drawn_as_one() -> None:
    near = tuple((x + 1e-9, y) for x, y in map(tuple, A))
    doubled = tuple(point for pair in zip(map(tuple, A), near, strict=True) for point in pair)
    found = drawn({"A": (doubled,), "B": (tuple(map(tuple, B)),)})
    assert found.outlines["A"].path == "M0 500L500 500L500 0L0 0L0 500Z"
    assert drawn({"A": (((1.0, 1.0),) * 4,)}).outlines["A"].path == "M0 0Z"


def test_without_boundaries_wards_are_tiles(tmp_path: Path) -> None:
    assert boundaries_of(tmp_path, None) is None
    ward = Ward(code="A", name="A", short="A", easting=0, northing=0)
    assert boundaries_of(tmp_path, WardSet(name="Wards", version="1", source="Here", ward=(ward,))) is None
