"""Writes the Open University's data as the extracts of one university, with calendar dates in place of days."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
TABLES = {
    "course": "course.csv",
    "assessment": "assessment.csv",
    "student": "student.parquet",
    "student_assessment": "student_assessment.parquet",
    "registration": "student_registration.parquet",
}
# In this order: each query may read what the ones before it made.
EXTRACTS = ("studies", "handed_in", "due", "standings")

DELIVERY = """\
# The data set was published in December 2015, when every presentation in it had ended.
extracted_on = 2015-12-31
"""


def prepare(reference: Path, out: Path) -> dict[str, int]:
    """Write the extracts below `out/university` and return the rows of each.

    `reference` holds the five files of the data set. Nothing in a row was learnt after that row's own date.
    """
    folder = out / "university"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "delivery.toml").write_text(DELIVERY, encoding="utf-8")
    rows = {}
    with _opened(reference) as connection:
        for name in EXTRACTS:
            table = _extract(connection, name)
            pq.write_table(table, folder / f"{name}.parquet")
            rows[name] = table.num_rows
    return rows


def _opened(reference: Path) -> duckdb.DuckDBPyConnection:
    # One thread, because the order in which several add up doubles differs from run to run.
    connection = duckdb.connect(config={"threads": 1})
    for table, file in TABLES.items():
        read = connection.read_csv if file.endswith(".csv") else connection.read_parquet
        read(str(reference / file)).create_view(table)
    return connection


def _extract(connection: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    query = (HERE / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    connection.execute(f"CREATE TABLE {name} AS {query}")
    return connection.table(name).to_arrow_table()
