"""A bundle: one trained model as files, with no code in it, named by what it holds.

`manifest.json` names every file with its SHA-256; the manifest's own SHA-256 is the bundle's digest, and its first
twelve characters are its version. Signatures lie beside in `signatures/`, outside the manifest that they sign.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from targeting.errors import TargetingError
from targeting.models.calibration import Calibrator, calibrator_from_json, calibrator_to_json
from targeting.models.estimator import Booster, Floats, booster_from_text, margins
from targeting.models.points import POINTS, PointsRule
from targeting.store.files import place_folder, private_folder

FORMAT = 1
MANIFEST = "manifest.json"
SIGNATURES = "signatures"
EVIDENCE = "evidence"
_BOOSTER, _CALIBRATOR, _PLAN = "booster.txt", "calibrator.json", "plan.json"
_AS_GOOD = "as_good"
_VERSION_LENGTH = 12
_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")


class BundleError(TargetingError):
    """A bundle that is incomplete, was changed after it was written, or cannot be read by this version."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a model comes from, all of it covered by the bundle's digest.

    `as_of_dates` are those it learnt from (ISO). `generation` and `data_digest` name the data. `declarations` is the
    SHA-256 of all declarations. A `synthetic` model says nothing about real families.
    """

    model: str
    title: str
    purpose: str
    forbidden_uses: tuple[str, ...]
    owner: str
    cohort: str
    outcome: str
    tier: str
    as_of_dates: tuple[str, ...]
    generation: str
    data_digest: str
    synthetic: bool
    declarations: str
    code_version: str
    trainer: str


@dataclass(frozen=True, kw_only=True)
class BundleContents:
    """What a bundle is written from. `evidence` maps plain file names (`metrics.json`) to their bytes.

    `as_good` are boosters as good in validation, for the range of a rank.
    """

    origin: Origin
    booster: Booster
    calibrator: Calibrator
    plan_json: str
    evidence: Mapping[str, bytes]
    as_good: tuple[Booster, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle read and checked: every file is as it was written."""

    folder: Path
    digest: str
    origin: Origin
    booster: Booster
    calibrator: Calibrator
    plan_json: str
    evidence: Mapping[str, bytes]
    as_good: tuple[Booster, ...] = ()

    @property
    def model(self) -> str:
        """Return the name of the model."""
        return self.origin.model

    @property
    def version(self) -> str:
        """Return the first characters of the digest, which name the bundle's folder."""
        return self.digest[:_VERSION_LENGTH]

    @property
    def points_rule(self) -> tuple[PointsRule, ...]:
        """Return the points rule that orders the list where this model may not; empty where none was declared."""
        return tuple(PointsRule(**line) for line in json.loads(self.evidence.get(POINTS, b"[]")))

    def margins(self, X: Floats, *, threads: int = 1) -> Floats:
        """Return margins of rows whose columns are in the plan's order."""
        return margins(self.booster, X, threads=threads)

    def margins_of_as_good(self, X: Floats, *, threads: int = 1) -> tuple[Floats, ...]:
        """Return the margins of rows by each of the boosters that were as good in validation."""
        return tuple(margins(each, X, threads=threads) for each in self.as_good)

    def probability(self, margins: Floats) -> Floats:
        """Return the calibrated probability of each margin."""
        return self.calibrator.probability(margins)

    def evidence_json(self, name: str) -> Any:
        """Return one JSON file of the evidence. Raises BundleError where there is none."""
        if name not in self.evidence:
            raise BundleError(f"Bundle {self.model} {self.version} holds no evidence/{name}.")
        return json.loads(self.evidence[name])


def write_bundle(folder: Path, contents: BundleContents) -> Bundle:
    """Write a bundle to `folder/VERSION` and return it read back; what lies there already, being equal, is kept.

    The folder appears whole or not at all.
    """
    files = _files(contents)
    manifest = _manifest(contents.origin, files)
    target = folder / sha256(manifest).hexdigest()[:_VERSION_LENGTH]
    if not target.exists():
        private_folder(folder)
        place_folder(target, lambda partial: _fill(partial, {**files, MANIFEST: manifest}))
    return read_bundle(target)


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def read_bundle(folder: Path) -> Bundle:
    """Return the bundle in `folder` after comparing every file with the manifest.

    Raises BundleError naming each file that is missing, was changed or does not belong.
    """
    manifest = _read_manifest(folder)
    text = (folder / MANIFEST).read_bytes()
    files = _checked_files(folder, manifest["files"])
    booster = booster_from_text(files[_BOOSTER].decode())
    return Bundle(
        folder=folder,
        digest=sha256(text).hexdigest(),
        origin=_origin(folder, manifest["origin"]),
        booster=booster,
        calibrator=calibrator_from_json(files[_CALIBRATOR].decode()),
        plan_json=files[_PLAN].decode(),
        evidence={name.removeprefix(f"{EVIDENCE}/"): held for name, held in files.items() if name.startswith(EVIDENCE)},
        as_good=tuple(booster_from_text(files[name].decode()) for name in sorted(files) if name.startswith(_AS_GOOD)),
    )


def _files(contents: BundleContents) -> dict[str, bytes]:
    for name in contents.evidence:
        if not _PLAIN_NAME.fullmatch(name):
            raise BundleError(
                f"'{name}' is no plain file name for evidence: lower-case letters, digits, dots, hyphens."
            )
    return {
        _BOOSTER: contents.booster.text.encode(),
        _CALIBRATOR: calibrator_to_json(contents.calibrator).encode(),
        _PLAN: contents.plan_json.encode(),
        **{f"{_AS_GOOD}/{number}.txt": each.text.encode() for number, each in enumerate(contents.as_good, start=1)},
        **{f"{EVIDENCE}/{name}": content for name, content in sorted(contents.evidence.items())},
    }


def _manifest(origin: Origin, files: Mapping[str, bytes]) -> bytes:
    manifest = {
        "format": FORMAT,
        "origin": asdict(origin),
        "files": {name: sha256(content).hexdigest() for name, content in files.items()},
    }
    return (json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise BundleError(f"{folder} holds no {MANIFEST}: it is not a bundle.") from None
    except ValueError:
        raise BundleError(f"{folder / MANIFEST} was changed after it was written: it is not JSON.") from None
    if manifest.get("format") != FORMAT:
        raise BundleError(f"{folder / MANIFEST} has format {manifest.get('format')}; this version reads {FORMAT}.")
    return manifest


def _checked_files(folder: Path, digests: Mapping[str, str]) -> dict[str, bytes]:
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    files = {name: (folder / name).read_bytes() for name in digests if name in present}
    faults = [f"{name} is missing" for name in (*digests, _BOOSTER, _CALIBRATOR, _PLAN) if name not in present]
    faults += [
        f"{name} was changed after the bundle was written"
        for name, content in files.items()
        if sha256(content).hexdigest() != digests[name]
    ]
    known = {*digests, MANIFEST}
    faults += [
        f"{name} does not belong to it" for name in present if name not in known and not name.startswith(SIGNATURES)
    ]
    if faults:
        raise BundleError(f"Bundle {folder}: {'; '.join(sorted(set(faults)))}.")
    return files


def _origin(folder: Path, held: Mapping[str, Any]) -> Origin:
    if set(held) != {field.name for field in fields(Origin)}:
        raise BundleError(f"{folder / MANIFEST} does not say where the model comes from as this version expects.")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in held.items()}
    return Origin(**values)
