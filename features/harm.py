"""Harm that assessments found, in the family and from outside it.

What assessments say of disability, learning disability, or of a child without family (factors 5A to 6C, 9A) is refused,
and so is what stands in for faith or nationality (22A, 23A): no indicator reads those codes.
"""

from targeting.features import Indicator, column, facts, months

from .measuring import any_child, recency

HARM = "harm found by an assessment"
OUTSIDE = "harm from outside the home"

NOT_FROM_SOCIAL_CARE = "What social care did before is not known"
NOT_FROM_YOUTH_JUSTICE = "Whether a child was referred because of exploitation is not known"

ABUSE_OR_NEGLECT = "The council's 2016 early-help review: 74% of children in need are so by abuse or neglect"
NEGLECT = "DfE children in need 2015-16: neglect was a factor for 17.5% of children assessed in need"
EMOTIONAL = "DfE children in need 2015-16: emotional abuse was a factor for 19.3% of children assessed in need"
PHYSICAL = "DfE children in need 2015-16: physical abuse was a factor for 14.0% of children assessed in need"
SEXUAL = "DfE children in need 2015-16: sexual abuse was a factor for 6.4% of children assessed in need"
PARTNERS = "Working together to safeguard children 2023: harm outside the home needs help with the family as partner"

EMOTIONAL_CODES = ("17A",)
# Until 2020 the codes did not tell an adult from another child: 18A and 19A; since then 18C and 19C are an adult's.
PHYSICAL_CODES = ("18A", "18C")
SEXUAL_CODES = ("19A", "19C")

factors = facts("assessment_factor").in_last(months(24))
harm_codes = column("factor").is_in("16A", *EMOTIONAL_CODES, *PHYSICAL_CODES, *SEXUAL_CODES)

neglect_in_assessment = Indicator(
    "An assessment in the last 24 months found neglect",
    any_child(factors.where(column("factor") == "16A")),
    concern=HARM,
    sentence="An assessment in the last 24 months found neglect",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=NEGLECT,
)

harm_in_assessment = Indicator(
    "An assessment in the last 24 months found emotional, physical or sexual harm by an adult",
    any_child(factors.where(column("factor").is_in(*EMOTIONAL_CODES, *PHYSICAL_CODES, *SEXUAL_CODES))),
    concern=HARM,
    sentence="An assessment in the last 24 months found emotional, physical or sexual harm",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=ABUSE_OR_NEGLECT,
)

emotional_harm_in_assessment = Indicator(
    "An assessment in the last 24 months found emotional abuse",
    any_child(factors.where(column("factor").is_in(*EMOTIONAL_CODES))),
    concern=HARM,
    sentence="An assessment in the last 24 months found emotional abuse",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=EMOTIONAL,
)

physical_harm_in_assessment = Indicator(
    "An assessment in the last 24 months found physical abuse by an adult",
    any_child(factors.where(column("factor").is_in(*PHYSICAL_CODES))),
    concern=HARM,
    sentence="An assessment in the last 24 months found physical abuse",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=PHYSICAL,
)

sexual_harm_in_assessment = Indicator(
    "An assessment in the last 24 months found sexual abuse by an adult",
    any_child(factors.where(column("factor").is_in(*SEXUAL_CODES))),
    concern=HARM,
    sentence="An assessment in the last 24 months found sexual abuse",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=SEXUAL,
)

kinds_of_harm_in_assessment = Indicator(
    "Different kinds of neglect and harm by an adult that assessments of the last 24 months found",
    factors.of_children().where(harm_codes).count_distinct_for_family("factor"),
    concern=HARM,
    unit="kind of harm|kinds of harm",
    sentence="Assessments in the last 24 months found {count:kind of harm|kinds of harm} to a child",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=ABUSE_OR_NEGLECT,
)

harm_recency = Indicator(
    "How recently an assessment found neglect or harm by an adult: 1 the day after, falling to 0 over 24 months",
    recency(facts("assessment_factor").of_children().where(harm_codes)),
    concern=HARM,
    sentence="An assessment found neglect or harm within the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=ABUSE_OR_NEGLECT,
)

# What happens outside the home is not the family's doing, and is said apart.
harm_outside_the_home = Indicator(
    "An assessment in the last 24 months found exploitation, trafficking, gangs or harm by another child",
    any_child(factors.where(column("factor").is_in("11A", "12A", "13A", "18B", "19B", "24A"))),
    concern=OUTSIDE,
    sentence="An assessment in the last 24 months found that a child needed protection outside the home",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=PARTNERS,
)

referred_because_of_exploitation = Indicator(
    "A child was referred because of exploitation, of which the child is a victim, in the last 12 months",
    facts("exploitation_referral").of_children().in_last(months(12)).exists_for_family(),
    concern=OUTSIDE,
    sentence="A child was thought to be exploited by others outside the home, in the last 12 months",
    direction="raises",
    longest_memory=months(12),
    unknown_means=NOT_FROM_YOUTH_JUSTICE,
    evidence=PARTNERS,
)
