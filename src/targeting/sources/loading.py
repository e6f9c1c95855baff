"""Deliveries of the agencies read, checked and recorded: each file whole or not at all."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from targeting.errors import DataError
from targeting.records.contract import Contract
from targeting.sources.checking import check_sources
from targeting.sources.context import context_of
from targeting.sources.definition import Extract, Source
from targeting.sources.deliveries import DeliveredFile, delivered_files
from targeting.sources.earlier_chunks import EarlierChunks, Lines
from targeting.sources.feeds import feed_warnings
from targeting.sources.formats import Reading, continued_in, format_of
from targeting.sources.interpreting import interpret
from targeting.sources.raw_rows import ChunkSize
from targeting.sources.recording import Stores, record
from targeting.sources.reports import FileReport, LoadError, LoadReport
from targeting.sources.spool import FAULTS, Spool
from targeting.store.files import sha256_of
from targeting.store.identities import DeliveryWriter, Identities
from targeting.store.staging import NoRoomError, Staging, open_staging, room_in

__all__ = ["FileReport", "LoadError", "LoadReport", "Progress", "load", "load_file"]

Progress = Callable[[str, int, int], None]

# What the staging database may take; beyond it, it spills to its own folder.
MEMORY = "160MiB"

A_DATE_AS = "a date as "
NO_SUCH_DAY = """
select "column", expected, shape, count(*) as rows from incoming where rule = 'not a date'
group by "column", expected, shape order by all
"""

DELIVERY = """
insert into deliveries by name
    select $digest as digest, $source as source, $file as file, $extracted_on as extracted_on, $synthetic as synthetic,
        $rows as rows, $accepted as accepted, $quarantined as quarantined, $content as content, $extract as extract
"""


def load(  # noqa: PLR0913 - what a load depends on, each said by name.
    extracts: Path,
    *,
    data: Path,
    sources: Sequence[Source],
    contract: Contract,
    identity_key: bytes,
    progress: Progress | None = None,
    size: ChunkSize | None = None,
) -> LoadReport:
    """Load every agency's files below `extracts` into the data folder and return what became of them.

    Each source's folder holds its files and `delivery.toml`. Of a file that cannot be used as a whole nothing is
    loaded; the others are, and LoadError tells of all such files at the end. Raises DeclarationError before any file is
    opened where a source is wrongly declared, and DataError where synthetic and real deliveries would mix.
    `progress` is called with the file at hand, how many are done and how many there are. `size` is how much of a file
    is held at once: it changes nothing of what is loaded.
    """
    check_sources(sources, contract)
    found = delivered_files(extracts, sources)
    faults, warnings, reports = list(found.faults), list(found.warnings), []
    with room_in(data), open_staging(data, memory=MEMORY) as staging:
        _check_not_mixed(staging, found.files, data)
        stores = Stores(staging, Identities(data, identity_key), contract, identity_key)
        stores.identities.check_key()
        stores.identities.forget_all_but(set(staging.deliveries()["digest"].to_pylist()))
        for number, file in enumerate(found.files):
            if progress:
                progress(file.place, number, len(found.files))
            try:
                with room_in(data):
                    report, cautions = load_file(file, stores, size or ChunkSize())
            except NoRoomError as error:
                faults.append(f"{file.place}: {error}")
                break
            except DataError as error:
                faults.append(str(error))
                continue
            reports.append(report)
            warnings += cautions
        loaded = frozenset(report.source for report in reports if not report.already_loaded)
        warnings += feed_warnings(staging, sources, loaded)
    whole = LoadReport(tuple(reports), tuple(warnings))
    if faults:
        raise LoadError(faults, whole)
    return whole


def _check_not_mixed(staging: Staging, files: Sequence[DeliveredFile], data: Path) -> None:
    flags = {file.delivery.synthetic for file in files} | ({staging.is_synthetic()} - {None})
    if len(flags) > 1:
        message = (
            f"{data}: synthetic and real deliveries cannot share a data folder. "
            "Load the synthetic ones into a project folder of their own."
        )
        raise DataError(message)


def load_file(file: DeliveredFile, stores: Stores, size: ChunkSize) -> tuple[FileReport, tuple[str, ...]]:
    """Load one file, whole or not at all, and return what became of it, with what should be looked at.

    Raises DataError where the file as a whole is not what its extract declares.
    """
    unread, content = _state(file.path), sha256_of(file.path)
    reading = format_of(file.extract).read(file, size)
    digest = _delivery_digest(file, reading.as_of, "".join((content, *map(sha256_of, reading.also_read))))
    before = _loaded_before(stores.staging, digest, file)
    if before is not None:
        return before, (f"{file.place}: delivered twice; the same file of {reading.as_of} is loaded already.",)
    # The identities are safe before the facts are: without its delivery, what is kept of a file is forgotten.
    with stores.identities.writing(digest) as identities:
        said = _taken(file, reading, stores, identities)
        if _state(file.path) != unread:
            message = f"{file.place}: changed while it was read. Load it again once it is written to its end."
            raise DataError(message)
    with stores.staging.transaction():
        _record_delivery(stores.staging, file, reading.as_of, (digest, content), said)
        record(stores, said, digest, continued=continued_in(file.extract, file.source))
    report = FileReport(
        source=file.source.name,
        file=file.place,
        rows=said.rows,
        accepted=said.accepted,
        quarantined=said.quarantined,
        already_loaded=False,
    )
    warnings = (*reading.warnings, *reading.noticed(), *_cautions(file, said))
    said.clear()
    return report, warnings


def _state(path: Path) -> tuple[int, int]:
    """Return what differs where a file was written to: its size, and when that was."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _taken(file: DeliveredFile, reading: Reading, stores: Stores, identities: DeliveryWriter) -> Spool:
    """Return what the whole file says, its persons written; read a second time where one chunk contradicts another."""
    contradicted: dict[str, Lines] = {}
    for _ in range(2):
        earlier = EarlierChunks(stores.staging, contradicted)
        spool = Spool(stores.staging)
        context = context_of(file.source, file.extract, reading.as_of, stores.contract, stores.identity_key)
        identities.begin_anew()
        for parts in reading.chunks():
            said = interpret(parts, context, earlier)
            identities.write(said.persons, said.rejected)
            spool.add(said, earlier)
        found = earlier.contradictions() if spool.is_of_many else {}
        if contradicted or not found:
            break
        contradicted = found
    return spool


