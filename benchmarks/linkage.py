"""`targeting bench linkage`: person records of a synthetic district linked, time and peak memory, beside Splink.

Each subject runs in a process of its own, so that its memory is its own:

- targeting, records into persons: every version of each record compared, contradictions refused, persons dated;
- targeting, whole: the same, families for every date, and the generation written with all facts under its persons;
- Splink, untuned: the last version of each record, its own comparisons, estimation and clusters, undated.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from targeting.commands.clock import today
from targeting.commands.console import out, step, table
from targeting.project.loading import load_project
from targeting.sources.loading import load
from targeting.synthetic.synthesis import synthesise

if TYPE_CHECKING:
    from targeting.project.project import Project

Progress = Callable[[str, int, int], None]
Row = Mapping[str, object]

# About thirteen person records a family.
FAMILIES = {"small": 2_000, "full": 38_500}
SEED, END = 1, date(2026, 3, 29)

HEAD = """
import json, resource, sys, time
from contextlib import closing
from datetime import date
from pathlib import Path
import duckdb
from targeting.linkage.joining import join_records
from targeting.linkage.linking import link
from targeting.linkage.people import IN_MEMORY, versions_of
from targeting.project.loading import load_project
from targeting.store.identities import Identities
from targeting.store.staging import open_staging
root, data, here = map(Path, sys.argv[1:4])
project = load_project(root, on=date.fromisoformat(sys.argv[4]))
key = bytes(32)
"""
TAIL = """
print(json.dumps({
    "seconds": time.perf_counter() - started,
    "records": records,
    "persons": persons,
    "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""
PERSONS = """
identities = Identities(data, key).read()
with open_staging(data) as staging, closing(duckdb.connect(config=IN_MEMORY)) as connection:
    started = time.perf_counter()
    versions_of(connection, staging, identities, project.linkage)
    joined = join_records(connection, project.linkage)
    records = connection.sql("select count(*) from records").fetchall()[0][0]
    persons = len(set(joined.assignments["person"].to_pylist()))
"""
WHOLE = """
started = time.perf_counter()
report = link(
    data=data, linkage=project.linkage, sources=project.sources, contract=project.contract, identity_key=key
)
records, persons = report.person_records, report.persons
"""
SPLINK = """
sys.path.insert(0, str(here))
from untuned_splink import persons_by_splink
columns = "given_name family_name date_of_birth sex postcode nhs_number".split()
frame = Identities(data, key).read().select(["record_id", "known_from", *columns]).to_pandas()
frame = frame.sort_values("known_from").groupby("record_id").last()[columns]
frame["date_of_birth"] = frame["date_of_birth"].map(str, na_action="ignore")
frame = frame.astype(object).where(frame.notna(), None).reset_index(drop=True)
blocking = (("nhs_number",), ("date_of_birth", "given_name"), ("date_of_birth", "family_name"),
            ("given_name", "family_name", "postcode"), ("date_of_birth", "postcode"))
started = time.perf_counter()
found = persons_by_splink(frame, blocking=blocking)
records, persons = len(frame), found.nunique()
"""
SUBJECTS = {
    "targeting, records into persons": PERSONS,
    "targeting, whole": WHOLE,
    "Splink, untuned, undated": SPLINK,
}


def run(scale: str, project: "Project", progress: Progress | None = None) -> list[Row]:
    """Return the rows of the benchmark: seconds and peak memory, and Splink's time divided by ours."""
    told = progress or (lambda _what, _done, _total: None)
    with TemporaryDirectory() as folder:
        told("making and loading a district", 0, len(SUBJECTS) + 1)
        data = _loaded(scale, project, Path(folder))
        found = {}
        for number, (subject, script) in enumerate(SUBJECTS.items(), start=1):
            told(subject, number, len(SUBJECTS) + 1)
            found[subject] = _child(script, project, data)
    told("done", len(SUBJECTS) + 1, len(SUBJECTS) + 1)
    ours = found["targeting, records into persons"]["seconds"]
    case = f"{int(found['targeting, whole']['records']):,} person records"
    return [row for subject, each in found.items() for row in _rows(case, subject, each, ours)]


def _loaded(scale: str, project: "Project", folder: Path) -> Path:
    extracts = folder / "extracts"
    synthesise(extracts, families=FAMILIES[scale], seed=SEED, end=END)
    load(extracts, data=folder / "data", sources=project.sources, contract=project.contract, identity_key=bytes(32))
    return folder / "data"


def _child(script: str, project: "Project", data: Path) -> dict[str, float]:
    arguments = [str(project.root), str(data), str(Path(__file__).parent), END.isoformat()]
    command = [sys.executable, "-W", "ignore", "-c", HEAD + script + TAIL, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _rows(case: str, subject: str, each: Mapping[str, float], ours: float) -> list[Row]:
    is_peer = subject.startswith("Splink")
    seconds = {"value": round(each["seconds"], 2), "unit": "seconds", "ratio_to_ours": None}
    if is_peer:
        seconds["ratio_to_ours"] = round(each["seconds"] / ours, 2)
    persons = {"value": int(each["persons"]), "unit": "persons found", "ratio_to_ours": None}
    head = {"bench": "linkage", "case": case, "subject": subject}
    return [head | values | {"peak_mib": round(each["peak_mib"])} for values in (seconds, persons)]


def main() -> None:
    """Run it from the command line: `benchmarks/linkage.py --scale full`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", choices=FAMILIES, default="small")
    scale = parser.parse_args().scale
    with step("Linkage") as advance:
        rows = run(scale, load_project(Path(__file__).parents[1], on=today()), advance)
    columns = ("case", "subject", "value", "unit", "peak_mib", "ratio_to_ours")
    out.print(
        table("Linkage", columns, [tuple("" if row[name] is None else row[name] for name in columns) for row in rows])
    )


if __name__ == "__main__":
    main()
