"""What social care and early help did before: assessments, enquiries, plans, care, how help ended.

All of it is what others assessed or decided. Only what was found counts: an assessment or an enquiry that found nothing
is no input, or asking for one would raise an estimate. A parent's own childhood is left out.
"""

from targeting.features import Indicator, column, facts, months

from .measuring import any_child, most_of_one_child, recency

HELP = "earlier help and plans"

NOT_FROM_SOCIAL_CARE = "What social care did before is not known"
NOT_FROM_EARLY_HELP = "How earlier early help ended is not known"

LADDER = "The council's 2016 early-help review: in intensive support 28% were on protection plans, 23% went on to care"
AGAIN = "The council's 2016 early-help review: families are referred in again and again, and meet help late"
STEPPED_UP = "The council's 2016 early-help review: step up at the right moment, and get it right first time"
NEED_FOUND = "Department for Education: of the district's assessments of 2025, 72.9% found a child in need"
SECOND_PLAN = "Department for Education: 27.2% of the district's plans of 2025 were a child's second or later one"
ABUSE_OR_NEGLECT = "The council's 2016 early-help review: 74% of children in need are so by abuse or neglect"
CARER = "Children and Families Act 2014 section 96: a young carer has a right to an assessment of needs"
ASKED_FOR_HELP = "Whoever asked for an assessment is not held to it: context for an offer alone"

# A child's disability brings a right to a service, and low income is context for an offer of advice.
disability_or_low_income = column("primary_need").is_in("N2", "N7")
by_order_or_agreement = column("legal_basis").is_in("order", "accommodated")

assessments = facts("assessment_completed").except_where(disability_or_low_income)
found_in_need = assessments.where(column("found_in_need"))
enquiries = facts("section_47_ended")
plans = facts("child_protection_plan_started")
# RC8 is a case in which nothing was found; adoption and death are nobody's to be told of.
cases_closed = facts("referral_closed").except_where(column("reason").is_in("RC1", "RC2", "RC8"))
endings = facts("early_help_ended")
unmet = endings.where(column("outcome") == "needs_unmet")
stepped_up = endings.where(column("outcome") == "stepped_up")

assessments_24_months = Indicator(
    "Assessments in the last 24 months that found a child in need, other than by disability",
    most_of_one_child(found_in_need.in_last(months(24))),
    concern=HELP,
    unit="time",
    sentence="An assessment found a child in need {count:time} in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=NEED_FOUND,
)

assessment_recency = Indicator(
    "How recently an assessment found a child in need: 1 the day after, falling to 0 over 24 months",
    recency(found_in_need.of_children()),
    concern=HELP,
    sentence="An assessment found a child in need within the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=NEED_FOUND,
)

children_found_in_need = Indicator(
    "Children whom an assessment of the last 24 months found in need, other than by disability",
    found_in_need.of_children().in_last(months(24)).count_each().count_for_family(at_least=1),
    concern=HELP,
    unit="child",
    sentence="An assessment found {count:child|children} in need in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=NEED_FOUND,
)

