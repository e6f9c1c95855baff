"""A district by other mechanisms: another chain and other lags, of which its own filter tells the exact posterior."""

from datetime import date

import numpy as np
import pytest

from targeting.errors import TargetingError
from targeting.synthetic import needs
from targeting.synthetic.attainable import STAYS, probabilities
from targeting.synthetic.calendar import HORIZON_STEPS
from targeting.synthetic.columns import rows_where
from targeting.synthetic.evidence import IN_STAGE, stage_weights
from targeting.synthetic.family_dates import FamilyDates, matured_steps, on_no_case
from targeting.synthetic.futures import Futures
from targeting.synthetic.mechanisms import STANDARD, VARIANTS, variant
from targeting.synthetic.noticing import Lag
from targeting.synthetic.synthesis import evidence_of, synthesise
from targeting.synthetic.thresholds import LONG_RUN

OTHER = VARIANTS["other"]
END = date(2023, 6, 25)


@pytest.mark.parametrize("kind", [0, 11])
def test_by_other_mechanisms_too_every_state_goes_somewhere(kind):
    step = needs.whole_step(kind, LONG_RUN, OTHER)
    assert (step >= 0).all()
    assert np.allclose(step.sum(1), 1, atol=1e-6)
    assert np.abs(step - needs.whole_step(kind, LONG_RUN)).max() > 0.001


def test_the_other_front_door_answers_one_need_sooner_and_many_together_later():
    usual, other = needs.referral_rate(0, 2), needs.referral_rate(0, 2, OTHER)
    present = needs.ABUSE + needs.ILL_HEALTH + needs.SUBSTANCES + needs.STRAIN + needs.ABSENCE
    none, one, all_of_them = present == 0, present == 1, present == present.max()
    assert np.allclose(usual[none], other[none])
    assert (other[one] > usual[one]).all()
    assert (other[all_of_them] < usual[all_of_them]).all()


def test_where_needs_come_and_go_more_often_they_stay_for_a_shorter_time():
    usual, other = needs.needs_step()[0, 0], needs.needs_step(OTHER)[0, 0]
    abuse_alone = int(np.flatnonzero((needs.ABUSE == 1) & (needs.ILL_HEALTH + needs.SUBSTANCES + needs.STRAIN == 0))[0])
    goes = needs.ABUSE == 0
    rate = [-np.log(1 - step[abuse_alone, goes].sum()) for step in (usual, other)]
    assert rate[1] / rate[0] == pytest.approx(OTHER.tempo[0], rel=0.01)


def test_records_are_as_many_times_later_and_the_filter_knows_it():
    assert Lag(2.0).times(OTHER.lateness) == Lag(6.0)
    opened = IN_STAGE + needs.ASSESSING
    unseen = [stage_weights(0, 1, each.lateness)[needs.CLOSED, needs.ASSESSING] for each in (STANDARD, OTHER)]
    assert unseen[1] > 2 * unseen[0] > 0
    assert np.array_equal(stage_weights(opened, 1, OTHER.lateness), stage_weights(opened, 1))


def test_a_variant_that_does_not_exist_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(TargetingError, match=r"'othr' does not exist.*Did you mean other"):
        variant("othr")
    with pytest.raises(TargetingError, match="--variant 'othr'"):
        synthesise(tmp_path / "extracts", families=60, seed=1, variant="othr")
    assert not (tmp_path / "extracts").exists()


@pytest.fixture(scope="module")
def other_district():
    evidence = evidence_of(900, 3, END, variant="other")
    step = matured_steps(evidence.course, evidence.district.last_day)[-1]
    cohort = on_no_case(evidence.district, evidence.course, evidence.pathway, step)
    family = np.sort(np.random.default_rng(8).choice(cohort, 400, replace=False))
    return evidence, FamilyDates(family, np.full(family.size, step), np.ones(family.size))


def test_its_own_filter_says_the_mean_of_the_true_chances_of_families_like_these(other_district):
    evidence, rows = other_district
    futures = Futures(evidence.course, evidence.district.families.vulnerability, OTHER)
    true = futures.chances(rows.family, int(rows.step[0])) * STAYS ** (HORIZON_STEPS / 2)
    probability = probabilities(evidence, rows)
    difference = true - probability
    for part in np.array_split(np.argsort(probability), 4):
        assert abs(difference[part].mean()) < 4 * difference[part].std() / np.sqrt(part.size)


def test_people_are_those_of_the_standard_district(other_district):
    evidence, _ = other_district
    usual, other = evidence_of(900, 3, END).district, evidence.district
    assert np.array_equal(usual.people.born, other.people.born)
    assert np.array_equal(rows_where(usual.families, np.arange(50)).ward, other.families.ward[:50])
