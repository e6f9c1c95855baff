from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind
from targeting.store.contents import MEMBERSHIPS, GenerationContents, fact_schema
from targeting.store.generations import write_generation
from targeting.training.definition import WatchLimits
from targeting.training.recorded_codes import NOT_GIVEN, RecordedCodes, comparisons_that_count, recorded_codes
from targeting.training.watch import Feeds, watch_codes

GRADES = code_set("grade", "the police", standard="standard", medium="medium", high="high")
CALL_OUT = FactKind(
    name="call_out",
    description="Police were called",
    area="police",
    event="the call",
    knowledge="the same day",
    columns=(
        Column(name="grade", description="Its grade", type="code", codes=GRADES),
        Column(name="officers", description="How many came", type="integer", required=False),
    ),
)
NOW, THEN = date(2026, 3, 30), date(2025, 3, 31)
SOUND, LIMITS = Feeds(sources_of={}, in_doubt=frozenset()), WatchLimits()


@pytest.fixture
def recorded(tmp_path):
    """Return a counter of call-outs: family, person, days before NOW, days until known, days until corrected, grade."""

    def counted(rows, left_out=()):
        facts = [
            {"fact_id": at, "person_id": f"p_{person}", "source": "police", "grade": grade, "officers": 2}
            | {"event_date": NOW - timedelta(days=before), "knowledge_date": NOW - timedelta(days=before - until_known)}
            | {"superseded_on": None if corrected is None else NOW - timedelta(days=before - corrected)}
            for at, (_, person, before, until_known, corrected, grade) in enumerate(rows)
        ]
        members = [
            {"family_id": f"f_{family}", "person_id": f"p_{person}", "is_child": False}
            | {"visible_from": date(2020, 1, 1)}
            for family, person in sorted({(family, person) for family, person, *_ in rows})
        ]
        generation = write_generation(
            tmp_path,
            GenerationContents(
                facts={"call_out": pa.Table.from_pylist(facts, fact_schema(CALL_OUT))},
                memberships=pa.Table.from_pylist(members, MEMBERSHIPS),
                agency_links=pa.table({"person_id": ["p_a"], "source": ["police"], "known_from": [date(2020, 1, 1)]}),
                coverage=(),
                contract={"call_out": CALL_OUT},
                synthetic=True,
                inputs={},
            ),
        ).leaving_out(left_out)
        columns = {"call_out": ("grade", "officers")}
        return list(recorded_codes(generation, {"call_out": CALL_OUT}, columns, dates=[THEN], on=NOW))

    return counted


def test_a_family_counts_once_with_its_latest_record_of_the_weeks_that_could_be_known(recorded):
    # family, person, days before, days until known, days until corrected, grade
    rows = (
        ("a", "a1", 1, 0, None, "high"),
        ("a", "a2", 30, 0, None, "standard"),
        ("b", "b1", 2, 0, None, "standard"),
        ("b", "b1", 1, 1, None, "high"),  # known on the date itself, which is too late
        ("c", "c1", 183, 0, None, "high"),  # more than 26 weeks before, less than 52
        ("d", "d1", 9, 0, 5, "high"),  # corrected since
        ("d", "d1", 9, 5, None, "standard"),
        ("e", "e1", 182, 0, None, None),
        ("e", "e2", 364 + 10, 0, None, "high"),
    )
    quarter, half, year = recorded(rows)
    assert quarter.after == {"high": 1, "standard": 2}
    assert half.after == {"high": 1, "standard": 2, NOT_GIVEN: 1}
    assert year.after == {"high": 2, "standard": 2, NOT_GIVEN: 1}
    assert half.before == ({"high": 1},)
    assert (half.column, half.weeks, half.sources) == ("grade", 26, ("police",))


def test_records_of_who_is_left_out_are_not_counted(recorded):
    rows = (("a", "a1", 5, 0, None, "high"), ("b", "b1", 5, 0, None, "standard"))
    assert {str(each.after) for each in recorded(rows, left_out=["p_a1"])} == {"{'standard': 1}"}


