"""SSDA903 returns: tables known by their columns, periods of care, what is no escalation, codes of the year."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targeting.records.looked_after_codes import CARE_ENDED, LEGAL_STATUS, PARTICIPATION, PLACEMENT, PLACEMENT_CHANGE
from targeting.sources.coverage import coverage_of
from targeting.sources.definition import Source, Ssda903
from targeting.sources.loading import LoadError
from targeting.sources.raw_rows import RawRows
from targeting.sources.ssda903_periods import periods_of
from targeting.store.staging import Staging, open_staging

EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n"


def episodes(table: str) -> str:
    """Return a table of episodes from rows of: child, begun, RNE, LS, ended, REC."""
    rows = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return EPISODES + "".join(
        f"{child},{begun},{reason},{status},N1,U6,PR1,{ended},{why},,,,\n"
        for child, begun, reason, status, ended, why in rows
    )


@pytest.fixture
def returns(office, make_source: Callable[..., Source]):
    office.sources = [make_source([Ssda903(file="*.csv")], name="returns")]
    return office


def test_a_period_of_care_runs_from_its_first_episode_to_the_one_that_ended_it(returns) -> None:
    table = episodes(
        """
        a | 01/05/2022 | S | V2 | 01/07/2022 | X1
        a | 01/07/2022 | L | C1 | 01/11/2022 | E4A
        a | 01/02/2023 | S | C2 |            |
        b | 01/06/2022 | P | C2 | 01/12/2022 | E45
        """
    )
    report = returns.deliver({"returns/episodes.csv": table}, on="2023-06-30")
    assert (report.files[0].accepted, report.warnings) == (4, ())
    started = returns.facts("care_started", "event_date", "legal_basis", "episode_id")
    assert [row[:2] for row in started] == [("2022-05-01", "accommodated"), ("2023-02-01", "order")]
    ended = returns.facts("care_ended", "event_date", "reason", "episode_id")
    assert [row[:2] for row in ended] == [("2022-11-01", "E4A"), ("2022-12-01", "E45")]
    assert ended[0][2] == started[0][2]
    # Of b no return knows a beginning: the end closes nothing.
    assert ended[1][2] not in {row[2] for row in started}
    assert len(returns.facts("care_episode_started", "event_date")) == 4
    assert returns.facts("kinship_order", "event_date", "order") == [("2022-12-01", "special_guardianship")]
    assert set(returns.facts("care_started", "knowledge_date", "knowledge_basis")) == {("2023-03-31", "delivered")}


def slow_periods(rows: list[dict[str, str]]) -> list[str]:
    """Return the periods of care of episodes, child by child and episode by episode."""
    names = [""] * len(rows)
    for child in {row["CHILD"] for row in rows}:
        own = [n for n, row in enumerate(rows) if row["CHILD"] == child and row["DECOM"]]
        period = f"{child}/before"
        for n in sorted(own, key=lambda n: (datetime.strptime(rows[n]["DECOM"], "%d/%m/%Y"), n)):  # noqa: DTZ007
            began = rows[n]["DECOM"]
            period = f"{child}/{began}" if rows[n]["RNE"] == "S" else period
            names[n] = period
            if rows[n]["DEC"] and rows[n]["REC"] not in ("", "X1"):
                period = f"{child}/after {began}"
    return names


EPISODE = {
    "CHILD": st.sampled_from(["a", "b", "c"]),
    "DECOM": st.sampled_from(["", *(f"{day:02}/05/2022" for day in range(1, 9))]),
    "RNE": st.sampled_from(["S", "L", "P"]),
    "DEC": st.sampled_from(["", "01/09/2022"]),
    "REC": st.sampled_from(["", "X1", "E4A"]),
}


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.fixed_dictionaries(EPISODE), min_size=1, max_size=25), size=st.integers(1, 26))
def test_periods_of_care_do_not_depend_on_the_chunks_in_which_episodes_are_read(
    rows: list[dict[str, str]], size: int
) -> None:
    whole = RawRows(pa.Table.from_pylist(rows), np.arange(len(rows)))
    chunks = list(whole.in_chunks(size))
    periods, first, names = periods_of(chunks), 0, []
    for chunk in chunks:
        names += periods.names(chunk.column("CHILD").to_pylist(), first)
        first += len(chunk)
    assert names == slow_periods(rows)


FIRST_RETURN = """
    a | 01/06/2022 | S | V2 | 01/10/2022 | X1
    a | 01/10/2022 | P | V2 |            |
    b | 01/02/2023 | S | C1 |            |
    c | 01/05/2022 | S | C1 | 01/08/2022 | E4A
