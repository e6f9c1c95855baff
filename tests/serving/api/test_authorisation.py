"""Who may do and see what: every role against every route, every agency against every field, sealed families too."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, get_args

import pytest
from decision_sent import DECISION
from fastapi import APIRouter
from sqlalchemy.exc import OperationalError

from targeting.models.bundle import read_bundle
from targeting.serving.access.definition import ROLES, Access, Role
from targeting.serving.access.permissions import RULES
from targeting.serving.api.guard import COOKIE, GuardedRoute
from targeting.serving.api.rows import answering_rows
from targeting.serving.contents import Reason
from targeting.serving.database.scoring_jobs import ScoringJob
from targeting.serving.definition import Panel
from targeting.serving.ids import meeting_id
from targeting.serving.jobs.working import Answered, JobWorker
from targeting.serving.lists import publish
from targeting.serving.moved import NewRecords
from targeting.serving.published import PublishedList

Make = Callable[..., PublishedList]

# What each role may do, by hand: P panel member, C chair, B business support, D data scientist, G governance,
# I integration client, A administrator. A dot is a refusal.
MATRIX = """
GET  /v1/lists                              | P C B D G I A
GET  /v1/lists/{list_id}                    | P C B D G I A
GET  /v1/lists/{list_id}/flags              | P C B . G I .
GET  /v1/flags/{flag_id}                    | P C B . G I .
GET  /v1/flags/{flag_id}/decision           | P C B . G I .
GET  /v1/flags/{flag_id}/decision/revisions | P C B . G I .
PUT  /v1/flags/{flag_id}/decision           | P C . . . I .
GET  /v1/decisions                          | P C B . G I .
POST /v1/families/lookup                    | P C B . G I .
POST /v1/scores                             | P C . . . I .
POST /v1/scoring-jobs                       | P C . . . I .
GET  /v1/scoring-jobs/{job_id}              | P C . . . I .
GET  /v1/scoring-jobs/{job_id}/results      | P C . . . I .
DELETE /v1/scoring-jobs/{job_id}            | P C . . . I .
GET  /v1/models/current                     | P C B D G I A
GET  /v1/audits/latest                      | P C . D G I A
GET  /v1/indicators                         | P C B D G I A
GET  /                                      | P C B D G I A
GET  /lists                                 | P C B D G I A
GET  /lists/{list_id}                       | P C B . G I .
GET  /flags/{flag_id}                       | P C B . G I .
GET  /flags/{flag_id}/former                | P C B . G I .
POST /flags/{flag_id}/first-view            | P C . . . I .
GET  /flags/{flag_id}/decision              | P C . . . I .
POST /flags/{flag_id}/decision/check        | P C . . . I .
POST /flags/{flag_id}/decision              | P C . . . I .
GET  /flags/{flag_id}/first-contact         | P C . . . I .
POST /flags/{flag_id}/first-contact         | P C . . . I .
GET  /lists/{list_id}/export                | P C B . G I .
POST /lists/{list_id}/export                | P C B . G I .
GET  /meetings                              | P C B . G I .
GET  /meetings/{meeting_id}                 | P C B . G I .
POST /meetings/{meeting_id}/attendees       | . C B . . . .
POST /meetings/{meeting_id}/conflicts       | P C . . . I .
POST /meetings/{meeting_id}/conflicts/withdrawn | P C . . . I .
POST /meetings/{meeting_id}/actions         | P C B . . . .
POST /meetings/{meeting_id}/not-used        | . C B . . . .
POST /meetings/{meeting_id}/sign-off        | . C . . . . .
GET  /tasks                                 | P C B . G I .
POST /tasks/corrections/{number}            | . C B . . . .
POST /tasks/actions/{number}                | P C B . . . .
GET  /indicators                            | P C B D G I A
GET  /model                                 | P C B D G I A
GET  /audit                                 | P C . D G I A
"""
# A decision in place of nothing that was read is stale; an empty form is shown again, or leads back; 1 is no task.
EXPECTED = {"PUT": (412,), "POST": (200, 202, 303, 404, 422)}
LETTERS: dict[str, Role] = dict(zip("PCBDGIAM", ROLES, strict=True))
# A manager sees where need is and how the model is judged, and no family.
A_MANAGER_MAY = """
GET /v1/lists, GET /v1/lists/{list_id}, GET /v1/models/current, GET /v1/audits/latest, GET /v1/indicators,
GET /, GET /lists, GET /indicators, GET /model, GET /audit
"""
# Nobody has to be known here.
OPEN = {"/livez", "/readyz", "/metrics", "/openapi.json", "/problems", "/problems/{slug}", "/print/{name}"}
OPEN |= {"/assets/{digest}/{name}", "/sign-in", "/sign-in/return", "/sign-in/{secret}"}
NO_JOB = "j_" + "a" * 26
# Pages that test_governance_pages walks in the same way, for they need a model with its papers, and wards; and the one
# that test_protected_page does, for it is one person's.
WALKED_BESIDE = ("/models", "/audit-log", "/district", "/protected")


def allowed() -> dict[tuple[str, str], set[Role]]:
    rows = [line.split("|") for line in MATRIX.strip().splitlines()]
    manager = {tuple(each.split()) for each in A_MANAGER_MAY.split(",")}
    found = {tuple(route.split()): {LETTERS[each] for each in who.split() if each != "."} for route, who in rows}
    return {route: roles | ({"manager"} if route in manager else set()) for route, roles in found.items()}  # type: ignore[misc]


def as_role(client: Any, role: Role, **claims: object) -> dict[str, str]:
    """Return the headers with which a role asks, as a program and as a person."""
    panels = tuple(claims.get("panels", ()))  # type: ignore[arg-type]
    session = client.doors.session(role, str(claims.get("agency", "")), panels=panels)
    return {"authorization": f"Bearer {client.doors.token(role, **claims)}", "cookie": f"{COOKIE}={session}"}


def test_every_route_has_a_rule_and_every_rule_a_route(district):
    def paths(routes: Sequence[Any]) -> set[tuple[str, str]]:
        found = set()
        for each in routes:
            if hasattr(each, "methods"):
                found |= {(method, each.path) for method in each.methods}
            else:
                found |= paths(each.original_router.routes)
        return found

    assert paths(district.client.app.routes) == set(RULES)
    assert {path for (_, path), rule in RULES.items() if rule.scope is None} == OPEN
    walked = {route for route in RULES if not route[1].startswith(WALKED_BESIDE)}
    assert set(allowed()) | {("POST", "/sign-out")} == {route for route in walked if RULES[route].scope}


def test_a_route_without_a_rule_cannot_be_made():
    router = APIRouter(route_class=GuardedRoute)
    with pytest.raises(KeyError, match="/v1/forgotten"):
        router.add_api_route("/v1/forgotten", lambda: None)


def ask(client: Any, route: tuple[str, str], headers: dict[str, str], published: PublishedList) -> Any:
    identifier = {"system": "targeting", "value": published.flags[0].family_id}
    names = {"list_id": published.head.id, "flag_id": published.flags[0].id, "number": "1", "job_id": NO_JOB}
    names["meeting_id"] = meeting_id(published.head.panel, published.head.as_of_date.isoformat())
    method, path = route[0], route[1].format(**names)
    if method == "POST" and RULES[route].by == "session":
        return client.send(method, path, data={"csrf": client.doors.csrf(headers["cookie"])}, headers=headers)
    if path.endswith("/lookup"):
        return client.send(method, path, json=identifier, headers=headers)
    if path.endswith("/scores"):
        return client.send(method, path, json={"family": identifier}, headers=headers)
    if path.endswith("/scoring-jobs"):
        sent = {**headers, "content-type": "application/x-ndjson"}
        return client.send(method, path, content=json.dumps({"family": identifier}).encode(), headers=sent)
    if method == "PUT":
        return client.send(method, path, json=DECISION, headers={**headers, "if-match": "*"})
    return client.send(method, path, headers=headers)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_against_every_route(role: Role, district):
    client, published = district.client, district.lists[0]
    headers = as_role(client, role)
    for route, roles in allowed().items():
        before = client.doors.control.database.head().seq
        answered = ask(client, route, headers, published)
        if role in roles:
            # A job is its maker's alone.
            expected = (404,) if "{job_id}" in route[1] else EXPECTED.get(route[0], (200, 307))
            assert answered.status_code in expected, (route, answered.text)
        else:
            assert answered.status_code == 403, (route, answered.text)
            assert client.doors.control.database.head().seq == before + 1
        if RULES[route].shows_families and role in roles and "{job_id}" not in route[1]:
            assert client.doors.control.database.head().seq == before + 1, route


def test_nobody_unknown_gets_past_any_rule(district):
    for route in allowed():
        answered = ask(district.client, route, {"authorization": "", "cookie": ""}, district.lists[0])
        assert answered.status_code == 401, route
        if route[1].startswith("/v1"):
            assert answered.headers["www-authenticate"] == 'Bearer realm="targeting"'


def test_a_token_opens_no_page_and_a_session_no_route_of_the_api(district):
    client = district.client
    headers = as_role(client, "chair")
    assert client.get("/lists", headers={"authorization": headers["authorization"], "cookie": ""}).status_code == 401
    assert client.get("/v1/lists", headers={"authorization": "", "cookie": headers["cookie"]}).status_code == 401


def test_a_token_that_does_not_count_or_lacks_the_scope_says_why(district):
    client = district.client
    expired = client.doors.token("chair", exp=1)
    answered = client.get("/v1/lists", headers={"authorization": f"Bearer {expired}"})
    assert (answered.status_code, answered.json()["detail"]) == (401, "The token has expired.")
    assert answered.headers["www-authenticate"] == (
        'Bearer realm="targeting", error="invalid_token", error_description="The token has expired."'
    )
    narrow = client.doors.token("chair", scope="lists:read")
    answered = client.get(f"/v1/flags/{district.lists[0].flags[0].id}", headers={"authorization": f"Bearer {narrow}"})
    assert (answered.status_code, answered.json()["detail"]) == (403, "The token does not have the scope flags:read.")
    assert answered.headers["www-authenticate"] == (
        'Bearer realm="targeting", error="insufficient_scope", scope="flags:read"'
    )


@pytest.mark.parametrize("purpose", ["enforcement", "immigration", "benefit_fraud", "profit"])
def test_what_it_is_for_has_to_be_allowed(purpose: str, district):
    client = district.client
    claimed = client.doors.token("chair", purpose=purpose)
    unclaimed = client.doors.token("chair", purpose=None)
    for headers in (
        {"authorization": f"Bearer {claimed}"},
        {"authorization": f"Bearer {unclaimed}", "targeting-purpose": purpose},
        {"authorization": f"Bearer {unclaimed}"},
    ):
        answered = client.get("/v1/lists", headers=headers)
        assert (answered.status_code, answered.json()["type"]) == (403, "/problems/purpose-not-allowed")
    headers = {"authorization": f"Bearer {unclaimed}", "targeting-purpose": "complaint"}
    assert client.get("/v1/lists", headers=headers).status_code == 200


# Who reads as their panels do; all others are the whole district's.
OF_PANELS: tuple[Role, ...] = ("panel_member", "chair", "business_support", "integration_client")
# A district of two panels: ward A is north's, every other and no known address the rest's.
TWO = {"north": "North", "rest": "The rest"}


@pytest.fixture(scope="module")
def two_panels(district, made_from, client_of, tmp_path_factory):
    """Return the small district with its lists published for two panels, and who asks of them."""
    data = tmp_path_factory.mktemp("two") / "var"
    shutil.copytree(district.data, data, ignore=shutil.ignore_patterns("published", "family_wards", "service.sqlite*"))
    (bundle,) = (read_bundle(folder) for folder in (data / "bundles" / "escalation").iterdir())
    panels = (Panel(name="north", title="North", wards=("A",)), Panel(name="rest", title="The rest"))
    made = replace(made_from, bundle=bundle, service=made_from.service.model_copy(update={"panel": panels}))
    at = district.client.doors.control.database.clock()
    lists = publish(made, data=data, as_of_date=at.date(), published_at=at)
    return replace(district, data=data, lists=lists, client=client_of(data, district.signers, panels=TWO))


def of_panel(district: Any, panel: str) -> PublishedList:
    """Return the first list of a panel that has a flag."""
    found: PublishedList = next(each for each in district.lists if each.head.panel == panel and each.flags)
    return found


def unlike(published: PublishedList) -> PublishedList:
    """Return a list that is nowhere, with a family that nobody holds."""
    nowhere = published.head.model_copy(update={"id": "l_" + "a" * 26, "panel": "nowhere"})
    flag = published.flags[0].model_copy(update={"id": "g_" + "a" * 26, "family_id": "f_nobody"})
    return replace(published, head=nowhere, flags=(flag,))


def said_of(answered: Any) -> tuple[int, str]:
    """Return what was answered but for what names the one request."""
    told = answered.text
    if answered.headers.get("content-type") == "application/problem+json":
        told = json.dumps({**answered.json(), "instance": ""})
    return answered.status_code, told


@pytest.mark.parametrize("role", OF_PANELS)
def test_what_is_another_panels_is_answered_as_what_does_not_exist(role: Role, two_panels):
    client, own, others = two_panels.client, of_panel(two_panels, "north"), of_panel(two_panels, "rest")
    headers = as_role(client, role, panels=["north"])
    named = [route for route in allowed() if "{list_id}" in route[1] or "{flag_id}" in route[1]]
    named += [route for route in allowed() if "{meeting_id}" in route[1]]
    named += [("POST", "/v1/families/lookup"), ("POST", "/v1/scores")]
    for route in named:
        answers = [said_of(ask(client, route, headers, each)) for each in (own, others, unlike(others))]
        if role in allowed()[route]:
            assert answers[0][0] in (*EXPECTED.get(route[0], ()), 200), (route, answers[0])
            assert answers[1][0] == 404, (route, answers[1])
            assert answers[1] == answers[2], route
        else:
            assert {status for status, _ in answers} == {403}, route


def test_no_page_or_answer_of_one_panel_names_a_family_of_another(two_panels):
    client = two_panels.client
    # Each panel has decided, found a record wrong and left an action.
    numbers = {}
    for panel in TWO:
        published, headers = of_panel(two_panels, panel), as_role(client, "chair", panels=[panel])
        flag, csrf = published.flags[0], {"csrf": client.doors.csrf(headers["cookie"])}
        wrong = {"agency": "Schools", "what": f"Moved, says {panel}."}
        sent = DECISION | {"decision": "record_is_wrong", "reason": f"As {panel} saw it.", "correction": wrong}
        path = f"/v1/flags/{flag.id}/decision"
        answered = client.send("PUT", path, json=sent, headers={**headers, "if-match": '"r0"'})
        assert answered.status_code == 200, answered.text
        action = {"what": f"Ask, for {panel}.", "owner": "Cleo", "action_due-day": "13", "action_due-month": "4"}
        action |= {"action_due-year": "2026", "about": flag.id}
        meeting = f"/meetings/{meeting_id(panel, published.head.as_of_date.isoformat())}"
        assert client.send("POST", f"{meeting}/actions", data=csrf | action, headers=headers).status_code == 303
        page = client.get("/tasks", headers=headers).text
        numbers[panel] = re.findall(r'action="(/tasks/[a-z]+/\d+)"', page)
        assert len(numbers[panel]) == 2, page
    told = ("/", "/lists", "/meetings", "/tasks", "/v1/lists", "/v1/decisions", "/models", "/district")
    told += ("/v1/models/current",)
    for panel, other in (("north", "rest"), ("rest", "north")):
        ours = [each for each in two_panels.lists if each.head.panel == panel]
        theirs = [each for each in two_panels.lists if each.head.panel == other]
        hidden = {flag.family_id for each in theirs for flag in each.flags} | {
            TWO[other],
            f"says {other}",
            f"for {other}",
        }
        hidden |= {flag.id for each in theirs for flag in each.flags} | {each.head.id for each in theirs}
        for role in OF_PANELS:
            headers = as_role(client, role, panels=[panel])
            own = [f"/lists/{each.head.id}" for each in ours] + [f"/v1/lists/{each.head.id}/flags" for each in ours]
            own += [f"/meetings/{meeting_id(panel, ours[0].head.as_of_date.isoformat())}"]
            own += [f"/flags/{flag.id}" for each in ours for flag in each.flags]
            own += [f"/v1/lists/{each.head.id}" for each in ours]
            for path in (*told, *own):
                text = client.get(path, headers=headers).text
                assert not [each for each in hidden if each in text], (role, panel, path)
        first = client.get("/", headers=headers).headers["location"]
        assert first == f"/lists/{ours[0].head.id}"
        listed = {each["id"] for each in client.get("/v1/lists", headers=headers).json()["items"]}
        assert listed == {each.head.id for each in ours}
        headers = as_role(client, "chair", panels=[panel])
        csrf = {"csrf": client.doors.csrf(headers["cookie"]), "step": "sent"}
        assert [client.send("POST", path, data=csrf, headers=headers).status_code for path in numbers[other]] == [
            404
        ] * 2
        assert [client.send("POST", path, data=csrf, headers=headers).status_code for path in numbers[panel]] == [
            303
        ] * 2


def test_what_waits_to_be_decided_is_counted_of_the_readers_own_panels(two_panels):
    client = two_panels.client
    waiting = {}
    for panel in TWO:
        headers = as_role(client, "chair", panels=[panel])
        decided = {each["flag_id"] for each in client.get("/v1/decisions", headers=headers).json()["items"]}
        flags = {flag.id for each in two_panels.lists if each.head.panel == panel for flag in each.flags}
        waiting[panel] = len(flags - decided)
        told = re.findall(r"(\d+) flags? of the latest lists", client.get("/models", headers=headers).text)
        assert told == ([str(waiting[panel])] if waiting[panel] else []), panel
    assert sum(waiting.values())
    told = re.findall(
        r"(\d+) flags? of the latest lists", client.get("/models", headers=as_role(client, "governance")).text
    )
    assert told == [str(sum(waiting.values()))]


def test_whoever_is_named_to_no_panel_of_several_reads_none_and_the_districts_roles_read_all(two_panels):
    client = two_panels.client
    for role in ROLES:
        headers = as_role(client, role)
        listed = {each["id"] for each in client.get("/v1/lists", headers=headers).json()["items"]}
        assert listed == (set() if role in OF_PANELS else {each.head.id for each in two_panels.lists}), role
    north, rest = (next(each for each in two_panels.lists if each.head.panel == panel) for panel in TWO)
    page = client.get(f"/lists/{rest.head.id}", headers=as_role(client, "governance")).text
    assert f'Panels: <a class="govuk-link" href="/lists/{north.head.id}"><bdi>North</bdi></a>, <strong>' in page
    assert (
        "Panels:" not in client.get(f"/lists/{north.head.id}", headers=as_role(client, "chair", panels=["north"])).text
    )
    both = as_role(client, "chair", panels=["north", "rest"])
    assert len(client.get("/v1/lists", headers=both).json()["items"]) == len(two_panels.lists)
    page = client.get("/lists", headers=as_role(client, "chair")).text
    assert "Your sign-in names no panel." in page
    assert "chair, <bdi>North</bdi>" in client.get("/lists", headers=as_role(client, "chair", panels=["north"])).text


def test_a_family_that_no_list_is_about_is_its_wards_panels(two_panels):
    client = two_panels.client
    answers = {}
    for panel in ("north", "rest"):
        headers = as_role(client, "chair", panels=[panel])
        for family in ("f_open", "f_sent", "f_visitor", "f_nobody"):
            asked = {"family": {"system": "targeting", "value": family}}
            answered = client.send("POST", "/v1/scores", json=asked, headers=headers)
            answers[panel, family] = answered.json().get("type", "").removeprefix("/problems/") or "score"
    assert answers == {
        ("north", "f_open"): "outside-cohort",
        ("north", "f_sent"): "front-door",
        ("north", "f_visitor"): "unknown-family",
        ("north", "f_nobody"): "unknown-family",
        ("rest", "f_open"): "unknown-family",
        ("rest", "f_sent"): "unknown-family",
        ("rest", "f_visitor"): "score",
        ("rest", "f_nobody"): "unknown-family",
    }


def test_whoever_asks_for_another_panels_flag_leaves_an_event(two_panels, events_of):
    client, flag = two_panels.client, of_panel(two_panels, "rest").flags[0]
    for path in (f"/v1/flags/{flag.id}", f"/flags/{flag.id}"):
        client.get(path, headers=as_role(client, "chair", panels=["north"]))
        last = events_of(client)[-1]
        assert (last["action"], last["what"], last["role"]) == ("refused another panel's", flag.id, "chair")
        assert json.loads(last["families"]) == []


def test_the_panels_of_a_district_with_one_need_no_name(serving, a_list: Make):
    published = a_list()
    client = serving(published, panels={"district": "The district"})
    for panels, number in ((None, 1), (["district"], 1), (["another"], 0), ([], 0)):
        claims = {} if panels is None else {"panels": panels}
        bearer = {"authorization": f"Bearer {client.doors.token('chair', **claims)}"}
        assert len(client.get("/v1/lists", headers=bearer).json()["items"]) == number, panels


# To whom each agency's records may be shown, and what stands in their place for others.
AGENCIES = {
    "schools": (("panel", "partner"), "police_and_schools", "schools"),
    "police": (("panel",), "police_and_schools", "police"),
    "maternity and health visiting": (("panel",), "health", "health"),
    "services for drugs, alcohol and adult mental health": (("case_holder",), "health", "health"),
    "housing": (("case_holder", "governance"), "council", "housing"),
}
# Who reads (role, own agency) and whose records they see; by hand from the table above.
SEEN = {
    ("panel_member", ""): {"schools", "police", "maternity and health visiting"},
    ("chair", ""): {"schools", "police", "maternity and health visiting"},
    ("panel_member", "schools"): {"schools"},
    ("panel_member", "police"): {"schools", "police"},
    ("panel_member", "maternity and health visiting"): {"schools", "maternity and health visiting"},
    ("chair", "housing"): {"schools", "housing"},
    ("business_support", ""): set(),
    ("governance", ""): {"housing"},
    ("integration_client", ""): {"schools", "police", "maternity and health visiting"},
}


def reasons_of_all() -> tuple[Reason, ...]:
    return tuple(
        Reason(
            concern=f"concern of {agency}",
            sentence=f"Sentence of {agency}",
            indicator=f"indicator of {agency}",
            agency=agency,
            latest_date=None,
            age="",
            is_strength=False,
        )
        for agency in (*AGENCIES, "schools, police", "an undeclared agency", "")
    )


def with_reasons(published: PublishedList) -> PublishedList:
    reasons = reasons_of_all()
    new = tuple(
        NewRecords(indicator=each.indicator, records=1, sentence=f"{each.concern}: 1 new record") for each in reasons
    )
    change = published.flags[0].change
    assert change is not None
    told = change.model_copy(update={"new_records": new})
    flag = published.flags[0].model_copy(update={"reasons": reasons, "change": told})
    return replace(published, flags=(flag, published.flags[1]))


@pytest.mark.parametrize(("role", "agency"), SEEN)
def test_every_agency_against_every_field(role: Role, agency: str, serving, a_list: Make, a_source_of):
    published = with_reasons(a_list())
    sources = [a_source_of(name, shown, tier) for name, (shown, tier, _) in AGENCIES.items()]
    panels = {"district": "The district", "another": "Another"}
    client, seen = serving(published, sources=sources, panels=panels), SEEN[role, agency]
    headers = as_role(client, role, agency=agency, **({} if role == "governance" else {"panels": ["district"]}))
    elsewhere = as_role(client, role, agency=agency, panels=["another"])
    assert client.get(f"/v1/flags/{published.flags[0].id}", headers=elsewhere).status_code == 404
    flag = client.get(f"/v1/flags/{published.flags[0].id}", headers=headers).json()
    assert {each["agency"] for each in flag["reasons"]} == named(seen)
    told = [each["indicator"] for each in flag["change"]["new_records"]]
    assert told == [each["indicator"] for each in flag["reasons"]]
    assert {each["held_by"]: each["reasons"] for each in flag["withheld"]} == held_back(seen)
    listed = client.get(f"/v1/lists/{published.head.id}/flags", headers=headers).json()["items"][0]
    assert listed == flag
    if role == "integration_client":
        # A program reads no pages.
        return
    for path in (f"/flags/{published.flags[0].id}", f"/lists/{published.head.id}"):
        page = client.get(path, headers=headers).text
        for name in AGENCIES:
            assert (f"entence of {name}" in page) == (name in seen), (path, name)
        assert all(f"oncern of {name}" not in page for name in set(AGENCIES) - seen)


def named(seen: set[str]) -> set[str]:
    """Return the agencies of the reasons that are shown to whom those of some agencies are."""
    return seen | ({"schools, police"} if {"schools", "police"} <= seen else set()) | {""}


def held_back(seen: set[str]) -> dict[str, int]:
    """Return how many reasons are held by whom, of those that are not shown."""
    lacking = " and ".join(sorted({"schools", "police"} - seen))
    holders = [AGENCIES[name][2] for name in AGENCIES if name not in seen] + ["another agency"]
    return dict(Counter([*holders, lacking] if lacking else holders))


def test_every_agency_against_every_field_of_a_jobs_answers(district, a_source_of):
    """A job is its maker's alone; what its maker may see is what counts when the answers are read."""
    sources = [a_source_of(name, shown, tier) for name, (shown, tier, _) in AGENCIES.items()]
    client, listed = district.new_client(sources=sources), district.lists[0].flags[0]
    row = {"family": {"system": "targeting", "value": listed.family_id}}
    sent = {**as_role(client, "chair", sub="ada"), "content-type": "application/x-ndjson"}
    job = client.send("POST", "/v1/scoring-jobs", content=json.dumps(row).encode(), headers=sent).headers["location"]
    answer = answering_rows(client.app.state.scorer, lambda subject, _panels: client.doors.control.sealed.to(subject))

    def with_all_reasons(asked: ScoringJob, lines: Sequence[bytes], first: int) -> Answered:
        answered = answer(asked, lines, first)
        # Other tests leave jobs in the district's store.
        if not job.endswith(asked.id):
            return answered
        heading, line = answered.lines
        kept = json.loads(line)
        kept["score"]["reasons"] = [each.model_dump(mode="json") for each in reasons_of_all()]
        return Answered((heading, json.dumps(kept).encode()), 1)

    database = client.doors.control.database
    while JobWorker(district.data, database, key=bytes(range(32)), name="one", answer=with_all_reasons).work_on():
        pass
    for (role, agency), seen in SEEN.items():
        answered = client.get(f"{job}/results", headers=as_role(client, role, sub="ada", agency=agency))
        if role not in allowed()["GET", "/v1/scoring-jobs/{job_id}/results"]:
            assert (answered.status_code, job.rpartition("/")[2] in answered.text) == (403, False)
            continue
        score = json.loads(answered.text)["score"]
        assert {each["agency"] for each in score["reasons"]} == named(seen), (role, agency)
        assert {each["held_by"]: each["reasons"] for each in score["withheld"]} == held_back(seen), (role, agency)
        assert (score["probability"] is not None) == (role == "integration_client")
        for other in ({"sub": "ben"}, {"sub": "ada", "client_id": "another"}):
            refused = client.get(f"{job}/results", headers=as_role(client, role, agency=agency, **other))
            assert refused.status_code in (401, 404), (role, agency, other)
            assert listed.family_id not in refused.text


