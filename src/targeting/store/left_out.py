"""Shards as indicators read them: without the facts of people who objected."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from targeting.store.blocks import FactRows, Shard
from targeting.store.shards import fact_rows, flat_columns


def without_left_out(shard: Shard) -> Shard:
    """Return a shard without the facts of those it leaves out, who stay members; itself where it has none of them."""
    theirs = np.flatnonzero(np.isin(shard.person_ids, sorted(shard.left_out))) if shard.left_out else np.empty(0, int)
    if not len(theirs):
        return shard

    def read(kind: str, columns: Sequence[str] | None) -> FactRows:
        rows = shard.facts(kind, columns)
        kept = ~np.isin(rows.person, theirs)
        return fact_rows(kind, {name: values[kept] for name, values in flat_columns(rows).items()}, rows.vocabularies)

    return replace(shard, read_facts=read, left_out=frozenset())
