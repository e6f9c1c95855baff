"""Following a decision up: when somebody first spoke with the family about the offer, entered by itself."""

from starlette.requests import Request
from starlette.responses import Response

from targeting.serving.database.decisions import StaleRevisionError
from targeting.serving.pages.answering import go_to
from targeting.serving.pages.decision_form import CONTACT, contact_fields, contact_in
from targeting.serving.pages.fields import FieldFault, Fields
from targeting.serving.pages.flag_desk import About, FlagDesk, form_values, revision_in

MEANWHILE = "Somebody revised this decision meanwhile. Look at what it says now, then send yours again"
NOT_DECIDED = {
    "heading": "Nothing is decided yet",
    "why": "A first contact is about an offer. Decide first; whoever sees to it then tells when they spoke.",
    "onward": "Go back",
}


class ContactDesk(FlagDesk):
    """Answers what is asked about the first contact with a family: it becomes a revision of the flag's decision."""

    def form(self, request: Request) -> Response:
        """Return the form, filled in with what was told before; where nothing is decided, that it is too early."""
        about = self._about(request)
        last = self._last(about)
        if last is None:
            return self._shown(request, about, "refused.html", **NOT_DECIDED, back=f"/flags/{about.flag_id}")
        return self._asked(request, about, contact_fields(last.content.first_contact))

    def record(self, request: Request, fields: Fields) -> Response:
        """Return the way back to the family once its first contact is recorded; else what is wrong with the form."""
        about, revision = self._about(request), revision_in(fields)
        last = self._last(about)
        if last is None:
            return go_to(f"/flags/{about.flag_id}")
        contact = contact_in(fields, self._setting(request, about, revision))
        if contact is None:
            contact = (FieldFault(f"{CONTACT}-day", "Say on which day, and who spoke with them"),)
        if isinstance(contact, tuple):
            return self._asked(request, about, fields, revision=revision, faults=contact)
        content = last.content.model_copy(update={"first_contact": contact})
        if content == last.content:
            # The same form, sent twice.
            return go_to(f"/flags/{about.flag_id}#decided")
        try:
            self._record(request, about, content, revision)
        except StaleRevisionError:
            return self._asked(request, about, fields, faults=(FieldFault(f"{CONTACT}-day", MEANWHILE),))
        return go_to(f"/flags/{about.flag_id}#decided")

    def _asked(
        self,
        request: Request,
        about: About,
        fields: Fields,
        *,
        revision: int | None = None,
        faults: tuple[FieldFault, ...] = (),
    ) -> Response:
        values = form_values(self._view(request, about, revision), fields, faults)
        if MEANWHILE in values["errors"].values():
            values["status"] = 412
        return self._shown(request, about, "first_contact.html", **values)
