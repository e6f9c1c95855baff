"""The manifest of a generation: what it is made of, what it covers, and the SHA-256 of every file."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from targeting.errors import DataError
from targeting.records.contract import Contract
from targeting.records.definition import ColumnType

STORE_VERSION = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True, order=True)
class SourceCoverage:
    """One source shared one kind of fact for events from `shared_from` up to and including `until`."""

    source: str
    kind: str
    shared_from: date
    until: date


@dataclass(frozen=True)
class KindContents:
    """How many facts of a kind a generation holds, and the types of its own columns in the contract."""

    rows: int
    columns: Mapping[str, ColumnType]


@dataclass(frozen=True)
class ShardContents:
    """The first family of a shard, in the order of ids, and how many it has."""

    first_family: str
    families: int


@dataclass(frozen=True)
class Manifest:
    """All that is said of a generation; its id follows from the rest."""

    synthetic: bool
    coverage: tuple[SourceCoverage, ...]
    inputs: Mapping[str, str]
    contract: str
    sources: tuple[str, ...]
    kinds: Mapping[str, KindContents]
    shards: tuple[ShardContents, ...]
    files: Mapping[str, str]
    store_version: int = STORE_VERSION

    @property
    def id(self) -> str:
        """26 characters of base 32 that follow from all contents: equal contents have equal ids."""
        return short_digest(_canonical(self._plain()))

    def to_json(self) -> bytes:
        """Return the bytes of manifest.json."""
        return _canonical(self._plain() | {"id": self.id}) + b"\n"

    def _plain(self) -> dict[str, Any]:
        return asdict(self)


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, indent=1, default=date.isoformat, ensure_ascii=False).encode()


def short_digest(content: bytes) -> str:
    """Return 26 lower-case characters of base 32 of a SHA-256: 130 bits."""
    return base64.b32encode(hashlib.sha256(content).digest()).decode().lower()[:26]


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the generation in `folder`.

    Raises DataError where it is missing, of another store version, or not what its id says.
    """
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_bytes())
        version = content["store_version"]
        manifest = _manifest(content) if version == STORE_VERSION else None
    except (OSError, ValueError, TypeError, KeyError):
        message = (
            f"{path}: missing or unreadable; the generation is not whole. Run `targeting link` to write a new one."
        )
        raise DataError(message) from None
    if manifest is None:
        message = f"{path}: store version {version}; this program reads {STORE_VERSION}. Run `targeting link` again."
        raise DataError(message)
    if content.get("id") != manifest.id:
        message = f"{path}: changed since it was written. Run `targeting link` to write a new generation."
        raise DataError(message)
    return manifest


def _manifest(content: dict[str, Any]) -> Manifest:
    return Manifest(
        synthetic=content["synthetic"],
        coverage=tuple(
            SourceCoverage(
                entry["source"],
                entry["kind"],
                date.fromisoformat(entry["shared_from"]),
                date.fromisoformat(entry["until"]),
            )
            for entry in content["coverage"]
        ),
        inputs=content["inputs"],
        contract=content["contract"],
        sources=tuple(content["sources"]),
        kinds={name: KindContents(**kind) for name, kind in content["kinds"].items()},
        shards=tuple(ShardContents(**shard) for shard in content["shards"]),
        files=content["files"],
    )


def contract_fingerprint(contract: Contract) -> str:
    """Return the SHA-256 of all kinds of fact, their columns, codes and rules."""
    plain = {name: asdict(kind) for name, kind in contract.items()}
    return hashlib.sha256(_canonical(plain)).hexdigest()
