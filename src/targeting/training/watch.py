"""The watch on a model in use: is the district that it scores still the one that it learnt from, and does it keep what
it promised?

A change of the records (a feed that stopped) is told apart from a change of what they say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from targeting.models.bundle import Bundle
from targeting.models.estimator import Floats
from targeting.models.points import points
from targeting.models.watched import Finding
from targeting.training.above_none import AboveNone
from targeting.training.comparisons import MEASURE, compare
from targeting.training.definition import GateLimits, Measures, WatchLimits
from targeting.training.evaluation import Scored, evaluate, scored
from targeting.training.measures import calibration_in_the_large
from targeting.training.recorded_codes import RecordedCodes, comparisons_that_count
from targeting.training.rows import Mask, Rows

_BINS = 10
# A share of nothing has no logarithm: as many as half a family.
_LEAST = 0.5


@dataclass(frozen=True, kw_only=True)
class Then:
    """Everybody of the cohort on the dates that stand for what the model learnt from, and on the date of the watch."""

    then: Rows
    now: Rows


@dataclass(frozen=True, kw_only=True)
class Feeds:
    """The sources of each indicator, and the sources whose feed stopped, halved or is late."""

    sources_of: Mapping[str, Sequence[str]]
    in_doubt: frozenset[str]


def population_stability(before: Floats, after: Floats) -> float:
    """Return the population stability index of two samples of numbers: 0 for the same, from .25 on a great change.

    Over the tenths of the first, or over its values where they are few: the sum of the two relative entropies (Siddiqi,
    Credit risk scorecards, 2006). Unknown values are left out; NaN where nothing is known of either.
    """
    before, after = before[~np.isnan(before)], after[~np.isnan(after)]
    if not len(before) or not len(after):
        return float("nan")
    edges = np.unique(before)
    if len(edges) > _BINS:
        edges = np.unique(np.quantile(before, np.linspace(0, 1, _BINS + 1)[1:-1]))
    counts = [
        np.bincount(np.searchsorted(edges, each, side="left"), minlength=len(edges) + 1) for each in (before, after)
    ]
    first, second = (np.maximum(each, _LEAST) / np.maximum(each, _LEAST).sum() for each in counts)
    return float(np.sum(special.rel_entr(first, second) + special.rel_entr(second, first)))


def watch_cohort(days: Then, limits: WatchLimits) -> Finding:
    """Return whether as many families are of the cohort as when the model learnt."""
    before = len(days.then) / max(1, len(days.then.dates))
    ratio = len(days.now) / before if before else float("nan")
    low, high = limits.families
    return Finding(
        what="cohort",
        standing="as before" if low <= ratio <= high else "changed",
        figure=ratio,
        detail=f"{len(days.now):,} families; {before:,.0f} on a date when it learnt. Wanted {low:g} to {high:g} times.",
    )


def watch_indicators(days: Then, feeds: Feeds, limits: WatchLimits) -> tuple[Finding, ...]:
    """Return a finding for each indicator that is not as before, or one that says that all are."""
    found = tuple(_watch_indicators(days, feeds, limits))
    told = (
        f"{len(days.now.names)} indicators: none moved by {limits.population_stability:g} or more, none is above 0 in "
        f"less than {limits.above_none[0]:g} or more than {limits.above_none[1]:g} times as many families, and none "
        "fell silent."
    )
    return found or (Finding(what="indicators", standing="as before", figure=None, detail=told),)


def _watch_indicators(days: Then, feeds: Feeds, limits: WatchLimits) -> Iterator[Finding]:
    # What is known, and what it says, goes with the school year: an indicator has changed that is like no date before.
    dates = [days.then.is_on([each]) for each in days.then.dates]
    chance = limits.false_alarms / 2 / len(days.now.names)
    for column, name in enumerate(days.now.names):
        after = days.now.X[:, column]
        before = [days.then.X[each, column] for each in dates]
        known_before, known_after = min(map(_share_known, before)), _share_known(after)
        above = AboveNone.of(before, after)
        moved, nearest = min(((population_stability(each, after), at) for at, each in enumerate(before)), key=_by_moved)
        silent = known_after < limits.known_share_kept * known_before
        leapt = above.is_beyond(limits.above_none, chance=chance)
        if not silent and not leapt and not moved >= limits.population_stability:
            continue
        doubtful = sorted(set(feeds.sources_of.get(name, ())) & feeds.in_doubt)
        told = (
            f"Known of {known_before:.0%} of families at least, now {known_after:.0%}. {above} "
            f"{_moved(before[nearest], after, moved)}"
        )
        yield Finding(
            what=f"indicator {name}",
            standing="feed outage" if silent or doubtful or (leapt and above.is_nothing) else "changed",
            figure=None if np.isnan(moved) else moved,
            detail=f"{told}{' The feed of ' + ', '.join(doubtful) + ' is in doubt.' if doubtful else ''}",
        )


def _share_known(values: Floats) -> float:
    return float(1 - np.isnan(values).mean())


def _by_moved(moved: tuple[float, int]) -> float:
    return float("inf") if np.isnan(moved[0]) else moved[0]


def _moved(before: Floats, after: Floats, moved: float) -> str:
    if np.isnan(moved):
        return "Nothing to compare."
    found = stats.ks_2samp(before[~np.isnan(before)], after[~np.isnan(after)])
    return f"Population stability index {moved:.2f}, Kolmogorov-Smirnov {found.statistic:.2f} (p {found.pvalue:.2g})."


def watch_codes(recorded: Iterable[RecordedCodes], feeds: Feeds, limits: WatchLimits) -> tuple[Finding, ...]:
    """Return a finding for each coded column whose codes are recorded of other shares of families, or one for none.

    Both must hold: the population stability index reaches its limit, and chance would move a code as much, among all
    codes and windows in which it could, with a probability of at most half of `false_alarms`; the other half is the
    indicators'.
    """
    held = [each for each in recorded if each.nearest]
    shared = limits.false_alarms / 2
    chance = shared / comparisons_that_count([least for each in held for least in each.least_chances], shared)
    changed = [each for each in held if each.moved >= limits.population_stability and each.most_moved[1] < chance]
    moved = {(each.kind, each.column): each for each in sorted(changed, key=lambda each: -each.most_moved[1])}
    columns = len({(each.kind, each.column) for each in held})
    told = f"{columns} columns of codes: none is recorded of other shares of the families with such a record."
    found = tuple(_changed_codes(each, feeds) for each in moved.values())
    return found or (Finding(what="codes", standing="as before", figure=None, detail=told),)


def _changed_codes(each: RecordedCodes, feeds: Feeds) -> Finding:
    code, probability = each.most_moved
    before, after = each.shares_of(code)
    doubtful = sorted(set(each.sources) & feeds.in_doubt)
    doubt = f"The feed of {', '.join(doubtful)} is in doubt." if doubtful else "Ask if the code means the same."
    return Finding(
        what=f"codes {each.kind}.{each.column}",
        standing="feed outage" if doubtful else "changed",
        figure=each.moved,
        detail=f"Of {sum(each.after.values()):,} families with such a record of the last {each.weeks} weeks "
        f"{after:.0%} have {code!r}, {before:.0%} on the date before that is most like it. Population stability index "
        f"{each.moved:.2f}, Fisher's exact test p {probability:.2g}. {doubt}",
    )


def watch_scores(bundle: Bundle, days: Then, limits: WatchLimits) -> Finding:
    """Return whether margins are spread as when the model learnt."""
    before, after = (bundle.margins(rows.X) for rows in (days.then, days.now))
    moved = population_stability(before, after)
    return Finding(
        what="scores",
        standing="changed" if moved >= limits.population_stability else "as before",
        figure=moved,
        detail=_moved(before, after, moved),
    )


def watch_feeds(sentences: Sequence[str]) -> tuple[Finding, ...]:
    """Return a finding for each feed in doubt, or one that says that none is."""
    found = tuple(Finding(what="feed", standing="feed outage", figure=None, detail=each) for each in sentences)
    return found or (Finding(what="feeds", standing="as before", figure=None, detail="No feed stopped or halved."),)


@dataclass(frozen=True, kw_only=True)
class Matured:
    """Rows of dates since the model learnt whose outcomes have matured, ranked and judged as its lists were.

    `groups` are parts of them of which calibration is told apart.
    """

    rows: Rows
    measures: Measures
    gates: GateLimits
    seed: int
    groups: Mapping[str, Mask]


def watch_outcomes(bundle: Bundle, matured: Matured, limits: WatchLimits) -> tuple[Finding, ...]:
    """Return whether what was promised came, by group too, and whether the model still beats its points rule.

    Below the floor: the whole interval of observed over expected lies beyond its bounds, or the model is clearly worse
    than the points rule. Too few outcomes cannot tell.
    """
    rows = matured.rows
    if rows.events < limits.events:
        told = f"{rows.events} outcomes have matured since it learnt; {limits.events} are needed to tell."
        return (Finding(what="outcomes", standing="cannot tell", figure=None, detail=told),)
    margins = bundle.margins(rows.X)
    ours = scored(rows, bundle.calibrator.calibrated_log_odds(margins), bundle.probability(margins))
    found = [_promise("outcomes", ours, limits)]
    found += [_promise(f"outcomes of {name}", ours.where(mask), limits) for name, mask in matured.groups.items()]
    return (*found, *_beside_points(bundle, ours, matured))


def _promise(what: str, rows: Scored, limits: WatchLimits) -> Finding:
    held = rows.known
    events = int(held.outcome.sum())
    if events < limits.events or held.probability is None:
        told = f"fewer than {limits.events} outcomes: too few to tell."
        return Finding(what=what, standing="cannot tell", figure=None, detail=told)
    ratio = calibration_in_the_large(held.probability, held.outcome, held.family)
    low, high = limits.observed_over_expected
    beyond = ratio.low > high or ratio.high < low
    return Finding(
        what=what,
        standing="below the floor" if beyond else "as before",
        figure=ratio.value,
        detail=f"Observed over expected {ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f}); "
        f"wanted {low:g} to {high:g}.",
    )


def _beside_points(bundle: Bundle, ours: Scored, matured: Matured) -> Iterator[Finding]:
    rules, rows = bundle.points_rule, matured.rows
    if not rules or any(rule.indicator not in rows.names for rule in rules):
        return
    theirs = scored(rows, points(rows.X, rows.names, rules))
    both = [evaluate(each, matured.measures, seed=matured.seed) for each in (ours, theirs)]
    (held,) = compare(both[0], {"points_rule": both[1]}, matured.gates)
    yield Finding(
        what=f"{MEASURE.replace('_', ' ')} beside the points rule",
        standing="below the floor" if held.high < 0 else "as before",
        figure=held.difference,
        detail=f"{held.ours:.4f}; {held}.",
    )


def floor_breached(findings: Sequence[Finding]) -> str:
    """Return why flags have to be suspended; empty where no floor is breached."""
    return "; ".join(
        f"{each.what}: {each.detail.rstrip('.')}" for each in findings if each.standing == "below the floor"
    )
