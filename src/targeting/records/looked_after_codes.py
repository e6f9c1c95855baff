"""DfE's codes of the annual return on looked-after children (SSDA903), with the years in which each was in force.

A year is that of the 31 March on which the return's year ends. Special guardianship was split by who became guardian
from 2019 on (E43 and E44 until 2018, E45 to E48 after). Short breaks are V3 and V4.
"""

from targeting.records.definition import CodeSet

SSDA903 = "DfE guide to the SSDA903 collection and its code sets, 2017 to 2024"

LEGAL_STATUS = CodeSet(
    name="legal_status",
    source=SSDA903,
    codes={
        "C1": "interim care order",
        "C2": "full care order",
        "D1": "freeing order",
        "E1": "placement order",
        "V2": "section 20 accommodation, a single period",
        "V3": "a series of short breaks, each recorded",
        "V4": "a series of short breaks, the agreement recorded",
        "L1": "police protection, accommodated by the council",
        "L2": "emergency protection order",
        "L3": "child assessment order, accommodated by the council",
        "J1": "on remand, to the council or to youth detention",
        "J2": "accommodated under the Police and Criminal Evidence Act",
        "J3": "youth rehabilitation order with a requirement to live somewhere",
    },
)

# On what footing a child is looked after, by legal status. Short breaks are help for disabled children; a remand is a
# decision on an alleged offence: neither is an escalation of a family's need.
FOOTING = {
    **dict.fromkeys(("C1", "C2", "D1", "E1", "L1", "L2", "L3"), "order"),
    "V2": "accommodated",
    **dict.fromkeys(("V3", "V4"), "short_breaks"),
    **dict.fromkeys(("J1", "J2", "J3"), "remand"),
}

EPISODE_REASON = CodeSet(
    name="care_episode_reason",
    source=SSDA903,
    codes={
        "S": "started to be looked after",
        "L": "change of legal status",
        "P": "change of placement and of carers",
        "T": "change of placement, same carers",
        "B": "change of legal status, placement and carers",
        "U": "change of legal status and placement, same carers",
    },
)

PLACEMENT = CodeSet(
    name="placement",
    source=SSDA903,
    codes={
        "A3": "placed for adoption with consent, with the foster carer",
        "A4": "placed for adoption with consent, not with the foster carer",
        "A5": "placed for adoption by order, with the foster carer",
        "A6": "placed for adoption by order, not with the foster carer",
        "H5": "semi-independent living",
        "K1": "secure children's home",
        "K2": "children's home",
        "P1": "with parents",
        "P2": "independent living",
        "P3": "residential employment",
        "R1": "residential care home",
        "R2": "health service establishment",
        "R3": "family centre or mother and baby unit",
        "R5": "young offender institution",
        "S1": "residential school",
        "T0": "temporary move",
        "T1": "temporary stay in hospital",
        "T2": "temporary absence on holiday",
        "T3": "temporary, while the carer is on holiday",
        "T4": "temporary, seven days or fewer",
        "U1": "foster placement with a relative or friend, long term",
        "U2": "foster placement with a relative or friend, also approved to adopt",
        "U3": "foster placement with a relative or friend, other",
        "U4": "foster placement, long term",
        "U5": "foster placement, also approved to adopt",
        "U6": "foster placement, other",
        "Z1": "another placement",
    },
)

PLACEMENT_CHANGE = CodeSet(
    name="placement_change",
    source=SSDA903,
    codes={
        "ALLEG": "an allegation",
        "APPRR": "the approval was removed",
        "CARPL": "the care plan",
        "CHILD": "the child asked for it",
        "CLOSE": "the provision closed",
        "CREQB": "the carer asked, because of the child's behaviour",
        "CREQO": "the carer asked, for another reason",
        "CUSTOD": "custody",
        "LAREQ": "a council asked",
        "OTHER": "another reason",
        "PLACE": "only the status of the placement changed",
        "STAND": "the standard of the placement",
    },
    years={"CUSTOD": (2019, None)},
)

CARE_ENDED = CodeSet(
    name="care_ended_reason",
    source=SSDA903,
    codes={
        "E11": "adopted, application unopposed",
        "E12": "adopted, consent dispensed with",
        "E13": "to relatives or others without parental responsibility",
        "E14": "a remand ended",
        "E15": "found to be 18 or over",
        "E16": "moved abroad",
        "E17": "18, stayed with the carers",
        "E2": "died",
        "E3": "taken over by another council",
        "E41": "residence or child arrangements order",
        "E43": "special guardianship to the former foster carers",
        "E44": "special guardianship to others",
        "E45": "special guardianship to former foster carers who are relatives or friends",
        "E46": "special guardianship to other former foster carers",
        "E47": "special guardianship to relatives or friends",
        "E48": "special guardianship to others than relatives or friends",
        "E4A": "returned home as planned",
        "E4B": "returned home unplanned",
        "E5": "independent living, with support",
        "E6": "independent living, without support",
        "E7": "adult residential care",
        "E8": "another reason",
        "E9": "sentenced to custody",
        "X1": "the next episode followed at once",
    },
    years={
        "E43": (None, 2018),
        "E44": (None, 2018),
        "E45": (2019, None),
        "E46": (2019, None),
        "E47": (2019, None),
        "E48": (2019, None),
    },
)
# Reasons that make the child another family's by a court's order.
KINSHIP_ORDERS = {
    "E41": "child_arrangements",
    **dict.fromkeys(("E43", "E44", "E45", "E46", "E47", "E48"), "special_guardianship"),
}
ADOPTED = ("E11", "E12")

PARTICIPATION = CodeSet(
    name="participation",
    source=SSDA903,
    codes={
        "PN0": "under four at the time",
        "PN1": "came and spoke for themselves",
        "PN2": "came, and an advocate spoke",
        "PN3": "came and made their views known without words",
        "PN4": "came and made no views known",
        "PN5": "did not come, and an advocate spoke",
        "PN6": "did not come, and sent their views",
        "PN7": "did not come and sent no views",
    },
)

MISSING = CodeSet(name="missing_type", source=SSDA903, codes={"M": "missing", "A": "away without leave"})

SDQ_REASON = CodeSet(
    name="sdq_reason",
    source=SSDA903,
    codes={
        "SDQ1": "outside the age range",
        "SDQ2": "the carer refused",
        "SDQ3": "not possible for the child's disability",
        "SDQ4": "another reason",
        "SDQ5": "the child refused",
    },
)

PREVIOUS_PERMANENCE = CodeSet(
    name="previous_permanence",
    source=SSDA903,
    codes={
        "P1": "adopted before",
        "P2": "special guardianship before",
        "P3": "residence or child arrangements order before",
        "P4": "not known",
        "Z1": "none before",
    },
)
