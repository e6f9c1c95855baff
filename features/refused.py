"""What was asked for and is refused, named so that nobody proposes it again. No model and no panel reads it."""

from targeting.features import Indicator, column, facts, months

REFUSED = "refused"

NOT_ASKED = "Nothing: it is not computed"

parents_own_childhood_in_care = Indicator(
    "A parent was in care as a child",
    facts("care_started").of_adults().exists_for_family(),
    concern=REFUSED,
    sentence="A parent was in care as a child",
    use="refused",
    refused_because="what befell a parent as a child is no reason to doubt the family today",
    unknown_means=NOT_ASKED,
    evidence="The council's 2016 early-help review: a parent's childhood abuse in 37% of intensive support",
)

disability_in_assessment = Indicator(
    "An assessment found a disability, an illness or a learning disability in the family",
    facts("assessment_factor").where(column("factor").is_in("5A", "5B", "5C", "6A", "6B", "6C")).exists_for_family(),
    concern=REFUSED,
    sentence="An assessment found a disability in the family",
    use="refused",
    refused_because="a disability brings a right to support (Equality Act 2010) and is no reason for concern",
    unknown_means=NOT_ASKED,
    evidence="Equality Act 2010",
)

help_declined_12_months = Indicator(
    "Help was declined in the last 12 months",
    facts("help_declined").in_last(months(12)).exists_for_family(),
    concern=REFUSED,
    sentence="Help was declined in the last 12 months",
    use="refused",
    refused_because="voluntary help is an offer: to decline it never raises risk",
    unknown_means=NOT_ASKED,
    evidence="The council's 2016 early-help review: voluntary help is an offer",
)
