"""What could be attained on a district: calibrated, below a perfect observer, better the more is on record."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score

from targeting.errors import TargetingError
from targeting.synthetic import needs
from targeting.synthetic.attainable import STAYS, Evidence, believed, entries_ahead, probabilities
from targeting.synthetic.calendar import HORIZON_STEPS, LEAD_STEPS, start_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.course import bands_ahead
from targeting.synthetic.evidence import BEGINS_IN, BEGINS_WITHOUT, ENDED, FREE_CASE, IN_STAGE, stage_weights, unseen
from targeting.synthetic.family_dates import FamilyDates, in_proportion, matured_steps, on_no_case, systematic
from targeting.synthetic.futures import Futures
from targeting.synthetic.needs import NEEDS, STAGES, VULNERABILITIES
from targeting.synthetic.noticing import Lag, delay
from targeting.synthetic.synthesis import evidence_of

FAMILIES_LOOKED_AT = 650


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return evidence_of(2_000, 3, date(2023, 6, 25))


@pytest.fixture(scope="module")
def step(evidence) -> int:
    return matured_steps(evidence.course, evidence.district.last_day)[-1]


@pytest.fixture(scope="module")
def looked_at(evidence, step) -> FamilyDates:
    cohort = on_no_case(evidence.district, evidence.course, evidence.pathway, step)
    family = np.sort(np.random.default_rng(8).choice(cohort, FAMILIES_LOOKED_AT, replace=False))
    return FamilyDates(family, np.full(family.size, step), np.ones(family.size))


@pytest.fixture(scope="module")
def probability(evidence, looked_at) -> np.ndarray:
    return probabilities(evidence, looked_at)


@pytest.fixture(scope="module")
def true_chance(evidence, looked_at, step) -> np.ndarray:
    return Futures(evidence.course, evidence.district.families.vulnerability).chances(looked_at.family, step)


def test_the_attainable_probability_is_the_mean_of_the_true_chances_of_families_like_these(probability, true_chance):
    """A posterior's own claim: of families with one probability the true chances average to it, in every fifth."""
    # The true chance is of a family that stays; the probability is of one that may move away.
    difference = true_chance * STAYS ** (HORIZON_STEPS / 2) - probability
    for part in np.array_split(np.argsort(probability), 5):
        assert abs(difference[part].mean()) < 4 * difference[part].std() / np.sqrt(part.size)


def test_as_many_families_escalate_as_the_attainable_probabilities_say(evidence, looked_at, probability, step):
    stage = evidence.course.stage[looked_at.family][:, step : step + HORIZON_STEPS + 1]
    escalated = stage >= needs.IN_NEED
    happened = escalated[:, LEAD_STEPS + 1 :].any(1) & ~escalated[:, : LEAD_STEPS + 1].any(1)
    bound = 4 * np.sqrt((probability * (1 - probability)).sum())
    assert abs(happened.sum() - (probability * STAYS ** -(HORIZON_STEPS / 2)).sum()) < bound


def test_the_attainable_tells_families_apart_but_less_well_than_one_who_saw_the_true_states(probability, true_chance):
    """By the areas under the curve that are to be expected: each family escalates by its true chance."""

    def area(score):
        weight = np.concatenate([true_chance, 1 - true_chance])
        return roc_auc_score(np.repeat([1, 0], score.size), np.tile(score, 2), sample_weight=weight)

    assert 0.70 < area(probability) < area(true_chance) - 0.02


def test_more_on_record_never_lowers_the_expected_log_score(evidence, looked_at, probability, true_chance):
    # Without the families whose last child comes of age before the window: nothing can come of those.
    possible = (probability > 0) & (true_chance > 0)

    def score(found):
        chance, true = found[possible], true_chance[possible]
        return (true * np.log(chance) + (1 - true) * np.log(1 - chance)).mean()

    silent = replace(evidence, sightings=(), glimpses=rows_where(evidence.glimpses, np.arange(0)))
    of_stages_alone = probabilities(silent, looked_at)
    overall = np.full(true_chance.size, true_chance.mean())
    assert score(overall) < score(of_stages_alone) < score(probability) < score(true_chance)


def test_what_is_recorded_later_changes_nothing(evidence, looked_at, probability, step):
    day, some = int(start_of(np.array(step))), slice(0, 150)
    sightings = []
    for each in evidence.sightings:
        columns = ("family", "day", "recorded", "detail", "doubtful")
        before = each.recorded < day
        sightings.append(replace(each, **{name: getattr(each, name)[before] for name in columns}))
    glimpses = rows_where(evidence.glimpses, evidence.glimpses.recorded < day)
    stages, known = evidence.stages, evidence.stages.recorded < day
    columns = ("family", "step", "recorded", "says")
    stages = replace(stages, **{name: getattr(stages, name)[known] for name in columns})
    early = replace(evidence, sightings=tuple(sightings), glimpses=glimpses, stages=stages)
    rows = FamilyDates(looked_at.family[some], looked_at.step[some], looked_at.inclusion[some])
    assert np.allclose(probabilities(early, rows), probability[some], rtol=1e-9, atol=0)


