"""A panel's work in the store: only ever added to, on both kinds of database."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from targeting.serving.corrections import ENDS
from targeting.serving.database.database import Database, Writing
from targeting.serving.database.panel import (
    ConflictError,
    check_no_conflict,
    correction_tasks,
    enter,
    first_view_of,
    meeting_of,
    open_correction,
    record_first_view,
    take_step,
)
from targeting.serving.database.panel_tables import PANEL_APPEND_ONLY
from targeting.serving.decisions import Correction
from targeting.serving.meetings import Attendees, ClosedError, Conflict, NotUsed


def test_what_a_panel_did_is_never_changed_or_removed(database: Database, database_url: Any, an_event: Any) -> None:
    def work(writing: Writing) -> None:
        record_first_view(writing, flag_id="g_1", subject="ada", view="refer_up")
        wrong = Correction(agency="police", what="Another family.")
        open_correction(writing, wrong, flag_id="g_1", family_id="f_1", subject="ada")
        take_step(writing, writing.seq, step="sent", note="", subject="ben")
        enter(writing, "m_1", Conflict(flag_id="g_1", family_id="f_1"), subject="ada", role="chair")

    database.write(work, audit=an_event())
    engine = create_engine(database_url)
    for table in PANEL_APPEND_ONLY:
        for statement in (f"update {table} set at = 'never'", f"delete from {table}"):  # noqa: S608 - our own tables.
            with pytest.raises(DatabaseError, match=f"{table} is append only"), engine.begin() as connection:
                connection.execute(text(statement))
    engine.dispose()
    with database.reading() as connection:
        assert first_view_of(connection, "g_1", "ada") == "refer_up"
        (task,) = correction_tasks(connection)
        assert (task.agency, [each.step for each in task.steps], task.is_open) == ("police", ["sent"], True)
        check_no_conflict(connection, "f_1", "ben")
        with pytest.raises(ConflictError, match="A conflict of interest with this family was entered"):
            check_no_conflict(connection, "f_1", "ada")


def test_the_first_view_stays(database: Database, an_event: Any) -> None:
    for view in ("refer_up", "offer_help"):
        kept = database.write(
            lambda writing, view=view: record_first_view(writing, flag_id="g_1", subject="ada", view=view),
            audit=an_event(),
        )
        assert kept == "refer_up"


def test_a_task_ends_with_the_agencys_answer(database: Database, an_event: Any) -> None:
    for end in ENDS:
        wrong = Correction(agency="police", what="Another family.")

        def work(writing: Writing, end: Any = end, wrong: Correction = wrong) -> None:
            open_correction(writing, wrong, flag_id="g_1", family_id="f_1", subject="ada")
            take_step(writing, writing.seq, step=end, note="", subject="ben")

        database.write(work, audit=an_event())
    with database.reading() as connection:
        assert [each.is_open for each in correction_tasks(connection)] == [False, False]


def test_lists_that_were_not_used_take_no_meeting(database: Database, an_event: Any) -> None:
    def entered(content: Any) -> None:
        database.write(lambda w: enter(w, "m_1", content, subject="ada", role="chair"), audit=an_event())

    entered(NotUsed(why="Too few could come."))
    with pytest.raises(ClosedError, match="these lists were not used, so nothing more is entered"):
        entered(Attendees(held_on=date(2026, 3, 31), names=("Ada",)))
    with database.reading() as connection:
        assert len(meeting_of(connection, "m_1").entries) == 1
    assert database.head().seq == 1
