"""Pregnancy, birth and the first months, as midwives and health visitors recorded them."""

from targeting.features import Indicator, column, facts, months

PREGNANCY = "pregnancy and birth"
VISITING = "health visiting"

NOT_FROM_MATERNITY = "What midwives and health visitors recorded is not known"

SMOKING = "The council's 2016 early-help review: 15.8% smoked at delivery, England 12.0%"
REVIEWS = "The council's 2016 early-help review: health visiting's reviews miss their 95% target"
UNSEEN = "Born in Bradford: half of anxiety and depression in pregnancy is not identified"

bookings = facts("maternity_booking").in_last(months(24))
births = facts("birth").in_last(months(24))
moods = facts("maternal_mood").in_last(months(24))

# A check that was declined is the family's own choice and no input; one not offered is a gap of the service. The
# antenatal contact is the mother's appointment, not the child's.
not_brought = facts("health_visitor_contact").where(
    (column("status") == "not_brought") & (column("contact") != "antenatal")
)

late_booking = Indicator(
    "A pregnancy of the last 24 months was booked after the 12th week",
    bookings.where(column("gestation_weeks") >= 13).exists_for_family(),
    concern=PREGNANCY,
    sentence="A pregnancy in the last 24 months was booked with a midwife after its 12th week",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence="NICE guideline NG201: the first appointment with a midwife is due by the 10th week",
)

smoking_at_booking = Indicator(
    "A mother smoked when she booked with a midwife in the last 24 months",
    bookings.where(column("smoking")).exists_for_family(),
    concern=PREGNANCY,
    sentence="A mother smoked at her first appointment with a midwife in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=SMOKING,
)

smoking_at_delivery = Indicator(
    "A mother smoked at a birth of the last 24 months",
    births.where(column("mother_smoked")).exists_for_family(),
    concern=PREGNANCY,
    sentence="A mother smoked at the time of a birth in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=SMOKING,
)

alcohol_in_pregnancy = Indicator(
    "A mother drank a unit of alcohol a week or more when she booked in the last 24 months",
    bookings.where(column("alcohol_units") >= 1).exists_for_family(),
    concern=PREGNANCY,
    sentence="A mother told a midwife that she drank alcohol during a pregnancy in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence="Born in Bradford: 9% binge drank in early pregnancy, which raises the risk of low birth weight by 70%",
)

midwife_concern_for_mood = Indicator(
    "A midwife recorded a concern for a mother's mental health in the last 24 months",
    bookings.where(column("mental_health_concern")).exists_for_family(),
    concern=PREGNANCY,
    sentence="A midwife recorded a concern for a mother's mental health in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=UNSEEN,
)

low_mood_after_birth = Indicator(
    "A health visitor recorded a concern for a mother's mood after a birth in the last 24 months",
    moods.where(column("concern")).exists_for_family(),
    concern=VISITING,
    sentence="A health visitor recorded a concern for a mother's mood after a birth in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=UNSEEN,
)

good_mood_after_birth = Indicator(
    "A health visitor asked after a mother's mood in the last 24 months and had no concern",
    moods.where(~column("concern")).exists_for_family(),
    concern=VISITING,
    sentence="A health visitor asked after a mother's mood in the last 24 months and had no concern",
    direction="lowers",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=UNSEEN,
)

low_birth_weight = Indicator(
    "A child under 5 weighed less than 2,500 grams at birth",
    facts("birth").of_children(below_age=5).where(column("weight_grams") < 2500).exists_for_family(),
    concern=PREGNANCY,
    sentence="A child under 5 was small at birth, less than 2,500 grams",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence="The council's 2016 early-help review: low birth weight at term is 3.7%, England 2.9%",
)

born_early = Indicator(
    "A child under 2 was born before the 37th week",
    facts("birth").of_children(below_age=2).where(column("gestation_weeks") < 37).exists_for_family(),
    concern=PREGNANCY,
    sentence="A child under 2 was born early, before the 37th week",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence="NICE guideline NG72: children born early are followed up more closely until the age of two",
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
