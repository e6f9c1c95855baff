"""Files are read as rows of text with their lines, whatever their values hold."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from targeting.errors import DataError
from targeting.sources.definition import Extract, FactFields, column
from targeting.sources.reading import read_rows

EXTRACT = Extract(file="x*", facts=(FactFields(kind="died", person="who", event_date=column("on")),))

cells = st.text('a"\n, é', max_size=4)


@settings(
    max_examples=80,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_rows_and_lines_are_those_of_pythons_own_reader(tmp_path: Path, rows: list[list[str]], line_end: str) -> None:
    sink = io.StringIO()
    csv.writer(sink, lineterminator=line_end).writerows([["who", "on", "other"], *rows])
    text = sink.getvalue()
    (tmp_path / "x.csv").write_bytes(text.encode())
    expected, bad, line = [], [], 1
    reader = csv.reader(io.StringIO(text, newline=""))
    for row in reader:
        if line > 1 and len(row) == 3 and any(row):
            expected.append((line, row[0], row[1]))
        elif line > 1 and row and len(row) != 3:
            bad.append((line, len(row)))
        line = reader.line_num + 1
    (read,) = read_rows(tmp_path / "x.csv", "x.csv", EXTRACT)
    who, on = read.column("who").to_pylist(), read.column("on").to_pylist()
    assert list(zip(read.lines.tolist(), who, on, strict=True)) == expected
    assert [(row.line, row.fields) for row in read.malformed] == bad


def test_typed_columns_of_parquet_are_read_as_text(tmp_path: Path) -> None:
    moment = datetime(2024, 6, 30, 23, 30, tzinfo=UTC)
    for typed in (
        pa.array([date(2024, 7, 1)]),
        pa.array(["2024-07-01"]).dictionary_encode(),
        # Half past eleven in Greenwich is half past midnight in London's summer.
        pa.array([moment], pa.timestamp("us", "UTC")),
        pa.array([datetime(2024, 7, 1, 12, 0)], pa.timestamp("ms")),  # noqa: DTZ001
    ):
        pq.write_table(pa.table({"who": pa.array([7]), "on": typed}), tmp_path / "x.parquet")
        (read,) = read_rows(tmp_path / "x.parquet", "x.parquet", EXTRACT)
        assert (read.column("who").to_pylist(), read.column("on").to_pylist()) == (["7"], ["2024-07-01"])


def test_a_column_of_lists_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"who": pa.array([[1]]), "on": pa.array([date(2024, 7, 1)])}), tmp_path / "x.parquet")
    with pytest.raises(DataError, match=r"x\.parquet: column 'who' holds list<element: int64>\. Expected"):
        list(read_rows(tmp_path / "x.parquet", "x.parquet", EXTRACT))


def test_a_value_of_megabytes_is_a_fault_of_the_file_and_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('who,on\na,"' + "secret " * 5_000_000 + '"\n')
    with pytest.raises(DataError, match=r"x\.csv:2: a quotation mark is opened and not closed within 16 MiB") as raised:
        list(read_rows(tmp_path / "x.csv", "x.csv", EXTRACT))
    assert "secret" not in str(raised.value)
