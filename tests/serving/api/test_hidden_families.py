"""Who sends records of somebody whom a hidden family has is answered as if nobody had them, alone and in a job."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from targeting.models.bundle import read_bundle
from targeting.records.contract import contract
from targeting.serving.api.rows import answering_rows
from targeting.serving.definition import Panel
from targeting.serving.jobs.working import JobWorker
from targeting.serving.lists import publish
from targeting.serving.reading import Reading
from targeting.serving.served import Served
from targeting.store.contents import PERSON_RECORDS, GenerationContents
from targeting.store.generations import Generation, open_generation, write_generation
from targeting.store.pseudonyms import record_ids

Body = dict[str, Any]
Headers = dict[str, str]

KEY = bytes(range(32))
JOBS = "/v1/scoring-jobs"
# Ward A is north's; the family of `never` lives elsewhere.
PANELS = {"north": "North", "rest": "The rest"}
HIDDEN, NOBODY = "never", "neves"
INCIDENT = {
    "kind": "domestic_abuse_incident",
    "source": "police",
    "event_date": "2025-12-03",
    "knowledge_date": "2025-12-04",
    "grade": "medium",
    "child_present": False,
}


def person(key: str) -> dict[str, str]:
    return {"system": "social_care", "value": key}


def entry(key: str) -> Body:
    return {"person": person(key), "is_child": key.endswith("child"), "from_date": "2020-01-01"}


def requests_of(name: str) -> list[Body]:
    """Return requests about the family of a name."""
    child, mother, own = f"{name} child", f"{name} mother", {"system": "targeting", "value": f"f_{name}"}
    seen, asked = {"system": "targeting", "value": "f_abuse"}, {"sources_asked": ["social_care"]}
    return [
        {"family": own},
        {"family": person(child)},
        {"people": [entry(child)], **asked},
        {"people": [entry(child)], "records": [INCIDENT | {"person": person(child)}], **asked},
        {"people": [entry(child)]},
        {"people": [entry(child), entry("abuse child")]},
        {"records": [INCIDENT | {"person": person(mother)}]},
        {"family": seen, "people": [entry(mother)], "records": [INCIDENT | {"person": person(mother)}]},
        {"family": seen, "records": [INCIDENT | {"person": person(mother)}]},
        {"family": own, "records": [INCIDENT | {"person": person("abuse mother")}]},
        {"family": person(mother), "records": [INCIDENT | {"person": person(mother)}]},
    ]


@dataclass(frozen=True)
class Asking:
    """A service, who asks it, and what answers its jobs."""

    client: Any
    headers: Headers
    worker: JobWorker

    def scores(self, name: str) -> list[tuple[Any, ...]]:
        """Return what is told to each request about a family, and where it is looked up."""
        bodies = requests_of(name)
        answers = [self.client.send("POST", "/v1/scores", json=each, headers=self.headers) for each in bodies]
        sought = [each["family"] for each in bodies[:2]]
        answers += [self.client.send("POST", "/v1/families/lookup", json=each, headers=self.headers) for each in sought]
        return [(each.status_code, each.headers.get("etag"), unnamed(each.json())) for each in answers]

    def job(self, name: str) -> str:
        """Return the address of a job that is worked off, of the same requests."""
        content = "".join(json.dumps(each) + "\n" for each in requests_of(name)).encode()
        sent = {**self.headers, "content-type": "application/x-ndjson"}
        made = self.client.send("POST", JOBS, content=content, headers=sent)
        assert made.status_code == 202, made.text
        while self.worker.work_on():
            pass
        return str(made.headers["location"])

    def told_of(self, job: str) -> tuple[int, list[Any]]:
        """Return how many rows of a job have a score, and the rows, as whoever asks is told."""
        lines = self.client.get(f"{job}/results", headers=self.headers).text.splitlines()
        rows = [json.loads(line) for line in lines]
        scored = self.client.get(job, headers=self.headers).json()["rows_scored"]
        assert scored == sum(each["score"] is not None for each in rows)
        return scored, [each["score"] or unnamed(each["problem"]) for each in rows]


def unnamed(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is told but for what names the one request."""
    return {name: value for name, value in told.items() if name != "instance"}


@pytest.fixture(scope="module")
def known_district(district, made_from, tmp_path_factory) -> Any:
    """Return the small district of two panels, in which social care has an id of everybody."""
    data = tmp_path_factory.mktemp("known") / "var"
    left = ("published", "family_wards", "service.sqlite*", "jobs")
    shutil.copytree(district.data, data, ignore=shutil.ignore_patterns(*left))
    write_generation(data, with_records(made_from.generation))
    (bundle,) = (read_bundle(folder) for folder in (data / "bundles" / "escalation").iterdir())
    panels = (Panel(name="north", title="North", wards=("A",)), Panel(name="rest", title="The rest"))
    service = made_from.service.model_copy(update={"panel": panels})
    at = district.client.doors.control.database.clock()
    made = replace(made_from, generation=open_generation(data), bundle=bundle, service=service)
    lists = publish(made, data=data, as_of_date=at.date(), published_at=at)
    return replace(district, data=data, lists=lists, client=None)


