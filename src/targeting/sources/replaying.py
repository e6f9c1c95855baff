"""Quarantined rows read once more, after the declaration that rejected them was put right."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from targeting.errors import DataError
from targeting.records.contract import Contract
from targeting.sources.checking import check_sources
from targeting.sources.context import context_of
from targeting.sources.definition import AnyExtract, Source
from targeting.sources.deliveries import is_file_of
from targeting.sources.earlier_chunks import EarlierChunks, Lines
from targeting.sources.formats import Meaning, continued_in, format_of
from targeting.sources.interpreting import LINE, UNREAD, Part, interpret
from targeting.sources.raw_rows import MalformedRow, RawRows, columns_of
from targeting.sources.recording import Stores, record
from targeting.sources.reports import FileReport, LoadError, LoadReport
from targeting.sources.spool import Spool
from targeting.store.identities import DeliveryWriter, Identities
from targeting.store.staging import open_staging

Delivered = Mapping[str, Any]


def replay(data: Path, *, sources: Sequence[Source], contract: Contract, identity_key: bytes) -> LoadReport:
    """Read all quarantined rows by the sources as they are declared now; record those that are sound.

    Each fact is known from when it would have been known had its row been accepted. The report counts the rows
    replayed, not those of the whole file. Raises LoadError, the other files replayed, where a file's rows cannot be
    read: its source or extract is gone, or a column is wanted that was not kept.
    """
    check_sources(sources, contract)
    reports, faults = [], []
    with open_staging(data) as staging:
        stores = Stores(staging, Identities(data, identity_key), contract, identity_key)
        for delivered in staging.table("select * from deliveries where quarantined > 0 order by all").to_pylist():
            try:
                reports.append(_replay_file(delivered, stores, sources))
            except DataError as error:
                faults.append(str(error))
    if faults:
        raise LoadError(faults, LoadReport(tuple(reports), ()))
    return LoadReport(tuple(reports), ())


def _replay_file(delivered: Delivered, stores: Stores, sources: Sequence[Source]) -> FileReport:
    digest = delivered["digest"]
    source, extract = _declared(delivered, sources)
    with stores.identities.adding(digest) as identities:
        said = _taken(delivered, (source, extract), stores, identities)
    with stores.staging.transaction():
        stores.staging.connection.execute("delete from quarantine where digest = ?", [digest])
        stores.staging.connection.execute(
            "update deliveries set accepted = rows - $left, quarantined = $left where digest = $digest",
            {"left": said.quarantined, "digest": digest},
        )
        record(stores, said, digest, continued=continued_in(extract, source))
    report = _report(source, delivered["file"], said)
    said.clear()
    # Not before the facts are safe: a row is in one place or in both, and replayed again it changes nothing.
    stores.identities.keep_what_is_left(digest)
    return report


def _taken(
    delivered: Delivered, declared: tuple[Source, AnyExtract], stores: Stores, identities: DeliveryWriter
) -> Spool:
    """Return what all rejected rows of a file say now; their persons are written, and what is left of the rows.

    They are read a chunk at a time, as the file was; a second time where one chunk contradicts another.
    """
    (source, extract), place = declared, delivered["file"]
    context = context_of(source, extract, delivered["extracted_on"], stores.contract, stores.identity_key)
    contradicted: dict[str, Lines] = {}
    for _ in range(2):
        earlier, spool = EarlierChunks(stores.staging, contradicted), Spool(stores.staging)
        identities.begin_anew()
        for chunk, tables in identities.rejected():
            said = interpret(_parts(tables, extract, place), context, earlier)
            identities.write(said.persons, {})
            identities.leave(chunk, said.rejected)
            spool.add(said, earlier)
        found = earlier.contradictions() if spool.is_of_many else {}
        if contradicted or not found:
            break
        contradicted = found
    return spool


def _report(source: Source, place: str, said: Spool) -> FileReport:
    return FileReport(
        source=source.name,
        file=place,
        rows=said.rows,
        accepted=said.accepted,
        quarantined=said.quarantined,
        already_loaded=False,
    )


def _declared(delivered: Delivered, sources: Sequence[Source]) -> tuple[Source, AnyExtract]:
    for source in sources:
        for extract in source.extracts:
            if source.name == delivered["source"] and is_file_of(extract, source, delivered["file"]):
                return source, extract
    message = f"{delivered['file']}: no extract of source {delivered['source']!r} declares it any more."
    raise DataError(message)


def _parts(rejected: Mapping[str, pa.Table], extract: AnyExtract, place: str) -> list[Part]:
    names = list(dict.fromkeys(name.removesuffix(UNREAD) for name in rejected))
    meanings = format_of(extract).meanings(extract)
    gone = [name for name in names if name not in meanings]
    if gone:
        message = f"{place}: quarantined rows were kept of {', '.join(gone)}, which its extract no longer has."
        raise DataError(message)
    return [_part(name, rejected, meanings[name], place) for name in names]


def _part(name: str, rejected: Mapping[str, pa.Table], meaning: Meaning, place: str) -> Part:
    wanted = columns_of(meaning.extract)
    kept = rejected.get(
        name, pa.table({LINE: pa.array([], pa.int64())} | {c: pa.array([], pa.string()) for c in wanted})
    )
    missing = [column for column in wanted if column not in kept.column_names]
    if missing:
        message = (
            f"{place}: quarantined rows were kept without {', '.join(missing)}. Load the file into a new data folder."
        )
        raise DataError(message)
    unread = rejected.get(name + UNREAD)
    malformed = () if unread is None else tuple(MalformedRow(**row) for row in unread.to_pylist())
    lines = kept[LINE].to_numpy().astype(np.int64)
    return Part(name, RawRows(kept.select(wanted), lines, malformed), meaning.extract, meaning.required)
