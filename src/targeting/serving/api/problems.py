"""Problems, by RFC 9457: what went wrong, of a type that has a page, never with anything of what was sent."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from targeting.serving.api.problem_types import PROBLEM_TYPES

MEDIA_TYPE = "application/problem+json"


class InvalidPart(BaseModel):
    """One place of a request that does not fit the schema, and what would."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    where: str
    message: str


class ProblemError(Exception):
    """A request that is not answered as asked; `detail` says why in a sentence, `extra` are members beside."""

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(slug)
        self.type = PROBLEM_TYPES[slug]
        self.detail = detail
        self.extra = extra or {}
        self.headers = headers or {}


def invalid_request(parts: Iterable[InvalidPart]) -> ProblemError:
    """Return the problem of a request that does not fit the schema."""
    errors = [part.model_dump() for part in parts]
    places = "1 place does not fit" if len(errors) == 1 else f"{len(errors)} places do not fit"
    return ProblemError("invalid-request", f"{places} the schema.", extra={"errors": errors})


def problem_details(problem: ProblemError, *, instance: str) -> Mapping[str, Any]:
    """Return a problem as RFC 9457 names its members; `instance` names this one occurrence."""
    return {
        "type": problem.type.address,
        "title": problem.type.title,
        "status": problem.type.status,
        "detail": problem.detail,
        "instance": instance,
        **problem.extra,
    }


def problem_response(problem: ProblemError, *, instance: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as RFC 9457 writes it; `instance` names this one occurrence."""
    content = problem_details(problem, instance=instance)
    return Response(
        json.dumps(content, ensure_ascii=False).encode(),
        status_code=problem.type.status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )
