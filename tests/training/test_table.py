"""The table that a training learns from: what `build_matrix` makes, without a second one beside it."""

import tracemalloc
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from targeting.features.engine import build_matrix
from targeting.features.plan import (
    Instruction,
    Measure,
    Plan,
    PlannedCohort,
    PlannedIndicator,
    PlannedSource,
    Selection,
)
from targeting.features.windows import Window, months
from targeting.models.estimator import EstimatorSettings
from targeting.records.contract import contract
from targeting.store.contents import MEMBERSHIPS, GenerationContents, fact_schema
from targeting.store.generations import SourceCoverage, write_generation
from targeting.training.definition import CalibrationRule
from targeting.training.evidence import rows_digest
from targeting.training.fitting import Recipe, fit
from targeting.training.reproduction import block_digests
from targeting.training.rows import Rows, known_shares
from targeting.training.table import DATES_AT_ONCE, build_keys, build_table

FAMILIES, DATES, INDICATORS = 1000, DATES_AT_ONCE + 3, 150
AS_OF = [date(2022, 1, 2) + timedelta(weeks=13 * number) for number in range(DATES)]


def _indicator(number):
    words = dict.fromkeys(
        ("description", "concern", "sentence", "unit", "sentence_if_none", "unknown_means"), "made up"
    )
    measured = Instruction(operation="measure", measure=number % 2)
    return PlannedIndicator(
        name=f"indicator_{number}",
        **words,
        direction=None,
        use="model",
        evidence="",
        program=(measured, Instruction(operation="constant", constant=float(number)), Instruction(operation="+")),
        kinds=("contact",),
        sources=("care",),
        agencies=("social care",),
        attributes=(),
    )


PLAN = Plan(
    version=1,
    purpose="early_help",
    tier="council",
    indicators=tuple(map(_indicator, range(INDICATORS))),
    # Who was never referred: the second of the measures.
    cohort=PlannedCohort(
        name="never_referred",
        description="made up",
        program=(
            Instruction(operation="measure", measure=1),
            Instruction(operation="constant", constant=0.0),
            Instruction(operation="=="),
        ),
    ),
    measures=(
        Measure(operation="count", selection=Selection(kind="contact", sources=(0,), window=Window(longest=months(6)))),
        Measure(operation="count", selection=Selection(kind="referral", sources=(0,))),
    ),
    sources=(PlannedSource(name="care", agency="social care", expires_on=date(2030, 1, 1), current_days=9999),),
    terms=(),
)


@pytest.fixture(scope="module")
def generation(tmp_path_factory):
    """Families that come and go, with contacts for most and a referral for every fifth, in twenty shards."""
    kinds, random = contract(), np.random.default_rng(3)

    def made(kind, first, people, **more):
        days = [date(2021, 6, 1) + timedelta(days=int(day)) for day in random.integers(0, 1400, len(people))]
        rows = [
            {"fact_id": first + at, "person_id": f"p_{person:04}", "event_date": day, "knowledge_date": day}
            | {"source": "care", **more}
            for at, (person, day) in enumerate(zip(people, days, strict=True))
        ]
        return pa.Table.from_pylist(rows, fact_schema(kinds[kind]))

    members = [
        {"family_id": f"f_{at:04}", "person_id": f"p_{at:04}", "is_child": True, "birth_date": date(2015, 1, 1)}
        | {"visible_from": date(2020, 1, 1) + timedelta(days=3 * at)}
        for at in range(FAMILIES)
    ]
    contents = GenerationContents(
        facts={
            "contact": made("contact", 0, random.integers(0, FAMILIES, 3000).tolist(), outcome="referral"),
            "referral": made("referral", 5000, range(0, FAMILIES, 5)),
        },
        memberships=pa.Table.from_pylist(members, MEMBERSHIPS),
        agency_links=pa.table({"person_id": ["p_0000"], "source": ["care"], "known_from": [date(2020, 1, 1)]}),
        coverage=tuple(
            SourceCoverage("care", kind, date(2021, 12, 1), date(2026, 1, 1)) for kind in ("contact", "referral")
        ),
        contract=kinds,
        synthetic=True,
        inputs={},
    )
    return write_generation(tmp_path_factory.mktemp("table"), contents, families_per_shard=FAMILIES // 20)


@pytest.mark.parametrize("plan", [PLAN, replace(PLAN, cohort=None)])
def test_a_table_is_the_matrix_to_the_bit(generation, plan):
    table, matrix = build_table(plan, generation, AS_OF), build_matrix(plan, generation, AS_OF)
    assert 0 < len(table) < FAMILIES * DATES
    assert table.names == matrix.names
    for name in ("family_id", "as_of_date", "values", "unknown"):
        mine, its = getattr(table, name), getattr(matrix, name)
        assert mine.dtype == its.dtype
        assert np.array_equal(mine, its, equal_nan=name == "values")
    # The contacts of the first half year are not all covered.
    assert 0 < (table.unknown != 0).mean() < 1


def test_who_is_in_the_cohort_is_told_without_any_indicator(generation):
    keys, matrix = build_keys(PLAN, generation, AS_OF), build_matrix(PLAN, generation, AS_OF)
    assert keys.family_id.tolist() == matrix.family_id.tolist()
    assert keys.as_of_date.tolist() == matrix.as_of_date.tolist()
    assert keys.values.shape == (len(matrix), 0)


def test_beside_the_table_one_shard_is_held_and_no_second_table(generation):
    build_table(PLAN, generation, AS_OF[:1])
    tables = {}
    for make in (build_table, build_matrix):
        tracemalloc.start()
        made = make(PLAN, generation, AS_OF)
        tables[make] = tracemalloc.get_traced_memory()[1] / (made.values.nbytes + made.unknown.nbytes)
        tracemalloc.stop()
    assert tables[build_table] < 1.6 < tables[build_matrix]


def test_fitting_and_digests_copy_a_part_of_the_rows_at_a_time(generation, monkeypatch):
    """A fit takes every event and a fifth of the others, of two folds of three; never all of its rows."""
    monkeypatch.setattr("targeting.training.rows.ROWS_AT_ONCE", 500)
    table = build_table(replace(PLAN, cohort=None), generation, AS_OF)
    y = (np.random.default_rng(9).random(len(table)) < 0.05).astype(np.int8)
    labelled = np.flatnonzero(np.arange(len(table)) % 17 != 0)
    family = np.unique(table.family_id, return_inverse=True)[1]
    rows = Rows(table=table, at=labelled, family=family[labelled], y=y[labelled])
    settings = EstimatorSettings(
        names=table.names, directions=(None,) * INDICATORS, seed=1, threads=1, non_events_kept=0.2
    )
    calibration = CalibrationRule(method="sigmoid", folds=3, non_events_kept=0.2)
    nbytes = rows.X.nbytes
    tracemalloc.start()
    fit(rows, Recipe({"num_leaves": 4}, 3), settings=settings, calibration=calibration)
    known_shares(rows), rows_digest(rows), block_digests(rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.5 * nbytes
