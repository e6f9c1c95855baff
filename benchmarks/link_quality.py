"""`make evidence-linkage`: how well records become people and people families, for whom worse, and beside the peers.

Writes `docs/evidence/linkage.json`. Synthetic districts of three seeds, their truth sealed until here; files that
others labelled, where TARGETING_REFERENCE_DATA is set; careless copies, on which the constraints were developed. The
districts say nothing about Bradford.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from district_truth import District, linked_district
from link_fairness import gaps
from rough_copies import TYPED_REGISTER, WEB_CONTACTS, as_contacts, people_of, write_copies
from untuned_splink import persons_by_splink

from targeting.commands.clock import today
from targeting.commands.console import out, step, table
from targeting.linkage.labelled import LabelledRecords, columns_of_text, labels, read_labelled
from targeting.linkage.quality import LinkQuality, Pairs, measure_quality, pairs_of
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.synthetic.synthesis import synthesise

ROOT = Path(__file__).parents[1]
EVIDENCE = ROOT / "docs" / "evidence" / "linkage.json"
SEEDS, FAMILIES = (1, 2, 3), 10_000
AIM = {"precision": 0.995, "recall": 0.97}
# What the guide of the recordlinkage toolkit reaches on FEBRL 1 and 4, by its own pages.
GUIDE = {"FEBRL 1": 0.776, "FEBRL 4": 0.787}
FEBRL = (
    "given_name=given_name,family_name=surname,date_of_birth=date_of_birth,house_number=street_number,"
    "address=address_1,locality=suburb,postcode=postcode"
)
FAKE = "given_name=first_name,family_name=surname,date_of_birth=dob,locality=city,email=email"
FILES = {
    "FEBRL 1": (("dataset1",), FEBRL, ("rec_id", r"rec-(\d+)-")),
    "FEBRL 4": (("dataset4a", "dataset4b"), FEBRL, ("rec_id", r"rec-(\d+)-")),
    "fake_1000": (("fake_1000",), FAKE, ("cluster", None)),
}
BLOCKING = (("given_name",), ("family_name",), ("date_of_birth",), ("postcode",), ("email",))


def main() -> int:
    """Measure everything, print it, write the evidence; return 1 where the aim is missed or a peer not beaten."""
    project = load_project(ROOT, on=today())
    started = time.perf_counter()
    files = _labelled_files(project)
    rough = _careless_copies(project)
    with TemporaryDirectory() as folder:
        districts = [_district(project, Path(folder), seed) for seed in SEEDS]
    found = {
        "command": "make evidence-linkage",
        "date": today().isoformat(),
        "data": f"synthetic districts of {FAMILIES:,} families, seeds {SEEDS}; they say nothing about Bradford",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "splink", "duckdb")},
        "seconds": round(time.perf_counter() - started),
        "how_the_settings_were_fixed": (
            "Parameters are rounded from synthetic districts of seeds 11 and 12; thresholds, blocking and constraints "
            "were chosen on those, on their careless copies, and on the district of seed 1; seeds 2 and 3 confirm. Of "
            "emails, towns and names beyond the district's, general knowledge was declared. What is missed on the "
            "labelled files was seen while constraints and blocking rules were written; no probability or threshold "
            "was fitted to them."
        ),
        "labelled_files": files,
        "careless_copies": rough,
        "districts": {str(each.seed): each.quality() for each in districts},
        "gaps_between_groups": gaps(districts),
    }
    EVIDENCE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    _show(found)
    faults = list(_faults(found))
    for fault in faults:
        out.print(fault)
    return 1 if faults else 0


def _labelled_files(project: Project) -> dict[str, Any]:
    folder = os.environ.get("TARGETING_REFERENCE_DATA")
    if folder is None:
        out.print("TARGETING_REFERENCE_DATA is not set: the files that others labelled are left out.")
        return {}
    found = {}
    for name, (files, columns, (column, pattern)) in FILES.items():
        paths = [Path(folder) / "linkage" / f"{file}.csv" for file in files]
        with step(name):
            labelled = read_labelled(paths, columns_of_text(columns), labels(column, pattern))
            found[name] = _measured(labelled, project) | _beside(name, labelled)
    return found


def _measured(labelled: LabelledRecords, project: Project) -> dict[str, Any]:
    quality = measure_quality(labelled, project.linkage)
    return {
        "records": quality.records,
        "ours": _rates(quality.pairs),
        "ours_by_weights_alone": _rates(quality.by_weights_alone),
        "missed": dict(quality.missed),
        "contradictions": dict(quality.contradictions),
        "limited_by": _limits(quality),
    }


def _limits(quality: LinkQuality) -> str:
    """Return what the missed pairs come to, in words."""
    kept = quality.missed.get("contradict each other", 0)
    bare = quality.missed.get("agree on fewer than two things", 0)
    return (
        f"Of {quality.pairs.true:,} true pairs {kept:,} are kept apart because they contradict each other as two "
        f"persons' records do (twins, a parent of the same name); {bare:,} agree on fewer than two things, so that "
        "nothing tells whose they are."
    )


def _beside(name: str, labelled: LabelledRecords) -> dict[str, Any]:
    frame = labelled.records.select(
        ["given_name", "family_name", "date_of_birth", "house_number", "street", "locality", "postcode", "email"]
    ).to_pandas()
    frame["date_of_birth"] = frame["date_of_birth"].map(str, na_action="ignore")
    frame = frame.astype(object).where(frame.notna(), None)
    person = np.unique(persons_by_splink(frame, blocking=BLOCKING).to_numpy(), return_inverse=True)[1]
    peers = {"splink_untuned": _rates(pairs_of(person, labelled.truth, labelled.file))}
    return peers | ({"recordlinkage_guide": {"f1": GUIDE[name]}} if name in GUIDE else {})


def _rates(pairs: Pairs) -> dict[str, float]:
    return {name: round(getattr(pairs, name), 4) for name in ("precision", "recall", "f1")}


def _careless_copies(project: Project) -> dict[str, Any]:
    found = {}
    with TemporaryDirectory() as folder, step("Careless copies"):
        extracts = Path(folder) / "extracts"
        synthesise(extracts, families=1_500, seed=11)
        people = people_of(extracts, 700)
        rng = np.random.default_rng(11)
        kinds = {
            "a register typed by hand": (people, TYPED_REGISTER, 3),
            "contacts left on web sites": (as_contacts(people[::3], 11), WEB_CONTACTS, 6),
        }
        for name, (rows, how, most) in kinds.items():
            path = Path(folder) / "copies.csv"
            write_copies(rows, path, how, copies=lambda most=most: int(rng.integers(most)), seed=11)
            ours = ",".join(f"{column}={column}" for column in rows[0] if column != "person")
            found[name] = _measured(read_labelled([path], columns_of_text(ours), labels("person", None)), project)
    return found


def _district(project: Project, folder: Path, seed: int) -> District:
    with step(f"District of seed {seed}"):
        return linked_district(project, folder / str(seed), families=FAMILIES, seed=seed)


def _faults(found: Mapping[str, Any]) -> Any:
    for seed, district in found["districts"].items():
        for measure, least in AIM.items():
            if district["people"][measure] < least:
                yield f"Seed {seed}: {measure} of people {district['people'][measure]} is below {least}."
    for name, file in found["labelled_files"].items():
        if name in GUIDE and file["ours"]["f1"] <= GUIDE[name]:
            yield f"{name}: F {file['ours']['f1']} does not beat the recordlinkage guide's {GUIDE[name]}."
    fake = found["labelled_files"].get("fake_1000")
    if fake and fake["ours"]["f1"] <= max(fake["splink_untuned"]["f1"], 0.82):
        yield f"fake_1000: F {fake['ours']['f1']} does not beat untuned Splink."


def _show(found: Mapping[str, Any]) -> None:
    rows = []
    for name, file in found["labelled_files"].items():
        for subject in ("ours", "ours_by_weights_alone", "splink_untuned", "recordlinkage_guide"):
            if subject in file:
                rates = file[subject]
                rows.append(
                    (name, subject.replace("_", " "), *(rates.get(r, "") for r in ("precision", "recall", "f1")))
                )
    out.print(table("Files that others labelled", ("file", "linked by", "precision", "recall", "F1"), rows))
    rows = [
        (seed, what, *(each[what][rate] for rate in ("precision", "recall", "pairs")))
        for seed, each in found["districts"].items()
        for what in ("people", "families")
    ]
    out.print(table("Synthetic districts", ("seed", "pairs of", "precision", "recall", "true pairs"), rows))
    told = [each for each in found["gaps_between_groups"] if each["gap_is_told"]]
    rows = [(each["measure"], each["attribute"], each["group"], each["said"]) for each in told]
    out.print(table("Gaps between groups that can be told", ("measure", "attribute", "group", "what is found"), rows))


if __name__ == "__main__":
    sys.exit(main())
