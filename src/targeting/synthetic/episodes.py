"""Rows of what social care did, child by child: referrals, assessments, episodes with a beginning and an end."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic.calendar import NEVER, Days
from targeting.synthetic.noticing import delay


@dataclass(frozen=True)
class Referrals:
    """One row a child referred. `nfa_on` and `closed_on` NEVER where it did not come to that."""

    person: NDArray[np.int64]
    start: Days
    recorded: Days
    source: NDArray[np.int64]
    primary_need: NDArray[np.int64]
    nfa_on: Days
    nfa_recorded: Days
    closed_on: Days
    closed_recorded: Days
    reason: NDArray[np.int64]
    number: NDArray[np.int64]


@dataclass(frozen=True)
class Assessments:
    """One row an assessment authorised, with the household's needs at the time."""

    person: NDArray[np.int64]
    day: Days
    recorded: Days
    in_need: NDArray[np.bool_]
    primary_need: NDArray[np.int64]
    needs: NDArray[np.int16]
    number: NDArray[np.int64]


@dataclass(frozen=True)
class Episodes:
    """One row an episode with a beginning and perhaps an end; `kind` is a category, outcome, source or status."""

    person: NDArray[np.int64]
    start: Days
    recorded: Days
    end: Days
    end_recorded: Days
    kind: NDArray[np.int64]
    number: NDArray[np.int64]


PRIMARY_NEEDS = (
    "Abuse or neglect",
    "Child's disability",
    "Parental illness/disability",
    "Family in acute stress",
    "Family dysfunction",
    "Socially unacceptable behaviour",
    "Absent parenting",
    "Not stated",
)
DISABILITY_NEED = 1
CLOSURE_REASONS = (
    "Services ceased",
    "Closed after assessment - NFA",
    "Closed after assessment - early help",
    "Transferred to another LA",
)
CEASED, NFA_AFTER_ASSESSMENT, TO_EARLY_HELP, TRANSFERRED = range(4)
ENQUIRY_OUTCOMES = ("ICPC", "Substantiated - no continuing risk", "Not substantiated")
CONFERENCE, SUBSTANTIATED, UNSUBSTANTIATED = range(3)
CATEGORIES = ("Neglect", "Physical abuse", "Sexual abuse", "Emotional abuse", "Multiple")
LEGAL_STATUSES = ("Interim care order", "Section 20", "Short breaks")
ORDER, SECTION_20, SHORT_BREAKS = range(3)
EARLY_HELP_OUTCOMES = ("Needs met", "Closed - needs not met", "Step up to CSC", "Moved away", "Consent withdrawn")
MET, UNMET, STEPPED_UP, MOVED, WITHDRAWN = range(5)


def recorded_after(day: Days, typical: float, rng: np.random.Generator, tail: float = 0.03) -> Days:
    """Return the days on which events were recorded; NEVER where the event never comes."""
    late = np.minimum(day, NEVER - 500) + delay(day.size, typical, rng, tail=tail)
    return np.where(day == NEVER, NEVER, late).astype(np.int32)


def episodes(  # noqa: PLR0913 - the columns of an episode, and how it is recorded.
    person: NDArray[np.int64],
    start: Days,
    end: Days,
    rng: np.random.Generator,
    kind: NDArray[np.int64] | None = None,
    *,
    lateness: float = 1.0,
) -> Episodes:
    """Return episodes with the days on which beginning and end were recorded; an end comes a day after at least.

    `lateness` is how many times as late as usual both are recorded.
    """
    end = np.where(end == NEVER, NEVER, np.maximum(end, start + 1)).astype(np.int32)
    return Episodes(
        person=person,
        start=start.astype(np.int32),
        recorded=recorded_after(start, 3.0 * lateness, rng),
        end=end,
        end_recorded=recorded_after(end, 6.0 * lateness, rng, 0.06),
        kind=np.zeros(person.size, np.int64) if kind is None else kind.astype(np.int64),
        number=np.arange(person.size),
    )
