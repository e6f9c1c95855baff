"""What pages that leave the panel say of families whom no list considered: the whole district's, none of a few."""

from collections.abc import Sequence
from dataclasses import dataclass

from targeting.serving.apart_sentences import apart_said
from targeting.serving.contents import ListHead
from targeting.serving.district.counted_apart import apart_in_district


@dataclass(frozen=True)
class ApartSaid:
    """Sentences on families whom no list considered, and whether any count in them is withheld."""

    sentences: tuple[str, ...]
    withholds: bool


def apart_of_district(heads: Sequence[ListHead]) -> ApartSaid:
    """Return what the lists of one date count apart, all panels' together, in their words for families."""
    counted = apart_in_district(heads)
    said = (apart_said(each.told, heads[0], families=each.families, part=each.part) for each in counted)
    return ApartSaid(
        sentences=tuple(sentence for each in said for sentence in each),
        withholds=any(None in (each.families, each.part) for each in counted),
    )
