"""Deciding on a family: the form, the check before it is sent, the record, and where two decided at once."""

from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from targeting.serving.api.guard import reader_of, show
from targeting.serving.database.decisions import StaleRevisionError
from targeting.serving.database.panel import record_first_view
from targeting.serving.decisions import Choice, Decision
from targeting.serving.pages import decision_words as words
from targeting.serving.pages.answering import go_to
from targeting.serving.pages.decision_form import children_in, decided, fields_of, fresh_fields
from targeting.serving.pages.decision_page import differences, parts_of
from targeting.serving.pages.family_words import is_minor
from targeting.serving.pages.fields import FieldFault, Fields, text_in
from targeting.serving.pages.flag_desk import About, FlagDesk, form_values, revision_in
from targeting.serving.pages.today import today_in

# A fortnight: the usual time until a panel meets again. Whoever decides may say another day.
DUE_IN = timedelta(weeks=2)
# What a form sends beside its fields.
BESIDE = ("csrf", "instead_of", "change", "add_child")


class DecisionDesk(FlagDesk):
    """Answers what is asked about deciding, over one service's lists."""

    def form(self, request: Request) -> Response:
        """Return the form of a flag: as it was decided last, else with what is known filled in."""
        about = self._about(request)
        if about.lacks_view:
            return _back_for_a_view(request, about)
        last = self._last(about)
        fields = fields_of(last.content) if last else self._fresh(request, about)
        return self._form(request, about, fields)

    def check(self, request: Request, fields: Fields) -> Response:
        """Return what was filled in, to be looked at before it is sent; the form again where something is wrong."""
        about = self._about(request)
        if about.lacks_view:
            return _back_for_a_view(request, about)
        kept, revision = _kept(fields), revision_in(fields)
        if "add_child" in fields:
            kept = {**kept, f"child_{children_in(kept)}": ""}
        if "add_child" in fields or "change" in fields:
            return self._form(request, about, kept, revision=revision)
        content = decided(fields, self._setting(request, about, revision))
        if isinstance(content, tuple):
            return self._form(request, about, kept, revision=revision, faults=content)
        values = {"view": self._view(request, about, revision), "parts": tuple(parts_of(content)), "kept": kept}
        return self._shown(request, about, "decision_check.html", **values)

    def record(self, request: Request, fields: Fields) -> Response:
        """Return the way back to the family once its decision is recorded.

        Where somebody decided meanwhile, both decisions are shown and nothing is overwritten.
        """
        about = self._about(request)
        if about.lacks_view:
            return _back_for_a_view(request, about)
        revision = revision_in(fields)
        content = decided(fields, self._setting(request, about, revision))
        if isinstance(content, tuple):
            return self._form(request, about, _kept(fields), revision=revision, faults=content)
        try:
            self._record(request, about, content, revision)
        except StaleRevisionError:
            return self._decided_meanwhile(request, about, content, _kept(fields))
        return go_to(f"/flags/{about.flag_id}#decided")

    def first_view(self, request: Request, fields: Fields) -> Response:
        """Return the way back to the family, the reader's own view of it kept where one was chosen."""
        about, sent = self._about(request), text_in(fields, "view")
        for choice in words.CHOICES:
            if choice == sent:
                self._note(request, about, choice)
                return go_to(f"/flags/{about.flag_id}")
        return go_to(f"/flags/{about.flag_id}#first-view")

    def _note(self, request: Request, about: About, view: Choice) -> None:
        reader, flag_id = reader_of(request), about.flag_id
        told = {"request_id": request.state.correlation_id, "details": {"view": view}}
        audit = reader.did("note_first_view", what=flag_id, families=[about.family_id], **told)
        self._reading.database.write(
            lambda writing: record_first_view(writing, flag_id=flag_id, subject=reader.subject, view=view), audit=audit
        )

    def _decided_meanwhile(self, request: Request, about: About, content: Decision, kept: Fields) -> Response:
        """Return what somebody recorded since the form was opened beside what the reader has; nothing is lost."""
        last = self._last(about)
        if last is None:
            raise HTTPException(404)
        if last.recorded_by == reader_of(request).subject and last.content == content:
            # The same form, sent twice.
            return go_to(f"/flags/{about.flag_id}#decided")
        view = self._view(request, about, last.revision)
        values = {"view": view, "differ": differences(last.content, content), "kept": kept, "status": 412}
        return self._shown(request, about, "decision_meanwhile.html", **values)

    def _form(
        self,
        request: Request,
        about: About,
        fields: Fields,
        *,
        revision: int | None = None,
        faults: tuple[FieldFault, ...] = (),
    ) -> Response:
        values = form_values(self._view(request, about, revision), fields, faults)
        return self._shown(request, about, "decision_form.html", **values, children=range(children_in(fields)))

    def _fresh(self, request: Request, about: About) -> Fields:
        """Return a form with the children whom the reader may see, the reader as owner, and a day in a fortnight."""
        reader = reader_of(request)
        family = self._reading.read_family(reader, about.found.on, about.found.flag)
        children = [_child(each.age) for each in (family.record.members if family else ()) if is_minor(each)]
        today = today_in(self._reading, reader)
        return fresh_fields(children=children, owner=reader.subject, due_date=today + DUE_IN)


def _back_for_a_view(request: Request, about: About) -> Response:
    """Return the way to the page that asks for the reader's own view first."""
    show(request, what=about.flag_id, families=[about.family_id])
    return go_to(f"/flags/{about.flag_id}#first-view")


def _kept(fields: Fields) -> Fields:
    return {name: text for name, text in fields.items() if name not in BESIDE}


def _child(age: str) -> str:
    return "the child who is expected" if age == "expected" else f"the child, {age}"
