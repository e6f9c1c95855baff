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
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from targeting.linkage.people import People, matched_people
from targeting.linkage.quality import Pairs, pairs_of
from targeting.project.project import Project
from targeting.sources.loading import load
from targeting.store.identities import Identities
from targeting.store.pseudonyms import pseudonyms
from targeting.store.staging import open_staging
from targeting.synthetic.synthesis import DEFAULT_END, synthesise

KEY = bytes(32)
ROLES = {
    "child": "child",
    "other_parent": "parent who lives or lived apart",
    "new_partner": "new partner of such a parent",
}
BROAD = {"W": "White", "M": "Mixed", "A": "Asian", "B": "Black", "C": "Chinese", "O": "Other"}


@dataclass(frozen=True)
class District:
    """Records with whom they are of, truly and as linked; who lives in which family; what is true of each person.

    `together` has a row for each two persons, `person` and `other`, who live in one family (`meant`) or were put into
    one (`found`) on the last day. `told` are those who live in one family and whom what agencies say of the members of
    that family connects: of others nobody ever said that they belong together, and an address alone makes no family.
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

    @property
    def told_families(self) -> Pairs:
        """Return the pairs put into one family beside those that live in one and were ever said to."""
        told, found = self.together["told"], self.together["found"]
        return Pairs(true=int(told.sum()), joined=int(found.sum()), right=int((told & found).sum()))

    def quality(self) -> dict[str, Any]:
        """Return precision and recall of people and of families, and recall of what agencies ever said of families."""
        told = self.told_families
        return {
            "people": _rates(self.persons),
            "families": _rates(self.families),
            "families_that_agencies_tell_of": {"recall": round(told.recall, 5), "pairs": told.true},
            "records": len(self.records),
        }


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
        relationships = staging.relationships().to_pandas()
    truth = folder / "extracts" / "truth"
    records = _records(people, truth)
    ties = _ties(relationships, true_persons(truth))
    return District(seed, records, _together(people, records, truth, ties, end), _people(truth, end))


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


def _ties(relationships: pd.DataFrame, true_of: Mapping[str, int]) -> pd.DataFrame:
    """Return the pairs of persons, `person` and `other`, of whom any agency ever said that they belong together."""
    ends = {"person": relationships["record_id"], "other": relationships["other_record_id"]}
    return pd.DataFrame({name: records.map(true_of) for name, records in ends.items()}).drop_duplicates()


def _together(people: People, records: pd.DataFrame, truth: Path, ties: pd.DataFrame, on: date) -> pd.DataFrame:
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
        .merge(_pairs(_told(meant, ties), "part").assign(told=True), on=["person", "other"], how="left")
        .astype({"person": int, "other": int})
        .assign(**{name: lambda rows, name=name: rows[name].eq(True) for name in ("meant", "found", "told")})
    )


def _told(meant: pd.DataFrame, ties: pd.DataFrame) -> pd.DataFrame:
    """Return the members of families with the number of the `part` of their family that ties among members connect."""
    rows = meant.reset_index(drop=True).assign(row=lambda members: members.index)
    edges = ties.merge(rows, on="person").merge(rows, left_on=["other", "family"], right_on=["person", "family"])
    ends = edges["row_x"].to_numpy(), edges["row_y"].to_numpy()
    graph = coo_array((np.ones(len(edges), np.int8), ends), shape=(len(rows), len(rows)))
    return rows.assign(part=connected_components(graph, directed=False)[1])


def _standing(rows: pd.DataFrame, since: str, until: str, on: date) -> pd.DataFrame:
    begun = pd.to_datetime(rows[since]) <= pd.Timestamp(on)
    return rows[begun & ~(pd.to_datetime(rows[until]) < pd.Timestamp(on))]


def _pairs(rows: pd.DataFrame, family: str) -> pd.DataFrame:
    both = rows.merge(rows, on=family).rename(columns={"person_x": "person", "person_y": "other"})
    return both.loc[both["person"] < both["other"], ["person", "other"]].drop_duplicates()


def _people(truth: Path, end: date) -> pd.DataFrame:
    """Return what linkage is audited by, by person: family of birth, ethnicity, sex, role, moves, children at home.

    Whoever lives in two families, a child of separated parents, has the children of the larger.
    """
    people = pq.read_table(truth / "people.parquet").to_pandas().set_index("person")
    members = pq.read_table(truth / "families.parquet").to_pandas()
    stays = pq.read_table(truth / "addresses.parquet").to_pandas()
    moves = stays[pd.to_datetime(stays["since"]) <= pd.Timestamp(end)].groupby("household").size() - 1
    children = members[members["role"] == "child"].groupby("family")["person"].nunique()
    at_home = members["family"].map(children).fillna(0).groupby(members["person"]).max()
    family = members.drop_duplicates("person").set_index("person")["family"].reindex(people.index)
    return pd.DataFrame(
        {
            "family": family,
            "ethnicity": people["ethnicity"].map(_broad),
            "sex": people["sex"],
            "role": people["role"].map(ROLES).fillna("other adult"),
            "moves": family.map(moves).fillna(0).map(lambda count: _count(int(count), 2)),
            "children": at_home.reindex(people.index).fillna(0).map(lambda count: _count(int(count), 4)),
        }
    )


def _broad(code: str) -> str:
    return {"WBRI": "White British", "APKN": "Pakistani", "ABAN": "Bangladeshi", "WROM": "Gypsy or Roma"}.get(
        code, {"W": "other White"}.get(code[0], BROAD.get(code[0], "Other"))
    )


def _count(count: int, most: int) -> str:
    return f"{most} or more" if count >= most else str(count)
