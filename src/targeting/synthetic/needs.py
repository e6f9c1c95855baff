"""The latent process of a household: a finite Markov chain, one step a fortnight, whose futures are computed exactly.

A state holds five needs (domestic abuse, a parent's mental ill-health, a parent's substance misuse, strain and neglect
in three levels, a child losing touch with school) and the stage of the household with services. 48 needs by 7 stages
make 336 states. A step first moves the needs, each given those before it and the help that the stage brings, then the
stage given the new needs and the thresholds of the fortnight. Households differ by vulnerability (fixed) and by the
ages of their children (`band`). All rates are assumptions, set so that the district meets published levels; by other
mechanisms they are others (`mechanisms.py`).
"""

from dataclasses import replace
from functools import cache, lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic.calendar import STEPS_A_YEAR
from targeting.synthetic.mechanisms import STANDARD, Mechanisms
from targeting.synthetic.thresholds import LONG_RUN, Thresholds, thresholds

Floats = NDArray[np.float64]

# The stages. From IN_NEED on, a social worker's case has been found to be needed; from ASSESSING on, it is open.
CLOSED, EARLY_HELP, RECENT, ASSESSING, IN_NEED, PROTECTION, CARE = range(7)
STAGES = ("closed", "early_help", "recently_closed", "assessing", "in_need", "protection_plan", "care")

_COMBINATIONS = np.array(list(product(range(2), range(2), range(2), range(3), range(2))), np.int8)
ABUSE, ILL_HEALTH, SUBSTANCES, STRAIN, ABSENCE = _COMBINATIONS.T
NEEDS = len(_COMBINATIONS)
STATES = len(STAGES) * NEEDS

VULNERABILITIES = 3
# Bands of a household by its children: an infant or unborn child alone; one beside a child at school;
# children of whom the youngest is under 11; adolescents.
BANDS = 4
TYPES = VULNERABILITIES * BANDS

# How much each stage helps needs to lift.
HELP_OF_STAGE = np.array([0, 1, 0, 0, 1, 2, 2])
_RECOVERY_FACTOR = np.array([1.0, 1.5, 2.0])

# Rates a year, by vulnerability.
_ABUSE_ONSET = np.array([0.013, 0.058, 0.200])
_ILL_HEALTH_ONSET = np.array([0.030, 0.080, 0.180])
_SUBSTANCES_ONSET = np.array([0.005, 0.028, 0.100])
_STRAIN_ONSET = np.array([0.023, 0.105, 0.330])
_ABSENCE_ONSET = np.array([0.035, 0.080, 0.160])

# Factors by band.
_ABSENCE_BY_BAND = np.array([0.15, 0.9, 0.8, 2.2])
_ILL_HEALTH_BY_BAND = np.array([1.5, 1.4, 0.9, 0.9])
_REFERRAL_BY_BAND = np.array([1.45, 1.30, 0.85, 1.00])


def needs_of(state: NDArray[np.integer]) -> NDArray[np.integer]:
    """Return which of the 48 combinations of needs each state holds."""
    return state % NEEDS


def stage_of(state: NDArray[np.integer]) -> NDArray[np.integer]:
    """Return the stage of each state."""
    return state // NEEDS


