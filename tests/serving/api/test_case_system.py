"""A case-management system's way through the service, and what it is told of families that are no more."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from decision_sent import DECISION
from sqlalchemy import URL

from targeting.serving.access.definition import Access
from targeting.serving.contents import Flag
from targeting.serving.ids import list_id
from targeting.serving.writing_lists import write_lists
from targeting.store.contents import SUCCESSIONS
from targeting.store.generations import open_generation


def lookup(client: Any, value: str, **headers: str) -> Any:
    return client.send("POST", "/v1/families/lookup", json={"system": "targeting", "value": value}, headers=headers)


def test_it_looks_a_family_up_reads_decides_and_sees_it_on_the_next_poll(district, database_url: URL):
    client, flag = district.new_client(url=database_url), district.lists[0].flags[0]
    polled = client.get("/v1/decisions").json()
    found = lookup(client, flag.family_id).json()
    assert (found["family_id"], found["successors"]) == (flag.family_id, [])
    (held,) = found["flags"]
    assert held == {
        "id": flag.id,
        "list_id": flag.list_id,
        "as_of_date": "2026-03-30",
        "expires_on": flag.expires_on.isoformat(),
    }
    listed = client.get(f"/v1/lists/{held['list_id']}/flags")
    assert client.get(f"/v1/flags/{held['id']}").json() in listed.json()["items"]
    unchanged = client.get(f"/v1/lists/{held['list_id']}/flags", headers={"if-none-match": listed.headers["etag"]})
    assert unchanged.status_code == 304
    before = client.get(f"/v1/flags/{held['id']}/decision")
    headers = {"if-match": before.headers["etag"], "idempotency-key": "one"}
    decided = client.send("PUT", f"/v1/flags/{held['id']}/decision", json=DECISION, headers=headers)
    assert decided.status_code == 200, decided.text
    polled = client.get(f"/v1/decisions?cursor={polled['next_cursor']}").json()
    assert polled["items"] == [decided.json()["decision"]]
    client.doors.control.database.check_audit_log()


def test_a_look_up_leaves_its_event_and_an_unknown_family_none(district, tmp_path: Path, events_of):
    client = district.new_client(url=URL.create("sqlite", database=str(tmp_path / "service.sqlite")))
    assert lookup(client, "f_nobody").json()["type"] == "/problems/unknown-family"
    assert lookup(client, "f_absent").status_code == 200
    told = [(each["action"], each["families"]) for each in events_of(client) if each["action"] != "begin"]
    assert told == [("look_up", '["f_absent"]')]


def test_a_family_is_found_where_points_order_the_lists_though_no_estimate_is_given(district, project: Path):
    week = timedelta(days=7)
    for each in district.lists:
        head = each.head.model_copy(
            update={
                "id": list_id("by points", each.head.kind),
                "together": (list_id("by points", each.head.kind),),
                "as_of_date": each.head.as_of_date + week,
                "ordered_by": "points_rule",
            }
        )
        write_lists([replace(each, head=head, flags=(), passports=(), records=())], data=project / "var")
    client = district.client_of(project / "var", district.signers)
    found = lookup(client, "f_absent")
    assert (found.status_code, found.json()["family_id"]) == (200, "f_absent")
    asked = {"family": {"system": "targeting", "value": "f_absent"}}
    refused = client.send("POST", "/v1/scores", json=asked)
    assert (refused.status_code, refused.json()["type"]) == (404, "/problems/no-list-published")
    assert "points rule" in refused.json()["detail"]


@pytest.fixture
def merged(project: Path) -> Path:
    """Return the small district's data, as of which one listed family went on as another, and that one as two."""
    generation = open_generation(project / "var")
    rows = [
        ("f_both", "f_absent", date(2026, 4, 1), "went_on_as", 2),
        ("f_absent", "f_abuse", date(2026, 4, 2), "went_on_as", 1),
        ("f_absent", "f_never", date(2026, 4, 2), "went_on_as", 1),
        ("f_abuse", "f_helped", date(2026, 4, 2), "split_off", 1),
    ]
    table = pa.table(list(map(list, zip(*rows, strict=True))), schema=SUCCESSIONS)
    path = generation.path / "successions.parquet"
    path.unlink(missing_ok=True)
    pq.write_table(table, path)
    shutil.rmtree(project / "var" / "jobs", ignore_errors=True)
    return project / "var"


def flag_of(district, family: str) -> Flag:
    return next(each for on in district.lists for each in on.flags if each.family_id == family)


def test_a_family_that_ended_is_there_with_those_it_went_on_as(district, merged: Path):
    client, flag = district.client_of(merged, district.signers), flag_of(district, "f_both")
    assert lookup(client, "f_both").json()["successors"] == ["f_abuse", "f_never"]
    assert client.get(f"/v1/flags/{flag.id}").json()["successors"] == ["f_abuse", "f_never"]
    listed = client.get(f"/v1/lists/{flag.list_id}/flags").json()["items"]
    assert {each["family_id"]: each["successors"] for each in listed if each["successors"]} == {
        "f_both": ["f_abuse", "f_never"],
        "f_absent": ["f_abuse", "f_never"],
    }
    # Who split off is a family beside it, not in its place.
    assert lookup(client, "f_abuse").json()["successors"] == []


def test_a_successor_that_is_sealed_is_not_told(district, merged: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("targeting.serving.access.sealed.sealed_families", lambda _generation: frozenset({"f_never"}))
    client = district.client_of(merged, district.signers, declared=Access(protected_identities_manager="mia"))
    flag = flag_of(district, "f_both")
    assert client.get(f"/v1/flags/{flag.id}").json()["successors"] == ["f_abuse"]
    assert lookup(client, "f_both").json()["successors"] == ["f_abuse"]
    mia = f"Bearer {client.doors.token('panel_member', sub='mia')}"
    assert lookup(client, "f_both", authorization=mia).json()["successors"] == ["f_abuse", "f_never"]


def test_the_audit_of_the_model_in_use_is_read_whole(district):
    audit = district.client.get("/v1/audits/latest").json()
    assert audit == {
        "model": "escalation",
        "version": audit["bundle_digest"][:12],
        "bundle_digest": district.lists[0].head.provenance.bundle_digest,
        "verdict": "pass",
        "sentence": "Of 1 gating comparison: 1 passes.",
        "audit": {"verdict": "pass", "sentence": "Of 1 gating comparison: 1 passes."},
    }
