"""Meetings: their pages, and what is entered in them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from targeting.serving.access.reader import Reader
from targeting.serving.api.guard import reader_of, show
from targeting.serving.database.involvement import involvement_in
from targeting.serving.database.panel import conflicts_with, enter, meeting_of, meetings_of
from targeting.serving.meetings import Action, Attendees, Conflict, ConflictWithdrawn, Content, NotUsed, SignedOff
from targeting.serving.pages.agenda import agenda_of
from targeting.serving.pages.answering import go_to, page
from targeting.serving.pages.fields import FieldFault, Fields, day_fields, day_in, text_in, too_long
from targeting.serving.pages.meeting_page import MeetingView, OnAgenda, meeting_of_list, standing_of, view_of_meeting
from targeting.serving.pages.standing import standings
from targeting.serving.pages.today import stands_still, today_in
from targeting.serving.pages.waiting import offers_waiting
from targeting.serving.published import PublishedList
from targeting.serving.reading import Reading
from targeting.serving.sentences import in_words

SECTION = "/meetings"
Faults = tuple[FieldFault, ...]


class MeetingDesk:
    """Answers what is asked about meetings, over one service's lists."""

    def __init__(self, reading: Reading, district: str) -> None:
        self._reading, self._district = reading, district

    def all(self, request: Request) -> Response:
        """Return every meeting that the reader's lists are for, the latest first."""
        grouped = self._grouped(reader_of(request))
        with self._reading.database.reading() as connection:
            held = meetings_of(connection, list(grouped))
        told = [
            (identifier, in_words(head.as_of_date), head.panel_title, standing_of(held[identifier], head))
            for identifier, head in ((identifier, lists[0].head) for identifier, lists in grouped.items())
        ]
        values: dict[str, Any] = {"meetings": told, "stands_still": stands_still(self._reading, reader_of(request))}
        return page(request, "meetings.html", district=self._district, section=SECTION, **values)

    def one(self, request: Request) -> Response:
        """Return one meeting."""
        return self._shown(request, {}, ())

    def attendees(self, request: Request, fields: Fields) -> Response:
        """Return the way back once it is entered who attends."""
        day = day_in(fields, "held_on", called="The day of the meeting")
        names = tuple(each.strip() for each in text_in(fields, "names").splitlines() if each.strip())
        faults = () if names else (FieldFault("names", "Say who attends, one a line"),)
        if isinstance(day, FieldFault) or faults:
            return self._shown(request, fields, (*((day,) if isinstance(day, FieldFault) else ()), *faults))
        return self._entered(request, fields, lambda: Attendees(held_on=day, names=names))

    def conflict(self, request: Request, fields: Fields) -> Response:
        """Return the way back once the reader's conflict of interest with a family is entered."""
        family_id = self._families(request).get(text_in(fields, "conflict"))
        if family_id is None:
            return self._shown(request, fields, (FieldFault("conflict", f"Choose the {self._one(request)}"),))
        flag_id = text_in(fields, "conflict")
        return self._entered(request, fields, lambda: Conflict(flag_id=flag_id, family_id=family_id))

    def withdraw_conflict(self, request: Request, fields: Fields) -> Response:
        """Return the way back once the reader's own conflict of interest with a family is withdrawn, and why."""
        flag_id, why = text_in(fields, "withdrawn"), text_in(fields, "why_withdrawn")
        family_id = self._families(request).get(flag_id)
        faults: Faults = () if family_id else (FieldFault("withdrawn", f"Choose the {self._one(request)}"),)
        if family_id is None or not why:
            told = () if why else (FieldFault("why_withdrawn", "Say why there is no conflict of interest"),)
            return self._shown(request, fields, (*faults, *told))
        return self._entered(request, fields, lambda: ConflictWithdrawn(flag_id=flag_id, family_id=family_id, why=why))

    def _one(self, request: Request) -> str:
        """Return what the lists of a meeting call each whom they list."""
        return self._found(request)[1][0].head.one

    def action(self, request: Request, fields: Fields) -> Response:
        """Return the way back once an action is entered."""
        day = day_in(fields, "action_due", called="The date by which it is done")
        needed = {"what": "Say what is to be done", "owner": "Say who does it"}
        faults: Faults = tuple(FieldFault(name, told) for name, told in needed.items() if not text_in(fields, name))
        if isinstance(day, FieldFault) or faults:
            return self._shown(request, fields, (*faults, *((day,) if isinstance(day, FieldFault) else ())))
        flag_id = text_in(fields, "about")
        family_id = self._families(request).get(flag_id, "")
        action = {
            **{name: text_in(fields, name) for name in needed},
            "due_date": day,
            "flag_id": flag_id if family_id else "",
            "family_id": family_id,
        }
        return self._entered(request, fields, lambda: Action.model_validate(action))

    def not_used(self, request: Request, fields: Fields) -> Response:
        """Return the way back once it is entered why the lists were not used."""
        why = text_in(fields, "why")
        if not why:
            return self._shown(request, fields, (FieldFault("why", "Say why the lists were not used"),))
        return self._entered(request, fields, lambda: NotUsed(why=why))

    def sign_off(self, request: Request, fields: Fields) -> Response:
        """Return the way back once the chair has closed the meeting."""
        identifier, lists = self._found(request)
        on = [self._on_agenda(reader_of(request), each) for each in lists]
        with self._reading.database.reading() as connection:
            attendees = meeting_of(connection, identifier).attendees
        if attendees is None:
            return self._shown(request, fields, (FieldFault("names", "Say who attended, before you sign off"),))
        revisions = {flag: stand.decided for each in on for flag, stand in each.standings.items()}
        content = SignedOff(
            decided={flag: decided.revision for flag, decided in revisions.items() if decided},
            undecided=tuple(flag for flag, decided in revisions.items() if not decided),
        )
        return self._entered(request, fields, lambda: content)

    def _entered(self, request: Request, fields: Fields, make: Any) -> Response:
        identifier, _ = self._found(request)
        try:
            content: Content = make()
        except ValidationError as error:
            faults = [too_long(str(each["loc"][0]), each) for each in error.errors(include_input=False)]
            return self._shown(request, fields, tuple(faults))
        reader, family_id = reader_of(request), getattr(content, "family_id", "")
        audit = reader.did(
            request.state.rule.action,
            what=identifier,
            families=[family_id] if family_id else [],
            request_id=request.state.correlation_id,
        )
        self._reading.database.write(
            lambda writing: enter(writing, identifier, content, subject=reader.subject, role=reader.role), audit=audit
        )
        return go_to(f"/meetings/{identifier}")

    def _shown(self, request: Request, fields: Fields, faults: Faults) -> Response:
        identifier, lists = self._found(request)
        view = self._view(request, identifier, lists)
        families = [item.family_id for part in view.parts for item in part.items]
        families += [each.family_id for each in view.waiting]
        show(request, what=identifier, families=list(dict.fromkeys(families)))
        reader = reader_of(request)
        today = today_in(self._reading, reader)
        values: dict[str, Any] = {
            "view": view,
            "fields": {**self._filled(identifier, today), **fields},
            "faults": faults,
            "errors": {each.field: each.message for each in faults},
            "families": {item.flag_id: item.called for part in view.parts for item in part.items},
            "own_conflicts": {
                item.flag_id: item.called for part in view.parts for item in part.items if item.is_own_conflict
            },
            "prepares": reader.role in ("chair", "business_support"),
            "meets": reader.role in ("chair", "business_support", "panel_member"),
            "decides": reader.role in ("chair", "panel_member"),
            "chairs": reader.role == "chair",
        }
        status = 422 if faults else 200
        return page(request, "meeting.html", district=self._district, section=SECTION, status=status, **values)

    def _filled(self, identifier: str, today: date) -> Fields:
        """Return what was entered of attendees, to be added to; today's date where nothing was."""
        with self._reading.database.reading() as connection:
            attendees = meeting_of(connection, identifier).attendees
        if attendees is None:
            return day_fields("held_on", today)
        return {**day_fields("held_on", attendees.held_on), "names": "\n".join(attendees.names)}

    def _view(self, request: Request, identifier: str, lists: Sequence[PublishedList]) -> MeetingView:
        reader = reader_of(request)
        with self._reading.database.reading() as connection:
            meeting = meeting_of(connection, identifier)
        waiting = offers_waiting(self._reading, reader, lists)
        return view_of_meeting(identifier, meeting, [self._on_agenda(reader, each) for each in lists], waiting)

    def _on_agenda(self, reader: Reader, published: PublishedList) -> OnAgenda:
        agenda = agenda_of(self._reading, reader, published)
        with self._reading.database.reading() as connection:
            involvement = involvement_in(connection, [each.id for each in agenda.flags])
            conflicts = conflicts_with(connection, [each.family_id for each in agenda.flags])
        stand = standings(self._reading, reader, published, agenda.flags)
        return OnAgenda(
            published=published,
            suspended=self._reading.suspended(published),
            agenda=agenda,
            standings=stand,
            involvement=involvement,
            conflicts=conflicts,
        )

    def _families(self, request: Request) -> Mapping[str, str]:
        """Return the family of each flag on the meeting's agenda that the reader may see."""
        reader, (_, lists) = reader_of(request), self._found(request)
        return {flag.id: flag.family_id for each in lists for flag in self._reading.flags(reader, each)}

    def _found(self, request: Request) -> tuple[str, Sequence[PublishedList]]:
        identifier = request.path_params["meeting_id"]
        lists = self._grouped(reader_of(request)).get(identifier)
        if lists is None:
            raise HTTPException(404)
        return identifier, lists

    def _grouped(self, reader: Reader) -> Mapping[str, Sequence[PublishedList]]:
        grouped: dict[str, list[PublishedList]] = {}
        for each in self._reading.lists(reader):
            grouped.setdefault(meeting_of_list(each.head), []).append(each)
        return grouped
