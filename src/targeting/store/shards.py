"""Shards: whole families cut from the exploded facts, kept in memory or as one Parquet file a kind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from targeting.records.contract import Contract
from targeting.records.definition import ColumnType, FactKind
from targeting.store.blocks import FactRows, Indexes, LinkRows, MemberRows, Shard
from targeting.store.explosion import Population, explode_facts, explode_links, members, population
from targeting.store.vocabularies import Encoding, Vocabularies, encoding, text_array

# A kind's own columns are stored behind this prefix, so that none can be taken for one of the engine's.
OWN = "column."
# How a shard's columns are decoded fastest, in about as many bytes as by a dictionary, which is best for all others:
# as they are where a value is followed by many of its kind; byte by byte where most differ but lie near one another.
IN_RUNS = ("family", "visible_to", "birth", "is_child")
BY_BYTES = ("person", "fact_id", "event", "knowledge", "visible_from")
NOT_COLUMNS = ("kind", "columns", "vocabularies")
ROW_FIELDS = tuple(field.name for field in fields(FactRows) if field.name not in NOT_COLUMNS)
# Read when asked for: few indicators ask when a person was born, fewer for more of a fact than its days.
READ_LATER = ("fact_id", "knowledge", "birth", "is_child")


def shard_from_tables(
    facts: Mapping[str, pa.Table],
    memberships: pa.Table,
    agency_links: pa.Table,
    *,
    contract: Contract,
    sources: Sequence[str],
) -> Shard:
    """Return one shard of all families in `memberships`, held in memory, by the code that writes a generation.

    Tables have the columns of `GenerationContents`.
    """
    people, code = population(memberships), encoding(facts, contract, sources)
    rows = {name: explode_facts(contract[name], table, people, code) for name, table in facts.items()}
    empty = {
        name: empty_facts(name, column_types(kind), code.vocabularies[name])
        for name, kind in contract.items()
        if name not in rows
    }
    return memory_shard(people, members(people), explode_links(agency_links, people, sources), {**rows, **empty}, code)


def memory_shard(
    people: Population, member_rows: MemberRows, links: LinkRows, rows: Mapping[str, FactRows], code: Encoding
) -> Shard:
    """Return a shard that answers from the given rows."""
    return Shard(
        family_ids=text_array(people.family_ids),
        person_ids=text_array(people.person_ids),
        sources=code.sources,
        members=member_rows,
        links=links,
        read_facts=lambda kind, columns: with_columns(rows[kind], columns),
    )


def with_columns(rows: FactRows, columns: Sequence[str] | None) -> FactRows:
    """Return the rows with only the named columns; all of them for None."""
    return rows if columns is None else replace(rows, columns={name: rows.columns[name] for name in columns})


def empty_facts(kind: str, types: Mapping[str, ColumnType], vocabularies: Mapping[str, tuple[str, ...]]) -> FactRows:
    """Return no rows of a kind whose own columns have the given types in the contract."""
    row: dict[str, Any] = {name: np.empty(0, np.int32) for name in ROW_FIELDS}
    row |= {"fact_id": np.empty(0, np.int64), "is_child": np.empty(0, np.int8), "source": np.empty(0, np.int16)}
    columns = {name: np.empty(0, np.int32 if own in ("code", "date") else np.float64) for name, own in types.items()}
    return FactRows(kind=kind, columns=columns, vocabularies=vocabularies, **row)


def column_types(kind: FactKind) -> dict[str, ColumnType]:
    """Return the types of a kind's own columns."""
    return {column.name: column.type for column in kind.columns}


@dataclass(frozen=True)
class Cut:
    """The families `first` up to `last` (not included) and the persons who ever belong to one of them."""

    first: int
    last: int
    persons: Indexes

    def of(self, family: Indexes) -> slice:
        """Return where the families of this cut lie in a column sorted by family."""
        start, end = np.searchsorted(family, (self.first, self.last))
        return slice(int(start), int(end))

    def local(self, family: Indexes, person: Indexes) -> tuple[Indexes, Indexes]:
        """Return the same families and persons as indexes into the shard's own ids."""
        return (family - np.int32(self.first)), np.searchsorted(self.persons, person).astype(np.int32)


def cuts(member_rows: MemberRows, families: int, families_per_shard: int) -> Iterator[Cut]:
    """Yield the shards' cuts, each of `families_per_shard` families, the last of what is left."""
    for first in range(0, families, families_per_shard):
        last = min(first + families_per_shard, families)
        start, end = np.searchsorted(member_rows.family, (first, last))
        yield Cut(first, last, np.unique(member_rows.person[start:end]))


def cut_rows(rows: FactRows | MemberRows | LinkRows, cut: Cut) -> dict[str, NDArray[Any]]:
    """Return the columns of one shard by the names that they have in its file."""
    which = cut.of(rows.family)
    columns = {name: values[which] for name, values in flat_columns(rows).items()}
    columns["family"], columns["person"] = cut.local(columns["family"], columns["person"])
    return columns


def flat_columns(rows: FactRows | MemberRows | LinkRows) -> dict[str, NDArray[Any]]:
    """Return all columns of some rows by the names that they have in a shard's file."""
    own = rows.columns if isinstance(rows, FactRows) else {}
    names = [field.name for field in fields(rows) if field.name not in NOT_COLUMNS]
    return {name: getattr(rows, name) for name in names} | {OWN + name: values for name, values in own.items()}