def _delivery_digest(file: DeliveredFile, as_of: date, content: str) -> str:
    """Return what tells a delivery from every other: the same bytes are news of a later day, or for another extract."""
    return hashlib.sha256(f"{file.source.name}\n{file.extract.file}\n{as_of}\n{content}".encode()).hexdigest()


def _loaded_before(staging: Staging, digest: str, file: DeliveredFile) -> FileReport | None:
    found = staging.table("select rows, accepted, quarantined from deliveries where digest = ?", [digest]).to_pylist()
    return FileReport(source=file.source.name, file=file.place, already_loaded=True, **found[0]) if found else None


def _record_delivery(staging: Staging, file: DeliveredFile, as_of: date, digests: tuple[str, str], said: Spool) -> None:
    row = {
        "digest": digests[0],
        "source": file.source.name,
        "file": file.place,
        "extracted_on": as_of,
        "synthetic": file.delivery.synthetic,
        "rows": said.rows,
        "accepted": said.accepted,
        "quarantined": said.quarantined,
        "content": digests[1],
        "extract": file.extract.file,
    }
    staging.connection.execute(DELIVERY, row)
    # A file that is mapped to no fact is told by an empty name: it covers nothing.
    kinds = ["", *sorted(said.mapped_kinds)]
    staging.connection.execute("insert into delivered_kinds select ?, unnest(?)", [digests[0], kinds])


def _cautions(file: DeliveredFile, said: Spool) -> Iterator[str]:
    if not said.rows:
        yield f"{file.place}: a header and no rows."
    yield from _days_in_doubt(file, said)
    for called, count in said.failed_checks.items():
        yield f"{file.place}: {count} {called} fail their check and are not used to match people."
    if isinstance(file.extract, Extract) and said.undated:
        columns = dict.fromkeys(each.event_date.column or "" for each in file.extract.facts)
        rows = "1 row has" if said.undated == 1 else f"{said.undated:,} rows have"
        named = "Who is named there is taken, and no record comes of it."
        yield f"{file.place}: {rows} no date ({', '.join(columns)}). {named}"
    if isinstance(file.extract, Extract) and not file.extract.facts:
        for person in file.extract.persons:
            if person.recorded_on is None:
                yield (
                    f"{file.place}: people without recorded_on are known from {file.delivery.extracted_on} only; "
                    "map the column that says when the agency first recorded them."
                )


def _days_in_doubt(file: DeliveredFile, said: Spool) -> Iterator[str]:
    """Yield the columns in which days stand that have the declared form and do not exist, as 14/03 is in March."""
    found: Counter[tuple[str, str]] = Counter()
    for is_filled in said.portions(FAULTS):
        rows = said.table(NO_SUCH_DAY).to_pylist() if is_filled else []
        for row in rows:
            pattern = row["expected"].removeprefix(A_DATE_AS)
            if row["shape"] == re.sub("%[dmy]", "99", pattern).replace("%Y", "9999"):
                found[row["column"], pattern] += row["rows"]
    for (column, pattern), rows in sorted(found.items()):
        many, are = (f"{rows:,} dates have", "are") if rows > 1 else ("1 date has", "is")
        yield (
            f"{file.place}: column {column}: {many} the form of {pattern} and {are} no day. Another order of day and "
            "month may be mixed in: ask the agency."
        )
