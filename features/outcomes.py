"""What a model estimates: what later came of families like these."""

from targeting.features import Outcome, column, days, facts

from .living_here import nobody_records

# Short breaks are help for disabled children; an unaccompanied minor has no family here that escalated.
taken_into_care = facts("care_started").where(column("legal_basis").is_in("order", "accommodated"))
protection = (facts("child_protection_plan_started"), facts("pre_proceedings_started"), taken_into_care)

# The mere opening of a referral is no outcome: it says that someone asked, not what was found.
found_in_need_or_worse = (
    # N2: a child's disability brings a right to a service, not harm.
    facts("assessment_completed").where(column("found_in_need")).except_where(column("primary_need") == "N2"),
    facts("section_47_ended").where(column("outcome") == "conference"),
    *protection,
)
left = (facts("moved_out"), facts("died"))

escalation = Outcome(
    "A child came to need a social worker: assessed in need, a conference after an enquiry, a plan, court or care",
    events=found_in_need_or_worse,
    lead=days(28),
    horizon=days(182),
    settling=days(91),
    in_whom="children",
    censored_by=left,
    censored_where=nobody_records,
    until_age=18,
)

# The same question asked of other horizons, and of the gravest steps alone: `targeting study escalation outcomes`.
escalation_in_13_weeks = Outcome(
    "A child came to need a social worker within 13 weeks",
    events=found_in_need_or_worse,
    lead=days(28),
    horizon=days(91),
    settling=days(91),
    censored_by=left,
    censored_where=nobody_records,
)

escalation_in_52_weeks = Outcome(
    "A child came to need a social worker within 52 weeks",
    events=found_in_need_or_worse,
    lead=days(28),
    horizon=days(364),
    settling=days(91),
    censored_by=left,
    censored_where=nobody_records,
)

section_47_and_above = Outcome(
    "A child came to an enquiry after harm that led to a conference, a plan, court or care",
    events=(facts("section_47_ended").where(column("outcome") == "conference"), *protection),
    lead=days(28),
    horizon=days(182),
    settling=days(91),
    censored_by=left,
    censored_where=nobody_records,
)

# Asked of families with help. Those of whom it is hardly to be expected are shown as "review may be due"; so an event
# of the first weeks counts like any other, and there is no lead.
protection_in_12_months = Outcome(
    "A child came to an enquiry after harm, a plan, court or care within 12 months",
    events=(facts("section_47_started"), *protection),
    lead=days(0),
    horizon=days(365),
    settling=days(91),
    censored_by=left,
    censored_where=nobody_records,
)
