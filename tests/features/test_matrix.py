"""The design matrix: its rows, its file, and the same rows from a generation on disk."""

import gc
import weakref
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tables import world_of
from worlds import MemoryGeneration, indicator, matrix_of, rules_of

from targeting.errors import DataError, TargetingError
from targeting.features import Cohort, compile_plan, facts, people, read_matrix
from targeting.features.engine import as_of_days, build_matrix, runs, select, write_matrix
from targeting.features.engine import matrix_of as matrix_of_run
from targeting.store.generations import GenerationContents, write_generation

WORLD = world_of(
    {
        "seen": """
        family | event_date | amount
        b      | 2024-03-01 | 2
        c      | 2024-03-10 | 3
        a      | 2024-04-10 |
        """
    },
    """
    family | from
    a      | 2024-03-15
    b      | 2020-01-01
    c      | 2020-01-01
    d      | 2020-01-01
    """,
)
DATES = [date(2024, 5, 1), date(2024, 3, 5)]
VALUES = {"count": facts("seen").count_for_family(), "latest": facts("seen").latest_for_family("amount")}


def test_rows_are_sorted_by_date_and_family_and_a_family_without_members_has_none():
    matrix = matrix_of(WORLD, VALUES, DATES)
    assert matrix.family_id.tolist() == ["b", "c", "d", "a", "b", "c", "d"]
    assert matrix.as_of_date.tolist() == [date(2024, 3, 5)] * 3 + [date(2024, 5, 1)] * 4
    assert matrix.values[:, 0].tolist() == [1, 0, 0, 1, 1, 1, 0]
    np.testing.assert_array_equal(matrix.values[:, 1], [2, np.nan, np.nan, np.nan, 2, 3, np.nan])
    assert matrix.unknown[:, 1].tolist() == [0, 2, 2, 2, 0, 0, 2]


def test_a_date_given_twice_counts_once_and_none_is_refused():
    assert len(matrix_of(WORLD, VALUES, [DATES[0], DATES[0]])) == 4
    with pytest.raises(TargetingError, match=r"no as-of date was given: name at least one"):
        matrix_of(WORLD, VALUES, [])


def test_what_a_shard_made_is_let_go_with_it_and_waits_for_no_collector():
    plan = compile_plan([indicator(facts("seen").count_for_family())], cohort=None, rules=rules_of(WORLD))
    (run, *_), gone = runs(plan, MemoryGeneration(WORLD), as_of_days(plan, DATES), None), []
    matrix_of_run(run)
    weakref.finalize(run, gone.append, "run")
    gc.disable()
    try:
        del run, _
        assert gone == ["run"]
    finally:
        gc.enable()


def test_no_families_have_no_rows():
    assert len(matrix_of(WORLD, VALUES, DATES, families=[])) == 0


def test_a_family_that_the_data_do_not_hold_is_refused_without_its_name():
    with pytest.raises(
        DataError, match=r"^of the 2 families asked for, at least one is not in this generation"
    ) as raised:
        matrix_of(WORLD, VALUES, DATES, families=["a", "nobody"])
    assert "nobody" not in str(raised.value)


def test_the_file_has_one_column_an_indicator_and_one_for_why_it_is_unknown(tmp_path):
    matrix = matrix_of(WORLD, VALUES, DATES)
    matrix.write(tmp_path / "matrix.parquet")
    table = pq.read_table(tmp_path / "matrix.parquet")
    assert [(field.name, str(field.type)) for field in table.schema] == [
        ("family_id", "string"),
        ("as_of_date", "date32[day]"),
        ("count", "double"),
        ("latest", "double"),
        ("count__unknown", "int8"),
        ("latest__unknown", "int8"),
    ]
    read = read_matrix(tmp_path / "matrix.parquet")
    assert read.names == matrix.names
    for name in ("family_id", "as_of_date", "values", "unknown"):
        np.testing.assert_array_equal(getattr(read, name), getattr(matrix, name))
        assert getattr(read, name).dtype.kind == getattr(matrix, name).dtype.kind
    first = (tmp_path / "matrix.parquet").read_bytes()
    read.write(tmp_path / "matrix.parquet")
    assert (tmp_path / "matrix.parquet").read_bytes() == first


