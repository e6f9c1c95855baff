"""Gates: what must hold before a model may be signed. Each is a small function that says what it saw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.models.estimator import Floats
from targeting.training.definition import GateLimits
from targeting.training.evaluation import Evaluation
from targeting.training.measures import Curve, Estimate, auc, curve, rank, wilson_lower
from targeting.training.rows import Mask, Rows, known_shares

# Fewer families than this at the top of one indicator prove nothing about it.
_LEAST_FAMILIES = 50
# The place of the fifth best.
_FIFTH = 4
# A lower bound above this is more than chance.
_CHANCE = 0.52


@dataclass(frozen=True)
class Gate:
    """One gate's verdict, with a sentence that says what was measured against which limit."""

    name: str
    passed: bool
    detail: str

    def to_json(self) -> dict[str, object]:
        """Return what is written as evidence."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class IndicatorCheck:
    """What one indicator achieves alone: AUC whichever way it points, and the purest part of its ranking.

    `precision` is of families: of those that are beyond a value on any date, the share to whom the outcome came after
    such a date. It is the lower Wilson bound of the best cut, so that a few families, or one on many dates, cannot look
    pure by chance.
    """

    name: str
    auc: float
    precision: float


def enough_events(evaluation: Evaluation, limits: GateLimits) -> Gate:
    """Pass where the test dates hold enough outcomes to judge by."""
    events = evaluation.pooled["events"]
    return Gate(
        "enough_events", events >= limits.events, f"{events:,.0f} outcomes on the test dates; {limits.events:,} needed."
    )


def data_contract(train: Rows, test: Rows, limits: GateLimits) -> Gate:
    """Pass where the test dates know what the training dates knew: an indicator whose feed stopped is no indicator.

    Fails where an indicator that was known of some families is known of less than `known_share_kept` of that share.
    """
    before, now = known_shares(train), known_shares(test)
    lost = [
        f"{name} ({then:.0%} of families, now {since:.0%})"
        for name, then, since in zip(train.names, before, now, strict=True)
        if since < limits.known_share_kept * then
    ]
    silent = int((before == 0).sum())
    ending = f" Lost: {', '.join(lost)}." if lost else ""
    return Gate(
        "data_contract",
        not lost,
        f"{len(train.names)} indicators; {silent} known of nobody; one may be known of no less than "
        f"{limits.known_share_kept:.0%} of the share of families that it was.{ending}",
    )


def stable(kept: Mapping[str, float], limits: GateLimits) -> Gate:
    """Pass where most of a list is still on it a week later: an order that leaps from week to week is noise."""
    shown = ", ".join(f"{share:.0%} of {name}" for name, share in kept.items())
    least = min(kept.values(), default=0.0)
    return Gate(
        "stable",
        least >= limits.week_to_week,
        f"A week later {shown} were still there; at least {limits.week_to_week:.0%} wanted.",
    )


def quick(milliseconds: float, limits: GateLimits) -> Gate:
    """Pass where a family is scored and explained in time.

    The time itself is not told, for the same training gives the same evidence; it is recorded with the run.
    """
    most = limits.milliseconds_a_family
    passed = milliseconds <= most
    took = "within" if passed else "not within"
    return Gate("quick", passed, f"A family was scored and explained {took} {most} ms.")


def plausible_auc(evaluation: Evaluation, limits: GateLimits) -> Gate:
    """Pass where the model is not better than honest records allow: a score too good knows the outcome."""
    value = evaluation.pooled["auc"]
    return Gate(
        "plausible_auc", value <= limits.maximum_auc, f"AUC {value:.3f}; above {limits.maximum_auc:g} look for a leak."
    )


def no_indicator_betrays(checks: Iterable[IndicatorCheck], limits: GateLimits) -> Gate:
    """Pass where no indicator alone says nearly who will have the outcome, nor stands far apart from all others.

    A column that is filled in once the outcome is known need not say all: of most families it may say nothing. But at
    its purest it is far purer than what honest records hold.
    """
    held = list(checks)
    apart = limits.indicator_apart * _usual_at_best(held)
    caught = [
        f"{check.name} (AUC {check.auc:.3f}, precision {check.precision:.2f})"
        for check in held
        if check.auc > limits.indicator_auc or check.precision > min(limits.indicator_precision, apart)
    ]
    allowed = (
        f"AUC {limits.indicator_auc:g}, precision over families {limits.indicator_precision:g} and "
        f"{limits.indicator_apart:g} times that of the fifth best are the most one may reach alone"
    )
    said = f"Betrayed by {', '.join(caught)}; {allowed}." if caught else f"None alone is implausible; {allowed}."
    return Gate("no_indicator_betrays", not caught, said)


def _usual_at_best(checks: Sequence[IndicatorCheck]) -> float:
    """Return the precision of the fifth best, so that a leak in a few windows of time still stands apart.

    Where there are hardly more than five, none is usual.
    """
    falling = sorted((check.precision for check in checks), reverse=True)
    return falling[_FIFTH] if len(falling) >= 2 * _FIFTH else float("inf")


def missingness_says_little(found: Estimate, limits: GateLimits) -> Gate:
    """Pass where a model of nothing but what is unknown ranks little better than chance: silence is not a sign."""
    return Gate(
        "missingness_says_little",
        found.value <= limits.missingness_auc,
        f"A model of what is unknown alone has AUC {found.value:.3f}; at most {limits.missingness_auc:g}.",
    )


def shuffled_futures_give_chance(found: Estimate) -> Gate:
    """Pass where a model that learnt other families' futures ranks no better than chance."""
    return Gate(
        "shuffled_futures_give_chance",
        found.low <= _CHANCE,
        f"With futures exchanged between families AUC is {found.value:.3f}, at least {found.low:.3f}; chance is 0.5.",
    )


