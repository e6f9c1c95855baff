"""Adults' use of alcohol and drugs: needs that services identified, admissions, what assessments found.

Treatment attended is no input, and nothing here says which adult.
"""

from targeting.features import Indicator, column, facts, months

from .measuring import any_child, recency

SUBSTANCES = "alcohol or drugs"

NOT_FROM_SERVICES = "What services for adults recorded is not known"
NOT_FROM_ASSESSMENTS = "What social workers' assessments found is not known"
NOT_FROM_EITHER = "What services for adults or social workers recorded of alcohol and drugs is not known in full"

IN_REVIEWS = "The council's 2016 early-help review: in serious case reviews substances figured in 33%"
ALCOHOL_FACTOR = "DfE children in need 2015-16: alcohol was a factor for 18.4% of children assessed in need"
DRUGS_FACTOR = "DfE children in need 2015-16: drugs were a factor for 19.3% of children assessed in need"
ADMISSIONS = "The council's 2016 early-help review: substance admissions at 15-24 were 111 per 100,000, England 89"
HELP_WHEN_WANTED = "The council's 2016 early-help review: help has to come when it is wanted, for motivation passes"

needs = facts("substance_need")
stays = facts("substance_admission")
factors = facts("assessment_factor")
adult_factors = factors.where(column("factor").is_in("1B", "1C", "2B", "2C"))
found_in_assessment = any_child(adult_factors.in_last(months(24)))
recorded_by_service = needs.in_last(months(24)).exists_for_family() | stays.in_last(months(24)).exists_for_family()
substances_by_any = recorded_by_service | found_in_assessment

substances_in_assessment = Indicator(
    "An assessment in the last 24 months found misuse of alcohol or drugs by an adult",
    found_in_assessment,
    concern=SUBSTANCES,
    sentence="An assessment in the last 24 months found that an adult's use of alcohol or drugs affected the family",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=IN_REVIEWS,
)

alcohol_in_assessment = Indicator(
    "An assessment in the last 24 months found misuse of alcohol by an adult",
    any_child(factors.where(column("factor").is_in("1B", "1C")).in_last(months(24))),
    concern=SUBSTANCES,
    sentence="An assessment in the last 24 months found that an adult's drinking affected the family",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=ALCOHOL_FACTOR,
)

drugs_in_assessment = Indicator(
    "An assessment in the last 24 months found misuse of drugs by an adult",
    any_child(factors.where(column("factor").is_in("2B", "2C")).in_last(months(24))),
    concern=SUBSTANCES,
    sentence="An assessment in the last 24 months found that an adult's use of drugs affected the family",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=DRUGS_FACTOR,
)

substances_in_assessment_recency = Indicator(
    "How recently an assessment found misuse of alcohol or drugs by an adult: 1 the day after, 0 after 24 months",
    recency(adult_factors.of_children()),
    concern=SUBSTANCES,
    sentence="An assessment within the last 24 months found that an adult's alcohol or drugs affected the family",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=IN_REVIEWS,
)

substance_need_6_months = Indicator(
    "A service for alcohol and drugs identified needs of an adult in the last 6 months",
    needs.in_last(months(6)).count_each().maximum_for_family(),
    concern=SUBSTANCES,
    unit="time",
    sentence="An adult was found {count:time} to need help with alcohol or drugs in the last 6 months",
    sentence_if_none="Services for adults found nobody in need of help with alcohol or drugs in the last 6 months",
    direction="raises",
    unknown_means=NOT_FROM_SERVICES,
    evidence=HELP_WHEN_WANTED,
)

substance_need = Indicator(
    "A service for alcohol and drugs identified needs of an adult in the last 24 months",
    needs.in_last(months(24)).count_each().maximum_for_family(),
    concern=SUBSTANCES,
    unit="time",
    sentence="An adult was found {count:time} to need help with alcohol or drugs in the last 24 months",
    sentence_if_none="Services for adults found nobody in need of help with alcohol or drugs in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SERVICES,
    evidence=IN_REVIEWS,
)

alcohol_need = Indicator(
    "A service identified an adult's need because of alcohol in the last 24 months",
    needs.where(column("substance") == "alcohol").in_last(months(24)).exists_for_family(),
    concern=SUBSTANCES,
    sentence="An adult was found to need help with alcohol in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SERVICES,
    evidence=ALCOHOL_FACTOR,
)

drugs_need = Indicator(
    "A service identified an adult's need because of drugs in the last 24 months",
    needs.where(column("substance") == "drugs").in_last(months(24)).exists_for_family(),
    concern=SUBSTANCES,
    sentence="An adult was found to need help with drugs in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SERVICES,
    evidence=DRUGS_FACTOR,
)

substance_need_recency = Indicator(
    "How recent the latest need of an adult because of alcohol or drugs is: 1 the day after it, 0 after 24 months",
    recency(needs),
    concern=SUBSTANCES,
    sentence="An adult was found to need help with alcohol or drugs within the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SERVICES,
    evidence=HELP_WHEN_WANTED,
)

severe_substance_need = Indicator(
    "A service for alcohol and drugs judged an adult's need severe in the last 24 months",
    needs.where(column("severity") == "severe").in_last(months(24)).exists_for_family(),
    concern=SUBSTANCES,
    sentence="An adult's need of help with alcohol or drugs was judged severe in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SERVICES,
    evidence=IN_REVIEWS,
)

substance_admissions = Indicator(
    "Admissions of an adult because of alcohol or drugs in the last 24 months",
    stays.in_last(months(24)).count_each().maximum_for_family(),
    concern=SUBSTANCES,
    unit="time",
    sentence="An adult was admitted to hospital {count:time} in the last 24 months because of alcohol or drugs",
    direction="raises",
    unknown_means=NOT_FROM_SERVICES,
    evidence=ADMISSIONS,
)

substances_by_any_agency = Indicator(
    "An adult's use of alcohol or drugs recorded in the last 24 months, by a service or in an assessment",
    substances_by_any,
    concern=SUBSTANCES,
    sentence="An adult's use of alcohol or drugs was recorded in the last 24 months, by a service or in an assessment",
    direction="raises",
    unknown_means=NOT_FROM_EITHER,
    evidence=IN_REVIEWS,
)
