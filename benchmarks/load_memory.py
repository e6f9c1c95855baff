"""`make evidence-load`: what loading takes: memory by format for files of growing size, and rows a second.

Each file is loaded in a process of its own. Peaks must not grow with the file: all formats are read in chunks; of the
episodes of an SSDA903 return some bytes a row are kept. Beside it stands what `targeting bench load` measures, DuckDB
reading the same files. Writes `docs/evidence/load.json`, and fails where a row is neither accepted nor quarantined.
`--only FORMAT` measures one format anew and keeps what was measured of the others, each with its date.
"""

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pyarrow.csv
import pyarrow.parquet
from benchmarks import load as load_bench
from benchmarks.formats import FOLDER, source
from benchmarks.peak_memory import peak_mib

from targeting.commands.clock import today
from targeting.commands.console import out, table
from targeting.errors import DataError
from targeting.records.contract import contract
from targeting.sources.definition import AnnexA, AnyExtract, CinCensus, Extract, FactFields, Ssda903, column
from targeting.sources.loading import load

EVIDENCE = Path(__file__).parents[1] / "docs" / "evidence" / "load.json"
END = date(2025, 3, 31)
SEED = 1
# With a column of notes that nothing is mapped to, as case systems export them: two gigabytes.
WIDE = "mapped CSV with notes"
# Rows of a mapped file, children of a census, episodes of a return, rows of a workbook's list.
SIZES: Mapping[str, tuple[int, ...]] = {
    "mapped CSV": (100_000, 400_000, 1_600_000, 6_400_000),
    WIDE: (6_400_000,),
    "Parquet": (100_000, 400_000, 1_600_000),
    "CIN Census": (5_000, 20_000, 80_000),
    "SSDA903": (50_000, 200_000, 1_000_000),
    "Annex A": (10_000, 40_000, 160_000),
}
INCIDENTS = Extract(
    file="x*",
    facts=(
        FactFields(
            kind="domestic_abuse_incident",
            person="person",
            event_date=column("happened"),
            knowledge_date=column("recorded"),
            values={"grade": column("grade"), "child_present": column("child")},
            record_key=("incident",),
        ),
    ),
)
EXTRACTS: Mapping[str, AnyExtract] = {
    "mapped CSV": INCIDENTS,
    WIDE: INCIDENTS,
    "Parquet": INCIDENTS,
    "CIN Census": CinCensus(file="x*"),
    "SSDA903": Ssda903(file="x*", year=2025),
    "Annex A": AnnexA(file="x*"),
}
DAYS = [END - timedelta(days=days) for days in range(364)]


# Quoted, with the delimiter and a line end in it.
NOTES = (
    ',"Attended at the request of a neighbour, spoke to both,\nand ' + "left words of advice; " * 10 + 'no more to do."'
)


def _csv(folder: Path, rows: int, notes: str = "") -> Path:
    drawn, path = random.Random(SEED), folder / "x.csv"  # noqa: S311 - not a secret.
    with path.open("w", encoding="utf-8") as file:
        file.write("incident,person,happened,recorded,grade,child" + (",notes" if notes else "") + "\n")
        for number in range(rows):
            happened = drawn.randrange(1, 364)
            person, grade = drawn.randrange(400_000), ("high", "medium", "standard")[number % 3]
            file.write(f"I{number},P{person},{DAYS[happened]},{DAYS[happened - 1]},{grade},y{notes}\n")
    return path


def _wide_csv(folder: Path, rows: int) -> Path:
    return _csv(folder, rows, NOTES)


def _parquet(folder: Path, rows: int) -> Path:
    made = _csv(folder, rows)
    pyarrow.parquet.write_table(pyarrow.csv.read_csv(made), folder / "x.parquet")
    made.unlink()
    return folder / "x.parquet"


CENSUS_HEAD = (
    "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2025</Year>"
    f"<ReferenceDate>{END}</ReferenceDate></CollectionDetails></Header><Children>\n"
)
CENSUS_CHILD = """<Child><ChildIdentifiers><LAchildID>c{child}</LAchildID><PersonBirthDate>2015-03-27</PersonBirthDate>
<Sex>F</Sex></ChildIdentifiers><ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics><CINdetails>
<CINreferralDate>{day}</CINreferralDate><ReferralSource>6</ReferralSource><PrimaryNeedCode>N1</PrimaryNeedCode>
<Assessments><AssessmentActualStartDate>{day}</AssessmentActualStartDate>
<AssessmentAuthorisationDate>{day}</AssessmentAuthorisationDate><FactorsIdentifiedAtAssessment>
<AssessmentFactors>3B</AssessmentFactors><AssessmentFactors>4B</AssessmentFactors></FactorsIdentifiedAtAssessment>
</Assessments><ReferralNFA>false</ReferralNFA></CINdetails></Child>
"""


def _census(folder: Path, children: int) -> Path:
    path = folder / "x.xml"
    with path.open("w", encoding="utf-8") as file:
        file.write(CENSUS_HEAD)
        for number in range(children):
            file.write(CENSUS_CHILD.format(child=number, day=DAYS[number % 364]))
        file.write("</Children></Message>\n")
    return path


def _episodes(folder: Path, rows: int) -> Path:
    names = ("CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC", "REASON_PLACE_CHANGE")
    path = folder / "x.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join((*names, "HOME_POST", "PL_POST", "URN")) + "\n")
        for number in range(rows):
            begun, ended = DAYS[number % 180 + 180], DAYS[number % 180]
            file.write(f"c{number // 2},{begun:%d/%m/%Y},S,C2,N1,U1,PR4,{ended:%d/%m/%Y},E13,,BD1 1AA,BD1 1AA,\n")
    return path


