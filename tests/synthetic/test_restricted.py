"""From the file of restricted records to the generation: a sealed family is in nothing that lists read."""

import csv
import runpy
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from targeting.linkage.definition import Linkage
from targeting.linkage.linking import LinkReport, link
from targeting.linkage.reviews import waiting
from targeting.records.contract import contract
from targeting.sources.loading import LoadReport, load
from targeting.store.generations import current_id
from targeting.store.pseudonyms import record_ids
from targeting.store.staging import open_staging

KEY = bytes(32)
FILE = "LCS_Restricted_Records.csv"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def linkage() -> Linkage:
    declared = runpy.run_path(str(ROOT / "features" / "linkage.py")).values()
    (found,) = (value for value in declared if isinstance(value, Linkage))
    return found


class District:
    """Sixty families, loaded and linked first without the file of restricted records and then with it."""

    def __init__(self, extracts: Path, data: Path, sources, linkage: Linkage) -> None:
        self.data, self._sources, self._linkage = data, sources, linkage
        restricted = extracts / "social_care" / FILE
        shutil.move(restricted, extracts.parent / FILE)
        self._take_in(extracts)
        self.before = tables_of(data)
        shutil.move(extracts.parent / FILE, restricted)
        self.report, self.linked = self._take_in(extracts)
        self.after = tables_of(data)
        self.marks = list(csv.DictReader(restricted.open(encoding="utf-8")))

    def _take_in(self, extracts: Path) -> tuple[LoadReport, LinkReport]:
        declared = {"sources": self._sources, "contract": contract(), "identity_key": KEY}
        report = load(extracts, data=self.data, **declared)
        return report, link(data=self.data, linkage=self._linkage, **declared)

    def record(self, handling: str) -> str:
        """Return the pseudonym of the one record that is handled so."""
        (number,) = (row["Person ID"] for row in self.marks if row["Handling"] == handling)
        (name,) = record_ids(pa.array([number]), source="social_care", identity_key=KEY).to_pylist()
        return name


def tables_of(data: Path) -> dict[str, list[dict[str, object]]]:
    """Return the rows of every table of the current generation, by its file."""
    folder = data / "generations" / str(current_id(data))
    return {path.relative_to(folder).as_posix(): pq.read_table(path).to_pylist() for path in folder.rglob("*.parquet")}


def persons_of(tables: dict[str, list[dict[str, object]]]) -> dict[object, object]:
    """Return whom each record is of now."""
    rows = tables["person_records.parquet"]
    return {row["record_id"]: row["person_id"] for row in rows if row["visible_to"] is None}


def words_of(tables: dict[str, list[dict[str, object]]]) -> set[object]:
    return {value for rows in tables.values() for row in rows for value in row.values() if isinstance(value, str)}


@pytest.fixture(scope="module")
def district(make, sources, linkage: Linkage, tmp_path_factory: pytest.TempPathFactory) -> District:
    return District(make(60, seed=12), tmp_path_factory.mktemp("data"), sources, linkage)


def test_every_mark_is_read_and_none_is_in_a_generation(district: District) -> None:
    (file,) = (each for each in district.report.files if each.file == f"social_care/{FILE}")
    assert (file.rows, file.quarantined) == (len(district.marks), 0)
    with open_staging(district.data) as staging:
        kept = {row["record_id"]: row["handling"] for row in staging.facts("identity_protected").to_pylist()}
    assert kept == {district.record("Sealed"): "sealed", district.record("New identity"): "never_joined"}
    assert [rows for name, rows in district.after.items() if "identity_protected" in name and rows] == []
    assert {"sealed", "never_joined"}.isdisjoint(words_of(district.after))


def test_the_sealed_family_is_in_nothing_that_lists_read(district: District) -> None:
    persons = persons_of(district.before)
    sealed = persons[district.record("Sealed")]
    members = [row for row in district.before["memberships.parquet"] if row["visible_to"] is None]
    families = {row["family_id"] for row in members if row["person_id"] == sealed}
    theirs = {row["person_id"] for row in members if row["family_id"] in families}
    records = {record for record, person in persons.items() if person in theirs}
    assert len(families) == 1
    assert len(theirs) > 1
    assert {sealed, *theirs, *records} <= words_of(district.before)
    assert {sealed, *theirs, *records} & words_of(district.after) == set()
    # Whoever left the family before the protection began keeps a past in it, and nobody is in it now.
    kept = [row for row in district.after["memberships.parquet"] if row["family_id"] in families]
    assert [row for row in kept if row["visible_to"] is None] == []
    assert district.linked.sealed >= len(theirs)


def test_no_pair_to_review_and_no_message_shows_a_sealed_record(district: District) -> None:
    left_out = set(persons_of(district.before)) - set(persons_of(district.after))
    with open_staging(district.data) as staging:
        shown = {row[side] for row in waiting(staging).to_pylist() for side in ("record_id", "other_record_id")}
    assert district.record("Sealed") in left_out
    assert shown.isdisjoint(left_out)
    said = " ".join(district.report.warnings)
    assert [row["Person ID"] for row in district.marks if row["Person ID"] in said] == []
    assert [name for name in left_out if name in said] == []


def test_a_child_adopted_before_coming_here_stays_one_person(district: District) -> None:
    before, after = persons_of(district.before), persons_of(district.after)
    assert after == {record: before[record] for record in after}
    assert district.record("New identity") in after
