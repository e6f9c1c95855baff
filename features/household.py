"""Who lives in the family: how many children, how young. Size and moves are proxies, reviewed and audited."""

from targeting.features import Indicator, case, facts, months, people

HOUSEHOLD = "household"

NO_BIRTH_DATE = "The children's dates of birth are not known"
NOT_FROM_ADDRESSES = "Where the family lived is not known"

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
    sentence="{count:child|children} in the family",
    unknown_means=NO_BIRTH_DATE,
    evidence=SIZE,
)

children_under_five = Indicator(
    "Children under 5 in the family",
    people.children(below_age=5).count_for_family(),
    concern=HOUSEHOLD,
    unit="child",
    sentence="{count:child|children} under 5 in the family",
    sentence_if_none="No child under 5 in the family",
    unknown_means=NO_BIRTH_DATE,
    evidence=YOUNG,
)

infants = Indicator(
    "Children under 1 in the family",
    people.children(below_age=1).count_for_family(),
    concern=HOUSEHOLD,
    unit="child",
    sentence="{count:child|children} under 1 in the family",
    sentence_if_none="No child under 1 in the family",
    unknown_means=NO_BIRTH_DATE,
    evidence=YOUNG,
)

teenagers = Indicator(
    "Children aged 13 to 17 in the family",
    people.children(from_age=13).count_for_family(),
    concern=HOUSEHOLD,
    unit="child",
    sentence="{count:child|children} aged 13 to 17 in the family",
    sentence_if_none="No child aged 13 to 17 in the family",
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
    "Age of the youngest child, in completed years",
    people.children().youngest_age_for_family(),
    concern=HOUSEHOLD,
    unit="year",
    sentence="The youngest child is {age}",
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
