"""Children under five: how they develop, and what their children's centre sees."""

from targeting.features import Indicator, column, facts, months

EARLY_YEARS = "early years"

NOT_FROM_REVIEWS = "How the youngest children develop is not known"
NOT_FROM_CENTRES = "What a children's centre knows of the family is not known"

ENGAGED = "The council's 2016 early-help review: 97.8% registered, 66.8% attended, 42.3% came three times or more"
DOMAINS = "The council's 2016 early-help review: children's centres note progress in eight domains"

reviews = facts("development_review").of_children(below_age=5).in_last(months(24))
attendance = facts("childrens_centre_attended")

# Home and money is left out: poverty is context for an offer of advice, not a reason for concern.
progress = facts("childrens_centre_progress").where(column("domain") != "home_and_money").in_last(months(12))

development_below_expected = Indicator(
    "A child's review at two found development below the expected level in two domains or more",
    reviews.where(column("below_expected") >= 2).exists_for_family(),
    concern=EARLY_YEARS,
    sentence="A child's review at age 2 found several areas in which the child needs help to develop",
    direction="raises",
    unknown_means=NOT_FROM_REVIEWS,
    evidence="Healthy child programme: the review at two finds needs while help still changes most",
)

development_as_expected = Indicator(
    "A child's review at two found development as expected in every domain",
    reviews.where(column("below_expected") == 0).exists_for_family(),
    concern=EARLY_YEARS,
    sentence="A child's review at age 2 found development as expected",
    direction="lowers",
    unknown_means=NOT_FROM_REVIEWS,
    evidence="Healthy child programme: the review at two finds needs while help still changes most",
)

# Coming to a centre is taking up help: it may lower an estimate and never raises one.
centre_registered = Indicator(
    "A member of the family is registered with a children's centre",
    facts("childrens_centre_registered").exists_for_family(),
    concern=EARLY_YEARS,
    sentence="The family is registered with a children's centre",
    direction="lowers",
    unknown_means=NOT_FROM_CENTRES,
    evidence=ENGAGED,
)

centre_attended_12_months = Indicator(
    "Times that a member of the family came to a children's centre in the last 12 months",
    attendance.in_last(months(12)).count_each().maximum_for_family(),
    concern=EARLY_YEARS,
    unit="time",
    sentence="The family came to a children's centre {count:time} in the last 12 months",
    direction="lowers",
    unknown_means=NOT_FROM_CENTRES,
    evidence=ENGAGED,
)

centre_attended_3_months = Indicator(
    "Times that a member of the family came to a children's centre in the last 3 months",
    attendance.in_last(months(3)).count_each().maximum_for_family(),
    concern=EARLY_YEARS,
    unit="time",
    sentence="The family came to a children's centre {count:time} in the last 3 months",
    direction="lowers",
    unknown_means=NOT_FROM_CENTRES,
    evidence=ENGAGED,
)

centre_needs = Indicator(
    "Domains, money apart, in which a children's centre worker noted in the last 12 months that much help is needed",
    progress.where(column("score") <= 2).count_distinct_for_family("domain"),
    concern=EARLY_YEARS,
    unit="area",
    sentence="A children's centre worker noted {count:area} of family life in which help is needed",
    direction="raises",
    unknown_means=NOT_FROM_CENTRES,
    evidence=DOMAINS,
)

centre_strengths = Indicator(
    "Domains, money apart, in which a children's centre worker noted in the last 12 months that the family does well",
    progress.where(column("score") >= 4).count_distinct_for_family("domain"),
    concern=EARLY_YEARS,
    unit="area",
    sentence="A children's centre worker noted {count:area} of family life in which the family does well",
    direction="lowers",
    unknown_means=NOT_FROM_CENTRES,
    evidence=DOMAINS,
)
