"""Prove that a bundle comes out again: trained anew from the same declarations, data, code and environment.

Where people have been erased or have objected since, what they were part of cannot come out again. Then the rows that
are left are compared, block by block, with the digests of those that the model had learnt from: verified in part, and
how much.
"""

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np

from targeting.errors import DataError
from targeting.models.bundle import MANIFEST, SIGNATURES, Bundle, Origin
from targeting.training.rows import Rows

ENVIRONMENT, ROWS = "environment.json", "rows.json"
# So many blocks of families a date: one family erased costs one part in so many.
BLOCKS = 256
_PACKAGES = ("lightgbm", "numpy", "optuna", "pandas", "pyarrow", "scikit-learn", "scipy")
Verified = Literal["verified", "verified in part", "not verified"]


@dataclass(frozen=True, kw_only=True)
class Reproduction:
    """What came of training a bundle again.

    `rows` is the share of the blocks of rows it had learnt from that are still there and the same. `differs` names each
    file that came out otherwise, and `because` says what is known to be other than it was.
    """

    verdict: Verified
    rows: float
    differs: tuple[str, ...]
    because: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return what is printed."""
        return asdict(self)

    @property
    def sentence(self) -> str:
        """Return the verdict in words."""
        if self.verdict == "verified":
            return "Verified: trained again, every file of the bundle came out the same."
        if self.verdict == "verified in part":
            return f"Verified in part: {self.rows:.1%} of the blocks of rows that it learnt from are the same."
        return f"Not verified: {', '.join(self.differs)} came out otherwise."


def environment() -> dict[str, str]:
    """Return the versions of what computes a model."""
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


def block_digests(rows: Rows) -> dict[str, list[str]]:
    """Return the digest of each block of families, by date: values, unknowns and outcomes, and who they are of.

    Eight hexadecimal digits a block of some hundred families; nobody can be read from them.
    """
    names, code = np.unique(rows.family_id, return_inverse=True)
    block_of = np.array([sha256(name.encode()).digest()[0] % BLOCKS for name in names.tolist()], dtype=np.int64)
    block = block_of[code]
    return {day.isoformat(): _of_date(rows, block, np.datetime64(day)) for day in rows.dates}


def share_of_rows(rows: Rows, digests: Mapping[str, list[str]]) -> float:
    """Return the share of the blocks of a training's rows, by date, that are the same in these rows."""
    now = block_digests(rows)
    pairs = [
        (held, now.get(day, [""] * BLOCKS)[at]) for day, blocks in digests.items() for at, held in enumerate(blocks)
    ]
    there = [(held, found) for held, found in pairs if held]
    return sum(held == found for held, found in there) / len(there) if there else 0.0


def what_is_other(origin: Origin, now: Origin, before: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is known to be other than when a bundle was trained, a sentence each."""
    told = []
    if origin.declarations != now.declarations:
        told.append(f"the declarations were {origin.declarations[:12]} and are {now.declarations[:12]}")
    if (origin.generation, origin.data_digest) != (now.generation, now.data_digest):
        told.append(f"the data were generation {origin.generation} and are {now.generation}")
    if origin.code_version != now.code_version:
        told.append(f"the code was version {origin.code_version} and is {now.code_version}")
    here = environment()
    told += [
        f"{name} was {before[name]} and is {here.get(name, 'absent')}"
        for name in before
        if before[name] != here.get(name)
    ]
    return tuple(told)


def compare_bundles(before: Bundle, again: Bundle, *, rows: Rows, objected: bool = False) -> Reproduction:
    """Return what came of training `before` again as `again`, from `rows`; `objected`: some people have by now.

    Raises DataError where `before` was written by a version that kept no digests of its rows.
    """
    if ROWS not in before.evidence or ENVIRONMENT not in before.evidence:
        raise DataError(f"Bundle {before.model} {before.version} holds no digests of its rows; train a newer one.")
    because = what_is_other(before.origin, again.origin, before.evidence_json(ENVIRONMENT))
    differs = tuple(sorted(_differing(before, again)))
    share = share_of_rows(rows, before.evidence_json(ROWS))
    if not differs:
        return Reproduction(verdict="verified", rows=share, differs=(), because=because)
    if objected:
        because = (*because, "people have objected, and nothing is learnt from their families")
    same_data = before.origin.data_digest == again.origin.data_digest and not (objected and share < 1)
    verdict: Verified = "not verified" if same_data or share == 0 else "verified in part"
    return Reproduction(verdict=verdict, rows=share, differs=differs, because=because)


def _of_date(rows: Rows, block: np.ndarray[Any, Any], day: np.datetime64) -> list[str]:
    at = np.flatnonzero(rows.as_of_date == day)
    at = at[np.argsort(rows.family[at], kind="stable")]
    return [_digest(rows.take(at[block[at] == number])) for number in range(BLOCKS)]


def _digest(rows: Rows) -> str:
    if not len(rows):
        return ""
    digest = sha256("\n".join(rows.family_id.tolist()).encode())
    for held in (rows.X, rows.unknown, rows.y):
        digest.update(np.ascontiguousarray(held).data)
    return digest.hexdigest()[:8]


def _differing(before: Bundle, again: Bundle) -> set[str]:
    first, second = _files(before.folder), _files(again.folder)
    return {name for name in {*first, *second} if first.get(name) != second.get(name)} - {MANIFEST}


def _files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and SIGNATURES not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
