"""What is written: the same bytes for the same seed, every agency's, all of it marked as synthetic."""

import hashlib
import json
import tomllib
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from targeting.errors import TargetingError
from targeting.synthetic.synthesis import synthesise

SHORT = {"end": date(2021, 6, 30)}


def digests(out: Path) -> dict[str, str]:
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def has_rows(path: Path) -> bool:
    """Return whether a file of an extract holds any row; what says whose it is holds none."""
    if path.suffix == ".parquet":
        return pq.read_metadata(path).num_rows > 0
    return path.suffix == ".csv" and len(path.read_bytes().splitlines()) > 1


@pytest.fixture(scope="module")
def seed_7(make) -> dict[str, str]:
    return digests(make(150, seed=7, **SHORT))


def test_the_same_seed_gives_the_same_bytes(make, seed_7):
    assert digests(make(150, seed=7, **SHORT)) == seed_7


def test_another_seed_gives_other_extracts_under_the_same_names(make, seed_7):
    out = make(150, seed=8, **SHORT)
    other = digests(out)
    assert other.keys() == seed_7.keys()
    alike = [name for name in other if other[name] == seed_7[name]]
    # Files of what is rare hold but their header in so small a district.
    assert [name for name in alike if has_rows(out / name)] == []


def test_every_agency_hands_over_a_folder(small, sources):
    beside = {"truth", "returns"}
    assert {source.folder for source in sources} == {path.name for path in small.iterdir() if path.is_dir()} - beside
    assert len(sources) == 15


def test_every_delivery_says_that_it_is_synthetic_and_when_it_was_made(small, sources):
    for source in sources:
        delivery = tomllib.loads((small / source.folder / "delivery.toml").read_text())
        assert delivery == {"extracted_on": date(2026, 3, 29), "synthetic": True}


def test_the_truth_and_the_rates_say_that_they_are_of_no_real_place(small):
    assert "says nothing about Bradford" in (small / "truth/README.txt").read_text()
    assert "says nothing about Bradford" in json.loads((small / "rates.json").read_text())["note"]


def test_the_report_counts_the_rows_of_every_file(make, tmp_path):
    out = tmp_path / "extracts"
    report = synthesise(out, families=60, seed=1, **SHORT)
    contacts = (out / "social_care/LCS_Contacts.csv").read_text().splitlines()
    assert report.rows["social_care"]["LCS_Contacts.csv"] == len(contacts) - 1
    assert report.total_rows == sum(rows for files in report.rows.values() for rows in files.values())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"families": 0}, "A district needs at least 1 family; --families says 0."),
        ({"families": 10, "end": date(2020, 1, 1)}, "--end must be 2021-04-01 or later"),
        (
            {"families": 10, "plants": ["leaked_colum"]},
            "There is no plant 'leaked_colum'. Those that do: drifted_feed, duplicated_families, feed_outage, "
            "late_recording, leaked_column, missed_labels, mistyped_rows, over_policed_ward, unscreened_group. "
            "Did you mean leaked_column?",
        ),
    ],
)
def test_what_cannot_be_made_is_refused_with_what_could(tmp_path, options, message):
    with pytest.raises(TargetingError) as refused:
        synthesise(tmp_path / "extracts", seed=1, **options)
    assert message in str(refused.value)
    assert not (tmp_path / "extracts").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(TargetingError, match="exists and is not an empty folder"):
        synthesise(tmp_path, families=10, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