earlier_assessments = Indicator(
    "Assessments since records began that found a child in need, other than by disability",
    most_of_one_child(found_in_need),
    concern=HELP,
    unit="time",
    sentence="An assessment found a child in need {count:time} since records began",
    sentence_if_none="No assessment has found a child in need since records began",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

assessed_not_in_need_24_months = Indicator(
    "Assessments in the last 24 months that found a child not in need",
    most_of_one_child(assessments.where(~column("found_in_need")).in_last(months(24))),
    concern=HELP,
    unit="time",
    sentence="An assessment found a child not in need of a social worker {count:time} in the last 24 months",
    use="context",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=ASKED_FOR_HELP,
)

earlier_enquiries = Indicator(
    "Section 47 enquiries since records began that found the concerns to be right",
    most_of_one_child(enquiries.where(column("outcome").is_in("conference", "concerns_not_continuing"))),
    concern=HELP,
    unit="enquiry|enquiries",
    sentence="{count:enquiry|enquiries} found that a child had suffered, or might suffer, significant harm",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

enquiry_recency = Indicator(
    "How recently an enquiry led to a conference: 1 the day after, falling to 0 over 24 months",
    recency(enquiries.of_children().where(column("outcome") == "conference")),
    concern=HELP,
    sentence="An enquiry led to a child protection conference within the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

# The plan's own record does not say for what need it was, so an assessment has to name another than disability.
earlier_child_in_need_plan = Indicator(
    "An earlier child in need plan, where an assessment found a need other than by disability",
    any_child(facts("child_in_need_plan_started")) & any_child(found_in_need),
    concern=HELP,
    sentence="A child had a child in need plan before",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

earlier_child_protection_plan = Indicator(
    "Earlier child protection plans since records began",
    most_of_one_child(plans),
    concern=HELP,
    unit="time",
    sentence="A child went on a child protection plan {count:time} before",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

second_child_protection_plan = Indicator(
    "A child had two or more child protection plans since records began",
    most_of_one_child(plans) >= 2,
    concern=HELP,
    sentence="A child went on a child protection plan for a second time",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=SECOND_PLAN,
)

earlier_plan_for_neglect = Indicator(
    "An earlier child protection plan because of neglect",
    any_child(plans.where(column("category") == "NEG")),
    concern=HELP,
    sentence="A child was on a child protection plan before because of neglect",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=ABUSE_OR_NEGLECT,
)

plan_end_recency = Indicator(
    "How recently a child protection plan ended: 1 the day after, falling to 0 over 24 months",
    recency(facts("child_protection_plan_ended").of_children()),
    concern=HELP,
    sentence="A child protection plan ended within the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=SECOND_PLAN,
)

earlier_pre_proceedings = Indicator(
    "Pre-proceedings since records began",
    any_child(facts("pre_proceedings_started")),
    concern=HELP,
    sentence="The family once went through the steps that come before a court case",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

earlier_care = Indicator(
    "A child was looked after before, other than for short breaks",
    any_child(facts("care_started").where(by_order_or_agreement)),
    concern=HELP,
    sentence="A child of the family was looked after before",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

came_home_from_care = Indicator(
    "A child who was looked after, other than for short breaks, came home in the last 24 months",
    facts("care_ended").of_children().in_last(months(24)).exists_for_family()
    & facts("care_started").of_children().where(by_order_or_agreement).exists_for_family(),
    concern=HELP,
    sentence="A child came home from care in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

closure_recency = Indicator(
    "How recently a case of social care was closed, in which need was found: 1 the day after, 0 after 24 months",
    recency(cases_closed.of_children()),
    concern=HELP,
    sentence="A social worker's work with the family ended within the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

closed_into_early_help = Indicator(
    "A case of social care was closed in the last 24 months after an assessment that asked for early help",
    any_child(facts("referral_closed").where(column("reason") == "RC9").in_last(months(24))),
    concern=HELP,
    sentence="A social worker's work ended in the last 24 months, and early help was asked to follow",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=STEPPED_UP,
)

early_help_stepped_up = Indicator(
    "Early help that workers stepped up to social care in the last 24 months",
    stepped_up.in_last(months(24)).exists_for_family(),
    concern=HELP,
    sentence="Early help was stepped up to a social worker in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_EARLY_HELP,
    evidence=STEPPED_UP,
)

early_help_needs_unmet = Indicator(
    "Early help of the last 24 months that ended with needs that workers judged unmet",
    unmet.in_last(months(24)).exists_for_family(),
    concern=HELP,
    sentence="Early help that ended in the last 24 months left needs unmet",
    direction="raises",
    unknown_means=NOT_FROM_EARLY_HELP,
    evidence=STEPPED_UP,
)

early_help_unmet_recency = Indicator(
    "How recently early help ended with needs that workers judged unmet: 1 the day after, 0 after 24 months",
    recency(unmet),
    concern=HELP,
    sentence="Early help that ended within the last 24 months left needs unmet",
    direction="raises",
    unknown_means=NOT_FROM_EARLY_HELP,
    evidence=STEPPED_UP,
)

early_help_unmet_again = Indicator(
    "Early help of the last 24 months ended twice or more with needs unmet or a step up",
    endings.where(column("outcome").is_in("needs_unmet", "stepped_up"))
    .in_last(months(24))
    .count_each()
    .maximum_for_family()
    >= 2,
    concern=HELP,
    sentence="Early help ended more than once in the last 24 months and left needs unmet",
    direction="raises",
    unknown_means=NOT_FROM_EARLY_HELP,
    evidence=AGAIN,
)

early_help_needs_met = Indicator(
    "Early help of the last 24 months that ended with needs met",
    endings.where(column("outcome") == "needs_met").in_last(months(24)).exists_for_family(),
    concern=HELP,
    sentence="Early help in the last 24 months ended with the family's needs met",
    direction="lowers",
    unknown_means=NOT_FROM_EARLY_HELP,
    evidence=STEPPED_UP,
)

young_carer = Indicator(
    "A child cares for someone, as an assessment of the last 24 months or youth services found",
    any_child(facts("assessment_factor").where(column("factor") == "7A").in_last(months(24)))
    | facts("young_carer_identified").of_children().exists_for_family(),
    concern=HELP,
    sentence="A child cares for someone in the family",
    use="context",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=CARER,
)
