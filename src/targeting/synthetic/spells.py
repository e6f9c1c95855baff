"""What households lived through with social care and early help, read off the course of their needs.

A spell is an unbroken time in one stage; a case of social care is an unbroken run of spells from assessment on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs
from targeting.synthetic.calendar import NEVER, STEP_DAYS, Days, start_of
from targeting.synthetic.columns import rows_where
from targeting.synthetic.course import Course, steps_here
from targeting.synthetic.district import District
from targeting.synthetic.population import Families
from targeting.synthetic.ragged import one_of_each

UNBORN_DAYS = 140

# Assumptions: the chance that a brother or sister is named beside the child a case is about.
SIBLING_REFERRED = 0.30
SIBLING_IN_CARE = 0.55
# Days for which a spell had lasted, on average, that was under way when the records begin.
_BEGUN_BEFORE = 400


@dataclass(frozen=True)
class Spells:
    """One row a spell, by family and time. `before` and `after` are the stages around it, -1 where there is none.

    `end` NEVER: it lasts beyond the horizon; `left`: the family moved away during it. `needs_in` and `needs_out` are
    the combinations of needs at its beginning and its end.
    """

    family: NDArray[np.int64]
    stage: NDArray[np.int16]
    start: Days
    end: Days
    before: NDArray[np.int16]
    after: NDArray[np.int16]
    left: NDArray[np.bool_]
    needs_in: NDArray[np.int16]
    needs_out: NDArray[np.int16]


def spells(families: Families, course: Course, rng: np.random.Generator) -> Spells:
    """Return every spell of every family while it is here, in any stage."""
    stage = course.stage
    here = steps_here(families, course)
    changed = here & (stage[:, 1:] != stage[:, :-1])
    begins = np.concatenate([np.zeros((len(families), 1), bool), changed], axis=1)
    present = np.flatnonzero(here.any(1))
    begins[present, course.first_step[present]] = True
    family, step = np.nonzero(begins)
    entry = step == course.first_step[family]
    day = start_of(step - 1) + rng.integers(0, STEP_DAYS, step.size).astype(np.int32)
    # What the records begin with had begun before.
    begun = rng.exponential(_BEGUN_BEFORE, step.size).astype(np.int32)
    day = np.where(entry, start_of(step) - np.where(step == 0, 1 + begun, 0), day).astype(np.int32)
    is_last = np.append(family[1:] != family[:-1], True)
    end = np.where(is_last, families.leaves[family], np.append(day[1:], NEVER)).astype(np.int32)
    here_stage = stage[family, step]
    last_step = np.where(is_last, np.minimum(course.steps, step + 1), np.append(step[1:], 0))
    return Spells(
        family=family,
        stage=here_stage,
        start=day,
        end=end,
        before=np.where(entry, np.int16(-1), np.append(np.int16(-1), here_stage[:-1])),
        after=np.where(is_last, np.int16(-1), np.append(here_stage[1:], np.int16(-1))),
        left=is_last & (families.leaves[family] != NEVER),
        needs_in=course.needs_during(step, family),
        needs_out=course.needs_during(last_step, family),
    )


@dataclass(frozen=True)
class Cases:
    """One row a case of social care: `start` is its referral, `after` the stage that follows its end.

    `assessed_only`: it never went beyond assessment.
    """

    family: NDArray[np.int64]
    start: Days
    end: Days
    after: NDArray[np.int16]
    left: NDArray[np.bool_]
    needs: NDArray[np.int16]
    assessed_only: NDArray[np.bool_]


def cases(all_spells: Spells) -> tuple[Cases, NDArray[np.int64], Spells]:
    """Return the cases, and the spells of social care with the case that each belongs to."""
    held = rows_where(all_spells, all_spells.stage >= needs.ASSESSING)
    opens = held.before < needs.ASSESSING
    case = np.cumsum(opens) - 1
    first = np.flatnonzero(opens)
    last = np.append(first[1:] - 1, held.family.size - 1) if first.size else first
    made = Cases(
        family=held.family[first],
        start=held.start[first],
        end=held.end[last],
        after=held.after[last],
        left=held.left[last],
        needs=held.needs_in[first],
        assessed_only=np.maximum.reduceat(held.stage, first) == needs.ASSESSING if first.size else first == 0,
    )
    return made, case, held


@dataclass(frozen=True)
class Named:
    """Children named in something that concerns a family: which row of it, which person, whether it is about him."""

    row: NDArray[np.int64]
    person: NDArray[np.int64]
    is_index: NDArray[np.bool_]


def name_children(district: District, family: NDArray[np.int64], day: Days, rng: np.random.Generator) -> Named:
    """Return the children named in each of some events of families: one whom it is about, others by chance.

    Infants are more often the one. A family without a child under 18 or expected soon has none.
    """
    position, person = district.children.of(family, day, UNBORN_DAYS)
    age = district.age_on(person, day[position])
    mark = _mark(person)
    chosen = one_of_each(position, np.where(age < 1, 1.8, 1.0), -np.log(mark))
    is_index = np.zeros(position.size, bool)
    is_index[chosen] = True
    often = mark < SIBLING_REFERRED
    kept = is_index | (rng.random(position.size) < np.where(often, 0.85, 0.15))
    return rows_where(Named(position, person, is_index), kept)


def _mark(person: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a number of each person's own between 0 and 1: the same children are named time and again."""
    return ((person + 1) * 2_654_435_761 % 2**32 + 0.5) / 2**32
