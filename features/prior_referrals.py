"""What social care and early help did before: contacts, referrals, assessments, plans, care, how help ended.

Nothing here counts a request of the family's own, nor whether help was taken up, declined or left.
"""

from targeting.features import Indicator, case, column, facts, months

CONTACTS = "earlier contacts and referrals"
HELP = "earlier help and plans"
HARM = "harm found by an assessment"
OUTSIDE = "harm from outside the home"

NOT_FROM_SOCIAL_CARE = "What social care did before is not known"
NOT_FROM_EARLY_HELP = "How earlier early help ended is not known"

AGAIN = "The council's 2016 early-help review: families are referred in again and again, and meet help late"
LADDER = "The council's 2016 early-help review: in intensive support 28% were on protection plans, 23% went on to care"
STEPPED_UP = "The council's 2016 early-help review: step up at the right moment, and get it right first time"

# A relative's or the child's own request is the family asking for help, which never raises an estimate.
asked_by_the_family = column("referral_source").is_in("1A", "1C")
disability = column("primary_need") == "N2"

contacts = facts("contact").where(~asked_by_the_family)
contacts_acted_on = contacts.where(column("outcome") != "no_further_action")
referrals = facts("referral").where(~asked_by_the_family).except_where(disability)
assessments = facts("assessment_completed").except_where(disability)
factors = facts("assessment_factor").in_last(months(24))
closures = facts("referral_closed").in_last(months(24))
early_help_endings = facts("early_help_ended").in_last(months(24))
needs_from_disability = facts("assessment_completed").where(disability).exists_for_family()

