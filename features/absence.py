"""School attendance: sessions missed, against others and against the children's own past.

Totals of a term cannot tell a Traveller child's authorised journeys (code T) from other absence: an authorised session
is a session missed. What compares a family with its own past, and what was missed without leave, says more.

A child without a possible session in the window has no rate. Nor has a term in which the child was taught at home,
missed education, was in alternative provision or on a reduced timetable, whatever the school returned for it: what is
told as missed was then not the child's to attend. Of the other terms it has one.
"""

from targeting.features import Indicator, facts, terms

ATTENDANCE = "school attendance"

NOT_FROM_SCHOOLS = "School attendance is not known"

PERSISTENT = (
    "Department for Education: a pupil who misses 10% or more of sessions is persistently absent (23.1% in 2025)"
)
PRIMARY = "Department for Education: 16.2% of primary pupils of the district were persistently absent in 2025"
IN_NEED = "Department for Education: 50.7% of the district's children in need were persistently absent in 2025"
SEVERE = "Department for Education: a pupil who misses 50% or more is severely absent; 3% of them got five good GCSEs"
OWN_PAST = (
    "Absence differs between communities (Gypsy or Roma 19%, White British 6% at secondary age in the 2016 review), so "
    "a change against the children's own past says more than the level"
)
LINKED = "The council's 2016 early-help review: missing school comes before offending and leaving without work or study"

# The district's pupils missed 5.11% of sessions in 2014/15 and England's 4.62%: as little as that is no concern, and as
# a strength a panel reads no more. Without leave hardly any is usual.
A_FEW_SESSIONS = 0.05
HARDLY_ANY_WITHOUT_LEAVE = 0.01

elsewhere = (
    facts("missing_education_started") | facts("alternative_provision_started") | facts("reduced_timetable_started")
)
attendance = (
    facts("attendance_term")
    .except_during(elsewhere, over=terms(1))
    .except_during(facts("home_education_started"), until=facts("school_started"), over=terms(1))
)
last_term = attendance.in_last(terms(1)).rate("sessions_missed", "sessions_possible")
term_before = attendance.between(terms(2), terms(1)).rate("sessions_missed", "sessions_possible")
same_term_last_year = attendance.between(terms(4), terms(3)).rate("sessions_missed", "sessions_possible")
two_terms = attendance.in_last(terms(2)).rate("sessions_missed", "sessions_possible")
two_terms_a_year_before = attendance.between(terms(5), terms(3)).rate("sessions_missed", "sessions_possible")
three_terms = attendance.in_last(terms(3)).rate("sessions_missed", "sessions_possible")
three_terms_before = attendance.between(terms(6), terms(3)).rate("sessions_missed", "sessions_possible")
unauthorised_last_term = attendance.in_last(terms(1)).rate("sessions_unauthorised", "sessions_possible")
unauthorised_three_terms = attendance.in_last(terms(3)).rate("sessions_unauthorised", "sessions_possible")
unauthorised_before = attendance.between(terms(6), terms(3)).rate("sessions_unauthorised", "sessions_possible")
primary = attendance.of_children(from_age=5, below_age=11).in_last(terms(2))

absence_last_term = Indicator(
    "Share of sessions missed last term by the child who missed most",
    last_term.maximum_for_family(),
    concern=ATTENDANCE,
    sentence="The most any child missed was {percent} of school sessions in the last term",
    sentence_if_none="No child missed any school in the last term",
    direction="raises",
    usual=A_FEW_SESSIONS,
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=PERSISTENT,
)

absence_two_terms = Indicator(
    "Share of sessions missed over two terms by the child who missed most",
    two_terms.maximum_for_family(),
    concern=ATTENDANCE,
    sentence="The most any child missed was {percent} of school sessions in the last two terms",
    sentence_if_none="No child missed any school in the last two terms",
    direction="raises",
    usual=A_FEW_SESSIONS,
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=PERSISTENT,
)

