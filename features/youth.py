"""Young people: missing from home, and school at secondary age."""

from targeting.features import Indicator, column, facts, months, terms

YOUNG_PEOPLE = "young people"

NOT_FROM_POLICE = "Whether a child was reported missing is not known"
NOT_FROM_SCHOOLS = "How teenagers fare at school is not known"

MISSING = "Statutory guidance on children who go missing (2014): going missing is a sign that something is wrong"
SECONDARY = (
    "The council's 2016 early-help review: missing school comes before offending and leaving without work or study"
)

missing = facts("missing_episode").of_children()
secondary_absence = (
    facts("attendance_term").of_children(from_age=11).in_last(terms(2)).rate("sessions_missed", "sessions_possible")
)

missing_3_months = Indicator(
    "Times that a child was reported missing in the last 3 months",
    missing.in_last(months(3)).count_each().maximum_for_family(),
    concern=YOUNG_PEOPLE,
    unit="time",
    sentence="A child was reported missing {count:time} in the last 3 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=MISSING,
)

missing_12_months = Indicator(
    "Times that a child was reported missing in the last 12 months",
    missing.in_last(months(12)).count_each().maximum_for_family(),
    concern=YOUNG_PEOPLE,
    unit="time",
    sentence="A child was reported missing {count:time} in the last 12 months",
    sentence_if_none="No child was reported missing in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=MISSING,
)

missing_overnight = Indicator(
    "A child was missing for a day or longer in the last 24 months",
    missing.where(column("hours") >= 24).in_last(months(24)).exists_for_family(),
    concern=YOUNG_PEOPLE,
    sentence="A child was missing for a day or longer in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=MISSING,
)

secondary_suspensions_24_months = Indicator(
    "Suspensions of children aged 11 and over in the last 24 months",
    facts("suspension").of_children(from_age=11).in_last(months(24)).count_each().maximum_for_family(),
    concern=YOUNG_PEOPLE,
    unit="time",
    sentence="A young person was suspended from school {count:time} in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=SECONDARY,
)

secondary_absence_two_terms = Indicator(
    "Share of sessions missed over two terms by the child aged 11 or over who missed most",
    secondary_absence.maximum_for_family(),
    concern=YOUNG_PEOPLE,
    sentence="The most any young person missed was {percent} of school sessions in the last two terms",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=SECONDARY,
)
