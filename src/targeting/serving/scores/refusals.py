"""What fits the schema of a request and still cannot be answered."""

from collections.abc import Mapping
from typing import Any, Literal

Slug = Literal[
    "no-list-published",
    "unknown-family",
    "unknown-person",
    "outside-cohort",
    "front-door",
    "more-than-one-family",
    "date-not-usable",
    "person-not-usable",
    "record-not-usable",
    "source-not-usable",
    "sources-not-asked",
    "suspended",
]


class Refusal(Exception):  # noqa: N818 - an answer, not an error.
    """A request that is not answered with a score: of which type, why in a sentence, and what is said beside.

    Nothing in it comes from the request but positions in it, and the ids of families.
    """

    def __init__(self, slug: Slug, detail: str, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(slug)
        self.slug = slug
        self.detail = detail
        self.extra: Mapping[str, Any] = extra or {}
