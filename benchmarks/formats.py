"""`make evidence-formats`: every reference file of every format, loaded: what was accepted, and why the rest was not.

Writes `docs/evidence/formats.json` and fails where a file is refused as a whole, or where the rows that were read are
not those that another way of counting finds. Needs TARGETING_REFERENCE_DATA.
"""

import csv
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

import openpyxl

from targeting.commands.clock import today
from targeting.commands.console import out, step, table
from targeting.records.contract import contract
from targeting.sources.definition import (
    Agreement,
    AnnexA,
    AnyExtract,
    CinCensus,
    Coverage,
    Extract,
    FactFields,
    PersonFields,
    Source,
    Ssda903,
    column,
    constant,
)
from targeting.sources.loading import load
from targeting.store.staging import Staging, open_staging

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "formats.json"
FOLDER = "agency"
# The elements of a census that are a row each.
CENSUS_ROWS = {
    *("Child", "Disability", "CINdetails", "Assessments", "AssessmentFactors", "Section47", "CINPlanDates"),
    *("ChildProtectionPlans", "CPPreviewDate"),
}


@dataclass(frozen=True)
class Delivery:
    """Files of one format as if delivered on one day, and how to count their rows another way."""

    name: str
    extract: AnyExtract
    files: Sequence[Path]
    extracted_on: date
    count: Callable[[Path], int]


@dataclass(frozen=True)
class Loaded:
    """What became of one file; `counted` is how many rows another way of counting finds."""

    format: str
    file: str
    counted: int
    rows: int
    accepted: int
    quarantined: int
    rules: Sequence[dict[str, Any]]
    warnings: Sequence[str]

    @property
    def is_whole(self) -> bool:
        """Whether every row is accounted for."""
        return self.counted == self.rows == self.accepted + self.quarantined


def deliveries(formats: Path) -> Iterator[Delivery]:
    """Yield the reference files by format."""
    for path in sorted((formats / "cin").glob("*.xml")):
        refers_to = ElementTree.parse(path).findtext(".//ReferenceDate") or ""  # noqa: S314 - files of the repository's own kind.
        on = date.fromisoformat(refers_to) + timedelta(days=30)
        yield Delivery("CIN Census", CinCensus(file="*.xml"), [path], on, _census_rows)
    tables = sorted((formats / "ssda903").glob("*.csv"))
    for year in (2018, 2024):
        extract = Ssda903(file="*.csv", year=year)
        yield Delivery(f"SSDA903 {year}", extract, tables, date(year, 6, 30), _csv_rows)
    books = sorted((formats / "annex_a").glob("*.xlsx"))
    yield Delivery("Annex A", AnnexA(file="*.xlsx"), books, date(2021, 3, 16), _workbook_rows)
    for path in sorted((formats / "multi_agency").glob("*.csv")):
        yield Delivery("mapped CSV", _people(path.name), [path], date(2022, 10, 15), _csv_rows)


def _people(file: str) -> Extract:
    service = "social_care" if file == "csc.csv" else "school"
    return Extract(
        file=file,
        persons=(
            PersonFields(
                key=column("Cms Id"),
                given_name=column("First Name"),
                family_name=column("Last Name"),
                date_of_birth=column("Date Of Birth"),
                sex=column("Gender", codes={"male": "1", "female": "2", "other": "9"}),
                street=column("Address"),
            ),
        ),
        facts=(
            FactFields(
                kind="involvement_started",
                person="Cms Id",
                event_date=column("Start Date Of Last Involvement"),
                values={"episode_id": column("Cms Id"), "service": constant(service)},
                record_key=("Cms Id",),
            ),
            FactFields(
                kind="involvement_ended",
                person="Cms Id",
                event_date=column("Date Of Most Recent Interaction"),
                when=column(
                    "Service Involvement", codes={"historic": "true", "current": "false", "not specified": "false"}
                ),
                values={"episode_id": column("Cms Id")},
                record_key=("Cms Id",),
            ),
        ),
    )


def _census_rows(path: Path) -> int:
    return sum(1 for element in ElementTree.parse(path).iter() if element.tag in CENSUS_ROWS)  # noqa: S314


def _csv_rows(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for row in csv.reader(file) if any(row)) - 1


