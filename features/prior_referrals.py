"""Contacts with the front door and referrals to social care, by who made them and what came of them.

Nothing here counts a request of the family's own, nor whether help was taken up, declined or left. What ended with no
further action is forgotten after 24 months: so is every referral, for its record does not say how it ended.
"""

from targeting.features import Indicator, column, facts, in_order_for_family, months
from targeting.features.conditions import Condition

from .measuring import most_of_one_child, recency

CONTACTS = "earlier contacts and referrals"

NOT_FROM_SOCIAL_CARE = "What social care did before is not known"

AGAIN = "The council's 2016 early-help review: families are referred in again and again, and meet help late"
RE_REFERRED = "Department for Education: 22.9% of the district's referrals of 2025 came within 12 months of another"
BY_POLICE = "Department for Education: police made 31.9% of the district's referrals in 2025"
BY_SCHOOLS = "Department for Education: schools made 17.8% of the district's referrals in 2025"
BY_HEALTH = "Department for Education: health services made 13.6% of the district's referrals in 2025"
ABUSE_OR_NEGLECT = "The council's 2016 early-help review: 74% of children in need are so by abuse or neglect"
KNOWN_TO_MANY = (
    "The 2016 early-help review: 80% of affected children were known to an agency, 54% to children's services"
)
HELP_WHEN_WANTED = "The council's 2016 early-help review: help has to come when it is wanted, for motivation passes"

POLICE: tuple[str, ...] = ("6",)
SCHOOLS = ("2A", "2B")
HEALTH = ("3A", "3B", "3C", "3D", "3E", "3F")

# A relative's or the child's own request is the family asking for help, which never raises an estimate.
asked_by_the_family = column("referral_source").is_in("1A", "1C")
gave_no_name = column("referral_source") == "9"
no_professional = column("referral_source").is_in("1B", "1D", "9", "10")
# A child's disability brings a right to a service; low income is context for an offer of advice.
disability_or_low_income = column("primary_need").is_in("N2", "N7")


def made_by(sources: tuple[str, ...]) -> Condition:
    """Return the condition that one of some services made a contact or a referral."""
    return column("referral_source").is_in(*sources)


contacts = facts("contact").where(~asked_by_the_family)
contacts_acted_on = contacts.where(column("outcome") != "no_further_action")
# Whoever gives no name may mean harm; such a contact counts by what came of it alone.
contacts_without_action = contacts.where(column("outcome") == "no_further_action").except_where(gave_no_name)
referrals = facts("referral").where(~asked_by_the_family).except_where(disability_or_low_income)

