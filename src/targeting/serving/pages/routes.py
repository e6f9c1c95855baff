"""The addresses of the pages, and what is shown under each."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from targeting.serving.api.guard import GuardedRoute
from targeting.serving.pages.answering import Answer, TakeForm, refusing, taking_forms
from targeting.serving.pages.answering import reading as in_thread
from targeting.serving.pages.assets import asset_response, read_assets
from targeting.serving.pages.contact_desk import ContactDesk
from targeting.serving.pages.decision_desk import DecisionDesk
from targeting.serving.pages.district_desk import add_district_pages
from targeting.serving.pages.errors import error_page
from targeting.serving.pages.export_desk import ExportDesk
from targeting.serving.pages.governance_desk import add_governance_pages
from targeting.serving.pages.meeting_desk import MeetingDesk
from targeting.serving.pages.protected_page import add_protected_page
from targeting.serving.pages.reading_pages import ProblemType, ReadingPages
from targeting.serving.pages.sign_in import add_sign_in
from targeting.serving.pages.task_desk import TaskDesk
from targeting.serving.reading import Reading
from targeting.serving.served import Served

__all__ = ["ProblemType", "error_page", "make_pages"]

Show = Callable[[Request], Response | Awaitable[Response]]


def make_pages(served: Served, reading: Reading, problem_types: Mapping[str, ProblemType]) -> APIRouter:
    """Return the routes of all pages and of what they refer to, none of them in the API's schema.

    They raise HTTPException for what does not exist and TargetingError for what cannot be shown: the app answers with
    `error_page`. Raises AssetsNotBuiltError, at once, where the stylesheet is missing.
    """
    read_assets()
    pages, router = ReadingPages(served, reading, problem_types), APIRouter(route_class=GuardedRoute)
    desks = _Desks(
        deciding=DecisionDesk(reading, served.district),
        contact=ContactDesk(reading, served.district),
        meeting=MeetingDesk(reading, served.district),
        tasks=TaskDesk(reading, served.district),
        export=ExportDesk(reading, pages.whole_list, served.district),
    )
    for path, endpoint in _shown(pages).items():
        router.add_api_route(path, endpoint, name=path, response_class=HTMLResponse, include_in_schema=False)
    for path, answer in desks.asked.items():
        endpoint = refusing(answer, district=served.district)
        router.add_api_route(path, endpoint, response_class=HTMLResponse, include_in_schema=False)
    for path, take in desks.taken.items():
        endpoint = refusing(taking_forms(take), district=served.district)
        router.add_api_route(path, endpoint, methods=["POST"], include_in_schema=False)
    add_governance_pages(router, served, reading)
    add_district_pages(router, served, reading)
    add_protected_page(router, served, reading)
    add_sign_in(router, reading, district=served.district)
    return router


@dataclass(frozen=True, kw_only=True)
class _Desks:
    """What answers where something is entered."""

    deciding: DecisionDesk
    contact: ContactDesk
    meeting: MeetingDesk
    tasks: TaskDesk
    export: ExportDesk

    @property
    def asked(self) -> Mapping[str, Answer]:
        """What is asked for, by address."""
        return {
            "/flags/{flag_id}/decision": in_thread(self.deciding.form),
            "/flags/{flag_id}/first-contact": in_thread(self.contact.form),
            "/lists/{list_id}/export": in_thread(self.export.form),
            "/meetings": in_thread(self.meeting.all),
            "/meetings/{meeting_id}": in_thread(self.meeting.one),
            "/tasks": in_thread(self.tasks.all),
        }

    @property
    def taken(self) -> Mapping[str, TakeForm]:
        """What takes a form, by address."""
        return {
            "/flags/{flag_id}/first-view": self.deciding.first_view,
            "/flags/{flag_id}/decision/check": self.deciding.check,
            "/flags/{flag_id}/decision": self.deciding.record,
            "/flags/{flag_id}/first-contact": self.contact.record,
            "/lists/{list_id}/export": self.export.take,
            "/meetings/{meeting_id}/attendees": self.meeting.attendees,
            "/meetings/{meeting_id}/conflicts": self.meeting.conflict,
            "/meetings/{meeting_id}/conflicts/withdrawn": self.meeting.withdraw_conflict,
            "/meetings/{meeting_id}/actions": self.meeting.action,
            "/meetings/{meeting_id}/not-used": self.meeting.not_used,
            "/meetings/{meeting_id}/sign-off": self.meeting.sign_off,
            "/tasks/corrections/{number}": self.tasks.step,
            "/tasks/actions/{number}": self.tasks.done,
        }


def _shown(pages: ReadingPages) -> Mapping[str, Show]:
    return {
        "/": pages.this_week,
        "/lists": pages.all_lists,
        "/lists/{list_id}": pages.one_list,
        "/flags/{flag_id}": pages.family,
        "/flags/{flag_id}/former": pages.former,
        "/indicators": pages.indicators,
        "/model": pages.model,
        "/audit": pages.audit,
        "/problems": pages.problems,
        "/problems/{slug}": pages.problem,
        "/print/{name}": pages.print_style,
        "/assets/{digest}/{name}": asset_response,
    }