def test_whoever_owns_the_last_decision_reads_as_a_case_holder(serving, a_list: Make, a_source_of):
    published = with_reasons(a_list())
    sources = [a_source_of(name, shown, tier) for name, (shown, tier, _) in AGENCIES.items()]
    client = serving(published, sources=sources)
    headers, path = as_role(client, "panel_member", sub="ada"), f"/v1/flags/{published.flags[0].id}"

    def seen() -> set[str]:
        return {each["agency"] for each in client.get(path, headers=headers).json()["reasons"]}

    assert "housing" not in seen()
    decided = client.send(
        "PUT", f"{path}/decision", json=DECISION | {"owner": "ada"}, headers={**headers, "if-match": '"r0"'}
    )
    assert decided.status_code == 200, decided.text
    assert "housing" in seen()
    assert "services for drugs, alcohol and adult mental health" in seen()
    other = {"authorization": f"Bearer {client.doors.token('panel_member', sub='ben')}"}
    assert "housing" not in {each["agency"] for each in client.get(path, headers=other).json()["reasons"]}


def test_a_sealed_family_is_there_for_its_manager_alone(district, monkeypatch: pytest.MonkeyPatch):
    published = district.lists[0]
    sealed = published.flags[0]
    client = district.new_client(declared=Access(protected_identities_manager="mia"))
    monkeypatch.setattr(
        "targeting.serving.access.sealed.sealed_families", lambda _generation: frozenset({sealed.family_id})
    )
    of_all = [as_role(client, role) for role in ("panel_member", "chair", "governance", "integration_client")]
    asked = {"family": {"system": "targeting", "value": sealed.family_id}}
    unheld = {"family": {"system": "targeting", "value": "f_nobody"}}
    for headers in of_all:
        flags = client.get(f"/v1/lists/{published.head.id}/flags", headers=headers).json()["items"]
        assert [each["id"] for each in flags] == [each.id for each in published.flags[1:]]
        for path in (f"/v1/flags/{sealed.id}", f"/v1/flags/{sealed.id}/decision", f"/flags/{sealed.id}"):
            assert client.get(path, headers=headers).status_code == 404, path
        assert sealed.family_id not in client.get(f"/lists/{published.head.id}", headers=headers).text
    for headers in (of_all[0], of_all[3]):
        answers = [client.send("POST", "/v1/scores", json=each, headers=headers).json() for each in (asked, unheld)]
        assert [{**each, "instance": ""} for each in answers] == [{**answers[1], "instance": ""}] * 2
    mia = {"authorization": f"Bearer {client.doors.token('panel_member', sub='mia')}"}
    assert client.get(f"/v1/flags/{sealed.id}", headers=mia).status_code == 200
    assert client.send("POST", "/v1/scores", json=asked, headers=mia).status_code == 200


