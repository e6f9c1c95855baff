"""Governance's pages: who may read them, what they say, and handing in a signature made with one's own key."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from targeting.models.bundle import read_bundle
from targeting.models.registry import promote
from targeting.models.signatures import make_key, read_signatures, sign_bundle
from targeting.models.signers import Signer
from targeting.models.suspension import Suspension, suspend
from targeting.models.watched import Finding, Standing, Watch, keep_watch
from targeting.records.contract import contract
from targeting.serving.access.definition import ROLES, Role
from targeting.serving.access.permissions import RULES
from targeting.serving.api.app import make_app
from targeting.serving.api.guard import COOKIE
from targeting.serving.definition import Document
from targeting.serving.district.ward_set import Cluster, Ward, WardSet
from targeting.serving.governance.open_actions import open_actions
from targeting.serving.scores.scorer import Scorer
from targeting.serving.served import BesideLists, Served

BROWSER = {"accept": "text/html"}
ON = date(2026, 3, 30)
# What each role may do, by hand; letters as in test_authorisation.
MATRIX = """
GET  /models                             | P C . D G I A M
GET  /models/{model}/{version}           | P C . D G I A M
GET  /models/{model}/{version}/card      | P C . D G I A M
GET  /models/{model}/{version}/audit     | P C . D G I A M
POST /models/{model}/{version}/signature | . . . . G . . .
GET  /audit-log                          | . . . . G . A .
GET  /district                           | P C B D G I A M
GET  /district/clusters/{cluster}        | P C B D G I A M
"""
LETTERS: dict[str, Role] = dict(zip("PCBDGIAM", ROLES, strict=True))
WARDS = WardSet(
    name="Wards",
    version="1",
    source="Here",
    ward=(
        Ward(code="A", name="Ash", short="ASH", easting=0, northing=0),
        Ward(code="B", name="Birch", short="BIR", easting=9, northing=0),
    ),
    cluster=(Cluster(name="north", title="Family hub north", wards=("A",)),),
)


class Office:
    """A service over the small district's data, whose model waits as a candidate; who asks has a session of a role."""

    def __init__(self, folder: Path, district: Served, doors_of: Callable[..., Any]) -> None:
        self.data, self.keys = folder / "var", folder / "keys"
        shutil.copytree(district.data, self.data, ignore=shutil.ignore_patterns("service.sqlite*"))
        (used,) = (self.data / "bundles" / "escalation").iterdir()
        folder_of_candidate = self.data / "candidates" / "escalation" / used.name
        shutil.copytree(used, folder_of_candidate, ignore=shutil.ignore_patterns("signatures"))
        self.bundle = read_bundle(folder_of_candidate)
        roles = (("Ada", "service_lead"), ("Ben", "data_protection"))
        self.signers = tuple(
            Signer(name=name, role=role, public_key=make_key(self.keys / name))  # type: ignore[arg-type]
            for name, role in roles
        )
        shutil.rmtree(self.data / "published")
        self.served = Served(self.data, district="Bradford", signers=self.signers, beside=BesideLists(ward_set=WARDS))
        self.doors = doors_of(self.data)
        scorer = Scorer(self.served, contract=contract(), identity_key=bytes(32))
        self.app = make_app(self.served, scorer, self.doors.control)
        self.version = f"/models/escalation/{self.bundle.version}"

    def ask(self, method: str, path: str, session: str, **options: Any) -> httpx.Response:
        async def answered() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                client.cookies.set(COOKIE, session)
                return await client.request(method, path, headers=BROWSER, **options)

        return asyncio.run(answered())

    def get(self, path: str, role: Role = "governance") -> httpx.Response:
        return self.ask("GET", path, self.doors.session(role))

    def hand_in(self, content: bytes, role: Role = "governance", csrf: str | None = None) -> httpx.Response:
        session = self.doors.session(role)
        with self.doors.control.database.reading() as connection:
            token = connection.execute(text("select csrf from sessions order by rowid desc limit 1")).scalar_one()
        return self.ask(
            "POST",
            f"{self.version}/signature",
            session,
            data={"csrf": token if csrf is None else csrf},
            files={"signature": ("Ada.json", content, "application/json")},
        )

    def signed_elsewhere(self, name: str = "Ada", re_audit_by: date | None = None) -> bytes:
        """Return the file that somebody made with their own key, over a copy of the bundle that is not here."""
        copy = self.keys.parent / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.bundle.folder, copy)
        path = sign_bundle(
            read_bundle(copy), name=name, key=self.keys / name, signers=self.signers, re_audit_by=re_audit_by
        )
        return path.read_bytes()

    def actions(self) -> list[str]:
        with self.doors.control.database.reading() as connection:
            return list(connection.execute(text("select action from audit_events order by seq")).scalars())


