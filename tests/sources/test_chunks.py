"""A file read in chunks means what it means read in one: the same facts, ids, identities and quarantine."""

import csv
import io
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from targeting.errors import DataError
from targeting.sources import earlier_chunks, spool
from targeting.sources.definition import Extract, FactFields, PersonFields, RelationshipFields, Source, column
from targeting.sources.loading import load
from targeting.sources.raw_rows import ChunkSize
from targeting.sources.reading import read_rows
from targeting.sources.row_ends import last_row_end, quotations
from targeting.store.identities import Identities
from targeting.store.staging import Staging, open_staging

KEY = bytes(range(32))
TABLES = ("deliveries", "sightings", "relationships", "quarantine", "facts_suspension", "facts_moved_out")
SUSPENSIONS = Extract(
    file="s.*",
    persons=(PersonFields(key=column("pupil"), given_name=column("name"), nhs_number=column("nhs")),),
    facts=(
        FactFields(
            kind="suspension",
            person="pupil",
            event_date=column("on"),
            values={"sessions": column("sessions")},
            record_key=("id",),
        ),
        FactFields(kind="moved_out", person="pupil", event_date=column("left")),
    ),
    relationships=(
        RelationshipFields(person="pupil", other="with", relationship=column("is"), knowledge_date=column("on")),
    ),
)
HEADER = ("id", "pupil", "name", "nhs", "on", "sessions", "left", "with", "is")
ROWS = [
    # The record key 1 names two records, three chunks apart, and a third one beside the first.
    ("1", "a", "Ann", "9434765919", "2024-01-05", "2", "", "b", "sibling_of"),
    ("2", "b", "Bo\nMary", "9434765918", "2024-01-06", "1", "2024-02-01", "", ""),
    ("3", "b", "", "", "2024-01-06", "none", "", "", ""),
    ("4", "c", 'Cy "the kid"', "", "2024-01-07", "3", "2024-02-01", "a", "sibling_of"),
    *((str(number), "d", "Di", "", "2024-01-08", str(1 + number % 5), "2024-02-02", "", "") for number in range(5, 20)),
    ("1", "a", "Ann", "", "2024-01-05", "4", "2024-02-03", "c", "parent_of"),
    *((str(number), "e", "Ed", "", "2024-01-09", "2", "2024-02-02", "", "") for number in range(20, 30)),
    ("1", "a", "Ann", "", "2024-01-05", "2", "2024-02-03", "", ""),
    # The same record once more is no contradiction, and a row that is faulty otherwise contradicts all the same.
    ("20", "e", "Ed", "", "2024-01-09", "2", "", "", ""),
    ("21", "e", "Ed", "", "2024-01-09", "5", "2024-13-01", "", ""),
]


def as_csv(rows: list[tuple[str, ...]]) -> bytes:
    sink = io.StringIO(newline="")
    csv.writer(sink, lineterminator="\n").writerows([HEADER, *rows])
    return (sink.getvalue() + "too,few\n").encode()


