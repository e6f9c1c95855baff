from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from targeting.features.labels import Labels
from targeting.store.contents import MEMBERSHIPS
from targeting.store.generations import Generation
from targeting.store.manifest import Manifest
from targeting.training.objectors import without_objectors
from targeting.training.rows import rows_left_out

EARLY, LATE = date(2024, 1, 1), date(2025, 1, 1)
# family, whose, from, to
MEMBERS = [
    ("f_a", "p_mother", date(2020, 1, 1), None),
    ("f_a", "p_child", date(2021, 1, 1), None),
    ("f_b", "p_child", date(2020, 1, 1), date(2021, 1, 1)),
    ("f_c", "p_other", date(2020, 1, 1), None),
]


@pytest.fixture
def generation(tmp_path):
    rows = [
        {
            "family_id": family,
            "person_id": person,
            "is_child": "child" in person,
            "visible_from": since,
            "visible_to": to,
        }
        for family, person, since, to in MEMBERS
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=MEMBERSHIPS), tmp_path / "memberships.parquet")
    manifest = Manifest(synthetic=True, coverage=(), inputs={}, contract="", sources=(), kinds={}, shards=(), files={})
    return Generation(tmp_path, manifest)


@pytest.fixture
def labels():
    families = np.array(["f_a", "f_b", "f_c", "f_a", "f_b", "f_c"])
    never = np.zeros(6, dtype=bool)
    return Labels(
        family_id=families,
        as_of_date=np.repeat(np.array([EARLY, LATE], dtype="datetime64[D]"), 3),
        label=np.array([1.0, 0.0, 1.0, np.nan, np.nan, np.nan]),
        already_in_train=never,
        censored=never,
        matured=np.repeat([True, False], 3),
        first_event=np.full(6, np.datetime64("NaT"), dtype="datetime64[D]"),
    )


@pytest.mark.parametrize(
    ("objector", "left"),
    [
        ("p_mother", [np.nan, 0.0, 1.0]),
        # Of a child who lived in two families, either may hold what became of the child.
        ("p_child", [np.nan, np.nan, 1.0]),
        ("p_other", [1.0, 0.0, np.nan]),
        ("p_nobody", [1.0, 0.0, 1.0]),
    ],
)
def test_nothing_is_learnt_from_a_family_of_somebody_who_objected(generation, labels, objector, left):
    found = without_objectors(labels, generation.leaving_out({objector}))
    np.testing.assert_array_equal(found.label[:3], left)
    assert np.isnan(found.label[3:]).all()


def test_without_objections_the_labels_stay_the_same(generation, labels):
    assert without_objectors(labels, generation) is labels


def test_no_count_tells_how_many_objected(generation, labels):
    """Their rows count as censored, on matured dates alone, beside others whose outcome cannot be known."""
    moved_away = replace(labels, censored=np.array([False, False, True, False, False, False]))
    moved_away.label[2] = np.nan
    found = without_objectors(moved_away, generation.leaving_out({"p_mother"}))
    assert rows_left_out(found, [EARLY]) == {"already_in_train": 0, "censored": 2, "not_matured": 0}
    assert rows_left_out(found, [LATE]) == {"already_in_train": 0, "censored": 0, "not_matured": 3}