def type_of(vulnerability: NDArray[np.integer], band: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return the index of a household's type."""
    return np.asarray(vulnerability, np.intp) * BANDS + band


def _each_step(yearly: Floats | float) -> Floats:
    """Return the chance within one fortnight of what comes at a rate a year."""
    return 1 - np.exp(-np.asarray(yearly, float) / STEPS_A_YEAR)


def _binary(onset: Floats, recovery: Floats, before: NDArray[np.int8], after: NDArray[np.int8]) -> Floats:
    """Return P(after | before) of a need that is there or not."""
    present = np.where(before == 1, 1 - _each_step(recovery), _each_step(onset))
    return np.where(after == 1, present, 1 - present)


def _strain(rise: Floats, fall: Floats) -> Floats:
    """Return P(after | before) of strain, shape (48 before, 48 after); it moves by at most one level a step."""
    before, after = STRAIN[:, None], STRAIN[None, :]
    up = np.where(before < 2, _each_step(rise), 0.0)
    down = np.where(before > 0, _each_step(fall), 0.0)
    stay = 1 - up - down
    return np.select([after == before + 1, after == before - 1, after == before], [up, down, stay], 0.0)


def _needs_step(vulnerability: int, band: int, help_level: int, by: Mechanisms) -> Floats:
    """Return P(needs after | needs before), 48 by 48."""
    of_abuse, of_ill_health, of_substances, of_strain, of_absence = by.tempo
    before, after = slice(None), slice(None)
    lift = _RECOVERY_FACTOR[help_level]
    a, m, s, n, e = (x[before, None] for x in (ABUSE, ILL_HEALTH, SUBSTANCES, STRAIN, ABSENCE))
    a2, m2, s2, n2, e2 = (x[None, after] for x in (ABUSE, ILL_HEALTH, SUBSTANCES, STRAIN, ABSENCE))
    others = a2 + m2 + s2

    def onset(rate: float, more: Floats) -> Floats:
        return rate * (1 + by.coupling * more)

    abuse = _binary(of_abuse * onset(_ABUSE_ONSET[vulnerability], 1.0 * s + 0.5 * m), of_abuse * 0.60 * lift, a, a2)
    falling_ill = onset(_ILL_HEALTH_ONSET[vulnerability] * _ILL_HEALTH_BY_BAND[band], 0.8 * a2)
    ill_health = _binary(of_ill_health * falling_ill, of_ill_health * (0.50 * lift + 0.0 * a2), m, m2)
    using = onset(_SUBSTANCES_ONSET[vulnerability], 0.6 * m2)
    substances = _binary(of_substances * using, of_substances * (0.30 * lift + 0.0 * m2), s, s2)
    rise = np.where(n == 0, onset(_STRAIN_ONSET[vulnerability], 0.8 * others), onset(0.30, 0.6 * others))
    fall = np.where(n == 1, 0.9, 2.2) * lift / (1 + 0.35 * others)
    losing_touch = onset(_ABSENCE_ONSET[vulnerability] * _ABSENCE_BY_BAND[band], 0.7 * n2)
    absence = _binary(of_absence * losing_touch, of_absence * (0.55 * lift + 0.0 * n2), e, e2)
    return np.asarray(abuse * ill_health * substances * _strain(of_strain * rise, of_strain * fall) * absence)


def _need_score() -> Floats:
    """Return the weight of each combination of needs in the eyes of the front door (a log hazard)."""
    return 1.25 * ABUSE + 0.75 * ILL_HEALTH + 0.90 * SUBSTANCES + np.array([0.0, 1.45, 2.75])[STRAIN] + 0.70 * ABSENCE


REFERRAL_AT_NO_NEED = np.array([0.0125, 0.0188, 0.0272])
_EARLY_HELP_AT_NO_NEED = 0.020
# Where the front door adds needs up: how many times as readily it answers for each point of their weight.
_FOR_EACH_POINT = 5.0


def referral_rate(vulnerability: int, band: int, by: Mechanisms = STANDARD) -> Floats:
    """Return the rate a year, by needs, at which a referral is accepted for a household not known lately."""
    answered = np.exp(_need_score()) if by.front_door == "proportional" else 1 + _FOR_EACH_POINT * _need_score()
    rate = REFERRAL_AT_NO_NEED[vulnerability] * _REFERRAL_BY_BAND[band] * answered
    return np.asarray(np.minimum(rate, 2.5))


# The log odds that an assessment finds need where there is none, by a high threshold and by a low one.
_HIGH_THRESHOLD, _LOW_THRESHOLD = -1.40, 0.70


def _in_need_share(log_odds: float) -> Floats:
    """Return, by needs, the chance that an assessment finds a child in need."""
    return np.asarray(1 / (1 + np.exp(-(log_odds + 0.80 * _need_score()))))


def _from_assessing(log_odds: float) -> Floats:
    """Return P(stage after | assessing, needs), 48 by 7. An assessment takes five weeks on average."""
    ends = 0.42
    in_need = _in_need_share(log_odds)
    protection = np.clip(0.030 + 0.04 * (STRAIN == 1) + 0.22 * (STRAIN == 2) + 0.03 * ABUSE + 0.02 * SUBSTANCES, 0, 0.6)
    care = np.clip(0.025 + 0.040 * (STRAIN == 2) + 0.01 * SUBSTANCES, 0, 0.2)
    step = np.zeros((NEEDS, len(STAGES)))
    step[:, ASSESSING] = 1 - ends
    step[:, EARLY_HELP] = ends * (1 - in_need) * 0.20
    step[:, RECENT] = ends * (1 - in_need) * 0.80
    step[:, PROTECTION] = ends * in_need * protection
    step[:, CARE] = ends * in_need * care
    step[:, IN_NEED] = ends * in_need * (1 - protection - care)
    return step


def _leaving(stage: int, rates: dict[int, Floats | float]) -> Floats:
    """Return P(stage after | stage, needs), 12 by 48 by 7, from rates a year of each way out, one a type or of all."""
    step = np.zeros((TYPES, NEEDS, len(STAGES)))
    for target, rate in rates.items():
        step[:, :, target] = _each_step(rate)
    step[:, :, stage] = 1 - step.sum(2)
    return step


@cache
def _referral_rates(by: Mechanisms) -> Floats:
    """Return the rates a year of a referral by type and needs, shape (12, 48)."""
    return np.array([referral_rate(v, band, by) for v, band in product(range(VULNERABILITIES), range(BANDS))])


@lru_cache(maxsize=1024)
def stage_step(at: Thresholds, by: Mechanisms = STANDARD) -> NDArray[np.float32]:
    """Return P(stage after | stage before, needs after) by a fortnight's thresholds, of all types: (12, 7, 48, 7)."""
    refer = _referral_rates(by)
    early_help = np.minimum(_EARLY_HELP_AT_NO_NEED * np.exp(0.8 * _need_score()), 0.5)
    again = by.seen_before * refer + by.watched
    heavy = STRAIN + 0.5 * (ABUSE + SUBSTANCES)
    ways_out: dict[int, dict[int, Floats | float]] = {
        CLOSED: {ASSESSING: at.referrals * refer, EARLY_HELP: early_help},
        EARLY_HELP: {ASSESSING: at.referrals * refer * 1.3, CLOSED: 1.3, RECENT: 0.6},
        RECENT: {ASSESSING: at.referrals * again, EARLY_HELP: early_help, CLOSED: 1.4},
        IN_NEED: {
            RECENT: at.closures * 2.0 / (1 + 0.5 * heavy),
            EARLY_HELP: at.closures * 0.3,
            PROTECTION: 0.030 + 0.050 * heavy,
            CARE: 0.026 + 0.024 * heavy,
        },
        PROTECTION: {IN_NEED: 1.00 / (1 + 0.2 * heavy), RECENT: 0.20, CARE: 0.05 + 0.06 * heavy},
        CARE: {RECENT: 0.075, IN_NEED: 0.035},
    }
    steps = {stage: _leaving(stage, rates) for stage, rates in ways_out.items()}
    log_odds = _HIGH_THRESHOLD + at.finds_need * (_LOW_THRESHOLD - _HIGH_THRESHOLD)
    steps[ASSESSING] = np.broadcast_to(_from_assessing(log_odds), (TYPES, NEEDS, len(STAGES)))
    return np.stack([steps[stage] for stage in range(len(STAGES))], axis=1).astype(np.float32)


@cache
def needs_step(by: Mechanisms = STANDARD) -> NDArray[np.float32]:
    """Return P(needs after | needs before) of all types by help, shape (12, 3, 48, 48)."""
    types = product(range(VULNERABILITIES), range(BANDS))
    moves = [[_needs_step(vulnerability, band, level, by) for level in range(3)] for vulnerability, band in types]
    return np.array(moves).astype(np.float32)


def whole_step(kind: int, at: Thresholds, by: Mechanisms = STANDARD) -> Floats:
    """Return P(state after | state before) of one type in a fortnight of such thresholds, 336 by 336.

    First the needs move, by the help of the stage before, then the stage, by the needs after.
    """
    moves = needs_step(by)[kind].astype(float)[HELP_OF_STAGE]
    step = np.einsum("gxy,gyh->gxhy", moves, stage_step(at, by)[kind].astype(float))
    return np.asarray(step.reshape(STATES, STATES))


@cache
def stationary(at: Thresholds = LONG_RUN, by: Mechanisms = STANDARD) -> Floats:
    """Return the share of each state after twenty years from rest, by type, shape (12, 336)."""
    moves, stages = needs_step(by).astype(float)[:, HELP_OF_STAGE], stage_step(at, by).astype(float)
    share = np.zeros((TYPES, len(STAGES), NEEDS))
    share[:, CLOSED, 0] = 1.0
    for _ in range(round(20 * STEPS_A_YEAR)):
        moved = np.matmul(share[:, :, None, :], moves)[:, :, 0, :]
        share = np.matmul(moved.transpose(0, 2, 1)[:, :, None, :], stages.transpose(0, 2, 1, 3))[:, :, 0, :]
        share = share.transpose(0, 2, 1)
    return share.reshape(TYPES, STATES)


def at_rest(
    kind: NDArray[np.integer], rng: np.random.Generator, *, known: bool, by: Mechanisms = STANDARD
) -> NDArray[np.int16]:
    """Return a state for each household, drawn from `shares_at_rest`."""
    return _draw(np.cumsum(shares_at_rest(known=known, by=by), axis=1)[kind], rng)


def shares_at_rest(*, known: bool, by: Mechanisms = STANDARD) -> Floats:
    """Return the share of each state in the long run by type, (12, 336); where not `known`, with no stage behind it."""
    shares = stationary(replace(LONG_RUN, referrals=thresholds(1)[0].referrals), by)
    if not known:
        needs = shares.reshape(TYPES, len(STAGES), NEEDS).sum(1)
        shares = np.zeros_like(shares)
        shares[:, :NEEDS] = needs
    return shares


def _draw(cumulative: Floats, rng: np.random.Generator) -> NDArray[np.int16]:
    """Return the column in which a uniform draw falls, a row each."""
    mark = rng.random(len(cumulative)) * cumulative[:, -1]
    return (cumulative <= mark[:, None]).sum(1).astype(np.int16)


def advance(
    state: NDArray[np.int16],
    kind: NDArray[np.intp],
    at: Thresholds,
    rng: np.random.Generator,
    by: Mechanisms = STANDARD,
) -> NDArray[np.int16]:
    """Return the states one fortnight on, by its thresholds: first the needs move, then the stage."""
    moves, stages = needs_step(by), stage_step(at, by)
    stage, now = stage_of(state), needs_of(state)
    level = HELP_OF_STAGE[stage]
    after = now.copy()
    movers = np.flatnonzero(rng.random(state.size, np.float32) > moves[kind, level, now, now])
    chances = moves[kind[movers], level[movers], now[movers]].copy()
    after[movers] = _elsewhere(chances, now[movers], rng)
    movers = np.flatnonzero(rng.random(state.size, np.float32) > stages[kind, stage, after, stage])
    chances = stages[kind[movers], stage[movers], after[movers]].copy()
    stage = stage.copy()
    stage[movers] = _elsewhere(chances, stage[movers], rng)
    return (stage * NEEDS + after).astype(np.int16)


def _elsewhere(chances: NDArray[np.float32], now: NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.int16]:
    """Return where those go who leave their place."""
    chances[np.arange(now.size), now] = 0
    return _draw(np.cumsum(chances, axis=1, dtype=float), rng)
