"""What an extract looks like before it is trusted: how many rows over time, what is missing, how late, what is wrong.

Counts alone, never a value: of one to five rows they are withheld, and where one count of a series is, so is the
smallest other one, since the series has a total.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.errors import DataError
from targeting.records.contract import Contract
from targeting.sources.context import context_of, read_delivery
from targeting.sources.definition import Source
from targeting.sources.deliveries import DeliveredFile, is_file_of
from targeting.sources.formats import format_of
from targeting.sources.interpreting import Interpreted, Part, interpret
from targeting.sources.people_of_rows import CHECKED
from targeting.sources.raw_rows import ChunkSize

WITHHELD = "c"
SMALL = 5
LAGS = ((0, "before or on the day"), (7, "1 to 7 days"), (28, "8 to 28 days"), (91, "29 to 91 days"))
LATER = "more than 91 days"
# Numbers that stand for people are of no use outside this profile, so any key will do.
KEY = bytes(32)

Count = int | str


@dataclass(frozen=True)
class Profile:
    """What is shown of one extract; every count may be `c`, which is one of one to five, or would tell such a one."""

    file: str
    source: str
    speaks_of: str
    rows: int
    accepted: Count
    quarantined: Count
    kinds: tuple[Mapping[str, object], ...]
    columns: tuple[Mapping[str, object], ...]
    faults: tuple[Mapping[str, object], ...]
    numbers: tuple[Mapping[str, object], ...]
    warnings: tuple[str, ...]


@dataclass
class _Kind:
    """What is counted of one kind of fact while a file is read."""

    rows: int = 0
    events: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    bases: Counter[str] = field(default_factory=Counter)
    lags: Counter[int] = field(default_factory=Counter)


@dataclass
class _Counts:
    """What is counted while a file is read."""

    rows: int = 0
    quarantined: int = 0
    kinds: dict[str, _Kind] = field(default_factory=dict)
    rows_of_part: Counter[str] = field(default_factory=Counter)
    filled: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    persons: int = 0
    valid: Counter[str] = field(default_factory=Counter)
    failing: Counter[str] = field(default_factory=Counter)


def profile(path: Path, *, sources: Sequence[Source], contract: Contract, size: ChunkSize | None = None) -> Profile:
    """Return what one file of a delivery looks like; it is read in chunks, and nothing of it is kept.

    Its agency's folder, with delivery.toml in it, is one of the file's parents. Raises DataError where no source has
    such a folder, no extract declares the file, or it cannot be read as a whole.
    """
    file = delivered_file(path, sources)
    reading = format_of(file.extract).read(file, size or ChunkSize())
    context = context_of(file.source, file.extract, reading.as_of, contract, KEY)
    counts = _Counts()
    for parts in reading.chunks():
        _count(counts, parts, interpret(parts, context))
    return _profile(file, reading.as_of.isoformat(), counts, (*reading.warnings, *reading.noticed()))


def delivered_file(path: Path, sources: Sequence[Source]) -> DeliveredFile:
    """Return a file of a delivery with the extract that declares it, found by the folders in which it lies."""
    for folder in path.resolve().parents:
        for source in (each for each in sources if each.folder == folder.name):
            place = f"{source.folder}/{path.resolve().relative_to(folder).as_posix()}"
            for extract in source.extracts:
                if is_file_of(extract, source, place):
                    return DeliveredFile(path, place, source, extract, read_delivery(folder, source.folder))
    known = ", ".join(sorted(f"{source.folder}/{extract.file}" for source in sources for extract in source.extracts))
    message = f"{path.name}: no extract declares it where it lies. Those that are declared: {known or 'none'}."
    raise DataError(message)


def _count(counts: _Counts, parts: Sequence[Part], said: Interpreted) -> None:
    counts.rows += said.rows
    counts.quarantined += said.quarantined
    for part in parts:
        counts.rows_of_part[part.name] += len(part.rows)
        for name in part.rows.columns.column_names:
            counts.filled[part.name, name] += _filled(part.rows.column(name))
    for kind, table in said.facts.items():
        _count_facts(counts.kinds.setdefault(kind, _Kind()), table)
    faults = said.faults.group_by(["column", "rule", "expected", "shape"]).aggregate([("line", "count")])
    for row in faults.to_pylist():
        counts.faults[row["column"], row["rule"], row["expected"], row["shape"]] += row["line_count"]
    counts.persons += len(said.persons)
    for name, (called, _) in CHECKED.items():
        counts.valid[called] += len(said.persons) - said.persons[name].null_count
    counts.failing.update(said.failed_checks)


def _filled(texts: pa.Array) -> int:
    stripped = pc.utf8_trim_whitespace(texts)
    return int(pc.sum(pc.fill_null(pc.not_equal(stripped, ""), False)).as_py() or 0)


def _count_facts(counts: _Kind, table: pa.Table) -> None:
    counts.rows += len(table)
    counts.events.update(_months(table["event_date"]))
    counts.known.update(_months(table["known"]))
    counts.bases.update(_values(table["knowledge_basis"]))
    recorded = table.filter(pc.equal(table["knowledge_basis"], "recorded"))
    days = _days(recorded["known"]) - _days(recorded["event_date"])
    counts.lags.update(dict(zip(*(each.tolist() for each in np.unique(days, return_counts=True)), strict=True)))


def _values(texts: pa.ChunkedArray) -> dict[str, int]:
    return {row["values"]: row["counts"] for row in texts.combine_chunks().value_counts().to_pylist()}


def _months(days: pa.ChunkedArray) -> dict[str, int]:
    return _values(pc.strftime(days.cast(pa.timestamp("s")), format="%Y-%m"))


def _days(days: pa.ChunkedArray) -> NDArray[np.int32]:
    return days.combine_chunks().cast(pa.int32()).to_numpy(zero_copy_only=False)


def _profile(file: DeliveredFile, speaks_of: str, counts: _Counts, warnings: tuple[str, ...]) -> Profile:
    accepted = counts.rows - counts.quarantined
    numbers = _numbers(file, counts)
    return Profile(
        file=file.place,
        source=file.source.name,
        speaks_of=speaks_of,
        rows=counts.rows,
        accepted=WITHHELD if _is_small(counts.quarantined) else accepted,
        quarantined=withheld(counts.quarantined),
        kinds=tuple(_kind(name, counts.kinds[name]) for name in sorted(counts.kinds)),
        columns=tuple(
            {
                "part": part,
                "column": name,
                "rows": counts.rows_of_part[part],
                "missing": withheld(counts.rows_of_part[part] - filled),
            }
            for (part, name), filled in sorted(counts.filled.items())
        ),
        faults=tuple(_fault(*key, rows) for key, rows in sorted(counts.faults.items())),
        numbers=tuple(numbers),
        warnings=warnings,
    )


def _kind(name: str, counts: _Kind) -> Mapping[str, object]:
    return {
        "kind": name,
        "rows": withheld(counts.rows),
        "by_month_of_event": withheld_series(dict(sorted(counts.events.items()))),
        "by_month_of_knowledge": withheld_series(dict(sorted(counts.known.items()))),
        "knowledge_basis": withheld_series(dict(sorted(counts.bases.items()))),
        "lag": withheld_series(_lags(counts.lags)),
        "median_lag_in_days": _quantile(counts.lags, 0.5),
        "nine_in_ten_within_days": _quantile(counts.lags, 0.9),
    }


def _lags(lags: Mapping[int, int]) -> dict[str, int]:
    found = dict.fromkeys([*(words for _, words in LAGS), LATER], 0)
    for days, rows in lags.items():
        found[next((words for most, words in LAGS if days <= most), LATER)] += rows
    return found


def _quantile(lags: Mapping[int, int], share: float) -> int | None:
    """Return the lag in days within which a share of the rows lies; None where these are few."""
    total, seen = sum(lags.values()), 0
    if total <= SMALL * 4:
        return None
    for days in sorted(lags):
        seen += lags[days]
        if seen >= share * total:
            return days
    return None


def _fault(column: str, rule: str, expected: str, shape: str, rows: int) -> Mapping[str, object]:
    shown = withheld(rows)
    # The form of a few values may be that of one person's.
    return {
        "column": column,
        "rule": rule,
        "expected": expected,
        "shape": "" if shown == WITHHELD else shape,
        "rows": shown,
    }


def _numbers(file: DeliveredFile, counts: _Counts) -> Iterable[Mapping[str, object]]:
    meanings = format_of(file.extract).meanings(file.extract).values()
    persons = [person for meaning in meanings for person in meaning.extract.persons]
    for name, (called, _) in CHECKED.items():
        if any(getattr(person, name) is not None for person in persons):
            valid, failing = counts.valid[called], counts.failing[called]
            series = {"valid": valid, "failing": failing, "missing": counts.persons - valid - failing}
            yield {"number": called, "people": withheld(counts.persons), **withheld_series(series)}


def _is_small(count: int) -> bool:
    return 1 <= count <= SMALL


def withheld(count: int) -> Count:
    """Return a count as it is shown."""
    return WITHHELD if _is_small(count) else count


def withheld_series(counts: Mapping[str, int]) -> dict[str, Count]:
    """Return counts that have a total as they are shown: never one alone withheld."""
    hidden = {name for name, count in counts.items() if _is_small(count)}
    others = sorted((count, name) for name, count in counts.items() if count > SMALL)
    if len(hidden) == 1 and others:
        hidden.add(others[0][1])
    return {name: WITHHELD if name in hidden else count for name, count in counts.items()}
