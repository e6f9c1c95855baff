from dataclasses import replace

import numpy as np
import pytest

from targeting.features.matrix import Matrix
from targeting.models.watched import Finding
from targeting.training.definition import GateLimits, Measures, WatchLimits
from targeting.training.watch import (
    Feeds,
    Matured,
    Then,
    floor_breached,
    population_stability,
    watch_cohort,
    watch_feeds,
    watch_indicators,
    watch_outcomes,
    watch_scores,
)

LIMITS = WatchLimits()
SOUND = Feeds(sources_of={}, in_doubt=frozenset())


@pytest.fixture
def days(rows):
    """The three dates before the last, and the last one: the made-up district does not change."""
    held = rows.on(rows.dates[-4:])
    return Then(then=held.on(rows.dates[-4:-1]), now=held.on(rows.dates[-1:]))


def _with_values(rows, X):
    table = Matrix(rows.family_id, rows.as_of_date, rows.names, X, rows.unknown)
    return replace(rows, table=table, at=slice(0, len(rows)))


def _moved(days, column, change):
    X = days.now.X.copy()
    X[:, column] = change(X[:, column])
    return Then(then=days.then, now=_with_values(days.now, X))


def test_the_population_stability_index_by_hand():
    # Shares of 0 and 1: a half each, then .8 and .2. (.8 - .5) ln(.8 / .5) + (.2 - .5) ln(.2 / .5); no third value.
    before, after = np.repeat([0.0, 1.0], [500, 500]), np.repeat([0.0, 1.0], [800, 200])
    expected = 0.3 * np.log(1.6) - 0.3 * np.log(0.4)
    assert population_stability(before, after) == pytest.approx(expected, abs=1e-3)
    assert population_stability(before, before) == 0.0
    assert np.isnan(population_stability(before, np.empty(0)))


def test_a_district_that_stays_as_it_was_raises_no_alarm(days, trained):
    found = [*watch_indicators(days, SOUND, LIMITS), watch_scores(trained.bundle, days, LIMITS)]
    assert {each.standing for each in found} == {"as before"}
    assert watch_cohort(days, LIMITS).standing == "as before"
    assert watch_feeds(())[0].detail == "No feed stopped or halved."


def test_what_records_say_can_change_while_every_feed_holds(days):
    (found,) = watch_indicators(_moved(days, 1, lambda held: held + 2), SOUND, LIMITS)
    assert (found.what, found.standing) == ("indicator incidents", "changed")
    assert "Kolmogorov-Smirnov" in found.detail


def test_a_feed_that_falls_silent_is_told_from_a_change(days):
    silent = _moved(days, 1, lambda held: np.where(np.arange(len(held)) % 5 > 0, np.nan, held))
    (found,) = watch_indicators(silent, SOUND, LIMITS)
    assert (found.what, found.standing) == ("indicator incidents", "feed outage")
    assert "Known of 100% of families at least, now 2" in found.detail


def test_what_is_silent_at_one_of_the_dates_before_too_is_no_outage(days):
    """Absence of the term that has just ended is known on no date until the schools have sent it."""
    silent = _moved(days, 1, lambda held: held * np.nan)
    X = days.then.X.copy()
    X[days.then.is_on(days.then.dates[:1]), 1] = np.nan
    found = watch_indicators(Then(then=_with_values(days.then, X), now=silent.now), SOUND, LIMITS)
    assert [each.standing for each in found] == ["as before"]


def test_counts_that_fall_because_a_source_stopped_are_an_outage_and_the_source_is_named(days):
    feeds = Feeds(sources_of={"incidents": ("police", "schools")}, in_doubt=frozenset({"police", "housing"}))
    (found,) = watch_indicators(_moved(days, 1, lambda held: held * 0), feeds, LIMITS)
    assert found.standing == "feed outage"
    assert found.detail.endswith("The feed of police is in doubt.")


def test_scores_that_move_are_told(days, trained):
    assert watch_scores(trained.bundle, _moved(days, 0, lambda held: held + 3), LIMITS).standing == "changed"


def test_half_the_families_gone_is_a_change_of_the_cohort(days):
    fewer = Then(then=days.then, now=days.now.where(np.arange(len(days.now)) % 3 == 0))
    found = watch_cohort(fewer, LIMITS)
    assert (found.standing, round(found.figure, 1)) == ("changed", 0.3)


