"""Whether linkage works as well for one group as for another: recall and false merges, families as clusters."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from targeting.fairness.clusters import clusters
from targeting.fairness.counts import patterns
from targeting.fairness.intervals import newcombe, wilson

from .district_truth import District

REFERENCE = {"ethnicity": "White British", "sex": "female", "role": "child", "moves": "0", "children": "2"}
MEASURES = {
    "missed": "pairs of one person's records that were not joined",
    "merged": "people joined with a record of somebody else",
    "family_missed": "two who live in one family and were not put into one",
    "told_missed": "two who live in one family, as agencies tell, and were not put into one",
    "family_wrong": "two who were put into one family and do not live in one",
}


def gaps(districts: Sequence[District]) -> list[dict[str, Any]]:
    """Return each measure by group, all districts together, with intervals and the gap to the reference group.

    Rows hang together by family: intervals are Wilson's and Newcombe's on the effective number of independent rows.
    """
    rows_of = {
        "missed": _true_pairs,
        "merged": _persons,
        "family_missed": _families_meant,
        "told_missed": _families_told,
        "family_wrong": _families_found,
    }
    frames = {measure: pd.concat(map(rows, districts)) for measure, rows in rows_of.items()}
    return [
        row
        for measure, frame in frames.items()
        for attribute, reference in REFERENCE.items()
        for row in _by_group(frame, measure, attribute, reference)
    ]


def _true_pairs(district: District) -> pd.DataFrame:
    """Return a row for each pair of records of one person: whether it was missed, and the person's groups."""
    own = district.records.reset_index(drop=True).assign(record=lambda rows: rows.index)
    both = own.merge(own, on="true")
    both = both[both["record_x"] < both["record_y"]]
    happened = both["linked_x"] != both["linked_y"]
    return _with_groups(district, pd.DataFrame({"person": both["true"], "happened": happened}))


def _persons(district: District) -> pd.DataFrame:
    """Return a row for each person with a record: whether any is joined with one of somebody else."""
    records = district.records
    of_several = records.groupby("linked")["true"].transform("nunique") > 1
    merged = of_several.groupby(records["true"]).any()
    return _with_groups(district, pd.DataFrame({"person": merged.index, "happened": merged.to_numpy()}))


def _families_meant(district: District) -> pd.DataFrame:
    """Return a row for each person and each whom they live with: whether the two were not put into one family."""
    rows = _each_way(district.together[district.together["meant"]])
    return _with_groups(district, rows.assign(happened=~rows["found"]))


def _families_told(district: District) -> pd.DataFrame:
    """Return a row for each person and each whom they live with as agencies tell: whether the two were kept apart."""
    rows = _each_way(district.together[district.together["told"]])
    return _with_groups(district, rows.assign(happened=~rows["found"]))


def _families_found(district: District) -> pd.DataFrame:
    """Return a row for each person and each put into their family: whether the two do not live in one."""
    rows = _each_way(district.together[district.together["found"]])
    return _with_groups(district, rows.assign(happened=~rows["meant"]))


def _each_way(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return each pair twice, as each of the two sees it."""
    return pd.concat([pairs, pairs.rename(columns={"person": "other", "other": "person"})], ignore_index=True)


def _with_groups(district: District, rows: pd.DataFrame) -> pd.DataFrame:
    known = rows.join(district.people, on="person")
    return known.assign(cluster=f"{district.seed}/" + known["family"].astype(str))


def _by_group(frame: pd.DataFrame, measure: str, attribute: str, reference: str) -> Iterator[dict[str, Any]]:
    names = sorted(frame[attribute].unique())
    share, effective = _shares(frame, attribute, names)
    lower, upper = wilson(share, effective)
    at = names.index(reference)
    gap_lower, gap_upper = newcombe(
        share, effective, np.full(len(names), share[at]), np.full(len(names), effective[at])
    )
    for number, name in enumerate(names):
        rows = frame[frame[attribute] == name]
        gap = (
            None
            if number == at
            else (float(share[number] - share[at]), float(gap_lower[number]), float(gap_upper[number]))
        )
        yield {
            "measure": MEASURES[measure],
            "attribute": attribute,
            "group": name,
            "n": len(rows),
            "share": round(float(share[number]), 5),
            "lower": round(float(lower[number]), 5),
            "upper": round(float(upper[number]), 5),
            "gap_to_reference": None if gap is None else [round(value, 5) for value in gap],
            "gap_is_told": gap is not None and not gap[1] <= 0 <= gap[2],
            "said": _said(float(share[number]), gap, reference),
        }


def _shares(
    frame: pd.DataFrame, attribute: str, names: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return, by group, how often it happened and out of how many independent rows that is."""
    group = pd.Categorical(frame[attribute], categories=names).codes.astype(np.int64)
    cluster = pd.factorize(frame["cluster"])[0].astype(np.int64)
    everyone = np.ones(len(frame), np.int64)
    made = clusters(cluster, group, everyone, patterns([frame["happened"].to_numpy(bool)]), len(names))
    return made.counts().rate("tpr")[:-1, 0], made.effective_n("tpr")[:-1, 0]


def _said(share: float, gap: tuple[float, float, float] | None, reference: str) -> str:
    if gap is None:
        return f"{share:.3%}: the others are compared with it"
    difference, lower, upper = gap
    if lower <= 0 <= upper:
        return f"{share:.3%}: no gap to {reference} can be told ({difference:+.3%}, {lower:+.3%} to {upper:+.3%})"
    word = "more" if difference > 0 else "less"
    return f"{share:.3%}: {word} than {reference} ({difference:+.3%}, {lower:+.3%} to {upper:+.3%})"
