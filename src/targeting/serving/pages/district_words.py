"""The district's map and table in words: tiles, rows, how they are sorted, which figure shades the map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from targeting.serving.district.boundaries import Drawn, Outline
from targeting.serving.district.figures import AreaFigures
from targeting.serving.district.tiles import Tile
from targeting.serving.district.ward_set import Cluster, Ward, WardSet
from targeting.serving.pages.words import capitalised
from targeting.serving.sentences import WITHHELD

Figure = Literal[
    "need",
    "considered",
    "coverage",
    "flagged",
    "decided",
    "contacted",
    "waiting",
    "outcomes",
    "days",
    "contact_days",
]
# The figures of need, beside which another source's stand; the others are of what was decided, in a table of their own.
OF_NEED: tuple[Figure, ...] = ("need", "considered", "coverage")
NONE = "–"
# One side of a tile, and what is left between two.
SIDE, GAP = 100, 6
# What is left around a map within boundaries, for its outermost line.
EDGE = 2
# How wide a ward has to be within its boundary, in the units of the map, for its letters to stand in it.
ROOM_FOR_LETTERS = 64
TITLES: Mapping[Figure, str] = {
    "need": "Estimated need, of 1,000 {many}",
    "considered": "{Many} considered",
    "coverage": "What records can tell, of 100",
    "flagged": "{Many} flagged",
    "decided": "{Many} decided on",
    "contacted": "{Many} contacted",
    "waiting": "Offered help, contact not told",
    "outcomes": "{Many} with an outcome noted",
    "days": "Days to decision, median",
    "contact_days": "Days to first contact, median",
}
# A mean or median, and the count of families that it is of: where that is shown, there is none to tell.
RESTS_ON: Mapping[Figure, Figure] = {
    "need": "considered",
    "coverage": "considered",
    "days": "decided",
    "contact_days": "contacted",
}
# What stands in place of the need's title while the flags of the model that estimates it are suspended.
NO_NEED = "Estimated need: none while suspended"
# Nearly all is told of nearly all families: wards differ in tenths.
DECIMALS: Mapping[Figure, int] = {"coverage": 1}
# Steps of grey, the darkest for the most, with the colour of letters that stand out from it at 4.5 to 1 or more.
SHADES = (("#ffffff", "#0b0c0c"), ("#d9d9d9", "#0b0c0c"), ("#a6a6a6", "#0b0c0c"), ("#595959", "#ffffff"))
LAST_SHADE = ("#262626", "#ffffff")
HATCHED = ("url(#withheld)", "#0b0c0c")


@dataclass(frozen=True, kw_only=True)
class TileSaid:
    """One tile: where it stands, how it is shaded, its three letters, its figure."""

    x: int
    y: int
    fill: str
    ink: str
    short: str
    value: str


@dataclass(frozen=True, kw_only=True)
class OutlineSaid:
    """One ward within its boundary: how it is shaded; `letters` and figure where they fit, at `x` and `y`."""

    path: str
    x: int
    y: int
    fill: str
    ink: str
    name: str
    letters: str
    value: str


@dataclass(frozen=True)
class Step:
    """One step of grey in the key, and from what to what it stands for."""

    fill: str
    text: str


@dataclass(frozen=True, kw_only=True)
class MapSaid:
    """A tile map with its key."""

    title: str
    width: int
    height: int
    tiles: tuple[TileSaid, ...]
    key: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class BoundariesSaid:
    """A map of the wards within their boundaries, with its key and its credit."""

    title: str
    width: int
    height: int
    wards: tuple[OutlineSaid, ...]
    key: tuple[Step, ...]
    source: str


@dataclass(frozen=True, kw_only=True)
class RowSaid:
    """One area's row: its figures of need, what another source said of it earlier, what was decided of its families.

    Wards have a short name of their own; `cluster` is where the row leads.
    """

    name: str
    short: str
    cluster: Cluster | None
    need: tuple[str, ...]
    decided: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A column of the table: its title, how it is sorted now (`aria-sort`), and the way to sort by it."""

    title: str
    sorted: str
    href: str


def without_need(figures: Mapping[str, AreaFigures]) -> Mapping[str, AreaFigures]:
    """Return the figures of all areas as they are shown while no estimate is given."""
    return {area: replace(each, need=None) for area, each in figures.items()}


