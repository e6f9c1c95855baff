"""Whether a model was given the same: one digest over an input's names, values and gaps."""

import hashlib
import json
from collections.abc import Sequence

import numpy as np

from targeting.serving.contents import BECAUSE, IndicatorValue


def values_digest(indicators: Sequence[IndicatorValue]) -> str:
    """Return the SHA-256 of what a model was given: equal digests, the same input to the bit.

    Over the indicators' names as JSON, their values as little-endian float64 (NaN where unknown), and a byte each that
    says why it is unknown (0: known).
    """
    values = np.array([np.nan if each.value is None else each.value for each in indicators], dtype="<f8")
    codes = bytes(0 if each.unknown is None else BECAUSE.index(each.unknown) + 1 for each in indicators)
    names = json.dumps([each.name for each in indicators]).encode()
    return hashlib.sha256(names + b"\n" + values.tobytes() + codes).hexdigest()
