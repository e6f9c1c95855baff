"""The wards' real boundaries, where a district supplies them: one GeoJSON file (RFC 7946), checked and drawn."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any

from targeting.errors import DeclarationError, Fault
from targeting.serving.district.ward_set import Boundaries, WardSet

# Boundaries generalised for a screen take some hundred kilobytes; full ones make a page that no room waits for.
MOST_BYTES, MOST_POSITIONS = 5_000_000, 60_000
MOST_NAMED = 10
# The longer side of the map, in the units of its SVG.
SIDE = 1000
# Half the height of a ward's letters and figure, at how many heights room for them is looked for, what is wide enough.
HALF_A_LABEL, STEPS, ENOUGH = 26, 24, 160
# A file of before RFC 7946 may name its reference system; these are degrees, longitude first.
IN_DEGREES = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326")

Position = tuple[float, float]
Ring = tuple[Position, ...]
Shape = tuple[Ring, ...]


@dataclass(frozen=True)
class Outline:
    """How a ward is drawn: the path of its SVG; where its letters stand, and how wide they may be, 0 for no room."""

    path: str
    x: int
    y: int
    across: int


@dataclass(frozen=True)
class Drawn:
    """All wards of a set as they are drawn, by code, on a field of some width and height."""

    width: int
    height: int
    outlines: Mapping[str, Outline]


def boundaries_of(root: Path, ward_set: WardSet | None) -> Drawn | None:
    """Return the declared boundaries of a set, drawn; None where none are declared.

    Of the file nothing is kept but the rings and which ward they are. Raises DeclarationError with every fault at once.
    """
    if ward_set is None or ward_set.boundaries is None:
        return None
    declared, place = ward_set.boundaries, f"serving/{ward_set.boundaries.file}"
    try:
        shapes = dict(_shapes(_features(root / "serving" / declared.file, place), declared, place))
    # Numbers too large to be any, lists within lists without end.
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError, RecursionError):
        raise DeclarationError([Fault(place, "not GeoJSON as RFC 7946 has it.")]) from None
    faults = tuple(_faults_of(shapes, {each.code for each in ward_set.ward}, place))
    if faults:
        raise DeclarationError(faults)
    return drawn(shapes)


def drawn(shapes: Mapping[str, Shape]) -> Drawn:
    """Return shapes in degrees drawn on one plane, north above: equirectangular, true to scale at the middle latitude.

    Over a district the scale is off by less than one in a thousand.
    """
    everywhere = [position for shape in shapes.values() for ring in shape for position in ring]
    west, east = min(x for x, _ in everywhere), max(x for x, _ in everywhere)
    south, north = min(y for _, y in everywhere), max(y for _, y in everywhere)
    narrower = math.cos(math.radians((south + north) / 2))
    unit = SIDE / (max((east - west) * narrower, north - south) or 1)

    def placed(position: Position) -> tuple[int, int]:
        return round((position[0] - west) * narrower * unit), round((north - position[1]) * unit)

    field = placed((east, south))
    return Drawn(
        *field, {code: _outline([[placed(each) for each in ring] for ring in shapes[code]]) for code in shapes}
    )


def _features(path: Path, place: str) -> list[Any]:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError:
        raise DeclarationError([Fault(place, "the file does not exist.")]) from None
    if len(content) > MOST_BYTES:
        told = f"more than {MOST_BYTES // 1_000_000} megabytes: use boundaries that are generalised for a screen."
        raise DeclarationError([Fault(place, told)])
    held = json.loads(content)
    system = held.get("crs", {}).get("properties", {}).get("name", IN_DEGREES[0])
    if system not in IN_DEGREES:
        raise DeclarationError([Fault(place, "has to be in degrees (EPSG:4326), longitude first.")])
    if held["type"] != "FeatureCollection":
        raise ValueError
    features: list[Any] = held["features"]
    return features


def _shapes(features: list[Any], declared: Boundaries, place: str) -> Iterator[tuple[str, Shape]]:
    codes = [str(each["properties"].get(declared.code, "")) for each in features]
    faults = [
        Fault(place, f"{code!r} has more than one feature.") for code, times in Counter(codes).items() if times > 1
    ]
    if "" in codes:
        faults = [Fault(place, f"a feature has no property {declared.code!r}, which wards.toml names as the code.")]
    if faults:
        raise DeclarationError(faults)
    for code, each in zip(codes, features, strict=True):
        yield code, tuple(_rings(each["geometry"]))


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    polygons = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}[geometry["type"]]
    for polygon in polygons:
        for ring in polygon:
            yield tuple((float(position[0]), float(position[1])) for position in ring)


def _faults_of(shapes: Mapping[str, Shape], codes: set[str], place: str) -> Iterable[Fault]:
    if missing := sorted(codes - shapes.keys()):
        yield Fault(place, f"has no boundary of the {_wards(missing)}.")
    if extra := sorted(shapes.keys() - codes):
        yield Fault(place, f"has the {_wards(extra)}, not declared in wards.toml.")
    if sum(len(ring) for shape in shapes.values() for ring in shape) > MOST_POSITIONS:
        yield Fault(place, f"more than {MOST_POSITIONS:,} points: use boundaries that are generalised for a screen.")
    for code in sorted(codes & shapes.keys()):
        rings = shapes[code]
        if not rings or any(len(ring) < 4 or ring[0] != ring[-1] for ring in rings):
            yield Fault(place, f"the ward {code!r} has a ring that is not closed, or of fewer than four points.")
        if not all(abs(x) <= 180 and abs(y) <= 90 for ring in rings for x, y in ring):
            yield Fault(place, f"the ward {code!r} is not in degrees (EPSG:4326), longitude first.")


def _wards(codes: list[str]) -> str:
    named = ", ".join(map(repr, codes[:MOST_NAMED])) + (", ..." if len(codes) > MOST_NAMED else "")
    return f"{'ward' if len(codes) == 1 else f'{len(codes)} wards'} {named}"


def _outline(rings: list[list[tuple[int, int]]]) -> Outline:
    parts = []
    for ring in rings:
        # Points that fall together on the screen are one.
        kept = [point for point, before in zip(ring, [None, *ring], strict=False) if point != before]
        parts.append("M" + "L".join(f"{x} {y}" for x, y in kept) + "Z")
    x, y, across = _middle(rings)
    return Outline("".join(parts), x, y, across)


def _middle(rings: list[list[tuple[int, int]]]) -> tuple[int, int, int]:
    """Return where two lines of letters stand within the rings, and how wide they may be; 0: they have no room.

    Of places with enough room it is the one nearest to the middle height, else the one with the most.
    """
    ends = [point[1] for ring in rings for point in ring]
    best, middle = (rings[0][0][0], rings[0][0][1], 0), (min(ends) + max(ends)) // 2
    for y in range(min(ends), max(ends), max(1, (max(ends) - min(ends)) // STEPS)):
        lines = (list(_across(rings, y + beside + 0.5)) for beside in (-HALF_A_LABEL, 0, HALF_A_LABEL))
        for left, right in reduce(_shared, lines):
            found = (left + right) // 2, y, right - left
            best = max(best, found, key=lambda each: (min(each[2], ENOUGH), -abs(each[1] - middle), each[2]))
    return best


def _across(rings: list[list[tuple[int, int]]], y: float) -> Iterator[tuple[int, int]]:
    """Yield from where to where a level line runs within the rings: by every second crossing, holes left out."""
    crossings = sorted(
        round(x0 + (y - y0) * (x1 - x0) / (y1 - y0))
        for ring in rings
        for (x0, y0), (x1, y1) in pairwise(ring)
        if (y0 < y) != (y1 < y)
    )
    return zip(crossings[::2], crossings[1::2], strict=True)


def _shared(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what two lines of stretches, each from left to right, have in common; in one pass over both."""
    found, at, beside = [], 0, 0
    while at < len(one) and beside < len(other):
        left, right = max(one[at][0], other[beside][0]), min(one[at][1], other[beside][1])
        if left < right:
            found.append((left, right))
        if one[at][1] < other[beside][1]:
            at += 1
        else:
            beside += 1
    return found
