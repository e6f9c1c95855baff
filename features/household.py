"""Who lives in the family: how many children, how young. Size and moves are proxies, reviewed and audited."""

from targeting.features import Indicator, case, facts, months, people

from .measuring import a_child_is_born

HOUSEHOLD = "household"

NO_BIRTH_DATE = "The children's dates of birth are not known"
NOT_FROM_ADDRESSES = "Where the family lived is not known"

NOT_FROM_HOUSING = "What housing recorded of the family's home is not known"

HOMES = "Context for an offer of help with a secure home, never a reason for concern and never for enforcement"
MONEY = "Context for an offer of advice on money, never a reason for concern and never for enforcement"
YOUNG = "The council's 2016 early-help review: tiers of health visiting; needs are highest in the first years of life"
SIZE = "A proxy, audited: more children are more occasions to be seen, and families differ in size between communities"

abuse_recorded = facts("domestic_abuse_incident").exists_for_family()

# A child born in the window would count as moving in; hence children of two and over.
wards = facts("address_recorded").of_children(from_age=2).in_last(months(24)).count_distinct_for_family("ward")

children = Indicator(
    "Children in the family",
    people.children().count_for_family(),
    concern=HOUSEHOLD,
    unit="child",
    sentence="The family has {count:child|children}",
    unknown_means=NO_BIRTH_DATE,
    evidence=SIZE,
)

children_under_five = Indicator(
    "Children under 5 in the family",
    people.children(below_age=5).count_for_family(),
    concern=HOUSEHOLD,
    unit="child",
    sentence="The family has {count:child|children} under 5",
    sentence_if_none="The family has no child under 5",
    unknown_means=NO_BIRTH_DATE,
    evidence=YOUNG,
)

children_under_two = Indicator(
    "Children under 2 in the family",
    people.children(below_age=2).count_for_family(),
    concern=HOUSEHOLD,
    unit="child",
    sentence="The family has {count:child|children} under 2",
    sentence_if_none="The family has no child under 2",
    unknown_means=NO_BIRTH_DATE,
    evidence=YOUNG,
)

infants = Indicator(
    "Children under 1 in the family",
    people.children(below_age=1).count_for_family(),
    concern=HOUSEHOLD,
    unit="child",
    sentence="The family has {count:child|children} under 1",
    sentence_if_none="The family has no child under 1",
    unknown_means=NO_BIRTH_DATE,
    evidence=YOUNG,
)

children_of_primary_age = Indicator(
    "Children aged 5 to 10 in the family",
    people.children(from_age=5, below_age=11).count_for_family(),
    concern=HOUSEHOLD,
    unit="child",
    sentence="The family has {count:child|children} aged 5 to 10",
    sentence_if_none="The family has no child aged 5 to 10",
    unknown_means=NO_BIRTH_DATE,
    evidence=SIZE,
)

teenagers = Indicator(
    "Children aged 13 to 17 in the family",
    people.children(from_age=13).count_for_family(),
    concern=HOUSEHOLD,
    unit="child",
    sentence="The family has {count:child|children} aged 13 to 17",
    sentence_if_none="The family has no child aged 13 to 17",
    unknown_means=NO_BIRTH_DATE,
    evidence=YOUNG,
)

unborn_child = Indicator(
    "A child is expected",
    people.unborn().exists_for_family(),
    concern=HOUSEHOLD,
    sentence="A child is expected",
    sentence_if_none="No child is expected",
    unknown_means=NO_BIRTH_DATE,
    evidence=YOUNG,
)

youngest_age = Indicator(
    "Age of the youngest child, in completed years; 0 where none is born yet",
    case(a_child_is_born, people.children().youngest_age_for_family(), 0),
    concern=HOUSEHOLD,
    unit="year",
    sentence="The youngest child is {age}",
    sentence_if_none="The youngest child is a baby, born or on the way",
    unknown_means=NO_BIRTH_DATE,
    evidence=YOUNG,
)

# Whoever flees abuse moves: such a move is a step to safety and never raises an estimate.
moves_between_wards = Indicator(
    "Wards to which children moved in the last 24 months, where no domestic abuse is recorded",
    case(abuse_recorded, 0, wards),
    concern=HOUSEHOLD,
    unit="time",
    sentence="Children moved between parts of the district {count:time} in the last 24 months",
    sentence_if_none="No move between parts of the district is recorded in the last 24 months",
    use="context",
    unknown_means=NOT_FROM_ADDRESSES,
    evidence="A proxy, audited: families move for want of a secure home, which is context for an offer",
)

deprivation = Indicator(
    "Deprivation of the area of the latest address, by tenths: 1 is the most deprived",
    facts("address_recorded").latest_for_family("deprivation_decile"),
    concern=HOUSEHOLD,
    unit="tenth",
    sentence="The area is in deprivation tenth {count} of 10",
    use="context",
    unknown_means=NOT_FROM_ADDRESSES,
    evidence="34% of people live in the most deprived tenth of the country: context for advice on money, not a reason",
)

temporary_accommodation_now = Indicator(
    "The family lives in temporary accommodation",
    facts("temporary_accommodation_started").open_for_family(),
    concern=HOUSEHOLD,
    sentence="The family lives in temporary accommodation",
    use="context",
    unknown_means=NOT_FROM_HOUSING,
    evidence=HOMES,
)

# The application is the family's own asking for help and no fact of any indicator; the duty is the council's finding.
homelessness_duty_12_months = Indicator(
    "The council accepted a duty to prevent or relieve the family's homelessness in the last 12 months",
    facts("homelessness_duty_accepted").in_last(months(12)).exists_for_family(),
    concern=HOUSEHOLD,
    sentence="The council accepted in the last 12 months that the family was homeless or about to be",
    use="context",
    unknown_means=NOT_FROM_HOUSING,
    evidence=HOMES,
)

arrears_6_months = Indicator(
    "Rent or council tax was owed in the last 6 months",
    facts("arrears_recorded").in_last(months(6)).exists_for_family(),
    concern=HOUSEHOLD,
    sentence="The family was behind with rent or council tax in the last 6 months",
    use="context",
    unknown_means=NOT_FROM_HOUSING,
    evidence=MONEY,
)

longest_arrears_6_months = Indicator(
    "The most weeks for which rent or council tax was owed, as recorded in the last 6 months",
    facts("arrears_recorded").in_last(months(6)).maximum_for_family("weeks"),
    concern=HOUSEHOLD,
    unit="week",
    sentence="The family was up to {count:week} behind with rent or council tax in the last 6 months",
    use="context",
    unknown_means="No arrears with their length are recorded in the last 6 months",
    evidence=MONEY,
)
