"""The way of each child through social care and early help, from the household's cases and spells."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs, referral_sources
from targeting.synthetic.calendar import HISTORY_START, NEVER, Days, day_of
from targeting.synthetic.columns import rows_where, stacked
from targeting.synthetic.disability import for_disability
from targeting.synthetic.district import District
from targeting.synthetic.early_help import early_help
from targeting.synthetic.episodes import (
    CEASED,
    CONFERENCE,
    NFA_AFTER_ASSESSMENT,
    ORDER,
    PRIMARY_NEEDS,
    SECTION_20,
    SUBSTANTIATED,
    TO_EARLY_HELP,
    TRANSFERRED,
    UNSUBSTANTIATED,
    Assessments,
    Episodes,
    Referrals,
    episodes,
    recorded_after,
)
from targeting.synthetic.noticing import Households
from targeting.synthetic.population import coming_of_age
from targeting.synthetic.ragged import expand, offsets
from targeting.synthetic.signing import signed
from targeting.synthetic.spells import SIBLING_IN_CARE, Cases, Named, Spells, name_children
from targeting.synthetic.thresholds import not_assessed_level

# Assumptions, set so that the district meets the published rates beside which they are printed.
_NEED_SHARES = np.array([0.66, 0.0, 0.04, 0.11, 0.12, 0.04, 0.02, 0.01])
_NFA_OF_REFERRALS = 0.142
UNASSESSED_BY_VULNERABILITY = np.array([1.0, 1.3, 1.6])
_ENQUIRY_AT_ASSESSMENT = 0.195
_ENQUIRIES_IN_NEED_A_YEAR = 0.31
_CONFERENCE_WITHOUT_PLAN = 0.035

# Early help became a reason for closure in the census of 2023.
_EARLY_HELP_REASON_SINCE = day_of(date(2022, 4, 1))


@dataclass(frozen=True)
class Worked:
    """Cases with the children named in them, and who of those is in need, on a plan, or taken into care if any is."""

    cases: Cases
    source: NDArray[np.int64]
    primary_need: NDArray[np.int64]
    named: Named
    starts: NDArray[np.int64]
    shares_need: NDArray[np.bool_]
    shares_plan: NDArray[np.bool_]
    shares_care: NDArray[np.bool_]


@dataclass(frozen=True)
class Pathway:
    """All that social care and early help did, child by child."""

    referrals: Referrals
    assessments: Assessments
    enquiries: Episodes
    in_need_plans: Episodes
    protection_plans: Episodes
    pre_proceedings: Episodes
    care: Episodes
    early_help: Episodes
    early_help_source: NDArray[np.int64]


def open_cases(district: District, cases: Cases, source: NDArray[np.int64], rng: np.random.Generator) -> Worked:
    """Return cases with their children; whoever is named and is not the index shares the family's outcome by chance."""
    named = name_children(district, cases.family, np.maximum(cases.start, HISTORY_START), rng)
    draw = rng.random((3, named.row.size))
    return Worked(
        cases=cases,
        source=source,
        primary_need=rng.choice(len(PRIMARY_NEEDS), cases.start.size, p=_NEED_SHARES),
        named=named,
        starts=offsets(np.bincount(named.row, minlength=cases.start.size)),
        shares_need=named.is_index | (draw[0] < 0.93),
        shares_plan=named.is_index | (draw[1] < 0.88),
        shares_care=named.is_index | (draw[2] < SIBLING_IN_CARE),
    )


def _since_named(district: District, person: NDArray[np.int64], start: Days) -> Days:
    """Return starts of what concerned children; what began before the records did, begins no earlier than the child."""
    born = np.minimum(district.people.born[person], HISTORY_START)
    return np.maximum(start, born).astype(np.int32)


def _accepted(district: District, worked: Worked, rng: np.random.Generator) -> Referrals:
    """Return the referrals that led to an assessment, a row a child; a case ends for a child at eighteen."""
    row, cases = worked.named.row, worked.cases
    start = _since_named(district, worked.named.person, cases.start[row])
    closed = np.minimum(cases.end[row], coming_of_age(district.people, worked.named.person))
    closed = np.where(closed == NEVER, NEVER, np.maximum(closed, start + 1)).astype(np.int32)
    to_early_help = (cases.after[row] == needs.EARLY_HELP) & (closed >= _EARLY_HELP_REASON_SINCE)
    reason = np.select(
        [cases.left[row], cases.assessed_only[row] & to_early_help, cases.assessed_only[row]],
        [TRANSFERRED, TO_EARLY_HELP, NFA_AFTER_ASSESSMENT],
        CEASED,
    )
    never = np.full(row.size, NEVER)
    return Referrals(
        person=worked.named.person,
        start=start,
        recorded=recorded_after(start, 0.8, rng),
        source=worked.source[row],
        primary_need=worked.primary_need[row],
        nfa_on=never,
        nfa_recorded=never,
        closed_on=closed,
        closed_recorded=recorded_after(closed, 6.0, rng, 0.08),
        reason=reason,
        number=np.arange(row.size),
    )


