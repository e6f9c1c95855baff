"""`make evidence-linkage`: how well records become people and people families, for whom worse, and beside the peers.

Writes `docs/evidence/linkage.json`: all of it, or the part that is named (`quality`, `speed`). Synthetic districts of
three seeds, their truth sealed until here; files that others labelled, where TARGETING_REFERENCE_DATA is set; careless
copies, on which the constraints were developed; half a million person records, timed. The districts say nothing about
Bradford.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from targeting.commands.clock import today
from targeting.commands.console import Advance, out, step, table
from targeting.linkage.contradictions import FAR_APART, OTHER_NAMES
from targeting.linkage.definition import Linkage
from targeting.linkage.labelled import LabelledRecords, columns_of_text, labels, read_labelled
from targeting.linkage.quality import LinkQuality, Pairs, measure_quality
from targeting.project.loading import load_project
from targeting.project.project import Project
from targeting.synthetic.synthesis import synthesise

from .district_truth import District, linked_district
from .link_fairness import gaps
from .link_quality import CHECKOUT, F1_OF_GUIDE, FOLDER, RATES, compared, reference_data
from .linkage import run as link_half_a_million
from .rough_copies import TYPED_REGISTER, WEB_CONTACTS, as_contacts, people_of, write_copies

EVIDENCE = CHECKOUT / "docs" / "evidence" / "linkage.json"
SEEDS, FAMILIES = (4, 5, 6), 5_000
AIM = {"precision": 0.995, "recall": 0.97}
# What untuned Splink was measured at elsewhere; it runs beside ours here too.
SPLINK_ON_FAKE_1000 = 0.82
SETTINGS = (
    "Parameters are rounded from synthetic districts of seeds 11 and 12; thresholds, blocking and constraints were "
    "chosen on those, on their careless copies, and on the district of seed 1. The districts here were measured once "
    "before; the blocking rule of a dwelling with an initial was then added for what seeds 11 and 12 missed, and "
    "raised recall here from .9935-.9945 to .9940-.9951. Of emails, towns and names beyond the district's, general "
    "knowledge was declared. What is missed on the labelled files was seen while constraints and blocking rules were "
    "written; no probability or threshold was fitted to them. Last came the rule that a spelling which no other record "
    "bears is a slip of the key and no twin's name: written from what is known of names, with no figure to fit."
)
TOLD = (
    "Families are found from what agencies say of who belongs together. `families_that_agencies_tell_of` leaves out "
    "pairs of whom no agency ever said so, nor of anybody of their family between them: an address alone makes no "
    "family, so that these are not to be found. Most are parents who live apart from their children, and partners "
    "whom no form names."
)
SPEED = (
    "A synthetic district of 31,200 families, seed 1. Each subject ran in a process of its own; the machine had other "
    "work too, so that processor seconds say more than seconds."
)
GAPS = (
    "Each gap has an interval of 95 % of its own: of those that are not there, one in twenty is told by chance. The "
    "districts' groups differ by names, moves and family size as the generator has them, and in nothing else."
)


def main(parts: Sequence[str]) -> int:
    """Measure the named parts, or all, print and write them; return 1 where the aim is missed or a peer not beaten."""
    if not set(parts) <= PARTS.keys():
        out.print(f"No part is named so. Those that are: {', '.join(PARTS)}")
        return 2
    faults: list[str] = []
    for part in parts or PARTS:
        started = time.perf_counter()
        found = PARTS[part]()
        found["seconds"] = round(time.perf_counter() - started)
        written = json.loads(EVIDENCE.read_text(encoding="utf-8")) if EVIDENCE.exists() else {}
        EVIDENCE.write_text(json.dumps({**written, part: found}, indent=1) + "\n", encoding="utf-8")
        faults += _faults(found) if part == "quality" else ()
    for fault in faults:
        out.print(fault)
    return 1 if faults else 0


def _measured(what: str) -> dict[str, Any]:
    """Return when, where and with what something is measured."""
    return {
        "command": f"python -m benchmarks.link_evidence {what}",
        "date": today().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("targeting", "splink", "duckdb")},
    }


def _quality() -> dict[str, Any]:
    project = load_project(CHECKOUT, on=today())
    with step("Files that others labelled") as advance:
        files = _labelled_files(project.linkage, advance)
    with step("Careless copies"):
        copies = _careless_copies(project.linkage)
    with TemporaryDirectory() as folder, step("Synthetic districts") as advance:
        districts = list(_districts(project, Path(folder), advance))
    found = {
        **_measured("quality"),
        "data": f"synthetic districts of {FAMILIES:,} families, seeds {SEEDS}; they say nothing about Bradford",
        "how_the_settings_were_fixed": SETTINGS,
        "labelled_files": files,
        "careless_copies": copies,
        "districts": {str(each.seed): each.quality() for each in districts},
        "what_agencies_tell": TOLD,
        "how_gaps_are_told": GAPS,
        "gaps_between_groups": gaps(districts),
    }
    _show(found)
    return found


def _speed() -> dict[str, Any]:
    with step("Half a million person records") as advance:
        rows = link_half_a_million("full", None, advance)
    return {**_measured("speed"), "data": SPEED, "rows": [asdict(row) for row in rows]}


PARTS: Mapping[str, Callable[[], dict[str, Any]]] = {"quality": _quality, "speed": _speed}


def _labelled_files(linkage: Linkage, progress: Advance) -> dict[str, Any]:
    if FOLDER not in os.environ:
        out.print(f"{FOLDER} is not set: the files that others labelled are left out.")
        return {}
    found = {}
    for each in compared(reference_data(), linkage, progress):
        guide = {"recordlinkage_guide": {"f1": F1_OF_GUIDE[each.name]}} if each.name in F1_OF_GUIDE else {}
        found[each.name] = _result(each.quality) | {"splink_untuned": _rates(each.splink)} | guide
    return found


def _result(quality: LinkQuality) -> dict[str, Any]:
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
    unlike, apart = (quality.contradictions.get(name, 0) for name in (OTHER_NAMES, FAR_APART))
    bare = quality.missed.get("agree on fewer than two things", 0)
    return (
        f"Of {quality.pairs.true:,} true pairs {kept:,} are kept apart because they contradict each other as two "
        f"persons' records do: {unlike:,} have given names of which more than half differs, as twins have, {apart:,} "
        f"births as far apart as a parent's and a child's or wrong in every part. {bare:,} agree on fewer than two "
        "things, so that nothing tells whose they are."
    )


def _rates(pairs: Pairs) -> dict[str, float]:
    return {name: round(getattr(pairs, name), 4) for name in RATES}


def _careless_copies(linkage: Linkage) -> dict[str, Any]:
    found = {}
    with TemporaryDirectory() as folder:
        extracts, path = Path(folder) / "extracts", Path(folder) / "copies.csv"
        synthesise(extracts, families=1_500, seed=11)
        people = people_of(extracts, 700)
        rng = np.random.default_rng(11)
        kinds = {
            "a register typed by hand": (people, TYPED_REGISTER, 3),
            "contacts left on web sites": (as_contacts(people[::3], 11), WEB_CONTACTS, 6),
        }
        for name, (rows, how, most) in kinds.items():
            write_copies(rows, path, how, copies=lambda most=most: int(rng.integers(most)), seed=11)
            found[name] = _result(measure_quality(_read_copies(path, list(rows[0])), linkage))
    return found


def _read_copies(path: Path, columns: list[str]) -> LabelledRecords:
    ours = ",".join(f"{column}={column}" for column in columns if column != "person")
    return read_labelled([path], columns_of_text(ours), labels("person", None))


def _districts(project: Project, folder: Path, progress: Advance) -> Iterator[District]:
    for number, seed in enumerate(SEEDS):
        progress(f"seed {seed}", number, len(SEEDS))
        yield linked_district(project, folder / str(seed), families=FAMILIES, seed=seed)
    progress("done", len(SEEDS), len(SEEDS))


def _faults(found: Mapping[str, Any]) -> Iterator[str]:
    for seed, district in found["districts"].items():
        for measure, least in AIM.items():
            if district["people"][measure] < least:
                yield f"Seed {seed}: {measure} of people {district['people'][measure]} is below {least}."
    for name, file in found["labelled_files"].items():
        if name in F1_OF_GUIDE and file["ours"]["f1"] <= F1_OF_GUIDE[name]:
            yield f"{name}: F {file['ours']['f1']} does not beat the recordlinkage guide's {F1_OF_GUIDE[name]}."
    fake = found["labelled_files"].get("fake_1000")
    if fake and fake["ours"]["f1"] <= max(fake["splink_untuned"]["f1"], SPLINK_ON_FAKE_1000):
        yield f"fake_1000: F {fake['ours']['f1']} does not beat untuned Splink."


def _show(found: Mapping[str, Any]) -> None:
    subjects = ("ours", "ours_by_weights_alone", "splink_untuned", "recordlinkage_guide")
    rows = [
        (name, subject.replace("_", " "), *(file[subject].get(rate, "") for rate in RATES))
        for name, file in found["labelled_files"].items()
        for subject in subjects
        if subject in file
    ]
    out.print(table("Files that others labelled", ("file", "linked by", "precision", "recall", "F1"), rows))
    rows = [
        (seed, what.replace("_", " "), *(each[what].get(rate, "") for rate in ("precision", "recall", "pairs")))
        for seed, each in found["districts"].items()
        for what in ("people", "families", "families_that_agencies_tell_of")
    ]
    out.print(table("Synthetic districts", ("seed", "pairs of", "precision", "recall", "true pairs"), rows))
    looked_at = [each for each in found["gaps_between_groups"] if each["gap_to_reference"] is not None]
    told = [each for each in looked_at if each["gap_is_told"]]
    rows = [(each["measure"], each["attribute"], each["group"], each["said"]) for each in told]
    title = f"Gaps between groups that can be told, {len(told)} of {len(looked_at)} looked at"
    out.print(table(title, ("measure", "attribute", "group", "what is found"), rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
