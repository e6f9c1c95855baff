"""Which reader reads the files of an extract, and what the parts that it finds in them mean.

A format whose mapping is fixed by a public specification is declared by a class of its own in definition.py
(`CinCensus(file=...)`), which says by `is_history` and `has_codes_by_year` how its rows are dated and coded. Its entry
in `FORMATS` names how to read a file and what each part of it is mapped to.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from targeting.errors import DataError
from targeting.sources import annex_a_mapping, safeguarding_tables, ssda903_mapping
from targeting.sources.annex_a import read_annex_a
from targeting.sources.attendance_register import DAY, Oddities, counted, register_columns, register_meaning
from targeting.sources.cin_census import read_cin_census
from targeting.sources.cin_mapping import MAPPINGS, PERSON, REQUIRED
from targeting.sources.definition import (
    AnnexA,
    AnyExtract,
    AttendanceRegister,
    CinCensus,
    Extract,
    SafeguardingDataset,
    Source,
    Ssda903,
)
from targeting.sources.deliveries import DeliveredFile
from targeting.sources.interpreting import Part
from targeting.sources.raw_rows import ChunkSize
from targeting.sources.reading import read_rows
from targeting.sources.returns import Return
from targeting.sources.safeguarding_dataset import read_safeguarding_table
from targeting.sources.ssda903 import read_ssda903


@dataclass(frozen=True)
class Meaning:
    """What the rows of one part of a file are mapped to; `required` columns are filled on every row."""

    extract: Extract
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A file opened by its reader: the day of which it speaks, what is odd about it, and how to read its rows.

    `chunks` yields the parts of the file, a chunk at a time, lines rising within a part; called again it begins anew.
    """

    as_of: date
    chunks: Callable[[], Iterator[Sequence[Part]]]
    warnings: tuple[str, ...] = ()
    # Other files of the delivery on which its rows depend: where they change, it is news.
    also_read: tuple[Path, ...] = ()
    # What was odd about the rows, known once they are read.
    noticed: Callable[[], tuple[str, ...]] = tuple


@dataclass(frozen=True)
class Format:
    """How the files of one class of extract are read, and what their parts mean, by the name of the part."""

    read: Callable[[DeliveredFile, ChunkSize], Reading]
    meanings: Callable[[Any], Mapping[str, Meaning]]


def format_of(extract: AnyExtract) -> Format:
    """Return the format that an extract declares by its class."""
    return FORMATS[type(extract)]


def continued_in(extract: AnyExtract, source: Source) -> str | None:
    """Return the source's name where its files are returns by year, in which one year's periods end the next."""
    return source.name if isinstance(extract, Ssda903) else None


def kinds_of(extract: AnyExtract) -> frozenset[str]:
    """Return the kinds of fact that an extract can make."""
    meanings = format_of(extract).meanings(extract).values()
    return frozenset(fact.kind for meaning in meanings for fact in meaning.extract.facts)


def check_reference_date(file: DeliveredFile, refers_to: date) -> None:
    """Raise DataError where a return refers to a day after the one on which it was extracted."""
    if refers_to > file.delivery.extracted_on:
        message = (
            f"{file.place}: refers to {refers_to}, after {file.delivery.extracted_on}, on which delivery.toml says "
            "that it was extracted. Correct extracted_on, or ask for the return again."
        )
        raise DataError(message)


def _read_mapped(file: DeliveredFile, size: ChunkSize) -> Reading:
    extract = file.extract
    assert isinstance(extract, Extract)  # noqa: S101 - FORMATS names this reader for no other class.

    def chunks() -> Iterator[Sequence[Part]]:
        for rows in read_rows(file.path, file.place, extract, size):
            yield (Part("", rows, extract),)

    return Reading(file.delivery.extracted_on, chunks)


def _read_cin_census(file: DeliveredFile, size: ChunkSize) -> Reading:
    census = read_cin_census(file.path, file.place, size)
    check_reference_date(file, census.reference_date)
    return Reading(census.reference_date, census.chunks, census.warnings, noticed=census.noticed)


def _cin_meanings(_extract: CinCensus) -> Mapping[str, Meaning]:
    return {name: Meaning(mapping, (PERSON, *REQUIRED.get(name, ()))) for name, mapping in MAPPINGS.items()}


def _read_register(file: DeliveredFile, size: ChunkSize) -> Reading:
    register = file.extract
    assert isinstance(register, AttendanceRegister)  # noqa: S101 - FORMATS names this reader for no other class.
    meaning, seen = _register_meanings(register)[""], [Oddities()]

    def chunks() -> Iterator[Sequence[Part]]:
        seen[0] = Oddities()
        for rows in read_rows(file.path, file.place, register_columns(register), size):
            with_counts = counted(register, rows)
            seen[0].add(with_counts)
            yield (Part("", with_counts, meaning.extract, meaning.required),)

    return Reading(file.delivery.extracted_on, chunks, noticed=lambda: tuple(seen[0].warnings(file.place)))


def _register_meanings(register: AttendanceRegister) -> Mapping[str, Meaning]:
    return {"": Meaning(register_meaning(register), (register.pupil, DAY))}


def _returned(read: Callable[[DeliveredFile, ChunkSize], Return]) -> Callable[[DeliveredFile, ChunkSize], Reading]:
    """Return the reader of a format whose files speak of one day."""

    def reading(file: DeliveredFile, size: ChunkSize) -> Reading:
        found = read(file, size)
        check_reference_date(file, found.as_of)
        return Reading(found.as_of, found.chunks, found.warnings, found.also_read, found.noticed)

    return reading


def _fixed(
    mappings: Mapping[str, Extract], required: Mapping[str, tuple[str, ...]], key: tuple[str, ...] = ()
) -> Callable[[Any], Mapping[str, Meaning]]:
    """Return what the parts of a format mean, which is the same for every declaration of it."""
    meanings = {name: Meaning(mapping, (*key, *required.get(name, ()))) for name, mapping in mappings.items()}
    return lambda _extract: meanings


FORMATS: Mapping[type, Format] = {
    Extract: Format(_read_mapped, lambda extract: {"": Meaning(extract)}),
    CinCensus: Format(_read_cin_census, _cin_meanings),
    Ssda903: Format(
        _returned(read_ssda903),
        _fixed(ssda903_mapping.MAPPINGS, ssda903_mapping.REQUIRED, (ssda903_mapping.CHILD,)),
    ),
    AnnexA: Format(_returned(read_annex_a), _fixed(annex_a_mapping.MAPPINGS, annex_a_mapping.REQUIRED)),
    AttendanceRegister: Format(_read_register, _register_meanings),
    SafeguardingDataset: Format(
        _returned(read_safeguarding_table),
        _fixed(safeguarding_tables.MAPPINGS, safeguarding_tables.REQUIRED),
    ),
}
