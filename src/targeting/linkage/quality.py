"""How well the district's linkage joins records of which the truth is known, pair by pair, and what limits it."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from targeting.linkage.agreement import agree, describe
from targeting.linkage.contradictions import COMPARED, FORGIVABLE, NEVER_LINKED, UNFORGIVABLE
from targeting.linkage.definition import Linkage
from targeting.linkage.joining import join_records
from targeting.linkage.labelled import LabelledRecords
from targeting.linkage.matching import column_of, likely_pairs, make_linker, weighed
from targeting.linkage.people import IN_MEMORY
from targeting.linkage.versions import make_versions

Codes = NDArray[np.int64]

NO_RELATIONSHIPS = pa.schema(
    [(name, pa.string()) for name in ("record_id", "other_record_id", "relationship")]
    + [("knowledge_date", pa.date32())]
)
# Why two records of one person were not joined, the first that holds.
CONTRADICTED, BARE, NOT_COMPARED, TOO_LITTLE, PARTED = (
    "contradict each other",
    "agree on fewer than two things",
    "share no blocking key",
    "agree too little to be told from two persons",
    "parted by a third record",
)


@dataclass(frozen=True)
class Pairs:
    """How many pairs of records are of one person, how many were joined, and how many of those rightly."""

    true: int
    joined: int
    right: int

    @property
    def precision(self) -> float:
        """Return the share of joined pairs that are of one person; 1 where none was joined."""
        return self.right / self.joined if self.joined else 1.0

    @property
    def recall(self) -> float:
        """Return the share of one person's pairs that were joined; 1 where there is none."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return 2 * self.right / (self.joined + self.true) if self.joined + self.true else 1.0


@dataclass(frozen=True)
class LinkQuality:
    """What was measured: pairs counted, why true pairs were missed, and which contradictions stood against them.

    `by_weights_alone` are the pairs that would be joined if nothing were refused: what it costs to keep twins two and
    a daughter from being her mother. `unreadable` counts values that were left out, by field; `prior` is what the
    declared one comes to for a file of this size.
    """

    records: int
    pairs: Pairs
    by_weights_alone: Pairs
    missed: Mapping[str, int]
    contradictions: Mapping[str, int]
    unreadable: Mapping[str, int]
    prior: float


def pairs_of(person: Codes, truth: Codes, file: Codes) -> Pairs:
    """Return the pairs that `person` joins beside those of `truth`; of several files, pairs across files alone."""
    return Pairs(
        true=_pairs_within([truth], file),
        joined=_pairs_within([person], file),
        right=_pairs_within([person, truth], file),
    )


def _pairs_within(groups: list[Codes], file: Codes) -> int:
    """Return how many pairs share every group, less those of one file where there are several."""
    together = _pairs(np.stack(groups))
    return together - _pairs(np.stack([*groups, file])) if len(np.unique(file)) > 1 else together


