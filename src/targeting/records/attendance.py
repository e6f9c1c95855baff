"""Attendance, as daily registers and as totals of a term.

Persistent absence is a tenth or more of a pupil's own possible sessions. A child without possible sessions (taught at
home, missing education, elsewhere) has no rate: it is unknown, not zero. A daily register leaves a Traveller child's
journeys (code T) out of both the possible and the missed sessions; totals of a term hold them as authorised absence.
"""

from targeting.records.attendance_codes import ATTENDANCE
from targeting.records.definition import AtMost, Column, FactKind

AREA = "education"


def _sessions(most: int) -> tuple[Column, ...]:
    described = {
        "sessions_possible": "Sessions the pupil could have attended",
        "sessions_authorised": "Sessions missed with authorisation",
        "sessions_unauthorised": "Sessions missed without authorisation",
        "sessions_missed": "Sessions missed, authorised or not",
    }
    return tuple(
        Column(name=name, description=description, type="integer", minimum=0, maximum=most, unit="session")
        for name, description in described.items()
    )


MISSED_OF_POSSIBLE = (
    AtMost(column="sessions_missed", limit="sessions_possible"),
    AtMost(column="sessions_authorised", limit="sessions_missed"),
    AtMost(column="sessions_unauthorised", limit="sessions_missed"),
)

KINDS = (
    FactKind(
        name="attendance_term",
        description=(
            "A pupil's attendance over one term; journeys for a parent's work (code T) count in it as authorised"
        ),
        area=AREA,
        event="the term's last day",
        knowledge="the school's return was received",
        columns=_sessions(200),
        constraints=MISSED_OF_POSSIBLE,
    ),
    FactKind(
        name="attendance_day",
        description=(
            "A pupil's two marks of one day in the register; a parent's travelling for work (code T) and a part-time "
            "timetable (C2) are neither possible nor missed"
        ),
        area=AREA,
        event="the day",
        knowledge="the register was received",
        columns=(
            Column(name="morning", description="Mark of the morning", type="code", codes=ATTENDANCE, required=False),
            Column(
                name="afternoon", description="Mark of the afternoon", type="code", codes=ATTENDANCE, required=False
            ),
            *_sessions(2),
        ),
        constraints=MISSED_OF_POSSIBLE,
    ),
)
