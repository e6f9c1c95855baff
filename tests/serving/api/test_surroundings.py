"""What surrounds every answer: headers, names, the log, the figures, whether it serves."""

import json
import os
import re
from collections.abc import Callable
from urllib.parse import quote

from sqlalchemy import URL, create_engine, text

from targeting.serving.published import PublishedList

Make = Callable[..., PublishedList]
POLICY = re.compile(
    r"default-src 'none'; style-src 'self' 'nonce-([\w-]{22})'; script-src 'nonce-\1'; img-src 'self'; "
    r"font-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def test_every_answer_forbids_a_browser_what_it_does_not_need(serving, a_list: Make):
    published = a_list()
    client = serving(published)
    paths = (
        "/v1/lists",
        f"/flags/{published.flags[0].id}",
        "/problems/not-found",
        "/livez",
        "/v1/no-such",
        "/openapi.json",
    )
    for path in paths:
        answered = client.get(path)
        assert {name: answered.headers[name] for name in HEADERS} == HEADERS, path
        assert POLICY.fullmatch(answered.headers["content-security-policy"]), path
        assert "geolocation=()" in answered.headers["permissions-policy"]


def test_a_nonce_and_an_id_are_of_one_answer_alone(bare):
    answers = [bare.get("/livez") for _ in range(2)]
    for header in ("content-security-policy", "x-correlation-id"):
        assert len({answered.headers[header] for answered in answers}) == 2


def test_what_never_changes_under_its_address_may_be_kept(bare):
    stylesheet = re.search(r'href="(/assets/[^"]+\.css)"', bare.get("/").text)
    assert stylesheet is not None
    assert bare.get(stylesheet.group(1)).headers["cache-control"] == "public, max-age=31536000, immutable"


def test_only_names_of_this_computer_are_answered(bare):
    for host in ("127.0.0.1", "127.0.0.1:8000", "localhost", "LOCALHOST:80", "[::1]", "[::1]:8000"):
        assert bare.get("/livez", headers={"host": host}).status_code == 200, host
    for host in (
        "",
        "127.0.0.2",
        "localhost.",
        "localhost:",
        "127.0.0.1:8000@evil.example",
        "evil.example:8000",
        "::1",
    ):
        assert bare.get("/livez", headers={"host": host}).status_code == 421, host


def test_the_head_alone_is_the_same_without_a_body(bare):
    whole, head = bare.get("/readyz"), bare.send("HEAD", "/readyz")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_a_line_of_the_log_tells_of_one_request(serving, capsys):
    client = serving()
    answered = client.get("/v1/lists?limit=7")
    told = json.loads(capsys.readouterr().err)
    hashes = told.pop("client"), told.pop("subject")
    assert hashes == tuple(map(client.doors.control.database.hashed, ("demo", "demo integration client")))
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in hashes)
    assert told.pop("milliseconds") > 0
    assert told == {
        "at": "2026-03-30T06:00:00.000+00:00",
        "level": "info",
        "event": "request",
        "method": "GET",
        "route": "/v1/lists",
        "status": 200,
        "correlation_id": answered.headers["x-correlation-id"],
    }


def test_requests_are_counted_by_route_whatever_they_asked_for(serving, a_list: Make):
    published = a_list()
    client = serving(published)
    for flag in published.flags:
        client.get(f"/v1/flags/{flag.id}")
    client.get("/v1/flags/g_1")
    client.get("/no/such/address")
    client.send("PROPFIND", "/v1/lists")
    counted = [line for line in client.get("/metrics").text.splitlines() if line.startswith("targeting_requests_total")]
    assert counted == [
        'targeting_requests_total{method="GET",route="/v1/flags/{flag_id}",status="200"} 2.0',
        'targeting_requests_total{method="GET",route="/v1/flags/{flag_id}",status="422"} 1.0',
        'targeting_requests_total{method="GET",route="none",status="404"} 1.0',
        'targeting_requests_total{method="other",route="/v1/lists",status="405"} 1.0',
    ]


def test_ready_says_what_is_served(district):
    assert district.client.get("/readyz").json() == {
        "status": "ready",
        "lists": 2,
        "as_of_date": "2026-03-30",
        "message": "The current lists are served.",
    }


def test_it_is_not_ready_while_its_store_is_away(serving, postgresql: URL, capsys):
    name = f"gone_{os.getpid()}"
    with create_engine(postgresql, isolation_level="AUTOCOMMIT").connect() as server:
        server.execute(text(f'create database "{name}"'))
        client = serving(url=postgresql.set(database=name))
        assert client.get("/readyz").status_code == 200
        server.execute(text(f'drop database "{name}" with (force)'))
        answered = client.get("/readyz")
        assert (answered.status_code, answered.json()["type"]) == (503, "/problems/not-ready")
        assert client.get("/livez").status_code == 200
        server.execute(text(f'create database "{name}"'))
    assert '"event": "store failed"' in capsys.readouterr().err


# What a careless or hostile client puts wherever it can: a name, an NHS number, a date of birth, a unique pupil number.
PERSONAL = ("Aoife O'Connor-Khan", "943 476 5919", "9434765919", "2017-05-14", "A123456789012")


def test_no_line_of_the_log_repeats_anything_that_was_sent(serving, a_list: Make, capfd):
    published = a_list()
    client = serving(published)
    flag = published.flags[0]
    for each in PERSONAL:
        quoted = quote(each)
        client.get(f"/v1/flags/{quoted}")
        client.get(f"/{quoted}", headers={"x-name": quoted, "user-agent": quoted, "targeting-purpose": quoted})
        client.get(f"/v1/lists?cursor={quoted}&{quoted}=1", headers={"if-none-match": quoted})
        client.get("/v1/lists", headers={"authorization": f"Bearer {quoted}", "cookie": quoted})
        client.send(quoted.replace("%", ""), "/v1/lists")
        for body in ({"system": each, "value": each}, {each: each}, [each], each):
            client.send("POST", "/v1/families/lookup", json=body)
            client.send("POST", "/v1/scores", json={"family": body})
        rows = json.dumps({"family": {"system": each, "value": each}}).encode()
        client.send("POST", "/v1/scoring-jobs", content=rows, headers={"content-type": "application/x-ndjson"})
        client.send("POST", "/v1/scoring-jobs", content=rows, headers={"content-type": quoted})
        headers = {"if-match": quoted, "idempotency-key": quoted, "content-type": "application/json"}
        client.send("PUT", f"/v1/flags/{flag.id}/decision", content=each, headers=headers)
    client.get(f"/v1/flags/{flag.id}")
    written = "".join(capfd.readouterr())
    assert written.count('"event": "request"') == 16 * len(PERSONAL) + 1
    for each in (*PERSONAL, quote(PERSONAL[0]), "Aoife", flag.family_id, flag.id, published.head.id, "demo", "Bearer"):
        assert each not in written, each
    last = json.loads(written.splitlines()[-1])
    assert last["families"] == [client.doors.control.database.hashed(flag.family_id)]
