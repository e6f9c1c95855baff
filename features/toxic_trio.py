"""Domestic abuse, adults' mental ill-health, alcohol and drugs, where they meet.

The file bears the field's name for the three. No screen does: a panel reads what was recorded. Each pair is declared by
itself, so that a panel reads which needs meet and not how many.
"""

from targeting.features import Indicator, column, facts, in_order_for_family, months, together_for_family

from .adult_mental_health import mind_by_any
from .adult_mental_health import needs as mental_health_needs
from .adult_mental_health import stays as mental_health_stays
from .alcohol_and_drugs import needs as substance_needs
from .alcohol_and_drugs import stays as substance_stays
from .alcohol_and_drugs import substances_by_any
from .domestic_abuse import abuse_by_any, high_grade, incidents
from .measuring import any_child

TOGETHER = "several needs at once"

NOT_FROM_ONE = "What police, social workers or services for adults recorded is not known in full"

OVERLAP = "The council's 2016 early-help review: a third of parents facing abuse also had one of the other two needs"
KNOWN_TO_MANY = (
    "The 2016 early-help review: 80% of affected children were known to an agency, 54% to children's services"
)
SERIOUS = (
    "The council's 2016 early-help review: serious case reviews named mental health in 63%, abuse in 53%, substances "
    "in 33% of cases"
)

half_a_year, year_before = months(6), (months(24), months(6))
factors = facts("assessment_factor")
abuse_factors = factors.where(column("factor").is_in("3A", "3B", "3C"))
mind_factors = factors.where(column("factor").is_in("4B", "4C"))
substance_factors = factors.where(column("factor").is_in("1B", "1C", "2B", "2C"))

abuse_lately = incidents.in_last(half_a_year).exists_for_family() | any_child(abuse_factors.in_last(half_a_year))
mind_lately = (
    mental_health_needs.in_last(half_a_year).exists_for_family()
    | mental_health_stays.in_last(half_a_year).exists_for_family()
    | any_child(mind_factors.in_last(half_a_year))
)
substances_lately = (
    substance_needs.in_last(half_a_year).exists_for_family()
    | substance_stays.in_last(half_a_year).exists_for_family()
    | any_child(substance_factors.in_last(half_a_year))
)
abuse_before = incidents.between(*year_before).exists_for_family() | any_child(abuse_factors.between(*year_before))
mind_before = (
    mental_health_needs.between(*year_before).exists_for_family()
    | mental_health_stays.between(*year_before).exists_for_family()
    | any_child(mind_factors.between(*year_before))
)
substances_before = (
    substance_needs.between(*year_before).exists_for_family()
    | substance_stays.between(*year_before).exists_for_family()
    | any_child(substance_factors.between(*year_before))
)

any_abuse = incidents.in_last(months(24)) | abuse_factors.of_children().in_last(months(24))
any_mind = (
    mental_health_needs.in_last(months(24))
    | mental_health_stays.in_last(months(24))
    | mind_factors.of_children().in_last(months(24))
)
any_substances = (
    substance_needs.in_last(months(24))
    | substance_stays.in_last(months(24))
    | substance_factors.of_children().in_last(months(24))
)

three_needs_within_6_months = Indicator(
    "Domestic abuse, an adult's mental ill-health, and alcohol or drugs within 6 months of one another, in 24 months",
    together_for_family(any_abuse, any_mind, any_substances, within=months(6)),
    concern=TOGETHER,
    sentence="Domestic abuse, mental ill-health, and alcohol or drugs came within 6 months of one another",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=OVERLAP,
)

mental_ill_health_after_abuse = Indicator(
    "Domestic abuse, and an adult's mental ill-health first or again within 12 months after it, in the last 24 months",
    in_order_for_family(any_abuse, any_mind, within=months(12)),
    concern=TOGETHER,
    sentence="An adult's mental ill-health was recorded within a year after domestic abuse",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=OVERLAP,
)

abuse_after_substances = Indicator(
    "An adult's use of alcohol or drugs, and domestic abuse within 12 months after it, in the last 24 months",
    in_order_for_family(any_substances, any_abuse, within=months(12)),
    concern=TOGETHER,
    sentence="Domestic abuse was recorded within a year after an adult's use of alcohol or drugs",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=OVERLAP,
)

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

two_needs_lately = Indicator(
    "Two or more of domestic abuse, an adult's mental ill-health, and alcohol or drugs recorded in the last 6 months",
    abuse_lately + mind_lately + substances_lately >= 2,
    concern=TOGETHER,
    sentence="At least two of domestic abuse, mental ill-health, alcohol and drugs were recorded in the last 6 months",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=OVERLAP,
)

# The order in which needs came: one that is new, beside another that was there before it.
need_came_beside_another = Indicator(
    "One of the three needs is new in the last 6 months, beside another recorded in the 18 months before",
    (abuse_lately & ~abuse_before & (mind_before | substances_before))
    | (mind_lately & ~mind_before & (abuse_before | substances_before))
    | (substances_lately & ~substances_before & (abuse_before | mind_before)),
    concern=TOGETHER,
    sentence="A need is new in the last 6 months beside an earlier one: abuse, mental ill-health, alcohol or drugs",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=OVERLAP,
)

severe_needs_at_once = Indicator(
    "High-grade abuse in the last 24 months, beside a need of an adult that a service judged severe",
    high_grade.in_last(months(24)).exists_for_family()
    & (
        mental_health_needs.where(column("severity") == "severe").in_last(months(24)).exists_for_family()
        | substance_needs.where(column("severity") == "severe").in_last(months(24)).exists_for_family()
    ),
    concern=TOGETHER,
    sentence="Abuse was graded as high risk of serious harm, beside an adult's severe need, in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=SERIOUS,
)

services_that_recorded_needs = Indicator(
    "How many of police, social care and services for adults recorded one of the three needs in the last 24 months",
    incidents.in_last(months(24)).exists_for_family()
    + any_child(
        factors.where(column("factor").is_in("1B", "1C", "2B", "2C", "3A", "3B", "3C", "4B", "4C")).in_last(months(24))
    )
    + (
        mental_health_needs.in_last(months(24)).exists_for_family()
        | substance_needs.in_last(months(24)).exists_for_family()
    ),
    concern=TOGETHER,
    unit="service",
    sentence="{several:service} noted abuse, an adult's mental ill-health, or use of alcohol or drugs, in 24 months",
    direction="raises",
    unknown_means=NOT_FROM_ONE,
    evidence=KNOWN_TO_MANY,
)

needs_at_once = Indicator(
    "How many of domestic abuse, an adult's mental ill-health, and alcohol or drugs any agency recorded in 24 months",
    abuse_by_any + mind_by_any + substances_by_any,
    concern=TOGETHER,
    unit="need",
    sentence="Of domestic abuse, mental ill-health, and alcohol or drugs, {count:was|were} recorded in 24 months",
    direction="raises",
    use="context",
    unknown_means=NOT_FROM_ONE,
    evidence=OVERLAP,
)
