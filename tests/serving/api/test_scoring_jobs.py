"""Scoring jobs: asked for, worked off, read, taken back; whoever is killed, whoever asks."""

import errno
import io
import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import URL, text

from targeting.errors import DataError
from targeting.models.suspension import Suspension, lift, suspend
from targeting.serving.api import examples
from targeting.serving.api.rows import answering_rows
from targeting.serving.jobs import rows as job_rows
from targeting.serving.jobs.files import JobFiles
from targeting.serving.jobs.working import JobWorker
from targeting.serving.reading import Reading
from targeting.serving.served import Served
from targeting.store import files
from targeting.store.pseudonyms import derived_key

NDJSON = {"content-type": "application/x-ndjson"}
PARQUET = {"content-type": "application/vnd.apache.parquet"}
KEY = bytes(range(32))
PATH = "/v1/scoring-jobs"


class Moment:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def moment(district) -> Moment:
    return Moment(district.client.doors.control.database.clock())


@pytest.fixture
def client(district, moment: Moment, tmp_path: Path) -> Any:
    url = URL.create("sqlite", database=str(tmp_path / "service.sqlite"))
    return district.new_client(url=url, clock=moment)


@pytest.fixture
def client_of_either(district, moment: Moment, database_url: URL) -> Any:
    return district.new_client(url=database_url, clock=moment)


@pytest.fixture
def worker_of(district) -> Callable[..., JobWorker]:
    """Return a function that makes a worker over the store of a client's service."""

    def make(client: Any, name: str = "one") -> JobWorker:
        office = client.app.state.scorer
        answer = answering_rows(
            office,
            Reading(
                Served(district.data, district="Exampleshire", signers=district.signers), client.doors.control
            ).hidden,
        )
        return JobWorker(district.data, client.doors.control.database, key=KEY, name=name, answer=answer)

    return make


def known(*families: str, system: str = "targeting") -> bytes:
    """Return rows of families by an id."""
    rows = [{"family": {"system": system, "value": each}} for each in families]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def asked(client: Any, content: bytes, **headers: str) -> str:
    """Return the address of a job that was taken."""
    taken = client.send("POST", PATH, content=content, headers={**NDJSON, **headers})
    assert taken.status_code == 202, taken.text
    assert taken.json()["status"] == "waiting"
    return taken.headers["location"]


def worked_off(worker: JobWorker) -> int:
    """Return how many blocks were done before nothing was left."""
    blocks = 0
    while worker.work_on():
        blocks += 1
    return blocks


def results(client: Any, job: str) -> list[dict[str, Any]]:
    """Return the rows answered so far."""
    answered = client.get(f"{job}/results")
    assert answered.status_code == 200, answered.text
    return [json.loads(line) for line in answered.text.splitlines()]


NO_SUCH = "there is no such source. Those that exist: centres, police, schools, social_care"
CHILD = {"system": "request", "value": "child"}
SENT_ALONG = {
    "people": [{"person": CHILD, "is_child": True, "birth_date": "2018-01-01", "from_date": "2020-01-01"}],
    "records": [
        {
            "kind": "domestic_abuse_incident",
            "person": CHILD,
            "source": "police",
            "event_date": "2026-01-09",
            "knowledge_date": "2026-01-10",
            "grade": "medium",
            "child_present": False,
        }
    ],
    "sources_asked": ["social_care"],
}


def test_a_job_tells_of_no_family_of_another_panel_than_its_makers(client: Any, worker_of):
    rows = known("f_abuse", "f_sent", "f_open", "f_nobody")
    told = {}
    for panel in ("district", "another"):
        headers = {"authorization": f"Bearer {client.doors.token('chair', panels=[panel])}"}
        job = asked(client, rows, **headers)
        worked_off(worker_of(client))
        lines = client.get(f"{job}/results", headers=headers).text.splitlines()
        problems = [json.loads(line)["problem"] for line in lines]
        told[panel] = [each["type"].removeprefix("/problems/") if each else "score" for each in problems]
    assert told["district"] == ["score", "front-door", "outside-cohort", "unknown-family"]
    assert told["another"] == ["unknown-family"] * 4


