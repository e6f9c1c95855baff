import numpy as np
import pytest

from targeting.fairness.clusters import clusters
from targeting.fairness.counts import counts_from, patterns, quantities, with_everyone


def kinds(cluster, group, label, listed, groups=2):
    rows = patterns([np.array(each, dtype=bool) for each in listed])
    codes = [np.array(each, dtype=np.int64) for each in (cluster, group, label)]
    return clusters(*codes, rows, groups)


# Two families alike (one child of each group), one of two alike children, one child alone.
CLUSTER = [0, 0, 1, 1, 2, 2, 3]
GROUP = [0, 1, 1, 0, 0, 0, 1]
LABEL = [1, 0, 0, 1, 1, 1, 0]
LISTED = [[1, 0, 0, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1, 0]]


def test_counts_are_those_of_the_rows():
    counts = kinds(CLUSTER, GROUP, LABEL, LISTED).counts()
    table = {name: counts.of(name).tolist() for name in ("n", "positives", "selected", "tp", "fp", "fn", "tn")}
    assert table == {
        "n": [[4, 4], [3, 3], [7, 7]],
        "positives": [[4, 4], [0, 0], [4, 4]],
        "selected": [[4, 4], [0, 2], [4, 6]],
        "tp": [[4, 4], [0, 0], [4, 4]],
        "fp": [[0, 0], [0, 2], [0, 2]],
        "fn": [[0, 0], [0, 0], [0, 0]],
        "tn": [[0, 0], [3, 1], [3, 1]],
    }


def test_families_alike_are_one_kind_whatever_the_order_of_their_rows():
    assert sorted(kinds(CLUSTER, GROUP, LABEL, LISTED).how_many.tolist()) == [1, 1, 2]


def test_rows_that_hang_together_are_worth_the_number_of_families():
    family = np.repeat(np.arange(40), 5)
    label = np.repeat(np.arange(40) % 4 == 0, 5)
    alike = kinds(family, np.zeros(200), label, [label], groups=1)
    assert alike.counts().rate("prevalence")[0, 0] == pytest.approx(0.25)
    assert alike.effective_n("prevalence")[0, 0] == pytest.approx(40)


def test_rows_that_do_not_are_worth_their_number():
    alone = kinds(np.arange(200), np.arange(200) % 2, np.arange(200) % 5 == 0, [np.arange(200) % 3 == 0])
    for rate in ("prevalence", "selection_rate", "tpr", "ppv", "share_of_list"):
        expected = alone.counts().of(
            {"tpr": "positives", "ppv": "selected", "share_of_list": "all_selected"}.get(rate, "n")
        )
        assert alone.effective_n(rate)[:2] == pytest.approx(expected[:2])


def test_where_none_counts_a_family_is_worth_one():
    none = kinds(np.repeat(np.arange(10), 3), np.zeros(30), np.zeros(30), [np.zeros(30)], groups=1)
    assert none.effective_n("prevalence")[0, 0] == pytest.approx(10)


def test_drawing_kinds_is_drawing_families():
    random = np.random.default_rng(1)
    family = np.sort(random.integers(0, 60, 150))
    group, label, listed = (random.integers(0, 2, 150) for _ in range(3))
    # So many that they are counted in more than one go.
    drawn = kinds(family, group, label, [listed]).resampled(8000, (1,))
    plain = plainly_resampled(family, group, label, listed, random)
    for name in ("n", "positives", "selected", "tp"):
        ours, theirs = drawn.of(name)[:, :, 0], plain.of(name)[:, :, 0]
        assert ours.mean(axis=0) == pytest.approx(theirs.mean(axis=0), rel=0.05)
        assert np.cov(ours.T) == pytest.approx(np.cov(theirs.T), rel=0.2, abs=1.5)


def plainly_resampled(family, group, label, listed, random):
    """Draw families one by one, and count their rows."""
    _, family = np.unique(family, return_inverse=True)
    rows = patterns([listed.astype(bool)])
    atoms = np.zeros((family.max() + 1, 2, len(rows.listed), 2))
    np.add.at(atoms, (family, group, rows.of_row, label), 1)
    chosen = random.integers(0, len(atoms), (4000, len(atoms)))
    return counts_from(with_everyone(quantities(atoms[chosen].sum(axis=1), rows.listed)))


def test_a_seed_gives_the_same_draws_and_another_seed_others():
    held = kinds(CLUSTER, GROUP, LABEL, LISTED)
    first, again, other = (held.resampled(50, seed).tp for seed in ((1, 2), (1, 2), (1, 3)))
    assert (first == again).all()
    assert (first != other).any()