@pytest.fixture
def office(district: Served, tmp_path: Path, doors_of: Callable[..., Any]) -> Office:
    """Return the small district with its model as a candidate that nobody signed."""
    return Office(tmp_path, district, doors_of)


def test_every_role_against_every_page_of_governance_and_the_district(office):
    allowed = {}
    for line in MATRIX.strip().splitlines():
        route, who = line.split("|")
        allowed[tuple(route.split())] = {LETTERS[each] for each in who.split() if each != "."}
    assert set(allowed) == {route for route in RULES if route[1].startswith(("/models", "/audit-log", "/district"))}
    for role in ROLES:
        session = office.doors.session(role)
        for (method, path), roles in allowed.items():
            named = path.format(model="escalation", version=office.bundle.version, cluster="north")
            answered = office.ask(method, named, session)
            assert (answered.status_code == 403) == (role not in roles), (role, path, answered.status_code)
            assert office.ask(method, named, "").status_code == 401, path


def test_the_page_of_models_says_how_each_version_stands(office, read):
    page = read(office.get("/models").text).text
    for said in (
        f"Version {office.bundle.version}: trained, not in use",
        "Trained by Ann",
        "Fairness audit: pass",
        "Gates: all 1 passed",
        "Not signed",
        "Not suspended.",
    ):
        assert said in page, said
    suspend(office.data, "escalation", Suspension(ON, "Ada", "The feed of schools stopped"))
    assert "suspended since 30 March 2026 by Ada: The feed of schools stopped." in read(office.get("/models").text).text


def test_a_version_shows_its_gates_its_papers_and_the_exact_command(office, read):
    page = read(office.get(office.version).text)
    for said in (
        "Enough events: passed",
        "80 outcomes on the test dates; 50 needed.",
        office.bundle.digest,
        f"targeting sign escalation {office.bundle.version} --as NAME --key KEY.pem",
        "is not signed by a service lead and a data protection officer",
        "Nobody has signed this version.",
    ):
        assert said in page.text, said
    for paper, heading in (("card", "Model card"), ("audit", "fairness audit")):
        assert heading in office.get(f"{office.version}/{paper}").text
    assert "Hand in the signature" not in office.get(office.version, role="chair").text


@pytest.mark.parametrize(
    "path", ["/models/escalation/nothing", "/models/..%2F..%2Fkeys/x", "/models/other/0", "/models/*/*"]
)
def test_what_is_no_version_is_not_found(office, path):
    assert office.get(path).status_code == 404


def test_signatures_made_elsewhere_are_kept_with_their_event_and_the_model_comes_into_use(office, read):
    for name in ("Ada", "Ben"):
        answered = office.hand_in(office.signed_elsewhere(name, re_audit_by=date(2026, 9, 28)))
        assert (answered.status_code, answered.headers["location"]) == (303, f"{office.version}#signatures")
    assert office.actions().count("hand_in_signature") == 2
    assert [each.name for each in read_signatures(office.bundle)] == ["Ada", "Ben"]
    shown = read(office.get(office.version).text).text
    for said in (
        "Ada Service lead Holds Until 28 September 2026",
        "Ben Data protection officer Holds Until 28 September 2026",
    ):
        assert said in shown
    promote(office.bundle, office.data, signers=office.signers, on=ON)
    page = read(office.get("/models").text).text
    assert f"Version {office.bundle.version}: in use" in page
    assert "Signed by data protection officer and service lead" in page


def test_a_signature_that_does_not_hold_is_not_kept_and_leaves_no_event(office, read):
    content = json.loads(office.signed_elsewhere()) | {"re_audit_by": "2030-01-01"}
    for sent, said in (
        (json.dumps(content).encode(), "Ada's signature does not hold under the key in signers.toml."),
        (b"<script>alert(1)</script>", "the file is no signature that can be read"),
        (b"", "Choose the file that `targeting sign` made"),
    ):
        answered = office.hand_in(sent)
        assert answered.status_code == 422
        assert said in read(answered.text).text
        assert "".join(read(answered.text).text_of["title"]).startswith("Error: ")
    assert read_signatures(office.bundle) == ()
    assert "hand_in_signature" not in office.actions()


def test_a_form_of_another_site_and_one_that_is_too_large_are_refused(office):
    assert office.hand_in(office.signed_elsewhere(), csrf="guessed").status_code == 403
    assert office.hand_in(b" " * 2_000_000).status_code == 413
    session = office.doors.session("governance")
    assert office.ask("POST", f"{office.version}/signature", session, data={"csrf": "x"}).status_code == 400
    assert read_signatures(office.bundle) == ()


