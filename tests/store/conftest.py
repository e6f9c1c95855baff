"""Small generations, written as tables of text."""

from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest

from targeting.records.contract import Contract, contract
from targeting.records.definition import Column, FactKind, episode_id
from targeting.store.contents import AGENCY_LINKS, MEMBERSHIPS, GenerationContents, fact_schema
from targeting.store.manifest import SourceCoverage

VISIT = FactKind(
    name="visit",
    description="A visit",
    area="tests",
    event="the visit",
    knowledge="it was written down",
    columns=(
        episode_id(),
        Column(name="ward", description="Where", type="code", required=False),
        Column(name="hours", description="How long", type="number", required=False),
        Column(name="planned", description="Whether it was planned", type="flag", required=False),
        Column(name="next", description="When the next is due", type="date", required=False),
    ),
)

Rows = Callable[[str, pa.Schema], pa.Table]


def cell(text: str, kind: pa.DataType) -> object:
    """Return a cell of a table of text as a value of an Arrow type; empty is null."""
    if text == "":
        return None
    if pa.types.is_date32(kind):
        return date.fromisoformat(text)
    if pa.types.is_boolean(kind):
        return text == "yes"
    return int(text) if pa.types.is_integer(kind) else float(text) if pa.types.is_floating(kind) else text


def table_of(text: str, schema: pa.Schema, **default: str) -> pa.Table:
    """Return a table written as text, columns parted by bars; columns left out take their default, else null."""
    lines = [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()]
    rows = [{**default, **dict(zip(lines[0], line, strict=True))} for line in lines[1:]]
    return pa.table(
        [pa.array([cell(row.get(field.name, ""), field.type) for row in rows], field.type) for field in schema],
        schema=schema,
    )


@pytest.fixture
def kinds() -> Contract:
    return contract([VISIT])


@pytest.fixture
def visits() -> Callable[[str], pa.Table]:
    defaults = {"knowledge_basis": "recorded", "source": "a"}
    return lambda text: table_of(text, fact_schema(VISIT), **defaults)


@pytest.fixture
def memberships() -> Callable[[str], pa.Table]:
    return lambda text: table_of(text, MEMBERSHIPS, is_child="yes")


@pytest.fixture
def agency_links() -> Callable[[str], pa.Table]:
    return lambda text: table_of(text, AGENCY_LINKS, source="a")


@pytest.fixture
def contents(
    kinds: Contract,
    visits: Callable[[str], pa.Table],
    memberships: Callable[[str], pa.Table],
    agency_links: Callable[[str], pa.Table],
) -> GenerationContents:
    """Three families: p_ann alone, p_bo in two of them one after the other, p_cy in two at once."""
    return GenerationContents(
        facts={
            "visit": visits(
                """
                fact_id | person_id | event_date | knowledge_date | superseded_on | episode_id | ward | hours | next
                1       | p_ann     | 2024-01-01 | 2024-01-03     |               | e2         | north| 1.5   |
                2       | p_bo      | 2024-01-01 | 2024-01-03     | 2024-02-01    | e1         | south|       |
                3       | p_bo      | 2024-01-01 | 2024-02-01     |               | e1         | north| 2   | 2024-05-01
                4       | p_cy      | 2023-06-01 | 2023-06-02     |               | e3         |      | 3     |
                5       | p_nobody  | 2023-06-01 | 2023-06-02     |               | e3         |      | 3     |
                """
            )
        },
        memberships=memberships(
            """
            family_id | person_id | birth_date | visible_from | visible_to
            f_1       | p_ann     | 2015-03-01 | 2020-01-01   |
            f_1       | p_bo      |            | 2020-01-01   | 2024-01-31
            f_2       | p_bo      |            | 2024-02-01   |
            f_2       | p_cy      | 2020-05-05 | 2020-05-05   |
            f_3       | p_cy      | 2020-05-05 | 2021-01-01   |
            """
        ),
        agency_links=agency_links(
            """
            person_id | known_from
            p_ann     | 2019-01-01
            p_cy      | 2021-06-01
            """
        ),
        coverage=(SourceCoverage("a", "visit", date(2020, 1, 1), date(2024, 6, 30)),),
        contract=kinds,
        synthetic=False,
        inputs={"a/visits.csv": "0" * 64},
    )
