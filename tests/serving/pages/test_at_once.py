"""Many who decide at once lose nothing; killed at any point, what was acknowledged is there once, and nothing half."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from sqlalchemy import event

from targeting.serving.database.decisions import revisions
from targeting.serving.ids import flag_id
from targeting.serving.published import PublishedList
from targeting.serving.served import Served
from targeting.serving.writing_lists import write_lists

Make = Callable[..., PublishedList]
FORM = {
    "decision": "record_is_wrong",
    "reason": "Looked at in the meeting.",
    "threshold_level": "universal",
    "agreement": "not_sought_yet",
    "owner": "family hub north",
    "due_date-day": "13",
    "due_date-month": "4",
    "due_date-year": "2026",
    "correction_agency": "Police",
    "correction_what": "Another family of that name.",
    "instead_of": "0",
}


def of_many(made: PublishedList, families: int) -> PublishedList:
    """Return a list of so many families, all like the first."""
    names = [f"f_{number:04}" for number in range(families)]
    flags = tuple(
        made.flags[0].model_copy(update={"id": flag_id(made.head.id, name), "family_id": name, "rank": number})
        for number, name in enumerate(names, start=1)
    )
    passports = tuple(made.passports[0].model_copy(update={"flag": flag}) for flag in flags)
    return replace(made, flags=flags, passports=passports, records=())


def test_twenty_decide_at_once_two_of_them_on_the_same_family(
    panel: Any, a_list: Make, doors_of: Any, tmp_path: Any
) -> None:
    published = of_many(a_list(), 19)
    visitor_as = panel(published)
    reviewers = [visitor_as("panel_member", subject=f"reviewer {number}") for number in range(20)]
    flags = [published.flags[max(number - 1, 0)].id for number in range(20)]
    answers: dict[int, Any] = {}

    def decide(number: int) -> None:
        form = FORM | {"reason": f"Reviewer {number} looked."}
        answers[number] = reviewers[number].post(f"/flags/{flags[number]}/decision", **form)

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (late,) = (number for number, answer in answers.items() if answer.status_code != 303)
    assert late in (0, 1)
    assert answers[late].status_code == 412
    assert f"Reviewer {1 - late} looked." in answers[late].text
    assert f"Reviewer {late} looked." in answers[late].text
    database = doors_of(tmp_path).control.database
    with database.reading() as connection:
        held = [revisions(connection, each.id) for each in published.flags]
    assert [len(each) for each in held] == [1] * 19
    recorded = {each[0].recorded_by: each[0].content.reason for each in held}
    assert recorded == {f"reviewer {n}": f"Reviewer {n} looked." for n in range(20) if n != late}
    database.check_audit_log()


MOMENTS, A_PROCESS = 20, 3
SECONDS_OF_A_DECISION = 0.02


def _leave_connections(database: Any) -> None:
    """Open new connections in a forked process: those open are its parent's."""
    for engine in (database._writer, database._reader, database._recording):
        engine.dispose(close=False)


