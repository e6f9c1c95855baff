"""Kinds of fact that a university records of one student in one presentation of a module."""

from targeting.records.codes import code_set
from targeting.records.definition import Column, FactKind

OULAD = "Open University Learning Analytics Dataset (Kuzilek, Hlosta, Zdrahal 2017)"

ASSESSMENT_TYPE = code_set(
    "assessment_type", OULAD, tma="marked by a tutor", cma="marked by a computer", exam="final examination"
)
RESULT = code_set("result", OULAD, distinction="distinction", withdrawn="withdrawn", **{"pass": "pass", "fail": "fail"})
SEX = code_set("student_sex", OULAD, f="female", m="male")
AGE_BAND = code_set("age_band", OULAD, **{"0-35": "under 35", "35-55": "35 to 55", "55<=": "55 and over"})
IMD_BAND = code_set(
    "imd_band",
    "English index of multiple deprivation, tenths of areas, 0-10% the most deprived",
    **{f"{low}-{low + 10}%": f"{low} to {low + 10} per cent" for low in range(0, 100, 10)},
)

presentation_started = FactKind(
    name="presentation_started",
    description="A presentation for which the student was enrolled began",
    area="enrolment",
    event="the presentation began",
    knowledge="the same day",
    columns=(
        Column(
            name="previous_attempts",
            description="Earlier attempts at the same module",
            type="integer",
            minimum=0,
            unit="attempt",
        ),
        Column(
            name="studied_credits",
            description="Credits of all modules that the student was taking",
            type="integer",
            minimum=0,
            unit="credit",
        ),
    ),
)

registered = FactKind(
    name="registered",
    description="The student registered for the presentation",
    area="enrolment",
    event="the registration",
    knowledge="the same day",
)

unregistered = FactKind(
    name="unregistered",
    description="The student unregistered from the presentation",
    area="enrolment",
    event="the student unregistered",
    knowledge="the same day",
)

assessment_due = FactKind(
    name="assessment_due",
    description="An assessment fell due while the student was registered",
    area="assessments",
    event="the day on which it was due",
    knowledge="the same day",
    columns=(
        Column(name="type", description="Who marks it", type="code", codes=ASSESSMENT_TYPE),
        Column(name="weight", description="Weight in the final mark", type="number", minimum=0, maximum=100),
        Column(name="in_on_time", description="Whether it had been handed in by that day", type="flag"),
    ),
)

assessment_handed_in = FactKind(
    name="assessment_handed_in",
    description="The student handed in an assessment",
    area="assessments",
    event="the day on which it was handed in, or the start for a result banked from an earlier attempt",
    knowledge="the same day",
    columns=(
        Column(name="type", description="Who marks it", type="code", codes=ASSESSMENT_TYPE),
        Column(name="weight", description="Weight in the final mark", type="number", minimum=0, maximum=100),
        Column(name="banked", description="Whether an earlier attempt's result was carried over", type="flag"),
        Column(name="score", description="Score out of 100", type="number", minimum=0, maximum=100, required=False),
        Column(
            name="marks",
            description="Score times the weight in the final mark",
            type="number",
            minimum=0,
            maximum=100,
            required=False,
        ),
        Column(
            name="days_late",
            description="Days after it was due; below 0 before; none where banked or without a day",
            type="integer",
            required=False,
            unit="day",
        ),
    ),
)


def _share(name: str, description: str) -> Column:
    return Column(name=name, description=description, type="number", minimum=0, maximum=1, required=False)


def _number(name: str, description: str) -> Column:
    return Column(name=name, description=description, type="number", required=False)


standing_reported = FactKind(
    name="standing_reported",
    description="How the student stood, every 20 days, among those registered for the same presentation",
    area="assessments",
    event="the day of the report, which counts what was handed in by then",
    knowledge="the same day",
    columns=(
        _number("marks_lead", "Weighted marks, less the mean of the presentation"),
        _share("marks_above", "Share of fellow students with fewer weighted marks"),
        _number("handed_in_lead", "Assessments handed in, less the mean of the presentation"),
        _share("idle_above", "Share of fellow students who handed something in more recently"),
        _share("late_above", "Share of fellow students who hand in earlier against the day due"),
        _share("tutor_marked_above", "Share of fellow students with a lower mean tutor-marked score"),
        _share("computer_marked_above", "Share of fellow students with a lower mean computer-marked score"),
        _share("score_above", "Mean over assessments of the share with a lower score"),
        _share("lowest_score_above", "Lowest of the shares with a lower score"),
        _share("latest_score_above", "Share with a lower score in the latest tutor-marked assessment"),
        _number("deviation", "Mean over assessments of the score in standard deviations from the mean"),
        _number("lowest_deviation", "Lowest of the scores in standard deviations from the mean"),
        _number("latest_deviation", "Latest tutor-marked score in standard deviations from the mean"),
        _share("handed_in_earlier", "Mean over assessments of the share who had handed in before"),
    ),
)

result_settled = FactKind(
    name="result_settled",
    description="The final result of the presentation",
    area="results",
    event="the student unregistered, or the presentation ended",
    knowledge="the same day",
    columns=(Column(name="result", description="Final result", type="code", codes=RESULT),),
    never_an_input="it is what the models estimate",
)

student_described = FactKind(
    name="student_described",
    description="What the university asked of the student in order to monitor equality",
    area="enrolment",
    event="the presentation began",
    knowledge="the same day",
    columns=(
        Column(name="sex", description="Sex", type="code", codes=SEX, attribute="sex"),
        Column(name="disability", description="Declared a disability", type="flag", attribute="disability"),
        Column(
            name="imd_band",
            description="Deprivation of the home area",
            type="code",
            codes=IMD_BAND,
            attribute="deprivation",
            required=False,
        ),
        Column(name="age_band", description="Age", type="code", codes=AGE_BAND, attribute="age"),
    ),
    never_an_input="kept for the audit alone",
)
