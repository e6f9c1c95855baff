"""How far children's centres reach, as the district's pages say it: shares of children under five, with their bands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from targeting.serving.district.bands import BANDS, BEGINS, Band, Measure, band_of
from targeting.serving.district.figures import AreaFigures

WITHHELD = "c"
MEASURES: Mapping[Measure, str] = {
    "registered": "Registered",
    "attended": "Came once",
    "engaged": "Came three times",
}


@dataclass(frozen=True)
class Share:
    """A share in words, and its band; neither is said (`band` None) where a count behind it is withheld."""

    text: str
    band: Band | None


@dataclass(frozen=True)
class ReachSaid:
    """One area's row: what it is called, where its name leads (empty: nowhere), its children, its three shares."""

    name: str
    href: str
    children: str
    shares: tuple[Share, ...]


def reach_said(areas: Sequence[tuple[str, str, AreaFigures]]) -> tuple[ReachSaid, ...]:
    """Return the rows of some areas: what each is called, where it leads, and its figures."""
    return tuple(ReachSaid(name, href, _count(figures.considered), _shares(figures)) for name, href, figures in areas)


def band_key() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return where each measure's bands begin: its title, then what is said of each band, the lowest first."""
    return tuple((title, tuple(_bounds(BEGINS[measure]))) for measure, title in MEASURES.items())


def _bounds(begins: Sequence[float]) -> list[str]:
    first, second, third = begins
    between = [f"{low:g} to {high - 0.1:.1f}%" for low, high in ((first, second), (second, third))]
    texts = [f"below {first:g}%", *between, f"{third:g}% or more"]
    return [f"{band}: {text}" for band, text in zip(BANDS, texts, strict=True)]


def _shares(figures: AreaFigures) -> tuple[Share, ...]:
    counts = (figures.flagged, figures.decided, figures.outcomes)
    return tuple(_share(measure, count, figures.considered) for measure, count in zip(MEASURES, counts, strict=True))


def _share(measure: Measure, count: int | None, of: int | None) -> Share:
    if count is None or not of:
        return Share(WITHHELD, None)
    per_cent = 100 * count / of
    return Share(f"{per_cent:.1f}%", band_of(measure, per_cent))


def _count(number: int | None) -> str:
    return WITHHELD if number is None else f"{number:,}"
