"""Adults' mental ill-health: needs that services identified, admissions, what assessments found.

Treatment attended is no input, and nothing here says which adult.
"""

from targeting.features import Indicator, column, facts, months

from .measuring import any_child, recency

MIND = "mental health of an adult"

NOT_FROM_SERVICES = "What services for adults recorded is not known"
NOT_FROM_ASSESSMENTS = "What social workers' assessments found is not known"
NOT_FROM_EITHER = "What services for adults or social workers recorded of mental health is not known in full"

IN_REVIEWS = "The council's 2016 early-help review: in serious case reviews an adult's mental health figured in 63%"
FACTOR = "DfE children in need 2015-16: mental health was a factor for 36.6% of children assessed in need"
HELP_WHEN_WANTED = "The council's 2016 early-help review: help has to come when it is wanted, for motivation passes"

needs = facts("mental_health_need")
stays = facts("mental_health_admission")
adult_factors = facts("assessment_factor").where(column("factor").is_in("4B", "4C"))
found_in_assessment = any_child(adult_factors.in_last(months(24)))
recorded_by_service = needs.in_last(months(24)).exists_for_family() | stays.in_last(months(24)).exists_for_family()
mind_by_any = recorded_by_service | found_in_assessment

mental_health_in_assessment = Indicator(
    "An assessment in the last 24 months found mental ill-health of an adult",
    found_in_assessment,
    concern=MIND,
    sentence="An assessment in the last 24 months found that an adult was struggling with mental health",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=FACTOR,
)

mental_health_in_assessment_recency = Indicator(
    "How recently an assessment found mental ill-health of an adult: 1 the day after, falling to 0 over 24 months",
    recency(adult_factors.of_children()),
    concern=MIND,
    sentence="An assessment within the last 24 months found that an adult was struggling with mental health",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=FACTOR,
)

mental_health_need_6_months = Indicator(
    "A mental health service identified needs of an adult in the last 6 months",
    needs.in_last(months(6)).count_each().maximum_for_family(),
    concern=MIND,
    unit="time",
    sentence="An adult was found {count:time} to need help with mental health in the last 6 months",
    sentence_if_none="Services for adults found nobody in need of help with mental health in the last 6 months",
    direction="raises",
    unknown_means=NOT_FROM_SERVICES,
    evidence=HELP_WHEN_WANTED,
)

mental_health_need = Indicator(
    "A mental health service identified needs of an adult in the last 24 months",
    needs.in_last(months(24)).count_each().maximum_for_family(),
    concern=MIND,
    unit="time",
    sentence="An adult was found {count:time} to need help with mental health in the last 24 months",
    sentence_if_none="Services for adults found nobody in need of help with mental health in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SERVICES,
    evidence=IN_REVIEWS,
)

mental_health_need_recency = Indicator(
    "How recent the latest mental health need of an adult is: 1 the day after it, falling to 0 over 24 months",
    recency(needs),
    concern=MIND,
    sentence="An adult was found to need help with mental health within the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SERVICES,
    evidence=HELP_WHEN_WANTED,
)

severe_mental_health_need = Indicator(
    "A mental health service judged an adult's need severe in the last 24 months",
    needs.where(column("severity") == "severe").in_last(months(24)).exists_for_family(),
    concern=MIND,
    sentence="An adult's need of help with mental health was judged severe in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SERVICES,
    evidence=IN_REVIEWS,
)

mental_health_admissions = Indicator(
    "Admissions of an adult for mental ill-health in the last 24 months",
    stays.in_last(months(24)).count_each().maximum_for_family(),
    concern=MIND,
    unit="time",
    sentence="An adult was admitted to hospital {count:time} in the last 24 months because of mental ill-health",
    direction="raises",
    unknown_means=NOT_FROM_SERVICES,
    evidence=IN_REVIEWS,
)

mental_ill_health_by_any_agency = Indicator(
    "An adult's mental ill-health recorded in the last 24 months, by a service or in an assessment",
    mind_by_any,
    concern=MIND,
    sentence="An adult's mental ill-health was recorded in the last 24 months, by a service or in an assessment",
    direction="raises",
    unknown_means=NOT_FROM_EITHER,
    evidence=IN_REVIEWS,
)