def test_a_client_that_asks_too_often_is_told_when_to_ask_again(serving, a_list: Make):
    client = serving(a_list())
    client.doors.control.rates._share = 1e-9
    answered = [client.get("/v1/lists") for _ in range(2)]
    assert [each.status_code for each in answered] == [200, 429]
    assert int(answered[1].headers["retry-after"]) > 0


def test_an_event_says_who_saw_which_families_for_what(serving, a_list: Make, events_of):
    published = a_list()
    client = serving(published)
    flag, other = published.flags
    answered = client.get(f"/v1/flags/{flag.id}")
    client.get(f"/v1/lists/{published.head.id}/flags?limit=1")
    client.get(f"/lists/{published.head.id}")
    client.get(f"/v1/flags/{flag.id}", headers={"authorization": "Bearer x"})
    told = [each for each in events_of(client) if each["action"] not in ("begin",)]
    assert [(each["action"], each["what"], json.loads(each["families"])) for each in told] == [
        ("read_flag", flag.id, [flag.family_id]),
        ("read_flags", published.head.id, [flag.family_id]),
        ("see_list", published.head.id, [flag.family_id, other.family_id]),
    ]
    first = told[0]
    assert (first["subject"], first["role"], first["client"]) == (
        "demo integration client",
        "integration_client",
        "demo",
    )
    assert (first["purpose"], first["request_id"]) == ("early_help", answered.headers["x-correlation-id"])
    client.doors.control.database.check_audit_log()


def test_what_cannot_be_logged_is_not_shown(serving, a_list: Make, monkeypatch: pytest.MonkeyPatch):
    published = a_list()
    client = serving(published)
    assert client.get(f"/v1/flags/{published.flags[0].id}").status_code == 200

    def fails(*_given: object, **_named: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(client.doors.control.database._chain, "rows", fails)
    answered = client.get(f"/v1/flags/{published.flags[0].id}")
    assert (answered.status_code, answered.json()["type"]) == (503, "/problems/not-ready")
    assert published.flags[0].family_id not in answered.text


def test_an_answer_held_already_is_not_sent_again(serving, a_list: Make):
    published = a_list()
    client = serving(published)
    path = f"/v1/flags/{published.flags[0].id}"
    first = client.get(path)
    again = client.get(path, headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    assert first.headers["vary"] == "Authorization"


def test_every_role_has_rights():
    assert set(get_args(Role)) == set(ROLES) == set(LETTERS.values())
