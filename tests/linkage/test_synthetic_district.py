"""Linkage against the truth of a small synthetic district: messy names and dates, missing numbers, twins, moves."""

import runpy
from collections import defaultdict
from collections.abc import Hashable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import date
from itertools import combinations
from math import comb
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from targeting.linkage.definition import Comparison, Linkage, check_linkage
from targeting.linkage.estimating import LAST, estimate, rounded, write_declaration
from targeting.linkage.people import IN_MEMORY, People, matched_people, versions_of
from targeting.project.declarations import load_declarations
from targeting.records.contract import contract
from targeting.sources.definition import Source
from targeting.sources.loading import load
from targeting.store.identities import Identities
from targeting.store.pseudonyms import pseudonyms
from targeting.store.staging import open_staging
from targeting.synthetic.synthesis import synthesise

KEY = bytes(32)
AS_OF = date(2024, 3, 3)
DISTRICT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the truth behind a district of 80 families, whose extracts lie beside it."""
    out = tmp_path_factory.mktemp("district")
    synthesise(out, families=80, seed=3, end=date(2026, 3, 29))
    return out / "truth"


@pytest.fixture(scope="module")
def data(truth: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder into which the district was loaded."""
    data = tmp_path_factory.mktemp("data")
    declarations, _ = load_declarations(DISTRICT)
    sources = [each.value for each in declarations if isinstance(each.value, Source)]
    load(truth.parent, data=data, sources=sources, contract=contract(), identity_key=KEY)
    return data


@pytest.fixture(scope="module")
def people(data: Path, linkage: Linkage) -> People:
    with open_staging(data) as staging:
        identities = Identities(data, KEY).read()
        return matched_people(staging, identities, linkage=linkage, identity_key=KEY, progress=lambda *_: None)


@pytest.fixture(scope="module")
def true_person(truth: Path) -> dict[str, int]:
    """Return whom each record is truly of."""
    records = pq.read_table(truth / "records.parquet")
    of: dict[str, int] = {}
    for source in pc.unique(records["source"]).to_pylist():
        own = records.filter(pc.equal(records["source"], source))
        names = pseudonyms(own["record_key"].cast(pa.string()), KEY, f"record/{source}")
        of |= dict(zip(names.to_pylist(), own["person"].to_pylist(), strict=True))
    return of


def pairs_within(groups: Iterable[tuple[Hashable, Hashable]]) -> set[tuple[Hashable, ...]]:
    """Return the pairs of members that some group holds both of, from (group, member)."""
    members = defaultdict(set)
    for group, member in groups:
        members[group].add(member)
    return {pair for those in members.values() for pair in combinations(sorted(those), 2)}


def precision_and_recall(said: set[tuple[Hashable, ...]], meant: set[tuple[Hashable, ...]]) -> tuple[float, float]:
    return len(said & meant) / len(said), len(said & meant) / len(meant)


def test_records_are_joined_into_the_persons_that_they_are_of(people: People, true_person: dict[str, int]) -> None:
    in_the_end = [row for row in people.assignments.to_pylist() if row["until"] is None]
    said = pairs_within((row["person_id"], row["record_id"]) for row in in_the_end)
    meant = pairs_within((true_person[row["record_id"]], row["record_id"]) for row in in_the_end)
    precision, recall = precision_and_recall(said, meant)
    print(f"persons: precision {precision:.4f}, recall {recall:.4f} of {len(meant)} pairs")  # noqa: T201
    assert precision >= 0.995
    assert recall >= 0.97


def test_persons_are_put_into_the_families_that_they_live_in(
    people: People, true_person: dict[str, int], truth: Path
) -> None:
    held = [row for row in people.assignments.to_pylist() if row["after"] < AS_OF and row["until"] is None]
    person = {row["person_id"]: true_person[row["record_id"]] for row in held}
    belongs = [
        (row["family_id"], person[row["person_id"]])
        for row in people.memberships.to_pylist()
        if row["visible_from"] <= AS_OF and (row["visible_to"] or AS_OF) >= AS_OF and row["person_id"] in person
    ]
    families = pq.read_table(truth / "families.parquet").to_pylist()
    there = [row for row in families if row["since"] <= AS_OF and (row["until"] or AS_OF) >= AS_OF]
    here = {row["person"] for row in there}
    known = set(person.values())
    said = pairs_within((family, one) for family, one in belongs if one in here)
    meant = pairs_within((row["family"], row["person"]) for row in there if row["person"] in known)
    precision, recall = precision_and_recall(said, meant)
    print(f"families: precision {precision:.4f}, recall {recall:.4f} of {len(meant)} pairs")  # noqa: T201
    assert precision >= 0.97
    assert recall >= 0.95