def test_a_file_that_is_no_matrix_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"absent.parquet: no design matrix can be read there"):
        read_matrix(tmp_path / "absent.parquet")
    pq.write_table(pa.table({"family_id": ["a"], "as_of_date": [date(2024, 1, 1)], "x": [1.0]}), tmp_path / "m.parquet")
    with pytest.raises(DataError, match=r"a design matrix has the column 'x__unknown'; this file has none"):
        read_matrix(tmp_path / "m.parquet")


def test_the_cohort_on_a_date_is_selected_without_a_matrix():
    cohort = Cohort("seen", facts("seen").exists_for_family() & (people.all().count_for_family() >= 1), name="seen")
    plan = compile_plan((), cohort=cohort, rules=rules_of(WORLD))
    assert select(plan, MemoryGeneration(WORLD), date(2024, 3, 5)).tolist() == ["b"]
    assert select(plan, MemoryGeneration(WORLD), date(2024, 5, 1)).tolist() == ["a", "b", "c"]
    assert select(plan, MemoryGeneration(WORLD), date(2024, 5, 1), families=["c", "d"]).tolist() == ["c"]


def test_a_generation_on_disk_gives_the_same_matrix_however_it_is_cut(tmp_path):
    memory = MemoryGeneration(WORLD)
    contents = GenerationContents(
        facts={kind: memory.facts(kind) for kind in WORLD.contract},
        memberships=memory.memberships(),
        agency_links=memory.agency_links(),
        coverage=memory.coverage,
        contract=WORLD.contract,
        synthetic=True,
        inputs={},
    )
    plan = compile_plan([indicator(v, name) for name, v in VALUES.items()], cohort=None, rules=rules_of(WORLD))
    expected = build_matrix(plan, memory, DATES)
    for families_per_shard in (1, 3, 100):
        generation = write_generation(
            tmp_path / str(families_per_shard), contents, families_per_shard=families_per_shard
        )
        matrix = build_matrix(plan, generation, DATES)
        assert matrix.family_id.tolist() == expected.family_id.tolist()
        assert matrix.values.tobytes() == expected.values.tobytes()
        assert write_matrix(plan, generation, DATES, tmp_path / "written.parquet") == len(expected)
        written = read_matrix(tmp_path / "written.parquet")
        assert written.family_id.tolist() == expected.family_id.tolist()
        assert written.as_of_date.tolist() == expected.as_of_date.tolist()
        assert written.values.tobytes() == expected.values.tobytes()
        assert written.unknown.tobytes() == expected.unknown.tobytes()
        one = build_matrix(plan, generation, DATES[:1], families=["c"])
        assert one.values.tobytes() == expected.rows(expected.family_id == "c").values[1:].tobytes()


def test_where_writing_fails_the_earlier_file_stays_and_nothing_else_is_left(tmp_path):
    plan = compile_plan([indicator(facts("seen").count_for_family())], cohort=None, rules=rules_of(WORLD))
    other = {name: kind for name, kind in WORLD.contract.items() if name != "seen"}
    path = tmp_path / "matrix.parquet"
    path.write_text("what was there before")
    with pytest.raises(DataError, match=r"holds no 'seen'"):
        write_matrix(plan, MemoryGeneration(replace(WORLD, contract=other, facts=())), DATES, path)
    assert [each.name for each in tmp_path.iterdir()] == ["matrix.parquet"]
    assert path.read_text() == "what was there before"


def test_a_matrix_of_shards_counted_by_several_threads_has_the_same_bytes_every_time(tmp_path):
    plan = compile_plan([indicator(v, name) for name, v in VALUES.items()], cohort=None, rules=rules_of(WORLD))
    for name in ("first", "again"):
        write_matrix(plan, MemoryGeneration(WORLD), DATES, tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "again").read_bytes()


def test_a_kind_that_the_generation_does_not_hold_is_said():
    plan = compile_plan([indicator(facts("seen").count_for_family())], cohort=None, rules=rules_of(WORLD))
    other = {name: kind for name, kind in WORLD.contract.items() if name != "seen"}
    smaller = MemoryGeneration(replace(WORLD, contract=other, facts=()))
    with pytest.raises(
        DataError, match=r"this generation of the data holds no 'seen' with its dates, which the plan uses"
    ):
        build_matrix(plan, smaller, DATES)