def _workbook(folder: Path, rows: int) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("List 1")
    sheet.append(
        ["Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age", "Date of Contact", "Contact Source"]
    )
    for number in range(rows):
        day = f"{DAYS[number % 364]:%d/%m/%Y}"
        sheet.append([f"c{number}", "b) Female", "a) WBRI", "27/03/2015", 10, day, "6: Police"])
    book.save(folder / "x.xlsx")
    return folder / "x.xlsx"


MAKERS: Mapping[str, Callable[[Path, int], Path]] = {
    "mapped CSV": _csv,
    WIDE: _wide_csv,
    "Parquet": _parquet,
    "CIN Census": _census,
    "SSDA903": _episodes,
    "Annex A": _workbook,
}


def measured(name: str, size: int) -> dict[str, Any]:
    """Return what loading one file of so many rows took; the child process says how much memory it had before."""
    with TemporaryDirectory() as place:
        extracts = Path(place) / "extracts"
        (extracts / FOLDER).mkdir(parents=True)
        (extracts / FOLDER / "delivery.toml").write_text(f"extracted_on = {END}\n", encoding="utf-8")
        path = MAKERS[name](extracts / FOLDER, size)
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.load_memory", "--load", name, place]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return {"format": name, "mebibytes": round(path.stat().st_size / (1 << 20), 1), **found}


def _load(name: str, place: Path) -> dict[str, Any]:
    """Load the one delivery below `place`, in this process, and return what it took."""
    before, started = round(peak_mib()), time.process_time()
    counts, refused = dict.fromkeys(("rows", "accepted", "quarantined"), 0), ""
    try:
        report = load(
            place / "extracts",
            data=place / "var",
            sources=[source(EXTRACTS[name])],
            contract=contract(),
            identity_key=bytes(32),
        )
        counts = {name: sum(getattr(file, name) for file in report.files) for name in counts}
    except DataError as error:
        refused = str(error)
    spent = time.process_time() - started
    return {
        **counts,
        "rows_a_processor_second": round(counts["rows"] / spent),
        "peak_mib_before": before,
        "peak_mib": round(peak_mib()),
        "refused": refused,
    }


def _measurements(formats: Sequence[str]) -> Iterator[dict[str, Any]]:
    for name in formats:
        for size in SIZES[name]:
            found = {**measured(name, size), "date": today().isoformat()}
            out.print(f"{name}: {found['mebibytes']} MiB, {found['rows']:,} rows, peak {found['peak_mib']} MiB")
            yield found


def _beside_duckdb(scale: str) -> Iterator[dict[str, Any]]:
    """Yield what each subject of `targeting bench load` took in each of its cases."""
    for case, found in load_bench.measured(scale, Path(__file__).parents[1]):
        for subject, rounds in found.items():
            took = {name: round(value, 1) for name, value in rounds[0].items()}
            yield {"case": case, "subject": subject, "rows_a_second": round(took["rows"] / took["seconds"]), **took}


def main() -> int:
    """Measure, show and write; 1 where a row is lost. With `--load`, load one file for the process that asked."""
    parser = argparse.ArgumentParser(description="What loading takes, by format and size.")
    parser.add_argument("--load", nargs=2, metavar=("FORMAT", "PLACE"))
    parser.add_argument("--only", choices=sorted(SIZES), help="the one format to measure anew")
    parser.add_argument("--scale", choices=sorted(load_bench.FAMILIES), default="small", help="of `bench load`")
    given = parser.parse_args()
    if given.load:
        sys.stdout.write(json.dumps(_load(given.load[0], Path(given.load[1]))) + "\n")
        return 0
    found = list(_measurements([given.only] if given.only else list(SIZES)))
    beside = [] if given.only else list(_beside_duckdb(given.scale))
    out.print(table("Loading by size of file", tuple(found[0]), [tuple(one.values()) for one in found]))
    out.print(table("Beside DuckDB", ("case", "subject", "rows/s"), [tuple(one.values())[:3] for one in beside]))
    whole = _with_others(given.only, found) if given.only else _evidence(found, beside)
    EVIDENCE.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    counted = [*found, *(one for one in beside if one["subject"] == load_bench.TARGETING)]
    return int(any(one["rows"] != one["accepted"] + one["quarantined"] for one in counted))


def _with_others(name: str, found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the evidence as it stands, with what was found of one format in place of what was held of it."""
    held: dict[str, Any] = json.loads(EVIDENCE.read_text(encoding="utf-8"))
    others = [each for each in held["files"] if each["format"] != name]
    order = list(SIZES)
    return held | {"files": sorted([*others, *found], key=lambda each: order.index(each["format"]))}


def _evidence(files: Sequence[dict[str, Any]], beside: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "command": "make evidence-load",
        "date": today().isoformat(),
        "data": "files made here, of no place and nobody",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        # Above the number of cores others were at work too: processor seconds say more than seconds.
        "load_average": round(os.getloadavg()[2], 1),
        "versions": {name: version(name) for name in ("targeting", "duckdb", "pyarrow", "openpyxl")},
        "files": files,
        "beside_duckdb": beside,
    }


if __name__ == "__main__":
    sys.exit(main())