def titles_of(many: str, *, is_suspended: bool) -> Mapping[Figure, str]:
    """Return what each figure is called, in the district's own word for families; of need that there is none, if so."""
    titles = {figure: title.format(many=many, Many=capitalised(many)) for figure, title in TITLES.items()}
    return titles | ({"need": NO_NEED} if is_suspended else {})


def shades(titles: Mapping[Figure, str], *, is_suspended: bool) -> Mapping[Figure, str]:
    """Return the titles of the figures that may shade the map: all, but the need while it is not estimated."""
    return {figure: title for figure, title in titles.items() if not (is_suspended and figure == "need")}


def figure_of(figures: AreaFigures, figure: Figure) -> float | None:
    """Return one figure of an area; None where it is withheld or there is none."""
    value: float | None = getattr(figures, figure)
    return value


def said(figures: AreaFigures, figure: Figure) -> str:
    """Return a figure as it is shown: `c` where it is withheld, a dash where there is none to tell."""
    value = figure_of(figures, figure)
    if value is not None:
        return f"{value:,.{DECIMALS.get(figure, 0)}f}"
    rests_on = RESTS_ON.get(figure)
    return NONE if rests_on is not None and figure_of(figures, rests_on) is not None else WITHHELD


def map_said(
    ward_set: WardSet, tiles: Mapping[str, Tile], figures: Mapping[str, AreaFigures], by: Figure, title: str
) -> MapSaid:
    """Return the tile map of the wards, shaded by one figure of a title."""
    values = {each.code: figure_of(figures[each.code], by) for each in ward_set.ward}
    bounds = _bounds([value for value in values.values() if value is not None])
    return MapSaid(
        title=title,
        width=(max(each.column for each in tiles.values()) + 1) * (SIDE + GAP) - GAP,
        height=(max(each.row for each in tiles.values()) + 1) * (SIDE + GAP) - GAP,
        tiles=tuple(_tile(each, tiles[each.code], figures[each.code], by, bounds) for each in ward_set.ward),
        key=_key(bounds, is_withheld=None in values.values()),
    )


def boundaries_said(
    ward_set: WardSet, drawn: Drawn, figures: Mapping[str, AreaFigures], by: Figure, title: str
) -> BoundariesSaid:
    """Return the map of the wards within their boundaries, shaded by one figure of a title as tiles would be."""
    values = {each.code: figure_of(figures[each.code], by) for each in ward_set.ward}
    bounds = _bounds([value for value in values.values() if value is not None])
    return BoundariesSaid(
        title=title,
        width=drawn.width + 2 * EDGE,
        height=drawn.height + 2 * EDGE,
        wards=tuple(
            _outlined(each, drawn.outlines[each.code], figures[each.code], by, bounds) for each in ward_set.ward
        ),
        key=_key(bounds, is_withheld=None in values.values()),
        source=ward_set.boundaries.source if ward_set.boundaries is not None else "",
    )


def rows_said(
    wards: Sequence[Ward], ward_set: WardSet, figures: Mapping[str, AreaFigures], *, by: str, rising: bool
) -> tuple[RowSaid, ...]:
    """Return a row for each ward, sorted by a figure, by its name, or by what was said earlier; no figure last."""
    known = [each for each in wards if _sorted_by(each, figures, by) is not None]
    unknown = [each for each in wards if _sorted_by(each, figures, by) is None]
    by_name = sorted(known, key=lambda each: each.name)
    ordered = sorted(by_name, key=lambda each: _sorted_by(each, figures, by) or 0, reverse=not rising)
    if by == "name":
        ordered = by_name if rising else by_name[::-1]
    return tuple(row_said(each, ward_set, figures) for each in (*ordered, *sorted(unknown, key=lambda each: each.name)))


def row_said(ward: Ward, ward_set: WardSet, figures: Mapping[str, AreaFigures]) -> RowSaid:
    """Return the row of one ward."""
    earlier = tuple(str(ward.earlier.get(each.name, NONE)) for each in ward_set.earlier)
    return _row(ward.name, figures[ward.code], earlier, short=ward.short, cluster=ward_set.cluster_of(ward.code))


def row_of_all(name: str, figures: AreaFigures, ward_set: WardSet) -> RowSaid:
    """Return the row of an area that is no ward, of which no other source said anything."""
    return _row(name, figures, (NONE,) * len(ward_set.earlier))


