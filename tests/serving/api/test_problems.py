"""Every error is a problem by RFC 9457 whose type has a page, and says nothing of what was sent."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from targeting.serving.api.answers import FOR_PROGRAMS
from targeting.serving.api.problem_types import PROBLEM_TYPES
from targeting.serving.published import FOLDER, PublishedList
from targeting.serving.sentences import forbidden_words
from targeting.serving.writing_lists import write_lists

Make = Callable[..., PublishedList]

NOBODY = "f_" + "a" * 26
LIST, FLAG = "/v1/lists/l_" + "a" * 26, "/v1/flags/g_" + "a" * 26
JSON = {"content-type": "application/json"}
ASKED = {"content": json.dumps({"family": {"system": "targeting", "value": NOBODY}}), "headers": JSON}
TWICE = b'{"family": {"system": "a", "value": "b", "value": "c"}}'
LARGE = b'{"family": "' + b"x" * 1024 * 1024 + b'"}'

# method, path, what is sent, status, slug
TABLE: tuple[tuple[str, str, dict[str, Any], int, str], ...] = (
    ("GET", LIST, {}, 404, "unknown-list"),
    ("GET", f"{LIST}/flags", {}, 404, "unknown-list"),
    ("GET", FLAG, {}, 404, "unknown-flag"),
    ("GET", "/v1/lists?cursor=no-such", {}, 404, "unknown-cursor"),
    ("GET", "/v1/models/current", {}, 404, "no-list-published"),
    ("GET", "/v1/indicators", {}, 404, "no-list-published"),
    ("POST", "/v1/scores", ASKED, 404, "no-list-published"),
    ("GET", "/v1/families", {}, 404, "not-found"),
    ("GET", "/v1/lists/", {}, 404, "not-found"),
    ("GET", "/no-such-page", {}, 404, "not-found"),
    ("PUT", "/v1/lists", {}, 405, "method-not-allowed"),
    ("GET", "/v1/scores", {}, 405, "method-not-allowed"),
    ("POST", "/", {}, 405, "method-not-allowed"),
    ("GET", "/v1/lists/1", {}, 422, "invalid-request"),
    ("GET", "/v1/lists?limit=0", {}, 422, "invalid-request"),
    ("GET", "/livez?verbose=1", {}, 422, "invalid-request"),
    ("POST", "/v1/scores", {"content": "{}", "headers": JSON}, 422, "invalid-request"),
    ("POST", "/v1/scores", {"content": b'{"family', "headers": JSON}, 400, "unreadable-body"),
    ("POST", "/v1/scores", {"content": b'{"family": "\xff"}', "headers": JSON}, 400, "unreadable-body"),
    ("POST", "/v1/scores", {"content": b"[" * 100_000, "headers": JSON}, 400, "unreadable-body"),
    ("POST", "/v1/scores", {"content": b"", "headers": JSON}, 400, "unreadable-body"),
    ("POST", "/v1/scores", {"content": TWICE, "headers": JSON}, 400, "unreadable-body"),
    (
        "POST",
        "/v1/families/lookup",
        {"content": b'{"system": "a", "system": "a", "value": "b"}', "headers": JSON},
        400,
        "unreadable-body",
    ),
    ("POST", "/v1/scores", {"content": LARGE, "headers": JSON}, 413, "body-too-large"),
    ("POST", "/v1/scores", {"content": b"{}", "headers": {**JSON, "content-encoding": "gzip"}}, 415, "not-json"),
    ("POST", "/v1/scores", {"content": b"{}"}, 415, "not-json"),
    ("POST", "/v1/scores", {"data": {"family": "1"}}, 415, "not-json"),
    ("POST", "/v1/scores", {"content": b"{}", "headers": {"content-type": "text/json"}}, 415, "not-json"),
    (
        "POST",
        "/v1/scores",
        {"content": b"{}", "headers": {"content-type": "application/json; charset=latin-1"}},
        415,
        "not-json",
    ),
    ("GET", "/livez", {"headers": {"host": "targeting.example"}}, 421, "misdirected"),
    ("GET", "/livez", {"headers": {"host": "127.0.0.1.example"}}, 421, "misdirected"),
)


def test_each_error_is_a_problem_of_its_type(bare):
    for method, path, sent, status, slug in TABLE:
        answered = bare.send(method, path, **sent)
        kind = PROBLEM_TYPES[slug]
        assert (answered.status_code, answered.headers["content-type"]) == (status, "application/problem+json"), path
        held = answered.json()
        assert (held["type"], held["title"], held["status"]) == (f"/problems/{slug}", kind.title, status)
        assert held["instance"] == f"urn:uuid:{answered.headers['x-correlation-id']}"
        assert set(held) - {"errors"} == {"type", "title", "status", "detail", "instance"}


def test_a_body_that_comes_in_parts_is_read_no_further_than_allowed(bare):
    given: list[int] = []

    async def parts() -> Any:
        for number in range(64):
            given.append(number)
            yield b" " * 100_000

    answered = bare.send("POST", "/v1/scores", content=parts(), headers=JSON)
    assert (answered.status_code, answered.json()["type"]) == (413, "/problems/body-too-large")
    # 1,048,576 bytes are passed with the eleventh part.
    assert given == list(range(11))


def test_a_body_that_does_not_come_is_waited_for_no_longer_than_allowed(bare, monkeypatch):
    monkeypatch.setattr("targeting.serving.api.body.MOST_SECONDS", 0.01)

    async def never() -> Any:
        yield b"{"
        await asyncio.Event().wait()

    answered = bare.send("POST", "/v1/scores", content=never(), headers=JSON)
    assert (answered.status_code, answered.json()["type"]) == (408, "/problems/too-slow")


def test_what_is_not_for_a_method_names_those_that_are(bare):
    assert bare.send("DELETE", "/v1/lists").headers["allow"] == "GET, HEAD"
    assert bare.send("OPTIONS", "/v1/scores").headers["allow"] == "POST"


def test_each_type_has_a_page_in_words_that_a_screen_may_carry(bare):
    for slug, kind in PROBLEM_TYPES.items():
        page = bare.get(f"/problems/{slug}", headers={"accept": "text/html"})
        assert page.status_code == 200, slug
        assert kind.title in page.text.replace("&#39;", "'")
        assert not forbidden_words(f"{kind.title} {kind.explanation}")


def test_a_person_gets_a_page_and_a_program_a_problem(bare):
    person = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert bare.get("/no-such-page", headers=person).headers["content-type"].startswith("text/html")
    assert bare.get("/no-such-page").headers["content-type"] == "application/problem+json"
    for path in FOR_PROGRAMS:
        answered = bare.get(f"{path}/no/such", headers=person)
        assert (answered.status_code, answered.headers["content-type"]) == (404, "application/problem+json"), path


def test_each_wrong_part_of_a_query_is_named_with_what_would_fit(bare):
    digits = "Input should be a whole number from 1 to 100, in digits"
    for query, where, message in (
        ("limit=1.0", "query.limit", digits),
        ("limit=%201", "query.limit", digits),
        ("limit=-1", "query.limit", digits),
        ("limit=0", "query.limit", digits),
        ("limit=1_0", "query.limit", digits),
        ("limit=", "query.limit", digits),
        ("limit=\u0661", "query.limit", digits),
        ("limit=101", "query.limit", digits),
        ("limit=99999999999999999999", "query.limit", digits),
        ("cursor=", "query.cursor", "String should have at least 1 character"),
        ("limits=1", "query", "Holds a name that the schema does not have"),
        ("limit=1&limit=2", "query", "Holds a name more than once"),
    ):
        answered = bare.get(f"/v1/lists?{query}")
        assert answered.status_code == 422, query
        assert answered.json()["errors"] == [{"where": where, "message": message}], query


def test_a_body_that_is_sent_packed_is_refused_with_what_is_taken(bare):
    answered = bare.send("POST", "/v1/scores", content=b"{}", headers={**JSON, "content-encoding": "gzip"})
    assert answered.json()["detail"] == "The body has to be sent as it is, without Content-Encoding."
    assert answered.headers["accept-encoding"] == "identity"
    plain = bare.send("POST", "/v1/scores", content=b"{}", headers={**JSON, "content-encoding": "identity"})
    assert plain.status_code == 422


def test_a_body_is_held_to_its_types(bare):
    record = {
        "kind": "attendance_term",
        "person": {"system": "request", "value": "child"},
        "source": "schools",
        "event_date": "2026-03-02",
        "knowledge_date": "2026-03-03",
        "sessions_possible": 100,
        "sessions_authorised": 0,
        "sessions_unauthorised": 4,
        "sessions_missed": 4,
    }
    for key, value, message in (
        ("sessions_missed", "4", "Input should be a valid integer"),
        ("sessions_missed", False, "Input should be a valid integer"),
        ("sessions_missed", 4.5, "Input should be a valid integer"),
        ("event_date", 20260302, "Input should be a valid date"),
        ("event_date", "1772409600", "Input should be a valid date"),
        ("event_date", "2026-03-02T00:00:00", "Input should be a valid date"),
        ("event_date", "2026-02-30", "Input should be a valid date"),
        ("source", 7, "Input should be a valid string"),
    ):
        answered = bare.send("POST", "/v1/scores", json={"records": [record | {key: value}]})
        assert answered.status_code == 422, (key, value)
        assert answered.json()["errors"] == [{"where": f"body.records.0.{key}", "message": message}]
    fits = bare.send("POST", "/v1/scores", json={"records": [record | {"sessions_missed": 4.0}]})
    assert fits.json()["type"] == "/problems/no-list-published"


def test_many_wrong_parts_are_told_up_to_twenty(bare):
    body = {"people": [{"person": 1}] * 100}
    held = bare.send("POST", "/v1/scores", json=body).json()
    assert len(held["errors"]) == 20
    assert held["errors"][0]["where"] == "body.people.0.person"


def test_a_bug_is_told_to_nobody_but_the_log_by_where_it_was_raised(serving, capsys):
    client = serving()

    def broken() -> None:
        raise ValueError("marker-7731")

    client.app.add_api_route("/v1/broken", broken)
    answered = client.get("/v1/broken")
    assert (answered.status_code, answered.json()["type"]) == (500, "/problems/unexpected")
    logged = capsys.readouterr().err
    assert "marker-7731" not in answered.text + logged
    told = [json.loads(line) for line in logged.splitlines()]
    assert [each["event"] for each in told] == ["unexpected", "request"]
    assert told[0]["error"] == "ValueError"
    assert re.fullmatch(r"test_problems\.py:\d+ broken", told[0]["raised"][-1])
    assert told[0]["correlation_id"] == answered.headers["x-correlation-id"]


def test_a_damaged_list_is_not_served_and_the_log_says_which_file(serving, a_list: Make, tmp_path: Path, capsys):
    published = a_list()
    client = serving(published)
    (tmp_path / FOLDER / published.head.id / "flags.json").write_text("[]")
    for path in (f"/v1/lists/{published.head.id}", "/v1/lists", "/readyz"):
        answered = client.get(path)
        assert (answered.status_code, answered.json()["type"]) == (503, "/problems/not-ready")
    assert client.get("/", headers={"accept": "text/html"}).status_code == 503
    assert client.get("/livez").status_code == 200
    assert "flags.json was changed after it was published" in capsys.readouterr().err


def test_a_list_of_real_people_that_appears_while_the_service_runs_is_not_served(
    serving, a_list: Make, tmp_path: Path, capsys
):
    client, made = serving(), a_list()
    real = replace(made, head=made.head.model_copy(update={"synthetic": False}))
    assert client.get("/v1/lists").status_code == 200
    write_lists([real], data=tmp_path)
    for path in ("/v1/lists", f"/v1/flags/{real.flags[0].id}", "/readyz", "/lists", f"/flags/{real.flags[0].id}"):
        assert client.get(path).status_code == 503, path
    assert client.get("/livez").status_code == 200
    assert "a list of real people was published" in capsys.readouterr().err


MARK = "marker-8f2c"


def _bad_requests() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield requests that carry the mark wherever a client can put a text."""
    yield "GET", f"/{MARK}", {}
    yield "GET", f"/v1/{MARK}", {}
    yield "GET", f"/v1/lists/{MARK}", {}
    yield "GET", f"/v1/flags/{MARK}", {}
    yield "GET", f"/lists/{MARK}", {"headers": {"accept": "text/html"}}
    yield "GET", f"/flags/{MARK}", {"headers": {"accept": "text/html"}}
    yield "GET", f"/problems/{MARK}", {}
    yield "GET", f"/assets/{MARK}/{MARK}", {}
    yield "GET", f"/v1/lists?cursor={MARK}", {}
    yield "GET", f"/v1/lists?limit={MARK}", {}
    yield "GET", f"/v1/lists?{MARK}={MARK}", {}
    yield "GET", f"/v1/lists?{MARK}=1&{MARK}=2", {}
    yield MARK.upper(), "/v1/lists", {}
    for header in ("host", "x-correlation-id", "x-request-id", "user-agent", "referer", "cookie", "authorization"):
        yield "GET", "/v1/lists", {"headers": {header: MARK}}
    yield "POST", "/v1/scores", {"content": MARK, "headers": JSON}
    yield "POST", "/v1/scores", {"content": MARK, "headers": {"content-type": f"text/{MARK}"}}
    identifier = {"system": MARK, "value": MARK}
    dates = {"event_date": "2026-03-02", "knowledge_date": "2026-03-03"}
    for body in (
        MARK,
        {MARK: MARK},
        {"family": MARK},
        {"family": identifier},
        {"family": {**identifier, MARK: MARK}},
        {"family": {"system": "targeting", "value": MARK}},
        {"family": {"system": "social_care", "value": MARK}},
        {"family": identifier, "as_of_date": MARK},
        {"people": [{"person": identifier, "is_child": MARK, "from_date": MARK, "known_to": [MARK]}]},
        {"people": [{"person": identifier, "is_child": True, "birth_date": None, "from_date": "2026-01-01"}]},
        {"records": [{"kind": MARK}]},
        {"records": [{MARK: MARK, "kind": "contact"}]},
        {"records": [{"kind": "contact", "person": identifier, "source": MARK, **dates}]},
        {"records": [{"kind": "contact", "person": identifier, "source": MARK, **dates, "referral_source": MARK}]},
        {"records": [{"kind": "early_help_ended", "person": identifier, "source": MARK, **dates, "episode_id": MARK}]},
    ):
        yield "POST", "/v1/scores", {"json": body}


