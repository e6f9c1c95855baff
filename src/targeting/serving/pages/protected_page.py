"""Protected identities, for the one manager named: how many there are, and whom to ask. Nothing tells whose."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from targeting.serving.access.reader import check_is_named
from targeting.serving.api.guard import reader_of, show
from targeting.serving.pages.answering import page
from targeting.serving.pages.rendering import PROTECTED
from targeting.serving.reading import Reading
from targeting.serving.served import Served


def add_protected_page(router: APIRouter, served: Served, reading: Reading) -> None:
    """Add the manager's page to the pages' routes."""

    def protected(request: Request) -> Response:
        """Return the cases by how they are handled and by agency. Raises NotAllowedError for anybody else."""
        check_is_named(reader_of(request), reading.declared.protected_identities_manager)
        cases = served.beside.protected.cases() if served.beside.protected is not None else ()
        show(request, what="", families=(), cases=sum(each.cases for each in cases))
        values: dict[str, Any] = {"cases": cases, "together": sum(each.cases for each in cases)}
        return page(request, "protected.html", district=served.district, section=PROTECTED, **values)

    router.add_api_route(PROTECTED, protected, name=PROTECTED, response_class=HTMLResponse, include_in_schema=False)
