"""Decisions as a case-management system writes and follows them, on both kinds of database."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import URL

from targeting.models.suspension import Suspension, lift, suspend
from targeting.serving.published import PublishedList

Make = Callable[..., PublishedList]
BODY: dict[str, Any] = {
    "decision": "offer_help",
    "reason": "Mornings are hard for both children.",
    "first_view": "no_contact_needed_now",
    "threshold_level": "early_help",
    "children": [{"child": "the younger", "impact": "Misses the start of the day", "voice": None}],
    "agreement": "agreed",
    "safe_contact": {"who": "the mother", "how": "by telephone", "when_not": "after 16:00"},
    "best_placed": None,
    "correction": None,
    "owner": "family hub north",
    "due_date": "2026-04-13",
    "first_contact": None,
    "follow_ups": [],
}


@pytest.fixture
def client(serving, a_list: Make, database_url: URL) -> Any:
    return serving(a_list(), url=database_url)


@pytest.fixture
def path(a_list: Make) -> str:
    return f"/v1/flags/{a_list().flags[0].id}/decision"


def put(client: Any, path: str, etag: str | None, body: Any = BODY, **headers: str) -> Any:
    sent = {**headers, **({"if-match": etag} if etag is not None else {})}
    return client.send("PUT", path, json=body, headers=sent)


def test_a_case_system_decides_and_sees_it_on_the_next_poll(client: Any, path: str, a_list: Make):
    flag = a_list().flags[0]
    found = client.get("/v1/lists").json()["items"][0]
    assert client.get(f"/v1/lists/{found['id']}/flags").json()["items"][0]["id"] == flag.id
    polled = client.get("/v1/decisions").json()
    assert polled == {"items": [], "next_cursor": "0"}
    before = client.get(path)
    assert (before.json(), before.headers["etag"]) == ({"flag_id": flag.id, "revision": 0, "decision": None}, '"r0"')
    decided = put(client, path, before.headers["etag"])
    assert (decided.status_code, decided.headers["etag"]) == (200, '"r1"')
    recorded = decided.json()["decision"]
    assert (recorded["content"], recorded["recorded_by"]) == (BODY, "demo integration client")
    assert client.get(path).json() == decided.json()
    polled = client.get(f"/v1/decisions?cursor={polled['next_cursor']}").json()
    assert polled["items"] == [recorded]
    revised = put(client, path, '"r1"', BODY | {"decision": "no_contact_needed_now", "safe_contact": None})
    assert revised.json()["revision"] == 2
    polled = client.get(f"/v1/decisions?cursor={polled['next_cursor']}").json()
    assert [each["revision"] for each in polled["items"]] == [2]
    assert client.get(f"/v1/decisions?cursor={polled['next_cursor']}").json()["items"] == []
    assert [each["revision"] for each in client.get(f"{path}/revisions").json()["items"]] == [1, 2]
    assert client.get("/v1/decisions?limit=1").json()["items"] == [recorded]
    client.doors.control.database.check_audit_log()


def test_what_was_not_read_is_not_overwritten(client: Any, path: str):
    assert put(client, path, None).status_code == 428
    assert put(client, path, '"r0"').status_code == 200
    for etag in ('"r0"', "*", "r1", '"r7"', '"r1'):
        stale = put(client, path, etag)
        assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale"), etag
    assert put(client, path, '"r9", "r1"').json()["revision"] == 2


def test_sent_again_it_is_answered_as_before_and_done_once(client: Any, path: str):
    first = put(client, path, '"r0"', **{"idempotency-key": "one"})
    head = client.doors.control.database.head()
    again = put(client, path, '"r0"', **{"idempotency-key": "one"})
    assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, '"r1"')
    assert client.doors.control.database.head() == head
    other = put(client, path, '"r0"', BODY | {"owner": "another"}, **{"idempotency-key": "one"})
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-used")
    assert put(client, path, '"r1"', **{"idempotency-key": "one"}).status_code == 422
    of_another = {"authorization": f"Bearer {client.doors.token('chair')}", "idempotency-key": "one"}
    assert put(client, path, '"r1"', **of_another).json()["revision"] == 2
    blank = put(client, path, '"r2"', **{"idempotency-key": "a b"})
    assert (blank.status_code, blank.json()["errors"][0]["where"]) == (422, "header.Idempotency-Key")


def test_while_it_is_under_way_the_same_request_waits(serving, a_list: Make, path: str, monkeypatch: Any):
    client = serving(a_list())
    client.get("/v1/lists")
    began, go_on, answers = threading.Event(), threading.Event(), []
    database = client.doors.control.database
    write = database.write

    def slow(*given: Any, **named: Any) -> Any:
        began.set()
        assert go_on.wait(30)
        return write(*given, **named)

    monkeypatch.setattr(database, "write", slow)
    first = threading.Thread(target=lambda: answers.append(put(client, path, '"r0"', **{"idempotency-key": "one"})))
    first.start()
    assert began.wait(30)
    second = put(client, path, '"r0"', **{"idempotency-key": "one"})
    go_on.set()
    first.join()
    assert (second.status_code, second.json()["type"]) == (409, "/problems/under-way")
    assert answers[0].status_code == 200


def test_two_who_decide_at_once_lose_nothing(serving, a_list: Make, path: str):
    client = serving(a_list())
    answers: list[Any] = []
    sent = [BODY | {"owner": f"p{number}"} for number in range(6)]
    threads = [
        threading.Thread(target=lambda body=body: answers.append(put(client, path, '"r0"', body))) for body in sent
    ]
    client.get("/v1/lists")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.status_code for each in answers) == [200, *[412] * 5]
    (winner,) = (each for each in answers if each.status_code == 200)
    assert client.get(path).json() == winner.json()


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"decision": "ignore"}, "body.decision"),
        ({"reason": ""}, "body.reason"),
        ({"reason": " "}, "body.reason"),
        ({"reason": "x" * 4001}, "body.reason"),
        ({"due_date": "2026-02-30"}, "body.due_date"),
        ({"due_date": 20260413}, "body.due_date"),
        ({"children": [{"child": "a", "impact": "b"}]}, "body.children.0.voice"),
        ({"follow_ups": [{"months": 4, "outcome": "needs_met", "noted_on": "2026-07-01"}]}, "body.follow_ups.0.months"),
        ({"name": "Ada"}, "body"),
        ({"safe_contact": "by telephone"}, "body.safe_contact"),
    ],
)
def test_a_body_that_does_not_fit_is_told_by_place_alone(bare_client: Any, path: str, changed: Any, where: str):
    answered = put(bare_client, path, '"r0"', BODY | changed)
    assert answered.status_code == 422, answered.text
    assert where in {each["where"] for each in answered.json()["errors"]}
    assert "Ada" not in answered.text


def test_help_is_offered_only_with_a_safe_contact(bare_client: Any, path: str):
    answered = put(bare_client, path, '"r0"', BODY | {"safe_contact": None})
    assert (answered.status_code, answered.json()["type"]) == (409, "/problems/decision-not-usable")
    twice = [{"months": 3, "outcome": "needs_met", "noted_on": "2026-07-01"}] * 2
    answered = put(bare_client, path, '"r0"', BODY | {"safe_contact": None, "follow_ups": twice})
    assert answered.json()["faults"] == [
        "Help is offered only once somebody has said who may be contacted safely, how, and when not.",
        "There is one outcome for each of 3, 6 and 12 months.",
    ]


def test_a_first_contact_is_taken_from_the_lists_date_until_today_and_may_be_left_out(bare_client: Any, path: str):
    def told(on: str) -> Any:
        return {"first_contact": {"contacted_on": on, "by": "health_visitor"}}

    without = {name: value for name, value in BODY.items() if name != "first_contact"}
    assert put(bare_client, path, '"r0"', without).json()["decision"]["content"] == BODY
    for day in ("2026-03-29", "2026-03-31"):
        refused = put(bare_client, path, '"r1"', BODY | told(day))
        assert (refused.status_code, refused.json()["faults"]) == (
            409,
            ["The first contact was on or after the list's date, 2026-03-30, and no later than today, 2026-03-30."],
        )
    answered = put(bare_client, path, '"r1"', BODY | told("2026-03-30"))
    assert answered.json()["decision"]["content"] == BODY | told("2026-03-30")
    by_name = {"first_contact": {"contacted_on": "2026-03-30", "by": "Mrs Ash"}}
    assert put(bare_client, path, '"r2"', BODY | by_name).json()["errors"][0]["where"] == "body.first_contact.by"


@pytest.fixture
def bare_client(serving, a_list: Make) -> Any:
    return serving(a_list())


def test_nothing_that_a_decision_says_is_logged(bare_client: Any, path: str, events_of, capsys):
    assert put(bare_client, path, '"r0"').status_code == 200
    logged = capsys.readouterr().err + str(events_of(bare_client))
    for said in ("Mornings", "family hub", "telephone", "the younger", "after 16"):
        assert said not in logged
    assert "offer_help" in str(events_of(bare_client))


def test_suspended_flags_are_served_as_such_and_nothing_is_estimated(district, monkeypatch):
    monkeypatch.setattr("targeting.serving.reading.SECONDS_UNTIL_KNOWN", -1.0)
    client, flag = district.new_client(), district.lists[0].flags[0]
    path = f"/v1/flags/{flag.id}"
    asked = {"family": {"system": "targeting", "value": flag.family_id}}
    assert client.get(path).json()["suspended"] is None
    suspend(district.data, "escalation", Suspension(date(2026, 3, 30), "gov", "A floor was breached"))
    told = client.get(path).json()["suspended"]
    assert told == {"since": "2026-03-30", "why": "A floor was breached"}
    assert client.get(path).json()["band"] is None
    assert "Suspended since 30 March 2026: A floor was breached." in client.get(f"/flags/{flag.id}").text
    refused = client.send("POST", "/v1/scores", json=asked)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/suspended")
    lift(district.data, "escalation")
    assert client.get(path).json()["suspended"] is None
    assert client.send("POST", "/v1/scores", json=asked).status_code == 200


def test_whoever_polls_a_store_that_was_restored_is_told_to_begin_anew(district, database_url: URL):
    client = district.new_client(url=database_url)
    last = client.get("/v1/decisions").json()["next_cursor"]
    assert client.get(f"/v1/decisions?cursor={last}").json() == {"items": [], "next_cursor": last}
    answered = client.get("/v1/decisions?cursor=1000")
    assert (answered.status_code, answered.json()["type"]) == (404, "/problems/unknown-cursor")
    assert answered.json()["detail"] == "Nothing was recorded up to that cursor: begin without one."
