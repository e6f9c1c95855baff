"""In which ward each family lived on a list's date, and how much of it records could tell.

Written when lists are published, so that no page computes it.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.serving.published import FOLDER as PUBLISHED
from targeting.serving.published import PublishedList, is_kept
from targeting.store.files import private_folder, write_atomically

FOLDER = "family_wards"
_SCHEMA = pa.schema([("family_id", pa.string()), ("ward", pa.string()), ("covered", pa.float64())])


def write_family_wards(
    data: Path,
    published: PublishedList,
    families: NDArray[np.str_],
    wards: NDArray[np.str_],
    covered: Mapping[str, float],
) -> None:
    """Write the ward of every family that is held, beside the lists of a date, readable by the owner alone.

    By it a family that no list is about is of a panel too. `wards` are those of all `families` of the data; `covered`
    says of those whom the model scored which share of what it asks of records some agency could tell.
    """
    told = [families.tolist(), wards.tolist(), [covered.get(family) for family in families.tolist()]]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(told, schema=_SCHEMA), sink, compression="zstd")
    private_folder(data / FOLDER)
    write_atomically(_path(data, published), sink.getvalue().to_pybytes())


def family_wards(data: Path, published: PublishedList) -> Mapping[str, str]:
    """Return the ward of each family that was held on a list's date, empty text for no known address.

    Empty where nothing was written beside the list.
    """
    held = held_families(data, published)
    return {} if held is None else dict(zip(held["family_id"].to_pylist(), held["ward"].to_pylist(), strict=True))


def wards_of(data: Path, published: PublishedList, families: Collection[str]) -> Mapping[str, str]:
    """Return the ward of some families as `family_wards` does of all; nothing of those that were not held."""
    held = held_families(data, published)
    if held is None:
        return {}
    found = held.filter(pc.is_in(held["family_id"], value_set=pa.array(sorted(families), pa.string())))
    return dict(zip(found["family_id"].to_pylist(), found["ward"].to_pylist(), strict=True))


def held_families(data: Path, published: PublishedList) -> pa.Table | None:
    """Return `family_id`, `ward` and `covered` of every family that was held on a list's date.

    `covered` says of those that were scored which share of what is asked of records some agency could tell; null for
    others, and for all where that was not written. None where nothing was written beside the list.
    """
    path = _path(data, published)
    if not path.exists():
        return None
    held = pq.read_table(path)
    return held if "covered" in held.column_names else held.append_column("covered", pa.nulls(len(held), pa.float64()))


def forget_family_wards(data: Path) -> None:
    """Remove the wards beside lists whose keeping has ended; what a killed run left too."""
    for path in sorted((data / FOLDER).glob("l_*.parquet")):
        if (data / PUBLISHED / path.stem).exists() and not is_kept(data, path.stem):
            path.unlink()


def _path(data: Path, published: PublishedList) -> Path:
    return data / FOLDER / f"{published.head.together[0]}.parquet"
