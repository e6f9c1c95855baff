"""What a reader of an audit could work out of the counts that it withholds, from those that it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, kron, vstack

from targeting.fairness.exchanges import MOST, Exchanges

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]

# How many values a count may have that is told to within five.
WIDTH = 10
# How many times a reader looks at many small counts at once, before each is looked at by itself.
WANDERINGS = 12
_NEGLIGIBLE = 1e-7
_WORTH_IT = 0.95
_SEED = 20


@dataclass(frozen=True)
class Cell:
    """One count that has to stay unknown: of which group, the columns whose showing would give it away, and its sum.

    `counted` says which of (pattern, label), flattened, it adds up.
    """

    node: int
    columns: tuple[int, ...]
    counted: Mask


@dataclass(frozen=True)
class Reach:
    """Two tables that agree with what is shown, and the shown counts that keep them from lying further apart."""

    tables: Numbers
    bound_by: Mask


class Reader:
    """One who knows every shown count, that counts are not negative, and that a group which is listed has a member.

    He asks how small and how large a withheld count could be (a linear programme over all tables of counts that agree
    with what is shown). Of a count that has a `least` he knows that it is that or up to nine
    more. `seen` keeps the least and greatest values met
    so far; more withholding never narrows them.
    """

    def __init__(
        self,
        atoms: NDArray[np.int64],
        members: Mask,
        vectors: Mask,
        cells: Sequence[Cell],
        least: Numbers | None = None,
    ) -> None:
        self._atoms = atoms.ravel().astype(np.float64)
        self._least = np.full((len(members), len(vectors)), np.nan) if least is None else least
        self._columns = len(vectors)
        # scipy's hints do not know what a sparse array times an array is.
        self._quantities: Any = csr_array(kron(members.astype(float), vectors.astype(float)))
        self._nodes = np.array([cell.node for cell in cells], dtype=np.int64)
        self._counted = np.array([cell.counted for cell in cells], dtype=np.bool_)
        rows = [np.kron(members[cell.node], cell.counted) for cell in cells]
        self._cells: Any = csr_array(np.array(rows, dtype=np.float64).reshape(len(cells), atoms.size))
        self._values: Numbers = self._cells @ self._atoms
        self.seen = np.column_stack([self._values, self._values])
        # An exchange heeds what is known exactly; of what is known by bounds it would know nothing.
        may_exchange = np.count_nonzero(atoms) <= MOST and not np.isfinite(self._least).any()
        self._exchanges = Exchanges(self._atoms, members, vectors) if may_exchange else None

    def is_known_too_well(self, cell: int, *, least_width: int) -> bool:
        """Return whether what was seen so far leaves a cell narrower than its own count, or than `least_width`."""
        low, high = self.seen[cell]
        return bool(high - low < max(least_width, self._values[cell]) - 1e-6)

    def reach(self, cell: int, hidden: Mask) -> Reach:
        """Return the tables of counts, agreeing with what is shown, that give a cell its least and greatest value."""
        row = self._cells[[cell], :].toarray()[0]
        (least, least_bound), (greatest, greatest_bound) = self._solve(row, hidden), self._solve(-row, hidden)
        return Reach(np.array([least, greatest]), least_bound | greatest_bound)

    def wander(self, hidden: Mask, *, least_width: int, times: int) -> None:
        """Meet tables of counts that move the cells still known too well, many at once, while that helps."""
        random = np.random.default_rng(_SEED)
        narrow = self._narrow(least_width)
        for _ in range(times if len(narrow) else 0):
            direction = self._cells[narrow, :].T @ random.normal(size=len(narrow))
            self.learn(np.array([self._solve(sign * direction, hidden)[0] for sign in (1, -1)]))
            before, narrow = narrow, self._narrow(least_width)
            if not len(narrow) or len(narrow) > _WORTH_IT * len(before):
                break

    def _narrow(self, least_width: int) -> NDArray[np.int64]:
        width = self.seen[:, 1] - self.seen[:, 0]
        return np.flatnonzero(width < np.maximum(least_width, self._values) - 1e-6)

    def exchange(self, hidden: Mask) -> None:
        """Keep what the cells are where two classes exchange people, which takes no linear programme.

        Most small counts prove to be unknown by that.
        """
        if self._exchanges is not None and len(self._values):
            fewer, more = self._exchanges.reach(self._nodes, self._counted, ~hidden)
            self._keep(self._values - fewer, self._values + more)

    def learn(self, tables: Numbers) -> None:
        """Keep what the cells are in tables that agree with what is shown."""
        values = self._cells @ tables.T
        self._keep(values.min(axis=1), values.max(axis=1))

    def _keep(self, least: Numbers, greatest: Numbers) -> None:
        self.seen = np.column_stack([np.minimum(self.seen[:, 0], least), np.maximum(self.seen[:, 1], greatest)])

    def _solve(self, objective: Numbers, hidden: Mask) -> tuple[Numbers, Mask]:
        """Return the table of least `objective`, and the shown counts but for which it could be less."""
        shown = np.flatnonzero(~(hidden | np.isfinite(self._least)).ravel())
        peopled = np.flatnonzero(hidden[:, 0] & (self._quantities @ self._atoms)[:: self._columns].astype(bool))
        rows, inhabited = self._quantities[shown, :], self._quantities[peopled * self._columns, :]
        bounded, bounds = self._bounded(inhabited)
        solution: Any = linprog(
            objective,
            A_eq=rows if len(shown) else None,
            b_eq=rows @ self._atoms if len(shown) else None,
            A_ub=bounded if len(bounds) else None,
            b_ub=bounds if len(bounds) else None,
            bounds=(0, 2 * self._atoms.sum() + 100),
            method="highs",
        )
        binding = np.zeros(hidden.size, dtype=bool)
        if solution.status != 0:
            return self._atoms, (~hidden)
        if len(shown):
            binding[shown] = np.abs(solution.eqlin.marginals) > _NEGLIGIBLE
        return np.asarray(solution.x), binding.reshape(hidden.shape)

    def _bounded(self, inhabited: Any) -> tuple[Any, Numbers]:
        """Return what he knows by bounds: groups that are listed have a member, and within which ten a count lies."""
        at = np.flatnonzero(np.isfinite(self._least).ravel())
        about, least = self._quantities[at, :], self._least.ravel()[at]
        bounds = [-np.ones(inhabited.shape[0]), least + WIDTH - 1, -least]
        return vstack([-inhabited, about, -about]), np.concatenate(bounds)
