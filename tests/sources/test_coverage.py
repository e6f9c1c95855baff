"""Coverage says from when until when a source shared a kind; outside it silence says nothing."""

from collections.abc import Callable
from datetime import date

from targeting.sources.coverage import coverage_of
from targeting.sources.definition import Coverage, Extract, FactFields, Source, column
from targeting.store.manifest import SourceCoverage
from targeting.store.staging import open_staging


def extract(file: str, kind: str) -> Extract:
    return Extract(file=file, facts=(FactFields(kind=kind, person="who", event_date=column("on")),))


def coverage(office) -> tuple[SourceCoverage, ...]:
    with open_staging(office.data) as staging:
        return coverage_of(staging, office.sources)


def test_a_kind_is_covered_until_its_own_latest_delivery(office, make_source: Callable[..., Source]) -> None:
    office.sources = [make_source([extract("died*.csv", "died"), extract("moved.csv", "moved_out")])]
    office.deliver({"police/died.csv": "who,on\n", "police/moved.csv": "who,on\n"}, on="2024-06-30")
    office.deliver({"police/died-july.csv": "who,on\n"}, on="2024-07-31")
    start = date(2020, 1, 1)
    assert coverage(office) == (
        SourceCoverage("police", "died", start, date(2024, 7, 31)),
        SourceCoverage("police", "moved_out", start, date(2024, 6, 30)),
    )


def test_what_was_never_delivered_is_not_covered(office, make_source: Callable[..., Source]) -> None:
    office.sources = [make_source([extract("died.csv", "died"), extract("moved.csv", "moved_out")])]
    office.deliver({"police/died.csv": "who,on\n"})
    assert [entry.kind for entry in coverage(office)] == ["died"]


def test_the_same_file_of_a_later_day_moves_coverage_on_and_doubles_nothing(
    office, make_source: Callable[..., Source]
) -> None:
    office.sources = [make_source([extract("died.csv", "died")])]
    for day in ("2024-06-30", "2024-07-31"):
        office.deliver({"police/died.csv": "who,on\na,2024-05-01\n"}, on=day)
    assert coverage(office)[0].until == date(2024, 7, 31)
    assert len(office.facts("died", "event_date")) == 1


def test_a_declared_end_comes_before_the_latest_delivery_and_each_kind_has_its_own_start(
    office, make_source: Callable[..., Source]
) -> None:
    office.sources = [
        make_source(
            [extract("died.csv", "died"), extract("moved.csv", "moved_out")],
            coverage=(
                Coverage(shared_from=date(2019, 1, 1), until=date(2020, 12, 31), kinds=("died",)),
                Coverage(shared_from=date(2022, 1, 1), kinds=("died", "moved_out")),
            ),
        )
    ]
    office.deliver({"police/died.csv": "who,on\n", "police/moved.csv": "who,on\n"})
    assert coverage(office) == (
        SourceCoverage("police", "died", date(2019, 1, 1), date(2020, 12, 31)),
        SourceCoverage("police", "died", date(2022, 1, 1), date(2024, 6, 30)),
        SourceCoverage("police", "moved_out", date(2022, 1, 1), date(2024, 6, 30)),
    )
