"""A server that keeps the store is waited for in another thread: whoever else asks meanwhile is answered."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from decision_sent import DECISION
from sqlalchemy import URL, Pool, event

from targeting.serving.access.permissions import RULES
from targeting.serving.api.guard import COOKIE
from targeting.serving.panel_families import panels_of_families
from targeting.serving.published import PublishedList

INCIDENT = {
    "kind": "domestic_abuse_incident",
    "person": {"system": "request", "value": "x"},
    "source": "police",
    "event_date": "2025-12-03",
    "knowledge_date": "2025-12-04",
    "grade": "medium",
    "child_present": False,
}
NAMES = {"job_id": "j_" + "a" * 26, "meeting_id": "district-2026-03-30", "number": "1", "slug": "stale"}


def others_wait() -> bool:
    """Return whether this thread has other requests to answer meanwhile."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@pytest.fixture
def on_the_loop() -> Iterator[list[str]]:
    """Return where it is noted that a connection was taken in a thread that had others to answer."""
    found: list[str] = []

    def note(_connection: Any, _record: Any, _proxy: Any) -> None:
        if others_wait():
            found.append("taken")

    event.listen(Pool, "checkout", note)
    yield found
    event.remove(Pool, "checkout", note)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_route_waits_for_a_server_where_others_wait_for_it(
    district, database_url: URL, on_the_loop: list[str]
) -> None:
    published = district.lists[0]
    client = district.new_client(url=database_url)
    names = NAMES | {"list_id": published.head.id, "flag_id": published.flags[0].id}
    statuses = set()
    for role, panels in (("chair", None), ("chair", ["another"]), ("governance", None)):
        claims = {} if panels is None else {"panels": panels}
        cookie = f"{COOKIE}={client.doors.session(role, panels=tuple(panels or ()))}"
        headers = {"authorization": f"Bearer {client.doors.token(role, **claims)}", "cookie": cookie}
        for method, path in (route for route, rule in RULES.items() if rule.scope is not None):
            for sent in bodies_of(method, path, published.flags[0].family_id, client.doors.csrf(cookie)):
                named = {"if-match": '"r0"', **headers, **sent.pop("headers", {})}
                answered = client.send(method, filled(path, names), headers=named, **sent)
                statuses.add(answered.status_code)
                assert on_the_loop == [], (role, panels, method, path)
    assert statuses >= {200, 202, 303, 403, 404}


def test_who_is_hidden_is_read_anew_where_nobody_waits_for_it(district, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = []

    def watched(data: Path, lists: tuple[PublishedList, ...]) -> Mapping[str, str]:
        waited.append(others_wait())
        return panels_of_families(data, lists)

    monkeypatch.setattr("targeting.serving.panel_families.panels_of_families", watched)
    client = district.new_client(panels={"district": "The district", "another": "Another"})
    headers = {"authorization": f"Bearer {client.doors.token('chair', panels=['another'])}"}
    asked = {"family": {"system": "targeting", "value": district.lists[0].flags[0].family_id}}
    for _ in range(2):
        assert client.send("POST", "/v1/scores", json=asked, headers=headers).status_code == 404
    assert waited == [False]


def filled(path: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def bodies_of(method: str, path: str, family_id: str, csrf: str) -> list[dict[str, Any]]:
    """Return what is sent to a route, once for each way in which it is answered."""
    known, unknown = ({"system": "targeting", "value": each} for each in (family_id, "f_nobody"))
    if path == "/v1/scores":
        child = {"person": INCIDENT["person"], "is_child": True, "from_date": "2020-01-01"}
        sent_along = {"people": [child], "records": [INCIDENT], "sources_asked": ["social_care"]}
        return [{"json": each} for each in ({"family": known}, {"family": known}, {"family": unknown}, sent_along)]
    if path == "/v1/families/lookup":
        return [{"json": known}, {"json": unknown}]
    if path == "/v1/scoring-jobs":
        rows = {"content-type": "application/x-ndjson"}
        return [{"content": json.dumps({"family": known}).encode(), "headers": rows}]
    if method == "PUT":
        return [{"json": DECISION}]
    return [{"data": {"csrf": csrf}}] if method == "POST" else [{}]
