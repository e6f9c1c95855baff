"""In which ward a family lives: the latest address known of its children, or where none is, of anyone in it."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from targeting.store.blocks import Shard
from targeting.store.generations import Generation

ADDRESS, WARD = "address_recorded", "ward"
NO_WARD = ""


def wards_of(generation: Generation, family_ids: NDArray[np.str_], as_of_date: date) -> NDArray[np.str_]:
    """Return each family's ward on a date; empty text where no address of it is known."""
    found: dict[str, str] = {}
    for shard in generation.shards():
        found |= _in_shard(shard, as_of_date.toordinal() - date(1970, 1, 1).toordinal())
    return np.array([found.get(family, NO_WARD) for family in family_ids.tolist()], dtype=np.str_)


def in_panel(wards: Sequence[str], family_wards: NDArray[np.str_], *, claimed: Sequence[str]) -> NDArray[np.bool_]:
    """Return which families are a panel's: those of its `wards`; without any, those of no ward that is `claimed`."""
    return np.isin(family_wards, wards) if wards else ~np.isin(family_wards, claimed)


def _in_shard(shard: Shard, day: int) -> dict[str, str]:
    rows = shard.facts(ADDRESS, [WARD])
    known = (rows.visible_from <= day) & (day <= rows.visible_to) & (rows.event < day) & (rows.columns[WARD] >= 0)
    # The last row written for a family wins: children's after others', later after earlier.
    order = np.lexsort((rows.fact_id, rows.event, rows.is_child))
    kept = order[known[order]]
    names = rows.vocabularies[WARD]
    return {
        str(shard.family_ids[family]): names[ward]
        for family, ward in zip(rows.family[kept].tolist(), rows.columns[WARD][kept].tolist(), strict=True)
    }
