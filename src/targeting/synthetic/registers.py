"""Schools' daily registers of the last two terms: the same sessions missed as in the totals by term, day by day."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from targeting.records.terms import Term
from targeting.synthetic.calendar import TERMS, Days, date_of, day_of
from targeting.synthetic.ragged import expand, offsets
from targeting.synthetic.writing import Handover, Table, words

TERMS_OF_REGISTERS = 2
# Marks: present in the morning, in the afternoon, late; ill, at an appointment; no good reason, a holiday not agreed;
# and no session of the pupil's.
MARKS = ("/", "\\", "L", "I", "M", "O", "G", "")
MORNING, AFTERNOON, LATE, ILL, APPOINTMENT, NO_REASON, HOLIDAY, NO_SESSION = range(8)
# Assumptions: how often a pupil present came late, absences were for appointments or holidays.
_LATE, _APPOINTMENTS, _HOLIDAYS = 0.02, 0.12, 0.2


def school_days(term: Term) -> Days:
    """Return the days on which schools are open in a term: no half term in its middle, no two days of training."""
    length = (term.last - term.first).days + 1
    weekdays = [day for day in map(term.first.__add__, map(timedelta, range(length))) if day.weekday() < 5]
    taught = weekdays[2:]
    middle = len(taught) // 2
    return np.array([day_of(day) for day in (*taught[: middle - 2], *taught[middle + 3 :])], np.int32)


def registers(schools: Handover, rng: np.random.Generator) -> Table:
    """Return one row a pupil and day of the last two terms returned, from the totals that schools handed over."""
    totals = next(table for table in schools.tables if table.file == "attendance_termly.parquet")
    ends = pc.cast(pa.array(totals.columns["term_end"]), pa.int32()).to_numpy()
    last = np.unique(ends)[-TERMS_OF_REGISTERS:]
    rows = np.flatnonzero(np.isin(ends, last))
    possible, authorised, unauthorised = (
        np.asarray(totals.columns[f"sessions_{name}"])[rows] for name in ("possible", "authorised", "unauthorised")
    )
    row, place = expand(np.arange(rows.size), offsets(-(-possible // 2)))
    place = place - offsets(-(-possible // 2))[row]
    marks = _marks((possible, authorised, unauthorised), row, place, rng)
    pupil = pa.array(totals.columns["pupil_id"]).take(pa.array(rows)).take(pa.array(row))
    days = _days(ends[rows], -(-possible // 2), row, place)
    columns = {
        "pupil_id": pupil,
        "date": _spelled(days),
        "am": words(marks[0], MARKS),
        "pm": words(marks[1], MARKS),
    }
    return Table("registers.parquet", columns)


def _spelled(days: Days) -> pa.Array:
    """Return days as 2021-03-04."""
    if not days.size:
        return pa.array([], pa.string())
    first = int(days.min())
    return words(days - first, [date_of(day).isoformat() for day in range(first, int(days.max()) + 1)])


def _days(ends: Days, length: NDArray[np.int64], row: NDArray[np.int64], place: NDArray[np.int64]) -> Days:
    """Return the day of each row: a pupil who was not on roll all term was there at its end."""
    days = np.zeros(row.size, np.int32)
    for term in TERMS:
        of_term = np.flatnonzero(ends[row] == day_of(term.last))
        if of_term.size:
            opened = school_days(term)
            days[of_term] = opened[opened.size - length[row[of_term]] + place[of_term]]
    return days


def _marks(
    sessions: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    row: NDArray[np.int64],
    place: NDArray[np.int64],
    rng: np.random.Generator,
) -> list[NDArray[np.int8]]:
    """Return the marks of mornings and of afternoons; sessions missed lie together, as an illness's do."""
    possible, authorised, unauthorised = sessions
    first = (rng.random(possible.size) * possible).astype(np.int64)
    away = np.where(rng.random(possible.size) < _APPOINTMENTS, APPOINTMENT, ILL).astype(np.int8)
    without = np.where(rng.random(possible.size) < _HOLIDAYS, HOLIDAY, NO_REASON).astype(np.int8)
    found = []
    for half, present in ((0, MORNING), (1, AFTERNOON)):
        session = 2 * place + half
        since = (session - first[row]) % np.maximum(possible[row], 1)
        here = np.where(rng.random(row.size, np.float32) < _LATE, LATE, present).astype(np.int8)
        missed = np.where(since < authorised[row], away[row], without[row])
        marks = np.where(since < (authorised + unauthorised)[row], missed, here)
        found.append(np.where(session < possible[row], marks, NO_SESSION).astype(np.int8))
    return found
