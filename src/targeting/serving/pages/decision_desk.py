"""Deciding on a family: the form, the check before it is sent, the record, and where two decided at once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from targeting.serving.api.guard import reader_of, show
from targeting.serving.database.decisions import NewDecision, StaleRevisionError, record_decision, revisions
from targeting.serving.database.panel import check_no_conflict, first_view_of, record_first_view
from targeting.serving.decisions import Choice, Decision, RecordedDecision
from targeting.serving.library import Found
from targeting.serving.pages import decision_words as words
from targeting.serving.pages.agenda import Agenda, agenda_of
from targeting.serving.pages.answering import go_to, page
from targeting.serving.pages.decision_form import Setting, children_in, decided, fields_of, fresh_fields
from targeting.serving.pages.decision_page import DecisionSaid, differences, parts_of, said
from targeting.serving.pages.family_words import is_minor
from targeting.serving.pages.fields import FieldFault, Fields, text_in
from targeting.serving.pages.list_page import synthetic_notice, title_of_family
from targeting.serving.pages.today import today_in
from targeting.serving.reading import Reading

# A fortnight: the usual time until a panel meets again. Whoever decides may say another day.
DUE_IN = timedelta(weeks=2)
# What a form sends beside its fields.
BESIDE = ("csrf", "instead_of", "change", "add_child")


@dataclass(frozen=True)
class About:
    """The flag that is decided on, and the agenda of its list for the reader."""

    found: Found
    agenda: Agenda

    @property
    def flag_id(self) -> str:
        """Return the flag's id."""
        return self.found.flag.id

    @property
    def family_id(self) -> str:
        """Return the family's pseudonym."""
        return self.found.flag.family_id

    @property
    def lacks_view(self) -> bool:
        """Return whether the reader has to say first what they would do."""
        return self.agenda.asks_first_view(self.found.flag)


@dataclass(frozen=True, kw_only=True)
class FormView:
    """Which family a form is about, and what it asks with."""

    title: str
    list_title: str
    family_id: str
    flag_id: str
    urgent: str
    synthetic: str
    one: str
    revision: int
    agencies: tuple[str, ...]
    first_view: str
    before: DecisionSaid | None


class DecisionDesk:
    """Answers what is asked about deciding, over one service's lists."""

    def __init__(self, reading: Reading, district: str) -> None:
        self._reading, self._district = reading, district

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
        kept, revision = _kept(fields), _revision_in(fields)
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
        revision = _revision_in(fields)
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

    def _record(self, request: Request, about: About, content: Decision, revision: int) -> None:
        reader = reader_of(request)
        new = NewDecision(
            flag_id=about.flag_id,
            list_id=about.found.flag.list_id,
            family_id=about.family_id,
            subject=reader.subject,
            role=reader.role,
            instead_of=revision,
            content=content,
        )
        told = {"request_id": request.state.correlation_id, "details": {"decision": content.decision}}
        audit = reader.did("write_decision", what=about.flag_id, families=[about.family_id], **told)
        self._reading.database.write(lambda writing: record_decision(writing, new), audit=audit)

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
        values: dict[str, Any] = {
            "view": self._view(request, about, revision),
            "fields": fields,
            "children": range(children_in(fields)),
            "faults": faults,
            "errors": {each.field: each.message for each in faults},
            "words": words,
            "status": 422 if faults else 200,
        }
        return self._shown(request, about, "decision_form.html", **values)

    def _shown(self, request: Request, about: About, template: str, **values: Any) -> Response:
        status: int = values.get("status", 200)
        # What was not recorded is told apart from what was.
        refused = {"status": status} if status != 200 else {}
        show(request, what=about.flag_id, families=[about.family_id], **refused)
        return page(request, template, district=self._district, **values)

    def _view(self, request: Request, about: About, revision: int | None) -> FormView:
        head, last = about.found.on.head, self._last(about)
        first = self._first_view(request, about)
        return FormView(
            title=title_of_family(head, about.agenda.number_of(about.flag_id)),
            list_title=head.title,
            family_id=about.family_id,
            flag_id=about.flag_id,
            urgent=head.urgent,
            synthetic=synthetic_notice(head),
            one=head.one,
            revision=revision if revision is not None else (last.revision if last else 0),
            agencies=tuple(dict.fromkeys(each.agency for each in head.data_as_of)),
            first_view=words.CHOICES[first] if first else "",
            before=said(last) if last else None,
        )

    def _about(self, request: Request) -> About:
        """Return the flag that a path names and the agenda of its list.

        Raises HTTPException where there is none for this reader, ConflictError where the reader does not decide on it.
        """
        reader = reader_of(request)
        found = self._reading.flag(reader, request.path_params["flag_id"])
        if found is None:
            raise HTTPException(404)
        with self._reading.database.reading() as connection:
            check_no_conflict(connection, found.flag.family_id, reader.subject)
        return About(found, agenda_of(self._reading, reader, found.on))

    def _setting(self, request: Request, about: About, revision: int) -> Setting:
        with self._reading.database.reading() as connection:
            held = [each for each in revisions(connection, about.flag_id) if each.revision == revision]
        today = today_in(self._reading, reader_of(request))
        before = held[0].content if held else None
        return Setting(first_view=self._first_view(request, about), before=before, today=today)

    def _fresh(self, request: Request, about: About) -> Fields:
        """Return a form with the children whom the reader may see, the reader as owner, and a day in a fortnight."""
        reader = reader_of(request)
        family = self._reading.read_family(reader, about.found.on, about.found.flag)
        children = [_child(each.age) for each in (family.record.members if family else ()) if is_minor(each)]
        today = today_in(self._reading, reader)
        return fresh_fields(children=children, owner=reader.subject, due_date=today + DUE_IN)

    def _first_view(self, request: Request, about: About) -> Choice | None:
        with self._reading.database.reading() as connection:
            return first_view_of(connection, about.flag_id, reader_of(request).subject)

    def _last(self, about: About) -> RecordedDecision | None:
        with self._reading.database.reading() as connection:
            held = revisions(connection, about.flag_id)
        return held[-1] if held else None


def _back_for_a_view(request: Request, about: About) -> Response:
    """Return the way to the page that asks for the reader's own view first."""
    show(request, what=about.flag_id, families=[about.family_id])
    return go_to(f"/flags/{about.flag_id}#first-view")


def _kept(fields: Fields) -> Fields:
    return {name: text for name, text in fields.items() if name not in BESIDE}


def _child(age: str) -> str:
    return "the child who is expected" if age == "expected" else f"the child, {age}"


def _revision_in(fields: Fields) -> int:
    text = text_in(fields, "instead_of")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
