from datetime import date, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from targeting.features import Outcome, facts
from targeting.records.definition import FactKind
from targeting.store.contents import MEMBERSHIPS, fact_schema
from targeting.store.generations import Generation
from targeting.store.manifest import KindContents, Manifest
from targeting.training.definition import GateLimits
from targeting.training.records_check import check_records, nothing_twice, recorded_in_time

PLAN = FactKind(name="plan", description="A plan", area="care", event="it began", knowledge="it was entered")
OUTCOME = Outcome("a plan began", events=(facts("plan"),))
FIRST, LAST = date(2024, 1, 1), date(2025, 1, 1)
LIMITS = GateLimits()


@pytest.fixture
def check(tmp_path):
    """Return a checker of records (person, days after the first date, days until entered) and of members' births."""

    def checked(records, families=()):
        (tmp_path / "facts").mkdir(exist_ok=True)
        rows = [
            {
                "fact_id": number,
                "person_id": person,
                "event_date": FIRST + timedelta(days=day),
                "knowledge_date": FIRST + timedelta(days=day + until_known),
                "knowledge_basis": "recorded",
                "source": "social_care",
                "superseded_on": FIRST + timedelta(days=400) if corrected else None,
            }
            for number, (person, day, until_known, *corrected) in enumerate(records)
        ]
        members = [
            {"family_id": f"f_{number}", "person_id": f"p_{number}_{place}", "is_child": is_child, "birth_date": birth}
            | {"visible_from": date(2020, 1, 1)}
            for number, family in enumerate([*families, [(each[0], True) for each in records]])
            for place, (birth, is_child) in enumerate(family)
        ]
        for member, (person, *_) in zip(members[len(members) - len(records) :], records, strict=True):
            member |= {"person_id": person, "birth_date": None}
        pq.write_table(pa.Table.from_pylist(members, schema=MEMBERSHIPS), tmp_path / "memberships.parquet")
        pq.write_table(pa.Table.from_pylist(rows, schema=fact_schema(PLAN)), tmp_path / "facts" / "plan.parquet")
        manifest = Manifest(
            synthetic=True,
            coverage=(),
            inputs={},
            contract="",
            sources=(),
            kinds={"plan": KindContents(len(rows), {})},
            shards=(),
            files={},
        )
        return check_records(OUTCOME, Generation(tmp_path, manifest), {"plan": PLAN}, first=FIRST, last=LAST)

    return checked


def test_records_entered_weeks_late_are_counted_from_the_dates_that_teach(check):
    """Of sixty records in the dates twelve came late; one before and one after them are not asked about."""
    inside = [(f"p{number}", number, 29 if number < 12 else 28) for number in range(60)]
    gate = recorded_in_time(check([*inside, ("q1", -1, 90), ("q2", 366, 90)]), LIMITS)
    assert (gate.name, gate.passed) == ("recorded_in_time", False)
    assert gate.detail == "Entered more than 28 days after what they tell of: 20.0% of plan; at most 10% of any."


def test_a_few_late_records_are_nothing_to_stop_for_and_too_few_records_tell_nothing(check):
    assert recorded_in_time(check([(f"p{number}", number, 60 * (number < 6)) for number in range(60)]), LIMITS).passed
    few = recorded_in_time(check([(f"p{number}", number, 60) for number in range(19)]), LIMITS)
    assert few.passed
    assert "too few to tell" in few.detail


def test_a_record_of_the_same_person_and_day_stands_twice_and_a_corrected_one_does_not(check):
    """Six of sixty people stand twice: twelve records of sixty-six. One more was corrected, and stands once."""
    once = [(f"p{number}", number, 1) for number in range(60)]
    gate = nothing_twice(check([*once, *once[:6], ("p59", 59, 1, True)]), LIMITS)
    assert (gate.name, gate.passed) == ("nothing_twice", False)
    assert gate.detail == "Standing twice: 18.2% of records of the outcome, 0.0% of families; at most 5% of either."
    assert nothing_twice(check([*once, once[0]]), LIMITS).passed


def test_two_families_with_the_same_births_are_one_and_parents_apart_are_two(check):
    """A child with each of two parents who live apart is no fault: the adults differ."""
    child, others = date(2016, 5, 1), [date(1980, 1, 1) + timedelta(days=each) for each in range(60)]
    families = [[(birth, False), (child + timedelta(days=at), True)] for at, birth in enumerate(others)]
    apart = [[(date(1979, 1, 1), False), (child, True)]]
    assert nothing_twice(check([], [*families, *apart]), LIMITS).passed
    gate = nothing_twice(check([], [*families, *families[:3]]), LIMITS)
    assert not gate.passed
    assert "9.5% of families" in gate.detail
