"""`targeting bench linkage`: person records of a synthetic district linked, beside Splink: time, memory, mistakes.

Each subject runs in a process of its own, so that its memory is its own. Processor seconds are told beside those of
the clock, for others may use the machine:

- targeting, records into persons: every version of each record compared, contradictions refused, persons dated;
- Splink, untuned: the last version of each record, its own comparisons, estimation and clusters, undated;
- targeting, whole: persons, families for every date, and the generation written with all facts under its persons.

Pairs of records missed and wrongly joined are counted against the district's truth.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from targeting.commands.bench import OURS, Row, Scale
from targeting.commands.clock import today
from targeting.commands.console import Advance
from targeting.linkage.quality import Pairs, pairs_of
from targeting.project.loading import load_project
from targeting.sources.loading import load
from targeting.synthetic.synthesis import synthesise

from .district_truth import KEY, true_persons

CHECKOUT = Path(__file__).parents[1]
# About sixteen person records a family.
FAMILIES: Mapping[Scale, int] = {"small": 800, "full": 31_200}
SEED, END = 1, date(2026, 3, 29)
PEER, WHOLE = "Splink, untuned and undated", "whole"

HEAD = """
import json, sys, time
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
root, data, here, out = map(Path, sys.argv[1:5])
sys.path.append(str(here.parent))
from benchmarks.peak_memory import peak_mib
project = load_project(root, on=date.fromisoformat(sys.argv[5]))
key, columns = bytes(32), ["record_id", "person"]
"""
TAIL = """
print(json.dumps({
    "seconds": seconds, "processor_seconds": processor_seconds, "records": records,
    "peak_mib": peak_mib(),
}))
"""
PERSONS = """
identities = Identities(data, key).read()
with open_staging(data) as staging, closing(duckdb.connect(config=IN_MEMORY)) as connection:
    started, begun = time.perf_counter(), time.process_time()
    versions_of(connection, staging, identities, project.linkage)
    joined = join_records(connection, project.linkage)
    seconds, processor_seconds = time.perf_counter() - started, time.process_time() - begun
    held = joined.assignments.to_pandas().drop_duplicates("record", keep="last")
    ids = connection.table("records").order("record").df()["record_id"]
held.assign(record_id=ids.take(held["record"]).to_numpy())[columns].to_parquet(out)
records = len(ids)
"""
SPLINK = """
sys.path.insert(0, str(here))
from untuned_splink import persons_by_splink
fields = "given_name family_name date_of_birth sex postcode nhs_number".split()
frame = Identities(data, key).read().select(["record_id", "known_from", *fields]).to_pandas()
frame = frame.sort_values("known_from").groupby("record_id").last()[fields]
frame["date_of_birth"] = frame["date_of_birth"].map(str, na_action="ignore")
frame = frame.astype(object).where(frame.notna(), None).reset_index()
blocking = (("nhs_number",), ("date_of_birth", "given_name"), ("date_of_birth", "family_name"),
            ("given_name", "family_name", "postcode"), ("date_of_birth", "postcode"))
started, begun = time.perf_counter(), time.process_time()
found = persons_by_splink(frame, blocking=blocking)
seconds, processor_seconds = time.perf_counter() - started, time.process_time() - begun
frame.assign(person=found)[columns].to_parquet(out)
records = len(frame)
"""
LINK = """
started, begun = time.perf_counter(), time.process_time()
report = link(
    data=data, linkage=project.linkage, sources=project.sources, contract=project.contract, identity_key=key
)
seconds, processor_seconds = time.perf_counter() - started, time.process_time() - begun
records = report.person_records
"""
SUBJECTS = {OURS: PERSONS, PEER: SPLINK, WHOLE: LINK}


@dataclass(frozen=True)
class Linked:
    """How one subject went; the pairs of records that it joined, None where only time is measured."""

    seconds: float
    processor_seconds: float
    records: int
    peak_mib: float
    pairs: Pairs | None


def run(scale: Scale, project: Path | None, progress: Advance) -> list[Row]:
    """Return seconds, peak memory, and pairs of records missed and wrongly joined; the district is made first."""
    root = project or CHECKOUT
    with TemporaryDirectory() as folder:
        progress("making and loading a district", 0, len(SUBJECTS) + 1)
        _loaded(root, Path(folder), FAMILIES[scale])
        truth = true_persons(Path(folder) / "extracts" / "truth")
        found = {}
        for number, (subject, script) in enumerate(SUBJECTS.items(), start=1):
            progress(subject, number, len(SUBJECTS) + 1)
            found[subject] = _linked(script, root, Path(folder), truth)
    progress("done", len(SUBJECTS) + 1, len(SUBJECTS) + 1)
    return list(_rows(found))


def _loaded(root: Path, folder: Path, families: int) -> None:
    project = load_project(root, on=today())
    extracts, data = folder / "extracts", folder / "data"
    synthesise(extracts, families=families, seed=SEED, end=END)
    load(extracts, data=data, sources=project.sources, contract=project.contract, identity_key=KEY)


def _linked(script: str, root: Path, folder: Path, truth: Mapping[str, int]) -> Linked:
    """Run one subject in a process of its own; it may write the person of each record."""
    written = folder / "persons.parquet"
    written.unlink(missing_ok=True)
    arguments = [str(root), str(folder / "data"), str(Path(__file__).parent), str(written), today().isoformat()]
    command = [sys.executable, "-W", "ignore", "-c", HEAD + script + TAIL, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    said = json.loads(done.stdout.strip().splitlines()[-1])
    pairs = _pairs(pd.read_parquet(written), truth) if written.exists() else None
    return Linked(
        seconds=float(said["seconds"]),
        processor_seconds=float(said["processor_seconds"]),
        records=int(said["records"]),
        peak_mib=float(said["peak_mib"]),
        pairs=pairs,
    )


def _pairs(persons: pd.DataFrame, truth: Mapping[str, int]) -> Pairs:
    found = pd.factorize(persons["person"])[0].astype(np.int64)
    true = persons["record_id"].map(truth).to_numpy(np.int64)
    return pairs_of(found, true, np.zeros(len(persons), np.int64))


def _rows(found: Mapping[str, Linked]) -> Iterator[Row]:
    for subject, linked in found.items():
        what = "whole: persons, families, generation" if subject == WHOLE else "into persons"
        case = f"{linked.records:,} person records, {what}"
        name = OURS if subject == WHOLE else subject
        yield Row("linkage", case, name, round(linked.seconds, 2), "s", round(linked.peak_mib))
        yield Row("linkage", case, name, round(linked.processor_seconds, 2), "processor s")
        if linked.pairs is not None:
            yield Row("linkage", case, name, linked.pairs.true - linked.pairs.right, "pairs missed")
            yield Row("linkage", case, name, linked.pairs.joined - linked.pairs.right, "pairs wrongly joined")