def test_no_person_bears_two_valid_nhs_numbers_by_whatever_chain(people: People, data: Path) -> None:
    person = {row["record_id"]: row["person_id"] for row in people.assignments.to_pylist() if row["until"] is None}
    last = {
        row["record_id"]: row for row in sorted(Identities(data, KEY).read().to_pylist(), key=lambda r: r["known_from"])
    }
    borne = {(person[record], row["nhs_number"]) for record, row in last.items() if row["nhs_number"]}
    assert len(borne) == len({one for one, _ in borne}) > 100


def test_estimated_parameters_can_be_pasted_into_the_declaration(data: Path, linkage: Linkage) -> None:
    estimated = estimate(data, linkage=linkage, identity_key=KEY, random_pairs=50_000)
    pasted = runpy.run_path(str(write_declaration(data, estimated)))
    anew = replace(
        linkage, trusted_births=(), **{name: pasted[name] for name in ("prior", "prior_records", "comparisons")}
    )
    assert check_linkage(anew, ()) == ()
    assert pasted["comparisons"] == estimated.comparisons
    # No agency of the district has an email address, so what was declared of them stands.
    assert comparison(estimated.comparisons, "email").levels == comparison(linkage.comparisons, "email").levels


def test_u_is_the_share_of_all_pairs_where_all_are_looked_at(data: Path, linkage: Linkage) -> None:
    few = tuple(comparison(linkage.comparisons, name) for name in ("sex", "nhs_number", "upn"))
    estimated = estimate(data, linkage=replace(linkage, comparisons=few), identity_key=KEY)
    said: dict[str, str] = {}
    for row in sorted(Identities(data, KEY).read().to_pylist(), key=lambda row: row["known_from"]):
        if row["sex"] in {"1", "2"}:
            said[row["record_id"]] = row["sex"]
    counts = [list(said.values()).count(sex) for sex in ("1", "2")]
    of_two_sexes = counts[0] * counts[1] / comb(sum(counts), 2)
    assert estimated.as_levels()["sex"]["different"]["u"] == rounded(of_two_sexes)


# The last versions of two records of one person, those of which `estimate` trains births: whether these agree.
TRAINED_PAIRS = """
select l.born = r.born
from last_versions as l
join last_versions as r on l.true_person = r.true_person and l.record < r.record
where l.name_sounds = r.name_sounds and l.dwelling = r.dwelling and l.born is not null and r.born is not null
"""


def test_m_of_births_is_how_often_records_of_one_person_agree_on_them(
    data: Path, linkage: Linkage, true_person: dict[str, int]
) -> None:
    estimated = estimate(data, linkage=linkage, identity_key=KEY, random_pairs=50_000).as_levels()
    with open_staging(data) as staging, closing(duckdb.connect(config=IN_MEMORY)) as connection:
        versions_of(connection, staging, Identities(data, KEY).read(), linkage)
        connection.execute(LAST)
        connection.register("truth", pa.table({"record_id": list(true_person), "person": list(true_person.values())}))
        connection.execute("alter table last_versions add column true_person bigint")
        connection.execute(
            "update last_versions set true_person = person from truth where truth.record_id = last_versions.record_id"
        )
        agree = [agrees for (agrees,) in connection.sql(TRAINED_PAIRS).fetchall()]
    assert len(agree) > 1_000
    assert estimated["date_of_birth"]["exact"]["m"] == pytest.approx(sum(agree) / len(agree), abs=0.005)


def comparison(those: Iterable[Comparison], of: str) -> Comparison:
    return {each.of: each for each in those}[of]
