"""In which ward a family lives: the latest address known of its children, or where none is, of anyone in it."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from targeting.features.dates import day_number
from targeting.store.blocks import Shard
from targeting.store.generations import Generation

ADDRESS, WARD = "address_recorded", "ward"
NO_WARD = ""


def wards_of(generation: Generation, family_ids: NDArray[np.str_], as_of_date: date) -> NDArray[np.str_]:
    """Return each family's ward on a date; empty text where no address of it is known."""
    held = [(shard.family_ids, wards_in(shard, as_of_date)) for shard in generation.shards()]
    return wards_among(family_ids, *(np.concatenate(each) for each in zip(*held, strict=True)))


def wards_among(family_ids: NDArray[np.str_], families: NDArray[np.str_], wards: NDArray[np.str_]) -> NDArray[np.str_]:
    """Return the ward of each family named, given those of all `families`, which are sorted and hold every one."""
    return wards[np.searchsorted(families, family_ids)]


def in_panel(wards: Sequence[str], family_wards: NDArray[np.str_], *, claimed: Sequence[str]) -> NDArray[np.bool_]:
    """Return which families are a panel's: those of its `wards`; without any, those of no ward that is `claimed`."""
    return np.isin(family_wards, wards) if wards else ~np.isin(family_wards, claimed)


def wards_in(shard: Shard, as_of_date: date) -> NDArray[np.str_]:
    """Return the ward of each family of one shard on a date; empty text where no address of it is known."""
    day = day_number(as_of_date)
    rows = shard.facts(ADDRESS, [WARD])
    known = (rows.visible_from <= day) & (day <= rows.visible_to) & (rows.event < day) & (rows.columns[WARD] >= 0)
    names = rows.vocabularies[WARD]
    # The last row written for a family wins: children's after others', later after earlier, then by the ward's name.
    by_name = np.append(np.argsort(np.argsort(names)), -1)[rows.columns[WARD]]
    order = np.lexsort((by_name, rows.event, rows.is_child))
    kept = order[known[order]]
    ward = np.full(len(shard.family_ids), len(names))
    ward[rows.family[kept]] = rows.columns[WARD][kept]
    return np.array([*names, NO_WARD], dtype=np.str_)[ward]
