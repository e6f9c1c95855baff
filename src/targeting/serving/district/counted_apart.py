"""How many families of the whole district are counted apart, by the lists of one date; no count of a few of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from targeting.serving.contents import CountedApart, ListHead
from targeting.serving.district.panel_wards import known_among
from targeting.serving.district.withholding import hidden_parts


@dataclass(frozen=True)
class ApartInDistrict:
    """Families counted apart in the district, as `told` of any of its lists; None for a count that is withheld."""

    told: CountedApart
    families: int | None
    part: int | None


def apart_in_district(heads: Sequence[ListHead]) -> tuple[ApartInDistrict, ...]:
    """Return what the lists of one date count apart, all panels' together; nothing of lists published without.

    Whoever sits on a panel reads its own counts on its lists, and learns nothing of a few others from the district's.
    """
    told = heads[0].counted_apart if heads else ()
    return tuple(_together(each, tuple(_by_panel(heads, each.cohort))) for each in told)


def _by_panel(heads: Sequence[ListHead], cohort: str) -> Iterator[tuple[int, int]]:
    """Yield of each panel how many families of a cohort are counted apart, and how many are in its part."""
    for panel in dict.fromkeys(each.panel for each in heads):
        counted = [one for each in heads if each.panel == panel for one in each.counted_apart if one.cohort == cohort]
        yield sum(each.families for each in counted), sum(each.part.families for each in counted if each.part)


def _together(told: CountedApart, by_panel: tuple[tuple[int, int], ...]) -> ApartInDistrict:
    families, parts = (sum(each) for each in zip(*by_panel, strict=True))
    whole_hidden, part_hidden = _hidden(by_panel)
    return ApartInDistrict(told, None if whole_hidden else families, None if part_hidden else parts)


# Published lists never change, and every page asks again.
@lru_cache(maxsize=16)
def _hidden(by_panel: tuple[tuple[int, int], ...]) -> tuple[bool, bool]:
    panels = range(len(by_panel))
    groups = known_among([frozenset({each}) for each in panels], frozenset(panels))
    known = np.array([[panel in group for panel in panels] for group in groups], dtype=np.bool_)
    families, parts = np.array(by_panel, dtype=np.int64).T
    return hidden_parts(families, parts, known.reshape(-1, len(panels)))
