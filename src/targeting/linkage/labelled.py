"""Labelled files: person records of which somebody else says who is one person, read as an agency's are."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from targeting.errors import DataError, DeclarationError, Fault, what_exists
from targeting.sources.converting import Invalid, nhs_number_reader, upn_reader
from targeting.store.identities import IDENTITIES

# What `--columns` may name, and under which name the identities store has it.
FIELDS: Mapping[str, str] = {
    "given_name": "given_name",
    "family_name": "family_name",
    "date_of_birth": "date_of_birth",
    "sex": "sex",
    "house_number": "house_number",
    "address": "street",
    "locality": "locality",
    "postcode": "postcode",
    "email": "email",
    "nhs_number": "nhs_number",
    "upn": "upn",
}
RECORDS = pa.schema([*IDENTITIES, ("email", pa.string())])
# A labelled file says nothing of when anything was known; all of it counts as known on one day.
KNOWN_FROM = date(2000, 1, 1)
LONGEST_FIELD = 1 << 16
DATES = (
    (re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?"), (1, 2, 3)),
    (re.compile(r"(\d\d?)[/.](\d\d?)[/.](\d{4})"), (3, 2, 1)),
)
SEXES = {"1": "1", "m": "1", "male": "1", "boy": "1", "2": "2", "f": "2", "female": "2", "girl": "2"}


@dataclass(frozen=True)
class Labels:
    """Where the truth stands: the column, and the part of its value that names the person."""

    column: str
    pattern: re.Pattern[str] | None = None

    def person(self, value: str) -> str | None:
        """Return who a record is of: the pattern's first group, or what it matches; None where it says nothing."""
        if self.pattern is None:
            return value or None
        found = self.pattern.search(value)
        return (found[1] if self.pattern.groups else found[0]) if found else None


@dataclass(frozen=True)
class LabelledRecords:
    """Records as the identities store has them, with who each truly is and which file it is from.

    `unreadable` counts the values, by field, that are not what they should be and were left out.
    """

    records: pa.Table
    truth: NDArray[np.int64]
    file: NDArray[np.int64]
    unreadable: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.truth)


def labels(column: str, pattern: str | None) -> Labels:
    """Return where the truth stands. Raises DataError where the pattern is no regular expression."""
    try:
        return Labels(column, re.compile(pattern) if pattern else None)
    except re.error as error:
        raise DataError(f"--truth-pattern: {pattern!r} is no regular expression: {error}.") from None


def columns_of_text(text: str) -> dict[str, str]:
    """Return the file's column by the contract's, from `given_name=first_name,family_name=surname`.

    Raises DeclarationError with every fault at once.
    """
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    columns = {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
    faults = [
        Fault("--columns", f"no column of ours is named {name!r}. {what_exists(name, FIELDS)}")
        for name in columns
        if name not in FIELDS
    ]
    faults += [
        Fault("--columns", f"{name!r} needs a column of the file, as in `{name}=their_name`.")
        for name, theirs in columns.items()
        if not theirs
    ]
    if not columns:
        faults.append(Fault("--columns", "nothing is named. Give `given_name=their_name,...`."))
    if len(columns) < len(pairs):
        faults.append(Fault("--columns", "each of ours is named once."))
    if faults:
        raise DeclarationError(faults)
    return columns


def read_labelled(paths: Sequence[Path], columns: Mapping[str, str], truth: Labels) -> LabelledRecords:
    """Return the records of one file or two, in their order.

    Raises DataError where a file cannot be read as CSV, lacks a column, or has a row whose truth is not told.
    """
    rows: list[dict[str, str | date | None]] = []
    persons: list[str] = []
    files: list[int] = []
    reader = _Reader({})
    for number, path in enumerate(paths):
        for line, row in _rows(path, [*columns.values(), truth.column]):
            person = truth.person(row[truth.column])
            if person is None:
                raise DataError(f"{path}: line {line}: {truth.column} does not say who the record is of.")
            persons.append(person)
            files.append(number)
            values = {FIELDS[ours]: reader.read(ours, row[theirs]) for ours, theirs in columns.items()}
            # A file that holds one person several times is no agency's register: each row is a word of its own.
            record_id = f"{number}/{line:09}"
            rows.append(values | {"record_id": record_id, "source": record_id, "known_from": KNOWN_FROM})
    if not rows:
        raise DataError(f"{paths[0]}: holds no records.")
    known = np.unique(np.array(persons), return_inverse=True)[1]
    return LabelledRecords(pa.Table.from_pylist(rows, schema=RECORDS), known, np.array(files), reader.unreadable)


def _rows(path: Path, wanted: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Return each row's line and values, stripped. Raises DataError where the file is not such a CSV."""
    csv.field_size_limit(LONGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            names = {(name or "").strip(): name for name in reader.fieldnames or ()}
            faults = [
                Fault(str(path), f"no column is named {name!r}. {what_exists(name, names)}")
                for name in wanted
                if name not in names
            ]
            if faults:
                raise DeclarationError(faults)
            for row in reader:
                yield reader.line_num, {name: (row[names[name]] or "").strip() for name in wanted}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        raise DataError(f"{path}: cannot be read as CSV in UTF-8 ({reason}).") from None


@dataclass(frozen=True)
class _Reader:
    """Reads values as `load` does and counts those that it cannot read."""

    unreadable: dict[str, int]

    def read(self, field: str, text: str) -> str | date | None:
        if not text:
            return None
        value = READERS[field](text) if field in READERS else text
        if value is None:
            self.unreadable[field] = self.unreadable.get(field, 0) + 1
        return value


def _date(text: str) -> date | None:
    for pattern, parts in DATES:
        found = pattern.fullmatch(text)
        if found:
            try:
                return date(*(int(found[part]) for part in parts))
            except ValueError:
                return None
    return None


def _sex(text: str) -> str | None:
    return SEXES.get(text.casefold())


def _nhs_number(text: str) -> str | None:
    value = nhs_number_reader(text)
    return None if isinstance(value, Invalid) else str(value)


def _upn(text: str) -> str | None:
    value = upn_reader(text)
    return None if isinstance(value, Invalid) else str(value)


READERS = {"date_of_birth": _date, "sex": _sex, "nhs_number": _nhs_number, "upn": _upn}
