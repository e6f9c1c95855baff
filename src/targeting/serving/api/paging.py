"""Collections in pages: so many items after the one that a cursor names, in an order that new items do not disturb."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from targeting.serving.api.problems import InvalidPart, ProblemError, invalid_request

MOST_ITEMS, USUAL_ITEMS = 100, 50
_WHOLE_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_WOULD_FIT = f"Input should be a whole number from 1 to {MOST_ITEMS}, in digits"


@dataclass(frozen=True)
class Item:
    """One item of a collection, already written as JSON; cursors name it by its id."""

    id: str
    json: bytes


def _digits(sent: Any) -> Any:
    """Return digits as they are: a query has text alone, and neither `1.0` nor ` 1` is a whole number.

    Raises PydanticCustomError that says what would fit, where they are none or no page may have so many items.
    """
    if isinstance(sent, str) and not (_WHOLE_NUMBER.fullmatch(sent) and int(sent) <= MOST_ITEMS):
        raise PydanticCustomError("int_parsing", _WOULD_FIT)
    return sent


whole_number = BeforeValidator(_digits)


class NoQuery(BaseModel):
    """The query of a route that takes none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paging(NoQuery):
    """Which part of a collection is asked for."""

    limit: Annotated[
        int,
        Field(ge=1, le=MOST_ITEMS, description="How many items a page may have.", examples=[10]),
        whole_number,
    ] = USUAL_ITEMS
    # Empty where none was sent; made, so that the description gives it no default.
    cursor: Annotated[
        str,
        Field(
            min_length=1,
            max_length=128,
            default_factory=str,
            description="`next_cursor` of the page before, as it is. Without one, the first page.",
        ),
    ]


PagingQuery = Annotated[Paging, Query()]
EmptyQuery = Annotated[NoQuery, Query()]


async def sent_once(request: Request) -> None:
    """Raise ProblemError where a name stands twice in a query: which of the two was meant, nobody knows."""
    if len(request.query_params.multi_items()) != len(request.query_params):
        raise invalid_request([InvalidPart(where="query", message="Holds a name more than once")])


@dataclass(frozen=True)
class PageOf:
    """The items of one page, and the cursor of the next; None: there is no more."""

    items: tuple[Item, ...]
    next_cursor: str | None

    def json(self, written: Sequence[bytes]) -> bytes:
        """Return the page as JSON, its items as they are written."""
        return b'{"items":[' + b",".join(written) + b'],"next_cursor":' + json.dumps(self.next_cursor).encode() + b"}"


def shown_of(items: Sequence[Item], paging: Paging) -> PageOf:
    """Return which items are on one page. Raises ProblemError where the cursor names no item."""
    start = _after(items, paging.cursor) if paging.cursor else 0
    shown = tuple(items[start : start + paging.limit])
    more = start + paging.limit < len(items)
    return PageOf(shown, shown[-1].id if more else None)


def page(items: Sequence[Item], paging: Paging) -> bytes:
    """Return one page as JSON. Raises ProblemError where the cursor names no item."""
    shown = shown_of(items, paging)
    return shown.json([item.json for item in shown.items])


def _after(items: Sequence[Item], cursor: str) -> int:
    for place, item in enumerate(items):
        if item.id == cursor:
            return place + 1
    raise ProblemError("unknown-cursor", "No page of this collection ended with that cursor.")
