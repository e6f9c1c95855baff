"""Early help: assessments, episodes and how they ended, needs, sessions, who works with the family, offers, voices."""

from targeting.records.codes import REFERRAL_SOURCE, code_set
from targeting.records.definition import CodeSet, Column, FactKind, episode_id, spell
from targeting.records.looked_after_codes import PARTICIPATION
from targeting.records.reasons import KNOWN_FOR_THE_OFFER, OWN_REQUEST, TAKES_UP_HELP

AREA = "early help"

# Families First looked for the six criteria of the Troubled Families Programme, which ended in March 2022; Supporting
# Families named ten headline outcomes until March 2025. Needs of money and housing are a kind of their own.
FAMILY_NEED = CodeSet(
    name="family_need",
    source="Troubled Families Programme, six criteria; Supporting Families outcomes framework 2022",
    codes={
        "crime": "crime and antisocial behaviour",
        "attendance": "children who do not attend school",
        "children_who_need_help": "children who need help",
        "domestic_abuse": "domestic abuse",
        "health": "physical and mental health problems",
        "education": "getting a good education",
        "early_years": "good early years development",
        "mental_and_physical_health": "improved mental and physical health",
        "substances": "recovery and less harm from substance use",
        "family_relationships": "improved family relationships",
        "safe_from_exploitation": "children safe from abuse and exploitation",
        "crime_prevention": "crime prevention",
        "safe_from_domestic_abuse": "safe from domestic abuse",
    },
    years={
        **dict.fromkeys(("crime", "attendance", "children_who_need_help", "domestic_abuse", "health"), (2012, 2022)),
        **dict.fromkeys(
            (
                "education",
                "early_years",
                "mental_and_physical_health",
                "substances",
                "family_relationships",
                "safe_from_exploitation",
                "crime_prevention",
                "safe_from_domestic_abuse",
            ),
            (2022, 2025),
        ),
    },
)

SERVICE = code_set(
    "service",
    social_care="children's social care",
    early_help="early help",
    family_centre="a family centre",
    intensive_support="intensive family support",
    school="a school",
    health_visiting="health visiting",
    midwifery="midwifery",
    childrens_centre="a children's centre",
    youth_justice="youth justice",
    youth_service="a youth service",
    mental_health="a mental health service",
    substance_misuse="a service for drugs and alcohol",
    housing="housing",
    voluntary="a charity",
)

EPISODES = (
    FactKind(
        name="early_help_started",
        description="An episode of early help started",
        area="early help",
        event="the episode started",
        knowledge="it was recorded",
        columns=(
            episode_id(),
            Column(
                name="referral_source",
                description="Who asked for it",
                type="code",
                codes=REFERRAL_SOURCE,
                required=False,
            ),
        ),
        never_an_input=OWN_REQUEST,
    ),
    FactKind(
        name="early_help_ended",
        description="An episode of early help ended",
        area="early help",
        event="the episode ended",
        knowledge="its end was recorded",
        columns=(
            episode_id(),
            Column(
                name="outcome",
                description="How it ended",
                type="code",
                codes=code_set(
                    "early_help_outcome",
                    needs_met="needs met",
                    needs_unmet="ended with needs unmet",
                    stepped_up="stepped up to social care",
                    moved="moved away",
                    declined="consent withdrawn",
                ),
                required=False,
            ),
        ),
        ends="early_help_started",
    ),
)

NEEDS = (
    FactKind(
        name="early_help_assessment_completed",
        description="An early help assessment was completed",
        area=AREA,
        event="it was completed",
        knowledge="it was recorded",
        never_an_input=OWN_REQUEST,
    ),
    FactKind(
        name="family_need_identified",
        description="A worker identified a need of the family (Families First, Supporting Families)",
        area=AREA,
        event="it was identified",
        knowledge="it was recorded",
        columns=(Column(name="need", description="The need", type="code", codes=FAMILY_NEED),),
    ),
    FactKind(
        name="family_money_need_identified",
        description="A worker identified a need of money, work or a secure home",
        area=AREA,
        event="it was identified",
        knowledge="it was recorded",
        columns=(
            Column(
                name="need",
                description="The need",
                type="code",
                codes=code_set(
                    "money_need",
                    work_and_money="work and money (Troubled Families, until 2022)",
                    secure_housing="secure housing (Supporting Families, 2022 to 2025)",
                    financial_stability="financial stability (Supporting Families, 2022 to 2025)",
                ),
                attribute="deprivation",
            ),
        ),
        attribute="deprivation",
    ),
)

CONTACT_WITH_SERVICES = (
    FactKind(
        name="family_centre_session",
        description="A session of a family centre to which a person was booked",
        area=AREA,
        event="the session",
        knowledge="it was recorded",
        columns=(
            Column(
                name="status",
                description="What became of it",
                type="code",
                codes=code_set("session_status", attended="attended", missed="missed", cancelled="cancelled"),
            ),
        ),
        never_an_input=TAKES_UP_HELP,
    ),
    *spell(
        "involvement",
        "A service's work with a person",
        area=AREA,
        columns=(Column(name="service", description="Which service", type="code", codes=SERVICE),),
        never_an_input=KNOWN_FOR_THE_OFFER,
    ),
    *(
        FactKind(
            name=f"help_{step}",
            description=f"Help was {step}",
            area=AREA,
            event=f"it was {step}",
            knowledge="it was recorded",
            columns=(Column(name="service", description="Which service's help", type="code", codes=SERVICE),),
            never_an_input=OWN_REQUEST,
        )
        for step in ("offered", "accepted", "declined")
    ),
    FactKind(
        name="child_voice",
        description="A child's views were sought",
        area=AREA,
        event="the meeting, visit or review at which they were sought",
        knowledge="it was recorded",
        columns=(
            Column(
                name="participation",
                description="How the child took part, as the review of looked-after children codes it",
                type="code",
                codes=PARTICIPATION,
                required=False,
            ),
        ),
        never_an_input=KNOWN_FOR_THE_OFFER,
    ),
)

KINDS = EPISODES + NEEDS + CONTACT_WITH_SERVICES
