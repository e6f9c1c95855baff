"""Domestic abuse, adults' mental ill-health, alcohol and drugs: each alone, and together.

The file bears the field's name for the three. No screen does: a panel reads what was recorded.
"""

from targeting.features import Indicator, case, column, facts, months

ABUSE = "domestic abuse"
MIND = "mental health of an adult"
SUBSTANCES = "alcohol or drugs"
TOGETHER = "several needs at once"

NOT_FROM_POLICE = "What police recorded of domestic abuse is not known"
NOT_FROM_ASSESSMENTS = "What social workers' assessments found is not known"
NOT_FROM_ADULT_SERVICES = "What services for adults recorded is not known"
NOT_FROM_ONE = "What police, social workers or services for adults recorded is not known in full"

SERIOUS_CASES = "The council's 2016 early-help review: in serious case reviews {} figured in {}"
ABUSE_IN_REVIEWS = SERIOUS_CASES.format("domestic abuse", "53%")
MIND_IN_REVIEWS = SERIOUS_CASES.format("an adult's mental health", "63%")
SUBSTANCES_IN_REVIEWS = SERIOUS_CASES.format("substances", "33%")
OVERLAP = "The council's 2016 early-help review: a third of parents facing abuse also had one of the other two needs"

incidents = facts("domestic_abuse_incident")
factors = facts("assessment_factor").in_last(months(24))
abuse_factors = factors.where(column("factor").is_in("3A", "3B", "3C"))
adult_mind_factors = factors.where(column("factor").is_in("4B", "4C"))
adult_substance_factors = factors.where(column("factor").is_in("1B", "1C", "2B", "2C"))
mental_health_needs = facts("mental_health_need").in_last(months(24))
mental_health_stays = facts("mental_health_admission").in_last(months(24))
substance_needs = facts("substance_need").in_last(months(24))
substance_stays = facts("substance_admission").in_last(months(24))

# Police file one record for each person at an incident; the member with most of them tells the number of incidents.
abuse_incidents_3_months = Indicator(
    "Domestic abuse incidents recorded by police in the last 3 months",
    incidents.in_last(months(3)).count_each().maximum_for_family(),
    concern=ABUSE,
    unit="incident",
    sentence="The family lived with {count:incident} of police-recorded abuse in the last 3 months",
    sentence_if_none="Police recorded no domestic abuse in the last 3 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=ABUSE_IN_REVIEWS,
)

abuse_incidents_12_months = Indicator(
    "Domestic abuse incidents recorded by police in the last 12 months",
    incidents.in_last(months(12)).count_each().maximum_for_family(),
    concern=ABUSE,
    unit="incident",
    sentence="The family lived with {count:incident} of police-recorded abuse in the last 12 months",
    sentence_if_none="Police recorded no domestic abuse in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=ABUSE_IN_REVIEWS,
)

abuse_incidents_24_months = Indicator(
    "Domestic abuse incidents recorded by police in the last 24 months",
    incidents.in_last(months(24)).count_each().maximum_for_family(),
    concern=ABUSE,
    unit="incident",
    sentence="The family lived with {count:incident} of police-recorded abuse in the last 24 months",
    sentence_if_none="Police recorded no domestic abuse in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=ABUSE_IN_REVIEWS,
)

high_grade_abuse_24_months = Indicator(
    "Domestic abuse incidents graded high on the DASH checklist in the last 24 months",
    incidents.where(column("grade") == "high").in_last(months(24)).count_each().maximum_for_family(),
    concern=ABUSE,
    unit="incident",
    sentence="Police graded {count:incident} of abuse in the last 24 months as high risk of serious harm",
    sentence_if_none="Police graded no abuse in the last 24 months as high risk of serious harm",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence="DASH risk checklist: a high grade means risk of serious harm that may come at any time",
)

