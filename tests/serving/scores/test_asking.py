"""Of people whom nobody holds, a source that was not asked cannot say: its silence is unknown, never zero."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from targeting.serving.scores.answer import Score
from targeting.serving.scores.refusals import Refusal

Body = dict[str, Any]

MOTHER, CHILD = ({"system": "request", "value": who} for who in ("mother", "child"))
CENTRE_NOT_ASKED = "What a children's centre knows is not known: by this request, nobody asked centres about the family"
POLICE_NOT_ASKED = "What police recorded is not known: by this request, nobody asked police about the family"
SCHOOLS_NOT_ASKED = "School attendance is not known: by this request, nobody asked schools about the family"
IN_DOUBT = (
    "Whether the family should go to the front door today is not known: by this request, nobody asked police about the "
    "family. It should if this holds: No contact is recorded"
)
ALL = ("centres", "police", "schools", "social_care")


def whole(asked: Sequence[str] = (), *records: Body, child: Body | None = None) -> Body:
    """Return a mother and a child of eight whom nobody holds, sent whole."""
    common = {"from_date": "2020-01-01"}
    people = [
        {"person": MOTHER, "is_child": False, "birth_date": "1990-01-01", **common},
        {"person": CHILD, "is_child": True, "birth_date": "2018-01-01", **common, **(child or {})},
    ]
    return {"people": people, "sources_asked": list(asked), **({"records": list(records)} if records else {})}


def record(kind: str, source: str, who: Body, event: str, **own: Any) -> Body:
    known = str(date.fromisoformat(event) + timedelta(days=1))
    return {"kind": kind, "source": source, "person": who, "event_date": event, "knowledge_date": known, **own}


def incident(event: str = "2025-06-01", grade: str = "medium") -> Body:
    return record("domestic_abuse_incident", "police", MOTHER, event, grade=grade, child_present=True)


def contact(event: str = "2020-06-01") -> Body:
    return record("contact", "social_care", CHILD, event, referral_source="2A", outcome="no_further_action")


def gaps(score: Score) -> list[str]:
    return [each.sentence for each in score.unknowns]


def refusal_of(district: Any, body: Body) -> Refusal:
    with pytest.raises(Refusal) as caught:
        district.ask(body)
    return caught.value


def test_where_one_agency_was_asked_and_another_not_the_one_says_none_and_of_the_other_it_is_unknown(
    district: Any,
) -> None:
    asked = district.ask(whole(["social_care", "police"]))
    assert gaps(asked) == [SCHOOLS_NOT_ASKED, CENTRE_NOT_ASKED]
    assert {each.because for each in asked.unknowns} == {"not_linked"}
    assert asked.not_asked == ("centres", "schools")
    assert [each.sentence for each in asked.reasons if each.is_strength] == [
        "No domestic abuse is recorded in the last 12 months"
    ]
    other = district.ask(whole(["social_care", "centres"]))
    assert gaps(other) == [IN_DOUBT, POLICE_NOT_ASKED, SCHOOLS_NOT_ASKED]
    assert other.provenance.values_digest != asked.provenance.values_digest


def test_an_agency_that_was_asked_and_finds_no_child_in_its_register_found_none(district: Any) -> None:
    found_none = "School attendance is not known: no matching record of the family was found"
    assert gaps(district.ask(whole(ALL))) == [found_none]
    known = {"known_to": [{"source": "schools", "since": "2024-09-01"}]}
    assert gaps(district.ask(whole(ALL, child=known))) == []


def test_whoever_sends_a_record_of_a_source_or_says_who_is_known_to_it_has_asked_it(district: Any) -> None:
    by_name = district.ask(whole(["social_care", "police"], incident()))
    by_record = district.ask(whole(["social_care"], incident()))
    assert by_record == by_name
    known = {"known_to": [{"source": "social_care", "since": "2024-09-01"}]}
    assert district.ask(whole([], incident(), child=known)) == by_name
    assert gaps(by_name) == [SCHOOLS_NOT_ASKED, CENTRE_NOT_ASKED]


def test_of_a_family_of_which_anybody_is_held_who_was_asked_changes_nothing(district: Any) -> None:
    for body in (
        {"family": {"system": "targeting", "value": "f_never"}},
        {
            "family": {"system": "targeting", "value": "f_never"},
            "records": [incident() | {"person": of_agency("never")}],
        },
        # Somebody held, who is in no family, joins people whom nobody holds.
        {
            "people": [
                *whole()["people"],
                {"person": of_agency("partner"), "is_child": False, "from_date": "2020-01-01"},
            ]
        },
    ):
        score = district.ask(body)
        assert score.not_asked == ()
        assert district.ask(body | {"sources_asked": ["police"]}) == score
        assert district.ask(body | {"sources_asked": list(ALL)}) == score


def of_agency(who: str) -> Body:
    return {"system": "social_care", "value": who if who == "partner" else f"{who} mother"}


def test_where_it_turns_on_an_agency_whether_the_model_speaks_of_a_family_it_has_to_be_asked_first(
    district: Any,
) -> None:
    refusal = refusal_of(district, whole(["police", "schools", "centres"]))
    assert (refusal.slug, refusal.extra) == ("sources-not-asked", {"sources": ["social_care"]})
    assert refusal.detail == (
        "Whether the model speaks of this family turns on what social care would say, and by this request nobody "
        "asked. Ask, and name in sources_asked who was asked: social_care."
    )
    grown = whole([], child={"birth_date": "2000-01-01"})
    assert refusal_of(district, grown).slug == "outside-cohort"


def test_where_the_front_door_may_be_the_place_today_that_is_said_beside_whom_to_ask(district: Any) -> None:
    high = incident("2026-03-21", "high")
    refusal = refusal_of(district, whole([], high))
    assert (refusal.slug, refusal.extra["sources"]) == ("sources-not-asked", ["social_care"])
    assert refusal.extra["in_doubt"] == ["No contact is recorded"]
    said = (
        "Nor is it known whether it should go to the front door today. It should if this holds: No contact is recorded"
    )
    assert refusal.detail.endswith(f"{said}. {refusal.extra['urgent']}")
    assert refusal_of(district, whole(["social_care"], high)).slug == "front-door"


def test_a_rule_that_turns_on_an_agency_not_asked_sends_nobody_and_is_said_to_be_open(district: Any) -> None:
    score = district.ask(whole(["social_care", "schools", "centres"]))
    assert gaps(score)[0] == IN_DOUBT
    assert score.unknowns[0].indicators == ()
    # With a contact the rule is known not to hold, whatever police would say.
    assert IN_DOUBT not in gaps(district.ask(whole([], contact())))


def test_a_rule_that_holds_whoever_is_asked_goes_before_whom_to_ask(
    served_by: Callable[..., Any], made_from: Any
) -> None:
    urgent = made_from.cohorts["urgent"]
    # High-grade abuse alone, whatever social care recorded.
    abuse = replace(urgent, cohort=replace(urgent.cohort, program=urgent.cohort.program[:1]))
    district = served_by(cohorts={**made_from.cohorts, "urgent": abuse})
    assert refusal_of(district, whole([], incident("2026-03-21", "high"))).slug == "front-door"
    refusal = refusal_of(district, whole([], incident("2026-03-21", "medium")))
    assert (refusal.slug, refusal.extra) == ("sources-not-asked", {"sources": ["social_care"]})


def test_every_source_that_does_not_exist_is_refused_with_its_place(district: Any) -> None:
    why = "there is no such source. Those that exist: centres, police, schools, social_care"
    for body in (whole(), {"family": {"system": "targeting", "value": "f_never"}}):
        refusal = refusal_of(district, body | {"sources_asked": ["nhs", "police", "gp"]})
        assert refusal.slug == "source-not-usable"
        assert refusal.extra == {"sources": [{"index": 0, "why": why}, {"index": 2, "why": why}]}
        assert refusal.detail == f"2 sources named in sources_asked cannot be used: {why}."


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (["police", "police"], "value_error"),
        ([""], "string_too_short"),
        (["x" * 65], "string_too_long"),
        ([f"source {number}" for number in range(65)], "too_long"),
        ("police", "list_type"),
        (None, "list_type"),
    ],
)
def test_sources_asked_are_a_bounded_list_of_different_names(district: Any, asked: Any, kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        district.scorer.request_model.model_validate_json(json.dumps(whole() | {"sources_asked": asked}))
    assert [error["type"] for error in caught.value.errors()] == [kind]


def test_of_families_side_by_side_each_is_asked_apart(district: Any) -> None:
    bodies = [
        whole(ALL),
        whole(["social_care"]),
        whole(["social_care", "police"], incident()),
        {
            "family": {"system": "targeting", "value": "f_never"},
            "records": [incident() | {"person": of_agency("never")}],
        },
        whole(["police"]),
        whole(["social_care"], child={"birth_date": "2024-01-01"}),
    ]
    requests = [district.scorer.request_model.model_validate_json(json.dumps(each)) for each in bodies]
    answers = district.scorer.score_all(requests, lists=[each.head.id for each in district.lists])
    assert [each.not_asked if isinstance(each, Score) else each.slug for each in answers] == [
        (),
        ("centres", "police", "schools"),
        ("centres", "schools"),
        (),
        "sources-not-asked",
        ("centres", "police", "schools"),
    ]
    assert [len(each.unknowns) for each in answers if isinstance(each, Score)] == [1, 4, 2, 0, 4]
    for body, answer in zip(bodies, answers, strict=True):
        if isinstance(answer, Score):
            assert answer == district.ask(body)
