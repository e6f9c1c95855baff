"""Daily attendance registers: what each mark counts for, with what may not be counted masked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.records.attendance_codes import (
    COUNTS,
    NEW_CODES_FROM,
    PANDEMIC,
    SINCE_2024,
    UNTIL_2024,
)
from targeting.sources.definition import AttendanceRegister, Coverage, Extract, FactFields, PersonFields, column
from targeting.sources.raw_rows import RawRows
from targeting.sources.returns import carrying, with_columns, with_iso_days

# A register without a mark for a session, as systems show it.
NO_MARK = ("", "-", "?", "@", "*")
MORNING, AFTERNOON, DAY, RECORDED, IS_SCHOOL_DAY = "Morning", "Afternoon", "Day", "RecordedOn", "IsSchoolDay"
COUNTED = ("sessions_possible", "sessions_authorised", "sessions_unauthorised", "sessions_missed")


def register_meaning(register: AttendanceRegister) -> Extract:
    """Return what a row of a register means: the pupil's day, unless it makes nothing."""
    return Extract(
        file=register.file,
        persons=(PersonFields(key=column(register.pupil)),),
        facts=(
            FactFields(
                kind="attendance_day",
                person=register.pupil,
                event_date=column(DAY),
                knowledge_date=None if register.recorded_on is None else column(RECORDED),
                when=column(IS_SCHOOL_DAY),
                values={
                    "morning": column(MORNING, empty=NO_MARK),
                    "afternoon": column(AFTERNOON, empty=NO_MARK),
                    **{name: column(name) for name in COUNTED},
                },
                record_key=(register.pupil, DAY),
            ),
        ),
    )


def register_columns(register: AttendanceRegister) -> Extract:
    """Return the columns that a register's file must have."""
    names = [register.pupil, register.day, register.morning, register.afternoon]
    wanted = {*names, *([register.recorded_on] if register.recorded_on else [])}
    extract = carrying(wanted, encoding=register.encoding)
    return Extract(file=register.file, facts=extract.facts, encoding=register.encoding, delimiter=register.delimiter)


def counted(register: AttendanceRegister, rows: RawRows) -> RawRows:
    """Return the rows with what each day's two marks count for.

    A day in a term of the pandemic makes no fact: nothing is known of it, and coverage says so. Nor does a day without
    a single possible session, so that a child taught at home or elsewhere, or on a part-time timetable, has no rate.
    """
    days = with_iso_days(pc.utf8_trim_whitespace(pc.fill_null(rows.column(register.day), "")))
    morning, afternoon = (_marks(rows, name) for name in (register.morning, register.afternoon))
    counts = _counts(morning) + _counts(afternoon)
    closed = _is_pandemic(days)
    is_known = _is_known(morning) & _is_known(afternoon)
    # A mark that is no code is kept for the contract to refuse, wherever it stands.
    makes_fact = ~closed & ((counts[:, 0] > 0) | ~is_known)
    recorded = {} if register.recorded_on is None else {RECORDED: with_iso_days(rows.column(register.recorded_on))}
    added: Mapping[str, pa.Array] = {
        DAY: days,
        MORNING: morning,
        AFTERNOON: afternoon,
        IS_SCHOOL_DAY: pa.array(np.where(makes_fact, "yes", "no"), pa.string()),
        **{name: pa.array(counts[:, place]).cast(pa.string()) for place, name in enumerate(COUNTED)},
        **recorded,
    }
    return with_columns(rows, added)


def _marks(rows: RawRows, name: str) -> pa.Array:
    return pc.utf8_upper(pc.utf8_trim_whitespace(pc.fill_null(rows.column(name), "")))


# Possible, authorised, unauthorised, missed.
WEIGHTS = {
    "attended": (1, 0, 0, 0),
    "authorised": (1, 1, 0, 1),
    "unauthorised": (1, 0, 1, 1),
    "not possible": (0, 0, 0, 0),
}


def _counts(marks: pa.Array) -> NDArray[np.int64]:
    """Return what each mark counts for, a row a mark."""
    encoded = marks.dictionary_encode()
    words = encoded.dictionary.to_pylist()
    weights = np.array([WEIGHTS[COUNTS.get(word, "not possible")] for word in words], np.int64).reshape(-1, 4)
    return weights[encoded.indices.to_numpy(zero_copy_only=False)]


def _is_known(marks: pa.Array) -> NDArray[np.bool_]:
    known = pa.array([*COUNTS, *NO_MARK], pa.string())
    return pc.is_in(marks, value_set=known).to_numpy(zero_copy_only=False)


def _is_pandemic(days: pa.Array) -> NDArray[np.bool_]:
    first, last = (day.isoformat() for day in PANDEMIC)
    day = pc.utf8_slice_codeunits(days, 0, 10)
    return pc.and_(pc.greater_equal(day, first), pc.less_equal(day, last)).to_numpy(zero_copy_only=False)


@dataclass
class Oddities:
    """What is odd about a register, counted while it is read."""

    out_of_force: int = 0
    pandemic: int = 0

    def add(self, rows: RawRows) -> None:
        """Count the rows of a chunk, after `counted`."""
        days = rows.column(DAY)
        is_new = pc.greater_equal(pc.utf8_slice_codeunits(days, 0, 10), NEW_CODES_FROM.isoformat())
        self.pandemic += int(np.count_nonzero(_is_pandemic(days)))
        for name in (MORNING, AFTERNOON):
            marks = rows.column(name)
            gone = pc.and_(is_new, pc.is_in(marks, value_set=pa.array(sorted(UNTIL_2024))))
            early = pc.and_(pc.invert(is_new), pc.is_in(marks, value_set=pa.array(sorted(SINCE_2024))))
            self.out_of_force += _count(pc.or_(gone, early))

    def warnings(self, place: str) -> Iterator[str]:
        """Yield a sentence for each oddity that was met."""
        if self.out_of_force:
            yield f"{place}: {self.out_of_force} marks were not in force on their day; codes changed on 19 August 2024."
        if self.pandemic:
            yield f"{place}: {self.pandemic} rows of the spring and summer of 2020 make nothing: schools were closed."


def _count(mask: pa.Array) -> int:
    return int(pc.sum(mask).as_py() or 0)


def coverage_without_pandemic(
    *, shared_from: date, until: date | None = None, kinds: tuple[str, ...] = ("attendance_term", "attendance_day")
) -> tuple[Coverage, ...]:
    """Return the coverage of attendance with the spring and summer terms of 2020 left out: unknown, not zero."""
    first, last = PANDEMIC
    before, after = first - timedelta(days=1), last + timedelta(days=1)
    if shared_from > last or (until is not None and until < first):
        return (Coverage(shared_from=shared_from, until=until, kinds=kinds),)
    parts = []
    if shared_from <= before:
        parts.append(Coverage(shared_from=shared_from, until=before, kinds=kinds))
    if until is None or until >= after:
        parts.append(Coverage(shared_from=after, until=until, kinds=kinds))
    return tuple(parts)