absence_three_terms = Indicator(
    "Share of sessions missed over three terms by the child who missed most",
    three_terms.maximum_for_family(),
    concern=ATTENDANCE,
    sentence="The most any child missed was {percent} of school sessions in the last three terms",
    sentence_if_none="No child missed any school in the last three terms",
    direction="raises",
    usual=A_FEW_SESSIONS,
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=PERSISTENT,
)

absence_of_all_children = Indicator(
    "Mean share of sessions missed over two terms by the children at school",
    two_terms.mean_for_family(),
    concern=ATTENDANCE,
    sentence="On average, each child at school missed {percent} of sessions in the last two terms",
    sentence_if_none="No child at school missed any of it in the last two terms",
    direction="raises",
    usual=A_FEW_SESSIONS,
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=PERSISTENT,
)

primary_absence_two_terms = Indicator(
    "Share of sessions missed over two terms by the child aged 5 to 10 who missed most",
    primary.rate("sessions_missed", "sessions_possible").maximum_for_family(),
    concern=ATTENDANCE,
    sentence="The most any child of primary age missed was {percent} of school sessions in the last two terms",
    sentence_if_none="No child of primary age missed any school in the last two terms",
    direction="raises",
    usual=A_FEW_SESSIONS,
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=PRIMARY,
)

unauthorised_absence_last_term = Indicator(
    "Share of sessions missed without authorisation last term by the child who missed most",
    unauthorised_last_term.maximum_for_family(),
    concern=ATTENDANCE,
    sentence="The most any child missed without leave was {percent} of school sessions in the last term",
    sentence_if_none="No child missed school without leave in the last term",
    direction="raises",
    usual=HARDLY_ANY_WITHOUT_LEAVE,
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
    usual=HARDLY_ANY_WITHOUT_LEAVE,
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=LINKED,
)

unauthorised_absence_change = Indicator(
    "Change in the children's mean absence without authorisation: the last three terms less the three terms before",
    unauthorised_three_terms.mean_for_family() - unauthorised_before.mean_for_family(),
    concern=ATTENDANCE,
    unit="percentage point",
    sentence="The children's absence without leave {change} over the last three terms, against the three before",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=OWN_PAST,
)

persistent_absence_last_term = Indicator(
    "Children who missed 10% or more of sessions in the last term",
    last_term.count_for_family(at_least=0.10),
    concern=ATTENDANCE,
    unit="child",
    sentence="{count:child|children} missed a tenth or more of school in the last term",
    sentence_if_none="No child missed a tenth or more of school in the last term",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=PERSISTENT,
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

persistent_absence_in_both_years = Indicator(
    "A child missed 10% or more of sessions in the last two terms, and one did in the same two terms a year before",
    (two_terms.maximum_for_family() >= 0.10) & (two_terms_a_year_before.maximum_for_family() >= 0.10),
    concern=ATTENDANCE,
    sentence="A child missed a tenth or more of school in the last two terms, as one did a year before",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=IN_NEED,
)

persistent_absence_of_every_child = Indicator(
    "Every child at school missed 10% or more of sessions in the last two terms",
    two_terms.minimum_for_family() >= 0.10,
    concern=ATTENDANCE,
    sentence="Every child at school missed a tenth or more of it in the last two terms",
    use="context",
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

absence_change_on_last_term = Indicator(
    "Change in the children's mean absence: the last term less the term before",
    last_term.mean_for_family() - term_before.mean_for_family(),
    concern=ATTENDANCE,
    unit="percentage point",
    sentence="The children's absence {change} in the last term, against the term before",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=OWN_PAST,
)

absence_change_on_last_year = Indicator(
    "Change in the children's mean absence: the last term less the same term a year before",
    last_term.mean_for_family() - same_term_last_year.mean_for_family(),
    concern=ATTENDANCE,
    unit="percentage point",
    sentence="The children's absence {change} in the last term, against the same term a year before",
    direction="raises",
    unknown_means=NOT_FROM_SCHOOLS,
    evidence=OWN_PAST,
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