def _workbook_rows(path: Path) -> int:
    book = openpyxl.load_workbook(path, data_only=True)
    rows = (row for sheet in book.worksheets for row in sheet.iter_rows(min_row=2, values_only=True))
    return sum(1 for row in rows if any(cell not in (None, "") for cell in row))


def loaded(delivery: Delivery, folder: Path) -> Iterator[Loaded]:
    """Load a delivery into a data folder of its own and yield what became of each file."""
    extracts, data = folder / "extracts", folder / "var"
    (extracts / FOLDER).mkdir(parents=True)
    for path in delivery.files:
        (extracts / FOLDER / path.name).write_bytes(path.read_bytes())
    (extracts / FOLDER / "delivery.toml").write_text(f"extracted_on = {delivery.extracted_on}\n", encoding="utf-8")
    report = load(
        extracts, data=data, sources=[source(delivery.extract)], contract=contract(), identity_key=bytes(range(32))
    )
    with open_staging(data) as staging:
        for path in delivery.files:
            place = f"{FOLDER}/{path.name}"
            (file,) = (one for one in report.files if one.file == place)
            yield Loaded(
                format=delivery.name,
                file=path.name,
                counted=delivery.count(path),
                rows=file.rows,
                accepted=file.accepted,
                quarantined=file.quarantined,
                rules=_rules(staging, place),
                warnings=[text.removeprefix(f"{place}: ") for text in report.warnings if text.startswith(place)],
            )


def _rules(staging: Staging, place: str) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = staging.table(
        'select part, "column", rule, count(distinct line) as rows from quarantine where file = ? '
        'group by part, "column", rule order by part, "column", rule',
        [place],
    ).to_pylist()
    return rules


def source(extract: AnyExtract) -> Source:
    return Source(
        name=FOLDER,
        agency="an agency",
        folder=FOLDER,
        tier="council",
        controller="nobody: the files are made up",
        gateway="none needed",
        purposes=frozenset({"early_help"}),
        confidentiality="none needed",
        may_show_to=frozenset({"panel"}),
        retention_years=1,
        agreement=Agreement(reference="none", expires_on=date(2099, 1, 1)),
        coverage=(Coverage(shared_from=date(1960, 1, 1)),),
        extracts=(extract,),
    )


def main() -> int:
    """Load everything, show and write what became of it; return 1 where a row is not accounted for."""
    reference = os.environ.get("TARGETING_REFERENCE_DATA")
    if not reference:
        out.print("TARGETING_REFERENCE_DATA is unset; docs/reference-data.md says where the files are from.")
        return 2
    results: list[Loaded] = []
    with step("Loading the reference files of every format"):
        for delivery in deliveries(Path(reference) / "formats"):
            with TemporaryDirectory() as folder:
                results += loaded(delivery, Path(folder))
    _show(results)
    EVIDENCE.write_text(json.dumps(_evidence(results), indent=1) + "\n", encoding="utf-8")
    lost = [f"{one.format}, {one.file}: not every row is accounted for." for one in results if not one.is_whole]
    for fault in lost:
        out.print(fault)
    return 1 if lost else 0


def _show(results: Sequence[Loaded]) -> None:
    files = [(one.format, one.file, one.counted, one.accepted, one.quarantined) for one in results]
    out.print(table("Files of every format", ("format", "file", "rows", "accepted", "quarantined"), files))
    rules = [
        (f"{one.format}: {one.file}", f"{rule['column']}: {rule['rule']}", rule["rows"])
        for one in results
        for rule in one.rules
    ]
    out.print(table("Why rows are quarantined", ("file", "column and rule", "rows"), rules))
    odd = [(f"{one.format}: {one.file}", text) for one in results for text in one.warnings]
    out.print(table("What is said of them", ("file", "warning"), odd))


def _evidence(results: Sequence[Loaded]) -> dict[str, Any]:
    return {
        "command": "make evidence-formats",
        "date": today().isoformat(),
        "data": "made-up files written by others; docs/reference-data.md says where they are from",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "duckdb", "pyarrow", "openpyxl")},
        "files": [asdict(one) for one in results],
    }


if __name__ == "__main__":
    sys.exit(main())
