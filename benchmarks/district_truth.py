"""A synthetic district, loaded and linked, beside its sealed truth: pairs of records, pairs of family members."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from targeting.linkage.people import People, matched_people
from targeting.linkage.quality import Pairs, pairs_of
from targeting.project.project import Project
from targeting.sources.loading import load
from targeting.store.identities import Identities
from targeting.store.pseudonyms import pseudonyms
from targeting.store.staging import open_staging
from targeting.synthetic.synthesis import DEFAULT_END, synthesise

KEY = bytes(32)
BROAD = {"W": "White", "M": "Mixed", "A": "Asian", "B": "Black", "C": "Chinese", "O": "Other"}


@dataclass(frozen=True)
class District:
    """Records with whom they are of, truly and as linked; who lives in which family; what is true of each person.

    `together` has a row for each two persons, `person` and `other`, who live in one family (`meant`) or were put into
    one (`found`) on the last day.
    """

    seed: int
    records: pd.DataFrame
    together: pd.DataFrame
    people: pd.DataFrame

    @property
    def persons(self) -> Pairs:
        """Return the pairs of records that linkage joins beside those of the truth."""
        return pairs_of(self.records["linked"].to_numpy(), self.records["true"].to_numpy(), np.zeros(len(self.records)))

    @property
    def families(self) -> Pairs:
        """Return the pairs of persons that are put into one family beside those that live in one."""
        meant, found = self.together["meant"], self.together["found"]
        return Pairs(true=int(meant.sum()), joined=int(found.sum()), right=int((meant & found).sum()))

    def quality(self) -> dict[str, Any]:
        """Return precision and recall of people and of families."""
        return {"people": _rates(self.persons), "families": _rates(self.families), "records": len(self.records)}


def _rates(pairs: Pairs) -> dict[str, float | int]:
    return {
        "precision": round(pairs.precision, 5),
        "recall": round(pairs.recall, 5),
        "pairs": pairs.true,
        "wrongly_joined": pairs.joined - pairs.right,
        "missed": pairs.true - pairs.right,
    }


def linked_district(project: Project, folder: Path, *, families: int, seed: int, end: date = DEFAULT_END) -> District:
    """Return a synthetic district, made below `folder`, loaded and linked by a project's declarations."""
    synthesise(folder / "extracts", families=families, seed=seed, end=end)
    load(
        folder / "extracts",
        data=folder / "data",
        sources=project.sources,
        contract=project.contract,
        identity_key=KEY,
    )
    with open_staging(folder / "data") as staging:
        identities = Identities(folder / "data", KEY).read()
        people = matched_people(
            staging, identities, linkage=project.linkage, identity_key=KEY, progress=lambda *_: None
        )
    truth = folder / "extracts" / "truth"
    records = _records(people, truth)
    return District(seed, records, _together(people, records, truth, end), _people(truth, end))


def _records(people: People, truth: Path) -> pd.DataFrame:
    last = people.assignments.filter(pc.is_null(people.assignments["until"])).to_pandas()
    known = last.assign(true=last["record_id"].map(true_persons(truth)))
    return pd.DataFrame(
        {"true": known["true"], "linked": pd.factorize(known["person_id"])[0], "id": known["person_id"]}
    )


def true_persons(truth: Path) -> Mapping[str, int]:
    """Return the person whom each record is of, by the record's pseudonym."""
    records = pq.read_table(truth / "records.parquet")
    found: dict[str, int] = {}
    for source in pc.unique(records["source"]).to_pylist():
        own = records.filter(pc.equal(records["source"], source))
        names = pseudonyms(own["record_key"].cast(pa.string()), KEY, f"record/{source}")
        found |= dict(zip(names.to_pylist(), own["person"].to_pylist(), strict=True))
    return found


def _together(people: People, records: pd.DataFrame, truth: Path, on: date) -> pd.DataFrame:
    """Return the pairs of persons that are put into one family on a day, and those that live in one."""
    true_of = records.groupby("id")["true"].agg(lambda those: those.mode()[0])
    said = _standing(people.memberships.to_pandas(), "visible_from", "visible_to", on)
    said = said.assign(person=said["person_id"].map(true_of))[["family_id", "person"]].dropna().drop_duplicates()
    meant = _standing(pq.read_table(truth / "families.parquet").to_pandas(), "since", "until", on)
    here = set(meant["person"])
    said = said[said["person"].isin(here)]
    meant = meant[meant["person"].isin(set(true_of))][["family", "person"]].drop_duplicates()
    return (
        _pairs(meant, "family")
        .assign(meant=True)
        .merge(_pairs(said, "family_id").assign(found=True), on=["person", "other"], how="outer")
        .astype({"person": int, "other": int})
        .assign(meant=lambda rows: rows["meant"].eq(True), found=lambda rows: rows["found"].eq(True))
    )


def _standing(rows: pd.DataFrame, since: str, until: str, on: date) -> pd.DataFrame:
    begun = pd.to_datetime(rows[since]) <= pd.Timestamp(on)
    return rows[begun & ~(pd.to_datetime(rows[until]) < pd.Timestamp(on))]


def _pairs(rows: pd.DataFrame, family: str) -> pd.DataFrame:
    both = rows.merge(rows, on=family).rename(columns={"person_x": "person", "person_y": "other"})
    return both.loc[both["person"] < both["other"], ["person", "other"]].drop_duplicates()


def _people(truth: Path, end: date) -> pd.DataFrame:
    """Return what linkage is audited by, by person: family of birth, ethnicity, sex, moves, children in the family."""
    people = pq.read_table(truth / "people.parquet").to_pandas().set_index("person")
    first = pq.read_table(truth / "families.parquet").to_pandas().drop_duplicates("person").set_index("person")
    stays = pq.read_table(truth / "addresses.parquet").to_pandas()
    moves = stays[pd.to_datetime(stays["since"]) <= pd.Timestamp(end)].groupby("household").size() - 1
    children = first[first["role"] == "child"].groupby("family").size()
    family = first["family"].reindex(people.index)
    return pd.DataFrame(
        {
            "family": family,
            "ethnicity": people["ethnicity"].map(_broad),
            "sex": people["sex"],
            "role": np.where(people["role"] == "child", "child", "adult"),
            "moves": family.map(moves).fillna(0).map(lambda count: _count(int(count), 2)),
            "children": family.map(children).fillna(0).map(lambda count: _count(int(count), 4)),
        }
    )


def _broad(code: str) -> str:
    return {"WBRI": "White British", "APKN": "Pakistani", "ABAN": "Bangladeshi", "WROM": "Gypsy or Roma"}.get(
        code, {"W": "other White"}.get(code[0], BROAD.get(code[0], "Other"))
    )


def _count(count: int, most: int) -> str:
    return f"{most} or more" if count >= most else str(count)
