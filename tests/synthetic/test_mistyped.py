"""What people mistype stays in quarantine, row by row, and takes nothing with it that is right."""

import shutil
from pathlib import Path

import duckdb

from targeting.records.contract import contract
from targeting.sources.loading import load


def loaded(extracts: Path, sources, folder: Path) -> tuple[dict[str, list], list[tuple]]:
    """Return the facts of housing by kind, without what hangs on the file, and what is in quarantine."""
    shutil.copytree(extracts / "housing", folder / "extracts/housing")
    load(folder / "extracts", data=folder, sources=sources, contract=contract(), identity_key=b"k" * 32)
    (staging,) = folder.glob("*.duckdb")
    with duckdb.connect(str(staging), read_only=True) as connection:
        tables = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
        facts = {
            name: connection.execute(f"select * exclude (fact_id, digest) from {name} order by all").fetchall()  # noqa: S608
            for name in tables
            if name.startswith("facts_")
        }
        kept = connection.execute('select file, line, "column", rule from quarantine order by all').fetchall()
    return facts, kept


def test_rows_that_nobody_can_read_are_kept_and_no_fact_is_lost_or_added(small, make, sources, tmp_path) -> None:
    planted = make(400, seed=7, plants=["mistyped_rows"])
    facts, kept = loaded(small, sources, tmp_path / "plain")
    facts_beside, kept_beside = loaded(planted, sources, tmp_path / "planted")
    assert kept == []
    assert facts_beside == facts
    assert [(Path(file).name, column, rule) for file, _, column, rule in kept_beside] == [
        ("Applications.csv", "AppliedOn", "not a date"),
        ("Applications.csv", "ApplicantRef", "missing"),
        ("Arrears.csv", "Account", "unknown code"),
        ("Arrears.csv", "WeeksOwed", "not a number"),
        ("Arrears.csv", "AsAt", "tells nothing"),
        ("Benefits.csv", "Benefit", "unknown code"),
        ("Benefits.csv", "EntitledFrom", "not a date"),
        ("TemporaryAccommodation.csv", "MovedInOn", "not a date"),
    ]


def test_no_other_file_changes(small, make) -> None:
    planted = make(400, seed=7, plants=["mistyped_rows"])
    differing = {
        path.relative_to(small).as_posix()
        for path in small.rglob("*")
        if path.is_file() and path.read_bytes() != (planted / path.relative_to(small)).read_bytes()
    }
    files = ("Applications", "Arrears", "Benefits", "TemporaryAccommodation")
    assert differing == {f"housing/{file}.csv" for file in files}
