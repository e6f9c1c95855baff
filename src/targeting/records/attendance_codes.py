"""Codes of a school's attendance register, and how a session with each counts.

The codes since 19 August 2024 are those of regulation 10 of the School Attendance (Pupil Registration) (England)
Regulations 2024; what was in use until then is from the Department for Education's attendance guidance of May 2022.
How each counts in statistics is by the same guidance and by "Working together to improve school attendance" (2024).
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

from targeting.records.definition import CodeSet

Counts = Literal["attended", "authorised", "unauthorised", "not possible"]

NEW_CODES_FROM = date(2024, 8, 19)

ATTENDED: Mapping[str, str] = {
    "/": "present, morning",
    "\\": "present, afternoon",
    "L": "late, before the register closed",
    "B": "another approved educational activity",
    "K": "education arranged by the council",
    "P": "sport",
    "V": "educational visit",
    "W": "work experience",
    "J": "interview (until August 2024)",
}
AUTHORISED: Mapping[str, str] = {
    "C": "leave in exceptional circumstances",
    "C1": "performance or employment abroad under a licence",
    "C2": "part-time timetable",
    "E": "suspended or excluded, no other provision made",
    "H": "holiday agreed (until August 2024)",
    "I": "illness",
    "J1": "interview",
    "M": "medical or dental appointment",
    "R": "religious observance",
    "S": "study leave",
    "T": "a parent travelling for work",
}
UNAUTHORISED: Mapping[str, str] = {
    "G": "holiday not agreed",
    "N": "reason not yet known",
    "O": "no good reason, or none known",
    "U": "came after the register closed",
}
NOT_POSSIBLE: Mapping[str, str] = {
    "D": "at the other school where the pupil is registered",
    "Q": "no access arrangements",
    "X": "not of compulsory school age and not required",
    "Y": "exceptional circumstances (until August 2024)",
    "Y1": "transport normally provided was not available",
    "Y2": "widespread disruption to travel",
    "Y3": "part of the school closed",
    "Y4": "the school closed unexpectedly",
    "Y5": "in criminal justice detention",
    "Y6": "public health guidance or law",
    "Y7": "another unavoidable cause",
    "Z": "not yet on roll",
    "#": "planned closure",
}
ATTENDANCE = CodeSet(
    name="attendance_mark",
    source="School Attendance (Pupil Registration) (England) Regulations 2024, regulation 10; DfE guidance of 2022",
    codes={**ATTENDED, **AUTHORISED, **UNAUTHORISED, **NOT_POSSIBLE},
)
SINCE_2024 = frozenset({"C1", "C2", "J1", "K", "Q", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"})
UNTIL_2024 = frozenset({"H", "J", "Y"})

# Neither attended nor missed for us, though statistics count both as authorised absence: families who travel for work
# are not to stand out for it, and what a child on a part-time timetable would have attended is not known.
MASKED = frozenset({"T", "C2"})

COUNTS: Mapping[str, Counts] = MappingProxyType(
    {
        **dict.fromkeys(ATTENDED, "attended"),
        **dict.fromkeys(AUTHORISED, "authorised"),
        **dict.fromkeys(UNAUTHORISED, "unauthorised"),
        **dict.fromkeys(NOT_POSSIBLE, "not possible"),
        **dict.fromkeys(MASKED, "not possible"),
    }
)

# Schools were closed to most pupils from 23 March 2020; DfE published no absence for the spring and summer terms.
PANDEMIC = (date(2020, 1, 1), date(2020, 8, 31))


def is_in_force(mark: str, day: date) -> bool:
    """Return whether a register of that day may bear the mark."""
    if mark not in COUNTS:
        return False
    return mark not in (UNTIL_2024 if day >= NEW_CODES_FROM else SINCE_2024)
