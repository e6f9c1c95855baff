"""Mandated contacts of health visiting, and a mother's mood after a birth.

A check that was declined is the family's own choice and no input; one not offered is a gap of the service, which is
coverage. The antenatal contact is the mother's appointment, not the child's. A check that was done is help taken up: it
is not counted either, or whoever was not offered one would look worse beside it.
"""

from targeting.features import Indicator, column, facts, months

VISITING = "health visiting"

NOT_FROM_MATERNITY = "What midwives and health visitors recorded is not known"

REVIEWS = "The council's 2016 early-help review: health visiting's reviews miss their 95% target"
NOT_BROUGHT = "NICE guideline NG76: appointments to which a child is repeatedly not brought are a sign to consider"
UNSEEN = "Born in Bradford: half of anxiety and depression in pregnancy is not identified"

moods = facts("maternal_mood")
midwife_concerns = facts("maternity_booking").where(column("mental_health_concern"))
not_brought = facts("health_visitor_contact").where(
    (column("status") == "not_brought") & (column("contact") != "antenatal")
)

low_mood_after_birth = Indicator(
    "A health visitor recorded a concern for a mother's mood after a birth in the last 24 months",
    moods.where(column("concern")).in_last(months(24)).exists_for_family(),
    concern=VISITING,
    sentence="A health visitor recorded a concern for a mother's mood after a birth in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=UNSEEN,
)

low_mood_6_months = Indicator(
    "A health visitor recorded a concern for a mother's mood after a birth in the last 6 months",
    moods.where(column("concern")).in_last(months(6)).exists_for_family(),
    concern=VISITING,
    sentence="A health visitor recorded a concern for a mother's mood after a birth in the last 6 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=UNSEEN,
)

low_mood_before_and_after_birth = Indicator(
    "A midwife and a health visitor both recorded a concern for a mother's mood in the last 24 months",
    midwife_concerns.in_last(months(24)).exists_for_family()
    & moods.where(column("concern")).in_last(months(24)).exists_for_family(),
    concern=VISITING,
    sentence="A midwife before a birth and a health visitor after one recorded a concern for a mother's mood",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=UNSEEN,
)

good_mood_after_birth = Indicator(
    "A health visitor asked after a mother's mood in the last 24 months and had no concern",
    moods.where(~column("concern")).in_last(months(24)).exists_for_family(),
    concern=VISITING,
    sentence="A health visitor asked after a mother's mood in the last 24 months and had no concern",
    direction="lowers",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=UNSEEN,
)

not_brought_12_months = Indicator(
    "Health visiting appointments of a child's own to which the child was not brought in the last 12 months",
    not_brought.in_last(months(12)).count_for_family(),
    concern=VISITING,
    unit="review",
    sentence="A child was not brought to {count:review} with the health visitor in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=REVIEWS,
)

not_brought_24_months = Indicator(
    "Health visiting appointments of a child's own to which the child was not brought in the last 24 months",
    not_brought.in_last(months(24)).count_for_family(),
    concern=VISITING,
    unit="review",
    sentence="A child was not brought to {count:review} with the health visitor in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=REVIEWS,
)

not_brought_in_first_weeks = Indicator(
    "A child was not brought to the new birth visit or the review at six to eight weeks in the last 12 months",
    not_brought.where(column("contact").is_in("new_birth", "six_to_eight_weeks"))
    .in_last(months(12))
    .exists_for_family(),
    concern=VISITING,
    sentence="A baby was not brought to a health visitor's review in the first weeks, in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=NOT_BROUGHT,
)

not_brought_to_review_at_two = Indicator(
    "A child was not brought to the review at two to two and a half years in the last 24 months",
    not_brought.where(column("contact") == "two_years").in_last(months(24)).exists_for_family(),
    concern=VISITING,
    sentence="A child was not brought to the health visitor's review at age 2 in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=NOT_BROUGHT,
)

not_brought_to_several = Indicator(
    "A child was not brought to two or more health visiting appointments of the child's own in the last 24 months",
    not_brought.in_last(months(24)).count_each().maximum_for_family() >= 2,
    concern=VISITING,
    sentence="The same child was not brought to two or more reviews with the health visitor in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=NOT_BROUGHT,
)

latest_review_not_brought = Indicator(
    "To the latest health visiting appointment of a child's own in the last 24 months the child was not brought",
    facts("health_visitor_contact")
    .where(column("status").is_in("done", "not_brought") & (column("contact") != "antenatal"))
    .in_last(months(24))
    .in_state_for_family(column("status") == "not_brought"),
    concern=VISITING,
    sentence="A child was not brought to the latest review with the health visitor",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=NOT_BROUGHT,
)
