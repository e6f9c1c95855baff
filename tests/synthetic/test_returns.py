"""Returns beside the extracts tell of the same histories: their readers find what the extracts hold."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from targeting.records.contract import contract
from targeting.sources.definition import (
    Agreement,
    AnyExtract,
    AttendanceRegister,
    CinCensus,
    Coverage,
    SafeguardingDataset,
    Source,
    Ssda903,
)
from targeting.sources.loading import LoadReport, load

# The returns are of the year to 31 March 2025; days as ISO texts compare as they lie in time.
BEGINS, ENDS = "2024-04-01", "2025-03-31"
EXTRACTS: dict[str, AnyExtract] = {
    "cin_census": CinCensus(file="*.xml"),
    "ssda903": Ssda903(file="*.csv", year=2025),
    "safeguarding_dataset": SafeguardingDataset(file="ssd_*.csv"),
    "registers": AttendanceRegister(file="*.parquet", pupil="pupil_id", day="date", morning="am", afternoon="pm"),
}


def source(name: str, extract: AnyExtract) -> Source:
    return Source(
        name=name,
        agency=name,
        folder=name,
        tier="council",
        controller="the council",
        gateway="a statute",
        purposes=frozenset({"early_help"}),
        confidentiality="a return of the council's own",
        may_show_to=frozenset({"panel"}),
        retention_years=7,
        agreement=Agreement(reference="invented", expires_on=date(2030, 1, 1)),
        coverage=(Coverage(shared_from=date(2019, 4, 1)),),
        extracts=(extract,),
        lag=timedelta(days=7),
    )


Loaded = tuple[LoadReport, duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module")
def loaded(small, tmp_path_factory) -> Iterable[Loaded]:
    """Return what loading the returns made of them, and the staged facts."""
    data = tmp_path_factory.mktemp("data")
    sources = [source(name, extract) for name, extract in EXTRACTS.items()]
    report = load(small / "returns", data=data, sources=sources, contract=contract(), identity_key=b"k" * 32)
    (staging,) = data.glob("*.duckdb")
    with duckdb.connect(str(staging), read_only=True) as connection:
        yield report, connection


@pytest.fixture
def counted(loaded) -> Callable[..., int]:
    """Return a function that counts a return's facts of a kind between two days."""

    def count(name: str, kind: str, begins: str = "2019-04-01", ends: str = "2026-03-29") -> int:
        return (
            loaded[1]
            .execute(
                f"select count(*) from facts_{kind} where source = ? and event_date between ? and ?",  # noqa: S608
                [name, begins, ends],
            )
            .fetchall()[0][0]
        )

    return count


@pytest.fixture(scope="module")
def days(small) -> Callable[..., list[str]]:
    """Return a function that gives the days of a column of social care's files as ISO texts."""

    def of(file: str, column: str, keep: Callable[[dict[str, str]], bool] = lambda _row: True) -> list[str]:
        with (small / "social_care" / file).open(encoding="utf-8") as lines:
            found = [row[column] for row in csv.DictReader(lines) if row[column] and keep(row)]
        return [f"{day[6:]}-{day[3:5]}-{day[:2]}" for day in found]

    return of


def within(found: list[str], begins: str = BEGINS, ends: str = ENDS) -> int:
    return sum(begins <= day <= ends for day in found)


def test_every_row_of_every_return_is_accepted(loaded):
    report, _ = loaded
    assert {file.source for file in report.files} == set(EXTRACTS)
    assert [(file.file, file.quarantined) for file in report.files if file.quarantined] == []
    assert sum(file.rows for file in report.files) > 60_000


# kind, file of the case system, the day of the event
WHOLE = (
    ("contact", "LCS_Contacts.csv", "Contact Date"),
    ("referral", "LCS_Referrals.csv", "Referral Date"),
    ("referral_closed", "LCS_Referrals.csv", "Closed On"),
    ("assessment_completed", "LCS_Assessments.csv", "Authorised On"),
    ("assessment_factor", "LCS_Assessment_Factors.csv", "Authorised On"),
    ("section_47_started", "LCS_Section47.csv", "Started On"),
    ("section_47_ended", "LCS_Section47.csv", "Outcome Date"),
    ("child_in_need_plan_started", "LCS_CIN_Plans.csv", "Plan Start"),
    ("child_in_need_plan_ended", "LCS_CIN_Plans.csv", "Plan End"),
    ("child_protection_plan_started", "LCS_CP_Plans.csv", "Plan Start"),
    ("child_protection_plan_ended", "LCS_CP_Plans.csv", "Plan End"),
    ("pre_proceedings_started", "LCS_Pre_Proceedings.csv", "Letter Sent On"),
    ("care_started", "LCS_Care_Periods.csv", "Care Start"),
    ("care_ended", "LCS_Care_Periods.csv", "Care End"),
    ("early_help_started", "EHM_Episodes.csv", "Opened On"),
    ("early_help_ended", "EHM_Episodes.csv", "Closed On"),
)


