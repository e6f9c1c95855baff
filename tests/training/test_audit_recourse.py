"""Who could leave a list, were nothing more recorded: two windows, one that lapses and one that never does."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from targeting.fairness.definition import Policy
from targeting.features import Outcome, days, facts
from targeting.features.engine import build_matrix
from targeting.features.plan import Instruction, Measure, Plan, PlannedIndicator, PlannedSource, Selection
from targeting.features.windows import Window, months
from targeting.models.estimator import EstimatorSettings, TrainingRows, train_booster
from targeting.records.contract import contract
from targeting.store.blocks import OPEN_DAY
from targeting.store.contents import MEMBERSHIPS, GenerationContents, fact_schema
from targeting.store.generations import SourceCoverage, write_generation
from targeting.training.audit import AuditData, audit_predictions
from targeting.training.audit_recourse import frozen
from targeting.training.judgement import Predictions
from targeting.training.rows import Rows

AS_OF = date(2024, 3, 3)
# Of 120 families: who has a contact that lapses within half a year (first forty), a referral, which counts for ever
# (the next forty), or neither. The first forty are of one group, the rest of another.
LAPSING, LASTING, NOTHING = range(40), range(40, 80), range(80, 120)
POLICY = Policy.model_validate(
    {
        "public_data": True,
        "disclosure": "none",
        "unit": "child",
        "cuts": ("top:80",),
        "attribute": ({"name": "ethnicity", "column": "person_described.ethnicity", "reference": "WBRI"},),
        "gating": (
            {"attribute": "ethnicity", "group": "APKN", "measure": "tpr_difference", "cut": "top:80", "limit": 0.1},
        ),
    }
)
OUTCOME = Outcome("care", events=(facts("care_started"),), lead=days(28), horizon=days(182), settling=days(91))


def planned(name, measure, kind):
    words = dict.fromkeys(("description", "concern", "sentence", "unit", "sentence_if_none", "unknown_means"), name)
    return PlannedIndicator(
        name=name,
        **words,
        direction="raises",
        use="model",
        evidence="",
        program=(Instruction(operation="measure", measure=measure),),
        kinds=(kind,),
        sources=("care",),
        agencies=("social care",),
        attributes=(),
    )


PLAN = Plan(
    version=1,
    purpose="early_help",
    tier="council",
    indicators=(planned("contacts_6_months", 0, "contact"), planned("referrals_ever", 1, "referral")),
    cohort=None,
    measures=(
        Measure(operation="count", selection=Selection(kind="contact", sources=(0,), window=Window(longest=months(6)))),
        Measure(operation="count", selection=Selection(kind="referral", sources=(0,))),
    ),
    sources=(PlannedSource(name="care", agency="social care", expires_on=date(2030, 1, 1), current_days=9999),),
    terms=(),
)


@pytest.fixture(scope="module")
def generation(tmp_path_factory):
    kinds = contract()

    def made(kind, numbers, day, first, **more):
        rows = [
            {"fact_id": first + at, "person_id": f"p_{at:03}", "event_date": day, "knowledge_date": day}
            | {"source": "care", **more}
            for at in numbers
        ]
        return pa.Table.from_pylist(rows, fact_schema(kinds[kind]))

    contacts = pa.concat_tables(
        [
            made("contact", LAPSING, date(2023, 10, 1), 1000, outcome="referral"),
            # Known only after the list; it must not hold a family there.
            made("contact", LAPSING, date(2024, 5, 1), 2000, outcome="referral"),
        ]
    )
    described = [
        made("person_described", LAPSING, date(2020, 1, 1), 3000, ethnicity="APKN"),
        made("person_described", range(40, 120), date(2020, 1, 1), 4000, ethnicity="WBRI"),
    ]
    members = [
        {"family_id": f"f_{at:03}", "person_id": f"p_{at:03}", "is_child": True, "birth_date": date(2015, 1, 1)}
        | {"visible_from": date(2020, 1, 1)}
        for at in range(120)
    ]
    contents = GenerationContents(
        facts={
            "contact": contacts,
            "referral": made("referral", LASTING, date(2021, 1, 1), 5000),
            "person_described": pa.concat_tables(described),
        },
        memberships=pa.Table.from_pylist(members, MEMBERSHIPS),
        agency_links=pa.table({"person_id": ["p_000"], "source": ["care"], "known_from": [date(2020, 1, 1)]}),
        coverage=tuple(
            SourceCoverage(source="care", kind=kind, shared_from=date(2019, 1, 1), until=date(2026, 1, 1))
            for kind in ("contact", "referral")
        ),
        contract=kinds,
        synthetic=True,
        inputs={},
    )
    return write_generation(tmp_path_factory.mktemp("recourse"), contents)


@pytest.fixture(scope="module")
def recourse(generation):
    matrix = build_matrix(PLAN, generation, [AS_OF])
    y = np.isin(np.arange(120), [*LAPSING, *LASTING]).astype(np.int8)
    settings = EstimatorSettings(names=PLAN.names, directions=("raises", "raises"), seed=1, threads=1)
    rows = Rows(
        table=matrix,
        at=slice(0, 120),
        family=np.arange(120),
        y=y,
    )
    parameters = {"num_leaves": 3, "min_data_in_leaf": 5}
    booster = train_booster(TrainingRows(rows.X, rows.y, settings=settings), parameters, rounds=10)
    margin = booster.trees.predict(rows.X, raw_score=True)
    made = Predictions(
        family_id=rows.family_id,
        as_of_date=rows.as_of_date,
        margin=margin,
        probability=1 / (1 + np.exp(-margin)),
        label=y,
        rows=rows,
        booster=booster,
    )
    data = AuditData(generation=generation, contract=contract(), outcome=OUTCOME, plan=PLAN)
    found = audit_predictions(made, data=data, policy=POLICY, title="")
    return next(each for each in found.sections if each.name == "recourse")


def test_who_is_listed_for_what_lapses_leaves_and_who_is_listed_for_the_past_never_does(recourse):
    assert {row.label: row.values for row in recourse.rows} == {
        "Ethnicity: White British (WBRI)": (0.0, 1.0),
        "Ethnicity: Pakistani (APKN)": (1.0, 0.0),
    }
    assert recourse.columns[0].heading == "Would leave within 26 weeks"
    assert recourse.says[-1] == "What raises a rank most, and does not lapse: referrals ever."


def test_a_frozen_shard_holds_what_was_known_on_the_day_for_ever_and_nothing_later(generation):
    day = np.int32((AS_OF - date(1970, 1, 1)).days)
    shard = frozen(generation.shards()[0], day)
    contacts = shard.facts("contact")
    assert len(contacts) == len(LAPSING)
    assert set(contacts.event.tolist()) == {(date(2023, 10, 1) - date(1970, 1, 1)).days}
    assert set(contacts.visible_to.tolist()) == {OPEN_DAY}
    assert all(len(column) == len(contacts) for column in contacts.columns.values())
    assert len(shard.members) == 120
