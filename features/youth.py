"""Young people: missing from home, their own health as assessed, school at secondary age, offences, work.

Nothing here may serve to estimate offending or exploitation. A child's offence is forgotten after 12 months unless it
was repeated. Young people who wait for a service, or go to one, are no input.
"""

from targeting.features import Indicator, case, column, facts, months, people, terms

from .absence import A_FEW_SESSIONS, HARDLY_ANY_WITHOUT_LEAVE, attendance
from .measuring import any_child, most_of_one_child, recency

YOUNG_PEOPLE = "young people"

NOT_FROM_POLICE = "Whether a child was reported missing is not known"
NOT_FROM_SCHOOLS = "How young people get on at school is not known"
NOT_FROM_ASSESSMENTS = "What social workers' assessments found is not known"
NO_OFFENCES = "Whether police or youth justice dealt with a child is not known"
NOT_FROM_YOUTH_SERVICES = "Whether young people are in education or work is not known"
NOT_FROM_HOSPITAL = "Hospital admissions of children are not known"

MISSING = "Statutory guidance on children who go missing (2014): going missing is a sign that something is wrong"
SECONDARY = (
    "The council's 2016 early-help review: missing school comes before offending and leaving without work or study"
)
PERSISTENT = "Department for Education: 31.0% of secondary pupils of the district were persistently absent in 2025"
SELF_HARM = "DfE children in need 2015-16: self-harm was a factor for 4.3% of children assessed in need"
MIND = "DfE children in need 2015-16: mental health was a factor for 36.6% of children assessed in need"
DRUGS = "DfE children in need 2015-16: drugs were a factor for 19.3% of children assessed in need"
AGAIN = "The council's 2016 early-help review: 33% of young people offend again within a year, 3.6 times each"
HOUSEHOLDS = "The council's 2016 early-help review: 39% of families with abuse at entry had a child with an offence"
NEET = "The council's 2016 early-help review: 3.5% of young people were out of education and work, England 4.2%"
INJURIES = "The council's 2016 early-help review: injury admissions at 0-14 were 136 per 10,000, England 110"
ADMISSIONS = "The council's 2016 early-help review: substance admissions at 15-24 were 111 per 100,000, England 89"

missing = facts("missing_episode")
missing_children = missing.of_children()
# Where nobody is of an age, there is none to be missed or suspended: 0, not unknown.
young_people_are_here = people.children(from_age=10).exists_for_family()
secondary_school = attendance.of_children(from_age=11).in_last(terms(2))
factors = facts("assessment_factor").in_last(months(24))
offences = facts("offence").of_children(from_age=10)
repeated_offences = offences.in_last(months(24)).count_each()
out_of_school_and_work = facts("neet_started").of_children(from_age=16).where(column("status") == "neet")
# Prevention is help offered without an offence.
interventions = facts("youth_justice_started").of_children().where(column("intervention") != "prevention")

missing_3_months = Indicator(
    "Times that a child was reported missing in the last 3 months",
    most_of_one_child(missing.in_last(months(3))),
    concern=YOUNG_PEOPLE,
    unit="time",
    sentence="A child was reported missing {count:time} in the last 3 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=MISSING,
)

missing_12_months = Indicator(
    "Times that a child was reported missing in the last 12 months",
    most_of_one_child(missing.in_last(months(12))),
    concern=YOUNG_PEOPLE,
    unit="time",
    sentence="A child was reported missing {count:time} in the last 12 months",
    sentence_if_none="No child was reported missing in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=MISSING,
)

children_missing_12_months = Indicator(
    "Children of the family who were reported missing in the last 12 months",
    missing_children.in_last(months(12)).count_each().count_for_family(at_least=1),
    concern=YOUNG_PEOPLE,
    unit="child",
    sentence="{count:child was|children were} reported missing in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=MISSING,
)

missing_recency = Indicator(
    "How recently a child was reported missing: 1 the day after, falling to 0 over 24 months",
    recency(missing_children),
    concern=YOUNG_PEOPLE,
    sentence="A child was reported missing within the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=MISSING,
)

missing_overnight = Indicator(
    "A child was missing for a day or longer in the last 24 months",
    missing_children.where(column("hours") >= 24).in_last(months(24)).exists_for_family(),
    concern=YOUNG_PEOPLE,
    sentence="A child was missing for a day or longer in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_POLICE,
    evidence=MISSING,
)

secondary_suspensions_24_months = Indicator(
    "Suspensions of children aged 10 and over in the last 24 months",
    case(
        young_people_are_here,
        facts("suspension").of_children(from_age=10).in_last(months(24)).count_each().maximum_for_family(),
        0,
    ),
    concern=YOUNG_PEOPLE,
    unit="time",
    sentence="A young person was suspended from school {count:time} in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=SECONDARY,
)

secondary_absence_two_terms = Indicator(
    "Share of sessions missed over two terms by the child aged 11 or over who missed most",
    secondary_school.rate("sessions_missed", "sessions_possible").maximum_for_family(),
    concern=YOUNG_PEOPLE,
    sentence="The most any young person missed was {percent} of school sessions in the last two terms",
    sentence_if_none="No young person missed any school in the last two terms",
    direction="raises",
    usual=A_FEW_SESSIONS,
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=PERSISTENT,
)

