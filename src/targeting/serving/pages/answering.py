"""Pages as the answer to a request: who reads them is on each, and what a form sends is read in one way."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from targeting.serving.api.guard import Guard
from targeting.serving.database.panel import ConflictError
from targeting.serving.meetings import ClosedError
from targeting.serving.pages.fields import Fields
from targeting.serving.pages.rendering import NO_STORE, Page, render
from targeting.serving.pages.sign_in import OtherSessionError, check_csrf, form_of, signed_in_of

Take = Callable[[Request], Response]
TakeForm = Callable[[Request, Fields], Response]
Answer = Callable[[Request], Awaitable[Response]]
OTHER_SESSION = (
    "You have signed in again since you opened the form, so nothing of it was kept. Go back in your browser, copy what "
    "you entered, then open the page again."
)


def page(
    request: Request, template: str, *, district: str, section: str = "", status: int = 200, **values: Any
) -> Response:
    """Return a template with its values as the page of whoever asks."""
    shown = Page(template=template, values=values, section=section, status=status, signed_in=signed_in_of(request))
    return render(shown, district=district)


def taking_forms(take: TakeForm) -> Answer:
    """Return what answers a form by `take`, in a thread of its own, once it is known to come from its own session."""

    async def answer(request: Request) -> Response:
        fields = await form_of(request)
        check_csrf(request, fields.get("csrf", ""))
        return await run_in_threadpool(take, request, fields)

    return answer


def refusing(answer: Answer, *, district: str) -> Answer:
    """Return what answers as `answer` does, and says on a page why it does not do what was asked."""

    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except ConflictError as error:
            await run_in_threadpool(_keep_refusal, request)
            return _refused(request, "Somebody else decides", str(error), status=403, district=district)
        except ClosedError as error:
            return _refused(request, "This meeting is closed", str(error), status=409, district=district)
        except OtherSessionError:
            told = ("This form is from an earlier session", OTHER_SESSION)
            return _refused(request, *told, status=403, district=district)

    return answered


def reading(take: Take) -> Answer:
    """Return what answers by `take`, in a thread of its own."""

    async def answer(request: Request) -> Response:
        return await run_in_threadpool(take, request)

    return answer


def _keep_refusal(request: Request) -> None:
    guard: Guard = request.app.state.guard
    guard.keep(request, f"refused {request.state.rule.action}")


def _refused(request: Request, heading: str, why: str, *, status: int, district: str) -> Response:
    told = {"heading": heading, "why": why, "back": _page_of_form(request), "onward": "Open the page again"}
    return page(request, "refused.html", district=district, status=status, **told)


def _page_of_form(request: Request) -> str:
    """Return the page from which a form was sent."""
    pages = {"flag_id": "flags", "meeting_id": "meetings", "list_id": "lists"}
    found = (f"/{page}/{request.path_params[name]}" for name, page in pages.items() if name in request.path_params)
    return next(found, "/tasks")


def go_to(path: str) -> Response:
    """Return the way to a page after a form was taken: asking for it again sends nothing twice."""
    return RedirectResponse(path, status_code=303, headers=NO_STORE)