def test_whoever_reads_fewer_panels_than_a_job_told_of_cannot_tell_whom_of_others_it_met(
    client: Any, worker_of, district
):
    rows = known("f_abuse", "f_sent", "f_open", "f_nobody") + known("nobody", system="social_care")
    of_all, of_another = (
        {"authorization": f"Bearer {client.doors.token('chair', **claims)}"} for claims in ({}, {"panels": ["another"]})
    )
    job = asked(client, rows + b'{"family": 7}\n', **of_all)
    worked_off(worker_of(client))
    found = [
        [json.loads(line) for line in client.get(f"{job}/results", headers=headers).text.splitlines()]
        for headers in (of_all, of_another)
    ]
    assert [each["score"] is not None for each in found[0]] == [True, False, False, False, False, False]
    problems = [each["problem"] for each in found[1]]
    assert [each.pop("instance") for each in problems] == [f"{job}/results#{row}" for row in range(6)]
    assert problems[:4] == [problems[3]] * 4
    types = ["/problems/unknown-family", "/problems/unknown-person", "/problems/invalid-request"]
    assert [each["type"] for each in problems[3:]] == types
    assert [client.get(job, headers=each).json()["rows_scored"] for each in (of_all, of_another, of_all)] == [1, 0, 1]
    suspend(district.data, "escalation", Suspension(moment_of(client), "gov", "A floor was breached"))
    try:
        lines = district.new_client(url=client.doors.control.database.url).get(f"{job}/results", headers=of_another)
        during = [json.loads(line)["problem"] for line in lines.text.splitlines()]
    finally:
        lift(district.data, "escalation")
    assert [each["type"] for each in during] == [each["type"] for each in problems]


def test_each_row_is_answered_as_a_request_of_its_own(client_of_either: Any, worker_of):
    client = client_of_either
    families = ("f_abuse", "f_absent", "f_both", "f_open", "f_sent", "f_never", "f_nobody")
    sent_along = [SENT_ALONG | {"sources_asked": asked} for asked in (["social_care"], ["police"], ["nhs"])]
    told = b"\n".join(json.dumps(each).encode() for each in sent_along)
    content = known(*families) + b"\n" + told + b'\n{"family": 7}\nno JSON\n\xff\n'
    job = asked(client, content)
    assert worked_off(worker_of(client)) == 1
    held = client.get(job).json()
    assert (held["status"], held["rows"], held["rows_done"], held["rows_scored"]) == ("ended", 13, 13, 5)
    found = results(client, job)
    assert [each["row"] for each in found] == list(range(13))
    assert found[7]["score"]["not_asked"] == ["centres", "schools"]
    assert [each["problem"]["sources"] for each in found[8:10]] == [["social_care"], [{"index": 0, "why": NO_SUCH}]]
    alone = [
        client.send("POST", "/v1/scores", content=line, headers={"content-type": "application/json"})
        for line in content.splitlines()
        if line
    ]
    for row, answer in zip(found, alone, strict=True):
        if answer.status_code == 200:
            assert (row["score"], row["problem"]) == (answer.json(), None)
        else:
            instance = f"{job}/results#{row['row']}"
            assert (row["score"], row["problem"]) == (None, answer.json() | {"instance": instance})
    assert found[7]["score"]["provisional"]
    problems = [each["problem"]["status"] for each in found if each["problem"]]
    assert problems == [409, 409, 404, 409, 409, 422, 400, 400]


def test_parquet_names_families_row_by_row(client: Any, worker_of):
    table = pa.table({"value": ["f_abuse", None, "f_nobody"], "system": ["targeting", "targeting", "targeting"]})
    sink = io.BytesIO()
    pq.write_table(table, sink)
    taken = client.send("POST", PATH, content=sink.getvalue(), headers=PARQUET)
    worked_off(worker_of(client))
    found = results(client, taken.headers["location"])
    assert [each["problem"]["type"] if each["problem"] else "scored" for each in found] == [
        "scored",
        "/problems/invalid-request",
        "/problems/unknown-family",
    ]


def test_the_rows_that_the_description_shows_are_taken(client: Any):
    asked(client, examples.ROWS.encode())


