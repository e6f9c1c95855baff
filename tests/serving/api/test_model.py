"""What a client reads of the model that made the current lists, and how it asks about one family."""

import json
from pathlib import Path

from targeting.features.plan import plan_from_json
from targeting.serving.contents import Flag
from targeting.serving.reading import ReadScore
from targeting.store.generations import open_generation


def test_the_current_model_is_the_one_that_the_lists_name(district):
    held = district.client.get("/v1/models/current").json()
    made_by = district.lists[0].head.provenance
    assert (held["model"], held["bundle_digest"]) == ("escalation", made_by.bundle_digest)
    assert held["version"] == made_by.bundle_digest[:12]
    assert held["gates"] == [{"name": "enough_events", "passed": True, "detail": "12 outcomes; 5 needed."}]
    assert held["audit"] == {"verdict": "pass", "sentence": "Of 1 gating comparison: 1 passes."}
    assert held["signatures"] == [{"name": "Bea", "re_audit_by": None}, {"name": "Cem", "re_audit_by": None}]
    assert held["lists"] == [each.head.id for each in district.lists]
    assert held["trained_on"] == ["2025-01-01"]


def test_a_model_whose_signature_is_gone_is_not_vouched_for(district):
    client = district.new_client(district.signers[:1])
    for path in ("/v1/models/current", "/v1/indicators", "/readyz"):
        answered = client.get(path)
        assert (answered.status_code, answered.json()["type"]) == (503, "/problems/not-ready")
    assert client.get("/v1/lists").status_code == 200


def test_indicators_come_as_declared_at_every_page_size(district, walk):
    client, bundle = district.client, next((district.data / "bundles" / "escalation").iterdir())
    planned = plan_from_json((bundle / "plan.json").read_text()).indicators
    for limit in (1, 2, 3, 4):
        walked = list(walk(client, "/v1/indicators", limit))
        assert [each["name"] for each in walked] == [each.name for each in planned]
    assert walked[1]["direction"] == "raises"
    assert walked[1]["sentence"] == "The child who missed most school missed {percent} of sessions"


def test_a_listed_family_gets_its_flag_to_the_letter(district):
    client = district.client
    for published in district.lists:
        for flag in published.flags:
            answered = client.send("POST", "/v1/scores", json=_family(flag))
            score = ReadScore.model_validate_json(answered.content)
            assert (score.list_id, score.flag_id, score.provisional) == (published.head.id, flag.id, False)
            for name in ("band", "reasons", "unknowns", "expires_on"):
                assert getattr(score, name) == getattr(flag, name)


def test_a_score_carries_neither_rank_nor_margin_and_a_probability_for_research_alone(district):
    client, passport = district.client, district.lists[0].passports[0]
    answered = client.send("POST", "/v1/scores", json=_family(passport.flag))
    assert not {"rank", "margin"} & set(answered.json())
    assert answered.json()["probability"] == passport.probability
    for token in (client.doors.token("chair"), client.doors.token(scope="scores:write")):
        headers = {"authorization": f"Bearer {token}"}
        score = client.send("POST", "/v1/scores", json=_family(passport.flag), headers=headers).json()
        assert (score["probability"], score["band"]) == (None, answered.json()["band"])
    assert answered.json()["notice"] == "This list is a prompt to look, not evidence."


def test_refusals_come_as_problems_with_what_is_said_beside(district):
    client = district.client
    for family, status, slug in (
        ("f_nobody", 404, "unknown-family"),
        ("f_open", 409, "outside-cohort"),
        ("f_sent", 409, "front-door"),
    ):
        answered = client.send("POST", "/v1/scores", json={"family": {"system": "targeting", "value": family}})
        assert (answered.status_code, answered.json()["type"]) == (status, f"/problems/{slug}"), answered.text
        assert answered.headers["content-type"] == "application/problem+json"


def test_a_request_asks_of_the_list_and_writes_nothing_but_its_event(district):
    before, events = written_in(district.data), district.client.doors.control.database.head().seq
    client = district.client
    for path in ("/v1/lists", "/v1/models/current", "/v1/indicators", "/readyz", "/"):
        client.get(path)
    client.send(
        "POST",
        "/v1/scores",
        content=json.dumps(_family(district.lists[0].flags[0])),
        headers={"content-type": "application/json"},
    )
    assert written_in(district.data) == before
    assert district.client.doors.control.database.head().seq > events
    open_generation(district.data).verify()


def written_in(data: Path) -> list[tuple[str, int]]:
    """Return every file below a folder with when it was written last, but the service's own store."""
    paths = [path for path in data.rglob("*") if not path.name.startswith("service.sqlite")]
    return sorted((str(path), path.stat().st_mtime_ns) for path in paths if path.is_file())


def _family(flag: Flag) -> dict[str, dict[str, str]]:
    return {"family": {"system": "targeting", "value": flag.family_id}}