contacts_3_months = Indicator(
    "Contacts with the front door by others than the family in the last 3 months that led to something",
    most_of_one_child(contacts_acted_on.in_last(months(3))),
    concern=CONTACTS,
    unit="contact",
    sentence="{count:contact} from outside the family led to early help or a referral in the last 3 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

contacts_12_months = Indicator(
    "Contacts with the front door by others than the family in the last 12 months that led to something",
    most_of_one_child(contacts_acted_on.in_last(months(12))),
    concern=CONTACTS,
    unit="contact",
    sentence="{count:contact} from outside the family led to early help or a referral in the last 12 months",
    sentence_if_none="No contact from outside the family led to early help or a referral in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

contact_recency = Indicator(
    "How recent the latest contact is that led to something: 1 the day after it, falling to 0 over 24 months",
    recency(contacts_acted_on.of_children()),
    concern=CONTACTS,
    sentence="A contact from outside the family led to early help or a referral within the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=HELP_WHEN_WANTED,
)

contact_change = Indicator(
    "Change in contacts that led to something: the last 6 months less the 6 months before",
    most_of_one_child(contacts_acted_on.in_last(months(6)))
    - most_of_one_child(contacts_acted_on.between(months(12), months(6))),
    concern=CONTACTS,
    unit="contact",
    sentence="Concern from outside the family {change:contact} in the last 6 months, against the 6 months before",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

contacts_by_police_12_months = Indicator(
    "Contacts by police in the last 12 months that led to something",
    most_of_one_child(contacts_acted_on.where(made_by(POLICE)).in_last(months(12))),
    concern=CONTACTS,
    unit="contact",
    sentence="{count:contact} from police led to early help or a referral in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=BY_POLICE,
)

contacts_by_schools_12_months = Indicator(
    "Contacts by schools and education services in the last 12 months that led to something",
    most_of_one_child(contacts_acted_on.where(made_by(SCHOOLS)).in_last(months(12))),
    concern=CONTACTS,
    unit="contact",
    sentence="{count:contact} from schools led to early help or a referral in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=BY_SCHOOLS,
)

contacts_by_health_12_months = Indicator(
    "Contacts by health services in the last 12 months that led to something",
    most_of_one_child(contacts_acted_on.where(made_by(HEALTH)).in_last(months(12))),
    concern=CONTACTS,
    unit="contact",
    sentence="{count:contact} from health services led to early help or a referral in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=BY_HEALTH,
)

contacts_without_action_24_months = Indicator(
    "Contacts by others than the family, who gave a name, in the last 24 months on which nothing was done",
    most_of_one_child(contacts_without_action.in_last(months(24))),
    concern=CONTACTS,
    unit="contact",
    sentence="{count:contact} from outside the family ended with no further action in the last 24 months",
    direction="raises",
    longest_memory=months(24),
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

referrers_24_months = Indicator(
    "Different kinds of professionals whose contact with the front door led to something in the last 24 months",
    contacts_acted_on.of_children()
    .except_where(no_professional)
    .in_last(months(24))
    .count_distinct_for_family("referral_source"),
    concern=CONTACTS,
    unit="service",
    sentence="{count:service} raised a concern in the last 24 months that led to early help or a referral",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=KNOWN_TO_MANY,
)

referrals_12_months = Indicator(
    "Referrals to social care by others than the family in the last 12 months",
    most_of_one_child(referrals.in_last(months(12))),
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
    most_of_one_child(referrals.in_last(months(24))),
    concern=CONTACTS,
    unit="time",
    sentence="Someone outside the family referred a child over a concern {count:time} in the last 24 months",
    sentence_if_none="Nobody outside the family referred a child over a concern in the last 24 months",
    direction="raises",
    longest_memory=months(24),
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

referral_recency = Indicator(
    "How recent the latest referral is: 1 the day after it, falling to 0 over 24 months",
    recency(referrals.of_children()),
    concern=CONTACTS,
    sentence="Someone outside the family referred a child over a concern within the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=HELP_WHEN_WANTED,
)

referred_again = Indicator(
    "A child was referred twice or more to social care within the last 12 months",
    most_of_one_child(referrals.in_last(months(12))) >= 2,
    concern=CONTACTS,
    sentence="Someone outside the family referred the same child over a concern again in the last 12 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=RE_REFERRED,
)

referrals_for_abuse_or_neglect_24_months = Indicator(
    "Referrals by others than the family in the last 24 months for abuse or neglect",
    most_of_one_child(referrals.where(column("primary_need") == "N1").in_last(months(24))),
    concern=CONTACTS,
    unit="time",
    sentence="Someone outside the family referred a child for abuse or neglect {count:time} in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=ABUSE_OR_NEGLECT,
)

referrals_for_strain_24_months = Indicator(
    "Referrals by others than the family in the last 24 months for acute stress or strained relationships",
    most_of_one_child(referrals.where(column("primary_need").is_in("N4", "N5")).in_last(months(24))),
    concern=CONTACTS,
    unit="time",
    sentence="Someone outside the family referred a child for strain in the family {count:time} in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

referrals_by_police_24_months = Indicator(
    "Referrals to social care by police in the last 24 months",
    most_of_one_child(referrals.where(made_by(POLICE)).in_last(months(24))),
    concern=CONTACTS,
    unit="time",
    sentence="Police referred a child over a concern {count:time} in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=BY_POLICE,
)

referrals_by_schools_24_months = Indicator(
    "Referrals to social care by schools and education services in the last 24 months",
    most_of_one_child(referrals.where(made_by(SCHOOLS)).in_last(months(24))),
    concern=CONTACTS,
    unit="time",
    sentence="A school referred a child over a concern {count:time} in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=BY_SCHOOLS,
)

referrals_by_health_24_months = Indicator(
    "Referrals to social care by health services in the last 24 months",
    most_of_one_child(referrals.where(made_by(HEALTH)).in_last(months(24))),
    concern=CONTACTS,
    unit="time",
    sentence="A health service referred a child over a concern {count:time} in the last 24 months",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=BY_HEALTH,
)

re_referred_within_12_months = Indicator(
    "In the last 24 months a referral by others than the family, and another within 12 months after it",
    in_order_for_family(
        referrals.of_children().in_last(months(24)), referrals.of_children().in_last(months(24)), within=months(12)
    ),
    concern=CONTACTS,
    sentence="Someone outside the family referred a child within 12 months of an earlier referral",
    direction="raises",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=RE_REFERRED,
)

longest_time_between_contacts = Indicator(
    "The longest time between two contacts of the last 24 months that led to something",
    contacts_acted_on.of_children().in_last(months(24)).longest_gap_for_family(),
    concern=CONTACTS,
    unit="day",
    sentence="The longest quiet time between two contacts was {duration}",
    use="context",
    unknown_means=NOT_FROM_SOCIAL_CARE,
    evidence=AGAIN,
)

first_contact_of_24_months = Indicator(
    "Days since the first contact of the last 24 months by others than the family that led to something",
    contacts_acted_on.of_children().in_last(months(24)).days_since_earliest_for_family(),
    concern=CONTACTS,
    unit="day",
    sentence="Others first made contact about a child, with effect, {duration} ago",
    use="context",
    unknown_means="No contact of the last 24 months led to something, or what social care did before is not known",
    evidence=AGAIN,
)
