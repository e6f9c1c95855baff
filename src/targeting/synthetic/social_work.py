"""What social care did in each child's spells: assessments, enquiries, plans, letters before proceedings, care."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs
from targeting.synthetic.calendar import HISTORY_START, NEVER, Days
from targeting.synthetic.columns import rows_where, stacked
from targeting.synthetic.district import District
from targeting.synthetic.episodes import (
    CONFERENCE,
    ORDER,
    SECTION_20,
    SUBSTANTIATED,
    UNSUBSTANTIATED,
    Assessments,
    Episodes,
    episodes,
    recorded_after,
)
from targeting.synthetic.opened_cases import Worked
from targeting.synthetic.population import coming_of_age
from targeting.synthetic.ragged import expand
from targeting.synthetic.referrals import since_named
from targeting.synthetic.signing import signed
from targeting.synthetic.spells import Spells

# Assumptions, set so that the district meets the published rates beside which they are printed.
_ENQUIRY_AT_ASSESSMENT = 0.195
_ENQUIRIES_IN_NEED_A_YEAR = 0.31
_CONFERENCE_WITHOUT_PLAN = 0.035


@dataclass(frozen=True)
class ChildSpells:
    """Spells of social care, a row each child named in the case: the row of `spells` and of `named`."""

    spell: NDArray[np.int64]
    named: NDArray[np.int64]
    person: NDArray[np.int64]
    start: Days
    end: Days


def child_spells(district: District, worked: Worked, held: Spells, case: NDArray[np.int64]) -> ChildSpells:
    """Return every spell for every child named in its case, until the child comes of age."""
    spell, named = expand(case, worked.starts)
    person = worked.named.person[named]
    birthday = coming_of_age(district.people, person)
    start = since_named(district, person, held.start[spell])
    end = np.minimum(held.end[spell], birthday)
    kept = start < np.minimum(end, birthday)
    return rows_where(ChildSpells(spell, named, person, start.astype(np.int32), end.astype(np.int32)), kept)


def assessments(worked: Worked, held: Spells, child: ChildSpells, rng: np.random.Generator) -> Assessments:
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


def enquiries(worked: Worked, held: Spells, child: ChildSpells, rng: np.random.Generator) -> Episodes:
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


def _other_enquiries(held: Spells, child: ChildSpells, rng: np.random.Generator) -> Episodes:
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


def plans(worked: Worked, held: Spells, child: ChildSpells, rng: np.random.Generator) -> tuple[Episodes, Episodes]:
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


def care(worked: Worked, held: Spells, child: ChildSpells, rng: np.random.Generator) -> tuple[Episodes, Episodes]:
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
