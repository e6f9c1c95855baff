"""The same family told by a request, or held: the same input to the model, to the bit, and the same words."""

import random
from datetime import date
from typing import Any

from targeting.serving.scores.answer import Score

AS_OF = date(2026, 3, 30)


def considered(district: Any) -> list[str]:
    return [family for each in district.lists for family in each.considered["family_id"].to_pylist()]


def what_is_said(score: Score) -> tuple[Any, ...]:
    return score.provenance.values_digest, score.list_id, score.band, score.reasons, score.unknowns, score.expires_on


def test_a_family_made_by_hand_is_scored_alike_from_its_records(district: Any) -> None:
    families = considered(district)
    assert len(families) == 9
    for family in families:
        told = district.ask(district.body_of(family))
        assert (told.family_id, told.provisional, told.flag_id) == (None, True, None)
        assert what_is_said(told) == what_is_said(district.known(family))
        assert told.not_asked == ()


def test_a_family_linked_from_extracts_is_scored_alike_from_its_records(linked: Any) -> None:
    for family in families_of_all_sorts(linked):
        assert what_is_said(linked.ask(linked.body_of(family))) == what_is_said(linked.known(family))


def test_that_an_agency_has_nothing_is_a_strength_where_it_was_asked_and_unknown_where_not(district: Any) -> None:
    body = district.body_of("f_never")
    silent = [each.indicator for each in district.ask(body).reasons if each.is_strength and each.latest_date is None]
    assert "incidents" in silent
    told = district.ask(body | {"sources_asked": ["social_care", "schools", "centres"]})
    assert "incidents" not in [each.indicator for each in told.reasons]
    (gap,) = (each for each in told.unknowns if each.indicators)
    assert gap.sentence == "What police recorded is not known: by this request, nobody asked police about the family"


def test_a_held_family_sent_again_is_itself(linked: Any) -> None:
    for family in families_of_all_sorts(linked)[:12]:
        body = linked.body_of(family, by_agency=True)
        told = linked.ask({"family": {"system": "targeting", "value": family}, **body})
        assert told.records.already_held == told.records.received == len(body.get("records", []))
        assert told.people.already_held == told.people.received == len(body["people"])
        assert what_is_said(told) == what_is_said(linked.known(family))
        assert told.family_id == family


def families_of_all_sorts(district: Any) -> list[str]:
    families = considered(district)
    return random.Random(3).sample(families, min(len(families), 40))
