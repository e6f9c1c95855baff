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


def but_for_silence(score: Score) -> Score:
    """Return an answer without the strengths that rest on no record: of a family sent whole no agency was asked."""
    kept = tuple(each for each in score.reasons if not each.is_strength or each.latest_date is not None)
    return score.model_copy(update={"reasons": kept})


def test_a_family_made_by_hand_is_scored_alike_from_its_records(district: Any) -> None:
    families = considered(district)
    assert len(families) == 9
    for family in families:
        told = district.ask(district.body_of(family))
        assert (told.family_id, told.provisional, told.flag_id) == (None, True, None)
        assert what_is_said(told) == what_is_said(but_for_silence(district.known(family)))


def test_a_family_linked_from_extracts_is_scored_alike_from_its_records(linked: Any) -> None:
    for family in families_of_all_sorts(linked):
        known = linked.known(family)
        assert what_is_said(linked.ask(linked.body_of(family))) == what_is_said(but_for_silence(known))


def test_of_a_family_sent_whole_no_silence_of_an_agency_is_called_a_strength(district: Any) -> None:
    known = [district.known(family) for family in considered(district)]
    silent = [each.family_id for each in known if but_for_silence(each) != each]
    assert silent
    for family in silent:
        told = district.ask(district.body_of(family))
        assert [each for each in told.reasons if each.is_strength and each.latest_date is None] == []


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
