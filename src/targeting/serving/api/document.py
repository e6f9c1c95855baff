"""The interface's own description, OpenAPI 3.1: made once from the routes, served as /openapi.json.

`python -m targeting.serving.api.document > docs/openapi.json` writes it as it is for the built-in kinds of fact.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.responses import Response

from targeting.records.contract import contract
from targeting.serving.access.control import Place, control_access
from targeting.serving.access.definition import Access
from targeting.serving.access.permissions import Rule, rule_of
from targeting.serving.api.documented import JSON, REFERENCE, InvalidRequest, ProblemDetails
from targeting.serving.api.guard import GuardedRoute
from targeting.serving.api.interface import interface_routes
from targeting.serving.api.metrics import Metrics
from targeting.serving.api.paging import EmptyQuery
from targeting.serving.api.rendering import Renderings
from targeting.serving.api.rows import JobRow
from targeting.serving.database.database import open_database
from targeting.serving.decisions import Decision
from targeting.serving.reading import Reading
from targeting.serving.scores.request import FamilyIdentifier
from targeting.serving.scores.scorer import Scorer
from targeting.serving.served import Served

VERSION = "3.4.0"
_DESCRIPTION = """\
Published weekly lists of families who may welcome help, and the reasons for each. People decide; no number here does.

A list is a prompt to look, not evidence. What the records do not say is given as unknown, never as zero. A published
list and its flags never change; the same family asked about on its own gets the very number of the list.

Every error is a problem by RFC 9457 whose `type` is the address of a page that explains it. Collections come in pages:
send `next_cursor` of a page as `cursor` to get the next. Answers may gain members: ignore those you do not know.
Dates are ISO 8601; types are strict, so that `"1"` is no number.

Every operation but those of `operations` needs an access token (JWT by RFC 9068) of the district's issuer, with the
scope that the operation names, and a purpose: the token's claim `purpose`, or the header `Targeting-Purpose`. Answers
bear an ETag: send it as `If-None-Match`, and what has not changed is not sent again. Every family that is shown, and
every decision, leaves an event in the audit log. A reader sees of a family what its agencies may show to that reader:
the rest is counted in `withheld`.
"""


def description_routes(routers: Sequence[APIRouter], *, body: type[BaseModel]) -> APIRouter:
    """Return the route of the description, which is made when it is first asked for."""
    router = APIRouter(route_class=GuardedRoute)
    described = cache(lambda: describe(routers, body=body))

    @router.get("/openapi.json", include_in_schema=False)
    async def read_description(_query: EmptyQuery) -> Response:
        return Response(described(), media_type=JSON)

    return router


def describe(routers: Iterable[APIRouter], *, body: type[BaseModel]) -> bytes:
    """Return the description of the routers' operations as JSON; `body` is what the one that takes a body takes."""
    routes = [route for router in routers for route in router.routes]
    described = get_openapi(title="Targeting", version=VERSION, description=_DESCRIPTION, routes=routes)
    schemas = described["components"]["schemas"]
    for shape in (ProblemDetails, InvalidRequest, JobRow):
        schemas |= definitions_of(shape, mode="serialization")
    answered = {name: _open(schema) for name, schema in schemas.items()}
    schemas = {**answered, **definitions_of(body), **definitions_of(FamilyIdentifier), **definitions_of(Decision)}
    described["components"]["schemas"] = dict(sorted(schemas.items()))
    described["components"]["securitySchemes"] = SCHEMES
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            _secure(operation, rule_of(method.upper(), path), is_read=method == "get")
    return json.dumps(described, indent=2, ensure_ascii=False).encode() + b"\n"


SCHEMES: Mapping[str, Any] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token by RFC 9068 of an issuer that the district declares.",
    }
}


def _secure(operation: dict[str, Any], rule: Rule, *, is_read: bool) -> None:
    """Add to an operation's description what its rule needs, and that what a client holds is not sent again."""
    operation["security"] = [] if rule.scope is None else [{"token": [rule.scope]}]
    if is_read and "ETag" in operation["responses"].get("200", {}).get("headers", {}):
        operation["responses"]["304"] = {"description": "What If-None-Match names still holds."}


def _open(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an answer to which members may be added later: a client that forbids them would break."""
    return {key: value for key, value in schema.items() if key != "additionalProperties"}


def definitions_of(model: type[BaseModel], *, mode: Any = "validation") -> dict[str, Any]:
    """Return a model's schema and those that it refers to, by name, as components of a description."""
    schema = model.model_json_schema(mode=mode, ref_template=f"{REFERENCE}{{model}}")
    return {**schema.pop("$defs", {}), schema["title"]: schema}


def built_in_description() -> bytes:
    """Return the description for a district that adds no kind of fact of its own."""
    served = Served(Path("var"), district="", signers=())
    scorer = Scorer(served, contract=contract(), identity_key=b"")
    with TemporaryDirectory() as folder:
        database = open_database(Path(folder), key=b"")
        control = control_access(Place(root=Path(), data=Path(), is_synthetic=False), Access(), (), database)
        routes = interface_routes(Renderings(served), Reading(served, control), scorer, Metrics())
        described = describe(routes, body=scorer.request_model)
        database.close()
    return described


if __name__ == "__main__":
    sys.stdout.buffer.write(built_in_description())