def killed_while_deciding(visitor: Any, database: Any, flags: list[str], moment: Random) -> set[str]:
    """Return the flags of which a process was told that they are decided, until it was killed at a moment of chance."""
    told, telling = os.pipe()
    child = os.fork()
    if child == 0:
        # Whatever goes wrong here, this process never goes on with the tests of the other.
        try:
            _leave_connections(database)
            for flag in flags:
                if visitor.post(f"/flags/{flag}/decision", **FORM).status_code == 303:
                    os.write(telling, f"{flag}\n".encode())
        finally:
            os._exit(0)
    os.close(telling)
    with os.fdopen(told, "rb") as said:
        acknowledged = [said.readline() for _ in range(moment.randint(0, A_PROCESS - 1))]
        assert all(acknowledged), "the process ended before it had decided"
        until = time.perf_counter() + moment.random() * SECONDS_OF_A_DECISION
        while time.perf_counter() < until:
            pass
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return {line.decode().strip() for line in (*acknowledged, *said)} - {""}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
def test_killed_at_twenty_moments_of_chance_every_acknowledged_decision_is_there_once(
    a_list: Make, visit: Any, doors_of: Any, tmp_path: Any
) -> None:
    published = of_many(a_list(), A_PROCESS * MOMENTS)
    write_lists([published], data=tmp_path)
    visitor = visit(Served(tmp_path, district="Bradford", signers=()))
    database, moment = visitor.app.state.guard._control.database, Random(20260330)
    flags = [each.id for each in published.flags]
    acknowledged: set[str] = set()
    for number in range(MOMENTS):
        its_own = flags[A_PROCESS * number : A_PROCESS * (number + 1)]
        acknowledged |= killed_while_deciding(visitor, database, its_own, moment)
    after = doors_of(tmp_path).control.database
    with after.reading() as connection:
        held = {flag: revisions(connection, flag) for flag in flags}
    assert {len(held[flag]) for flag in acknowledged} == {1}
    recorded = {flag for flag, found in held.items() if found}
    # Of each process at most one decision was recorded and not told any more; none is there twice, none in part.
    assert len(recorded - acknowledged) <= MOMENTS
    assert all(found[0].content.reason == FORM["reason"] for found in held.values() if found)
    assert max(map(len, held.values())) == 1
    after.check_audit_log()


def _decide_and_die(point: int, visitor: Any, database: Any, path: str, telling: int) -> None:
    left = iter(range(point))

    def die_here(*_given: Any) -> None:
        if next(left, None) is None:
            os.write(telling, b"dead ")
            os._exit(9)

    _leave_connections(database)
    event.listen(database._writer, "before_cursor_execute", die_here)
    event.listen(database._writer, "commit", die_here)
    event.listen(database._writer.pool, "checkin", die_here)
    answered = visitor.post(path, **FORM)
    os.write(telling, b"acknowledged" if answered.status_code == 303 else b"refused")


def killed_at(point: int, visitor: Any, database: Any, path: str) -> tuple[bool, bool]:
    """Return whether a decision was acknowledged, and whether the process got as far as the point at which it dies.

    Points are the statements of the transaction, one by one, its commit, and the moment after it.
    """
    told, telling = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _decide_and_die(point, visitor, database, path, telling)
        finally:
            os._exit(0)
    os.close(telling)
    os.waitpid(child, 0)
    with os.fdopen(told, "rb") as said:
        words = said.read()
    return b"acknowledged" in words, b"dead" in words


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
def test_killed_at_each_step_of_its_transaction_a_decision_is_there_once_or_not_at_all(
    a_list: Make, visit: Any, doors_of: Any, tmp_path: Any
) -> None:
    published = of_many(a_list(), 40)
    write_lists([published], data=tmp_path)
    visitor = visit(Served(tmp_path, district="Bradford", signers=()))
    database = visitor.app.state.guard._control.database
    there, point = [], 0
    while True:
        flag = published.flags[point].id
        path = f"/flags/{flag}/decision"
        acknowledged, died = killed_at(point, visitor, database, path)
        with doors_of(tmp_path).control.database.reading() as connection:
            there.append(len(revisions(connection, flag)))
        assert not acknowledged or there[-1] == 1
        assert there[-1] <= 1
        again = visitor.post(path, **FORM)
        assert again.status_code == 303
        with database.reading() as connection:
            assert len(revisions(connection, flag)) == 1
        if not died:
            break
        point += 1
    # Dead before its commit it is not there; dead after, it is, though nobody was told.
    assert there == [0] * there.count(0) + [1] * there.count(1)
    assert there.count(0) >= 7
    assert there.count(1) >= 2
    tasks = visitor.get("/tasks").text
    assert tasks.count("Another family of that name.") == point + 1
    doors_of(tmp_path).control.database.check_audit_log()