def _pairs(groups: NDArray[np.int64]) -> int:
    sizes = np.unique(groups, axis=1, return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def for_size(linkage: Linkage, records: int) -> Linkage:
    """Return the linkage with the prior that the declared one comes to among that many records.

    A record has as many others of its person in a small file as in a large one, and fewer strangers.
    """
    return replace(linkage, prior=min(0.1, linkage.prior * linkage.prior_records / records))


def measure_quality(labelled: LabelledRecords, linkage: Linkage) -> LinkQuality:
    """Return how well the declared linkage joins labelled records. It sees their fields alone, never their labels."""
    sized = for_size(linkage, len(labelled))
    with closing(duckdb.connect(config=IN_MEMORY)) as connection:
        person = persons_of(connection, labelled, sized)
        unrefused = _by_weights_alone(connection, sized, len(labelled))
        missed, contradictions = _limits(connection, sized, _missed(connection, person, labelled))
    return LinkQuality(
        records=len(labelled),
        pairs=pairs_of(person, labelled.truth, labelled.file),
        by_weights_alone=pairs_of(unrefused, labelled.truth, labelled.file),
        missed=missed,
        contradictions=contradictions,
        unreadable=dict(labelled.unreadable),
        prior=sized.prior,
    )


def persons_of(connection: duckdb.DuckDBPyConnection, labelled: LabelledRecords, linkage: Linkage) -> Codes:
    """Return a number for each record, equal where they are joined; makes `versions` in an in-memory database."""
    make_versions(
        connection,
        identities=labelled.records,
        person_records=labelled.records.select(["record_id", "source", "known_from"]),
        relationships=NO_RELATIONSHIPS.empty_table(),
        linkage=linkage,
    )
    joined = join_records(connection, linkage)
    # Records are numbered in the order of their ids, which is that of the files.
    return np.asarray(joined.assignments["person"].to_numpy(), np.int64)


def _by_weights_alone(connection: duckdb.DuckDBPyConnection, linkage: Linkage, records: int) -> Codes:
    """Return a number for each record, equal where links lead from one to the other though something contradicts."""
    scored = likely_pairs(make_linker(connection, linkage), connection, least=linkage.least_weight)
    pairs = scored.project('"left", "right"').fetchnumpy()
    graph = coo_array((np.ones(len(pairs["left"]), np.int8), (pairs["left"], pairs["right"])), shape=(records, records))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


MISSED = """
select l.record as "left", r.record as "right"
from persons_found as l join persons_found as r on l.truth = r.truth and l.record < r.record
where l.person <> r.person and (l.file <> r.file or $one_file)
order by all
"""


def _missed(connection: duckdb.DuckDBPyConnection, person: Codes, labelled: LabelledRecords) -> pa.Table:
    """Return the pairs `left, right` of records of one person that were not joined."""
    columns = {"record": np.arange(len(person)), "person": person, "truth": labelled.truth, "file": labelled.file}
    connection.register("persons_found", pa.table(columns))
    one_file = len(np.unique(labelled.file)) == 1
    pairs = connection.sql(MISSED, params={"one_file": one_file}).to_arrow_table()
    connection.unregister("persons_found")
    return pairs


def _limits(
    connection: duckdb.DuckDBPyConnection, linkage: Linkage, missed: pa.Table
) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many missed pairs there are by why, and by what stands against those that contradict each other."""
    if not len(missed):
        return {}, {}
    weighed(make_linker(connection, linkage), connection, missed).create_view("missed_pairs")
    conditions = {**UNFORGIVABLE, **FORGIVABLE}
    told = ", ".join(f'{condition} as "{name}"' for name, condition in conditions.items())
    keys = [column_of(key) for rule in linkage.blocking for key in rule]
    pairs = describe("missed_pairs", [*COMPARED, *keys])
    connection.execute(f"create temp table told as select {_why(linkage)} as why, {told} from ({pairs})")  # noqa: S608
    why = connection.sql("select why, count(*) from told group by why order by count(*) desc, why").fetchall()
    counts = ", ".join(f'count(*) filter ("{name}")' for name in conditions)
    against = connection.sql(f"select {counts} from told where why = '{CONTRADICTED}'").fetchall()[0]  # noqa: S608
    return dict(why), {name: count for name, count in zip(conditions, against, strict=True) if count}


def _why(linkage: Linkage) -> str:
    """Return the first reason that holds for a described pair that was missed."""
    rules = [" and ".join(f"{column_of(key)}_l = {column_of(key)}_r" for key in rule) for rule in linkage.blocking]
    compared = " or ".join(f"coalesce({rule}, false)" for rule in rules)
    agreed = " + ".join(f"{agree(each.of)}::int" for each in linkage.comparisons)
    return f"""case
        when {NEVER_LINKED} then '{CONTRADICTED}'
        when {agreed} < 2 then '{BARE}'
        when not ({compared}) then '{NOT_COMPARED}'
        when weight < {linkage.least_weight} then '{TOO_LITTLE}'
        else '{PARTED}' end"""