secondary_unauthorised_absence = Indicator(
    "Share of sessions missed without authorisation over two terms by the child aged 11 or over who missed most",
    secondary_school.rate("sessions_unauthorised", "sessions_possible").maximum_for_family(),
    concern=YOUNG_PEOPLE,
    sentence="The most any young person missed without leave was {percent} of school sessions in the last two terms",
    sentence_if_none="No young person missed school without leave in the last two terms",
    direction="raises",
    usual=HARDLY_ANY_WITHOUT_LEAVE,
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=SECONDARY,
)

self_harm_in_assessment = Indicator(
    "An assessment in the last 24 months found self-harm of a child",
    any_child(factors.where(column("factor") == "15A")),
    concern=YOUNG_PEOPLE,
    sentence="An assessment in the last 24 months found that a child harmed themselves",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=SELF_HARM,
)

child_mental_health_in_assessment = Indicator(
    "An assessment in the last 24 months found mental ill-health of a child",
    any_child(factors.where(column("factor") == "4A")),
    concern=YOUNG_PEOPLE,
    sentence="An assessment in the last 24 months found that a child was struggling with mental health",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=MIND,
)

child_substances_in_assessment = Indicator(
    "An assessment in the last 24 months found use of alcohol or drugs by a child",
    any_child(factors.where(column("factor").is_in("1A", "2A"))),
    concern=YOUNG_PEOPLE,
    sentence="An assessment in the last 24 months found that a child used alcohol or drugs",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=DRUGS,
)

missing_in_assessment = Indicator(
    "An assessment in the last 24 months found that a child goes missing",
    any_child(factors.where(column("factor") == "10A")),
    concern=YOUNG_PEOPLE,
    sentence="An assessment in the last 24 months found that a child goes missing",
    direction="raises",
    unknown_means=NOT_FROM_ASSESSMENTS,
    evidence=MISSING,
)

child_offences_12_months = Indicator(
    "Offences of a child in the last 12 months for which there was a charge, a caution or another disposal",
    case(young_people_are_here, offences.in_last(months(12)).count_each().maximum_for_family(), 0),
    concern=YOUNG_PEOPLE,
    unit="offence",
    sentence="Police or a court dealt with {count:offence} of a young person in the last 12 months",
    direction="raises",
    longest_memory=months(12),
    unknown_means=NO_OFFENCES,
    evidence=HOUSEHOLDS,
)

child_offences_repeated = Indicator(
    "Offences of a child in the last 24 months, where there were two or more of the same child's",
    case(repeated_offences.count_for_family(at_least=2) >= 1, repeated_offences.maximum_for_family(), 0),
    concern=YOUNG_PEOPLE,
    unit="offence",
    sentence="Police or a court dealt with {count:offence} of a young person in the last 24 months",
    direction="raises",
    longest_memory=months(24),
    unknown_means=NO_OFFENCES,
    evidence=AGAIN,
)

youth_justice_12_months = Indicator(
    "An intervention of youth justice after an offence, begun in the last 12 months",
    interventions.in_last(months(12)).exists_for_family(),
    concern=YOUNG_PEOPLE,
    sentence="A worker began to support a young person after an offence, in the last 12 months",
    direction="raises",
    longest_memory=months(12),
    unknown_means=NO_OFFENCES,
    evidence=AGAIN,
)

out_of_education_and_work = Indicator(
    "A young person is out of education, employment and training",
    out_of_school_and_work.open_for_family(),
    concern=YOUNG_PEOPLE,
    sentence="A young person is out of education, work and training",
    direction="raises",
    unknown_means=NOT_FROM_YOUTH_SERVICES,
    evidence=NEET,
)

time_out_of_education_and_work = Indicator(
    "Days for which a young person has been out of education, employment and training; 0 where none is",
    case(out_of_school_and_work.open_for_family(), out_of_school_and_work.days_open_for_family(), 0),
    concern=YOUNG_PEOPLE,
    unit="day",
    sentence="A young person has been out of education, work and training for {duration}",
    sentence_if_none="No young person is known to be out of education, work and training",
    direction="raises",
    usual=0,
    unknown_means=NOT_FROM_YOUTH_SERVICES,
    evidence=NEET,
)

# The hospital's records may be shown to those who work with a family, not to a panel: context, and no input.
child_mental_health_admissions = Indicator(
    "Admissions of a child for mental ill-health or self-harm in the last 12 months",
    most_of_one_child(facts("child_mental_health_admission").in_last(months(12))),
    concern=YOUNG_PEOPLE,
    unit="time",
    sentence="A child was admitted to hospital for mental ill-health or self-harm {count:time} in the last 12 months",
    use="context",
    unknown_means=NOT_FROM_HOSPITAL,
    evidence=SELF_HARM,
)

child_substance_admissions = Indicator(
    "Admissions of a child because of alcohol or drugs in the last 12 months",
    most_of_one_child(facts("child_substance_admission").in_last(months(12))),
    concern=YOUNG_PEOPLE,
    unit="time",
    sentence="A child was admitted to hospital because of alcohol or drugs {count:time} in the last 12 months",
    use="context",
    unknown_means=NOT_FROM_HOSPITAL,
    evidence=ADMISSIONS,
)

injury_admissions = Indicator(
    "Admissions of a child with an injury in the last 12 months",
    most_of_one_child(facts("injury_admission").in_last(months(12))),
    concern=YOUNG_PEOPLE,
    unit="time",
    sentence="A child was admitted to hospital with an injury {count:time} in the last 12 months",
    use="context",
    unknown_means=NOT_FROM_HOSPITAL,
    evidence=INJURIES,
)