def with_records(held: Generation) -> GenerationContents:
    memberships = held.memberships()
    people = sorted(set(memberships["person_id"].to_pylist()))
    keys = pa.array([each.removeprefix("p_").replace("_", " ") for each in people])
    ids = record_ids(keys, source="social_care", identity_key=KEY).to_pylist()
    rows = [
        {"record_id": record, "person_id": person_id, "visible_from": date(2019, 1, 1), "visible_to": None}
        for record, person_id in zip(ids, people, strict=True)
    ]
    return GenerationContents(
        facts={kind: held.facts(kind) for kind in held.manifest.kinds},
        memberships=memberships,
        agency_links=held.agency_links(),
        coverage=held.coverage,
        contract=contract(),
        synthetic=True,
        inputs={},
        person_records=pa.Table.from_pylist(rows, schema=PERSON_RECORDS),
    )


AskingAs = Callable[..., Asking]


@pytest.fixture
def asking(known_district) -> AskingAs:
    """Return what asks a new service as a chair who reads some panels' lists."""

    def ask_as(*panels: str) -> Asking:
        client = known_district.new_client(panels=PANELS)
        headers = {"authorization": f"Bearer {client.doors.token('chair', panels=list(panels))}"}
        served = Served(known_district.data, district="Exampleshire", signers=known_district.signers)
        answer = answering_rows(client.app.state.scorer, Reading(served, client.doors.control).hidden)
        worker = JobWorker(
            known_district.data, client.doors.control.database, key=KEY, name="|".join(panels), answer=answer
        )
        return Asking(client, headers, worker)

    return ask_as


@contextmanager
def sealed(district: Any, family: str) -> Iterator[None]:
    """Have the current generation be one that `link` makes once somebody in a family is sealed."""
    held = open_generation(district.data, district.lists[0].head.provenance.generation_id)
    write_generation(district.data, without(held, family))
    try:
        yield
    finally:
        write_generation(district.data, with_records(held))


def without(held: Generation, family: str) -> GenerationContents:
    """Return a generation without a family: no membership, fact, link or record of whoever is in it."""
    whole, members = with_records(held), held.memberships()
    theirs = members.filter(pc.equal(members["family_id"], family))["person_id"]

    def others(table: pa.Table) -> pa.Table:
        return table.filter(pc.invert(pc.is_in(table["person_id"], value_set=theirs)))

    return replace(
        whole,
        facts={kind: others(table) for kind, table in whole.facts.items()},
        memberships=others(whole.memberships),
        agency_links=others(whole.agency_links),
        person_records=others(whole.person_records),
    )


def test_of_whom_another_panel_has_is_told_what_is_told_of_nobody(asking: AskingAs) -> None:
    north, both = asking("north"), asking("north", "rest")
    assert north.scores(HIDDEN) == north.scores(NOBODY)
    assert both.scores(HIDDEN) != both.scores(NOBODY)
    assert north.scores(HIDDEN) == north.scores(NOBODY)
    told = north.told_of(north.job(HIDDEN))
    assert told == north.told_of(north.job(NOBODY))
    assert told[0] == 4


def test_of_whom_a_sealed_family_has_is_told_what_is_told_of_nobody(asking: AskingAs, known_district) -> None:
    with sealed(known_district, "f_never"):
        of_all = asking("north", "rest")
        assert of_all.scores(HIDDEN) == of_all.scores(NOBODY)
        assert of_all.told_of(of_all.job(HIDDEN)) == of_all.told_of(of_all.job(NOBODY))


def test_a_job_is_read_as_it_would_be_answered_to_whoever_reads_it(asking: AskingAs, known_district) -> None:
    both, north = asking("north", "rest"), asking("north")
    jobs = [both.job(name) for name in (HIDDEN, NOBODY)]
    of_both = [both.told_of(each) for each in jobs]
    assert of_both[0] != of_both[1]
    told = [north.told_of(each) for each in jobs]
    assert told[0] == told[1] == north.told_of(north.job(NOBODY))
    # What was answered to who knew less is answered anew to who knows more, and the other way round again.
    assert both.told_of(north.job(HIDDEN)) == of_both[0]
    assert both.told_of(jobs[0]) == of_both[0]
    with sealed(known_district, "f_never"):
        since = asking("north", "rest")
        assert [since.told_of(each) for each in jobs] == [of_both[1]] * 2


def test_from_the_next_link_on_no_list_of_before_tells_of_a_family_that_is_sealed(
    asking: AskingAs, known_district
) -> None:
    on, listed = next((each, each.flags[0].family_id) for each in known_district.lists if each.flags)
    both = asking("north", "rest")
    flags = f"/v1/lists/{on.head.id}/flags"

    def told(*paths: str) -> list[Any]:
        return [both.client.get(each, headers=both.headers) for each in paths]

    of_it = (f"/v1/flags/{on.flags[0].id}", f"/v1/flags/{on.flags[0].id}/decision")
    assert [each.status_code for each in told(flags, *of_it)] == [200] * 3
    with sealed(known_district, listed):
        assert [each.status_code for each in told(*of_it)] == [404, 404]
        assert listed not in told(flags)[0].text
        asked = {"family": {"system": "targeting", "value": listed}}
        assert both.client.send("POST", "/v1/scores", json=asked, headers=both.headers).status_code == 404
    assert [each.status_code for each in told(flags, *of_it)] == [200] * 3
