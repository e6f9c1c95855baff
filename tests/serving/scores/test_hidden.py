"""Whoever belongs to hidden families alone is as somebody whom nobody holds: no answer tells the two apart."""

import json
import re
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from targeting.serving.scores.answer import Score
from targeting.serving.scores.refusals import Refusal
from targeting.serving.scores.request import FamilyIdentifier
from targeting.serving.scores.scorer import FamilyMeant
from targeting.store.contents import SUCCESSIONS, GenerationContents
from targeting.store.generations import write_generation

Body = dict[str, Any]
Answer = Score | tuple[str, str, str]

# In the same order as those whom nobody holds, so that neither is before somebody new whom the other is after.
HELD = {"never mother": "never mothes", "never child": "never chile", "partner": "partnes", "f_never": "f_neves"}
INCIDENT = {"kind": "domestic_abuse_incident", "source": "police", "grade": "medium", "child_present": False}
ATTENDANCE = {
    "kind": "attendance_term",
    "source": "schools",
    "event_date": "2025-12-19",
    "knowledge_date": "2025-12-20",
    "sessions_possible": 100,
    "sessions_authorised": 0,
    "sessions_unauthorised": 0,
    "sessions_missed": 0,
}


def person(key: str, system: str = "social_care") -> dict[str, str]:
    return {"system": system, "value": key}


def entry(key: str, *, is_child: bool = True, **more: Any) -> Body:
    return {"person": person(key), "is_child": is_child, "from_date": "2020-01-01", **more}


def incident(key: str, day: str = "2025-12-03") -> Body:
    known = f"{day[:-2]}{int(day[-2:]) + 1:02}"
    return INCIDENT | {"person": person(key), "event_date": day, "knowledge_date": known}


def family(value: str, system: str = "targeting") -> Body:
    return {"family": person(value, system)}


def known_to(*sources: str) -> Body:
    return {"known_to": [{"source": each, "since": "2024-09-01"} for each in sources]}


ASKED = {"sources_asked": ["social_care", "police"]}
TOLD: dict[str, Body] = {
    "the family by its own id": family("f_never"),
    "the family by an agency's id": family("never child", "social_care"),
    "people alone": {"people": [entry("never child")]},
    "an adult alone": {"people": [entry("never mother", is_child=False)]},
    "records alone": {"records": [incident("never mother")]},
    "people with records": {"people": [entry("never child")], "records": [incident("never child")]},
    "a record that is held": {
        "people": [entry("never child")],
        "records": [ATTENDANCE | {"person": person("never child")}],
    },
    "told where they are known": {"people": [entry("never child", **known_to("schools"))]},
    "two entries of one": {"people": [entry("never child"), entry("never child")]},
    "beside somebody of a family that is seen": {"people": [entry("both child"), entry("never child")]},
    "beside somebody new": {"people": [entry("a stranger"), entry("never child"), entry("zz")]},
    "in a family that is seen": family("f_both") | {"people": [entry("never child")]},
    "in a family that is seen, with records": family("f_both")
    | {"people": [entry("never mother", is_child=False)], "records": [incident("never mother")]},
    "records on whom the family does not have": family("f_both") | {"records": [incident("never mother")]},
    "the family with records on somebody seen": family("f_never") | {"records": [incident("both mother")]},
    "the family with records on its own": family("f_never") | {"records": [incident("never mother")]},
    "by an agency's id, with records": family("never child", "social_care") | {"records": [incident("both mother")]},
    "the family with somebody new": family("f_never") | {"people": [entry("a stranger")]},
    "somebody who left": {"people": [entry("partner"), entry("both child")]},
    "somebody who left, alone": {"people": [entry("partner")], "records": [incident("partner")]},
    "by somebody who left": family("partner", "social_care"),
    "on a later day": {"people": [entry("never child")], "as_of_date": "2026-04-20"},
    "on a day that is none": {"people": [entry("never child")], "as_of_date": "2026-05-20"},
}
REQUESTS = {name: body | ASKED if "people" in body else body for name, body in TOLD.items()} | {
    "people of whom nobody was asked": TOLD["people alone"],
    "somebody who left, of whom nobody was asked": TOLD["somebody who left, alone"],
    "a source that is none": TOLD["people alone"] | {"sources_asked": ["nhs"]},
}
HIDDEN = frozenset({"f_never", "f_second"})


def unheld(body: Body) -> Body:
    """Return the request about somebody whom nobody holds, in place of each of the hidden."""
    text = re.sub("|".join(f'"{each}"' for each in HELD), lambda found: f'"{HELD[found[0][1:-1]]}"', json.dumps(body))
    found: Body = json.loads(text)
    assert found != body
    return found


