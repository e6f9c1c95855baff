"""Protected identities, for the one manager named: how many there are, and whom to ask. Nothing tells whose."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from targeting.errors import DataError
from targeting.serving.access.reader import check_is_named
from targeting.serving.api.guard import reader_of, show
from targeting.serving.pages.answering import page
from targeting.serving.pages.rendering import PROTECTED
from targeting.serving.pages.today import stands_still
from targeting.serving.reading import Reading
from targeting.serving.served import Served

BEING_LOADED = (
    "While new records are taken in, nobody else reads them. That takes some minutes, and then this page opens."
)


def add_protected_page(router: APIRouter, served: Served, reading: Reading) -> None:
    """Add the manager's page to the pages' routes."""

    def protected(request: Request) -> Response:
        """Return the cases by how they are handled and by agency. Raises NotAllowedError for anybody else."""
        check_is_named(reader_of(request), reading.declared.protected_identities_manager)
        try:
            cases = served.beside.protected.cases() if served.beside.protected is not None else ()
        except DataError:
            return _not_now(request, served)
        show(request, what="", families=(), cases=sum(each.cases for each in cases))
        values: dict[str, Any] = {"cases": cases, "together": sum(each.cases for each in cases)}
        values["stands_still"] = stands_still(reading, reader_of(request))
        return page(request, "protected.html", district=served.district, section=PROTECTED, **values)

    router.add_api_route(PROTECTED, protected, name=PROTECTED, response_class=HTMLResponse, include_in_schema=False)


def _not_now(request: Request, served: Served) -> Response:
    """Return that records are being loaded, and that this page waits for it."""
    show(request, what="", families=(), status=503)
    values = {"heading": "Records are being loaded now", "why": BEING_LOADED, "back": PROTECTED, "onward": "Try again"}
    return page(request, "refused.html", district=served.district, section=PROTECTED, status=503, **values)
