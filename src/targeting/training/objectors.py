"""Nothing is learnt from families of people who objected: UK GDPR, Article 21(1), holds for training too.

Their own facts are left out as they are left out of a list. What became of their families rests on such facts as well,
so no model learns from it and no measure counts it; the families keep their places, as on a list.
"""

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.features.labels import Labels
from targeting.store.generations import Generation


def without_objectors(labels: Labels, generation: Generation) -> Labels:
    """Return labels that say nothing of any family to which somebody whom the generation leaves out ever belonged.

    Such a row is censored, so that no count tells how many people objected.
    """
    if not generation.left_out:
        return labels
    theirs = np.isin(labels.family_id, _families_of(generation))
    return replace(
        labels, label=np.where(theirs, np.nan, labels.label), censored=labels.censored | (theirs & labels.matured)
    )


def _families_of(generation: Generation) -> NDArray[np.str_]:
    members = generation.memberships()
    held = members.filter(pc.is_in(members["person_id"], value_set=pc.cast(sorted(generation.left_out), "string")))
    return np.array(held["family_id"].to_pylist(), dtype=np.str_)