contacts_3_months = Indicator(
    "Contacts with the front door by others than the family in the last 3 months that led to something",
    contacts_acted_on.in_last(months(3)).count_each().maximum_for_family(),
    concern=CONTACTS,
    unit="contact",
    sentence="{count:contact} from outside the family led to early help or a referral in the last 3 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

contacts_12_months = Indicator(
    "Contacts with the front door by others than the family in the last 12 months that led to something",
    contacts_acted_on.in_last(months(12)).count_each().maximum_for_family(),
    concern=CONTACTS,
    unit="contact",
    sentence="{count:contact} from outside the family led to early help or a referral in the last 12 months",
    sentence_if_none="No contact from outside the family led to early help or a referral in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

# A contact on which nothing was done is forgotten after 24 months.
contacts_without_action_24_months = Indicator(
    "Contacts by others than the family in the last 24 months on which nothing was done",
    contacts.where(column("outcome") == "no_further_action").in_last(months(24)).count_each().maximum_for_family(),
    concern=CONTACTS,
    unit="contact",
    sentence="{count:contact} from outside the family ended with no further action in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

referrers_24_months = Indicator(
    "Different kinds of professionals who contacted the front door in the last 24 months",
    contacts_acted_on.in_last(months(24)).count_distinct_for_family("referral_source"),
    concern=CONTACTS,
    unit="service",
    sentence="{count:service} raised a concern in the last 24 months that led to early help or a referral",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence="The 2016 early-help review: 80% of affected children were known to an agency, 54% to children's services",
)

referrals_12_months = Indicator(
    "Referrals to social care by others than the family in the last 12 months",
    referrals.in_last(months(12)).count_each().maximum_for_family(),
    concern=CONTACTS,
    unit="time",
    sentence="Someone outside the family referred a child over a concern {count:time} in the last 12 months",
    sentence_if_none="Nobody outside the family referred a child over a concern in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

referrals_24_months = Indicator(
    "Referrals to social care by others than the family in the last 24 months",
    referrals.in_last(months(24)).count_each().maximum_for_family(),
    concern=CONTACTS,
    unit="time",
    sentence="Someone outside the family referred a child over a concern {count:time} in the last 24 months",
    sentence_if_none="Nobody outside the family referred a child over a concern in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

referrals_ever = Indicator(
    "Referrals to social care by others than the family since records began",
    referrals.count_each().maximum_for_family(),
    concern=CONTACTS,
    unit="time",
    sentence="Someone outside the family referred a child over a concern {count:time} since records began",
    sentence_if_none="Nobody outside the family has referred a child over a concern since records began",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

referred_again = Indicator(
    "A child was referred twice or more to social care within the last 12 months",
    referrals.in_last(months(12)).count_each().maximum_for_family() >= 2,
    concern=CONTACTS,
    sentence="Someone outside the family referred the same child over a concern again in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

assessments_24_months = Indicator(
    "Assessments in the last 24 months that found a child in need, other than by disability",
    assessments.where(column("found_in_need")).in_last(months(24)).count_each().maximum_for_family(),
    concern=HELP,
    unit="time",
    sentence="An assessment found a child in need {count:time} in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

assessed_not_in_need_24_months = Indicator(
    "Assessments in the last 24 months that found a child not in need",
    assessments.where(~column("found_in_need")).in_last(months(24)).count_each().maximum_for_family(),
    concern=HELP,
    unit="time",
    sentence="An assessment found a child not in need of a social worker {count:time} in the last 24 months",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

earlier_enquiries = Indicator(
    "Section 47 enquiries since records began",
    facts("section_47_started").count_each().maximum_for_family(),
    concern=HELP,
    unit="enquiry|enquiries",
    sentence="{count:enquiry|enquiries} into whether a child suffered significant harm, since records began",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

# The plan's own record does not say for what need it was. Where an assessment named disability, it does not count.
earlier_child_in_need_plan = Indicator(
    "An earlier child in need plan, where no assessment named disability as the need",
    facts("child_in_need_plan_started").exists_for_family() & ~needs_from_disability,
    concern=HELP,
    sentence="A child had a child in need plan before",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

earlier_child_protection_plan = Indicator(
    "Earlier child protection plans since records began",
    facts("child_protection_plan_started").count_each().maximum_for_family(),
    concern=HELP,
    unit="time",
    sentence="A child went on a child protection plan {count:time} before",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

earlier_pre_proceedings = Indicator(
    "Pre-proceedings since records began",
    facts("pre_proceedings_started").exists_for_family(),
    concern=HELP,
    sentence="The family went through steps before court proceedings",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

earlier_care = Indicator(
    "A child was looked after before, other than for short breaks",
    facts("care_started").where(column("legal_basis").is_in("order", "accommodated")).exists_for_family(),
    concern=HELP,
    sentence="A child of the family was looked after before",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=LADDER,
)

closure_recency = Indicator(
    "How recently a case of social care was closed: 1 the day after, falling to 0 over 24 months",
    case(closures.exists_for_family(), (732 - closures.days_since_latest_for_family()) / 732, 0),
    concern=HELP,
    sentence="A case of social care was closed within the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

early_help_stepped_up = Indicator(
    "Early help that workers stepped up to social care in the last 24 months",
    early_help_endings.where(column("outcome") == "stepped_up").exists_for_family(),
    concern=HELP,
    sentence="Workers stepped early help up to social care in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_EARLY_HELP,
    evidence=STEPPED_UP,
)

early_help_needs_unmet = Indicator(
    "Early help of the last 24 months that ended with needs that workers judged unmet",
    early_help_endings.where(column("outcome") == "needs_unmet").exists_for_family(),
    concern=HELP,
    sentence="Early help in the last 24 months ended before it had met the family's needs",
    direction="raises",
    unknown_means=NOT_FROM_EARLY_HELP,
    evidence=STEPPED_UP,
)

early_help_needs_met = Indicator(
    "Early help of the last 24 months that ended with needs met",
    early_help_endings.where(column("outcome") == "needs_met").exists_for_family(),
    concern=HELP,
    sentence="Early help in the last 24 months ended with the family's needs met",
    direction="lowers",
    unknown_means=NOT_FROM_EARLY_HELP,
    evidence=STEPPED_UP,
)

neglect_in_assessment = Indicator(
    "An assessment in the last 24 months found neglect",
    factors.where(column("factor") == "16A").exists_for_family(),
    concern=HARM,
    sentence="An assessment in the last 24 months found neglect",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence="The council's 2016 early-help review: 74% of children in need are so by abuse or neglect",
)

harm_in_assessment = Indicator(
    "An assessment in the last 24 months found emotional, physical or sexual harm by an adult",
    factors.where(column("factor").is_in("17A", "18A", "18C", "19A", "19C")).exists_for_family(),
    concern=HARM,
    sentence="An assessment in the last 24 months found emotional, physical or sexual harm",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence="The council's 2016 early-help review: 74% of children in need are so by abuse or neglect",
)

# What happens outside the home is not the family's doing, and is said apart.
harm_outside_the_home = Indicator(
    "An assessment in the last 24 months found exploitation, trafficking, gangs or harm by another child",
    factors.where(column("factor").is_in("11A", "12A", "13A", "18B", "19B", "24A")).exists_for_family(),
    concern=OUTSIDE,
    sentence="An assessment in the last 24 months found that a child needed protection outside the home",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence="Working together to safeguard children 2023: harm outside the home needs help with the family as partner",
)

young_carer = Indicator(
    "An assessment in the last 24 months found that a child cares for someone",
    factors.where(column("factor") == "7A").exists_for_family(),
    concern=HELP,
    sentence="A child cares for someone in the family",
    use="context",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence="Children and Families Act 2014 section 96: a young carer has a right to an assessment of needs",
)
