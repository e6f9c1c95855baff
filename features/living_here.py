"""Which families live in the district: by what agencies told, and by their silence where it proves something."""

from targeting.features import facts, months, people

children_gone = facts("moved_out").of_children().count_each().count_for_family(at_least=1)
children_died = facts("died").of_children().count_each().count_for_family(at_least=1)
a_child_lives_here = people.children().count_for_family() - children_gone - children_died >= 1

# What is recorded of whoever lives here: each term by schools, in the early years by health visitors, by others when
# there is cause. What a family asked for or took up is no part of it, nor what nobody shares any more.
recorded = (
    facts("person_described")
    | facts("address_recorded")
    | facts("birth")
    | facts("attendance_term")
    | facts("school_started")
    | facts("suspension")
    | facts("neet_started")
    | facts("neet_ended")
    | facts("maternity_booking")
    | facts("health_visitor_contact")
    | facts("development_review")
    | facts("contact")
    | facts("referral")
    | facts("referral_closed")
    | facts("assessment_completed")
    | facts("early_help_started")
    | facts("early_help_ended")
    | facts("domestic_abuse_incident")
    | facts("missing_episode")
)

# Of these children no school tells, and the council knows why.
out_of_school = facts("home_education_started") | facts("missing_education_started")

# Many families leave and nobody tells. Schools tell of their pupils every term, so a year without a record says as much
# of a family with a child of school age as two years do of others (decision 33).
has_pupil = people.children(from_age=5, below_age=16).exists_for_family()
silent_for_two_years = recorded.in_last(months(24)).silent_for_family()
silent_for_a_year = recorded.in_last(months(12)).silent_for_family()
taught_elsewhere = ~out_of_school.in_last(months(24)).silent_for_family()
nobody_records = (silent_for_two_years | (silent_for_a_year & has_pupil)) & ~taught_elsewhere