def _matured(rows, **changes):
    given = {"measures": Measures(replicates=40), "gates": GateLimits(), "seed": 1, "groups": {}, **changes}
    return Matured(rows=rows, **given)


def test_a_model_that_keeps_what_it_promised_stands_by_group_too(rows, trained):
    held = rows.on(rows.dates[-3:])
    half = held.family % 2 == 0
    found = watch_outcomes(trained.bundle, _matured(held, groups={"even": half, "odd": ~half}), WatchLimits(events=20))
    assert [(each.what, each.standing) for each in found] == [
        ("outcomes", "as before"),
        ("outcomes of even", "as before"),
        ("outcomes of odd", "as before"),
        ("average precision beside the points rule", "as before"),
    ]
    assert floor_breached(found) == ""


def test_far_more_than_was_promised_is_below_the_floor(rows, trained):
    held = rows.on(rows.dates[-3:])
    more = np.where(np.random.default_rng(1).random(len(held)) < 0.4, 1, held.y).astype(np.int8)
    found = watch_outcomes(trained.bundle, _matured(replace(held, y=more)), LIMITS)
    assert found[0].standing == "below the floor"
    assert floor_breached(found).startswith("outcomes: Observed over expected")


def test_a_model_clearly_worse_than_its_points_rule_is_below_the_floor(rows, trained):
    held = rows.on(rows.dates[-3:])
    reversed_by_points = (held.X[:, 0] >= 2).astype(np.int8) * (held.X[:, 1] < 2)
    found = watch_outcomes(trained.bundle, _matured(replace(held, y=reversed_by_points.astype(np.int8))), LIMITS)
    assert found[-1].standing == "below the floor"


def test_too_few_outcomes_cannot_tell(rows, trained):
    few = rows.on(rows.dates[-1:]).where(np.arange(len(rows.on(rows.dates[-1:]))) < 30)
    (found,) = watch_outcomes(trained.bundle, _matured(few), LIMITS)
    assert (found.standing, floor_breached([found])) == ("cannot tell", "")
    assert found.detail.endswith("50 are needed to tell.")


def test_only_what_lies_below_the_floor_suspends():
    def finding(standing):
        return Finding(what="scores", standing=standing, figure=None, detail="Moved.")

    assert floor_breached([finding("changed"), finding("feed outage")]) == ""
    assert floor_breached([finding("below the floor")]) == "scores: Moved"


def _rare(days, share):
    """The indicator `incidents` is 0 for all but one family in a hundred before, and for all but `share` now."""
    rng = np.random.default_rng(3)
    X, now = days.then.X.copy(), days.now.X.copy()
    X[:, 1] = rng.random(len(X)) < 0.01
    now[:, 1] = rng.random(len(now)) < share
    return Then(then=_with_values(days.then, X), now=_with_values(days.now, now))


def test_what_is_rare_and_becomes_eight_times_as_common_is_a_change(days):
    (found,) = watch_indicators(_rare(days, 0.08), SOUND, LIMITS)
    assert (found.what, found.standing) == ("indicator incidents", "changed")
    assert "now in" in found.detail


def test_what_is_rare_and_stays_so_is_as_before(days):
    assert [each.standing for each in watch_indicators(_rare(days, 0.012), SOUND, LIMITS)] == ["as before"]


def test_a_change_is_one_from_every_date_before(days):
    """Schools' terms make an indicator common on some dates: being so again is no change."""
    moved = _rare(days, 0.08)
    X = moved.then.X.copy()
    X[days.then.is_on(days.then.dates[:1]), 1] = moved.now.X[: int(days.then.is_on(days.then.dates[:1]).sum()), 1]
    found = watch_indicators(Then(then=_with_values(days.then, X), now=moved.now), SOUND, LIMITS)
    assert [each.standing for each in found] == ["as before"]


def test_what_some_families_always_had_and_nobody_has_now_has_stopped_being_recorded(days):
    common = _moved(days, 1, lambda held: held * 0)
    (found,) = watch_indicators(common, SOUND, LIMITS)
    assert (found.what, found.standing) == ("indicator incidents", "feed outage")