def test_a_code_whose_meaning_moves_is_told_though_few_families_have_such_a_record(recorded):
    """Of thirty families with a record five were graded high a year ago, and twenty-two are now."""
    graded = {364 + 20: {"high": 5, "medium": 10, "standard": 15}, 20: {"high": 22, "medium": 3, "standard": 5}}
    rows = [
        (f"{before}_{grade}_{at}", f"{before}_{grade}_{at}", before, 0, None, grade)
        for before, counts in graded.items()
        for grade, count in counts.items()
        for at in range(count)
    ]
    (found,) = watch_codes(recorded(rows), SOUND, LIMITS)
    assert (found.what, found.standing) == ("codes call_out.grade", "changed")
    # The index by hand.
    assert found.figure == pytest.approx((17 * np.log(22 / 5) + 7 * np.log(10 / 3) + 10 * np.log(15 / 5)) / 30)
    assert found.detail.startswith(
        "Of 30 families with such a record of the last 52 weeks 73% have 'high', 17% on the date before that is most "
        "like it. Population stability index 1.49, Fisher's exact test p 2e-05. Ask if the code means the same."
    )


def _drawn(drawing, shares, families):
    counts = drawing.multinomial(families, shares).tolist()
    return {f"code {at}": count for at, count in enumerate(counts) if count}


def test_codes_that_stay_as_they_were_alarm_by_chance_in_no_more_than_the_declared_share():
    """Forty districts of six columns, each of few records, are drawn from the same shares then and now."""
    drawing, alarms = np.random.default_rng(11), 0
    for _ in range(40):
        columns = [
            RecordedCodes(
                kind=f"kind {at}",
                column="code",
                weeks=26,
                sources=("care",),
                before=(_drawn(drawing, shares, families),),
                after=_drawn(drawing, shares, families),
            )
            for at, families in enumerate((12, 25, 40, 60, 120, 300))
            for shares in [drawing.dirichlet(np.ones(5))]
        ]
        alarms += any(each.standing != "as before" for each in watch_codes(columns, SOUND, LIMITS))
    assert alarms <= 2


def test_codes_too_rare_to_be_told_take_no_part_of_the_chance():
    """Two records of ten and ten: both on one side by chance with 9 / 38. A hundred such take nothing of two others."""
    rare = RecordedCodes(kind="k", column="c", weeks=26, sources=(), before=({"a": 9, "b": 1},), after={"a": 9, "b": 1})
    assert rare.least_chances == pytest.approx([1 * 45 / 190, 45 / 190])
    assert comparisons_that_count([45 / 190] * 100 + [0.001, 0.002], 0.025) == 2
    assert comparisons_that_count([0.0] * 40, 0.025) == 40
    assert comparisons_that_count([], 0.025) == 1


def test_a_change_of_codes_is_one_from_every_date_before():
    usual, moved = {"standard": 90, "high": 10}, {"standard": 40, "high": 60}
    once_so = RecordedCodes(kind="k", column="c", weeks=26, sources=("police",), before=(usual, moved), after=moved)
    (found,) = watch_codes([once_so], SOUND, LIMITS)
    assert (found.what, found.standing) == ("codes", "as before")
    assert found.detail.startswith("1 columns of codes: none")


def test_codes_of_a_feed_in_doubt_are_an_outage_and_a_silent_one_is_left_to_the_feeds():
    held = RecordedCodes(
        kind="k", column="c", weeks=26, sources=("police",), before=({"a": 90, "b": 10},), after={"a": 40, "b": 60}
    )
    (found,) = watch_codes([held], Feeds(sources_of={}, in_doubt=frozenset({"police"})), LIMITS)
    assert found.standing == "feed outage"
    assert found.detail.endswith("The feed of police is in doubt.")
    silent = RecordedCodes(kind="k", column="c", weeks=26, sources=(), before=({"a": 90},), after={})
    assert [each.standing for each in watch_codes([silent], SOUND, LIMITS)] == ["as before"]
