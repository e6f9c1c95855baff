"""What dropping the indicators that betray a group would cost, by exchanging their values between families."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from targeting.errors import DataError
from targeting.fairness.audit import listed_at
from targeting.fairness.results import Number, Section, SectionColumn, SectionRow
from targeting.fairness.scoring import Scored, average_precision
from targeting.models.estimator import Booster, margins
from targeting.training.audit_drawn import Drawn
from targeting.training.audit_indicators import SEED, most_telling
from targeting.training.fitting import margins_of
from targeting.training.rows import ROWS_AT_ONCE, Rows

Numbers = NDArray[np.float64]


def costs(drawn: Drawn) -> Section:
    """Return recall at the main cut and average precision without each indicator that tells most of a group.

    Its values are exchanged between the families of each date (Breiman 2001), so that it says nothing any more and is
    spread as before. Nothing is trained anew.
    """
    told_by_all = _margins(drawn)
    before = _how_well(drawn, told_by_all)
    rows = []
    for attribute, name in most_telling(drawn):
        after = _how_well(drawn, _margins_without(drawn, name, told_by_all))
        figures = (*after, *(was - now for was, now in zip(before, after, strict=True)))
        told: tuple[Number | str, ...] = (attribute.replace("_", " "), *(round(each, 3) + 0.0 for each in figures))
        rows.append(SectionRow(label=name.replace("_", " "), values=told))
    return Section(
        name="costs",
        title="What dropping a telling indicator would cost",
        says=(
            f"With all indicators recall at the main cut is {100 * before[0]:.1f}% and average precision "
            f"{before[1]:.3f}. By permutation: an indicator's values are exchanged between the families of one date. "
            "This bounds the cost: a model trained without it can lean on what is left and loses less. "
            "`targeting mitigate` trains one anew.",
        ),
        columns=(
            SectionColumn(heading="Tells most of", form="text"),
            SectionColumn(heading="Recall without it"),
            SectionColumn(heading="Average precision without it", form="number"),
            SectionColumn(heading="Recall lost"),
            SectionColumn(heading="Average precision lost", form="number"),
        ),
        rows=tuple(rows),
        rows_are="Indicator",
    )


def _how_well(drawn: Drawn, margin: Numbers) -> tuple[float, float]:
    """Return recall at the main cut, and average precision, over the people counted."""
    rank = np.asarray(margin, dtype=np.float64)[drawn.people.persons.scored]
    listed = listed_at(replace(drawn.given, rank_by=rank), drawn.policy, drawn.policy.main_cut)
    known = ~np.isnan(drawn.given.label)
    label = drawn.given.label[known]
    scored = Scored(rank[known], label, np.arange(len(label)))
    return float(listed[known][label == 1].mean()) if label.any() else 0.0, average_precision(scored).value


def _margins(drawn: Drawn) -> Numbers:
    """Return every row's margin by the one model that is asked about, whichever window's model had judged the row."""
    rows, booster = _rows_and_booster(drawn)
    return margins_of(booster, rows, threads=1)


def _margins_without(drawn: Drawn, name: str, told_by_all: Numbers) -> Numbers:
    """Return the margins with one indicator's values exchanged; only rows that got another value are asked again."""
    rows, booster = _rows_and_booster(drawn)
    column, random = rows.names.index(name), np.random.default_rng(SEED)
    held = rows.column(name)
    exchanged = held.copy()
    for date in rows.dates:
        at = np.flatnonzero(rows.as_of_date == date)
        exchanged[at] = exchanged[random.permutation(at)]
    other = np.flatnonzero((exchanged != held) & ~(np.isnan(exchanged) & np.isnan(held)))
    after = told_by_all.copy()
    for start in range(0, len(other), ROWS_AT_ONCE):
        at = other[start : start + ROWS_AT_ONCE]
        X = rows.take(at).X.copy()
        X[:, column] = exchanged[at]
        after[at] = margins(booster, X, threads=1)
    return after


def _rows_and_booster(drawn: Drawn) -> tuple[Rows, Booster]:
    if drawn.predictions.rows is None or drawn.predictions.booster is None:
        raise DataError("The cost of dropping an indicator needs the rows and the model of the predictions.")
    return drawn.predictions.rows, drawn.predictions.booster
