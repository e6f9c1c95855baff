"""DfE code sets, each code with the census years in which it was in force.

Source: the Department for Education's children in need census code sets, 2017 to 2024.
"""

from targeting.records.definition import CodeSet

# The last year whose codes of the CIN Census and of SSDA903 were compared with DfE's own; later years are taken to be
# the same but for what was announced.
LAST_VERIFIED_YEAR = 2024

CIN_CENSUS = "DfE children in need census code sets, 2017 to 2024"

REFERRAL_SOURCE = CodeSet(
    name="referral_source",
    source=CIN_CENSUS,
    codes={
        "1A": "a family member, relative or carer",
        "1B": "an acquaintance",
        "1C": "the young person themselves",
        "1D": "another individual",
        "2A": "a school",
        "2B": "education services",
        "3A": "a GP",
        "3B": "a health visitor",
        "3C": "a school nurse",
        "3D": "another primary health service",
        "3E": "an accident and emergency department",
        "3F": "another health service",
        "4": "housing",
        "5A": "the council's social care",
        "5B": "another council service",
        "5C": "another council",
        "5D": "early help",
        "6": "the police",
        "7": "a court, probation or another legal agency",
        "8": "another agency, such as a children's centre or a charity",
        "9": "someone who gave no name",
        "10": "an unknown source",
    },
    years={"5D": (2023, None)},
)

PRIMARY_NEED = CodeSet(
    name="primary_need",
    source=CIN_CENSUS,
    codes={
        "N1": "abuse or neglect",
        "N2": "the child's disability or illness",
        "N3": "a parent's disability or illness",
        "N4": "a family in acute stress",
        "N5": "family relationships under strain",
        "N6": "socially unacceptable behaviour",
        "N7": "low income",
        "N8": "absent parenting",
        "N9": "cases other than children in need",
        "N0": "not stated",
    },
)

CLOSURE_REASON = CodeSet(
    name="closure_reason",
    source=CIN_CENSUS,
    codes={
        "RC1": "adopted",
        "RC2": "died",
        "RC3": "child arrangements order",
        "RC4": "special guardianship order",
        "RC5": "transferred to another council",
        "RC6": "transferred to adult social care",
        "RC7": "services ceased for another reason",
        "RC8": "closed after assessment, no further action",
        "RC9": "closed after assessment, referred to early help",
    },
    years={"RC9": (2023, None)},
)

CATEGORY_OF_ABUSE = CodeSet(
    name="category_of_abuse",
    source=CIN_CENSUS,
    codes={
        "NEG": "neglect",
        "PHY": "physical abuse",
        "SAB": "sexual abuse",
        "EMO": "emotional abuse",
        "MUL": "more than one category",
    },
)

ETHNICITY = CodeSet(
    name="ethnicity",
    source=CIN_CENSUS,
    codes={
        "WBRI": "White British",
        "WIRI": "White Irish",
        "WIRT": "Traveller of Irish heritage",
        "WOTH": "Any other White background",
        "WROM": "Gypsy or Roma",
        "MWBC": "White and Black Caribbean",
        "MWBA": "White and Black African",
        "MWAS": "White and Asian",
        "MOTH": "Any other mixed background",
        "AIND": "Indian",
        "APKN": "Pakistani",
        "ABAN": "Bangladeshi",
        "AOTH": "Any other Asian background",
        "BCRB": "Caribbean",
        "BAFR": "African",
        "BOTH": "Any other Black background",
        "CHNE": "Chinese",
        "OOTH": "Any other ethnic group",
        "REFU": "Refused",
        "NOBT": "Not yet obtained",
    },
)

SEX = CodeSet(
    name="sex",
    source=CIN_CENSUS,
    codes={"1": "male", "2": "female", "0": "not recorded or unborn", "9": "indeterminate"},
)

DISABILITY = CodeSet(
    name="disability",
    source=CIN_CENSUS,
    codes={
        "NONE": "no disability",
        "MOB": "mobility",
        "HAND": "hand function",
        "PC": "personal care",
        "INC": "incontinence",
        "COMM": "communication",
        "LD": "learning",
        "HEAR": "hearing",
        "VIS": "vision",
        "BEH": "behaviour",
        "CON": "consciousness",
        "AUT": "autism",
        "DDA": "other",
    },
)

ASSESSMENT_FACTOR = CodeSet(
    name="assessment_factor",
    source=CIN_CENSUS,
    codes={
        "1A": "alcohol misuse by the child",
        "1B": "alcohol misuse by a parent or carer",
        "1C": "alcohol misuse by someone else in the household",
        "2A": "drug misuse by the child",
        "2B": "drug misuse by a parent or carer",
        "2C": "drug misuse by someone else in the household",
        "3A": "domestic abuse of the child",
        "3B": "domestic abuse of a parent or carer",
        "3C": "domestic abuse of someone else in the household",
        "4A": "mental health of the child",
        "4B": "mental health of a parent or carer",
        "4C": "mental health of someone else in the household",
        "5A": "learning disability of the child",
        "5B": "learning disability of a parent or carer",
        "5C": "learning disability of someone else in the household",
        "6A": "physical disability or illness of the child",
        "6B": "physical disability or illness of a parent or carer",
        "6C": "physical disability or illness of someone else in the household",
        "7A": "the child is a young carer",
        "8B": "privately fostered, from overseas, intending to return",
        "8C": "privately fostered, from overseas, intending to stay",
        "8D": "privately fostered, in a UK educational placement",
        "8E": "privately fostered, with a UK family arrangement",
        "8F": "privately fostered, other",
        "9A": "unaccompanied asylum-seeking child",
        "10A": "going missing",
        "11A": "child sexual exploitation",
        "12A": "trafficking",
        "13A": "gangs",
        "14A": "socially unacceptable behaviour",
        "15A": "self-harm",
        "16A": "neglect",
        "17A": "emotional abuse",
        "18A": "physical abuse",
        "18B": "physical abuse by another child",
        "18C": "physical abuse by an adult",
        "19A": "sexual abuse",
        "19B": "sexual abuse by another child",
        "19C": "sexual abuse by an adult",
        "20": "another factor",
        "21": "no factor identified",
        "22A": "female genital mutilation",
        "23A": "abuse linked to faith or belief",
        "24A": "child criminal exploitation",
    },
    years={
        "18A": (None, 2020),
        "19A": (None, 2020),
        "18B": (2021, None),
        "18C": (2021, None),
        "19B": (2021, None),
        "19C": (2021, None),
        "24A": (2022, None),
    },
)


def code_set(name: str, source: str = "Targeting's own contract", /, **codes: str) -> CodeSet:
    """Return a small code set of the contract itself, code=label."""
    return CodeSet(name=name, source=source, codes=codes)
