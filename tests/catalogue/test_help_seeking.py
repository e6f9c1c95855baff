"""Asking for help, taking it up or declining it never raises an estimate: told on the matrix, fact by fact."""

from collections.abc import Callable, Mapping

from targeting.features import CompileRules, Indicator, Plan
from targeting.features.leaves import kinds_of, leaves_of

Changed = Mapping[str, tuple[float | None, float | None]]
ValuesOfEach = Callable[[Mapping[str, str]], Mapping[str, Mapping[str, float | None]]]

# What others recorded of the family before it asks for anything.
BACKGROUND = """
domestic_abuse_incident     | mother | 2025-11-02 | grade=medium, child_present=yes
contact                     | pupil  | 2025-11-03 | referral_source=6, outcome=early_help
referral                    | pupil  | 2025-06-01 | referral_source=2A, primary_need=N1, episode_id=r1
assessment_completed        | pupil  | 2025-07-01 | found_in_need=no, primary_need=N1
referral_closed             | pupil  | 2025-07-02 | episode_id=r1, reason=RC8
suspension                  | pupil  | 2025-12-10 | sessions=4
"""

ASKING = {
    "a young person asks": "contact | teen | 2026-02-01 | referral_source=1C, outcome=no_further_action",
    "a young person asks and is helped": "contact | teen | 2026-02-01 | referral_source=1C, outcome=early_help",
    "a parent asks": "contact | pupil | 2026-02-01 | referral_source=1A, outcome=referral",
    "a parent's request becomes a referral": "referral | pupil | 2026-02-01 | referral_source=1A, episode_id=r9",
    "early help starts": "early_help_started | pupil | 2026-02-01 | episode_id=e1, referral_source=2A",
    "the family asks for early help": "early_help_started | pupil | 2026-02-01 | episode_id=e1, referral_source=1A",
    "consent is withdrawn": "early_help_ended | pupil | 2026-02-01 | episode_id=e1, outcome=declined",
    "the family moves away": "early_help_ended | pupil | 2026-02-01 | episode_id=e1, outcome=moved",
    "treatment is attended": "treatment_attended | mother | 2026-02-01 | ",
    "a check is declined": "health_visitor_contact | baby | 2026-02-01 | contact=one_year, status=declined",
    "a check is not offered": "health_visitor_contact | baby | 2026-02-01 | contact=one_year, status=not_offered",
    "the mother misses her own": "health_visitor_contact | baby | 2025-05-01 | contact=antenatal, status=not_brought",
    "the child starts home education": "home_education_started | pupil | 2026-02-01 | ",
}

BY_POLICE = "contact | teen | 2026-02-01 | referral_source=6, outcome=early_help"

TAKING_UP = {
    "a check is done": "health_visitor_contact | baby | 2026-02-01 | contact=one_year, status=done",
    "the family registers at a centre": "childrens_centre_registered | baby | 2026-02-01 | ",
    "the family comes to a centre": "childrens_centre_attended | mother | 2026-02-01 | ",
    "help met the needs": "early_help_ended | pupil | 2026-02-01 | episode_id=e1, outcome=needs_met",
    "mood is asked after": "maternal_mood | mother | 2025-08-10 | concern=no",
}


def changes(facts: Mapping[str, str], values_of_each: ValuesOfEach) -> dict[str, Changed]:
    """Return by family which indicators one more fact changes, each with its value before and after."""
    values = values_of_each({"before": BACKGROUND, **{name: BACKGROUND + fact for name, fact in facts.items()}})
    before = values["before"]
    return {name: {i: (before[i], values[name][i]) for i in before if before[i] != values[name][i]} for name in facts}


def test_asking_declining_or_attending_changes_no_indicator(values_of_each: ValuesOfEach) -> None:
    moved = changes({**ASKING, "the police make a contact": BY_POLICE}, values_of_each)
    assert moved.pop("the police make a contact") != {}
    assert moved == {name: {} for name in ASKING}


def test_taking_help_up_may_only_lower(values_of_each: ValuesOfEach, indicators: dict[str, Indicator]) -> None:
    moved = changes(TAKING_UP, values_of_each)
    assert sum(map(len, moved.values())) >= 5
    for name, (before, after) in (item for each in moved.values() for item in each.items()):
        assert indicators[name].direction == "lowers"
        assert before is not None
        assert after is not None
        assert after > before


def test_no_indicator_rests_on_a_kind_that_is_never_an_input(
    indicators: dict[str, Indicator], rules: CompileRules
) -> None:
    barred = {name for name, kind in rules.contract.items() if kind.never_an_input}
    used = {
        name: {kind for leaf in leaves_of(each.value) for kind in kinds_of(leaf, rules.contract)}
        for name, each in indicators.items()
        if each.use != "refused"
    }
    assert {name: kinds & barred for name, kinds in used.items() if kinds & barred} == {}
    assert {"early_help_started", "treatment_attended", "person_described"} <= barred


def test_every_kind_of_request_is_left_out_wherever_contacts_or_referrals_are_read(plan: Plan) -> None:
    readers = [m for m in plan.measures if m.selection.kind in ("contact", "referral")]
    assert len(readers) >= 7
    for measure in readers:
        asked = [place for place, step in enumerate(measure.selection.filter) if step.codes == ("1A", "1C")]
        assert len(asked) == 1, measure
        assert measure.selection.filter[asked[0] + 1].operation == "not", measure
