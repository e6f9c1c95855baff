"""How a personal attribute may be used: the class that `fairness/policy.toml` gives it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

AttributeClass = Literal["refused", "justified", "proxy"]


@dataclass(frozen=True, kw_only=True)
class AttributeRule:
    """One attribute's class, with who answers for it and until when.

    A refused attribute is never an input. A justified or proxy one may be while its review is in date.
    """

    name: str
    attribute_class: AttributeClass
    owner: str
    reason: str
    review_date: date | None = None

    def is_reviewed(self, on: date) -> bool:
        """Return whether the review still holds `on` a date."""
        return self.review_date is not None and on <= self.review_date