def unassessed_rate() -> NDArray[np.float64]:
    """Return the rate a year, by needs, of referrals closed without an assessment where most of them are."""
    average = np.mean([needs.referral_rate(v, 2) for v in range(needs.VULNERABILITIES)], axis=0)
    return np.asarray(_NFA_OF_REFERRALS * 0.75 * average**0.8)


def _no_further_action(households: Households, rng: np.random.Generator) -> Referrals:
    """Return the referrals closed without an assessment: of households with less need than those assessed."""
    district = households.district
    factor = UNASSESSED_BY_VULNERABILITY[households.families.vulnerability]
    asked = households.happen(rng, unassessed_rate(), factor, only_closed=True)
    refused = rows_where(asked, rng.random(asked.day.size) < not_assessed_level(asked.day))
    named = name_children(district, refused.family, refused.day, rng)
    day = refused.day[named.row]
    decided = (refused.day + rng.integers(1, 8, refused.day.size).astype(np.int32))[named.row]
    source = referral_sources.drawn(refused.needs, refused.day, rng)[named.row]
    never = np.full(day.size, NEVER)
    return Referrals(
        person=named.person,
        start=day,
        recorded=recorded_after(day, 0.8, rng),
        source=source,
        primary_need=rng.choice(len(PRIMARY_NEEDS), refused.day.size, p=_NEED_SHARES)[named.row],
        nfa_on=decided,
        nfa_recorded=recorded_after(decided, 1.5, rng),
        closed_on=never,
        closed_recorded=never,
        reason=np.zeros(day.size, np.int64),
        number=np.arange(day.size),
    )


@dataclass(frozen=True)
class _ChildSpells:
    """Spells of social care, a row each child named in the case: the row of `spells` and of `named`."""

    spell: NDArray[np.int64]
    named: NDArray[np.int64]
    person: NDArray[np.int64]
    start: Days
    end: Days


def _child_spells(district: District, worked: Worked, held: Spells, case: NDArray[np.int64]) -> _ChildSpells:
    """Return every spell for every child named in its case, until the child comes of age."""
    spell, named = expand(case, worked.starts)
    person = worked.named.person[named]
    birthday = coming_of_age(district.people, person)
    start = _since_named(district, person, held.start[spell])
    end = np.minimum(held.end[spell], birthday)
    kept = start < np.minimum(end, birthday)
    return rows_where(_ChildSpells(spell, named, person, start.astype(np.int32), end.astype(np.int32)), kept)


def _assessments(worked: Worked, held: Spells, child: _ChildSpells, rng: np.random.Generator) -> Assessments:
    """Return the assessments that ended a spell of assessing."""
    done = (held.stage[child.spell] == needs.ASSESSING) & (held.after[child.spell] >= 0)
    spell, named = child.spell[done], child.named[done]
    day = child.end[done]
    return Assessments(
        person=child.person[done],
        day=day,
        recorded=signed(recorded_after(day, 1.5, rng), rng),
        in_need=(held.after[spell] >= needs.IN_NEED) & worked.shares_need[named],
        primary_need=worked.primary_need[worked.named.row[named]],
        needs=held.needs_out[spell],
        number=np.arange(day.size),
    )


def _before(day: Days, earliest: Days, low: int, high: int, rng: np.random.Generator) -> Days:
    """Return a day `low` to `high` days before another, not earlier than a bound."""
    return np.maximum(day - rng.integers(low, high, day.size), earliest).astype(np.int32)


def _enquiries(worked: Worked, held: Spells, child: _ChildSpells, rng: np.random.Generator) -> Episodes:
    """Return section 47 enquiries: those before a plan or care, and those that led to neither."""
    stage, before = held.stage[child.spell], held.before[child.spell]
    opened = worked.cases.start[worked.named.row[child.named]]
    fresh = (before >= needs.ASSESSING) & (before < needs.PROTECTION)
    planned = fresh & (stage == needs.PROTECTION) & worked.shares_plan[child.named]
    removed = fresh & (stage == needs.CARE) & worked.shares_care[child.named] & (rng.random(stage.size) < 0.7)
    led = planned | removed
    held_on = child.start[led]
    asked = _before(held_on, opened[led], 8, 24, rng)
    outcome = np.where(planned[led], CONFERENCE, SUBSTANTIATED)
    decided = np.minimum(asked + rng.integers(2, 8, asked.size), held_on)
    return stacked([episodes(child.person[led], asked, decided, rng, outcome), _other_enquiries(held, child, rng)])


