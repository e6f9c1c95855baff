"""Deliveries of the agencies read, checked and recorded: each file whole or not at all."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from targeting.errors import DataError
from targeting.records.contract import Contract
from targeting.sources.checking import check_sources
from targeting.sources.cin_census import read_cin_census
from targeting.sources.context import context_of
from targeting.sources.definition import Extract, Source
from targeting.sources.deliveries import DeliveredFile, delivered_files
from targeting.sources.interpreting import Interpreted, Part, interpret
from targeting.sources.reading import read_rows
from targeting.sources.recording import Stores, record
from targeting.sources.reports import FileReport, LoadError, LoadReport
from targeting.store.files import sha256_of
from targeting.store.identities import Identities
from targeting.store.staging import Staging, open_staging

__all__ = ["FileReport", "LoadError", "LoadReport", "Progress", "load", "load_file"]

Progress = Callable[[str, int, int], None]

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
) -> LoadReport:
    """Load every agency's files below `extracts` into the data folder and return what became of them.

    Each source's folder holds its files and `delivery.toml`. Of a file that cannot be used as a whole nothing is
    loaded; the others are, and LoadError tells of all such files at the end. Raises DeclarationError before any file is
    opened where a source is wrongly declared, and DataError where synthetic and real deliveries would mix.
    `progress` is called with the file at hand, how many are done and how many there are.
    """
    check_sources(sources, contract)
    found = delivered_files(extracts, sources)
    faults, warnings, reports = list(found.faults), list(found.warnings), []
    with open_staging(data) as staging:
        _check_not_mixed(staging, found.files, data)
        stores = Stores(staging, Identities(data, identity_key), contract, identity_key)
        stores.identities.check_key()
        stores.identities.forget_all_but(set(staging.deliveries()["digest"].to_pylist()))
        for number, file in enumerate(found.files):
            if progress:
                progress(file.place, number, len(found.files))
            try:
                report, cautions = load_file(file, stores)
            except DataError as error:
                faults.append(str(error))
                continue
            reports.append(report)
            warnings += cautions
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


def load_file(file: DeliveredFile, stores: Stores) -> tuple[FileReport, tuple[str, ...]]:
    """Load one file, whole or not at all, and return what became of it, with what should be looked at.

    Raises DataError where the file as a whole is not what its extract declares.
    """
    content = sha256_of(file.path)
    as_of, parts, warnings = _read(file)
    digest = _delivery_digest(file, as_of, content)
    before = _loaded_before(stores.staging, digest, file)
    if before is not None:
        return before, (f"{file.place}: delivered twice; the same file of {as_of} is loaded already.",)
    said = interpret(parts, context_of(file.source, file.extract, as_of, stores.contract, stores.identity_key))
    with stores.staging.transaction():
        _record_delivery(stores.staging, file, as_of, (digest, content), said)
        record(stores, said, digest)
        stores.identities.keep_rejected(digest, said.rejected)
    report = FileReport(
        source=file.source.name,
        file=file.place,
        rows=said.rows,
        accepted=said.rows - said.quarantined,
        quarantined=said.quarantined,
        already_loaded=False,
    )
    return report, (*warnings, *_cautions(file, said))


def _read(file: DeliveredFile) -> tuple[date, tuple[Part, ...], tuple[str, ...]]:
    """Return the day of which a file speaks, its rows, and what is odd about it."""
    extract, extracted_on = file.extract, file.delivery.extracted_on
    if isinstance(extract, Extract):
        return extracted_on, (Part("", read_rows(file.path, file.place, extract), extract),), ()
    census = read_cin_census(file.path, file.place)
    if census.reference_date > extracted_on:
        message = (
            f"{file.place}: refers to {census.reference_date}, after {extracted_on}, on which delivery.toml says "
            "that it was extracted. Correct extracted_on, or ask for the return again."
        )
        raise DataError(message)
    return census.reference_date, census.parts, census.warnings


def _delivery_digest(file: DeliveredFile, as_of: date, content: str) -> str:
    """Return what tells a delivery from every other: the same bytes are news of a later day, or for another extract."""
    return hashlib.sha256(f"{file.source.name}\n{file.extract.file}\n{as_of}\n{content}".encode()).hexdigest()


def _loaded_before(staging: Staging, digest: str, file: DeliveredFile) -> FileReport | None:
    found = staging.table("select rows, accepted, quarantined from deliveries where digest = ?", [digest]).to_pylist()
    return FileReport(source=file.source.name, file=file.place, already_loaded=True, **found[0]) if found else None


def _record_delivery(
    staging: Staging, file: DeliveredFile, as_of: date, digests: tuple[str, str], said: Interpreted
) -> None:
    row = {
        "digest": digests[0],
        "source": file.source.name,
        "file": file.place,
        "extracted_on": as_of,
        "synthetic": file.delivery.synthetic,
        "rows": said.rows,
        "accepted": said.rows - said.quarantined,
        "quarantined": said.quarantined,
        "content": digests[1],
        "extract": file.extract.file,
    }
    staging.connection.execute(DELIVERY, row)


def _cautions(file: DeliveredFile, said: Interpreted) -> Iterator[str]:
    if not said.rows:
        yield f"{file.place}: a header and no rows."
    for called, count in said.failed_checks.items():
        yield f"{file.place}: {count} {called} fail their check and are not used to match people."
    if isinstance(file.extract, Extract) and not file.extract.facts:
        for person in file.extract.persons:
            if person.recorded_on is None:
                yield (
                    f"{file.place}: people without recorded_on are known from {file.delivery.extracted_on} only; "
                    "map the column that says when the agency first recorded them."
                )