"""
# The year after: what was open goes on with the day on which it began; d was told of too late.
SECOND_RETURN = """
    a | 01/10/2022 | P | V2 | 01/05/2023 | X1
    a | 01/05/2023 | L | C2 | 01/12/2023 | E4A
    b | 01/02/2023 | S | C1 |            |
    c | 01/06/2023 | L | C1 | 01/09/2023 | E4A
    d | 01/12/2022 | S | C1 | 01/02/2024 | E3
"""
IN_ORDER = (("2023", FIRST_RETURN, "2023-06-30"), ("2024", SECOND_RETURN, "2024-06-30"))


@pytest.mark.parametrize("order", [IN_ORDER, IN_ORDER[::-1]], ids=["as they were made", "the later one first"])
def test_a_period_that_goes_on_over_the_31st_of_march_has_one_start_and_its_end_names_it(returns, order) -> None:
    for year, table, on in order:
        returns.deliver({f"returns/episodes-{year}.csv": episodes(table)}, on=on)
    started = returns.facts("care_started", "event_date", "knowledge_date", "superseded_on", "episode_id")
    assert [row[:3] for row in started] == [
        ("2022-05-01", "2023-03-31", None),
        ("2022-06-01", "2023-03-31", None),
        ("2022-12-01", "2024-03-31", None),
        ("2023-02-01", "2023-03-31", None),
    ]
    ended = returns.facts("care_ended", "event_date", "superseded_on", "episode_id")
    assert [row[:2] for row in ended] == [
        ("2022-08-01", None),
        ("2023-09-01", None),
        ("2023-12-01", None),
        ("2024-02-01", None),
    ]
    of_c, of_a, of_d, of_b = (row[3] for row in started)
    assert [row[2] for row in ended if row[2] in {of_a, of_b, of_c, of_d}] == [of_c, of_a, of_d]
    # Of c's second period no return knows the beginning, and the first one had ended: it ends nothing.
    assert ended[1][2] not in {row[3] for row in started}
    assert len(returns.facts("care_episode_started", "event_date")) == 7


def test_a_corrected_return_corrects_no_end_that_stayed_as_it_was(returns) -> None:
    for _, table, on in IN_ORDER:
        returns.deliver({"returns/episodes.csv": episodes(table)}, on=on)
    before = returns.facts("care_ended", "event_date", "knowledge_date", "episode_id")
    returns.deliver({"returns/episodes.csv": episodes(SECOND_RETURN.replace("E3", "E4A"))}, on="2024-07-31")
    after = returns.facts("care_ended", "event_date", "knowledge_date", "episode_id")
    assert [row for row in after if row[0] < "2024"] == [row for row in before if row[0] < "2024"]
    assert len(after) == len(before) + 1


def test_short_breaks_unaccompanied_minors_and_remands_are_told_from_escalations(returns) -> None:
    table = episodes(
        """
        a | 01/05/2022 | S | C1 | |
        b | 02/05/2022 | S | L1 | |
        c | 03/05/2022 | S | V2 | |
        d | 04/05/2022 | S | V3 | |
        e | 05/05/2022 | S | V4 | |
        f | 06/05/2022 | S | J1 | |
        g | 07/05/2022 | S | V2 | |
        h | 08/05/2022 | S | V4 | |
        """
    )
    alone = "CHILD,SEX,DOB,DUC\ng,1,01/02/2007,01/02/2025\nh,1,01/02/2007,01/02/2025\n"
    returns.deliver({"returns/episodes.csv": table, "returns/uasc.csv": alone}, on="2023-06-30")
    assert returns.facts("care_started", "event_date", "legal_basis") == [
        ("2022-05-01", "order"),
        ("2022-05-02", "order"),
        ("2022-05-03", "accommodated"),
        ("2022-05-04", "short_breaks"),
        ("2022-05-05", "short_breaks"),
        ("2022-05-06", "remand"),
        ("2022-05-07", "unaccompanied"),
        ("2022-05-08", "short_breaks"),
    ]


def test_episodes_are_news_where_only_the_table_of_unaccompanied_minors_changed(returns) -> None:
    table = episodes("a | 01/05/2022 | S | V2 | | ")
    for alone in ("", "a,1,01/02/2007,01/02/2025\n"):
        files = {"returns/episodes.csv": table, "returns/uasc.csv": "CHILD,SEX,DOB,DUC\n" + alone}
        returns.deliver(files, on="2023-06-30")
    assert ("unaccompanied", None) in returns.facts("care_started", "legal_basis", "superseded_on")


@pytest.mark.parametrize(
    ("on", "rules"),
    [
        ("2018-06-30", ["code not in force in 2018", "unknown code"]),
        ("2019-06-30", ["code not in force in 2019", "unknown code"]),
    ],
)
def test_codes_hold_in_the_year_that_ended_before_extraction(returns, on: str, rules: list[str]) -> None:
    reasons = "".join(
        f"{reason} | 01/05/2017 | S | C2 | 01/12/2017 | {reason}\n" for reason in ("E43", "E45", "E41", "E99")
    )
    returns.deliver({"returns/episodes.csv": episodes(reasons)}, on=on)
    assert sorted(fault[2] for fault in returns.quarantine()) == rules
    kept = {row[0] for row in returns.facts("care_ended", "reason")}
    assert kept == {"E41", "E43" if on < "2019" else "E45"}


def test_codes_of_a_year_that_nobody_verified_are_said_to_be_those_of_the_last_that_was(returns) -> None:
    table = episodes("a | 01/05/2025 | S | C2 | 01/12/2025 | E99")
    report = returns.deliver({"returns/episodes.csv": table}, on="2026-06-30")
    assert report.warnings == (
        "returns/episodes.csv: the codes of 2026 are taken to be those of 2024; that is not verified.",
    )
    (fault,) = returns.ask(Staging.quarantine)
    assert fault["expected"].endswith("; those of 2026 are not verified: codes of 2024 hold")


def test_an_older_return_is_declared_with_its_year(returns, make_source: Callable[..., Source]) -> None:
    returns.sources = [make_source([Ssda903(file="*.csv", year=2018)], name="returns")]
    table = episodes("a | 01/05/2017 | S | C2 | 01/12/2017 | E44")
    assert returns.deliver({"returns/episodes.csv": table}, on="2023-06-30").files[0].quarantined == 0
    assert returns.facts("care_started", "knowledge_date") == [("2018-03-31",)]


def test_every_table_is_known_by_its_columns_whatever_its_file_is_called(returns) -> None:
    returns.deliver(
        {
            "returns/1.csv": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\na,2,27/03/2008,WROM,UN1,2,\n",
            "returns/2.csv": "CHILD,DOB,MISSING,MIS_START,MIS_END\na,27/03/2008,M,13/11/2022,14/11/2022\n",
            "returns/3.csv": "CHILD,DOB,SDQ_SCORE,SDQ_REASON,CONVICTED,HEALTH_CHECK,IMMUNISATIONS,TEETH_CHECK,"
            "HEALTH_ASSESSMENT,SUBSTANCE_MISUSE,INTERVENTION_RECEIVED,INTERVENTION_OFFERED\n"
            "a,27/03/2008,17,,0,1,1,1,1,0,0,0\nb,27/03/2008,,,0,1,1,1,1,0,0,0\n",
            "returns/4.csv": "CHILD,DOB,REVIEW,REVIEW_CODE\na,27/03/2008,30/08/2022,PN1\n",
            "returns/5.csv": "CHILD,DOB,PREV_PERM,LA_PERM,DATE_PERM\na,27/03/2008,P2,380,01/06/2015\n",
            "returns/6.csv": "CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON\na,27/03/2008,w1,01/06/2022,,\n",
            "returns/7.csv": "CHILD,DOB,DATE_INT,DATE_MATCH,FOSTER_CARE,NB_ADOPTR,SEX_ADOPTR,LS_ADOPTR\n",
        },
        on="2023-06-30",
    )
    assert returns.facts("person_described", "sex", "ethnicity", "event_date") == [("2", "WROM", "2023-03-31")]
    assert returns.facts("missing_episode", "event_date", "absence") == [("2022-11-13", "M")]
    assert returns.facts("strengths_and_difficulties", "score", "event_date") == [(17, "2023-03-31")]
    assert returns.facts("child_voice", "event_date", "participation") == [("2022-08-30", "PN1")]
    assert returns.facts("kinship_order", "event_date") == [("2015-06-01",)]
    assert returns.facts("involvement_started", "event_date", "service") == [("2022-06-01", "social_care")]
    assert returns.quarantine() == []


def test_only_the_tables_that_came_are_covered(returns) -> None:
    files = {
        "returns/missing.csv": "CHILD,DOB,MISSING,MIS_START,MIS_END\n",
        "returns/uasc.csv": "CHILD,SEX,DOB,DUC\n",
    }
    returns.deliver(files, on="2023-06-30")
    with open_staging(returns.data) as staging:
        covered = coverage_of(staging, returns.sources)
    assert [(entry.kind, entry.until.isoformat()) for entry in covered] == [("missing_episode", "2023-03-31")]


def test_what_is_odd_about_a_return_is_told(returns) -> None:
    table = episodes("a | 01/05/2016 | S | C2 | | X1\n" * 2)
    header = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\na,2,27/03/2008,WROM,,1.0,\n"
    files = {"returns/episodes_2017.csv": table, "returns/header.csv": header}
    assert returns.deliver(files, on="2018-06-30").warnings == (
        "returns/episodes_2017.csv: the name says 2017, the return is of the year to 31 March 2018; its codes hold.",
        "returns/episodes_2017.csv: the latest date is 2016-05-01, before the year to 31 March 2018. Is the return of "
        "that year?",
        "returns/episodes_2017.csv: 1 rows repeat another word for word; each is counted once.",
        "returns/episodes_2017.csv: 2 episodes say why they ended (REC) and not when (DEC); they are taken as open.",
        "returns/header.csv: 1 of MOTHER no code of 2018; nothing is made of that column.",
    )
    assert len(returns.facts("care_started", "event_date")) == 1


def test_a_file_that_is_no_table_of_the_return_is_refused(returns) -> None:
    with pytest.raises(LoadError, match=r"returns/x\.csv: its columns are those of no table of the SSDA903 return"):
        returns.deliver({"returns/x.csv": "A,B\n1,2\n"}, on="2023-06-30")


def test_the_fake_return_of_2675_children_is_accepted_or_quarantined_row_by_row(returns, reference_data: Path) -> None:
    files = sorted((reference_data / "formats" / "ssda903").glob("*.csv"))
    report = returns.deliver({f"returns/{path.name}": path.read_bytes() for path in files}, on="2018-06-30")
    rows = {path.name: path.read_text().count("\n") - 1 for path in files}
    assert {Path(file.file).name: file.rows for file in report.files} == rows
    assert all(file.rows == file.accepted + file.quarantined for file in report.files)
    assert {Path(file.file).name: file.quarantined for file in report.files if file.quarantined} == {
        "episodes.csv": 328,
        "reviews.csv": 5056,
    }


def test_our_codes_are_those_of_the_return_in_every_year(reference_data: Path) -> None:
    years = json.loads((reference_data / "codes" / "cin_903_annex_a_by_year.json").read_text())["ssda903_by_year"]
    pairs = (
        (CARE_ENDED, "Episodes", "REC"),
        (LEGAL_STATUS, "Episodes", "LS"),
        (PLACEMENT, "Episodes", "PLACE"),
        (PLACEMENT_CHANGE, "Episodes", "REASON_PLACE_CHANGE"),
        (PARTICIPATION, "Reviews", "REVIEW_CODE"),
    )
    for year, tables in years.items():
        for ours, table, column in pairs:
            theirs = set(tables[table][column]["codes"])
            assert {code for code in ours.codes if ours.is_in_force(code, int(year))} == theirs, (year, column)