def test_the_audit_log_counts_actions_and_names_nobody(office, read):
    office.get("/district", role="chair")
    page = read(office.get("/audit-log").text).text
    assert "Not checked for this page." in page
    assert "Begin 4 4 0 0 0 0 0 0 0 chair 2, governance 2" in page
    checked = read(office.get("/audit-log?check=yes").text).text
    assert "none changed, removed or forged" in checked
    with closing(sqlite3.connect(office.data / "service.sqlite")) as store:
        for (name,) in store.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            store.execute(f"drop trigger {name}")
        store.execute("update audit_events set subject = 'other' where seq = 1")
        store.commit()
    assert "The log does not hold: audit log: event 1 was changed" in read(office.get("/audit-log?check=yes").text).text


def test_open_actions_are_what_waits_and_what_falls_due_within_90_days(office):
    papers = tuple(
        Document(kind=kind, reference="x", owner="Data protection officer", expires_on=day)
        for kind, day in (
            ("impact_assessment", date(2026, 6, 28)),
            ("privacy_notice", date(2026, 6, 29)),
            ("complaint_route", date(2026, 3, 1)),
        )
    )
    found = open_actions((), papers, undecided=2, on=ON)
    assert [(each.what, each.due, each.is_late(ON)) for each in found] == [
        ("Renew the complaint route", date(2026, 3, 1), True),
        ("Renew the impact assessment", date(2026, 6, 28), False),
        ("2 flags of the latest lists not decided yet", None, False),
    ]
    for name in ("Ada", "Ben"):
        office.hand_in(office.signed_elsewhere(name, re_audit_by=date(2026, 9, 28)))
    version = office.served.models_held.version("escalation", office.bundle.version, on=ON)
    (audit,) = (each for each in open_actions((version,), (), undecided=0, on=ON) if each.due == date(2026, 9, 28))
    assert audit.what == (
        "Audit “Escalation” again: the acceptance of “cannot tell” ends, and after that day no list is made"
    )


def finding(what: str, standing: Standing, detail: str) -> Finding:
    return Finding(what=what, standing=standing, figure=None, detail=detail)


def watch_as_of(office: Office, day: date, *findings: Finding, version: str = "") -> None:
    watch = Watch(version=version or office.bundle.version, as_of_date=day, on=ON, findings=findings)
    keep_watch(office.data, "escalation", watch)


def test_a_version_tells_what_its_last_watch_saw_with_what_to_look_at_first(office, read):
    assert "The watch: Nobody has watched this version yet" in read(office.get("/models").text).text
    name = json.loads(office.bundle.plan_json)["indicators"][0]["name"]
    described = json.loads(office.bundle.plan_json)["indicators"][0]["description"]
    watch_as_of(office, date(2026, 2, 23), finding("scores", "as before", "0.01."))
    watch_as_of(office, date(2026, 3, 9), finding("scores", "changed", "0.3."), version="another")
    watch_as_of(
        office,
        date(2026, 3, 23),
        finding("scores", "as before", "Population stability index 0.01."),
        finding(f"indicator {name}", "feed outage", "Known of 98% of families at least, now 12%."),
    )
    said = "As of 23 March 2026, watched on 30 March 2026: 1 thing to look at"
    assert said in read(office.get("/models").text).text
    page = read(office.get(office.version).text).text
    outage = f"{described} ({name}): a feed is in doubt Known of 98% of families at least, now 12%."
    assert page.index(said) < page.index(outage) < page.index("Scores: as before Population stability index 0.01.")
    assert "As of 23 February 2026, watched on 30 March 2026: nothing to look at" in page
    assert "9 March" not in page


def test_a_watch_that_cannot_be_read_is_said_so(office, read):
    (office.data / "watch" / "escalation").mkdir(parents=True)
    (office.data / "watch" / "escalation" / "2026-03-23.json").write_text("{", encoding="utf-8")
    page = office.get(office.version)
    assert page.status_code == 200
    said = "watch/escalation/2026-03-23.json cannot be read: run targeting monitor as of its date again."
    assert said in read(page.text).text
    assert str(office.data) not in page.text
    version = office.served.models_held.version("escalation", office.bundle.version, on=ON)
    assert said.replace("targeting monitor", "`targeting monitor`") in "".join(
        each.what for each in open_actions((version,), (), undecided=0, on=ON)
    )


def test_a_model_in_use_has_to_be_watched_again_within_five_weeks(office):
    version = office.served.models_held.version("escalation", office.bundle.version, on=ON)
    watched = [each for each in open_actions((version,), (), undecided=0, on=ON) if "atch" in each.what]
    assert [(each.what, each.due) for each in watched] == [
        ("Watch “Escalation”, which nobody has yet: `targeting monitor escalation`", None)
    ]
    watch_as_of(office, ON, finding("scores", "changed", "0.3."))
    version = office.served.models_held.version("escalation", office.bundle.version, on=ON)
    watched = [each for each in open_actions((version,), (), undecided=0, on=ON) if "atch" in each.what]
    assert [(each.what, each.due) for each in watched] == [
        ("Look at what the watch on “Escalation” saw that is not as before", None),
        ("Watch “Escalation” again: `targeting monitor escalation`", date(2026, 5, 4)),
    ]