def _other_enquiries(held: Spells, child: _ChildSpells, rng: np.random.Generator) -> Episodes:
    """Return enquiries without a plan after them, one decision for all children of the spell."""
    spells = held.stage.size
    end = np.minimum(held.end, held.start + 400).astype(np.int64)
    length = np.maximum(end - np.maximum(held.start, HISTORY_START), 1)
    score = needs.ABUSE[held.needs_in] + needs.STRAIN[held.needs_in]
    chance = np.select(
        [held.stage == needs.ASSESSING, held.stage == needs.IN_NEED],
        [_ENQUIRY_AT_ASSESSMENT * (0.6 + 0.35 * score), 1 - np.exp(-_ENQUIRIES_IN_NEED_A_YEAR * length / 365)],
        0.0,
    )
    asked = rng.random(spells) < chance
    conference = rng.random(spells) < _CONFERENCE_WITHOUT_PLAN
    outcome = np.where(rng.random(spells) < 0.45, SUBSTANTIATED, UNSUBSTANTIATED)
    outcome = np.where(conference & (held.after >= needs.IN_NEED), CONFERENCE, outcome)
    start = np.maximum(held.start, HISTORY_START) + (rng.random(spells) * np.minimum(length, 300) * 0.6).astype(
        np.int32
    )
    decided = start + rng.integers(3, 14, spells)
    rows = asked[child.spell] & (start[child.spell] < child.end)
    spell = child.spell[rows]
    return episodes(child.person[rows], start[spell].astype(np.int32), decided[spell], rng, outcome[spell])


def _plans(worked: Worked, held: Spells, child: _ChildSpells, rng: np.random.Generator) -> tuple[Episodes, Episodes]:
    """Return child in need plans, nine tenths of the spells in need, and child protection plans with a category."""
    stage = held.stage[child.spell]
    written = (rng.random(held.stage.size) < 0.9)[child.spell]
    in_need = (stage == needs.IN_NEED) & worked.shares_need[child.named] & written
    start = child.start[in_need] + rng.integers(0, 15, int(in_need.sum()))
    lasts = start < child.end[in_need]
    plans = episodes(child.person[in_need][lasts], start[lasts].astype(np.int32), child.end[in_need][lasts], rng)
    plans = replace(plans, recorded=signed(plans.recorded, rng))
    protected = (stage == needs.PROTECTION) & worked.shares_plan[child.named]
    state = held.needs_in
    weights = np.stack(
        [
            0.25 + 0.35 * needs.STRAIN[state],
            np.full(state.size, 0.10),
            np.full(state.size, 0.05),
            0.25 + 0.50 * needs.ABUSE[state] + 0.2 * needs.ILL_HEALTH[state],
            np.full(state.size, 0.05),
        ],
        axis=1,
    )
    cumulative = np.cumsum(weights, axis=1)
    category = (cumulative <= (rng.random(state.size) * cumulative[:, -1])[:, None]).sum(1)
    rows = child.spell[protected]
    return plans, episodes(child.person[protected], child.start[protected], child.end[protected], rng, category[rows])


def _care(worked: Worked, held: Spells, child: _ChildSpells, rng: np.random.Generator) -> tuple[Episodes, Episodes]:
    """Return periods of care, and the letters before proceedings that came before some of them or instead of them."""
    stage = held.stage[child.spell]
    taken = (stage == needs.CARE) & worked.shares_care[child.named]
    by_order = (rng.random(held.stage.size) < 0.68)[child.spell]
    status = np.where(by_order, ORDER, SECTION_20)
    care = episodes(child.person[taken], child.start[taken], child.end[taken], rng, status[taken])
    opened = worked.cases.start[worked.named.row[child.named]]
    warned = (rng.random(held.stage.size) < np.where(held.stage == needs.PROTECTION, 0.12, 0.5))[child.spell]
    before_care = taken & by_order & warned & (opened < child.start - 30)
    on_plan = (stage == needs.PROTECTION) & worked.shares_plan[child.named] & warned
    late = child.start + (rng.integers(40, 150, held.stage.size)[child.spell]).astype(np.int32)
    on_plan &= late < child.end
    sent = np.concatenate([_before(child.start[before_care], opened[before_care], 25, 120, rng), late[on_plan]])
    person = np.concatenate([child.person[before_care], child.person[on_plan]])
    return care, episodes(person, sent.astype(np.int32), np.full(sent.size, NEVER), rng)


def pathway(
    households: Households,
    all_spells: Spells,
    worked: Worked,
    held: tuple[Spells, NDArray[np.int64]],
    rng: np.random.Generator,
) -> Pathway:
    """Return all that social care and early help did; `held` is the spells of social care and the case of each."""
    district = households.district
    spells, case = held
    child = _child_spells(district, worked, spells, case)
    disability = for_disability(households, rng)
    in_need_plans, protection_plans = _plans(worked, spells, child, rng)
    care, pre_proceedings = _care(worked, spells, child, rng)
    helped, source = early_help(district, all_spells, rng)
    refused = _no_further_action(households, rng)
    return Pathway(
        referrals=stacked([_accepted(district, worked, rng), refused, disability.referrals]),
        assessments=stacked([_assessments(worked, spells, child, rng), disability.assessments]),
        enquiries=_enquiries(worked, spells, child, rng),
        in_need_plans=stacked([in_need_plans, disability.plans]),
        protection_plans=protection_plans,
        pre_proceedings=pre_proceedings,
        care=stacked([care, disability.short_breaks]),
        early_help=helped,
        early_help_source=source,
    )
