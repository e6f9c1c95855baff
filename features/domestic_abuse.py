"""Domestic abuse, as police recorded it and social workers' assessments found it.

Police file one record for each person at an incident; the member with most of them tells the number of incidents.
Nothing here says who hurt whom: a role in an incident is no column of the contract.
"""

from targeting.features import Indicator, column, facts, months, people

from .measuring import any_child, recency

ABUSE = "domestic abuse"

NOT_FROM_POLICE = "What police recorded of domestic abuse is not known"
NOT_FROM_ASSESSMENTS = "What social workers' assessments found is not known"
NOT_FROM_EITHER = "What police or social workers recorded of domestic abuse is not known in full"

IN_REVIEWS = "The council's 2016 early-help review: in serious case reviews domestic abuse figured in 53%"
DASH_HIGH = "DASH risk checklist: a high grade means risk of serious harm that may come at any time"
DASH_MORE_OFTEN = "DASH risk checklist: incidents that come more often are a sign of rising danger"
REPEATED = (
    "SafeLives, guidance on the DASH checklist: three or more police call-outs in 12 months are a sign of escalation"
)
CHILDREN_ARE_VICTIMS = (
    "Domestic Abuse Act 2021 section 3: a child who sees, hears or lives with abuse is a victim of it"
)
FACTOR = "DfE children in need 2015-16: domestic abuse was a factor for 49.6% of children assessed in need"
HELP_WHEN_WANTED = "The council's 2016 early-help review: help has to come when it is wanted, for motivation passes"
IN_PREGNANCY = "NICE guideline PH50: abuse may begin or grow worse in pregnancy, and harms the child before birth"

incidents = facts("domestic_abuse_incident")
high_grade = incidents.where(column("grade") == "high")
child_present = incidents.where(column("child_present"))
factors = facts("assessment_factor").in_last(months(24))
recorded_by_police = incidents.in_last(months(24)).exists_for_family()
found_in_assessment = any_child(factors.where(column("factor").is_in("3A", "3B", "3C")))
abuse_by_any = recorded_by_police | found_in_assessment

abuse_incidents_3_months = Indicator(
    "Domestic abuse incidents recorded by police in the last 3 months",
    incidents.in_last(months(3)).count_each().maximum_for_family(),
    concern=ABUSE,
    unit="incident",
    sentence="The family lived with {count:incident} of domestic abuse in the last 3 months",
    sentence_if_none="Police recorded no domestic abuse in the last 3 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=IN_REVIEWS,
)

abuse_incidents_12_months = Indicator(
    "Domestic abuse incidents recorded by police in the last 12 months",
    incidents.in_last(months(12)).count_each().maximum_for_family(),
    concern=ABUSE,
    unit="incident",
    sentence="The family lived with {count:incident} of domestic abuse in the last 12 months",
    sentence_if_none="Police recorded no domestic abuse in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=IN_REVIEWS,
)

grave_abuse_12_months = Indicator(
    "Domestic abuse incidents of the last 12 months that police graded high, or at which a child was present",
    incidents.where((column("grade") == "high") | column("child_present"))
    .in_last(months(12))
    .count_each()
    .maximum_for_family(),
    concern=ABUSE,
    unit="incident",
    sentence="{count:incident} of domestic abuse in the last 12 months: graded high, or with a child present",
    use="context",
    unknown_means=NOT_FROM_POLICE,
    evidence=CHILDREN_ARE_VICTIMS,
)

abuse_incidents_24_months = Indicator(
    "Domestic abuse incidents recorded by police in the last 24 months",
    incidents.in_last(months(24)).count_each().maximum_for_family(),
    concern=ABUSE,
    unit="incident",
    sentence="The family lived with {count:incident} of domestic abuse in the last 24 months",
    sentence_if_none="Police recorded no domestic abuse in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=IN_REVIEWS,
)

abuse_incidents_repeated = Indicator(
    "Three or more domestic abuse incidents recorded by police in the last 12 months",
    incidents.in_last(months(12)).count_each().maximum_for_family() >= 3,
    concern=ABUSE,
    sentence="Domestic abuse was recorded three times or more in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=REPEATED,
)

