from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from targeting.errors import DataError
from targeting.training.rows import family_folds, labelled_rows, matured_dates


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
def test_rows_of_successive_dates_are_the_rows_themselves_uncopied(rows, dates):
    wanted = rows.dates[dates]
    mask = np.isin(rows.as_of_date.astype("datetime64[D]").astype(object), wanted)
    held = rows.on(wanted)
    assert held.X.tobytes() == rows.X[mask].tobytes()
    assert held.family_id.tolist() == rows.family_id[mask].tolist()
    assert not len(held) or np.shares_memory(held.X, rows.X)


def test_rows_that_lie_apart_are_copied(rows):
    held = rows.on([rows.dates[1], rows.dates[4]])
    assert held.dates == (rows.dates[1], rows.dates[4])
    assert not np.shares_memory(held.X, rows.X)


def test_nobody_writes_into_a_table_that_selections_share(rows):
    with pytest.raises(ValueError, match="read-only"):
        rows.on(rows.dates[:3]).X[0, 0] = 1.0