def parquet_of(**columns: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("content", "headers", "status", "detail"),
    [
        (b"", NDJSON, 400, "The body holds no row."),
        (b"\n \n", NDJSON, 400, "The body holds no row."),
        (b"{}" * 10, PARQUET, 400, "The body is not Parquet, or is damaged."),
        (b"PAR1" + b"\0" * 40 + b"PAR1", PARQUET, 400, "The body is not Parquet, or is damaged."),
        (parquet_of(system=[1], value=["a"]), PARQUET, 400, "A Parquet file of families has the columns system and"),
        (parquet_of(system=["a"]), PARQUET, 400, "A Parquet file of families has the columns system and value"),
        (b"x" * (job_rows.MOST_BYTES_A_ROW + 1), NDJSON, 413, "A row may have 1,048,576 bytes."),
        (b"{}", {"content-type": "application/json"}, 415, "The header Content-Type has to be application/x-ndjson"),
        (b"{}", {**NDJSON, "content-encoding": "gzip"}, 415, "The body has to be sent as it is, without Content-Enc"),
        (b"{}", {**NDJSON, "content-length": "999999999999"}, 413, "The body has more than 268,435,456 bytes."),
        (b"{}", {**NDJSON, "idempotency-key": "a b"}, 422, "1 place does not fit the schema."),
    ],
)
def test_what_is_no_rows_is_refused_and_leaves_nothing(
    content: bytes, headers: dict[str, str], status: int, detail: str, district
):
    before = list((district.data / "jobs").glob("*"))
    refused = district.client.send("POST", PATH, content=content, headers=headers)
    assert refused.status_code == status, refused.text
    assert refused.json()["detail"].startswith(detail)
    assert list((district.data / "jobs").glob("*")) == before