def calibrated(evaluation: Evaluation, limits: GateLimits) -> Gate:
    """Pass where probabilities mean what they say on later dates, as far as so many outcomes can tell.

    Fails where an interval lies beyond its bounds: a value beyond them by chance alone is no fault.
    """
    checks = [
        _within(name, evaluation, bounds)
        for name, bounds in (
            ("calibration_slope", limits.calibration_slope),
            ("calibration_in_the_large", limits.calibration_in_the_large),
        )
    ]
    return Gate("calibrated", all(holds for holds, _ in checks), " ".join(detail for _, detail in checks))


def _within(name: str, evaluation: Evaluation, bounds: tuple[float, float]) -> tuple[bool, str]:
    (low, high), (least, most) = evaluation.intervals[name], bounds
    words = name.replace("_", " ").capitalize()
    detail = f"{words} {evaluation.pooled[name]:.3f} ({low:.3f} to {high:.3f}); wanted {least:g} to {most:g}."
    return low <= most and high >= least, detail


def check_indicators(rows: Rows) -> tuple[IndicatorCheck, ...]:
    """Return what each indicator achieves alone on labelled rows."""
    by_family = np.argsort(rows.family, kind="stable")
    starts = np.flatnonzero(np.diff(rows.family[by_family], prepend=-1))
    event = rows.y[by_family] == 1
    return tuple(
        IndicatorCheck(
            name=name,
            auc=_auc_alone(values, rows),
            precision=max(_purest(sign * values[by_family], event, starts) for sign in (1.0, -1.0)),
        )
        for name, values in ((name, rows.column(name)) for name in rows.names)
    )


def _auc_alone(values: Floats, rows: Rows) -> float:
    """Rank by the indicator both ways; unknown values stand last, as what is absent cannot put a row first."""
    unknown = np.isnan(values)
    falling = curve(rank(np.where(unknown, -np.inf, values)), rows.y)
    return max(_finite(auc(held)) for held in (falling, _turned(falling, last=int(unknown.any()))))


def _purest(values: Floats, event: Mask, starts: NDArray[np.int64]) -> float:
    """Return the best lower bound of precision over families; `values` and `event` stand family by family.

    A family is above a cut where its highest value is, and had the outcome there where the highest of its dates with
    the outcome is.
    """
    known = np.where(np.isnan(values), -np.inf, values)
    highest, of_events = (
        np.sort(np.maximum.reduceat(held, starts)) for held in (known, np.where(event, known, -np.inf))
    )
    cuts = np.unique(highest[highest > -np.inf])
    listed, events = (len(held) - np.searchsorted(held, cuts).astype(np.float64) for held in (highest, of_events))
    enough = listed >= _LEAST_FAMILIES
    return float(wilson_lower(events[enough], listed[enough]).max(initial=0.0))


def _turned(held: Curve, *, last: int) -> Curve:
    """Return the curve of the scores from the lowest up; so many at the end of it stay there."""

    def turned(cumulated: Floats) -> Floats:
        each = np.diff(cumulated, prepend=0.0)
        there = len(each) - last
        return np.cumsum(np.concatenate([each[:there][::-1], each[there:]]))

    return Curve(turned(held.places), turned(held.listed), turned(held.events))


def _finite(value: float) -> float:
    return 0.5 if np.isnan(value) else value
