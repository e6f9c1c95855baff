"""School terms, as a district declares them."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, order=True)
class Term:
    """One school term: its first and last day, inclusive."""

    first: date
    last: date
    name: str
