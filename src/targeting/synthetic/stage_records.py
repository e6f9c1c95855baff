"""What social care's and early help's records tell of a household's stage, and from which day on.

Read off the youngest child's rows. A case's way from assessment on is counted as known once its end is on record:
families with an open case are on no list.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs
from targeting.synthetic.calendar import NEVER, Days, step_of
from targeting.synthetic.course import Course
from targeting.synthetic.district import District
from targeting.synthetic.episodes import MOVED, STEPPED_UP
from targeting.synthetic.evidence import BEGINS_IN, BEGINS_WITHOUT, ENDED, IN_STAGE, Ints, StageRecords
from targeting.synthetic.opened_cases import Worked
from targeting.synthetic.pathway import Pathway
from targeting.synthetic.population import coming_of_age
from targeting.synthetic.sightings import first_whole_step, youngest
from targeting.synthetic.social_care import EARLY_HELP_START
from targeting.synthetic.spells import Spells

# How long early help that began before its feed may still go on unseen, in fortnights.
_OLD_HELP_LASTS = 78
_FAR = 10**6

_Rows = tuple[Ints, Ints, Days, Ints]


def stage_records(
    district: District, course: Course, worked: Worked, held: tuple[Spells, Ints], pathway: Pathway
) -> StageRecords:
    """Return the records of stages; `held` is the spells of social care and the case of each."""
    since = first_whole_step(EARLY_HELP_START)
    case_rows, unended_case = _of_cases(district, worked, held, pathway)
    help_rows, unended_help = _of_help(district, pathway)
    parts = [_beginning(course, worked, since), *case_rows, *help_rows]
    family, step, recorded, says = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return StageRecords(
        since=since,
        help_ends_since=since + _OLD_HELP_LASTS,
        family=family,
        step=step,
        recorded=recorded,
        says=says,
        unended_case=unended_case,
        unended_help=unended_help,
    )


def _beginning(course: Course, worked: Worked, since: int) -> _Rows:
    """Return which stage of an open case each household is in where records begin, or that it has none."""
    stage = course.stage[:, since].astype(np.int64)
    named = np.isin(np.arange(stage.size), worked.cases.family[np.unique(worked.named.row)])
    family = np.flatnonzero((stage >= 0) & ((stage < needs.ASSESSING) | named))
    stage = stage[family]
    says = np.where(stage < needs.ASSESSING, BEGINS_WITHOUT, BEGINS_IN + stage)
    return family, np.full(family.size, since), np.zeros(family.size, np.int32), says


def _of_cases(
    district: District, worked: Worked, held: tuple[Spells, Ints], pathway: Pathway
) -> tuple[list[_Rows], Ints]:
    cases, named, referrals = worked.cases, worked.named, pathway.referrals
    row = np.full(cases.start.size, -1)
    of_case = youngest(district.people, named.person, named.row)
    row[named.row[of_case]] = of_case
    shown = np.flatnonzero(row >= 0)
    row, family = row[shown], cases.family[shown]
    birthday = coming_of_age(district.people, named.person[row])
    end = cases.end[shown]
    aged = birthday < end
    ended = np.where(aged | (cases.after[shown] < 0), NEVER, referrals.closed_recorded[row]).astype(np.int32)
    opened = (
        family,
        step_of(cases.start[shown]) + 1,
        referrals.recorded[row],
        np.full(row.size, IN_STAGE + needs.ASSESSING),
    )
    closed = (family, step_of(end) + 1, ended, np.full(row.size, ENDED))
    on_the_way = _on_the_way(held, shown, birthday, referrals.closed_recorded[row])
    unended = np.full(len(district.families), _FAR)
    np.minimum.at(unended, family[aged], step_of(birthday[aged]))
    return [opened, closed, on_the_way], unended


def _on_the_way(held: tuple[Spells, Ints], shown: Ints, birthday: Days, closed_recorded: Days) -> _Rows:
    """Return the changes of stage within cases, known once the end of the case is; none after the child came of age."""
    spells, case = held
    place = np.full(int(case.max(initial=-1)) + 1, -1)
    place[shown] = np.arange(shown.size)
    of_case = place[case]
    later = (spells.before >= needs.ASSESSING) & (of_case >= 0)
    later[later] &= spells.start[later] < birthday[of_case[later]]
    rows = np.flatnonzero(later)
    says = IN_STAGE + spells.stage[rows].astype(np.int64)
    return spells.family[rows], step_of(spells.start[rows]) + 1, closed_recorded[of_case[rows]], says


def help_rows(district: District, pathway: Pathway) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return the youngest child's row of each household's early help, the family, and whether it came of age first."""
    helped, people = pathway.early_help, district.people
    row = youngest(people, helped.person, people.family[helped.person] * 2**20 + helped.start)
    row = row[helped.start[row] >= EARLY_HELP_START]
    return row, people.family[helped.person[row]], helped.end[row] >= coming_of_age(people, helped.person[row])


def _of_help(district: District, pathway: Pathway) -> tuple[Iterator[_Rows], Ints]:
    helped = pathway.early_help
    row, family, aged = help_rows(district, pathway)
    aged &= helped.end[row] != NEVER
    stage = np.full(row.size, IN_STAGE + needs.EARLY_HELP)
    began = (family, step_of(helped.start[row]) + 1, helped.recorded[row], stage)
    told = ~aged & (helped.end[row] != NEVER) & ~np.isin(helped.kind[row], (STEPPED_UP, MOVED))
    rows = row[told]
    ended = (family[told], step_of(helped.end[rows]) + 1, helped.end_recorded[rows], np.full(rows.size, ENDED))
    unended = np.full(len(district.families), _FAR)
    np.minimum.at(unended, family[aged], step_of(helped.end[row[aged]]))
    return iter([began, ended]), unended
