"""Many requests at once are answered as each is alone: same numbers, same words, same refusals, in their order."""

import json
from typing import Any

from targeting.serving.scores.answer import Score
from targeting.serving.scores.refusals import Refusal


def alone(district: Any, body: dict[str, Any]) -> Score | tuple[str, str]:
    try:
        score: Score = district.ask(body)
    except Refusal as refusal:
        return refusal.slug, refusal.detail
    return score


def together(district: Any, bodies: list[dict[str, Any]]) -> list[Score | tuple[str, str]]:
    requests = [district.scorer.request_model.model_validate_json(json.dumps(each, default=str)) for each in bodies]
    answers = district.scorer.score_all(requests, lists=[each.head.id for each in district.lists])
    return [(each.slug, each.detail) if isinstance(each, Refusal) else each for each in answers]


def incident(whose: dict[str, str], day: int, grade: str) -> dict[str, Any]:
    known = {"event_date": f"2025-06-{day:02d}", "knowledge_date": "2025-07-01"}
    return {
        "kind": "domestic_abuse_incident",
        "person": whose,
        "source": "police",
        **known,
        "grade": grade,
        "child_present": False,
    }


def named(family: str) -> dict[str, str]:
    return {"system": "targeting", "value": family}


def of_agency(key: str) -> dict[str, str]:
    return {"system": "social_care", "value": key}


def test_rows_of_made_families_are_answered_together_as_alone(district: Any) -> None:
    mother = of_agency("never mother")
    bodies = [
        {"family": named("f_never"), "records": [incident(mother, 1, "medium")]},
        # The same family again, told in another way.
        {"family": named("f_never"), "records": [incident(mother, day, "standard") for day in (1, 2, 3)]},
        {"family": named("f_abuse")},
        {"people": [{"person": of_agency("visitor child"), "is_child": True, "from_date": "2020-01-01"}]},
        {"family": named("f_never"), "records": [incident(mother, 5, "high") | {"child_present": True}]},
        # Words that no record held has: each request's own.
        *({"family": named("f_both"), "people": [somebody(n)], "records": [moved(n)]} for n in (1, 2)),
        {"family": named("f_open"), "records": [incident(of_agency("open mother"), 1, "medium")]},
        {"family": named("f_never"), "records": [incident(mother, 9, "medium")], "as_of_date": "2026-04-20"},
        {"records": [incident(named("nobody"), 1, "medium")]},
        *(district.body_of(family) for family in ("f_helped", "f_unlinked", "f_centre")),
    ]
    expected = [alone(district, each) for each in bodies]
    assert together(district, bodies) == expected
    assert {each[0] for each in expected if isinstance(each, tuple)} >= {"outside-cohort", "more-than-one-family"}
    assert sum(isinstance(each, Score) for each in expected) >= 8


def test_rows_of_linked_families_are_answered_together_as_alone(linked: Any) -> None:
    families = [family for each in linked.lists for family in each.considered["family_id"].to_pylist()][:8]
    bodies = [linked.body_of(family) for family in families]
    bodies += [{"family": named(family), **linked.body_of(family, by_agency=True)} for family in families[:3]]
    assert together(linked, bodies) == [alone(linked, each) for each in bodies]


def somebody(number: int) -> dict[str, Any]:
    return {"person": {"system": "request", "value": "new"}, "is_child": True, "from_date": f"202{number}-01-01"}


def moved(number: int) -> dict[str, Any]:
    known = {"event_date": "2026-01-01", "knowledge_date": "2026-01-02"}
    of_request = {"system": "request", "value": "new"}
    return {"kind": "address_recorded", "person": of_request, "source": "social_care", **known, "ward": f"W{number}"}
