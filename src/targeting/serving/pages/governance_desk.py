"""Governance's pages: models and who signed them, handing in a signature, the audit log in counts."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from targeting.errors import DataError
from targeting.models.signatures import SignatureError
from targeting.models.suspension import suspension_of
from targeting.serving.access.permissions import rule_of
from targeting.serving.access.reader import is_of_panel, may
from targeting.serving.api.guard import reader_of
from targeting.serving.governance.decided import undecided_flags
from targeting.serving.governance.log_summary import action_counts, weeks_before
from targeting.serving.governance.models_held import Version
from targeting.serving.governance.open_actions import open_actions
from targeting.serving.pages.apart_words import apart_of_district
from targeting.serving.pages.evidence_page import bar_of, document
from targeting.serving.pages.governance_words import action_said, logged_action_said, suspension_said, version_said
from targeting.serving.pages.rendering import NO_STORE, Page, render
from targeting.serving.pages.sign_in import check_csrf, signed_in_of
from targeting.serving.pages.today import stands_still, today_in
from targeting.serving.pages.uploads import Sent, sent_with_file
from targeting.serving.pages.watch_words import watch_said
from targeting.serving.reading import Reading
from targeting.serving.sentences import count_of, in_words
from targeting.serving.served import Served

ONE = "/models/{model}/{version}"
HAND_IN = ("POST", f"{ONE}/signature")


def add_governance_pages(router: APIRouter, served: Served, reading: Reading) -> None:
    """Add the pages of governance, and where a signature is handed in, to the pages' routes."""
    desk = GovernanceDesk(served, reading)
    shown = {
        "/models": desk.models,
        ONE: desk.version,
        f"{ONE}/card": desk.card,
        f"{ONE}/audit": desk.audit,
        "/audit-log": desk.audit_log,
    }
    for path, endpoint in shown.items():
        router.add_api_route(path, endpoint, name=path, response_class=HTMLResponse, include_in_schema=False)
    router.add_api_route(HAND_IN[1], desk.hand_in, methods=["POST"], include_in_schema=False)


class GovernanceDesk:
    """The pages of governance over one service."""

    def __init__(self, served: Served, reading: Reading) -> None:
        self._served, self._reading = served, reading

    def models(self, request: Request) -> Response:
        """Return every model with its versions, whether its flags hold, and what is open."""
        held, today = self._served.models_held, self._today(request)
        versions = {model: held.versions(model, on=today) for model in held.models()}
        used = [each for of_model in versions.values() for each in of_model if each.standing == "in use"]
        reader = reader_of(request)
        current = self._served.library.current()
        own = [each for each in current if is_of_panel(reader, each.head.panel)]
        undecided = undecided_flags(self._reading.database, own)
        actions = open_actions(used, self._served.beside.documents, undecided=undecided, on=today)
        told: dict[str, Any] = {
            "models": [
                (self._suspended(model), [(version_said(each), watch_said(each)) for each in of])
                for model, of in versions.items()
            ],
            "titles": [of[0].bundle.origin.title for of in versions.values()],
            "actions": [action_said(each, on=today) for each in actions],
            "head": current[0].head if current else None,
            "as_of": in_words(current[0].head.as_of_date) if current else "",
            "apart": apart_of_district([each.head for each in current]),
            "may_read_log": may(reader, rule_of("GET", "/audit-log")),
        }
        return self._page(request, "models.html", **told)

    def version(self, request: Request) -> Response:
        """Return one version: gates, signatures, and to whom may sign, how."""
        return self._version_page(request, self._version(request))

    def card(self, request: Request) -> Response:
        """Return the card of a version, as it was signed."""
        return self._document(request, "/model")

    def audit(self, request: Request) -> Response:
        """Return the fairness audit of a version, as it was signed."""
        return self._document(request, "/audit")

    async def hand_in(self, request: Request) -> Response:
        """Return the way back to the version once a signature is kept; its page with what is wrong where it is not."""
        sent = await sent_with_file(request)
        check_csrf(request, sent.fields.get("csrf", ""))
        return await run_in_threadpool(self._hand_in, request, sent)

    def audit_log(self, request: Request) -> Response:
        """Return the log's head and its counts; with `?check=yes`, whether every event still holds."""
        database = self._reading.database
        now = database.clock()
        with database.reading() as connection:
            counts = action_counts(connection, now=now)
        told: dict[str, Any] = {
            "head": database.head(),
            "checked": self._checked() if request.query_params.get("check") == "yes" else "",
            "weeks": [f"{day.day} {day:%b}" for day in weeks_before(now)],
            "counts": sorted(((logged_action_said(each.action), each) for each in counts), key=lambda told: told[0]),
        }
        return self._page(request, "audit_log.html", **told)

    def _hand_in(self, request: Request, sent: Sent) -> Response:
        version, content = self._version(request), sent.files.get("signature", b"")
        if not content:
            return self._version_page(request, version, fault="Choose the file that `targeting sign` made")
        bundle = version.bundle
        did = reader_of(request).did(
            "hand_in_signature",
            what=f"{bundle.model} {bundle.version}",
            request_id=request.state.correlation_id,
            details={"bundle_digest": bundle.digest},
        )
        try:
            held = self._served.models_held
            self._reading.database.write(lambda _writing: held.accept(bundle, content), audit=did)
        except SignatureError as error:
            return self._version_page(request, version, fault=str(error))
        return RedirectResponse(f"{version_said(version).href}#signatures", status_code=303, headers=NO_STORE)

    def _version_page(self, request: Request, version: Version, fault: str = "") -> Response:
        told: dict[str, Any] = {
            "version": version_said(version),
            "watch": watch_said(version),
            "title": version.bundle.origin.title,
            "suspended": self._suspended(version.bundle.model),
            "may_hand_in": may(reader_of(request), rule_of(*HAND_IN)),
            "fault": fault,
        }
        return self._page(request, "model_version.html", status=422 if fault else 200, **told)

    def _version(self, request: Request) -> Version:
        named = request.path_params
        found = self._served.models_held.version(named["model"], named["version"], on=self._today(request))
        if found is None:
            raise HTTPException(404)
        return found

    def _document(self, request: Request, section: str) -> Response:
        nonce = str(getattr(request.state, "csp_nonce", ""))
        served, bundle = self._served, self._version(request).bundle
        bar = bar_of(signed_in_of(request), district=served.district)
        shown = document(bundle, section, signed=served.signed(bundle), bar=bar, nonce=nonce)
        if shown is None:
            raise HTTPException(404)
        return shown

    def _suspended(self, model: str) -> str:
        return suspension_said(suspension_of(self._served.data, model))

    def _checked(self) -> str:
        try:
            head = self._reading.database.check_audit_log()
        except DataError as error:
            return f"The log does not hold: {error}"
        return f"Checked just now: {count_of(head.seq, 'event')}, none changed, removed or forged."

    def _today(self, request: Request) -> date:
        return today_in(self._reading, reader_of(request))

    def _page(self, request: Request, template: str, *, status: int = 200, **values: object) -> Response:
        signed_in = signed_in_of(request)
        notice = stands_still(self._reading, reader_of(request))
        page = Page(
            template=template,
            values={**values, "stands_still": notice},
            section="/models",
            status=status,
            signed_in=signed_in,
        )
        return render(page, district=self._served.district)
