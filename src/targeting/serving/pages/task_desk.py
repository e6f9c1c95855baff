"""Tasks that a panel left: records said to be wrong, by agency, and open actions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from targeting.serving.access.reader import Reader
from targeting.serving.api.guard import reader_of, show
from targeting.serving.corrections import CorrectionTask, Step
from targeting.serving.database.panel import correction_tasks, enter, meetings_of, take_step
from targeting.serving.meetings import Action, ActionDone, Meeting
from targeting.serving.pages.agenda import agenda_of
from targeting.serving.pages.answering import go_to, page
from targeting.serving.pages.decision_page import moment
from targeting.serving.pages.decision_words import STEP_WORDS
from targeting.serving.pages.fields import FieldFault, Fields, text_in
from targeting.serving.pages.meeting_page import ActionSaid, action_said, meeting_of_list
from targeting.serving.pages.notices import title_of_family
from targeting.serving.pages.today import stands_still
from targeting.serving.pages.words import capitalised
from targeting.serving.reading import Reading
from targeting.serving.sentences import in_words

SECTION = "/tasks"
MOST_NOTE = 1000


@dataclass(frozen=True, kw_only=True)
class TaskSaid:
    """A record said to be wrong, in words."""

    number: int
    agency: str
    what: str
    called: str
    href: str
    opened: str
    steps: tuple[tuple[str, str, str], ...]
    is_open: bool


class TaskDesk:
    """Answers what is asked about tasks, over one service's lists."""

    def __init__(self, reading: Reading, district: str) -> None:
        self._reading, self._district = reading, district

    def all(self, request: Request) -> Response:
        """Return every task, the open ones first."""
        return self._shown(request, ())

    def step(self, request: Request, fields: Fields) -> Response:
        """Return the way back once it is noted what became of a wrong record."""
        task, sent, note = self._task(request), text_in(fields, "step"), text_in(fields, "note")
        step = next((each for each in get_args(Step) if each == sent), None)
        if step is None:
            return self._shown(request, (FieldFault(f"step-{task.number}", "Choose what became of it"),))
        if len(note) > MOST_NOTE:
            return self._shown(request, (FieldFault(f"note-{task.number}", f"Use {MOST_NOTE:,} characters or fewer"),))
        reader = reader_of(request)
        told = {"request_id": request.state.correlation_id, "details": {"step": step}}
        audit = reader.did("take_correction_step", what=task.flag_id, families=[task.family_id], **told)
        self._reading.database.write(
            lambda writing: take_step(writing, task.number, step=step, note=note, subject=reader.subject), audit=audit
        )
        return go_to("/tasks")

    def done(self, request: Request, _fields: Fields) -> Response:
        """Return the way back once it is entered that an action is done."""
        reader, number = reader_of(request), request.path_params["number"]
        for identifier, meeting in self._meetings(reader).items():
            if any(str(each.sequence) == number for each in meeting.actions):
                content = ActionDone(action=int(number))
                audit = reader.did("do_action", what=identifier, request_id=request.state.correlation_id)
                self._enter(identifier, content, reader, audit)
                return go_to("/tasks")
        raise HTTPException(404)

    def _enter(self, identifier: str, content: ActionDone, reader: Reader, audit: Any) -> None:
        self._reading.database.write(
            lambda writing: enter(writing, identifier, content, subject=reader.subject, role=reader.role), audit=audit
        )

    def _shown(self, request: Request, faults: tuple[FieldFault, ...]) -> Response:
        reader = reader_of(request)
        tasks = self._tasks(reader)
        actions = self._actions(reader)
        named = [*(each.family_id for each in tasks), *(each.family_id for each in actions if each.about)]
        show(request, what="", families=named)
        values: dict[str, Any] = {
            "open": tuple(_said(each, self._called(reader, each.flag_id)) for each in tasks if each.is_open),
            # Of years of answered ones no list is read for its order alone.
            "closed": tuple(_said(each, each.family_id) for each in tasks if not each.is_open),
            "actions": tuple(each for each in actions if not each.is_done),
            "steps": STEP_WORDS,
            "prepares": reader.role in ("chair", "business_support"),
            "meets": reader.role in ("chair", "business_support", "panel_member"),
            "stands_still": stands_still(self._reading, reader),
            "faults": faults,
            "errors": {each.field: each.message for each in faults},
        }
        status = 422 if faults else 200
        return page(request, "tasks.html", district=self._district, section=SECTION, status=status, **values)

    def _task(self, request: Request) -> CorrectionTask:
        number = request.path_params["number"]
        for each in self._tasks(reader_of(request)):
            if str(each.number) == number:
                return each
        raise HTTPException(404)

    def _tasks(self, reader: Reader) -> tuple[CorrectionTask, ...]:
        """Return the wrong records of families that the reader may see."""
        with self._reading.database.reading() as connection:
            found = correction_tasks(connection)
        return tuple(each for each in found if self._reading.may_see(reader, each.flag_id) is not None)

    def _actions(self, reader: Reader) -> tuple[ActionSaid, ...]:
        held = [(each, meeting) for meeting in self._meetings(reader).values() for each in meeting.actions]
        about = {each.content.flag_id for each, _ in held if isinstance(each.content, Action) and each.content.flag_id}
        called = {flag_id: name for flag_id in about if (name := self._called(reader, flag_id))}
        return tuple(action_said(each, meeting, called) for each, meeting in held)

    def _called(self, reader: Reader, flag_id: str) -> str:
        """Return what a flag's family is called on its list, and on which; empty where the reader may not see it."""
        found = self._reading.may_see(reader, flag_id)
        if found is None:
            return ""
        head, agenda = found.on.head, agenda_of(self._reading, reader, found.on)
        return f"{title_of_family(head, agenda.number_of(flag_id))} of “{head.title}”, {in_words(head.as_of_date)}"

    def _meetings(self, reader: Reader) -> Mapping[str, Meeting]:
        identifiers = list(dict.fromkeys(meeting_of_list(each.head) for each in self._reading.lists(reader)))
        with self._reading.database.reading() as connection:
            return meetings_of(connection, identifiers)


def _said(task: CorrectionTask, called: str) -> TaskSaid:
    return TaskSaid(
        number=task.number,
        agency=capitalised(task.agency),
        what=task.what,
        called=called,
        href=f"/flags/{task.flag_id}",
        opened=f"{task.opened_by}, {moment(task.opened_at)}",
        steps=tuple((STEP_WORDS[each.step], f"{each.by}, {moment(each.at)}", each.note) for each in task.steps),
        is_open=task.is_open,
    )
