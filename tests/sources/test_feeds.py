"""A feed that stops or halves is said, beside its own past; holidays, chance and declared gaps are not."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest

from targeting.sources.definition import Coverage, Extract, FactFields, Source, column
from targeting.sources.feeds import feed_warnings
from targeting.store.staging import open_staging

END = date(2024, 6, 30)
DIED = Extract(
    file="x*.csv",
    facts=(FactFields(kind="died", person="who", event_date=column("on"), knowledge_date=column("on")),),
)
STEADY = [20 + number % 3 for number in range(60)]


def csv(weeks: Sequence[int]) -> str:
    """Return a file with so many rows in each of the weeks that end on `END`, the last week last."""
    begins = [END - timedelta(days=7 * (len(weeks) - number)) for number in range(len(weeks))]
    rows = [
        f"p{week}-{row},{begin + timedelta(days=row % 7)}\n"
        for week, (begin, count) in enumerate(zip(begins, weeks, strict=True))
        for row in range(count)
    ]
    return "who,on\n" + "".join(rows)


STOPPED = "Ask whether the feed has stopped."
USUAL = "usual are 21 in a week (the median of the 26 before)"
TERMS = (
    "police: died: nothing was recorded from 2024-06-02 to 2024-06-30; usual are 20 in a week (the median of the 26 "
    f"before). {STOPPED}"
)
CASES = [
    ("steady", STEADY, []),
    (
        "stopped",
        [*STEADY, 0],
        [f"police: died: nothing was recorded from 2024-06-23 to 2024-06-30; {USUAL}. {STOPPED}"],
    ),
    (
        "stopped half a year ago",
        [*STEADY, *[0] * 26],
        [f"police: died: nothing was recorded from 2023-12-31 to 2024-06-30; {USUAL}. {STOPPED}"],
    ),
    (
        "halved",
        [*[3 * rows for rows in STEADY], 30],
        [
            "police: died: 30 rows were recorded from 2024-06-23 to 2024-06-30; usual are 63 in a week (the median of "
            "the 26 before). Ask whether part of the feed is missing."
        ],
    ),
    ("a little less", [*STEADY, 14], []),
    ("as low as a year ago", [*STEADY, 1, *STEADY[:51], 1], []),
    ("too few to tell by the week, and enough by the month", [4] * 60 + [0] * 3, []),
    (
        "a month without any",
        [4] * 60 + [0] * 4,
        [
            "police: died: nothing was recorded from 2024-06-02 to 2024-06-30; usual are 16 in four weeks (the median "
            "of the 15 before). Ask whether the feed has stopped."
        ],
    ),
    ("silent between terms as ever", [*([0, 0, *[20] * 10] * 6), 0, 0], []),
    ("silent for longer than between terms", [*([0, 0, *[20] * 10] * 6), 0, 0, 0, 0], [TERMS]),
    ("too few to tell at all", [1] * 60 + [0] * 8, []),
    ("new", [20, 20, 20, 0], []),
]


@pytest.mark.parametrize(("weeks", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_last_week_or_month_is_compared_with_its_own_past(
    office, make_source: Callable[..., Source], weeks: list[int], expected: list[str]
) -> None:
    first = END - timedelta(days=7 * len(weeks))
    office.sources = [make_source([DIED], coverage=(Coverage(shared_from=first),))]
    report = office.deliver({"police/x.csv": csv(weeks)}, on=END.isoformat())
    assert list(report.warnings) == expected


def test_a_declared_gap_is_no_alarm_and_no_past(office, make_source: Callable[..., Source]) -> None:
    gap = END - timedelta(days=35)
    declared = (
        Coverage(shared_from=date(2022, 1, 1), until=gap),
        Coverage(shared_from=END - timedelta(days=7)),
    )
    for weeks, told in (([*STEADY, 0, 0, 0, 0, 20], 0), ([*STEADY, 0, 0, 0, 0, 0], 1)):
        one = type(office)(office.folder / str(told), [make_source([DIED], coverage=declared)])
        report = one.deliver({"police/x.csv": csv(weeks)}, on=END.isoformat())
        assert len(report.warnings) == told


def test_a_delivery_of_half_the_rows_of_those_before_is_said(office, make_source: Callable[..., Source]) -> None:
    office.sources = [make_source([DIED])]
    for number, weeks in enumerate(([40], [41], [15])):
        report = office.deliver({"police/x.csv": csv(weeks)}, on=f"2024-07-0{number + 1}")
    assert report.warnings == (
        "police: x*.csv of 2024-07-03 holds 15 rows; usual are 40 (the median of the 2 deliveries before). "
        "Ask whether it is whole.",
    )
    with open_staging(office.data) as staging:
        assert feed_warnings(staging, office.sources) == report.warnings
        assert feed_warnings(staging, office.sources, frozenset({"schools"})) == ()
