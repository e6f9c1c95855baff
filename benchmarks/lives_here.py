"""Whether a child of a linked family truly lived in the district on a date, by the truth sealed beside the extracts."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.features import Matrix
from targeting.store.generations import Generation
from targeting.store.identities import identity_key
from targeting.store.pseudonyms import pseudonyms

Mask = NDArray[np.bool_]


def lives_here(matrix: Matrix, generation: Generation, folder: Path) -> Mask:
    """Return of which rows a child truly lived in a household of the district on the date."""
    members, true_of = generation.memberships().to_pandas(), _true_persons(generation, folder)
    members = members[members["is_child"]].assign(person=members["person_id"].map(true_of))
    truth = folder / "extracts" / "truth"
    lived = pq.read_table(truth / "families.parquet", columns=["person", "since", "until"]).to_pandas()
    born = pq.read_table(truth / "people.parquet", columns=["person", "born"]).to_pandas()
    lived = lived.merge(born, on="person").merge(members[["family_id", "person"]].drop_duplicates(), on="person")
    for name in ("since", "until", "born"):
        lived[name] = pd.to_datetime(lived[name])
    here = np.zeros(len(matrix), dtype=np.bool_)
    for day in np.unique(matrix.as_of_date):
        on = pd.Timestamp(day)
        child = (lived["born"] > on - pd.DateOffset(years=18)) & (lived["since"] <= on)
        those = lived[child & (lived["until"].isna() | (lived["until"] > on))]["family_id"].unique()
        at = matrix.as_of_date == day
        here[at] = pd.Series(matrix.family_id[at]).isin(those)
    return here


def _true_persons(generation: Generation, folder: Path) -> Mapping[str, int]:
    """Return whom most records of each linked person are of."""
    records, key = pq.read_table(folder / "extracts" / "truth" / "records.parquet"), identity_key(folder / "var")
    true_of: dict[str, int] = {}
    for source in pc.unique(records["source"]).to_pylist():
        own = records.filter(pc.equal(records["source"], source))
        named = pseudonyms(own["record_key"].cast(pa.string()), key, f"record/{source}").to_pylist()
        true_of |= dict(zip(named, own["person"].to_pylist(), strict=True))
    linked = generation.person_records().to_pandas()
    known = linked.assign(person=linked["record_id"].map(true_of)).dropna(subset="person")
    counted = known.groupby(["person_id", "person"]).size().sort_values(kind="stable").reset_index()
    return counted.drop_duplicates("person_id", keep="last").set_index("person_id")["person"].to_dict()  # type: ignore[no-any-return]
