"""A family as it is held is answered by the current lists, and by nothing else."""

import hashlib
import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from targeting.serving.scores.digest import values_digest
from targeting.serving.scores.known import NotReproducedError, score_known
from targeting.serving.scores.publication import Publication, read_publication
from targeting.serving.scores.refusals import Refusal
from targeting.serving.scores.request import FamilyIdentifier
from targeting.serving.scores.scorer import Scorer
from targeting.serving.served import Served
from targeting.store.generations import GenerationContents, write_generation


def by_agency(key: str, system: str = "social_care") -> dict[str, Any]:
    return {"family": {"system": system, "value": key}}


def refusal_of(district: Any, body: dict[str, Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        district.ask(body)
    return caught.value


def test_a_listed_family_gets_its_flags_own_answer(district: Any) -> None:
    offer = district.lists[0]
    for flag, passport in zip(offer.flags, offer.passports, strict=True):
        score = district.known(flag.family_id)
        assert (score.flag_id, score.list_id, score.provisional) == (flag.id, offer.head.id, False)
        assert (score.band, score.reasons, score.unknowns) == (flag.band, flag.reasons, flag.unknowns)
        assert (score.expires_on, score.as_of_date) == (flag.expires_on, offer.head.as_of_date)
        assert score.provenance.values_digest == values_digest(passport.indicators)
        assert score.provenance.generation_id == offer.head.provenance.generation_id


def test_a_family_considered_and_not_listed_is_answered_on_demand_by_the_same_rules(district: Any) -> None:
    offer = district.lists[0]
    considered = dict(zip(*(offer.considered[name].to_pylist() for name in ("family_id", "probability")), strict=True))
    listed = {flag.family_id for flag in offer.flags}
    for family in sorted(considered.keys() - listed):
        score = district.known(family)
        assert (score.flag_id, score.list_id) == (None, offer.head.id)
        assert score.band.lower <= considered[family] < score.band.upper
        assert score.band in offer.rules.bands
    unlisted = district.known("f_abuse")
    concerns = [(each.sentence, each.latest_date) for each in unlisted.reasons if not each.is_strength]
    said = "The family lived with 3 incidents of domestic abuse in the last 12 months"
    assert concerns == [(said, date(2025, 8, 9))]


def test_what_is_asked_again_is_not_worked_out_again(district: Any) -> None:
    assert district.known("f_abuse") is district.known("f_abuse")


def test_a_family_is_found_by_an_agencys_id_of_anyone_in_it(district: Any) -> None:
    for key in ("both mother", " both child "):
        assert district.ask(by_agency(key)) == district.known("f_both")


def test_a_family_is_found_by_the_id_of_a_case_system_that_a_source_declares(district: Any) -> None:
    for system in ("ehm", "lcs"):
        assert district.ask(by_agency(" both child ", system)) == district.known("f_both")
        assert district.scorer.find(FamilyIdentifier(system=system, value="both child")).family_id == "f_both"


def test_whoever_is_not_held_is_said_so_without_being_named(district: Any) -> None:
    for body, slug in (
        (by_agency("Jo Bloggs"), "unknown-person"),
        (by_agency("both child", "police"), "unknown-person"),
        (by_agency("both child", "no such agency"), "unknown-person"),
        (by_agency("both child", "ledger"), "unknown-person"),
        (by_agency("both child", "request"), "unknown-person"),
        (by_agency("f_nobody", "targeting"), "unknown-family"),
    ):
        refusal = refusal_of(district, body)
        assert refusal.slug == slug
        told = f"{refusal.detail} {refusal.extra} {refusal!r}"
        assert "Bloggs" not in told
        assert "no such agency" not in told
    assert (
        "Systems that exist: targeting, centres, police, schools, social_care, ehm, lcs."
        in refusal_of(district, by_agency("both child", "no such agency")).detail
    )


def test_an_open_case_is_outside_the_cohort_and_high_grade_abuse_goes_to_the_front_door(district: Any) -> None:
    refusal = refusal_of(district, by_agency("open child"))
    assert (refusal.slug, refusal.extra) == ("outside-cohort", {})
    assert "It speaks of: Not open to social care." in refusal.detail
    sent = refusal_of(district, by_agency("sent mother"))
    assert (sent.slug, sent.extra["why"]) == ("front-door", ["No contact is recorded"])
    assert "goes to the safeguarding route today" in sent.detail


def test_a_day_of_its_own_is_not_given_for_what_the_list_says(district: Any) -> None:
    refusal = refusal_of(district, by_agency("both child") | {"as_of_date": "2026-04-01"})
    assert refusal.slug == "date-not-usable"
    assert "the answer is the current list's, as of 2026-03-30" in refusal.detail


def test_a_later_generation_changes_no_answer(district: Any, made_from: Any) -> None:
    before = district.known("f_unlinked")
    empty = GenerationContents(
        facts={},
        memberships=made_from.generation.memberships(),
        agency_links=made_from.generation.agency_links(),
        coverage=made_from.generation.coverage,
        contract=district.contract,
        synthetic=True,
        inputs={},
    )
    assert write_generation(district.served.data, empty).id != before.provenance.generation_id
    afresh = Scorer(district.served, contract=district.contract, identity_key=bytes(32))
    request = afresh.request_model.model_validate_json(json.dumps(by_agency("unlinked child")))
    assert afresh.score(request) == before


@pytest.fixture
def publication(district: Any) -> Publication:
    return read_publication(district.served, district.served.library.current())


def test_a_margin_that_does_not_come_out_again_is_never_served(publication: Publication) -> None:
    offer = publication.lists[0]
    place = offer.considered.column_names.index("margin")
    moved = [margin + 1e-12 for margin in offer.considered["margin"].to_pylist()]
    changed = replace(offer, considered=offer.considered.set_column(place, "margin", pa.array(moved)))
    with pytest.raises(NotReproducedError, match="does not come out again, to the bit") as caught:
        score_known(replace(publication, lists=(changed,)), "f_abuse")
    assert "f_abuse" not in str(caught.value)


def test_before_the_first_publication_there_is_nothing_to_answer_from(tmp_path: Any, district: Any) -> None:
    scorer = Scorer(Served(tmp_path, district="x", signers=()), contract=district.contract, identity_key=bytes(32))
    with pytest.raises(Refusal) as caught:
        scorer.score(scorer.request_model.model_validate_json(json.dumps(by_agency("both child"))))
    assert caught.value.slug == "no-list-published"


def test_a_score_names_what_made_it_and_equal_answers_have_one_name(district: Any) -> None:
    offer = district.lists[0]
    listed, asked_again = (district.known(offer.flags[0].family_id) for _ in range(2))
    other = district.known("f_abuse")
    made_by = listed.provenance
    calibrator = (district.scorer._publication().bundle.folder / "calibrator.json").read_bytes()
    assert made_by.calibration_version == hashlib.sha256(calibrator).hexdigest()[:12]
    assert made_by.policy_version == hashlib.sha256(offer.rules.model_dump_json().encode()).hexdigest()[:12]
    assert made_by.declarations_digest == offer.head.provenance.declarations_digest
    assert (listed.id, other.provenance.policy_version) == (asked_again.id, made_by.policy_version)
    assert listed.id != other.id
    assert re.fullmatch("s_[a-z2-7]{26}", listed.id)