def answers(district: Any, bodies: Collection[Body], hidden: frozenset[str]) -> list[Answer]:
    """Return what is told to each request, alone, and see that the rows of one job are told the same."""
    requests = [district.scorer.request_model.model_validate_json(json.dumps(each)) for each in bodies]

    def alone(request: Any) -> Score | Refusal:
        made = district.scorer.made(request, hidden=hidden)
        try:
            found: Score = made or district.scorer.score(request, hidden=hidden)
        except Refusal as refusal:
            return refusal
        return found

    told = [as_told(alone(each)) for each in requests]
    lists = [each.head.id for each in district.lists]
    assert [as_told(each) for each in district.scorer.score_all(requests, lists=lists, hidden=hidden)] == told
    return told


def as_told(answer: Score | Refusal) -> Answer:
    if isinstance(answer, Refusal):
        return answer.slug, answer.detail, json.dumps(dict(answer.extra), sort_keys=True)
    return answer


def test_of_whom_hidden_families_alone_have_is_told_what_is_told_of_whom_nobody_holds(district: Any) -> None:
    # Somebody who sees them all was answered before, so that what is kept of answers could tell.
    answers(district, REQUESTS.values(), frozenset())
    of_hidden = answers(district, REQUESTS.values(), HIDDEN)
    of_nobody = answers(district, [unheld(each) for each in REQUESTS.values()], HIDDEN)
    for name, one, other in zip(REQUESTS, of_hidden, of_nobody, strict=True):
        assert one == other, name
    assert sum(isinstance(each, Score) for each in of_hidden) >= 10
    slugs = {each[0] for each in of_hidden if isinstance(each, tuple)}
    assert slugs == {
        *("unknown-family", "unknown-person", "outside-cohort"),
        *("record-not-usable", "person-not-usable", "date-not-usable", "source-not-usable", "sources-not-asked"),
    }


def test_to_whom_the_family_is_shown_the_same_requests_tell_of_it(district: Any) -> None:
    shown = answers(district, REQUESTS.values(), frozenset())
    of_nobody = answers(district, [unheld(each) for each in REQUESTS.values()], frozenset())
    same = {name for name, one, other in zip(REQUESTS, shown, of_nobody, strict=True) if one == other}
    assert same == {"on a day that is none", "two entries of one", "a source that is none"}


def test_whoever_is_in_a_hidden_family_and_in_one_that_is_seen_is_of_that_one(district: Any) -> None:
    child = {"people": [entry("visitor child")], "records": [incident("visitor child")]}
    told = family("f_visitor") | {"records": child["records"]}
    (by_child,) = answers(district, [child], HIDDEN)
    (by_family,) = answers(district, [told], HIDDEN)
    assert isinstance(by_child, Score)
    assert isinstance(by_family, Score)
    assert by_child.family_id == "f_visitor"
    assert by_child.provenance == by_family.provenance
    (refused,) = answers(district, [child], HIDDEN - {"f_second"})
    assert isinstance(refused, tuple)
    assert refused[0] == "more-than-one-family"


def test_a_family_that_went_on_as_hidden_ones_alone_is_found_as_one_that_went_on_as_none(
    served_by: Callable[..., Any],
) -> None:
    district = served_by()
    went_on(district, ("f_both", "f_never"), ("f_gone", "f_never"))

    def found(system: str, value: str, hidden: frozenset[str]) -> FamilyMeant:
        meant: FamilyMeant = district.scorer.find(FamilyIdentifier(system=system, value=value), hidden=hidden)
        return meant

    for named in (("targeting", "f_both"), ("social_care", "both child")):
        assert [found(*named, hidden).successors for hidden in (frozenset(), HIDDEN)] == [("f_never",), ()]
    assert found("targeting", "f_gone", frozenset()).successors == ("f_never",)
    # Not held any more when the lists were made: all that is known of it is where it went.
    refusals = [refusal_to(lambda each=each: found("targeting", each, HIDDEN)) for each in ("f_gone", "f_nobody")]
    assert as_told(refusals[0]) == as_told(refusals[1])


def went_on(district: Any, *pairs: tuple[str, str]) -> None:
    """Have the data loaded since say which family went on as which."""
    held, known = district.generation, {"from_date": date(2026, 4, 1), "how": "went_on_as", "records": 2}
    rows = [{"family_id": ended, "successor_id": successor, **known} for ended, successor in pairs]
    contents = GenerationContents(
        facts={kind: held.facts(kind) for kind in held.manifest.kinds},
        memberships=held.memberships(),
        agency_links=held.agency_links(),
        coverage=held.coverage,
        contract=district.contract,
        synthetic=True,
        inputs={},
        successions=pa.Table.from_pylist(rows, schema=SUCCESSIONS),
    )
    write_generation(district.served.data, contents)


def refusal_to(ask: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        ask()
    return caught.value