def fact_rows(kind: str, columns: dict[str, NDArray[Any]], vocabularies: Mapping[str, tuple[str, ...]]) -> FactRows:
    """Return facts from columns named as in a shard's file."""
    own = {name.removeprefix(OWN): values for name, values in columns.items() if name.startswith(OWN)}
    common = {name: values for name, values in columns.items() if not name.startswith(OWN)}
    return FactRows(kind=kind, columns=own, vocabularies=vocabularies, **common)


class RowsOfFile(FactRows):
    """The facts of a shard's file; those of their columns that few ask for are read from it when they are."""

    _file: pq.ParquetFile

    @classmethod
    def of(
        cls, file: pq.ParquetFile, kind: str, columns: Sequence[str], vocabularies: Mapping[str, tuple[str, ...]]
    ) -> "RowsOfFile":
        """Return a kind's rows with the named columns of its own."""
        at_once = [name for name in ROW_FIELDS if name not in READ_LATER]
        held = _columns_of(file, [*at_once, *(OWN + name for name in columns)])
        rows = cls.__new__(cls)
        own = {name: held.pop(OWN + name) for name in columns}
        rows.__dict__.update(held, kind=kind, columns=own, vocabularies=vocabularies, _file=file)
        return rows

    def __getattr__(self, name: str) -> NDArray[Any]:
        """Return a column that is not read yet."""
        if name not in READ_LATER:
            raise AttributeError(name)
        values: NDArray[Any] = _columns_of(self._file, [name])[name]
        self.__dict__[name] = values
        return values


def write_rows(path: Path, columns: Mapping[str, NDArray[Any]]) -> None:
    """Write one shard's rows of one kind as Parquet."""
    arrays = {name: pa.array(values) for name, values in columns.items()}
    # What is missing has a number of its own: without nulls a column is decoded faster.
    schema = pa.schema([pa.field(name, values.type, nullable=False) for name, values in arrays.items()])
    pq.write_table(
        pa.table(arrays, schema=schema),
        path,
        compression="lz4",
        use_dictionary=[name for name in arrays if name not in (*IN_RUNS, *BY_BYTES)],
        column_encoding={name: "BYTE_STREAM_SPLIT" for name in BY_BYTES if name in arrays},
    )


def write_table(path: Path, table: pa.Table, *, unique: Sequence[str] = ()) -> None:
    """Write a table as Parquet, the same bytes for the same rows; columns of `unique` values are stored plain."""
    dictionary = [name for name in table.column_names if name not in unique]
    pq.write_table(table, path, compression="zstd", compression_level=1, use_dictionary=dictionary)


def shard_folder(number: int) -> str:
    """Return the folder of the shard of that number, below its generation."""
    return f"shards/{number:04d}"


@dataclass(frozen=True)
class ShardFiles:
    """One shard on disk, and what its files leave unsaid: the types and vocabularies of every kind."""

    folder: Path
    sources: tuple[str, ...]
    types: Mapping[str, Mapping[str, ColumnType]]
    vocabularies: Vocabularies

    def open(self) -> Shard:
        """Return the shard; its facts are read when asked for."""
        return Shard(
            family_ids=text_array(_read(self.folder / "families.parquet")["family_id"]),
            person_ids=text_array(_read(self.folder / "persons.parquet")["person_id"]),
            sources=self.sources,
            members=MemberRows(**_read_columns(self.folder / "members.parquet", None)),
            links=LinkRows(**_read_columns(self.folder / "links.parquet", None)),
            read_facts=self.facts,
        )

    def facts(self, kind: str, columns: Sequence[str] | None) -> FactRows:
        """Return one kind's rows from its file; no rows where the shard has no such file."""
        types = self.types[kind]
        wanted = tuple(types) if columns is None else tuple(columns)
        path = self.folder / f"{kind}.parquet"
        if not path.exists():
            return empty_facts(kind, {name: types[name] for name in wanted}, self.vocabularies[kind])
        unknown = [name for name in wanted if name not in types]
        if unknown:
            raise KeyError(unknown[0])
        if columns is None:
            return fact_rows(kind, _read_columns(path, None), self.vocabularies[kind])
        return RowsOfFile.of(_opened(path), kind, wanted, self.vocabularies[kind])


def _read_columns(path: Path, names: Sequence[str] | None) -> dict[str, Any]:
    return _columns_of(_opened(path), names)


def _columns_of(file: pq.ParquetFile, names: Sequence[str] | None) -> dict[str, Any]:
    table = file.read(columns=names, use_threads=False)
    return {name: _numbers(column) for name, column in zip(table.column_names, table.itercolumns(), strict=True)}


def _read(path: Path) -> pa.Table:
    return _opened(path).read(use_threads=False)


def _opened(path: Path) -> pq.ParquetFile:
    # Read as one piece: the pieces that a dataset's reader makes would have to be copied together, and it is slow to
    # import. What lies on a disk nearby is read faster as it is decoded than all beforehand.
    return pq.ParquetFile(path, pre_buffer=False)


def _numbers(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a column's values; of one piece that may be written, as the kernel wants it, they are not copied."""
    values = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    held = values.buffers()[1]
    if held is None or not held.is_mutable:
        return np.array(values.to_numpy())
    # Not by to_numpy, which imports pandas.
    return np.frombuffer(held, str(values.type), len(values), values.offset * values.type.bit_width // 8)