def as_parquet(rows: list[tuple[str, ...]]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(
        pa.table({name: pa.array(values) for name, values in zip(HEADER, zip(*rows, strict=True), strict=True)}), sink
    )
    return sink.getvalue().to_pybytes()


def staged(office, size: ChunkSize, extracts: Path, data: Path) -> tuple[object, ...]:
    """Return all that a load with chunks of that size stages, and its report."""
    report = load(extracts, data=data, sources=office.sources, contract=office.contract, identity_key=KEY, size=size)
    with open_staging(data) as staging:
        tables = [staging.table(f"from {name} order by all").to_pylist() for name in TABLES]
        (digest,) = staging.table("select digest from deliveries")["digest"].to_pylist()
    identities = Identities(data, KEY)
    return report, tables, identities.read().to_pylist(), all_rejected(identities, digest)


def all_rejected(identities: Identities, digest: str) -> dict[str, list[dict[str, object]]]:
    """Return the quarantined rows of a file by part, those of all chunks together."""
    rows: dict[str, list[dict[str, object]]] = {}
    for _, parts in identities.rejected(digest):
        for name, table in parts.items():
            rows.setdefault(name, []).extend(table.to_pylist())
    return rows


@pytest.fixture
def _portions_of_nine_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (spool, earlier_chunks):
        monkeypatch.setattr(module, "PORTION", 9)


@pytest.mark.usefixtures("_portions_of_nine_rows")
@pytest.mark.parametrize(("name", "written"), [("s.csv", as_csv), ("s.parquet", as_parquet)])
def test_chunks_of_any_size_stage_the_same(
    office,
    make_source: Callable[..., Source],
    tmp_path: Path,
    name: str,
    written: Callable[..., bytes],
) -> None:
    office.sources = [make_source([SUSPENSIONS])]
    extracts = office.write({f"police/{name}": written(ROWS)})
    whole = staged(office, ChunkSize(), extracts, tmp_path / "whole")
    for size in (ChunkSize(rows=7), ChunkSize(rows=7, bytes=64)):
        assert staged(office, size, extracts, tmp_path / f"{size.rows}-{size.bytes}") == whole
    (file,) = whole[0].files
    # Three rows of key 1, the two of key 21, and the one whose sessions are no number; in CSV the one with two fields.
    assert (file.rows, file.quarantined) == ((34, 7) if name == "s.csv" else (33, 6))
    contradicting = [fault["line"] for fault in whole[1][3] if fault["rule"].startswith("a record key shared")]
    assert len(contradicting) == 5


def test_rows_that_contradict_across_chunks_are_replayed_as_they_were_delivered(
    office, make_source: Callable[..., Source]
) -> None:
    office.sources = [make_source([SUSPENSIONS])]
    extracts = office.write({"police/s.csv": as_csv(ROWS)})
    load(
        extracts,
        data=office.data,
        sources=office.sources,
        contract=office.contract,
        identity_key=KEY,
        size=ChunkSize(rows=7, bytes=64),
    )
    (file,) = office.replay().files
    assert (file.rows, file.accepted, file.quarantined) == (7, 0, 7)


@pytest.mark.usefixtures("_portions_of_nine_rows")
def test_rows_rejected_from_many_chunks_are_replayed_chunk_by_chunk_as_if_they_had_been_accepted(
    office, make_source: Callable[..., Source], tmp_path: Path
) -> None:
    """Days in a form that was not declared: once it is, the rows are facts, but for those still faulty."""
    rows = [
        (str(n), f"p{n % 40}", f"Name {n % 40}", "", "13/01/2024", "none" if n % 20 == 1 else "2", "", "", "")
        for n in range(120)
    ]
    # Two records under one key, chunks apart: both stay rejected, beside six without a number and one of two fields.
    rows[100] = ("7", *rows[100][1:])
    extracts = office.write({"police/s.csv": as_csv(rows)})
    wrong, right = make_source([SUSPENSIONS]), make_source([in_british_days(SUSPENSIONS)])
    small = ChunkSize(rows=7, bytes=512)
    keys = {"contract": office.contract, "identity_key": KEY}
    load(extracts, data=office.data, sources=[wrong], size=small, **keys)
    digest = str(office.ask(Staging.deliveries)[0]["digest"])
    identities = Identities(office.data, KEY)
    chunks = list(identities.rejected(digest))
    assert len(chunks) > 16
    assert max(len(table) for _, parts in chunks for table in parts.values()) <= 7
    office.sources = [right]
    (replayed,) = office.replay().files
    assert (replayed.rows, replayed.accepted, replayed.quarantined) == (121, 112, 9)
    load(extracts, data=tmp_path / "at once", sources=[right], **keys)
    assert stands(office.data, digest) == stands(tmp_path / "at once", digest)
    assert office.replay().files[0].accepted == 0
    assert stands(office.data, digest) == stands(tmp_path / "at once", digest)


def in_british_days(extract: Extract) -> Extract:
    """Return the extract with the days of its first fact, and those of its relationships, as day/month/year."""
    day = column("on", format="%d/%m/%Y")
    first = replace(extract.facts[0], event_date=day)
    related = tuple(replace(each, knowledge_date=day) for each in extract.relationships)
    return replace(extract, facts=(first, *extract.facts[1:]), relationships=related)


def stands(data: Path, digest: str) -> tuple[object, ...]:
    """Return all that a data folder holds of one file."""
    with open_staging(data) as staging:
        tables = [staging.table(f"from {name} order by all").to_pylist() for name in TABLES]
    identities = Identities(data, KEY)
    return tables, identities.read().to_pylist(), all_rejected(identities, digest)


@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.text('a",\n', max_size=60), st.integers(1, 40))
def test_text_of_any_quotation_is_read_alike_in_blocks_of_any_size(tmp_path: Path, text: str, size: int) -> None:
    (tmp_path / "x.csv").write_text("who,on\n" + text + "\n")
    assert read(tmp_path / "x.csv", ChunkSize()) == read(tmp_path / "x.csv", ChunkSize(bytes=size))


DIED = Extract(file="x.csv", facts=(FactFields(kind="died", person="who", event_date=column("on")),))


def read(path: Path, size: ChunkSize) -> object:
    """Return the rows with their lines, and the malformed ones; or the fault of the file, without what follows it."""
    rows: list[object] = []
    malformed: list[object] = []
    try:
        for chunk in read_rows(path, "x.csv", DIED, size):
            values = (chunk.lines.tolist(), chunk.column("who").to_pylist(), chunk.column("on").to_pylist())
            rows += zip(*values, strict=True)
            malformed += [(row.line, row.fields, row.text) for row in chunk.malformed]
    except DataError as error:
        return str(error)
    return rows, malformed


def test_a_quotation_mark_within_a_field_opens_nothing() -> None:
    text = b'a,5" pipe\nb,"two\nlines"\nc,6" pipe\nd,"open\n'
    quoted = quotations(text, b",")
    assert last_row_end(text, quoted) == text.index(b'd,"open')
    assert quoted.covering(len(text)) == text.index(b'"open')
    random.seed(1)
    for _ in range(300):
        text = "".join(random.choices('a",\n', k=12)).encode()
        quoted = quotations(text, b",")
        inside = [quoted.covering(place) is not None for place, mark in enumerate(text) if mark == ord("\n")]
        assert inside == [state for state, mark in zip(states(text), text, strict=True) if mark == ord("\n")], text


def states(text: bytes) -> list[bool]:
    """Return of each byte whether it lies in a quoted field, byte by byte."""
    result, inside, place, begins = [], False, 0, True
    while place < len(text):
        mark = text[place : place + 1]
        result.append(inside)
        if inside and mark == b'"' and text[place + 1 : place + 2] == b'"':
            result.append(True)
            place += 1
        elif mark == b'"' and (inside or begins):
            inside = not inside
        begins = not inside and mark in (b",", b"\n")
        place += 1
    return result
