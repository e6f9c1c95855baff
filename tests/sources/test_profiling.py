"""A profile counts what an extract holds and shows no person's value and no small count."""

import json
from collections.abc import Callable
from dataclasses import asdict

import pytest

from targeting.errors import DataError
from targeting.sources.profile_page import profile_to_html
from targeting.sources.profiling import profile, withheld_series
from targeting.sources.raw_rows import ChunkSize

Text = Callable[..., str]
VALID, FAILING = "943 476 5919", "943 476 5918"


def row(number: int, **cells: str) -> dict[str, str]:
    return {"incident": str(number), "person": f"n{number}", "name": "Zebedee", **cells}


@pytest.fixture
def extract(office, incidents: Text):
    rows = [
        *(row(n, nhs=VALID, happened="01/03/2024", recorded="01/03/2024") for n in range(20)),
        *(row(n, nhs=FAILING, happened="01/04/2024", recorded="21/04/2024") for n in range(20, 30)),
        *(row(n, happened="01/05/2024", recorded="") for n in range(30, 37)),
        *(row(n, grade="Extreme") for n in range(37, 44)),
        *(row(n, child="Perhaps") for n in range(44, 47)),
    ]
    return office.write({"police/incidents.csv": incidents(*rows)}) / "police" / "incidents.csv"


def test_volume_lags_missing_values_faults_and_numbers_are_counted(office, extract) -> None:
    found = asdict(profile(extract, sources=office.sources, contract=office.contract))
    assert (found["rows"], found["accepted"], found["quarantined"]) == (47, 37, 10)
    (kind,) = found["kinds"]
    assert kind["by_month_of_event"] == {"2024-03": 20, "2024-04": 10, "2024-05": 7}
    # Those of May are known a week after the event, by the source's lag.
    assert kind["by_month_of_knowledge"] == kind["by_month_of_event"]
    assert kind["knowledge_basis"] == {"imputed": 7, "recorded": 30}
    assert {words: rows for words, rows in kind["lag"].items() if rows} == {
        "before or on the day": 20,
        "8 to 28 days": 10,
    }
    assert (kind["median_lag_in_days"], kind["nine_in_ten_within_days"]) == (0, 20)
    missing = {column["column"]: column["missing"] for column in found["columns"]}
    assert (missing["nhs"], missing["recorded"], missing["name"]) == (17, 7, 0)
    assert [(fault["column"], fault["rule"], fault["shape"], fault["rows"]) for fault in found["faults"]] == [
        ("child", "not yes or no", "", "c"),
        ("grade", "unknown code", "Aaaaaaa", 7),
    ]
    assert found["numbers"] == ({"number": "NHS numbers", "people": 37, "valid": 20, "failing": 10, "missing": 7},)


def test_a_profile_in_chunks_is_that_of_the_whole(office, extract) -> None:
    whole, parts = (
        profile(extract, sources=office.sources, contract=office.contract, size=size)
        for size in (ChunkSize(), ChunkSize(rows=5, bytes=200))
    )
    assert parts == whole


def test_neither_page_nor_json_shows_a_persons_value(office, extract) -> None:
    found = profile(extract, sources=office.sources, contract=office.contract)
    page = profile_to_html(found)
    for text in (page, json.dumps(asdict(found))):
        for value in ("Zebedee", "943", "Extreme", "Perhaps", "n41"):
            assert value not in text
    assert page.count("<svg") == 2
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


def test_one_small_count_is_not_withheld_alone() -> None:
    assert withheld_series({"a": 3, "b": 0, "c": 9, "d": 7}) == {"a": "c", "b": 0, "c": 9, "d": "c"}
    assert withheld_series({"a": 3, "b": 5, "c": 9}) == {"a": "c", "b": "c", "c": 9}
    assert withheld_series({"a": 6, "b": 0}) == {"a": 6, "b": 0}


def test_a_file_that_no_extract_declares_is_told_with_those_that_are(office, extract) -> None:
    other = extract.with_name("people.csv")
    other.write_text("a\n1\n")
    with pytest.raises(DataError, match=r"people\.csv: no extract declares it where it lies\. Those that are"):
        profile(other, sources=office.sources, contract=office.contract)
