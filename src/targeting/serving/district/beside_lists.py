"""What is written beside the lists of a date when they are published, so that no page computes it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from targeting.serving.district.centre_reach import reached_in, write_centre_reach
from targeting.serving.district.family_wards import write_family_wards
from targeting.serving.published import FOLDER as PUBLISHED
from targeting.serving.published import PublishedList
from targeting.serving.wards import wards_in
from targeting.store.generations import Generation


def write_beside_lists(
    lists: Sequence[PublishedList], generation: Generation, covered: Mapping[str, float], *, data: Path
) -> None:
    """Write where each family lived on the lists' date and how far it is `covered`, and how far centres reached.

    What lies beside lists that are published already stays. Shards are read once for all.
    """
    if not lists or (data / PUBLISHED / lists[0].head.id).exists():
        return
    on = lists[0].head.as_of_date
    families, wards, children = [], [], dict[str, tuple[str, int]]()
    for shard in generation.shards():
        families.append(shard.family_ids)
        wards.append(wards_in(shard, on))
        # A child of families in two shards counts once, in the one that comes first.
        children = {**reached_in(shard, wards[-1], on), **children}
    write_family_wards(data, lists[0], np.concatenate(families), np.concatenate(wards), covered)
    write_centre_reach(data, lists[0], children.values())
