"""Suspensions, exclusions, changes of school, times without a school place."""

from targeting.features import Indicator, case, column, facts, months

from .measuring import a_child_is_born, most_of_one_child

EXCLUSION = "suspension and change of school"

NO_SUSPENSIONS = "Suspensions and exclusions from school are not known"
NOT_ALL_MOVES = "Changes of school outside the usual time could not be counted"
NOT_FROM_EDUCATION = "Whether a child learns outside an ordinary school is not known"

LINKED = "The council's 2016 early-help review: missing school comes before offending and leaving without work or study"
SUSPENDED = "Department for Education: 6.1% of the district's pupils were suspended in 2023/24, few of them many times"
SIXTH_DAY = "Statutory guidance on suspensions (2023): from the sixth day on a school must arrange education elsewhere"
WITHOUT_A_PLACE = (
    "The council's 2016 early-help review: data of several services together find children missing education"
)
ELSEWHERE = "Special needs are often behind it: unmet need, and context for an offer"

suspensions = facts("suspension")
lately, year_before = suspensions.in_last(months(12)), suspensions.between(months(24), months(12))
moves_between_usual_times = facts("school_started").where(~column("usual_time")).in_last(months(24))
without_a_place = facts("missing_education_started").of_children()
abuse_recorded = facts("domestic_abuse_incident").exists_for_family()

suspensions_3_months = Indicator(
    "Suspensions of the children in the last 3 months",
    suspensions.in_last(months(3)).count_for_family(),
    concern=EXCLUSION,
    unit="suspension",
    sentence="The children had {count:suspension} from school in the last 3 months",
    sentence_if_none="No child was suspended in the last 3 months",
    direction="raises",
    unknown_means=NO_SUSPENSIONS,
    evidence=SUSPENDED,
)

suspensions_12_months = Indicator(
    "Suspensions of the children in the last 12 months",
    lately.count_for_family(),
    concern=EXCLUSION,
    unit="suspension",
    sentence="The children had {count:suspension} from school in the last 12 months",
    sentence_if_none="No child was suspended in the last 12 months",
    direction="raises",
    unknown_means=NO_SUSPENSIONS,
    evidence=LINKED,
)

children_suspended_12_months = Indicator(
    "Children suspended from school in the last 12 months",
    lately.count_each().count_for_family(at_least=1),
    concern=EXCLUSION,
    unit="child",
    sentence="{count:child was|children were} suspended from school in the last 12 months",
    direction="raises",
    unknown_means=NO_SUSPENSIONS,
    evidence=SUSPENDED,
)

sessions_suspended_12_months = Indicator(
    "Sessions that the children's suspensions of the last 12 months lasted",
    lately.sum_for_family("sessions"),
    concern=EXCLUSION,
    unit="session",
    sentence="The children were suspended for {count:session} in all in the last 12 months",
    sentence_if_none="No child was suspended in the last 12 months",
    use="context",
    unknown_means=NO_SUSPENSIONS,
    evidence=SIXTH_DAY,
)

suspension_change = Indicator(
    "Change in the children's suspensions: the last 12 months less the 12 months before",
    lately.count_for_family() - year_before.count_for_family(),
    concern=EXCLUSION,
    unit="suspension",
    sentence="The children's time out of school {change:suspension} in the last 12 months, against the year before",
    direction="raises",
    unknown_means=NO_SUSPENSIONS,
    evidence=LINKED,
)

suspended_sessions_12_months = Indicator(
    "School sessions lost to suspension in the last 12 months by the child who lost most",
    case(a_child_is_born, lately.of_children().sum_each("sessions").maximum_for_family(), 0),
    concern=EXCLUSION,
    unit="session",
    sentence="The most school any child lost to suspension was {count:session} in the last 12 months",
    direction="raises",
    unknown_means=NO_SUSPENSIONS,
    evidence=LINKED,
)

long_suspension_12_months = Indicator(
    "A child was suspended for five school days or more at once in the last 12 months",
    lately.where(column("sessions") >= 10).exists_for_family(),
    concern=EXCLUSION,
    sentence="A child was suspended from school for five days or more at once in the last 12 months",
    direction="raises",
    unknown_means=NO_SUSPENSIONS,
    evidence=SIXTH_DAY,
)

permanent_exclusions_24_months = Indicator(
    "Permanent exclusions of the children in the last 24 months",
    facts("permanent_exclusion").in_last(months(24)).count_for_family(),
    concern=EXCLUSION,
    unit="permanent exclusion",
    sentence="The children had {count:permanent exclusion} from school in the last 24 months",
    direction="raises",
    unknown_means=NO_SUSPENSIONS,
    evidence=LINKED,
)

# A family that flees abuse changes schools. Such a move is a step to safety and never raises an estimate, so moves
# count for nobody who lived with recorded abuse.
unusual_school_moves = Indicator(
    "Changes of school outside the usual time in the last 24 months, where no domestic abuse is recorded",
    case(abuse_recorded, 0, most_of_one_child(moves_between_usual_times)),
    concern=EXCLUSION,
    unit="time",
    sentence="A child changed school {count:time} outside the usual time in the last 24 months",
    direction="raises",
    unknown_means=NOT_ALL_MOVES,
    evidence=WITHOUT_A_PLACE,
)

missing_education_12_months = Indicator(
    "A child came to be without a school place or other education in the last 12 months",
    without_a_place.in_last(months(12)).exists_for_family(),
    concern=EXCLUSION,
    sentence="A child had no school place for a time in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_EDUCATION,
    evidence=WITHOUT_A_PLACE,
)

missing_education_now = Indicator(
    "A child is without a school place or other education",
    without_a_place.open_for_family(),
    concern=EXCLUSION,
    sentence="A child has no school place now",
    direction="raises",
    unknown_means=NOT_FROM_EDUCATION,
    evidence=WITHOUT_A_PLACE,
)

alternative_provision_now = Indicator(
    "A child is taught in alternative provision",
    facts("alternative_provision_started").of_children().open_for_family(),
    concern=EXCLUSION,
    sentence="A child is taught outside an ordinary school",
    use="context",
    unknown_means=NOT_FROM_EDUCATION,
    evidence=ELSEWHERE,
)

reduced_timetable_now = Indicator(
    "A child is at school on a reduced timetable",
    facts("reduced_timetable_started").of_children().open_for_family(),
    concern=EXCLUSION,
    sentence="A child is at school for part of the week only",
    use="context",
    unknown_means=NOT_FROM_EDUCATION,
    evidence=ELSEWHERE,
)
