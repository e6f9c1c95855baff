"""Records of a request count beside what is held: each of them, once."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from targeting.serving.scores.answer import Score
from targeting.serving.scores.refusals import Refusal

Body = dict[str, Any]
Person = str | dict[str, str]

ATTENDANCE = {"sessions_possible": 100, "sessions_authorised": 0}


def person(key: str, system: str = "social_care") -> dict[str, str]:
    return {"system": system, "value": key}


def record(kind: str, whose: Person, source: str, event: str, known: str = "", **own: Any) -> Body:
    """Return a record known on the day after it happened, where nothing else is said."""
    return {
        "kind": kind,
        "person": person(whose) if isinstance(whose, str) else whose,
        "source": source,
        "event_date": event,
        "knowledge_date": known or str(date.fromisoformat(event) + timedelta(days=1)),
        **own,
    }


def incident(whose: Person, event: str = "2025-06-01", **own: Any) -> Body:
    own = {"grade": "medium", "child_present": False, **own}
    return record("domestic_abuse_incident", whose, "police", event, **own)


def attendance(whose: Person, missed: int, known: str = "2025-12-20", **own: Any) -> Body:
    counts = {**ATTENDANCE, "sessions_unauthorised": missed, "sessions_missed": missed}
    return record("attendance_term", whose, "schools", "2025-12-19", known, **counts, **own)


def family(name: str, *records: Body, **more: Any) -> Body:
    told = {"records": list(records)} if records else {}
    return {"family": {"system": "targeting", "value": name}, **told, **more}


def entry(who: dict[str, str], *, is_child: bool, **more: Any) -> Body:
    return {"person": who, "is_child": is_child, "from_date": "2020-01-01", **more}


def digest(score: Score) -> str:
    return score.provenance.values_digest


def refusal_of(district: Any, body: Body) -> Refusal:
    with pytest.raises(Refusal) as caught:
        district.ask(body)
    return caught.value


def test_three_incidents_sent_of_a_family_without_any_are_three_incidents(district: Any) -> None:
    sent = [incident("never mother", f"2025-0{month}-01") for month in (6, 7, 8)]
    score = district.ask(family("f_never", *sent))
    assert digest(score) == digest(district.known("f_abuse"))
    assert (score.family_id, score.provisional, score.flag_id) == ("f_never", True, None)
    assert score.records.model_dump() == {"received": 3, "already_held": 0, "not_read": 0}
    assert digest(score) != digest(district.known("f_never"))


def test_a_record_that_is_held_counts_once_and_its_like_beside_it_is_another(district: Any) -> None:
    held = incident("abuse mother", "2025-06-09", known="2025-06-10")
    once = district.ask(family("f_abuse", held))
    assert (digest(once), once.records.already_held) == (digest(district.known("f_abuse")), 1)
    twice = district.ask(family("f_abuse", held, held))
    more = district.ask(family("f_abuse", incident("abuse mother", "2025-06-01")))
    assert (digest(twice), twice.records.already_held) == (digest(more), 1)
    assert digest(twice) != digest(once)


def test_an_end_sent_with_the_agencys_own_key_closes_the_case_that_is_held(district: Any) -> None:
    closed = record("referral_closed", "open child", "social_care", "2026-03-01", episode_id=" r ", reason="RC7")
    score = district.ask(family("f_open", closed))
    assert digest(score) == digest(district.known("f_both"))
    other = family("f_open", closed | {"episode_id": "another"})
    assert refusal_of(district, other).slug == "outside-cohort"


def test_help_that_ended_moves_a_family_to_the_other_list(district: Any) -> None:
    offer, review = district.lists
    assert district.known("f_helped").list_id == review.head.id
    ended = record("early_help_ended", "helped child", "social_care", "2026-03-01", episode_id="e", outcome="needs_met")
    score = district.ask(family("f_helped", ended))
    assert score.list_id == offer.head.id
    assert digest(score) == digest(district.known("f_helped"))


def test_a_threshold_rule_that_a_record_fulfils_sends_to_the_front_door_at_once(district: Any) -> None:
    high = incident("never mother", "2026-03-21", grade="high", child_present=True)
    refusal = refusal_of(district, family("f_never", high))
    assert (refusal.slug, refusal.extra["why"]) == ("front-door", ["No contact is recorded"])
    contact = record("contact", "never child", "social_care", "2026-03-22", referral_source="2A", outcome="early_help")
    assert district.ask(family("f_never", high, contact)).records.received == 2


def test_a_correction_takes_the_place_of_what_is_held(district: Any) -> None:
    old = attendance("absent child", 40, superseded_on="2026-02-01")
    new = attendance("absent child", 0, known="2026-02-01")
    score = district.ask(family("f_absent", new, old))
    assert digest(score) == digest(district.known("f_never"))
    assert score.records.already_held == 1
    kept = district.ask(family("f_absent", old | {"superseded_on": "2026-03-30"}))
    assert digest(kept) == digest(district.known("f_absent"))


def test_what_was_corrected_cannot_be_sent_as_if_it_stood_but_may_come_back(district: Any) -> None:
    held = incident("unlinked mother", "2025-12-01", known="2025-12-02", grade="standard")
    refusal = refusal_of(district, family("f_unlinked", held))
    assert refusal.slug == "record-not-usable"
    assert refusal.extra == {
        "records": [
            {
                "index": 0,
                "why": "the same record is held, and was corrected on a later day; send what it was corrected to",
            }
        ]
    }
    again = district.ask(family("f_unlinked", held | {"superseded_on": "2025-12-20"}))
    assert (digest(again), again.records.already_held) == (digest(district.known("f_unlinked")), 1)
    back = district.ask(family("f_unlinked", held | {"knowledge_date": "2025-12-21"}))
    assert back.records.already_held == 0
    assert digest(back) != digest(again)


def test_a_record_shows_that_its_person_is_known_to_its_source(district: Any) -> None:
    assert [gap.because for gap in district.known("f_unlinked").unknowns] == ["not_linked"]
    score = district.ask(family("f_unlinked", attendance("unlinked child", 0)))
    assert score.unknowns == ()
    assert digest(score) == digest(district.known("f_abuse"))
    known = entry(person("unlinked child"), is_child=True, known_to=[{"source": "schools", "since": "2024-09-01"}])
    told = district.ask(family("f_unlinked", people=[known]))
    assert (told.unknowns, told.people.already_held) == ((), 1)


def test_somebody_held_who_is_in_no_family_joins_with_what_is_held_of_them(district: Any) -> None:
    score = district.ask(family("f_never", people=[entry(person("partner"), is_child=False)]))
    assert digest(score) == digest(district.known("f_abuse"))
    assert score.people.model_dump() == {"received": 1, "already_held": 0}


def test_the_family_is_the_one_that_all_who_are_held_share(district: Any) -> None:
    mother, child = (entry(person(f"visitor {who}"), is_child=who == "child") for who in ("mother", "child"))
    new = entry(person("somebody new", "schools"), is_child=True)
    assert district.ask({"people": [child, new, mother]}).family_id == "f_visitor"
    assert district.ask({"records": [incident("both mother")]}).family_id == "f_both"
    alone = refusal_of(district, {"people": [child]})
    assert (alone.slug, alone.extra) == ("more-than-one-family", {"families": ["f_second", "f_visitor"]})
    strangers = refusal_of(district, {"people": [mother, entry(person("both child"), is_child=True)]})
    assert strangers.extra == {"families": ["f_both", "f_visitor"]}
    elsewhere = refusal_of(district, family("f_never", incident("both mother")))
    assert (elsewhere.slug, elsewhere.extra) == ("more-than-one-family", {"families": ["f_both", "f_never"]})
    named = {"family": person("visitor child"), "records": [incident("visitor mother")]}
    assert refusal_of(district, named).slug == "more-than-one-family"


def test_two_systems_of_one_source_number_people_alike(district: Any) -> None:
    held = family("f_never", incident("never mother"))
    by_module = family("f_never", incident(person("never mother", "ehm")))
    assert district.ask(by_module) == district.ask(held)
    new = entry(person("somebody new", "ehm"), is_child=True)
    told = family("f_never", incident(person(" somebody new", "lcs")), people=[new])
    assert district.ask(told) == district.ask(family("f_never", incident("somebody new"), people=[new]))
    again = refusal_of(district, family("f_never", people=[new, entry(person("somebody new"), is_child=True)]))
    assert again.extra["people"][0]["why"] == "an entry before is of the same person, and their dates overlap"


def test_people_alone_in_no_family_held_are_a_family_of_their_own(district: Any) -> None:
    adult = entry(person("x", "request"), is_child=False, birth_date="1990-01-01")
    assert refusal_of(district, {"people": [adult]}).slug == "outside-cohort"
    child = entry(person("y", "request"), is_child=True, birth_date=None)
    score = district.ask({"people": [adult, child], "sources_asked": ["social_care"]})
    assert (score.family_id, score.records.received) == (None, 0)
    grown = entry(person("y", "request"), is_child=True, birth_date="2007-01-01")
    assert refusal_of(district, {"people": [adult, grown]}).slug == "outside-cohort"


def test_the_order_in_which_records_are_sent_changes_nothing(district: Any) -> None:
    body = district.body_of("f_both")
    score = district.ask(body)
    for seed in range(3):
        drawing = random.Random(seed)
        shuffled = {name: drawing.sample(those, len(those)) for name, those in body.items()}
        assert district.ask(shuffled) == score


def test_every_record_that_cannot_count_is_refused_with_its_place_and_reason(district: Any) -> None:
    good = incident("never mother")
    bad = [
        (good | {"knowledge_date": "2026-03-30"}, "it was not known before 2026-03-30"),
        (good | {"knowledge_date": "2025-05-31"}, "it happened after it was known"),
        (good | {"superseded_on": "2025-06-02"}, "superseded_on is not after the day on which it was known"),
        (good | {"person": person("nobody")}, "its person is not in the family on 2026-03-30"),
        (good | {"person": person("x", "no such")}, "its person is not in the family on 2026-03-30"),
        (good | {"person": person("partner")}, "its person is not in the family on 2026-03-30"),
        (good | {"source": "schools"}, "its source does not share records of the kind domestic_abuse_incident"),
        (good | {"source": "nhs"}, "its source does not exist. Those that do: centres, police, schools, social_care"),
        (good | {"event_date": "2014-12-31"}, "of events from 2015-01-01 to 2026-0"),
    ]
    sent = [good, *(each for each, _ in bad)]
    refusal = refusal_of(district, family("f_never", *sent))
    assert refusal.slug == "record-not-usable"
    found = refusal.extra["records"]
    assert [fault["index"] for fault in found] == list(range(1, len(sent)))
    for fault, (_, why) in zip(found, bad, strict=True):
        assert why in fault["why"]
    assert refusal.detail.startswith("9 records cannot count, so none does: it was not known before")


def test_a_person_sent_with_dates_that_cannot_be_is_refused(district: Any) -> None:
    child = entry(person("x", "request"), is_child=True)
    bad = [
        (
            entry(person("x", "nhs"), is_child=True),
            "there is no such system. Those that exist: request, centres, police, schools, social_care, ehm, lcs",
        ),
        (child | {"person": person("z", "request"), "until_date": "2019-12-31"}, "until_date lies before from_date"),
        (child | {"from_date": "2021-01-01"}, "an entry before is of the same person, and their dates overlap"),
        (
            entry(person("y", "request"), is_child=True, known_to=[{"source": "ehm", "since": "2020-01-01"}]),
            "known_to names a source that does not exist",
        ),
    ]
    refusal = refusal_of(district, {"people": [child, *(each for each, _ in bad)]})
    assert (refusal.slug, refusal.detail) == ("person-not-usable", "4 people cannot be used as sent.")
    assert [fault["index"] for fault in refusal.extra["people"]] == [1, 2, 3, 4]
    for fault, (_, why) in zip(refusal.extra["people"], bad, strict=True):
        assert fault["why"].startswith(why)


def test_a_person_who_left_is_told_by_ranges_and_brings_no_records(district: Any) -> None:
    left = entry(person("x", "request"), is_child=True, until_date="2025-12-31")
    back = entry(person("x", "request"), is_child=True, from_date="2026-01-01")
    body = {"people": [left], "records": [incident(person("x", "request"))], "sources_asked": ["social_care"]}
    assert refusal_of(district, body).slug == "record-not-usable"
    assert district.ask(body | {"people": [left, back | {"from_date": "2026-01-01"}]}).records.received == 1


def test_the_day_of_the_answer_lies_between_the_list_and_four_weeks_after_the_data(district: Any) -> None:
    late = incident("never mother", "2026-04-01")
    score = district.ask(family("f_never", late, as_of_date="2026-04-26"))
    assert (score.as_of_date, score.expires_on) == (date(2026, 4, 26), date(2026, 7, 19))
    for day in ("2026-03-29", "2026-04-27", "9999-12-31"):
        refusal = refusal_of(district, family("f_never", late, as_of_date=day))
        assert refusal.slug == "date-not-usable"
        assert "as of 2026-03-30 to 2026-04-26" in refusal.detail


def test_a_kind_that_no_model_or_list_reads_is_counted_as_such(district: Any) -> None:
    moved = record("address_recorded", "never child", "social_care", "2026-01-01", ward="C")
    score = district.ask(family("f_never", moved))
    assert score.records.model_dump() == {"received": 1, "already_held": 0, "not_read": 1}
    assert digest(score) == digest(district.known("f_never"))


def test_the_farthest_dates_and_numbers_are_answered_too(district: Any) -> None:
    child, adult, unborn = (person(name, "request") for name in "xyz")
    people = [
        entry(child, is_child=True, birth_date="2020-02-29", known_to=[{"source": "schools", "since": "9999-12-31"}]),
        entry(adult, is_child=False, birth_date="0001-01-01", until_date="9999-12-31"),
        entry(unborn, is_child=True, birth_date="9999-12-31") | {"from_date": "0001-01-01"},
    ]
    counts = {"sessions_possible": 200, "sessions_authorised": 0, "sessions_unauthorised": 0, "sessions_missed": 0}
    records = [
        incident(child, superseded_on="9999-12-31"),
        record("attendance_term", child, "schools", "2015-01-01", **counts),
    ]
    score = district.ask({"people": people, "records": records, "sources_asked": ["social_care"]})
    assert (score.records.received, score.family_id) == (2, None)
