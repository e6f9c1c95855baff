from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from targeting.errors import DataError
from targeting.training.rows import family_folds, known_shares, labelled_rows, matured_dates, ranked_rows


def test_rows_without_a_known_outcome_are_left_out(data, rows):
    known = ~np.isnan(data.labels.label)
    assert len(rows) == known.sum() < len(known)
    assert np.array_equal(rows.y, data.labels.label[known])
    assert np.array_equal(rows.X, data.matrix.values[known], equal_nan=True)


def test_labels_of_other_families_or_dates_are_refused(data):
    for column, message in (("family_id", "their families differ"), ("as_of_date", "their as-of dates differ")):
        turned = replace(data.labels, **{column: getattr(data.labels, column)[::-1]})
        with pytest.raises(DataError, match=message):
            labelled_rows(data.matrix, turned)


def test_a_family_lies_in_one_fold_on_all_its_dates(rows):
    folds = family_folds(rows, folds=4, seed=3)
    assert all(len(np.unique(folds[rows.family == family])) == 1 for family in range(0, 400, 7))
    assert np.bincount(folds[rows.on([rows.dates[0]]).family]).min() > 0
    assert set(folds) == {0, 1, 2, 3}


def test_a_date_has_matured_where_labels_say_so(data):
    first = data.matrix.as_of_date[0]
    labels = replace(data.labels, matured=data.labels.as_of_date == first)
    assert matured_dates(labels) == (date(2021, 1, 3),)


@pytest.mark.parametrize("dates", [slice(0, 5), slice(3, 9), slice(11, 12), slice(0, 0)])
def test_everybody_on_successive_dates_is_read_from_the_matrix_itself(data, dates):
    wanted = matured_dates(data.labels)[dates]
    held = ranked_rows(data.matrix, data.labels, wanted)
    mask = np.isin(data.matrix.as_of_date, np.array(wanted, dtype="datetime64[D]"))
    assert held.X.tobytes() == data.matrix.values[mask].tobytes()
    assert held.family_id.tolist() == data.matrix.family_id[mask].tolist()
    assert not len(held) or all(
        np.shares_memory(mine, its) for mine, its in ((held.X, data.matrix.values), (held.unknown, data.matrix.unknown))
    )


def test_selections_of_selections_are_of_the_same_table(rows):
    random = np.random.default_rng(5)
    mask, order = random.random(len(rows)) < 0.4, random.permutation(len(rows))[:50]
    for held, which in (
        (rows.where(mask), np.flatnonzero(mask)),
        (rows.where(mask).take(slice(3, 20)), np.flatnonzero(mask)[3:20]),
        (rows.take(slice(100, 300)).take(slice(5, 9)), np.arange(105, 109)),
        (rows.take(order), order),
        (rows.take(slice(100, 300)).take(np.array([7, 2])), np.array([107, 102])),
        (rows.take(slice(4, 4)).take(slice(0, 9)), order[:0]),
    ):
        assert held.table is rows.table
        assert held.X.tobytes() == rows.X[which].tobytes()
        assert held.unknown.tobytes() == rows.unknown[which].tobytes()
        assert held.y.tolist() == rows.y[which].tolist()
        assert held.family_id.tolist() == rows.family_id[which].tolist()
        assert held.as_of_date.tolist() == rows.as_of_date[which].tolist()


def test_blocks_are_the_rows_in_their_order(data, monkeypatch):
    monkeypatch.setattr("targeting.training.rows.ROWS_AT_ONCE", 7)
    rows = labelled_rows(data.matrix, data.labels)
    assert np.concatenate([block.X for block in rows.blocks()]).tobytes() == rows.X.tobytes()
    assert max(len(block) for block in rows.blocks()) == 7
    assert np.array_equal(known_shares(rows), 1 - np.isnan(rows.X).mean(axis=0))


def test_nobody_writes_into_a_table_that_selections_share(data):
    with pytest.raises(ValueError, match="read-only"):
        ranked_rows(data.matrix, data.labels, matured_dates(data.labels)[:3]).X[0, 0] = 1.0
