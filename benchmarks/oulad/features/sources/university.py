"""The university's extracts, as `prepare.py` writes them from the published data set."""

from datetime import date

from targeting.sources.definition import (
    Agreement,
    Coverage,
    Extract,
    FactFields,
    PersonFields,
    Source,
    column,
)

STUDY = "study"

STANDING = (
    "marks_lead",
    "marks_above",
    "handed_in_lead",
    "idle_above",
    "late_above",
    "tutor_marked_above",
    "computer_marked_above",
    "score_above",
    "lowest_score_above",
    "latest_score_above",
    "deviation",
    "lowest_deviation",
    "latest_deviation",
    "handed_in_earlier",
)


def _fact(kind: str, on: str, *columns: str, key: tuple[str, ...] = ()) -> FactFields:
    """Return a fact whose values stand in columns of their own names, and which was known on the day it happened."""
    return FactFields(
        kind=kind,
        person=STUDY,
        event_date=column(on),
        knowledge_date=column(on),
        values={name: column(name) for name in columns},
        record_key=key,
    )


studies = Extract(
    file="studies.parquet",
    persons=(PersonFields(key=column(STUDY)),),
    facts=(
        _fact("presentation_started", "started_on", "previous_attempts", "studied_credits"),
        _fact("registered", "registered_on"),
        _fact("unregistered", "unregistered_on"),
        _fact("result_settled", "result_on", "result"),
        _fact("student_described", "started_on", "sex", "disability", "imd_band", "age_band"),
    ),
)
due = Extract(
    file="due.parquet",
    facts=(_fact("assessment_due", "due_on", "type", "weight", "in_on_time", key=(STUDY, "assessment")),),
)
handed_in = Extract(
    file="handed_in.parquet",
    facts=(
        _fact(
            "assessment_handed_in",
            "handed_in_on",
            "type",
            "weight",
            "banked",
            "score",
            "marks",
            "days_late",
            key=(STUDY, "assessment"),
        ),
    ),
)
standings = Extract(
    file="standings.parquet",
    facts=(_fact("standing_reported", "reported_on", *STANDING, key=(STUDY, "reported_on")),),
)

university = Source(
    name="university",
    agency="the university",
    folder="university",
    # The lowest tier: there is one source.
    tier="council",
    controller="The Open University",
    gateway="Published as open data under CC BY 4.0",
    purposes=frozenset({"student_support"}),
    confidentiality="public",
    may_show_to=frozenset({"student_support"}),
    retention_years=10,
    agreement=Agreement(reference="CC BY 4.0, which does not expire", expires_on=date(2999, 12, 31)),
    # The earliest registration for a presentation of 2013 was made in 2012.
    coverage=(Coverage(shared_from=date(2012, 1, 1)),),
    extracts=(studies, due, handed_in, standings),
)
