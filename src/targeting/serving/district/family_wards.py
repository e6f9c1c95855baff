"""In which ward each family lived on a list's date: written when lists are published, so that no page computes it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from targeting.serving.published import FOLDER as PUBLISHED
from targeting.serving.published import PublishedList, is_kept
from targeting.serving.wards import wards_of
from targeting.store.files import private_folder, write_atomically
from targeting.store.generations import Generation

FOLDER = "family_wards"
_SCHEMA = pa.schema([("family_id", pa.string()), ("ward", pa.string())])


def write_family_wards(lists: Sequence[PublishedList], generation: Generation, *, data: Path) -> None:
    """Write the ward of every family that lists of one date considered, beside them, readable by the owner alone.

    What was written beside lists that are published already stays.
    """
    if not lists or (data / PUBLISHED / lists[0].head.id).exists():
        return
    considered = {name for each in lists for name in each.considered["family_id"].to_pylist()}
    families = np.array(sorted(considered), dtype=np.str_)
    wards = wards_of(generation, families, lists[0].head.as_of_date)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table([families.tolist(), wards.tolist()], schema=_SCHEMA), sink, compression="zstd")
    private_folder(data / FOLDER)
    write_atomically(_path(data, lists[0]), sink.getvalue().to_pybytes())


def family_wards(data: Path, published: PublishedList) -> Mapping[str, str]:
    """Return the ward of each family that a list and those of its run considered, empty text for no known address.

    Empty where nothing was written beside the list.
    """
    path = _path(data, published)
    if not path.exists():
        return {}
    held = pq.read_table(path)
    return dict(zip(held["family_id"].to_pylist(), held["ward"].to_pylist(), strict=True))


def forget_family_wards(data: Path) -> None:
    """Remove the wards beside lists whose keeping has ended; what a killed run left too."""
    for path in sorted((data / FOLDER).glob("l_*.parquet")):
        if (data / PUBLISHED / path.stem).exists() and not is_kept(data, path.stem):
            path.unlink()


def _path(data: Path, published: PublishedList) -> Path:
    return data / FOLDER / f"{published.head.together[0]}.parquet"
