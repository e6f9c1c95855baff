"""From the tables of evidence to the table of memberships, one connected set of persons at a time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeVar

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from targeting.linkage.definition import Linkage
from targeting.linkage.families import memberships_of
from targeting.linkage.persons import OPEN
from targeting.linkage.picture import Birth, Evidence, Home, Relation

ROWS = pa.schema(
    [
        ("founder", pa.int64()),
        ("number", pa.int64()),
        ("person", pa.int64()),
        ("is_child", pa.bool_()),
        ("after", pa.int64()),
        ("until", pa.int64()),
    ]
)

# A minor whom nothing connects to anyone is a family alone. A child that was expected and whose birth never became
# known is given up some weeks after it was due: the pregnancy may have been lost.
MEMBERSHIPS = """
create temp table memberships as
with alone as (
    select person as founder, 0 as number, person, true as is_child, after, until
    from births
    where person not in (select person from related)
    qualify of_age_from > min(after) over (partition by person)
),
rows as (from connected union all from alone),
believed as (
    select
        row.founder, row.number, row.person, row.is_child, believed.birth as birth_date,
        greatest(row.after, believed.after) as after,
        least(
            row.until, believed.until,
            case when expected then birth - date '1970-01-01' + $unborn_kept_days else $open end
        ) as until
    from rows as row join births as believed
        on believed.person = row.person and believed.after < row.until and row.after < believed.until
)
select * from believed where after < until
"""

BIRTHS = "select person, after, until, of_age_from from births join related using (person) order by person, after"
HOMES = "select person, after, since, home from addresses join related using (person) order by person, after, since"
RELATIONS = "select relationship, person, other, after, until, since, ended from relations order by all"


def make_memberships(connection: duckdb.DuckDBPyConnection, linkage: Linkage) -> None:
    """Make the table `memberships`: founder, number, person, is_child, birth_date, after, until.

    Reads `births`, `addresses`, `communal_addresses` and `relations`. `founder` and `number` name the family.
    """
    related = connection.sql("select distinct unnest([person, other]) as person from relations order by person")
    connection.register("related", related.to_arrow_table())
    rows = [row for evidence in _connected(connection) for row in memberships_of(evidence)]
    columns = list(zip(*rows, strict=True)) or [()] * len(ROWS)
    connection.register("connected", pa.table([list(column) for column in columns], schema=ROWS))
    connection.execute(MEMBERSHIPS, {"open": OPEN, "unborn_kept_days": linkage.unborn_kept_days})
    connection.unregister("connected")
    connection.unregister("related")


def _connected(connection: duckdb.DuckDBPyConnection) -> Iterator[Evidence]:
    """Return the evidence about each set of persons whom relations, whenever known, connect."""
    groups = _groups(connection)
    communal = dict(connection.sql("select address, day from communal_addresses").fetchall())
    births = _grouped((Birth(*row) for row in connection.sql(BIRTHS).fetchall()), groups)
    homes = _grouped(map(_home, connection.sql(HOMES).fetchall()), groups)
    relations = _grouped((Relation(*row) for row in connection.sql(RELATIONS).fetchall()), groups)
    for group, rows in relations.items():
        yield Evidence(births[group], homes[group], rows, communal)


def _groups(connection: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Return the number of each related person's group."""
    pairs = connection.sql("select person, other from relations").fetchnumpy()
    persons, ends = np.unique(np.concatenate([pairs["person"], pairs["other"]]), return_inverse=True)
    graph = coo_array((np.ones(len(pairs["person"]), np.int8), np.split(ends, 2)), shape=(len(persons), len(persons)))
    labels = connected_components(graph, directed=False)[1]
    return dict(zip(persons.tolist(), labels.tolist(), strict=True))


def _home(row: tuple[int, int, int, list[str]]) -> Home:
    person, after, since, addresses = row
    return Home(person, after, since, frozenset(addresses))


Row = TypeVar("Row", Birth, Home, Relation)


def _grouped(rows: Iterable[Row], groups: dict[int, int]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[groups[row.person]].append(row)
    return grouped
