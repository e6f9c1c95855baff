"""Factors that social workers tick at the end of an assessment, by the needs there and the codes of the year."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs
from targeting.synthetic.calendar import Days, day_of
from targeting.synthetic.episodes import DISABILITY_NEED, Assessments

# The census year begins in April: codes 18A and 19A ended with March 2020, 24A began in April 2021.
_2021 = day_of(date(2020, 4, 1))
_2022 = day_of(date(2021, 4, 1))


@dataclass(frozen=True)
class Factors:
    """One row a factor: the row of the assessments, and the code."""

    assessment: NDArray[np.int64]
    code: NDArray[np.str_]


def _chances(state: NDArray[np.int16], adolescent: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """Return, by code, the chance that it is ticked. Assumptions, set by the published shares of factors."""
    abuse, ill, substances = needs.ABUSE[state], needs.ILL_HEALTH[state], needs.SUBSTANCES[state]
    strain, absence = needs.STRAIN[state], needs.ABSENCE[state]
    older = adolescent * 1.0
    return {
        "1B": 0.06 + 0.42 * substances,
        "2B": 0.04 + 0.42 * substances,
        "2A": 0.01 + 0.08 * older,
        "3A": 0.06 + 0.22 * abuse,
        "3B": 0.22 + 0.58 * abuse,
        "4A": 0.05 + 0.08 * older,
        "4B": 0.13 + 0.50 * ill,
        "7A": 0.02 + 0.03 * ill,
        "10A": 0.01 + 0.10 * older * absence,
        "11A": 0.01 + 0.05 * older,
        "13A": 0.01 + 0.05 * older * absence,
        "14A": 0.02 + 0.14 * older * (0.5 + absence),
        "15A": 0.01 + 0.07 * older,
        "16A": 0.06 + 0.20 * (strain > 0) + 0.12 * (strain > 1),
        "17A": 0.12 + 0.10 * abuse + 0.06 * strain,
    }


def ticked(assessments: Assessments, adolescent: NDArray[np.bool_], rng: np.random.Generator) -> Factors:
    """Return the factors of assessments that found a child in need; `21` where none was identified."""
    rows = np.flatnonzero(assessments.in_need & (assessments.primary_need != DISABILITY_NEED))
    state, day, older = assessments.needs[rows], assessments.day[rows], adolescent[rows]
    found: list[tuple[NDArray[np.int64], NDArray[np.str_]]] = []
    some = np.zeros(rows.size, bool)
    for code, chance in {**_chances(state, older), **_by_year(state, day, older)}.items():
        yes = rng.random(rows.size) < chance
        some |= yes
        found.append((rows[yes], np.full(int(yes.sum()), code)))
    found.append((rows[~some], np.full(int((~some).sum()), "21")))
    assessment = np.concatenate([row for row, _ in found])
    codes = np.concatenate([ticks for _, ticks in found])
    order = np.lexsort((codes, assessment))
    return Factors(assessment[order], codes[order])


def _by_year(state: NDArray[np.int16], day: Days, older: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """Return the chances of codes that came or went."""
    before_2021, from_2022 = day < _2021, day >= _2022
    physical = 0.10 + 0.05 * (needs.STRAIN[state] > 1)
    sexual = np.full(state.size, 0.04)
    return {
        "18A": physical * before_2021,
        "18C": physical * 0.85 * ~before_2021,
        "18B": physical * 0.2 * ~before_2021,
        "19A": sexual * before_2021,
        "19C": sexual * 0.7 * ~before_2021,
        "19B": sexual * 0.4 * ~before_2021,
        "24A": (0.01 + 0.07 * older) * from_2022,
    }
