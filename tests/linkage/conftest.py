"""Small districts written as tables of text, staged as `load` stages them."""

import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from targeting.linkage.definition import Linkage
from targeting.linkage.linking import LinkReport, link
from targeting.linkage.people import People, matched_people
from targeting.records.contract import contract
from targeting.store.identities import IDENTITIES, Identities
from targeting.store.staging import FACT_COLUMNS, SQL_TYPES, open_staging

KEY = bytes(32)
ARROW = {
    "varchar": pa.string(),
    "date": pa.date32(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "double": pa.float64(),
}
RELATIONSHIPS = pa.schema(
    [
        ("source", pa.string()),
        ("record_id", pa.string()),
        ("other_record_id", pa.string()),
        ("relationship", pa.string()),
        ("started_on", pa.date32()),
        ("ended_on", pa.date32()),
        ("knowledge_date", pa.date32()),
    ]
)
DELIVERY = """
insert into deliveries (digest, source, file, extracted_on, synthetic, rows, accepted, quarantined)
values ('d', 'x', 'x/a.csv', date '2026-01-01', true, 1, 1, 0)
"""
SIGHTINGS = """
insert into sightings by name
select record_id, source, min(known_from) as known_from, 'd' as digest from incoming group by all
"""
SHORT = {
    "record": "record_id",
    "other": "other_record_id",
    "kind": "relationship",
    "given": "given_name",
    "family": "family_name",
    "born": "date_of_birth",
    "expected": "expected_date_of_birth",
    "nhs": "nhs_number",
    "house": "house_number",
}


def table_of(text: str, schema: pa.Schema) -> pa.Table:
    """Return a table written as text, columns parted by bars; columns may go by short names, empty cells are null."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    names = [SHORT.get(name, name) for name in lines[0]]
    rows = [dict(zip(names, line, strict=True)) for line in lines[1:]]
    return pa.table(
        [pa.array([cell(row.get(one.name, ""), one.type) for row in rows], one.type) for one in schema], schema=schema
    )


def cell(text: str, kind: pa.DataType) -> object:
    if text == "":
        return None
    if pa.types.is_date32(kind):
        return date.fromisoformat(text)
    return int(text) if pa.types.is_integer(kind) else text == "yes" if pa.types.is_boolean(kind) else text


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class District:
    """What agencies handed over, as text, in a data folder of its own. `source` is an agency's name.

    `persons` has at least record, source and known_from; `relationships` source, record, other, kind and
    knowledge_date; `facts` of each kind fact_id, record, source, event_date and knowledge_date.
    """

    data: Path
    persons: pa.Table
    relationships: pa.Table
    facts: Mapping[str, pa.Table] = field(default_factory=dict)

    def stage(self) -> None:
        """Stage it in place of what was staged before."""
        with open_staging(self.data) as staging:
            connection = staging.connection
            connection.execute("delete from deliveries; delete from sightings; delete from relationships")
            connection.execute(DELIVERY)
            connection.register("incoming", self.persons)
            connection.execute(SIGHTINGS)
            connection.register("incoming", self.relationships)
            connection.execute("insert into relationships by name select *, 'd' as digest from incoming")
            for kind, rows in self.facts.items():
                staging.prepare_facts(contract()[kind])
                connection.execute(f"delete from facts_{kind}")  # noqa: S608 - a kind of our own contract.
                connection.register("incoming", rows)
                connection.table("incoming").insert_into(f"facts_{kind}")
        with Identities(self.data, KEY).writing("d") as identities:
            identities.write(self.persons, {})

    def people(self, linkage: Linkage) -> People:
        """Return its persons and families."""
        self.stage()
        with open_staging(self.data) as staging:
            identities = Identities(self.data, KEY).read()
            return matched_people(staging, identities, linkage=linkage, identity_key=KEY, progress=silent)

    def link(self, linkage: Linkage) -> LinkReport:
        """Link it and write a generation; no source is declared."""
        self.stage()
        undeclared = replace(linkage, trusted_births=())
        return link(data=self.data, linkage=undeclared, sources=(), contract=contract(), identity_key=KEY)


@pytest.fixture(scope="session")
def linkage() -> Linkage:
    """Return the linkage that this district declares."""
    declared = runpy.run_path(str(Path(__file__).parents[2] / "features" / "linkage.py"))["linkage"]
    assert isinstance(declared, Linkage)
    return declared


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., District]:
    """Return a function from tables of text to a district; with `data`, in the folder of one made before."""

    def made(
        persons: str, relationships: str = "record", *, facts: Mapping[str, str] | None = None, data: Path | None = None
    ) -> District:
        return District(
            data=data or tmp_path_factory.mktemp("data"),
            persons=table_of(persons, IDENTITIES),
            relationships=table_of(relationships, RELATIONSHIPS),
            facts={kind: table_of(text, _fact_schema(kind)) for kind, text in (facts or {}).items()},
        )

    return made


def _fact_schema(kind: str) -> pa.Schema:
    own = {column.name: SQL_TYPES[column.type] for column in contract()[kind].columns}
    return pa.schema([(name, ARROW[sql_type]) for name, sql_type in {**FACT_COLUMNS, **own}.items()])


@pytest.fixture(scope="session")
def persons_of() -> Callable[[People], list[set[str]]]:
    """Return a function from people to the records of each person, as known in the end."""

    def found(people: People) -> list[set[str]]:
        persons: dict[str, set[str]] = {}
        for row in people.assignments.to_pylist():
            if row["until"] is None:
                persons.setdefault(row["person_id"], set()).add(row["record_id"])
        return sorted(persons.values(), key=sorted)

    return found
