"""What a model estimates: what later came of families like these."""

from targeting.features import Outcome, column, days, facts

# The mere opening of a referral is no outcome: it says that someone asked, not what was found.
escalation = Outcome(
    "A child came to need a social worker: assessed in need, a conference after an enquiry, a plan, court or care",
    events=(
        # N2: a child's disability brings a right to a service, not harm.
        facts("assessment_completed").where(column("found_in_need")).except_where(column("primary_need") == "N2"),
        facts("section_47_ended").where(column("outcome") == "conference"),
        facts("child_protection_plan_started"),
        facts("pre_proceedings_started"),
        # Short breaks are help for disabled children; an unaccompanied minor has no family here that escalated.
        facts("care_started").where(column("legal_basis").is_in("order", "accommodated")),
    ),
    lead=days(28),
    horizon=days(182),
    settling=days(91),
    in_whom="children",
    censored_by=(facts("moved_out"), facts("died")),
    censor_at_age=18,
)