def _row(
    name: str, figures: AreaFigures, earlier: tuple[str, ...], *, short: str = "", cluster: Cluster | None = None
) -> RowSaid:
    need = tuple(said(figures, figure) for figure in OF_NEED)
    decided = tuple(said(figures, figure) for figure in TITLES if figure not in OF_NEED)
    return RowSaid(name=name, short=short, cluster=cluster, need=(*need, *earlier), decided=decided)


def columns_of_need(
    titles: Mapping[Figure, str], ward_set: WardSet, *, by: str, rising: bool, to: str
) -> tuple[Column, ...]:
    """Return the columns of need, ward first; the way to sort by one, and by the one that is, the other way round."""
    named: dict[str, str] = {"name": "Ward"} | {figure: titles[figure] for figure in OF_NEED}
    named |= {each.name: f"{each.title}, {each.when}" for each in ward_set.earlier}
    return tuple(_column(name, title, by=by, rising=rising, to=f"{to}#wards") for name, title in named.items())


def columns_of_decided(titles: Mapping[Figure, str], *, by: str, rising: bool, to: str) -> tuple[Column, ...]:
    """Return the columns of what was decided, ward first, with the ways to sort by them."""
    named: dict[str, str] = {"name": "Ward"}
    named |= {figure: title for figure, title in titles.items() if figure not in OF_NEED}
    return tuple(_column(name, title, by=by, rising=rising, to=f"{to}#decided") for name, title in named.items())


def _column(name: str, title: str, *, by: str, rising: bool, to: str) -> Column:
    is_sorted = name == by
    up = not rising if is_sorted else name == "name"
    order = "up" if up else "down"
    standing = ("ascending" if rising else "descending") if is_sorted else "none"
    address, _, place = to.partition("#")
    return Column(title, standing, f"{address}&sort={name}&order={order}#{place}")


def _sorted_by(ward: Ward, figures: Mapping[str, AreaFigures], by: str) -> float | None:
    if by == "name":
        return 0
    for figure in TITLES:
        if figure == by:
            return figure_of(figures[ward.code], figure)
    return ward.earlier.get(by)


def _bounds(values: Sequence[float]) -> tuple[int, ...]:
    """Return the whole numbers at which the next step of grey begins: fifths from the least to the most."""
    if not values or round(min(values)) == round(max(values)):
        return ()
    least, most = min(values), max(values)
    steps = len(SHADES) + 1
    return tuple(sorted({round(least + (most - least) * step / steps) for step in range(1, steps)}))


def _shade(value: float | None, bounds: Sequence[int]) -> tuple[str, str]:
    if value is None:
        return HATCHED
    step = sum(round(value) >= bound for bound in bounds)
    return (*SHADES, LAST_SHADE)[step]


def _tile(ward: Ward, tile: Tile, figures: AreaFigures, by: Figure, bounds: Sequence[int]) -> TileSaid:
    fill, ink = _shade(figure_of(figures, by), bounds)
    x, y = tile.column * (SIDE + GAP), tile.row * (SIDE + GAP)
    return TileSaid(x=x, y=y, fill=fill, ink=ink, short=ward.short, value=said(figures, by))


def _outlined(ward: Ward, outline: Outline, figures: AreaFigures, by: Figure, bounds: Sequence[int]) -> OutlineSaid:
    fill, ink = _shade(figure_of(figures, by), bounds)
    return OutlineSaid(
        path=outline.path,
        x=outline.x,
        y=outline.y,
        fill=fill,
        ink=ink,
        name=ward.name,
        letters=ward.short if outline.across >= ROOM_FOR_LETTERS else "",
        value=said(figures, by),
    )


def _key(bounds: Sequence[int], *, is_withheld: bool) -> tuple[Step, ...]:
    shades = [fill for fill, _ in (*SHADES, LAST_SHADE)]
    texts = ["all alike"]
    if bounds:
        between = [f"{low:,} to {high - 1:,}" for low, high in pairwise(bounds)]
        texts = [f"below {bounds[0]:,}", *between, f"{bounds[-1]:,} or more"]
    steps = [Step(fill, text) for fill, text in zip(shades, texts, strict=False)]
    return (*steps, *([Step(HATCHED[0], "withheld, or too few to tell")] if is_withheld else []))
