"""Daily registers: what a mark counts for, what is masked, what makes nothing."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from targeting.records.attendance_codes import ATTENDANCE, COUNTS, SINCE_2024, UNTIL_2024, is_in_force
from targeting.sources.attendance_register import coverage_without_pandemic
from targeting.sources.coverage import coverage_of
from targeting.sources.definition import AttendanceRegister, Coverage, Extract, FactFields, Source, column
from targeting.store.staging import open_staging

REGISTER = AttendanceRegister(file="*.csv", pupil="pupil", day="date", morning="am", afternoon="pm", recorded_on="sent")
HEADER = "pupil,date,am,pm,sent\n"


@pytest.fixture
def school(office, make_source: Callable[..., Source]):
    office.sources = [
        make_source(
            [REGISTER],
            name="school",
            coverage=coverage_without_pandemic(shared_from=date(2019, 9, 2), kinds=("attendance_day",)),
        )
    ]
    return office


def test_two_marks_of_a_day_are_counted_and_what_may_not_be_counted_is_masked(school) -> None:
    rows = """
        a,2024-10-01,/,\\,2024-10-02
        a,02/10/2024,i,u,03/10/2024
        a,2024-10-03,L,-,2024-10-04
        a,2024-10-04,T,\\,2024-10-05
        b,2024-10-01,C2,C2,2024-10-02
        b,2024-10-02,C2,N,2024-10-03
        c,2024-10-01,D,D,2024-10-02
        d,2020-05-05,O,O,2020-05-06
        e,2024-10-01,/,!,2024-10-02
        f,2024-10-01,H,Y,2024-10-02
        g,2023-10-01,K,/,2023-10-02
    """
    text = HEADER + "".join(line.strip() + "\n" for line in rows.strip().splitlines())
    report = school.deliver({"school/register.csv": text}, on="2024-10-31")
    columns = ("event_date", "morning", "afternoon", "possible", "authorised", "unauthorised", "missed")
    names = [
        f"sessions_{name}" if name in ("possible", "authorised", "unauthorised", "missed") else name for name in columns
    ]
    assert school.facts("attendance_day", *names) == [
        ("2023-10-01", "K", "/", 2, 0, 0, 0),
        ("2024-10-01", "/", "\\", 2, 0, 0, 0),
        ("2024-10-01", "H", "Y", 1, 1, 0, 1),
        ("2024-10-02", "C2", "N", 1, 0, 1, 1),
        ("2024-10-02", "I", "U", 2, 1, 1, 2),
        ("2024-10-03", "L", None, 1, 0, 0, 0),
        ("2024-10-04", "T", "\\", 1, 0, 0, 0),
    ]
    # A part-time timetable, the other school, the pandemic: nothing is known, and nothing is refused.
    assert (report.files[0].rows, report.files[0].quarantined) == (11, 1)
    assert school.quarantine() == [(10, "Afternoon", "unknown code", "!")]
    assert report.warnings == (
        "school/register.csv: 3 marks were not in force on their day; codes changed on 19 August 2024.",
        "school/register.csv: 1 rows of the spring and summer of 2020 make nothing: schools were closed.",
    )


def test_a_childs_journeys_with_parents_who_travel_for_work_are_never_held_against_the_child(school) -> None:
    """Code T makes a session neither attended nor missed: a fortnight of it is no fact, and half a day leaves half."""
    away = "".join(f"a,2024-10-{day:02},T,T,2024-10-{day:02}\n" for day in range(1, 11))
    school.deliver(
        {"school/a.csv": HEADER + away + "a,2024-10-14,t,\\,2024-10-14\na,2024-10-15,O,T,2024-10-15\n"}, on="2024-10-31"
    )
    names = [f"sessions_{name}" for name in ("possible", "authorised", "unauthorised", "missed")]
    assert school.facts("attendance_day", "event_date", *names) == [
        ("2024-10-14", 1, 0, 0, 0),
        ("2024-10-15", 1, 0, 1, 1),
    ]


@pytest.mark.parametrize(
    ("shared_from", "until", "parts"),
    [
        ("2019-09-02", None, [("2019-09-02", "2019-12-31"), ("2020-09-01", None)]),
        ("2020-04-20", None, [("2020-09-01", None)]),
        ("2021-09-01", None, [("2021-09-01", None)]),
        ("2018-09-01", "2019-07-20", [("2018-09-01", "2019-07-20")]),
        ("2018-09-01", "2020-07-20", [("2018-09-01", "2019-12-31")]),
    ],
)
def test_the_terms_of_the_pandemic_are_no_part_of_coverage(
    shared_from: str, until: str | None, parts: list[tuple[str, str | None]]
) -> None:
    found = coverage_without_pandemic(
        shared_from=date.fromisoformat(shared_from), until=date.fromisoformat(until) if until else None, kinds=("x",)
    )
    assert found == tuple(
        Coverage(shared_from=date.fromisoformat(first), until=date.fromisoformat(last) if last else None, kinds=("x",))
        for first, last in parts
    )


def test_every_mark_counts_one_way_and_changed_marks_hold_on_their_side_of_the_change() -> None:
    assert set(COUNTS) == set(ATTENDANCE.codes)
    change = date(2024, 8, 19)
    for mark in ATTENDANCE.codes:
        before, after = is_in_force(mark, change - timedelta(days=1)), is_in_force(mark, change)
        assert (before, after) == (mark not in SINCE_2024, mark not in UNTIL_2024)
    assert not is_in_force("%", change)


def test_a_child_taught_elsewhere_has_no_attendance_while_the_schools_coverage_goes_on(school) -> None:
    """Taught at home (off roll), missing education, at the other school, on a part-time timetable: not known, not 0."""
    rows = """
        at school         | 2024-10-01 | / | \\
        missing education | 2024-10-01 | Z | Z
        other school      | 2024-10-01 | D | D
        part-time         | 2024-10-01 | C2| C2
        part-time         | 2024-10-02 | / | C2
        closed            | 2020-05-05 | / | /
    """
    cells = [[cell.strip() for cell in line.split("|")] for line in rows.strip().splitlines()]
    text = HEADER + "".join(f"{who},{day},{am},{pm},{day}\n" for who, day, am, pm in cells)
    school.deliver({"school/register.csv": text}, on="2024-10-31")
    assert school.facts("attendance_day", "event_date", "sessions_possible", "sessions_missed") == [
        ("2024-10-01", 2, 0),
        ("2024-10-02", 1, 0),
    ]
    with open_staging(school.data) as staging:
        covered = coverage_of(staging, school.sources)
        # Everyone in the register is on record all the same.
        assert len(staging.person_records()) == 5
    assert [(each.shared_from, each.until) for each in covered] == [
        (date(2019, 9, 2), date(2019, 12, 31)),
        (date(2020, 9, 1), date(2024, 10, 31)),
    ]


def test_totals_of_a_term_that_contradict_themselves_are_refused(office, make_source, term_totals) -> None:
    office.sources = [make_source([term_totals], name="school")]
    text = "pupil,end,possible,authorised,unauthorised,missed\na,2024-07-20,120,6,6,12\nb,2024-07-20,120,100,40,140\n"
    office.deliver({"school/terms.csv": text}, on="2024-08-31")
    assert office.facts("attendance_term", "sessions_missed") == [(12,)]
    assert office.quarantine() == [(3, "missed", "more than sessions_possible", "999")]


@pytest.fixture
def term_totals():
    names = ("possible", "authorised", "unauthorised", "missed")
    return Extract(
        file="terms.csv",
        facts=(
            FactFields(
                kind="attendance_term",
                person="pupil",
                event_date=column("end"),
                values={f"sessions_{name}": column(name) for name in names},
                record_key=("pupil", "end"),
            ),
        ),
    )