def test_nothing_that_was_sent_comes_back_or_is_logged_or_counted(district, capsys):
    client = district.new_client()
    for method, path, sent in _bad_requests():
        answered = client.send(method, path, **sent)
        assert MARK not in answered.text.lower() + str(answered.headers).lower(), (path, answered.text)
        assert answered.status_code < 500, (path, sent, answered.text)
    assert MARK not in client.get("/metrics").text.lower()
    logged = capsys.readouterr()
    assert MARK not in (logged.err + logged.out).lower()


def test_no_pseudonym_is_logged_or_counted(district, capsys):
    client, published = district.new_client(), district.lists[0]
    flag = published.flags[0]
    for path in (f"/v1/lists/{published.head.id}/flags", f"/v1/flags/{flag.id}", f"/flags/{flag.id}"):
        assert client.get(path).status_code == 200
    asked = {"family": {"system": "targeting", "value": flag.family_id}}
    assert client.send("POST", "/v1/scores", json=asked).status_code == 200
    told = capsys.readouterr().err + client.get("/metrics").text
    assert not [each for each in (flag.id, flag.family_id, published.head.id) if each in told]
    routes = [json.loads(line)["route"] for line in told.splitlines() if line.startswith("{")]
    assert routes == ["/v1/lists/{list_id}/flags", "/v1/flags/{flag_id}", "/flags/{flag_id}", "/v1/scores"]
