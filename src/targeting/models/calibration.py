"""Margins to probabilities: kept as JSON, strictly increasing, so that ranks agree."""

import json
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from targeting.errors import DataError

Floats = NDArray[np.float64]
CalibrationMethod = Literal["none", "sigmoid", "isotonic"]


@dataclass(frozen=True)
class Calibrator:
    """A broken line from margin to log-odds of the probability, continued beyond its ends by `slope`.

    Platt's sigmoid is a line through one point; without calibration the line is the margin itself. `margins` and
    `log_odds` increase strictly.
    """

    method: CalibrationMethod
    margins: tuple[float, ...]
    log_odds: tuple[float, ...]
    slope: float

    def calibrated_log_odds(self, margins: Floats) -> Floats:
        """Return log-odds, strictly increasing in the margin."""
        inside = np.interp(margins, self.margins, self.log_odds)
        below = np.minimum(margins - self.margins[0], 0.0)
        above = np.maximum(margins - self.margins[-1], 0.0)
        return np.asarray(inside + self.slope * (below + above), dtype=np.float64)

    def probability(self, margins: Floats) -> Floats:
        """Return each margin's probability of the outcome."""
        return sigmoid(self.calibrated_log_odds(np.asarray(margins, dtype=np.float64)))


def calibrator_to_json(calibrator: Calibrator) -> str:
    """Return the calibrator as JSON; equal calibrators give equal text."""
    return json.dumps(
        {
            "method": calibrator.method,
            "margins": calibrator.margins,
            "log_odds": calibrator.log_odds,
            "slope": calibrator.slope,
        },
        indent=1,
    )


def calibrator_from_json(text: str) -> Calibrator:
    """Return the calibrator that `calibrator_to_json` wrote. Raises DataError where it would not keep the order."""
    try:
        held = json.loads(text)
        read = Calibrator(held["method"], tuple(held["margins"]), tuple(held["log_odds"]), float(held["slope"]))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"calibrator.json cannot be read: {error}.") from None
    rising = all(np.all(np.diff(values) > 0) for values in (read.margins, read.log_odds))
    if not (read.margins and rising and read.slope > 0 and len(read.margins) == len(read.log_odds)):
        raise DataError("calibrator.json does not increase strictly: ranks and probabilities would disagree.")
    return read


def sigmoid(log_odds: Floats) -> Floats:
    """Return probabilities of log-odds, without overflow at either end."""
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1.0 / (1.0 + small), small / (1.0 + small))
