"""A later delivery corrects an earlier one without changing what could be known before it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import count, permutations

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from targeting.records.contract import contract
from targeting.sources.definition import Extract, FactFields, column
from targeting.sources.recording import begin_recording, record_facts
from targeting.store.staging import TABLES, Staging, open_staging

Text = Callable[..., str]
VERSION = ("grade", "knowledge_date", "superseded_on", "knowledge_basis")


def versions(office) -> list[tuple[object, ...]]:
    return sorted(office.facts("domestic_abuse_incident", *VERSION), key=lambda version: str(version[1]))


def deliver(office, incidents: Text, on: str, *rows: dict[str, str]) -> None:
    office.deliver({"police/incidents.csv": incidents(*rows)}, on=on)


def test_the_same_record_in_a_later_full_extract_is_not_doubled(office, incidents: Text) -> None:
    deliver(office, incidents, "2024-06-30", {})
    deliver(office, incidents, "2024-07-31", {}, {"incident": "i2"})
    assert versions(office) == [("high", "2024-03-03", None, "recorded")] * 2


def test_a_correction_supersedes_the_old_version_on_the_day_on_which_it_was_delivered(office, incidents: Text) -> None:
    deliver(office, incidents, "2024-06-30", {"grade": "s"})
    deliver(office, incidents, "2024-07-31", {"grade": "h"})
    assert versions(office) == [
        ("standard", "2024-03-03", "2024-07-31", "recorded"),
        ("high", "2024-07-31", None, "delivered"),
    ]


def test_a_correction_recorded_after_the_last_delivery_is_known_from_its_own_date(office, incidents: Text) -> None:
    deliver(office, incidents, "2024-06-30", {"grade": "s"})
    deliver(office, incidents, "2024-07-31", {"grade": "h", "recorded": "10/07/2024"})
    assert versions(office) == [
        ("standard", "2024-03-03", "2024-07-10", "recorded"),
        ("high", "2024-07-10", None, "recorded"),
    ]


def test_a_correction_dated_before_a_delivery_that_did_not_have_it_is_known_from_its_own_delivery(
    office, incidents: Text
) -> None:
    deliver(office, incidents, "2024-06-30", {"grade": "s"})
    deliver(office, incidents, "2024-07-31", {"grade": "h", "recorded": "10/06/2024"})
    assert versions(office)[1] == ("high", "2024-07-31", None, "delivered")


def test_a_correction_dated_before_an_unchanged_delivery_is_known_after_it(office, incidents: Text) -> None:
    deliver(office, incidents, "2024-06-30", {"grade": "s"})
    deliver(office, incidents, "2024-07-31", {"grade": "s"}, {"incident": "i2"})
    deliver(office, incidents, "2024-08-31", {"grade": "h", "recorded": "10/07/2024"})
    assert versions(office)[-1] == ("high", "2024-08-31", None, "delivered")


def test_a_value_that_returns_is_a_version_of_its_own(office, incidents: Text) -> None:
    for on, grade in (("2024-06-30", "s"), ("2024-07-31", "h"), ("2024-08-31", "s"), ("2024-09-30", "s")):
        deliver(office, incidents, on, {"grade": grade})
    assert versions(office) == [
        ("standard", "2024-03-03", "2024-07-31", "recorded"),
        ("high", "2024-07-31", "2024-08-31", "delivered"),
        ("standard", "2024-08-31", None, "delivered"),
    ]


def test_a_file_of_versions_keeps_each_from_its_own_date_and_tells_nothing_twice(office, incidents: Text) -> None:
    history = ({"grade": "s"}, {"grade": "m", "recorded": "10/03/2024"}, {"grade": "h", "recorded": "20/03/2024"})
    expected = [
        ("standard", "2024-03-03", "2024-03-10", "recorded"),
        ("medium", "2024-03-10", "2024-03-20", "recorded"),
        ("high", "2024-03-20", None, "recorded"),
    ]
    deliver(office, incidents, "2024-06-30", *history)
    assert versions(office) == expected
    deliver(office, incidents, "2024-07-31", *history)
    assert versions(office) == expected
    deliver(office, incidents, "2024-08-31", *history, {"grade": "s", "recorded": "05/08/2024"})
    assert versions(office) == [
        *expected[:2],
        ("high", "2024-03-20", "2024-08-05", "recorded"),
        ("standard", "2024-08-05", None, "recorded"),
    ]


def test_rows_of_one_key_with_other_values_on_one_day_are_quarantined_for_neither_can_be_told_true(
    office, incidents: Text
) -> None:
    deliver(office, incidents, "2024-06-30", {"grade": "s"}, {"grade": "h"}, {"incident": "i2"}, {"incident": "i2"})
    assert versions(office) == [("high", "2024-03-03", None, "recorded")]
    assert [(line, column_name) for line, column_name, *_ in office.quarantine()] == [(2, "incident"), (3, "incident")]
    assert office.quarantine()[0][2] == "a record key shared with another row of other values, known on the same day"


def test_a_sound_row_is_not_thrown_out_with_a_faulty_one_of_its_key(office, incidents: Text) -> None:
    deliver(office, incidents, "2024-06-30", {"grade": "s"}, {"grade": "?"})
    assert versions(office) == [("standard", "2024-03-03", None, "recorded")]


def test_without_a_record_key_equal_rows_are_counted_once_a_delivery(
    office, make_source: Callable[..., object]
) -> None:
    died = FactFields(kind="moved_out", person="who", event_date=column("on"))
    office.sources = [make_source([Extract(file="m.csv", facts=(died,))])]
    text = "who,on\na,2024-01-05\na,2024-01-05\nb,2024-01-05\n"
    office.deliver({"police/m.csv": text})
    office.deliver({"police/m.csv": text + "b,2024-02-05\n"}, on="2024-07-31")
    assert office.facts("moved_out", "event_date", "superseded_on") == [("2024-01-05", None)] * 3 + [
        ("2024-02-05", None)
    ]


GRADE = {"h": "high", "m": "medium", "s": "standard"}
START = date(2024, 3, 1)
DELIVERY = """
insert into deliveries by name
    select ? as digest, 'police' as source, 'incidents.csv' as extract, ? as extracted_on
