"""Taking a list along: asked for what, in which form, and kept in the audit log with its purpose."""

from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from targeting.fairness.pdf import can_make_pdf
from targeting.serving.api.guard import reader_of, session_in, show
from targeting.serving.pages.answering import page
from targeting.serving.pages.decision_page import moment
from targeting.serving.pages.exports import FORMATS, MEDIA_TYPES, PURPOSES, Taken, to_csv, to_pdf, to_xlsx
from targeting.serving.pages.fields import FieldFault, Fields, text_in
from targeting.serving.pages.list_page import ListView
from targeting.serving.pages.rendering import NO_STORE
from targeting.serving.published import PublishedList
from targeting.serving.reading import Reading

ViewOf = Callable[[Request, PublishedList], ListView]


class ExportDesk:
    """Answers what is asked about taking a list along; `view_of` gives a list as its page shows it to the reader."""

    def __init__(self, reading: Reading, view_of: ViewOf, district: str) -> None:
        self._reading, self._view_of, self._district = reading, view_of, district

    def form(self, request: Request) -> Response:
        """Return what asks for the purpose and the form."""
        return self._form(request, self._found(request), {})

    def take(self, request: Request, fields: Fields) -> Response:
        """Return the file; what asks for its purpose and form again where either lacks."""
        published = self._found(request)
        chosen, form = text_in(fields, "purpose"), text_in(fields, "format")
        faults = [] if chosen in PURPOSES else [FieldFault("purpose", "Choose what you need it for")]
        faults += [] if form in self._formats() else [FieldFault("format", "Choose a form")]
        if faults:
            return self._form(request, published, fields, tuple(faults))
        view = self._view_of(request, published)
        families = {each.family_id: None for each in view.entries}
        show(request, what=published.head.id, families=families, export=form, export_purpose=chosen)
        person = session_in(request).person
        taken = Taken(
            by=f"{person.subject} ({person.role.replace('_', ' ')})",
            at=moment(self._reading.database.clock()),
            purpose=PURPOSES[chosen],
        )
        return self._file(published, form, self._made(view, taken, form))

    def _made(self, view: ListView, taken: Taken, form: str) -> bytes:
        if form == "csv":
            return to_csv(view, taken)
        return to_xlsx(view, taken) if form == "xlsx" else to_pdf(view, taken, district=self._district)

    def _file(self, published: PublishedList, form: str, content: bytes) -> Response:
        head = published.head
        # Letters, figures and hyphens alone: the list's own name may be anything.
        name = f"targeting-{head.as_of_date}-{head.id[2:10]}.{form}"
        headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=MEDIA_TYPES[form], headers=headers)

    def _form(
        self, request: Request, published: PublishedList, fields: Fields, faults: tuple[FieldFault, ...] = ()
    ) -> Response:
        values: dict[str, Any] = {
            "head": published.head,
            "purposes": PURPOSES,
            "formats": self._formats(),
            "fields": fields,
            "faults": faults,
            "errors": {each.field: each.message for each in faults},
        }
        show(request, what=published.head.id, families=())
        return page(request, "export.html", district=self._district, status=422 if faults else 200, **values)

    def _formats(self) -> dict[str, str]:
        return {name: words for name, words in FORMATS.items() if name != "pdf" or can_make_pdf()}

    def _found(self, request: Request) -> PublishedList:
        found = self._reading.list(reader_of(request), request.path_params["list_id"])
        if found is None:
            raise HTTPException(404)
        return found