abuse_with_child_present_12_months = Indicator(
    "Domestic abuse incidents with a child present in the last 12 months",
    incidents.where(column("child_present")).in_last(months(12)).count_each().maximum_for_family(),
    concern=ABUSE,
    unit="incident",
    sentence="A child was present at {count:incident} of police-recorded abuse in the last 12 months",
    sentence_if_none="Police recorded no child as present at domestic abuse in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence="Domestic Abuse Act 2021 section 3: a child who sees, hears or lives with abuse is a victim of it",
)

abuse_recency = Indicator(
    "How recent the latest domestic abuse is: 1 the day after it, falling to 0 over 24 months",
    case(
        incidents.in_last(months(24)).exists_for_family(),
        (732 - incidents.in_last(months(24)).days_since_latest_for_family()) / 732,
        0,
    ),
    concern=ABUSE,
    sentence="The family lived with police-recorded abuse within the last 24 months",
    sentence_if_none="Police recorded no domestic abuse in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence="The council's 2016 early-help review: help has to come when it is wanted, for motivation passes",
)

abuse_change = Indicator(
    "Change in domestic abuse incidents: the last 6 months less the 6 months before",
    incidents.in_last(months(6)).count_each().maximum_for_family()
    - incidents.between(months(12), months(6)).count_each().maximum_for_family(),
    concern=ABUSE,
    unit="incident",
    sentence="Police-recorded abuse {change:incident} in the last 6 months, against the 6 months before",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence="DASH risk checklist: incidents that come more often are a sign of rising danger",
)

abuse_in_assessment = Indicator(
    "An assessment in the last 24 months found domestic abuse",
    abuse_factors.exists_for_family(),
    concern=ABUSE,
    sentence="An assessment in the last 24 months found domestic abuse",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=ABUSE_IN_REVIEWS,
)

mental_health_in_assessment = Indicator(
    "An assessment in the last 24 months found mental ill-health of an adult",
    adult_mind_factors.exists_for_family(),
    concern=MIND,
    sentence="An assessment in the last 24 months found that an adult was struggling with mental health",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=MIND_IN_REVIEWS,
)

mental_health_need = Indicator(
    "A mental health service identified needs of an adult in the last 24 months",
    mental_health_needs.count_each().maximum_for_family(),
    concern=MIND,
    unit="time",
    sentence="A mental health service identified a need of an adult {count:time} in the last 24 months",
    sentence_if_none="Mental health services recorded no need of an adult in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_ADULT_SERVICES,
    evidence=MIND_IN_REVIEWS,
)

severe_mental_health_need = Indicator(
    "A mental health service judged an adult's need severe in the last 24 months",
    mental_health_needs.where(column("severity") == "severe").exists_for_family(),
    concern=MIND,
    sentence="A mental health service judged an adult's need severe in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_ADULT_SERVICES,
    evidence=MIND_IN_REVIEWS,
)

mental_health_admissions = Indicator(
    "Admissions of an adult for mental ill-health in the last 24 months",
    mental_health_stays.count_each().maximum_for_family(),
    concern=MIND,
    unit="time",
    sentence="An adult was admitted for mental ill-health {count:time} in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_ADULT_SERVICES,
    evidence=MIND_IN_REVIEWS,
)

substances_in_assessment = Indicator(
    "An assessment in the last 24 months found misuse of alcohol or drugs by an adult",
    adult_substance_factors.exists_for_family(),
    concern=SUBSTANCES,
    sentence="An assessment in the last 24 months found that an adult's use of alcohol or drugs affected the family",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=SUBSTANCES_IN_REVIEWS,
)

substance_need = Indicator(
    "A service for alcohol and drugs identified needs of an adult in the last 24 months",
    substance_needs.count_each().maximum_for_family(),
    concern=SUBSTANCES,
    unit="time",
    sentence="A service for alcohol and drugs identified a need of an adult {count:time} in the last 24 months",
    sentence_if_none="Services for alcohol and drugs recorded no need of an adult in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_ADULT_SERVICES,
    evidence=SUBSTANCES_IN_REVIEWS,
)

