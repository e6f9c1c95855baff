"""A made-up district: 400 families on twelve dates, five indicators, an outcome that two of them raise together."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from targeting.features import Outcome, Plan, facts
from targeting.features.labels import Labels
from targeting.features.matrix import Matrix
from targeting.features.plan import PlannedIndicator
from targeting.models.definition import ModelDefinition
from targeting.models.points import PointsRule
from targeting.training.definition import (
    Baselines,
    Dates,
    GateLimits,
    Measures,
    Range,
    Search,
    SplitRule,
    TrainingDefinition,
)
from targeting.training.experiment import TrainingContext, TrainingData, train
from targeting.training.rows import labelled_rows

NAMES = ("referrals", "incidents", "absence", "moves", "centre_visits")
DIRECTIONS = ("raises", "raises", None, None, "lowers")
FIRST, DATES, FAMILIES = date(2021, 1, 3), 12, 400


def _planned(name, direction):
    return PlannedIndicator(
        name=name,
        description=name,
        concern="concern",
        sentence="{value}",
        unit="",
        sentence_if_none="",
        direction=direction,
        unknown_means="",
        use="model",
        evidence="",
        program=(),
        kinds=(),
        sources=(),
        agencies=(),
        attributes=(),
    )


def _matrix(drawing, leak):
    days = [FIRST + timedelta(weeks=13 * step) for step in range(DATES)]
    lasting = drawing.poisson(1.0, (FAMILIES, 5))
    values = np.vstack([lasting + drawing.poisson(0.5, (FAMILIES, 5)) for _ in days]).astype(np.float64)
    # A tenth of families belong to no school, whatever becomes of them.
    unknown = np.zeros(values.shape, dtype=np.int8)
    unknown[np.tile(drawing.random(FAMILIES) < 0.1, DATES), 2] = 3
    both = (values[:, 0] >= 2) & (values[:, 1] >= 2)
    log_odds = -3.0 + 3.0 * both - 0.5 * values[:, 4]
    label = (drawing.random(len(values)) < 1 / (1 + np.exp(-log_odds))).astype(np.float64)
    if leak:
        values[:, 3] = np.where(label == 1, drawing.integers(3, 9, len(label)), values[:, 3] % 3)
    values[unknown > 0] = np.nan
    ids = np.array([f"f_{number:026d}" for number in range(FAMILIES)])
    # A week after the last date a few families have one more referral, and nothing is known of what came of anyone.
    values, unknown = (np.vstack([held, held[-FAMILIES:]]) for held in (values, unknown))
    values[-FAMILIES::40, 0] += 1
    as_of = np.repeat(np.array([*days, days[-1] + timedelta(weeks=1)], dtype="datetime64[D]"), FAMILIES)
    return Matrix(np.tile(ids, DATES + 1), as_of, NAMES, values, unknown), np.append(label, np.full(FAMILIES, np.nan))


@pytest.fixture(scope="session")
def make_data():
    """Return a maker of training data; with `leak`, the indicator `moves` knows the outcome."""

    def make(*, leak=False, seed=1):
        drawing = np.random.default_rng(seed)
        matrix, label = _matrix(drawing, leak)
        never = np.zeros(len(label), dtype=np.bool_)
        matured = np.arange(len(label)) < DATES * FAMILIES
        label[drawing.random(len(label)) < 0.03] = np.nan
        labels = Labels(
            family_id=matrix.family_id,
            as_of_date=matrix.as_of_date,
            label=label,
            already_in_train=np.isnan(label) & matured,
            censored=never,
            matured=matured,
            first_event=np.full(len(label), np.datetime64("NaT"), dtype="datetime64[D]"),
        )
        plan = Plan(
            version=1,
            purpose="early_help",
            tier="council",
            indicators=tuple(map(_planned, NAMES, DIRECTIONS)),
            cohort=None,
            measures=(),
            sources=(),
            terms=(),
        )
        return TrainingData(matrix, labels, plan)

    return make


@pytest.fixture(scope="session")
def data(make_data):
    return make_data()


@pytest.fixture(scope="session")
def rows(data):
    return labelled_rows(data.matrix, data.labels)


@pytest.fixture(scope="session")
def copied():
    """Return what copies rows, so that a test may write into them."""

    def copy(rows):
        table = Matrix(rows.family_id, rows.as_of_date, rows.names, rows.X.copy(), rows.unknown.copy())
        return replace(rows, table=table, at=slice(0, len(rows)), y=rows.y.copy())

    return copy


@pytest.fixture(scope="session")
def definition():
    return TrainingDefinition(
        name="escalation",
        seed=7,
        threads=2,
        dates=Dates(first=FIRST, last=FIRST + timedelta(weeks=13 * (DATES - 1))),
        split=SplitRule(test_dates=2),
        search=Search(
            trials=2,
            rounds=40,
            early_stopping_rounds=8,
            space={
                "num_leaves": Range(low=4, high=12),
                "learning_rate": Range(low=0.05, high=0.3, log=True),
                "min_sum_hessian_in_leaf": Range(low=1, high=10, log=True),
            },
        ),
        measures=Measures(top_percent=(1, 10), capacity=10, replicates=40),
        baselines=Baselines(count="moves", points=(PointsRule(indicator="referrals", at_least=2, points=1),)),
        gates=GateLimits(events=40),
    )


@pytest.fixture(scope="session")
def model():
    return ModelDefinition(
        name="escalation",
        title="Families whose needs may escalate",
        purpose="early_help",
        forbidden_uses=("enforcement",),
        owner="Head of early help",
        cohort="not_open",
        outcome="escalation",
        tier="council",
        indicators=("*",),
    )


@pytest.fixture(scope="session")
def make_context():
    def make(folder, *, synthetic=True, **more):
        return TrainingContext(
            outcome=Outcome("a child becomes looked after", events=(facts("care_started"),)),
            generation="g1",
            data_digest="d" * 64,
            synthetic=synthetic,
            declarations={"models/escalation.toml": "title = ..."},
            declarations_digest="e" * 64,
            code_version="0.1.0",
            trainer="Tess",
            candidates=folder / "bundles",
            **more,
        )

    return make


def passing_audit(predictions):
    return {"audit.json": b'{"verdict": "pass"}'}


@pytest.fixture(scope="session")
def trained(data, definition, model, make_context, tmp_path_factory):
    context = make_context(tmp_path_factory.mktemp("mlruns"))
    return train(definition, model, data=data, context=context, audit=passing_audit)
