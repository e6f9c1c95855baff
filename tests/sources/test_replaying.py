"""Quarantined rows are read once more after the declaration was put right; nothing is lost and nothing doubled."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from targeting.sources.definition import CinCensus, Source, column
from targeting.sources.loading import LoadError
from targeting.store.staging import Staging

Text = Callable[..., str]


def correct(office, grades: dict[str, str]) -> None:
    """Declare what the grades of the extract mean."""
    source = office.sources[0]
    extract = source.extracts[0]
    values = {**extract.facts[0].values, "grade": column("grade", codes=grades)}
    extract = replace(extract, facts=(replace(extract.facts[0], values=values),))
    office.sources = [replace(source, extracts=(extract, source.extracts[1]))]


def test_rows_that_a_corrected_declaration_reads_are_recorded_as_if_they_had_been_accepted(
    office, incidents: Text, tmp_path: Path
) -> None:
    rows = ({}, {"incident": "i2", "grade": "X"}, {"incident": "i3", "grade": "?"}, {"incident": "i4,too many"})
    office.deliver({"police/incidents.csv": incidents(*rows)})
    correct(office, {"h": "high", "x": "standard"})
    (file,) = office.replay().files
    assert (file.file, file.rows, file.accepted, file.quarantined) == ("police/incidents.csv", 3, 1, 2)
    assert [fault[:3] for fault in office.quarantine()] == [(4, "grade", "unknown code"), (5, "", "10 fields")]
    (delivery,) = office.ask(Staging.deliveries)
    assert (delivery["rows"], delivery["accepted"], delivery["quarantined"]) == (4, 2, 2)
    at_once = type(office)(tmp_path / "at once", office.sources)
    at_once.deliver({"police/incidents.csv": incidents(*rows)})
    columns = ("fact_id", "knowledge_date", "grade", "line")
    assert office.facts("domestic_abuse_incident", *columns) == at_once.facts("domestic_abuse_incident", *columns)
    assert office.identities() == at_once.identities()
    assert office.replay().files[0].accepted == 0


def test_nothing_is_replayed_where_nothing_was_rejected(office, incidents: Text) -> None:
    office.deliver({"police/incidents.csv": incidents({})})
    assert office.replay().files == ()


def test_rows_whose_extract_is_gone_or_wants_more_columns_stay_and_are_told(office, incidents: Text) -> None:
    office.deliver({"police/incidents.csv": incidents({"grade": "?"})})
    source = office.sources[0]
    extract = source.extracts[0]
    values = {**extract.facts[0].values, "grade": column("new grade")}
    office.sources = [replace(source, extracts=(replace(extract, facts=(replace(extract.facts[0], values=values),)),))]
    with pytest.raises(LoadError, match=r"police/incidents\.csv: quarantined rows were kept without new grade"):
        office.replay()
    office.sources = [replace(source, extracts=(source.extracts[1],))]
    with pytest.raises(LoadError, match=r"incidents\.csv: no extract of source 'police' declares it any more"):
        office.replay()
    assert len(office.quarantine()) == 1


def test_rows_of_a_census_return_are_replayed_too(
    office, make_source: Callable[..., Source], reference_data: Path
) -> None:
    office.sources = [make_source([CinCensus(file="*.xml")])]
    sample = reference_data / "formats" / "cin" / "CIN_Census_2024.xml"
    (loaded,) = office.deliver({"police/a.xml": sample.read_bytes()}, on="2024-08-01").files
    (replayed,) = office.replay().files
    assert replayed.rows == replayed.quarantined == loaded.quarantined == 2
