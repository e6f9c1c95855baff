"""Proofs by exchange: with them the same counts are withheld as by linear programmes alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.fairness import disclosure
from targeting.fairness.disclosure import withheld
from targeting.fairness.exchanges import Exchanges
from targeting.fairness.inference import Reader
from targeting.fairness.tables import People, Tables

# Kinds of people, and at which of three cuts each is listed: the second is within the first, the third beside it.
LISTED = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 0, 1], [0, 0, 1]], dtype=np.bool_)
CLASSES = 5
COUNTS = st.lists(
    st.tuples(st.integers(0, 40), *[st.sampled_from([0, 0, 1, 2, 5, 9])] * (2 * len(LISTED) - 1)),
    min_size=CLASSES,
    max_size=CLASSES,
)


def tables_of(counts: list[tuple[int, ...]], merged: int) -> Tables:
    """Return tables of five groups, of one made of the first few of them, and of everyone."""
    atoms = np.array(counts).reshape(CLASSES, len(LISTED), 2)
    rows = np.repeat(np.arange(atoms.size), atoms.ravel())
    everybody = np.arange(len(rows))
    members = np.vstack(
        [np.eye(CLASSES, dtype=np.bool_), np.arange(CLASSES) < merged, np.ones(CLASSES, dtype=np.bool_)]
    )
    nothing = np.zeros(len(members), dtype=np.bool_)
    return Tables(atoms, LISTED, members, nothing, nothing[:3], People(rows, everybody, everybody))


class ByProgrammes(Reader):
    """A reader who proves everything by linear programmes, one count at a time."""

    def exchange(self, hidden: np.ndarray) -> None:
        """Prove nothing."""

    def wander(self, hidden: np.ndarray, *, least_width: int, times: int) -> None:
        """Prove nothing."""


@given(COUNTS, st.integers(0, CLASSES))
@settings(max_examples=25, deadline=None)
def test_what_is_withheld_is_what_linear_programmes_alone_withhold(counts: list[tuple[int, ...]], merged: int) -> None:
    tables = tables_of(counts, merged)
    quickly, small = withheld(tables)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(disclosure, "Reader", ByProgrammes)
        slowly, the_same = withheld(tables)
    assert quickly.tolist() == slowly.tolist()
    assert len(small) == len(the_same)


@given(COUNTS, st.integers(0, CLASSES), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_no_exchange_goes_beyond_what_linear_programmes_reach(counts, merged, random) -> None:
    tables = tables_of(counts, merged)
    _, small = withheld(tables)
    shape = len(tables.members), 2 + 2 * tables.cuts
    hidden = np.array([random.random() < 0.7 for _ in range(shape[0] * shape[1])]).reshape(shape)
    exchanging, exact = (Reader(tables.atoms, tables.members, tables.vectors, small[:8]) for _ in range(2))
    exchanging.exchange(hidden)
    for cell in range(len(small[:8])):
        exact.learn(exact.reach(cell, hidden).tables)
    assert (exchanging.seen[:, 0] >= exact.seen[:, 0] - 1e-6).all()
    assert (exchanging.seen[:, 1] <= exact.seen[:, 1] + 1e-6).all()


def test_two_classes_exchange_as_many_as_the_smaller_has():
    # Of kinds 0 and 1, class a has 10 and 3, b 20 and 2, c 5 and 0; the total of kind 1 is shown, and c's.
    atoms, vectors = np.array([10.0, 3, 20, 2, 5, 0]), np.array([[True, True], [False, True]])
    members = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], dtype=np.bool_)
    shown = np.array([[1, 0], [1, 0], [1, 1], [1, 1]], dtype=np.bool_)
    counted = np.tile(vectors[1], (3, 1))
    fewer, more = Exchanges(atoms, members, vectors).reach(np.array([0, 1, 2]), counted, shown)
    assert (fewer.tolist(), more.tolist()) == ([3, 2, 0], [2, 3, 0])
