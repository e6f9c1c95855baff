"""What every form about one flag rests on: the flag, its agenda, its last decision, and the record of another one."""

from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from targeting.serving.api.guard import reader_of, show
from targeting.serving.database.decisions import NewDecision, record_decision, revisions
from targeting.serving.database.panel import check_no_conflict, first_view_of
from targeting.serving.decisions import Choice, Decision, RecordedDecision
from targeting.serving.library import Found
from targeting.serving.pages import decision_words as words
from targeting.serving.pages.agenda import Agenda, agenda_of
from targeting.serving.pages.answering import page
from targeting.serving.pages.decision_form import Setting
from targeting.serving.pages.decision_page import DecisionSaid, said
from targeting.serving.pages.fields import FieldFault, Fields, text_in
from targeting.serving.pages.notices import ended_notice, synthetic_notice, title_of_family
from targeting.serving.pages.today import today_in
from targeting.serving.reading import Reading
from targeting.serving.suspended import suspended_notice


@dataclass(frozen=True)
class About:
    """The flag that is decided on, and the agenda of its list for the reader."""

    found: Found
    agenda: Agenda

    @property
    def flag_id(self) -> str:
        """Return the flag's id."""
        return self.found.id

    @property
    def family_id(self) -> str:
        """Return the family's pseudonym."""
        return self.found.family_id

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
    suspended: str
    ended: str
    synthetic: str
    one: str
    revision: int
    agencies: tuple[str, ...]
    first_view: str
    before: DecisionSaid | None


class FlagDesk:
    """Finds what a form about a flag rests on, over one service's lists; and records what comes of it."""

    def __init__(self, reading: Reading, district: str) -> None:
        self._reading, self._district = reading, district

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
            suspended=suspended_notice(self._reading.suspended(about.found.on)),
            ended=ended_notice([about.found.flag], on=today_in(self._reading, reader_of(request))),
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
        listed_on = about.found.on.head.as_of_date
        return Setting(first_view=self._first_view(request, about), before=before, listed_on=listed_on, today=today)

    def _first_view(self, request: Request, about: About) -> Choice | None:
        with self._reading.database.reading() as connection:
            return first_view_of(connection, about.flag_id, reader_of(request).subject)

    def _last(self, about: About) -> RecordedDecision | None:
        with self._reading.database.reading() as connection:
            held = revisions(connection, about.flag_id)
        return held[-1] if held else None


def form_values(view: FormView, fields: Fields, faults: tuple[FieldFault, ...]) -> dict[str, Any]:
    """Return what a form's template shows: the form as it was filled in, and what is wrong with it by its fields."""
    return {
        "view": view,
        "fields": fields,
        "faults": faults,
        "errors": {each.field: each.message for each in faults},
        "words": words,
        "status": 422 if faults else 200,
    }


def revision_in(fields: Fields) -> int:
    """Return the revision that a form was opened on; 0 for none."""
    text = text_in(fields, "instead_of")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
