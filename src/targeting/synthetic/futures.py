"""The exact chance that a household's case escalates, from its true state: what a perfect observer could know."""

import numpy as np
from numpy.typing import NDArray

from targeting.synthetic import needs
from targeting.synthetic.calendar import HORIZON_STEPS, LEAD_STEPS
from targeting.synthetic.course import Course
from targeting.synthetic.mechanisms import STANDARD, Mechanisms
from targeting.synthetic.needs import BANDS, NEEDS, STAGES, VULNERABILITIES
from targeting.synthetic.thresholds import thresholds


class Futures:
    """Chances of a first escalation in [28, 182) days, by true state, exactly.

    A first escalation is the first step from a household without a social worker's found need into in need, a
    protection plan or care. The chance holds for a household that stays, with the births that it will have: the
    chain's step is taken backwards thirteen times, each with the band and thresholds of its fortnight; whoever
    escalates in the first two fortnights counts as already in train, not as an escalation.
    """

    def __init__(self, course: Course, vulnerability: NDArray[np.int8], by: Mechanisms = STANDARD) -> None:
        self._course = course
        self._vulnerability = vulnerability
        self._by = by
        self._thresholds = thresholds(course.steps + HORIZON_STEPS)
        shape = (VULNERABILITIES, BANDS, len(STAGES), NEEDS, NEEDS)
        self._moves = np.ascontiguousarray(needs.needs_step(by)[:, needs.HELP_OF_STAGE].reshape(shape))

    def chances(self, family: NDArray[np.int64], step: int) -> NDArray[np.float64]:
        """Return the chance of each family at the start of a fortnight; 0 where it is in need, on a plan or in care."""
        window = np.minimum(np.arange(step, step + HORIZON_STEPS), self._course.steps)
        bands = self._course.band[family][:, window]
        # A sequence of thirteen bands, two bits each, is one number.
        code = (bands.astype(np.int64) << (2 * np.arange(HORIZON_STEPS))).sum(1)
        _, example, which = np.unique(code, return_index=True, return_inverse=True)
        by_state = self._backwards(bands[example], step)
        state = self._course.state[family, step]
        rows = (self._vulnerability[family], needs.stage_of(state), which, needs.needs_of(state))
        return np.asarray(by_state[rows], float)

    def _backwards(self, bands: NDArray[np.int8], step: int) -> NDArray[np.float32]:
        """Return chances by vulnerability, stage, sequence of bands and needs."""
        value = np.zeros((VULNERABILITIES, len(STAGES), len(bands), NEEDS), np.float32)
        for ahead in range(HORIZON_STEPS - 1, -1, -1):
            value[:, needs.IN_NEED :] = 1.0 if ahead >= LEAD_STEPS else 0.0
            stages = needs.stage_step(self._thresholds[step + ahead], self._by)
            stages = stages.reshape(VULNERABILITIES, BANDS, len(STAGES), NEEDS, len(STAGES))
            before = np.empty_like(value)
            for band in np.unique(bands[:, ahead]):
                rows = np.flatnonzero(bands[:, ahead] == band)
                after_needs = np.einsum("vgyh,vhsy->vgsy", stages[:, band], value[:, :, rows])
                before[:, :, rows] = after_needs @ self._moves[:, band].transpose(0, 1, 3, 2)
            value = before
        value[:, needs.IN_NEED :] = 0.0
        return value
