"""How an operation's answers are described: what a success looks like, and which problems there can be."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from targeting.serving.api.examples import Json, problem_example
from targeting.serving.api.problem_types import PROBLEM_TYPES, ProblemType
from targeting.serving.api.problems import MEDIA_TYPE, InvalidPart

JSON = "application/json"
REFERENCE = "#/components/schemas/"
# What any operation may answer, whatever it is asked.
ANYWHERE = ("misdirected", "invalid-request", "unexpected", "not-ready")
# What an operation that needs a token may answer beside.
NEEDS_TOKEN = ("unauthenticated", "not-allowed", "purpose-not-allowed", "too-many-requests")

Responses = dict[int | str, dict[str, Any]]


class ProblemDetails(BaseModel):
    """What went wrong, by RFC 9457. `type` is the address of a page that explains it, `instance` this occurrence."""

    model_config = ConfigDict(title="Problem", extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str


class InvalidRequest(ProblemDetails):
    """A request that does not fit the schema; `errors` has each place, and what would fit."""

    model_config = ConfigDict(title="InvalidRequest")

    errors: tuple[InvalidPart, ...]


def answers(
    meaning: str, example: object, *, problems: Iterable[str] = (), media_type: str = JSON, anybody: bool = False
) -> Responses:
    """Return an operation's answers: the success, as an example shows it, and each problem by its status.

    `anybody` may ask where no token is needed.
    """
    success: dict[str, Any] = {"description": meaning, "content": {media_type: {"example": example}}}
    if not anybody:
        success["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "Names this answer."}}
    return {200: success, **_by_status((*problems, *(() if anybody else NEEDS_TOKEN)))}


def accepted(meaning: str, example: object, *, problems: Iterable[str], links: Mapping[str, Any]) -> Responses:
    """Return the answers of an operation that is begun, and ends later; `links` lead to what it began."""
    location = {"Location": {"schema": {"type": "string"}, "description": "Where it is read."}}
    success = {"description": meaning, "content": {JSON: {"example": example}}, "headers": location, "links": links}
    return {202: success, **_by_status((*problems, *NEEDS_TOKEN))}


def removed(meaning: str, *, problems: Iterable[str]) -> Responses:
    """Return the answers of an operation after which something is gone."""
    return {204: {"description": meaning}, **_by_status((*problems, *NEEDS_TOKEN))}


def streamed(meaning: str, example: str, *, problems: Iterable[str], line: str, media_type: str) -> Responses:
    """Return the answers of an operation that sends a line of JSON after another, each of the shape named `line`."""
    schema = {"type": "string", "contentMediaType": media_type, "contentSchema": {"$ref": f"{REFERENCE}{line}"}}
    success = {"description": meaning, "content": {media_type: {"example": example, "schema": schema}}}
    return {200: success, **_by_status((*problems, *NEEDS_TOKEN))}


def _by_status(slugs: Iterable[str]) -> Responses:
    by_status: Mapping[int, list[ProblemType]] = defaultdict(list)
    for slug in (*slugs, *ANYWHERE):
        by_status[PROBLEM_TYPES[slug].status].append(PROBLEM_TYPES[slug])
    return {status: _problems(kinds) for status, kinds in sorted(by_status.items())}


def _problems(kinds: list[ProblemType]) -> dict[str, Any]:
    shape = "InvalidRequest" if all(kind.slug == "invalid-request" for kind in kinds) else "Problem"
    examples: dict[str, Json] = {kind.slug: {"summary": kind.title, "value": problem_example(kind)} for kind in kinds}
    content = {MEDIA_TYPE: {"schema": {"$ref": f"{REFERENCE}{shape}"}, "examples": examples}}
    return {"description": "; ".join(kind.title for kind in kinds), "content": content}