@pytest.mark.parametrize(("kind", "file", "column"), WHOLE)
def test_the_safeguarding_dataset_holds_what_the_case_system_holds(counted, days, kind, file, column):
    expected = len(days(file, column))
    assert counted("safeguarding_dataset", kind) == expected
    assert expected or kind == "pre_proceedings_started"


# kind, file, day of the event: all that the census asks for and that happened in the year.
OF_THE_YEAR = tuple(
    each
    for each in WHOLE
    if each[0]
    in {
        "referral",
        "referral_closed",
        "assessment_completed",
        "assessment_factor",
        "section_47_started",
        "child_in_need_plan_started",
        "child_in_need_plan_ended",
        "child_protection_plan_started",
        "child_protection_plan_ended",
    }
)


@pytest.mark.parametrize(("kind", "file", "column"), OF_THE_YEAR)
def test_the_census_holds_the_year_that_the_case_system_holds(counted, days, kind, file, column):
    expected = within(days(file, column))
    assert counted("cin_census", kind, BEGINS, ENDS) == expected > 0


def test_the_census_says_which_referrals_were_not_assessed_and_which_enquiries_led_to_a_conference(counted, days):
    refused = days("LCS_Referrals.csv", "Referral Date", lambda row: row["NFA Date"] != "")
    assert counted("cin_census", "referral_no_further_action", BEGINS, ENDS) == within(refused)
    held = days("LCS_Section47.csv", "Outcome Date", lambda row: row["Outcome"] == "ICPC")
    assert counted("cin_census", "section_47_ended", BEGINS, ENDS) == within(held)


def test_the_return_on_looked_after_children_holds_the_care_of_its_year(loaded, counted, days):
    assert counted("ssda903", "care_started", BEGINS, ENDS) == within(days("LCS_Care_Periods.csv", "Care Start"))
    assert counted("ssda903", "care_ended", BEGINS, ENDS) == within(days("LCS_Care_Periods.csv", "Care End"))
    said = loaded[1].execute("select legal_basis, count(*) from facts_care_started where source = 'ssda903' group by 1")
    footing = dict(said.fetchall())
    breaks = days("LCS_Care_Periods.csv", "Care End", lambda row: row["Legal Status"] == "Short breaks")
    assert set(footing) <= {"order", "accommodated", "short_breaks"}
    assert footing["order"] > 0
    assert breaks == [] or footing["short_breaks"] > 0


def test_a_register_holds_the_sessions_that_the_terms_totals_hold(loaded, small):
    totals = pq.read_table(small / "schools/attendance_termly.parquet")
    last = sorted(set(totals["term_end"].to_pylist()))[-2:]
    for end in last:
        term = totals.filter(pc.equal(totals["term_end"], end))
        first = end - timedelta(days=110)
        found = loaded[1].execute(
            "select sum(sessions_possible), sum(sessions_authorised), sum(sessions_unauthorised) "
            "from facts_attendance_day where event_date between ? and ?",
            [first, end],
        )
        names = ("possible", "authorised", "unauthorised")
        assert found.fetchall()[0] == tuple(pc.sum(term[f"sessions_{name}"]).as_py() for name in names)


def test_no_pupil_has_two_rows_on_a_day_and_all_days_are_school_days(small):
    marks = pq.read_table(small / "returns/registers/registers.parquet")
    seen = Counter(zip(marks["pupil_id"].to_pylist(), marks["date"].to_pylist(), strict=True))
    assert max(seen.values()) == 1
    assert {date.fromisoformat(day).weekday() for _, day in seen} <= set(range(5))


def test_each_folder_of_returns_is_a_delivery_of_its_own(small: Path):
    folders = {path.name for path in (small / "returns").iterdir()}
    assert folders == set(EXTRACTS)
    assert all((small / "returns" / name / "delivery.toml").exists() for name in folders)
