"""What classes of people could exchange without anything that is shown telling it: proofs without linear programmes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]

# Among how many counts, none of them nought, exchanges are looked for: what it takes grows with their square.
MOST = 500


class Exchanges:
    """Exchanges between two classes: one gives so many people of one kind, and gets as many of another.

    `atoms` counts people by (class, kind), `members` says which classes make a group, `vectors` which kinds each column
    counts, the first of them all. So an exchange changes nothing but the counts that tell the two kinds apart, of
    groups that hold one class without the other.
    """

    def __init__(self, atoms: Numbers, members: Mask, vectors: Mask) -> None:
        at = np.flatnonzero(atoms)
        classes, self._kind = np.divmod(at, vectors.shape[1])
        present, self._who = np.unique(classes, return_inverse=True)
        self._classes, self._count, self._held = len(present), atoms[at], members[:, present]
        apart = self._held.T[:, np.newaxis, :] != self._held.T[np.newaxis, :, :]
        # scipy's hints do not know what a sparse array times an array is.
        self._apart: Any = csr_array(apart.reshape(len(present) ** 2, len(members)).astype(np.float64))
        of_kind = vectors.T[self._kind]
        self._differ = of_kind[:, np.newaxis, :] != of_kind[np.newaxis, :, :]

    def reach(self, groups: Ints, counted: Mask, shown: Mask) -> tuple[Numbers, Numbers]:
        """Return how many fewer and how many more some counts could be, at least, with what is shown as it is.

        `groups` says of which group each is, `counted` which kinds it counts.
        """
        allowed = csr_array(self._allowed(shown).astype(np.float64))
        within, wanted = self._held[groups][:, self._who], counted[:, self._kind]
        fewer = self._exchanged(allowed, within & wanted, ~within & ~wanted)
        return fewer, self._exchanged(allowed, within & ~wanted, ~within & wanted)

    def _allowed(self, shown: Mask) -> Mask:
        """Return whether some of a class and kind may be exchanged for some of another, by both."""
        by_classes = (self._apart @ shown.astype(np.float64)) > 0
        told = by_classes.reshape(self._classes, self._classes, -1)[self._who[:, np.newaxis], self._who]
        return np.asarray(~(told & self._differ).any(axis=2))

    def _exchanged(self, allowed: Any, giving: Mask, taking: Mask) -> Numbers:
        """Return how many each cell exchanges where one class and kind does so with many, on the one side or other."""
        with_takers, with_givers = ((allowed @ (side * self._count).T).T for side in (taking, giving))
        one_gives = np.minimum(self._count, with_takers) * giving
        one_takes = np.minimum(self._count, with_givers) * taking
        return np.maximum(one_gives.max(axis=1, initial=0), one_takes.max(axis=1, initial=0))