high_grade_abuse_24_months = Indicator(
    "Domestic abuse incidents graded high on the DASH checklist in the last 24 months",
    high_grade.in_last(months(24)).count_each().maximum_for_family(),
    concern=ABUSE,
    unit="incident",
    sentence="{count:incident was|incidents were} graded as high risk of serious harm in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=DASH_HIGH,
)

high_grade_abuse_recency = Indicator(
    "How recent the latest abuse graded high is: 1 the day after it, falling to 0 over 24 months",
    recency(high_grade),
    concern=ABUSE,
    sentence="Abuse was graded as high risk of serious harm within the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=DASH_HIGH,
)

abuse_with_child_present_12_months = Indicator(
    "Domestic abuse incidents with a child present in the last 12 months",
    child_present.in_last(months(12)).count_each().maximum_for_family(),
    concern=ABUSE,
    unit="incident",
    sentence="A child was present at {count:incident} of domestic abuse in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=CHILDREN_ARE_VICTIMS,
)

abuse_with_baby_in_the_family = Indicator(
    "A child under 1 in a family in which police recorded domestic abuse in the last 12 months",
    incidents.in_last(months(12)).exists_for_family() & people.children(below_age=1).exists_for_family(),
    concern=ABUSE,
    sentence="A baby lives in a family with domestic abuse recorded in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=CHILDREN_ARE_VICTIMS,
)

abuse_while_expecting = Indicator(
    "A child is expected in a family in which police recorded domestic abuse in the last 9 months",
    incidents.in_last(months(9)).exists_for_family() & people.unborn().exists_for_family(),
    concern=ABUSE,
    sentence="A child is expected in a family with domestic abuse recorded in the last 9 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=IN_PREGNANCY,
)

abuse_recency = Indicator(
    "How recent the latest domestic abuse is: 1 the day after it, falling to 0 over 24 months",
    recency(incidents),
    concern=ABUSE,
    sentence="The family lived with domestic abuse within the last 24 months",
    sentence_if_none="Police recorded no domestic abuse in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=HELP_WHEN_WANTED,
)

abuse_change = Indicator(
    "Change in domestic abuse incidents: the last 6 months less the 6 months before",
    incidents.in_last(months(6)).count_each().maximum_for_family()
    - incidents.between(months(12), months(6)).count_each().maximum_for_family(),
    concern=ABUSE,
    unit="incident",
    sentence="Domestic abuse {change:incident} in the last 6 months, against the 6 months before",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=DASH_MORE_OFTEN,
)

abuse_in_both_years = Indicator(
    "Police recorded domestic abuse in the last 12 months and in the 12 months before",
    incidents.in_last(months(12)).exists_for_family() & incidents.between(months(24), months(12)).exists_for_family(),
    concern=ABUSE,
    sentence="Domestic abuse was recorded in each of the last two years",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=DASH_MORE_OFTEN,
)

abuse_in_assessment = Indicator(
    "An assessment in the last 24 months found domestic abuse",
    found_in_assessment,
    concern=ABUSE,
    sentence="An assessment in the last 24 months found domestic abuse",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=FACTOR,
)

abuse_of_child_in_assessment = Indicator(
    "An assessment in the last 24 months found domestic abuse of a child",
    any_child(factors.where(column("factor") == "3A")),
    concern=ABUSE,
    sentence="An assessment in the last 24 months found that a child was a victim of domestic abuse",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=CHILDREN_ARE_VICTIMS,
)

abuse_in_assessment_recency = Indicator(
    "How recently an assessment found domestic abuse: 1 the day after, falling to 0 over 24 months",
    recency(facts("assessment_factor").of_children().where(column("factor").is_in("3A", "3B", "3C"))),
    concern=ABUSE,
    sentence="An assessment found domestic abuse within the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=FACTOR,
)

abuse_by_any_agency = Indicator(
    "Domestic abuse recorded in the last 24 months, by police or in an assessment",
    abuse_by_any,
    concern=ABUSE,
    sentence="Domestic abuse was reported, or found by an assessment, in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_EITHER,
    evidence=IN_REVIEWS,
)