"""


Told = tuple[str, date, date]


def recorded_versions(told: Sequence[Told]) -> list[list[dict[str, object]]]:
    """Return the versions of one record after each delivery, told as (grade, recorded on, extracted on)."""
    kind = contract()["domestic_abuse_incident"]
    after = []
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        staging = Staging(connection)
        for number, (grade, recorded, extracted) in enumerate(told):
            row = {"record_key": "k", "record_id": "r", "event_date": START, "known": recorded}
            row |= {"knowledge_basis": "recorded", "line": 2, "grade": GRADE[grade], "child_present": True}
            connection.execute(DELIVERY, [str(number), extracted])
            begin_recording(staging, str(number))
            record_facts(staging, kind, pa.Table.from_pylist([row]))
            after.append(staging.facts(kind.name).to_pylist())
    return after


def test_deliveries_loaded_in_any_order_make_the_same_versions() -> None:
    told = [
        ("s", date(2024, 3, 3), date(2024, 6, 30)),
        ("m", date(2024, 7, 10), date(2024, 7, 31)),
        ("h", date(2024, 7, 10), date(2024, 8, 31)),
    ]
    results = [recorded_versions(order)[-1] for order in permutations(told)]
    columns = ("fact_id", "grade", "knowledge_date", "superseded_on", "knowledge_basis")
    versions = [sorted((tuple(row[name] for name in columns) for row in rows), key=str) for rows in results]
    assert all(version == versions[0] for version in versions)
    assert sorted((row[1:] for row in versions[0]), key=lambda row: row[1]) == [
        ("standard", date(2024, 3, 3), date(2024, 7, 10), "recorded"),
        ("medium", date(2024, 7, 10), date(2024, 8, 31), "recorded"),
        ("high", date(2024, 8, 31), None, "delivered"),
    ]


def visible(rows: list[dict[str, object]], as_of: date) -> list[object]:
    return [
        row["grade"]
        for row in rows
        if row["knowledge_date"] < as_of and (row["superseded_on"] is None or as_of <= row["superseded_on"])
    ]


@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(st.tuples(st.sampled_from("hms"), st.integers(-20, 70)), min_size=2, max_size=4))
def test_whatever_dates_a_source_claims_a_delivery_changes_nothing_up_to_the_one_before_it(
    claims: list[tuple[str, int]],
) -> None:
    told = []
    for number, (grade, recorded) in enumerate(claims):
        extracted = START + timedelta(days=30 * number)
        told.append((grade, min(START + timedelta(days=recorded), extracted), extracted))
    *_, before, after = recorded_versions(told)
    days = [START + timedelta(days=number) for number in range(-25, 30 * len(told))]
    delivered_before, last_day = told[-2][2], days[-1]
    assert [visible(before, day) for day in days if day <= delivered_before] == [
        visible(after, day) for day in days if day <= delivered_before
    ]
    assert all(len(visible(after, day)) <= 1 for day in days)
    assert visible(after, last_day) == [GRADE[told[-1][0]]]


def test_ids_that_collide_are_told_apart(office, incidents: Text) -> None:
    office.deliver({"police/incidents.csv": incidents(*({"incident": str(number)} for number in range(40)))})
    kind = office.contract["domestic_abuse_incident"]
    with open_staging(office.data) as staging:
        facts = staging.facts(kind.name).rename_columns({"knowledge_date": "known"})
        begin_recording(staging, facts["digest"][0].as_py())
        staging.connection.execute('delete from "facts_domestic_abuse_incident"')
        # Forty facts among 63 ids.
        record_facts(staging, kind, facts, bits=6)
        ids = staging.facts(kind.name)["fact_id"].to_pylist()
    assert len(set(ids)) == 40
    assert all(0 < fact_id < 64 for fact_id in ids)


@pytest.mark.parametrize("names", [("incident",), ("incident", "person")])
def test_a_blank_record_key_is_a_fault(office, incidents: Text, names: tuple[str, ...]) -> None:
    declared = office.sources[0].extracts[0]
    fact = replace(declared.facts[0], record_key=names)
    office.sources = [replace(office.sources[0], extracts=(replace(declared, facts=(fact,)),))]
    report = office.deliver({"police/incidents.csv": incidents({"incident": ""})})
    # With two columns the other one still names the record.
    assert report.files[0].quarantined == (1 if names == ("incident",) else 0)


def test_of_two_files_of_one_day_that_differ_the_one_loaded_last_holds(office, incidents: Text) -> None:
    for order in ("sh", "hs"):
        one = type(office)(office.folder / order)
        # The first file has the row on a later line, which says nothing of the other file.
        first, second = ({"grade": grade} for grade in order)
        files = {
            "police/incidents1.csv": incidents({"incident": "i0"}, first),
            "police/incidents2.csv": incidents(second),
        }
        one.deliver(files)
        held = one.ask(lambda staging: staging.facts("domestic_abuse_incident"))
        named = [(row["grade"], row["superseded_on"]) for row in held]
        # On line 2 of the first file stands another incident, of the usual grade.
        assert [grade for grade, superseded_on in named if superseded_on] == [GRADE[order[0]]]
        assert sorted(grade for grade, superseded_on in named if not superseded_on) == sorted(["high", GRADE[order[1]]])


CELLS = st.fixed_dictionaries(
    {
        "incident": st.sampled_from(["i1", "i2"]),
        "grade": st.sampled_from(["h", "m", "s", "?"]),
        "happened": st.sampled_from(["01/03/2024", "05/03/2024"]),
        "recorded": st.sampled_from(["", "06/03/2024", "10/05/2024"]),
    }
)


def facts_by_day(office, days: Sequence[date]) -> list[list[tuple[object, ...]]]:
    """Return what is visible of all incidents on each day, by what the engine's rule of visibility says."""
    columns = ("record_key", "event_date", "grade", "knowledge_date", "superseded_on")
    rows = office.facts("domestic_abuse_incident", *columns)
    return [
        [row[:3] for row in rows if row[3] < day.isoformat() and (row[4] is None or day.isoformat() <= row[4])]
        for day in days
    ]


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(CELLS, max_size=3), st.lists(CELLS, max_size=3))
def test_a_correction_changes_nothing_that_was_visible_before_it_and_the_same_bytes_are_no_news(
    office, incidents: Text, first: list[dict[str, str]], second: list[dict[str, str]]
) -> None:
    one = type(office)(office.folder / str(next(NUMBERS)))
    one.deliver({"police/incidents.csv": incidents(*first)}, on="2024-04-30")
    days = [date(2024, 3, 1) + timedelta(days=5 * number) for number in range(25)]
    held = {key for (key,) in one.facts("domestic_abuse_incident", "record_key")}
    before = facts_by_day(one, days)
    extracts = one.write({"police/incidents.csv": incidents(*second)}, on="2024-05-31")
    one.load(extracts)
    after = facts_by_day(one, days)
    for day, earlier, later in zip(days, before, after, strict=True):
        # What the second delivery tells anew is known from its own date; what it corrects was delivered on 30 April.
        assert day > date(2024, 4, 30) or [row for row in later if row[0] in held] == earlier
    (file,) = one.load(extracts).files
    assert file.already_loaded
    assert facts_by_day(one, days) == after


NUMBERS = count()
