"""Whatever stands in a string or a number of a request, the answer is one that is documented, on both databases."""

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL

HOSTILE = (
    "'; drop table decisions; --",
    "a\x00b",
    "../../../../etc/passwd%00",
    "{{7*7}}${jndi:ldap://127.0.0.1/a}<%= 7*7 %>%s%n{0}",
    "=cmd|' /C calc'!A0<script>alert(1)</script>",
    "a\r\nSet-Cookie: a=b",
    "\ud800",
    r"C:\u0000",
    "𝕏" * 1000,
)
# Neither can be kept: one is no character, the other is one that PostgreSQL does not take.
TAKEN = [each for each in HOSTILE if "\ud800" not in each and "\x00" not in each]
NUMBERS = ("1e999", "NaN", "-Infinity", "9" * 400, "-" + "9" * 19, "1e-400", "0.1e1", "true", "null", "[]", '""')
DECISION = {
    "decision": "offer_help",
    "reason": "The school knows more.",
    "first_view": None,
    "threshold_level": "early_help",
    "children": [{"child": "The elder", "impact": "Tired at school", "voice": None}],
    "agreement": "not_sought_yet",
    "safe_contact": {"who": "The mother", "how": "By telephone", "when_not": "After four"},
    "correction": {"agency": "schools", "what": "Moved in May."},
    "owner": "family hub north",
    "due_date": "2026-04-13",
    "follow_ups": [],
}
SENT_ALONG = {
    "family": {"system": "social_care", "value": "abuse child"},
    "as_of_date": "2026-03-30",
    "people": [
        {
            "person": {"system": "request", "value": "child"},
            "is_child": True,
            "birth_date": "2018-01-01",
            "from_date": "2020-01-01",
            "known_to": [{"source": "schools", "since": "2024-09-01"}],
        }
    ],
    "records": [
        {
            "kind": "early_help_started",
            "person": {"system": "request", "value": "child"},
            "source": "social_care",
            "event_date": "2026-01-09",
            "knowledge_date": "2026-01-10",
            "episode_id": "e",
            "referral_source": "2A",
        },
        {
            "kind": "attendance_term",
            "person": {"system": "request", "value": "child"},
            "source": "schools",
            "event_date": "2025-12-19",
            "knowledge_date": "2025-12-20",
            "sessions_possible": 100,
            "sessions_authorised": 0,
            "sessions_unauthorised": 0,
            "sessions_missed": 0,
        },
    ],
    "sources_asked": ["social_care"],
}
JSON = {"content-type": "application/json"}


def test_whatever_a_string_holds_the_answer_is_documented(district) -> None:
    client, decision = district.client, f"/v1/flags/{district.lists[0].flags[0].id}/decision"
    for hostile in HOSTILE:
        quoted = quote(hostile.encode("utf-8", "surrogatepass"))[:199]
        for path in places_of(quoted):
            check(client, "GET", path)
        for header in ("if-none-match", "targeting-purpose", "user-agent", "cookie"):
            check(client, "GET", "/v1/lists", headers={header: quoted})
        for header in ("if-match", "idempotency-key"):
            check(client, "PUT", decision, content=sent(DECISION), headers={**JSON, header: quoted})
        for body in with_each_string(SENT_ALONG, hostile):
            check(client, "POST", "/v1/scores", content=sent(body), headers=JSON)
        for body in with_each_string(SENT_ALONG["family"], hostile):
            check(client, "POST", "/v1/families/lookup", content=sent(body), headers=JSON)


def test_whatever_a_decision_says_is_kept_as_it_was_sent_or_refused(district, database_url: URL) -> None:
    client, decision = district.new_client(url=database_url), f"/v1/flags/{district.lists[0].flags[0].id}/decision"
    revision, kept = 0, []
    for hostile in HOSTILE:
        for body in with_each_string(DECISION, hostile):
            headers = {**JSON, "if-match": f'"r{revision}"'}
            if check(client, "PUT", decision, content=sent(body), headers=headers) == 200:
                revision, kept = revision + 1, [*kept, body]
    held = client.get(f"{decision}/revisions").json()["items"]
    unsaid = {"best_placed": None, "first_contact": None}
    assert [each["content"] | unsaid for each in held] == [each | unsaid for each in kept]
    assert [each["reason"] for each in kept if each["reason"] in HOSTILE] == TAKEN
    client.doors.control.database.check_audit_log()


def test_whatever_a_number_is_the_answer_is_documented(district) -> None:
    for number in NUMBERS:
        for key in ("sessions_possible", "sessions_missed", "event_date"):
            body = copy.deepcopy(SENT_ALONG)
            body["records"][1][key] = "~"
            content = sent(body).replace(b'"~"', number.encode())
            check(district.client, "POST", "/v1/scores", content=content, headers=JSON)


def places_of(quoted: str) -> Iterator[str]:
    for path in ("/v1/lists/{}", "/v1/flags/{}", "/v1/scoring-jobs/{}", "/problems/{}", "/print/{}", "/{}"):
        yield path.format(quoted)
    yield f"/v1/lists?cursor={quoted}"
    yield f"/v1/decisions?cursor={quoted}"
    yield f"/v1/lists?{quoted}=1"


def with_each_string(body: Any, hostile: str) -> Iterator[Any]:
    """Yield a body again and again, another of its strings hostile each time, and another of its names."""
    for path in strings_in(body):
        made = copy.deepcopy(body)
        holder = made
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = hostile
        yield made
    yield {**body, hostile: 1}


def strings_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, str):
        yield path
    named = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, held in named:
        yield from strings_in(held, (*path, name))


def sent(body: Any) -> bytes:
    return json.dumps(body).encode()


def check(client: Any, method: str, path: str, **options: Any) -> int:
    """Return the status of an answer, which is one that is documented."""
    answered = client.send(method, path, **options)
    assert answered.status_code < 500, (method, path, options, answered.text)
    if answered.status_code >= 400:
        assert answered.headers["content-type"] == "application/problem+json", (method, path)
    return int(answered.status_code)
