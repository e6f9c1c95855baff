"""Whether a model was given the same, and spoken of by the same rules: digests."""

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from targeting.serving.contents import BECAUSE, IndicatorValue

VERSION_LENGTH = 12


def version_of(text: str) -> str:
    """Return what names one state of a text: the first characters of its SHA-256, as a bundle's version is."""
    return hashlib.sha256(text.encode()).hexdigest()[:VERSION_LENGTH]


def values_digest(indicators: Sequence[IndicatorValue]) -> str:
    """Return the SHA-256 of what a model was given: equal digests, the same input to the bit.

    Over the indicators' names as JSON, their values as little-endian float64 (NaN where unknown), and a byte each that
    says why it is unknown (0: known).
    """
    values = np.array([np.nan if each.value is None else each.value for each in indicators])
    codes = np.array([0 if each.unknown is None else BECAUSE.index(each.unknown) + 1 for each in indicators], np.int8)
    return digest_of_row([each.name for each in indicators], values, codes)


def digest_of_row(names: Sequence[str], values: NDArray[np.float64], unknown: NDArray[np.int8]) -> str:
    """Return the same of one row of a matrix: its columns' names, values, and codes of why they are unknown."""
    known = np.where(unknown == 0, values, np.nan).astype("<f8")
    return hashlib.sha256(
        _written(tuple(names)) + b"\n" + known.tobytes() + unknown.astype(np.int8).tobytes()
    ).hexdigest()


@lru_cache(maxsize=16)
def _written(names: tuple[str, ...]) -> bytes:
    """Return names as JSON; one model's are those of every row."""
    return json.dumps(names).encode()
