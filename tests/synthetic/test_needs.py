"""The latent process: a proper Markov chain, whose chances of escalation are exact."""

import tomllib
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from targeting.synthetic import needs
from targeting.synthetic.calendar import TERMS, sessions_in, start_of, steps_until
from targeting.synthetic.course import Course
from targeting.synthetic.futures import Futures
from targeting.synthetic.needs import NEEDS, STATES, TYPES
from targeting.synthetic.thresholds import LONG_RUN, Thresholds, thresholds

EVERY = sorted(set(thresholds(steps_until(date(2026, 12, 31)))), key=lambda at: (at.referrals, at.closures))


@pytest.mark.parametrize("at", [EVERY[0], LONG_RUN, EVERY[-1], Thresholds(0.0, 0.0, 0.0), Thresholds(2.5, 1.0, 2.5)])
def test_every_state_leads_somewhere_with_certainty(at):
    for kind in range(TYPES):
        whole = needs.whole_step(kind, at)
        assert whole.min() >= -1e-7
        assert np.allclose(whole.sum(1), 1, atol=1e-5)


def test_after_twenty_years_a_further_step_changes_next_to_nothing():
    for kind in range(TYPES):
        share = needs.stationary()[kind]
        assert share.sum() == pytest.approx(1, abs=1e-4)
        assert np.abs(share @ needs.whole_step(kind, LONG_RUN) - share).max() < 2e-4


def test_a_step_in_a_household_moves_as_the_matrix_says():
    rng = np.random.default_rng(4)
    kind, state = 9, 5 * NEEDS + 17
    now = np.full(200_000, state, np.int16)
    after = needs.advance(now, np.full(now.size, kind), LONG_RUN, rng)
    drawn = np.bincount(after, minlength=STATES) / now.size
    assert np.abs(drawn - needs.whole_step(kind, LONG_RUN)[state]).max() < 0.004


def test_more_need_and_more_vulnerability_bring_more_referrals():
    none, all_needs = 0, NEEDS - 1
    for band in range(needs.BANDS):
        rates = np.array([needs.referral_rate(v, band) for v in range(3)])
        assert (np.diff(rates[:, none]) > 0).all()
        assert (rates[:, all_needs] > 20 * rates[:, none]).all()


def by_matrix_powers(kind: int, step: int) -> np.ndarray:
    """Return the chance of a first escalation from each state, stepping forwards from every state at once."""
    escalated = np.arange(STATES) // NEEDS >= needs.IN_NEED
    alive, chance = np.eye(STATES), np.zeros(STATES)
    for ahead, at in enumerate(thresholds(step + 13)[step:]):
        moved = alive @ needs.whole_step(kind, at)
        # The first two fortnights are the outcome's lead: what comes in them is in train and counts for nothing.
        if ahead >= 2:
            chance += moved[:, escalated].sum(1)
        alive = np.where(escalated, 0, moved)
    return np.where(escalated, 0, chance)


@pytest.mark.parametrize(("vulnerability", "band"), [(0, 0), (1, 2), (2, 3)])
def test_the_chance_of_escalation_equals_that_by_matrix_powers(vulnerability, band):
    families = STATES
    course = Course(
        state=np.tile(np.arange(STATES, dtype=np.int16)[:, None], (1, 40)),
        band=np.full((families, 40), band, np.int8),
        first_step=np.zeros(families, np.int64),
    )
    futures = Futures(course, np.full(families, vulnerability, np.int8))
    chances = futures.chances(np.arange(families), 20)
    assert np.allclose(chances, by_matrix_powers(needs.type_of(vulnerability, band), 20), atol=2e-5)


def test_true_chances_agree_with_what_happened(large):
    """Over many families and dates the share that escalates equals the mean of the true chances."""
    states = pq.read_table(large / "truth/states.parquet")
    escalations = pq.read_table(large / "truth/escalations.parquet")
    happened = np.unique(escalations["family"].to_numpy() * 2**20 + escalations["day"].cast("int32").to_numpy())
    day = states["as_of_date"].cast("int32").to_numpy()
    family, stage = states["family"].to_numpy(), states["state"].to_numpy() // NEEDS
    rows = np.flatnonzero((stage < needs.ASSESSING) & (day < day[-1] - 200))
    key = family[rows] * 2**20 + day[rows]
    following = np.append(happened, 2**62)[np.searchsorted(happened, key)] - key
    expected = states["chance"].to_numpy()[rows].mean()
    # Families that move away, and children who come of age, escalate a little less than their needs would have them.
    assert ((following >= 28) & (following < 182)).mean() == pytest.approx(expected, rel=0.15)
    assert pc.all(pc.less_equal(states["chance"], 1)).as_py()


def test_fortnights_meet_the_monday_after_the_default_end():
    assert start_of(np.array(287)) == np.datetime64("2026-03-30").astype(int)
    assert steps_until(date(2026, 3, 29)) == 287


def test_terms_follow_one_another_and_are_open_for_a_third_of_the_year():
    assert all(term.last < following.first for term, following in pairwise(TERMS))
    years = [TERMS[at : at + 3] for at in range(0, 27, 3)]
    assert all(330 <= sum(sessions_in(term) for term in year) <= 400 for year in years)


def test_the_districts_terms_are_those_by_which_its_schools_return():
    declared = tomllib.loads((Path(__file__).parents[2] / "targeting.toml").read_text())["term"]
    assert [(term["name"], term["first"], term["last"]) for term in declared] == [
        (term.name, term.first, term.last) for term in TERMS
    ]
