"""Which counts of areas are withheld: by one plan of the audit's engine, against every reader that there may be."""

import numpy as np
from numpy.typing import NDArray

from targeting.fairness.disclosure import withheld
from targeting.fairness.tables import People, Tables

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

# What is counted of an area. Each of considered, flagged, decided and outcomes holds all those after it; an offer is a
# decision, a contact is about an offer.
COUNTS = ("considered", "flagged", "decided", "outcomes", "offered", "contacted")
# How far a family may have come: its stage, and what became of an offer. Nothing else happens, as every reader knows.
PATTERNS = tuple((stage, offer) for stage in range(4) for offer in range(3) if stage >= 2 or offer == 0)
# Which counts a family of a pattern is in.
COUNTED: Bools = np.array(
    [[True, stage >= 1, stage >= 2, stage >= 3, offer >= 1, offer >= 2] for stage, offer in PATTERNS]
)

COLUMNS = range(len(COUNTS))
# The engine asks of rows whether several are of one person. A family is one row: of that, one row tells as much as all.
EACH_APART = People(*(np.zeros(1, dtype=np.int64) for _ in range(3)))


def atoms_of(ward: Ints, pattern: Ints, families: Ints) -> Ints:
    """Return how many families of each ward came how far (ward, pattern): some by ward and pattern, the others not.

    `families` counts all of each ward.
    """
    atoms = np.zeros((len(families), len(PATTERNS)), dtype=np.int64)
    np.add.at(atoms, (ward, pattern), 1)
    atoms[:, 0] += families - atoms.sum(axis=1)
    return atoms


def hidden_counts(atoms: Ints, members: Bools, known: Bools) -> Bools:
    """Return which counts to withhold, by (area, count); `members` says which wards make an area.

    First against a reader who knows what is shown alone. Then against each who knows the families of some wards
    besides (`known`: group, ward): what is left of every area without those wards is a count as any other. Withholding
    more only ever takes from what a reader can work out, so what holds against one goes on holding.
    """
    # A count that is nought throughout is shown, and nobody is in its patterns: that much is known.
    used = np.flatnonzero(COUNTED[:, 1:][atoms.any(axis=0)].any(axis=0))
    possible = ~np.delete(COUNTED[:, 1:], used, axis=1).any(axis=1)
    cuts, listed = len(used), COUNTED[possible][:, 1:][:, used]
    # Labels stand for nothing here, and nothing of them is shown.
    unshown = np.isin(np.arange(2 + 2 * cuts), [1, *range(2 + cuts, 2 + 2 * cuts)])
    hidden, _ = withheld(_tables(atoms[:, possible], members, listed), np.tile(unshown, (len(members), 1)))
    # The engine shows the counts of the last area while it can. Without some wards the district is an area as any
    # other: the last one is of no wards.
    nowhere = np.zeros((1, members.shape[1]), dtype=np.bool_)
    for rest in ~known:
        tables = _tables(atoms[rest][:, possible], np.vstack([members, nowhere])[:, rest], listed)
        hidden = withheld(tables, np.vstack([hidden, unshown]))[0][:-1]
    told = np.zeros((len(members), len(COUNTS)), dtype=np.bool_)
    told[:, [0, *(used + 1)]] = hidden[:, [0, *range(2, 2 + cuts)]]
    return told & ~_follows(told, members.astype(np.int64) @ atoms @ COUNTED)


def hidden_parts(families: Ints, parts: Ints, known: Bools) -> tuple[bool, bool]:
    """Return whether to withhold how many families the whole district has of a kind, and how many are of a part of it.

    Both are given by place, which no page shows; `known` as `hidden_counts` has it, of places.
    """
    atoms = np.zeros((len(families), len(PATTERNS)), dtype=np.int64)
    # The part lies within the whole, as those flagged do within those considered.
    atoms[:, 0], atoms[:, PATTERNS.index((1, 0))] = families - parts, parts
    district = np.ones((1, len(families)), dtype=np.bool_)
    whole, part = hidden_counts(atoms, district, known)[0, :2].tolist()
    return whole, part


def _follows(hidden: Bools, counts: Ints) -> Bools:
    """Return which counts are nought since a wider one is, and that is shown: a reader has them anyway."""
    nought = (counts == 0) & ~hidden
    within = np.array([[(COUNTED[:, narrow] <= COUNTED[:, wide]).all() for narrow in COLUMNS] for wide in COLUMNS])
    return np.asarray(nought.astype(np.int64) @ within > 0)


def _tables(atoms: Ints, members: Bools, listed: Bools) -> Tables:
    """Return families as the engine takes an audit's rows: counts are its cuts, one within the other or beside it."""
    return Tables(
        atoms=np.stack([atoms, np.zeros_like(atoms)], axis=2),
        listed=listed,
        members=members,
        precious=np.zeros(len(members), dtype=np.bool_),
        precious_cuts=np.zeros(listed.shape[1], dtype=np.bool_),
        people=EACH_APART,
    )