def test_from_a_known_state_the_chance_equals_the_exact_future(evidence, looked_at, true_chance, step):
    course, family = evidence.course, looked_at.family
    belief = np.zeros((family.size, VULNERABILITIES, len(STAGES), NEEDS))
    state = course.state[family, step]
    vulnerability = evidence.district.families.vulnerability[family]
    belief[np.arange(family.size), vulnerability, state // NEEDS, state % NEEDS] = 1.0
    entered = entries_ahead(evidence, belief, family, step) / STAYS ** np.arange(1, HORIZON_STEPS + 1)
    ahead = bands_ahead(evidence.district.people, len(evidence.district.families), step, HORIZON_STEPS)[family]
    # Families that nobody is born to before the window ends, and whose last child does not come of age in it.
    expected = (ahead == course.band[family, step : step + HORIZON_STEPS]).all(1) & (entered[:, -1] > 0)
    assert expected.mean() > 0.8
    assert np.allclose(entered[expected, LEAD_STEPS:].sum(1), true_chance[expected], atol=2e-5)


def test_a_belief_is_a_chance_for_every_household(evidence, looked_at, step):
    belief = believed(evidence, looked_at.family[:50], step)
    assert belief.min() >= 0
    assert np.allclose(belief.sum(axis=(1, 2, 3)), 1)


@pytest.mark.parametrize("lag", [Lag(12.0, least=3), Lag(0.8), Lag(6.0, 0.3)])
def test_a_lag_is_exceeded_as_often_as_delays_are_drawn(lag):
    drawn = lag.least + delay(200_000, lag.typical, np.random.default_rng(2), tail=lag.tail)
    for days in (0, 1, 5, 14, 40, 70):
        assert (drawn >= days).mean() == pytest.approx(lag.exceeds(np.array(days)), abs=0.005)


def test_what_happened_lately_may_not_be_on_record_yet():
    """A lag of ten days at least: of the last fortnight's days the first four may be on record, at a lag of nothing."""
    lag = Lag(1e-9, tail=0.0, least=10)
    assert unseen(lag, 1) == pytest.approx(10 / 14)
    assert unseen(lag, 2) == 0


def test_what_is_on_record_of_a_stage_allows_what_it_says_alone():
    none, assessing, in_need = needs.CLOSED, needs.ASSESSING, needs.IN_NEED
    opened = stage_weights(IN_STAGE + assessing, 20)
    assert opened[none, assessing] == 1
    assert opened[none, none] == opened[assessing, assessing] == 0
    ended = stage_weights(ENDED, 20)
    assert ended[in_need, needs.RECENT] == 1
    assert ended[in_need, in_need] == ended[none, needs.RECENT] == 0
    silence = stage_weights(0, 20)
    assert (np.diag(silence) == 1).all()
    assert silence[needs.RECENT, none] == 1
    assert silence[none, assessing] < 1e-6 < stage_weights(0, 1)[none, assessing]
    assert stage_weights(FREE_CASE, 20)[in_need, needs.RECENT] == 1
    assert stage_weights(BEGINS_IN + in_need, 20)[:, in_need].all()
    assert stage_weights(BEGINS_WITHOUT, 20)[none, needs.EARLY_HELP] == 1


def test_every_row_is_drawn_as_often_as_its_chance_says_and_the_count_is_kept():
    chance = in_proportion(np.array([0.0, 1.0, 1.0, 2.0, 4.0, 100.0]), 3)
    assert np.allclose(chance, [0, 0.25, 0.25, 0.5, 1, 1])
    rng = np.random.default_rng(3)
    drawn = np.array([systematic(chance, rng) for _ in range(4_000)])
    assert set(drawn.sum(1)) == {3}
    assert np.allclose(drawn.mean(0), chance, atol=0.03)


def test_the_attainable_lies_beside_the_truth_where_asked_for_and_weights_add_up_to_the_cohort(make):
    out = make(60, seed=4, end=date(2021, 6, 27), attainable=True)
    table = pq.read_table(out / "truth/attainable.parquet")
    assert table.column_names == ["family", "as_of_date", "probability", "inclusion_weight"]
    assert table["inclusion_weight"].to_numpy() == pytest.approx(1)
    assert (table["probability"].to_numpy() >= 0).all()
    assert len(set(table["as_of_date"].to_pylist())) == 4
    again = make(60, seed=4, end=date(2021, 6, 27), attainable=True)
    assert (again / "truth/attainable.parquet").read_bytes() == (out / "truth/attainable.parquet").read_bytes()


def test_what_is_attainable_is_not_reckoned_where_faults_are_planted(make):
    with pytest.raises(TargetingError, match="a district without plants; leave --plant out"):
        make(60, plants=["feed_outage"], attainable=True)