severe_substance_need = Indicator(
    "A service for alcohol and drugs judged an adult's need severe in the last 24 months",
    substance_needs.where(column("severity") == "severe").exists_for_family(),
    concern=SUBSTANCES,
    sentence="A service for alcohol and drugs judged an adult's need severe in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_ADULT_SERVICES,
    evidence=SUBSTANCES_IN_REVIEWS,
)

substance_admissions = Indicator(
    "Admissions of an adult because of alcohol or drugs in the last 24 months",
    substance_stays.count_each().maximum_for_family(),
    concern=SUBSTANCES,
    unit="time",
    sentence="An adult was admitted to hospital because of alcohol or drugs {count:time} in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_ADULT_SERVICES,
    evidence="The council's 2016 early-help review: substance admissions at 15-24 were 111 per 100,000, England 89",
)

abuse_by_any = incidents.in_last(months(24)).exists_for_family() | abuse_factors.exists_for_family()
mind_by_any = (
    mental_health_needs.exists_for_family()
    | mental_health_stays.exists_for_family()
    | adult_mind_factors.exists_for_family()
)
substances_by_any = (
    substance_needs.exists_for_family()
    | substance_stays.exists_for_family()
    | adult_substance_factors.exists_for_family()
)

abuse_by_any_agency = Indicator(
    "Domestic abuse recorded in the last 24 months, by police or in an assessment",
    abuse_by_any,
    concern=ABUSE,
    sentence="Domestic abuse was recorded in the last 24 months, by police or in an assessment",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=ABUSE_IN_REVIEWS,
)

mental_ill_health_by_any_agency = Indicator(
    "An adult's mental ill-health recorded in the last 24 months, by a service or in an assessment",
    mind_by_any,
    concern=MIND,
    sentence="An adult's mental ill-health was recorded in the last 24 months, by a service or in an assessment",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=MIND_IN_REVIEWS,
)

substances_by_any_agency = Indicator(
    "An adult's use of alcohol or drugs recorded in the last 24 months, by a service or in an assessment",
    substances_by_any,
    concern=SUBSTANCES,
    sentence="An adult's use of alcohol or drugs was recorded in the last 24 months, by a service or in an assessment",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=SUBSTANCES_IN_REVIEWS,
)

# Each pair is declared by itself, so that a panel reads which needs meet and not how many.
abuse_and_mental_ill_health = Indicator(
    "Domestic abuse and an adult's mental ill-health were both recorded in the last 24 months",
    abuse_by_any & mind_by_any,
    concern=TOGETHER,
    sentence="Domestic abuse and an adult's mental ill-health were both recorded in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=OVERLAP,
)

abuse_and_substances = Indicator(
    "Domestic abuse and an adult's use of alcohol or drugs were both recorded in the last 24 months",
    abuse_by_any & substances_by_any,
    concern=TOGETHER,
    sentence="Domestic abuse and an adult's use of alcohol or drugs were both recorded in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=OVERLAP,
)

mental_ill_health_and_substances = Indicator(
    "An adult's mental ill-health and use of alcohol or drugs were both recorded in the last 24 months",
    mind_by_any & substances_by_any,
    concern=TOGETHER,
    sentence="Mental ill-health and use of alcohol or drugs, of adults, were both recorded in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=OVERLAP,
)

all_three_needs = Indicator(
    "Domestic abuse, an adult's mental ill-health, and alcohol or drugs were all recorded in the last 24 months",
    abuse_by_any & mind_by_any & substances_by_any,
    concern=TOGETHER,
    sentence="Domestic abuse, mental ill-health, and use of alcohol or drugs were all recorded in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=OVERLAP,
)

needs_at_once = Indicator(
    "How many of domestic abuse, an adult's mental ill-health, and alcohol or drugs any agency recorded in 24 months",
    abuse_by_any + mind_by_any + substances_by_any,
    concern=TOGETHER,
    unit="need",
    sentence="Of domestic abuse, mental ill-health, and alcohol or drugs, {count} recorded in the last 24 months",
    direction="raises",
    use="context",
    unknown_means=NOT_FROM_ONE,
    evidence=OVERLAP,
)
