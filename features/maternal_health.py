"""Pregnancy and birth, as midwives recorded them. What is the mother's own choice to attend is no input."""

from targeting.features import Indicator, column, facts, months, people

PREGNANCY = "pregnancy and birth"

NOT_FROM_MATERNITY = "What midwives and health visitors recorded is not known"

SMOKING = "The council's 2016 early-help review: 15.8% smoked at delivery, England 12.0%"
BINGE = "Born in Bradford: 9% binge drank in early pregnancy, which raises the risk of low birth weight by 70%"
LOW_RISK = "UK Chief Medical Officers' guidelines (2016): not above 14 units a week for anyone, none in pregnancy"
UNSEEN = "Born in Bradford: half of anxiety and depression in pregnancy is not identified"
BOOKED_BY = "NICE guideline NG201: the first appointment with a midwife is due by the 10th week"
SMALL = "The council's 2016 early-help review: low birth weight at term is 3.7%, England 2.9%"
BORN_EARLY = "NICE guideline NG72: children born early are followed up more closely until the age of two"

bookings = facts("maternity_booking")
recent_bookings = bookings.in_last(months(24))
births = facts("birth")
recent_births = births.in_last(months(24))
expecting = people.unborn().exists_for_family()

late_booking = Indicator(
    "A pregnancy of the last 24 months was booked after the 12th week",
    recent_bookings.where(column("gestation_weeks") >= 13).exists_for_family(),
    concern=PREGNANCY,
    sentence="A pregnancy in the last 24 months was booked with a midwife after its 12th week",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=BOOKED_BY,
)

very_late_booking = Indicator(
    "A pregnancy of the last 24 months was booked in the 20th week or later",
    recent_bookings.where(column("gestation_weeks") >= 20).exists_for_family(),
    concern=PREGNANCY,
    sentence="A pregnancy in the last 24 months was half over when it was booked with a midwife",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=BOOKED_BY,
)

late_booking_of_this_pregnancy = Indicator(
    "A child is expected, and the pregnancy was booked after the 12th week",
    bookings.in_last(months(9)).where(column("gestation_weeks") >= 13).exists_for_family() & expecting,
    concern=PREGNANCY,
    sentence="A child is expected, and the pregnancy was booked with a midwife after its 12th week",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=BOOKED_BY,
)

# A mother who changes hospital books again, later: the first of her bookings tells when she was seen.
first_booked_in_week = Indicator(
    "The week in which a pregnancy of the last 9 months was first booked",
    bookings.in_last(months(9)).earliest_for_family("gestation_weeks"),
    concern=PREGNANCY,
    unit="week",
    sentence="The pregnancy was first booked with a midwife in its week {count}",
    use="context",
    unknown_means="No pregnancy was booked in the last 9 months, or its week is not known",
    evidence=BOOKED_BY,
)

smoking_at_booking = Indicator(
    "A mother smoked when she booked with a midwife in the last 24 months",
    recent_bookings.where(column("smoking")).exists_for_family(),
    concern=PREGNANCY,
    sentence="A mother was smoking when she first saw a midwife, in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=SMOKING,
)

smoking_at_delivery = Indicator(
    "A mother smoked at a birth of the last 24 months",
    recent_births.where(column("mother_smoked")).exists_for_family(),
    concern=PREGNANCY,
    sentence="A mother was smoking at the time of a birth in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=SMOKING,
)

smoking_stopped_before_birth = Indicator(
    "A mother smoked at her booking, and at no birth of the last 24 months",
    recent_bookings.where(column("smoking")).exists_for_family()
    & recent_births.where(~column("mother_smoked")).exists_for_family()
    & ~recent_births.where(column("mother_smoked")).exists_for_family(),
    concern=PREGNANCY,
    sentence="A mother gave up smoking during a pregnancy in the last 24 months",
    direction="lowers",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=SMOKING,
)

alcohol_in_pregnancy = Indicator(
    "A mother drank a unit of alcohol a week or more when she booked in the last 24 months",
    recent_bookings.where(column("alcohol_units") >= 1).exists_for_family(),
    concern=PREGNANCY,
    sentence="A mother told a midwife that she drank alcohol during a pregnancy in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=BINGE,
)

much_alcohol_in_pregnancy = Indicator(
    "A mother drank more than 14 units of alcohol a week when she booked in the last 24 months",
    recent_bookings.where(column("alcohol_units") > 14).exists_for_family(),
    concern=PREGNANCY,
    sentence="A mother told a midwife that she drank more than 14 units of alcohol a week during a pregnancy",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=LOW_RISK,
)

midwife_concern_for_mood = Indicator(
    "A midwife recorded a concern for a mother's mental health in the last 24 months",
    recent_bookings.where(column("mental_health_concern")).exists_for_family(),
    concern=PREGNANCY,
    sentence="A midwife recorded a concern for a mother's mental health in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=UNSEEN,
)

midwife_concern_in_this_pregnancy = Indicator(
    "A child is expected, and the midwife recorded a concern for the mother's mental health",
    bookings.in_last(months(9)).where(column("mental_health_concern")).exists_for_family() & expecting,
    concern=PREGNANCY,
    sentence="A child is expected, and the midwife recorded a concern for the mother's mental health",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=UNSEEN,
)

low_birth_weight = Indicator(
    "A child under 5 weighed less than 2,500 grams at birth",
    births.of_children(below_age=5).where(column("weight_grams") < 2500).exists_for_family(),
    concern=PREGNANCY,
    sentence="A child under 5 was small at birth, less than 2,500 grams",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=SMALL,
)

small_at_term = Indicator(
    "A child under 2 was born at term, from the 37th week on, and weighed less than 2,500 grams",
    births.of_children(below_age=2)
    .where((column("weight_grams") < 2500) & (column("gestation_weeks") >= 37))
    .exists_for_family(),
    concern=PREGNANCY,
    sentence="A child under 2 was born at term and small, less than 2,500 grams",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=SMALL,
)

born_early = Indicator(
    "A child under 2 was born before the 37th week",
    births.of_children(below_age=2).where(column("gestation_weeks") < 37).exists_for_family(),
    concern=PREGNANCY,
    sentence="A child under 2 was born early, before the 37th week",
    direction="raises",
    unknown_means=NOT_FROM_MATERNITY,
    evidence=BORN_EARLY,
)
