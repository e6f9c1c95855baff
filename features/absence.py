"""School: sessions missed, against others and against the child's own past; suspensions, exclusions, moves."""

from targeting.features import Indicator, case, column, facts, months, terms

ATTENDANCE = "school attendance"
EXCLUSION = "suspension and change of school"

NOT_FROM_SCHOOLS = "School attendance is not known"
NO_SUSPENSIONS = "Suspensions and changes of school are not known"

PERSISTENT = (
    "Department for Education: a pupil who misses 10% or more of sessions is persistently absent (23.1% in 2025)"
)
SEVERE = "Department for Education: a pupil who misses 50% or more is severely absent; 3% of them got five good GCSEs"
OWN_PAST = (
    "Absence differs between communities (Gypsy or Roma 19%, White British 6% at secondary age in the 2016 review), so "
    "a change against the children's own past says more than the level"
)
LINKED = "The council's 2016 early-help review: missing school comes before offending and leaving without work or study"

attendance = facts("attendance_term")
last_term = attendance.in_last(terms(1)).rate("sessions_missed", "sessions_possible")
two_terms = attendance.in_last(terms(2)).rate("sessions_missed", "sessions_possible")
three_terms = attendance.in_last(terms(3)).rate("sessions_missed", "sessions_possible")
three_terms_before = attendance.between(terms(6), terms(3)).rate("sessions_missed", "sessions_possible")
unauthorised_last_term = attendance.in_last(terms(1)).rate("sessions_unauthorised", "sessions_possible")
unauthorised_three_terms = attendance.in_last(terms(3)).rate("sessions_unauthorised", "sessions_possible")
suspensions = facts("suspension").in_last(months(12))
moves_between_usual_times = facts("school_started").where(~column("usual_time")).in_last(months(24))
abuse_recorded = facts("domestic_abuse_incident").exists_for_family()

absence_last_term = Indicator(
    "Share of sessions missed last term by the child who missed most",
    last_term.maximum_for_family(),
    concern=ATTENDANCE,
    sentence="The most any child missed was {percent} of school sessions in the last term",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=PERSISTENT,
)

absence_two_terms = Indicator(
    "Share of sessions missed over two terms by the child who missed most",
    two_terms.maximum_for_family(),
    concern=ATTENDANCE,
    sentence="The most any child missed was {percent} of school sessions in the last two terms",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=PERSISTENT,
)

absence_three_terms = Indicator(
    "Share of sessions missed over three terms by the child who missed most",
    three_terms.maximum_for_family(),
    concern=ATTENDANCE,
    sentence="The most any child missed was {percent} of school sessions in the last three terms",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=PERSISTENT,
)

unauthorised_absence_last_term = Indicator(
    "Share of sessions missed without authorisation last term by the child who missed most",
    unauthorised_last_term.maximum_for_family(),
    concern=ATTENDANCE,
    sentence="The most any child missed without leave was {percent} of school sessions in the last term",
    sentence_if_none="No child missed school without leave in the last term",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=LINKED,
)

unauthorised_absence_three_terms = Indicator(
    "Share of sessions missed without authorisation over three terms by the child who missed most",
    unauthorised_three_terms.maximum_for_family(),
    concern=ATTENDANCE,
    sentence="The most any child missed without leave was {percent} of school sessions in the last three terms",
    sentence_if_none="No child missed school without leave in the last three terms",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=LINKED,
)

persistent_absence = Indicator(
    "Children who missed 10% or more of sessions in the last two terms",
    two_terms.count_for_family(at_least=0.10),
    concern=ATTENDANCE,
    unit="child",
    sentence="{count:child|children} missed a tenth or more of school in the last two terms",
    sentence_if_none="No child missed a tenth or more of school in the last two terms",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=PERSISTENT,
)

severe_absence = Indicator(
    "Children who missed 50% or more of sessions in the last two terms",
    two_terms.count_for_family(at_least=0.50),
    concern=ATTENDANCE,
    unit="child",
    sentence="{count:child|children} missed half or more of school in the last two terms",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=SEVERE,
)

absence_change = Indicator(
    "Change in the children's mean absence: the last three terms less the three terms before",
    three_terms.mean_for_family() - three_terms_before.mean_for_family(),
    concern=ATTENDANCE,
    unit="percentage point",
    sentence="The children's absence {change} over the last three terms, against the three before",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=OWN_PAST,
)

suspensions_12_months = Indicator(
    "Suspensions of the children in the last 12 months",
    suspensions.count_for_family(),
    concern=EXCLUSION,
    unit="suspension",
    sentence="The children had {count:suspension} from school in the last 12 months",
    sentence_if_none="No child was suspended in the last 12 months",
    direction="raises",
    unknown_means=NO_SUSPENSIONS,
    evidence=LINKED,
)

suspended_sessions_12_months = Indicator(
    "School sessions lost to suspension in the last 12 months by the child who lost most",
    suspensions.sum_each("sessions").maximum_for_family(),
    concern=EXCLUSION,
    unit="session",
    sentence="The most school any child lost to suspension was {count:session} in the last 12 months",
    direction="raises",
    unknown_means=NO_SUSPENSIONS,
    evidence=LINKED,
)

permanent_exclusions_24_months = Indicator(
    "Children permanently excluded from school in the last 24 months",
    facts("permanent_exclusion").in_last(months(24)).count_for_family(),
    concern=EXCLUSION,
    unit="time",
    sentence="A child was permanently excluded from school {count:time} in the last 24 months",
    direction="raises",
    unknown_means=NO_SUSPENSIONS,
    evidence=LINKED,
)

# A family that flees abuse changes schools. Such a move is a step to safety and never raises an estimate, so moves
# count for nobody who lived with recorded abuse.
unusual_school_moves = Indicator(
    "Changes of school outside the usual time in the last 24 months, where no domestic abuse is recorded",
    case(abuse_recorded, 0, moves_between_usual_times.count_each().maximum_for_family()),
    concern=EXCLUSION,
    unit="time",
    sentence="A child changed school {count:time} outside the usual time in the last 24 months",
    direction="raises",
    unknown_means=NO_SUSPENSIONS,
    evidence="The council's 2016 early-help review: data of several services together find children missing education",
)
