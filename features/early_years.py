"""Children under five: how they develop, and what their children's centre sees."""

from targeting.features import Indicator, column, facts, months

EARLY_YEARS = "early years"

NOT_FROM_REVIEWS = "How the youngest children develop is not known"
NO_PROFILE = "How children fared at the end of their first year at school is not known"
NOT_FROM_CENTRES = "What a children's centre knows of the family is not known"

AT_TWO = "Healthy child programme: the review at two finds needs while help still changes most"
GOOD_LEVEL = "Department for Education: 61.9% of the district's children reached a good level of development in 2025"
ENGAGED = "The council's 2016 early-help review: 97.8% registered, 66.8% attended, 42.3% came three times or more"
DOMAINS = "The council's 2016 early-help review: children's centres note progress in eight domains"

reviews = facts("development_review").of_children(below_age=5).in_last(months(24))
attendance = facts("childrens_centre_attended")

profiles = facts("early_years_profile").of_children(below_age=8).in_last(months(24))

# Home and money is left out: poverty is context for an offer of advice, not a reason for concern.
progress = facts("childrens_centre_progress").where(column("domain") != "home_and_money").in_last(months(12))

development_below_expected = Indicator(
    "A child's review at two found development below the expected level in two domains or more",
    reviews.where(column("below_expected") >= 2).exists_for_family(),
    concern=EARLY_YEARS,
    sentence="A child's review at age 2 found several areas in which the child needs help to develop",
    direction="raises",
    unknown_means=NOT_FROM_REVIEWS,
    evidence=AT_TWO,
)

development_below_in_one_domain = Indicator(
    "A child's review at two found development below the expected level in one domain",
    reviews.where(column("below_expected") == 1).exists_for_family(),
    concern=EARLY_YEARS,
    sentence="A child's review at age 2 found one area in which the child needs help to develop",
    direction="raises",
    unknown_means=NOT_FROM_REVIEWS,
    evidence=AT_TWO,
)

development_as_expected = Indicator(
    "A child's review at two found development as expected in every domain",
    reviews.where(column("below_expected") == 0).exists_for_family(),
    concern=EARLY_YEARS,
    sentence="A child's review at age 2 found development as expected",
    direction="lowers",
    unknown_means=NOT_FROM_REVIEWS,
    evidence=AT_TWO,
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
    sentence="A worker noted {count:area} of family life in which help is needed",
    direction="raises",
    unknown_means=NOT_FROM_CENTRES,
    evidence=DOMAINS,
)

centre_need_for_safety = Indicator(
    "A worker noted in the last 12 months that much help is needed to keep children safe",
    progress.where((column("domain") == "keeping_children_safe") & (column("score") <= 2)).exists_for_family(),
    concern=EARLY_YEARS,
    sentence="A worker noted that help is needed to keep children safe",
    direction="raises",
    unknown_means=NOT_FROM_CENTRES,
    evidence=DOMAINS,
)

centre_need_for_routines = Indicator(
    "A worker noted in the last 12 months that much help is needed with boundaries or routines",
    progress.where(
        column("domain").is_in("boundaries_and_behaviour", "family_routines") & (column("score") <= 2)
    ).exists_for_family(),
    concern=EARLY_YEARS,
    sentence="A worker noted that help is needed with boundaries or the day's routines",
    direction="raises",
    unknown_means=NOT_FROM_CENTRES,
    evidence=DOMAINS,
)

centre_strengths = Indicator(
    "Domains, money apart, in which a children's centre worker noted in the last 12 months that the family does well",
    progress.where(column("score") >= 4).count_distinct_for_family("domain"),
    concern=EARLY_YEARS,
    unit="area",
    sentence="A worker noted {count:area} of family life in which the family does well",
    direction="lowers",
    unknown_means=NOT_FROM_CENTRES,
    evidence=DOMAINS,
)

good_level_of_development = Indicator(
    "A child reached a good level of development at the end of the first year at school, in the last 24 months",
    profiles.where(column("good_level")).exists_for_family(),
    concern=EARLY_YEARS,
    sentence="A child reached a good level of development at the end of the first year at school",
    direction="lowers",
    unknown_means=NO_PROFILE,
    evidence=GOOD_LEVEL,
)

# A profile below the good level goes with special needs and with a home language other than English: unmet need.
early_learning_goals_reached = Indicator(
    "Early learning goals of 17 that the child with fewest reached, at the end of a first year at school in 24 months",
    profiles.minimum_for_family("goals_expected"),
    concern=EARLY_YEARS,
    unit="goal",
    sentence="A child reached {count:goal} of 17 at the end of the first year at school",
    use="context",
    unknown_means=NO_PROFILE,
    evidence=GOOD_LEVEL,
)
