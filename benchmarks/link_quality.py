"""`targeting bench link_quality`: files that others labelled, linked by this district's declaration and by others.

FEBRL 1 and 4 without their social security numbers, and fake_1000, from the folder TARGETING_REFERENCE_DATA. Beside
ours: Splink, trained on the file itself and otherwise untuned; what the guide of the recordlinkage toolkit prints of
its own run on FEBRL; and what our weights would join if nothing were refused.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from targeting.commands.bench import OURS, Row, Scale
from targeting.commands.clock import today
from targeting.commands.console import Advance
from targeting.errors import TargetingError
from targeting.linkage.definition import Linkage
from targeting.linkage.labelled import LabelledRecords, columns_of_text, labels, read_labelled
from targeting.linkage.quality import LinkQuality, Pairs, measure_quality, pairs_of
from targeting.project.loading import load_project

from .untuned_splink import persons_by_splink

CHECKOUT = Path(__file__).parents[1]
FOLDER = "TARGETING_REFERENCE_DATA"
RATES = ("precision", "recall", "f1")
SPLINK, GUIDE, BY_WEIGHTS = "Splink, untuned", "the recordlinkage guide", "our weights, nothing refused"
# What the guide of the recordlinkage toolkit reaches, by its own pages.
F1_OF_GUIDE = {"FEBRL 1": 0.776, "FEBRL 4": 0.787}
BLOCKING = (("given_name",), ("family_name",), ("date_of_birth",), ("postcode",), ("email",))
COMPARED = ("given_name", "family_name", "date_of_birth", "house_number", "street", "locality", "postcode", "email")


@dataclass(frozen=True)
class LabelledFile:
    """Files, under which names they have our columns, and where their truth stands."""

    names: tuple[str, ...]
    columns: str
    truth: str
    pattern: str | None = None

    def read(self, folder: Path) -> LabelledRecords:
        """Return its records."""
        paths = [folder / "linkage" / f"{name}.csv" for name in self.names]
        return read_labelled(paths, columns_of_text(self.columns), labels(self.truth, self.pattern))


FEBRL = (
    "given_name=given_name,family_name=surname,date_of_birth=date_of_birth,house_number=street_number,"
    "address=address_1,locality=suburb,postcode=postcode"
)
FAKE = "given_name=first_name,family_name=surname,date_of_birth=dob,locality=city,email=email"
FILES: Mapping[str, LabelledFile] = {
    "FEBRL 1": LabelledFile(("dataset1",), FEBRL, "rec_id", r"rec-(\d+)-"),
    "FEBRL 4": LabelledFile(("dataset4a", "dataset4b"), FEBRL, "rec_id", r"rec-(\d+)-"),
    "fake_1000": LabelledFile(("fake_1000",), FAKE, "cluster"),
}


@dataclass(frozen=True)
class Compared:
    """How ours did on one file, and Splink."""

    name: str
    quality: LinkQuality
    splink: Pairs


def run(scale: Scale, project: Path | None, progress: Advance) -> list[Row]:  # noqa: ARG001 - the files are what they are.
    """Return precision, recall and F1 on each file, of ours and of the others.

    Raises TargetingError where the folder of reference data is not named.
    """
    linkage = load_project(project or CHECKOUT, on=today()).linkage
    return [row for each in compared(reference_data(), linkage, progress) for row in _rows(each)]


def reference_data() -> Path:
    """Return the folder of data written by others. Raises TargetingError where it is not named."""
    folder = os.environ.get(FOLDER)
    if folder is None:
        raise TargetingError(f"{FOLDER} is not set; docs/reference-data.md says where anyone gets the files.")
    return Path(folder)


def compared(folder: Path, linkage: Linkage, progress: Advance) -> Iterator[Compared]:
    """Return, for each file, what ours and Splink join."""
    for number, (name, file) in enumerate(FILES.items()):
        progress(name, number, len(FILES))
        labelled = file.read(folder)
        yield Compared(name, measure_quality(labelled, linkage), _by_splink(labelled))
    progress("done", len(FILES), len(FILES))


def _by_splink(labelled: LabelledRecords) -> Pairs:
    frame = labelled.records.select(list(COMPARED)).to_pandas()
    frame["date_of_birth"] = frame["date_of_birth"].map(str, na_action="ignore")
    frame = frame.astype(object).where(frame.notna(), None)
    person = np.unique(persons_by_splink(frame, blocking=BLOCKING).to_numpy(), return_inverse=True)[1]
    return pairs_of(person, labelled.truth, labelled.file)


def _rows(each: Compared) -> Iterator[Row]:
    found = {OURS: each.quality.pairs, SPLINK: each.splink, BY_WEIGHTS: each.quality.by_weights_alone}
    case = f"{each.name}, {each.quality.records:,} records"
    for rate in RATES:
        unit = rate.replace("f1", "F1")
        for subject, pairs in found.items():
            yield Row("link_quality", case, subject, round(getattr(pairs, rate), 4), unit)
        if rate == "f1" and each.name in F1_OF_GUIDE:
            yield Row("link_quality", case, GUIDE, F1_OF_GUIDE[each.name], unit)