def test_more_rows_than_a_job_may_have_are_refused(district, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(job_rows, "MOST_ROWS", 3)
    for content, headers in ((known(*"abcd"), NDJSON), (parquet_of(system=["s"] * 4, value=["v"] * 4), PARQUET)):
        refused = district.client.send("POST", PATH, content=content, headers=headers)
        assert (refused.status_code, refused.json()["detail"]) == (413, "A job may have 3 rows.")


def test_a_full_disk_is_told_as_such_and_leaves_nothing(
    district, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    client = district.new_client(url=URL.create("sqlite", database=str(tmp_path / "service.sqlite")))
    before = sorted((district.data / "jobs").glob("*"))

    def full(at: str) -> None:
        if at == "rename rows-000000":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/var/jobs/of-somebody")

    monkeypatch.setattr(files, "before", full)
    refused = client.send("POST", PATH, content=known("f_abuse"), headers=NDJSON)
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/not-ready")
    assert sorted((district.data / "jobs").glob("*")) == before
    (told,) = (line for line in capsys.readouterr().err.splitlines() if '"event": "disk failed"' in line)
    assert json.loads(told)["reason"] == "No space left on device"
    assert "of-somebody" not in told


class Killed(BaseException):
    """The process ended here."""


@pytest.mark.parametrize("step", ["flush", "rename answers-000001", "flush folder", "commit"])
def test_killed_half_way_another_worker_goes_on(
    step: str, client: Any, worker_of, moment: Moment, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(job_rows, "ROWS_A_BLOCK", 2)
    job = asked(client, known("f_abuse", "f_absent", "f_both", "f_never", "f_centre"))
    first = worker_of(client)
    first.work_on()

    def kill(at: str) -> None:
        if at == step:
            raise Killed

    monkeypatch.setattr(files, "before", kill)
    if step == "commit":
        monkeypatch.setattr(client.doors.control.database._chain, "append", lambda *_given, **_named: kill("commit"))
    with pytest.raises(Killed):
        first.work_on()
    monkeypatch.undo()
    assert client.get(job).json()["rows_done"] == 2
    second = worker_of(client, "two")
    assert not second.work_on()
    moment.at += timedelta(minutes=2)
    assert worked_off(second) == 2
    assert [each["row"] for each in results(client, job)] == [0, 1, 2, 3, 4]
    # Whoever comes back from the dead counts nothing twice.
    first.work_on()
    assert client.get(job).json()["rows_done"] == 5
    client.doors.control.database.check_audit_log()


def test_a_worker_that_is_told_to_stop_lets_another_go_on_at_once(
    client_of_either: Any, worker_of, monkeypatch: pytest.MonkeyPatch
):
    client = client_of_either
    monkeypatch.setattr(job_rows, "ROWS_A_BLOCK", 1)
    job = asked(client, known("f_abuse", "f_absent"))
    first, second = worker_of(client), worker_of(client, "two")
    first.work_on()
    assert [each["row"] for each in results(client, job)] == [0]
    first.let_go()
    assert worked_off(second) == 1
    assert client.get(job).json()["status"] == "ended"


def test_what_was_asked_and_answered_is_read_by_who_asked_alone(client: Any, worker_of, district):
    job = asked(client, known("f_abuse"))
    worked_off(worker_of(client))
    other = {"authorization": f"Bearer {client.doors.token('chair')}"}
    for method, path in (("GET", job), ("GET", f"{job}/results"), ("DELETE", job)):
        refused = client.send(method, path, headers=other)
        assert (refused.status_code, refused.json()["type"]) == (404, "/problems/unknown-job")
    folder = district.data / "jobs" / job.rpartition("/")[2]
    on_disk = [path.read_bytes() for path in folder.iterdir()]
    assert len(on_disk) == 3
    assert not any(b"f_abuse" in content or b"social worker" in content for content in on_disk)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_after_its_time_nothing_is_left_of_it(client: Any, worker_of, moment: Moment, district):
    job, worker = asked(client, known("f_abuse")), worker_of(client)
    unasked = JobFiles(district.data, "j_" + "b" * 26, key=KEY)
    unasked.begin()
    worked_off(worker)
    moment.at += timedelta(hours=23)
    worker.forget_the_past()
    assert client.get(job, headers={"authorization": f"Bearer {client.doors.token()}"}).status_code == 200
    moment.at += timedelta(hours=1)
    worker.forget_the_past()
    headers = {"authorization": f"Bearer {client.doors.token()}"}
    assert client.get(job, headers=headers).status_code == 404
    assert [path.name for path in (district.data / "jobs").iterdir() if path.name == job.rpartition("/")[2]] == []
    with client.doors.control.database.reading() as connection:
        assert connection.execute(text("select count(*) from scoring_jobs")).scalar_one() == 0
    unasked.remove()


def test_a_job_taken_back_is_gone_and_its_worker_stops(client: Any, worker_of, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(job_rows, "ROWS_A_BLOCK", 1)
    job, worker = asked(client, known("f_abuse", "f_absent", "f_both")), worker_of(client)
    worker.work_on()
    gone = client.send("DELETE", job)
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get(job).status_code == 404
    assert worked_off(worker) <= 1


def test_asked_again_with_its_key_it_is_the_same_job(client_of_either: Any):
    client = client_of_either
    first = client.send("POST", PATH, content=known("f_abuse"), headers={**NDJSON, "idempotency-key": "k"})
    again = client.send("POST", PATH, content=known("f_abuse"), headers={**NDJSON, "idempotency-key": "k"})
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["location"] == first.headers["location"]
    other = client.send("POST", PATH, content=known("f_both"), headers={**NDJSON, "idempotency-key": "k"})
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-used")


def test_a_client_has_ten_jobs_at_a_time(client: Any, worker_of):
    for _ in range(10):
        asked(client, known("f_abuse"))
    refused = client.send("POST", PATH, content=known("f_abuse"), headers=NDJSON)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert refused.json()["type"] == "/problems/too-many-jobs"
    worker_of(client).work_on()
    asked(client, known("f_abuse"))


def test_who_saw_which_families_is_in_the_audit_log(client: Any, worker_of, events_of, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(job_rows, "ROWS_A_BLOCK", 2)
    job = asked(client, known("f_abuse", "f_absent", "f_both", "f_nobody"))
    worked_off(worker_of(client))
    results(client, job)
    events = [each for each in events_of(client) if each["action"] != "begin"]
    told = [(each["action"], each["subject"], json.loads(each["families"])) for each in events]
    assert told == [
        ("make_job", "demo integration client", []),
        ("claim_job", "one", []),
        ("score_rows", "one", []),
        ("score_rows", "one", []),
        ("read_results", "demo integration client", ["f_abuse", "f_absent"]),
        ("read_results", "demo integration client", ["f_both"]),
    ]


def test_what_is_suspended_or_sealed_since_is_not_read(
    client: Any, worker_of, district, monkeypatch: pytest.MonkeyPatch
):
    job = asked(client, known("f_abuse", "f_absent"))
    worked_off(worker_of(client))
    suspend(district.data, "escalation", Suspension(moment_of(client), "gov", "A floor was breached"))
    try:
        assert {each["problem"]["type"] for each in results(client, job)} == {"/problems/suspended"}
    finally:
        lift(district.data, "escalation")
    other = district.new_client(url=client.doors.control.database.url)
    monkeypatch.setattr("targeting.serving.access.sealed.sealed_families", lambda _generation: frozenset({"f_abuse"}))
    found = results(other, job)
    assert [each["problem"] and each["problem"]["type"] for each in found] == ["/problems/unknown-family", None]
    assert "f_abuse" not in json.dumps(found)


def moment_of(client: Any) -> Any:
    return client.doors.control.database.clock().date()


def test_a_provisional_answer_is_found_in_the_audit_log_by_its_id(client: Any, worker_of, events_of):
    known_one, sent_along = json.loads(known("f_abuse")), {"family": None, **SENT_ALONG}
    rows = [known_one, {name: value for name, value in sent_along.items() if value is not None}]
    job = asked(client, "".join(json.dumps(row) + "\n" for row in rows).encode())
    worked_off(worker_of(client))
    scores = [row["score"] for row in results(client, job)]
    single = client.send("POST", "/v1/scores", json=rows[1]).json()
    assert scores[1]["id"] == single["id"] != scores[0]["id"]
    details = [json.loads(each["details"]) for each in events_of(client) if each["action"] == "read_results"]
    assert details == [{"provisional": scores[1]["id"], "rows": 2}]
    (made,) = [each for each in events_of(client) if each["action"] == "make_score"]
    assert json.loads(made["details"]) == {"provisional": True, "score": single["id"]}
    assert (made["purpose"], made["subject"]) == ("early_help", "demo integration client")


def test_the_answers_of_a_job_are_told_as_the_agencies_allow_whoever_reads(district, worker_of, a_source_of):
    sources = [a_source_of("police", ("case_holder",)), a_source_of("schools"), a_source_of("social care")]
    listed = district.lists[0].flags[0]
    agencies = [
        {each["agency"] for each in of_whom(district, worker_of, found, listed) if each["agency"]}
        for found in (None, sources)
    ]
    assert "police" in agencies[0]
    assert agencies[1] == agencies[0] - {"police"}


def test_who_was_not_asked_is_told_to_whoever_asks_though_the_agency_shows_them_nothing(
    district, worker_of, a_source_of
):
    hidden = [a_source_of(name, ("case_holder",)) for name in ("schools", "centres")]
    client = district.new_client(sources=[a_source_of("police"), a_source_of("social care"), *hidden])
    single = client.send("POST", "/v1/scores", json=SENT_ALONG).json()
    said = [each["sentence"].rpartition(": ")[2] for each in single["unknowns"]]
    assert said == [f"by this request, nobody asked {name} about the family" for name in ("schools", "centres")]
    job = asked(client, json.dumps(SENT_ALONG).encode())
    worked_off(worker_of(client))
    assert [row["score"] for row in results(client, job)] == [single]
    held = known("f_unlinked").strip()
    found = client.send("POST", "/v1/scores", content=held, headers={"content-type": "application/json"}).json()
    assert (found["unknowns"], found["not_asked"]) == ([], [])


def of_whom(district, worker_of, sources: Any, listed: Any) -> list[dict[str, Any]]:
    """Return the reasons that a job's answer gives of a listed family, and check them against the single answer's."""
    client = district.new_client(sources=sources)
    job = asked(client, known(listed.family_id))
    worked_off(worker_of(client))
    (row,) = results(client, job)
    asked_alone = {"family": {"system": "targeting", "value": listed.family_id}}
    assert row["score"] == client.send("POST", "/v1/scores", json=asked_alone).json()
    assert client.send("DELETE", job).status_code == 204
    reasons: list[dict[str, Any]] = row["score"]["reasons"]
    return reasons


def test_a_number_beside_the_band_needs_its_scope(client: Any, worker_of, district):
    passport = district.lists[0].passports[0]
    job = asked(client, known(passport.flag.family_id))
    worked_off(worker_of(client))
    narrow = {"authorization": f"Bearer {client.doors.token(scope='scores:write')}"}
    assert results(client, job)[0]["score"]["probability"] == passport.probability
    line = client.get(f"{job}/results", headers=narrow).text
    assert json.loads(line)["score"]["probability"] is None


def test_a_job_whose_answers_are_gone_says_how_far_it_was_and_that_none_is_there(client: Any, worker_of, district):
    job = asked(client, known("f_abuse", "f_absent"))
    worked_off(worker_of(client))
    JobFiles(district.data, job.rpartition("/")[2], key=KEY).remove()
    held = client.get(job)
    assert (held.status_code, held.json()["rows_done"], held.json()["rows_scored"]) == (200, 2, 0)
    assert client.get(f"{job}/results").status_code == 503


def test_a_block_is_of_no_use_without_the_jobs_key(tmp_path: Path):
    held = JobFiles(tmp_path, "j_" + "c" * 26, key=KEY)
    held.begin()
    held.write("rows", 0, [b"one", b"two"])
    assert held.read("rows", 0) == [b"one", b"two"]
    with pytest.raises(DataError, match="key is absent, damaged, or written with another key"):
        JobFiles(tmp_path, "j_" + "c" * 26, key=derived_key(KEY, "other")).read("rows", 0)
    held.remove()
    held.remove()
    assert list(tmp_path.glob("jobs/*")) == []
