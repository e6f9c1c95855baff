"""What the tables of an SSDA903 return mean, as DfE's guide to the collection defines them.

Columns in capitals are the return's; those in mixed case are computed by the reader. A child who is looked after under
V3 or V4 has short breaks, one in the table of unaccompanied minors is `unaccompanied`, one on remand `remand`: none of
them is an escalation. Tables without facts of the contract still name children.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from targeting.sources.definition import Extract, FactFields, Field, PersonFields, column, constant
from targeting.sources.returns import sighted

CHILD, REFERENCE_DATE = "CHILD", "ReferenceDate"
DAY = "%d/%m/%Y"
UPN_NOT_KNOWN = ("", "UN1", "UN2", "UN3", "UN4", "UN5", "UN6", "UN7")


def day(name: str) -> Field:
    """Return a date of the return, day/month/year."""
    return column(name, format=DAY)


def one_of(*codes: str) -> Callable[[str], bool]:
    """Return whether a text is one of these codes, as a function of the text."""
    return frozenset(codes).__contains__


@dataclass(frozen=True)
class Table:
    """One table of the return: the columns by which it is known, what its rows mean, which of its codes are checked.

    `checked` are columns that make no fact: their codes are compared with the set all the same, and told.
    `computed` names the columns that the reader adds, `besides` those that it needs for them alone.
    """

    name: str
    known_by: tuple[str, ...]
    mapping: Extract
    latest_of: tuple[str, ...] = ()
    checked: Mapping[str, Callable[[str], bool]] = field(default_factory=dict)
    computed: tuple[str, ...] = (REFERENCE_DATE,)
    besides: tuple[str, ...] = ()


HEADER = Table(
    name="header",
    known_by=("ETHNIC", "UPN"),
    checked={"MOTHER": one_of("0", "1")},
    mapping=Extract(
        file="header",
        persons=(
            PersonFields(
                key=column(CHILD),
                date_of_birth=day("DOB"),
                sex=column("SEX"),
                upn=column("UPN", empty=UPN_NOT_KNOWN),
            ),
        ),
        facts=(
            FactFields(
                kind="person_described",
                person=CHILD,
                event_date=column(REFERENCE_DATE),
                values={"sex": column("SEX"), "ethnicity": column("ETHNIC")},
                record_key=(CHILD, REFERENCE_DATE),
            ),
        ),
    ),
)

EPISODE = (CHILD, "DECOM")
EPISODES = Table(
    name="episodes",
    known_by=("DECOM", "RNE"),
    latest_of=("DECOM",),
    checked={
        "CIN": one_of("N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8"),
        "PLACE_PROVIDER": one_of("PR0", "PR1", "PR2", "PR3", "PR4", "PR5"),
    },
    computed=(
        "Period",
        "StartsCare",
        "EndsCare",
        "Footing",
        "PlacementChanged",
        "Order",
        "IsKinship",
        "IsAdopted",
        "IsDead",
    ),
    mapping=Extract(
        file="episodes",
        facts=(
            FactFields(
                kind="care_episode_started",
                person=CHILD,
                event_date=day("DECOM"),
                values={"reason": column("RNE"), "legal_status": column("LS"), "placement": column("PLACE")},
                record_key=EPISODE,
            ),
            FactFields(
                kind="care_started",
                person=CHILD,
                event_date=day("DECOM"),
                when=column("StartsCare"),
                values={"episode_id": column("Period"), "legal_basis": column("Footing")},
                record_key=EPISODE,
            ),
            FactFields(
                kind="placement_changed",
                person=CHILD,
                event_date=day("DEC"),
                when=column("PlacementChanged"),
                values={"reason": column("REASON_PLACE_CHANGE")},
                record_key=EPISODE,
            ),
            FactFields(
                kind="care_ended",
                person=CHILD,
                event_date=day("DEC"),
                when=column("EndsCare"),
                values={"episode_id": column("Period"), "reason": column("REC")},
                record_key=EPISODE,
            ),
            FactFields(
                kind="kinship_order",
                person=CHILD,
                event_date=day("DEC"),
                when=column("IsKinship"),
                values={"order": column("Order")},
                record_key=EPISODE,
            ),
            FactFields(
                kind="identity_protected",
                person=CHILD,
                event_date=day("DEC"),
                when=column("IsAdopted"),
                values={"handling": constant("never_joined")},
                record_key=EPISODE,
            ),
            FactFields(kind="died", person=CHILD, event_date=day("DEC"), when=column("IsDead"), record_key=EPISODE),
        ),
    ),
)

MISSING = Table(
    name="missing",
    known_by=("MISSING", "MIS_START"),
    latest_of=("MIS_START",),
    computed=(),
    mapping=Extract(
        file="missing",
        facts=(
            FactFields(
                kind="missing_episode",
                person=CHILD,
                event_date=day("MIS_START"),
                values={"absence": column("MISSING")},
                record_key=(CHILD, "MIS_START"),
            ),
        ),
    ),
)

YES_OR_NO = one_of("0", "1")
OC2 = Table(
    name="oc2",
    known_by=("SDQ_SCORE", "SDQ_REASON"),
    checked={
        "CONVICTED": YES_OR_NO,
        "HEALTH_CHECK": YES_OR_NO,
        "IMMUNISATIONS": YES_OR_NO,
        "TEETH_CHECK": YES_OR_NO,
        "HEALTH_ASSESSMENT": YES_OR_NO,
        "SUBSTANCE_MISUSE": YES_OR_NO,
        "INTERVENTION_RECEIVED": YES_OR_NO,
        "INTERVENTION_OFFERED": YES_OR_NO,
    },
    computed=(REFERENCE_DATE, "IsAnswered"),
    mapping=Extract(
        file="oc2",
        facts=(
            FactFields(
                kind="strengths_and_difficulties",
                person=CHILD,
                event_date=column(REFERENCE_DATE),
                when=column("IsAnswered"),
                values={"score": column("SDQ_SCORE"), "reason": column("SDQ_REASON")},
                record_key=(CHILD, REFERENCE_DATE),
            ),
        ),
    ),
)

REVIEWS = Table(
    name="reviews",
    known_by=("REVIEW", "REVIEW_CODE"),
    latest_of=("REVIEW",),
    computed=(),
    mapping=Extract(
        file="reviews",
        facts=(
            FactFields(
                kind="child_voice",
                person=CHILD,
                event_date=day("REVIEW"),
                values={"participation": column("REVIEW_CODE")},
                record_key=(CHILD, "REVIEW"),
            ),
        ),
    ),
)

PREVIOUS_PERMANENCE = Table(
    name="previous_permanence",
    known_by=("PREV_PERM", "DATE_PERM"),
    checked={"PREV_PERM": one_of("P1", "P2", "P3", "P4", "Z1")},
    computed=("Order", "IsKinship", "IsAdopted"),
    mapping=Extract(
        file="previous_permanence",
        persons=sighted(CHILD),
        facts=(
            FactFields(
                kind="kinship_order",
                person=CHILD,
                event_date=day("DATE_PERM"),
                when=column("IsKinship"),
                values={"order": column("Order")},
                record_key=(CHILD, "DATE_PERM"),
            ),
            FactFields(
                kind="identity_protected",
                person=CHILD,
                event_date=day("DATE_PERM"),
                when=column("IsAdopted"),
                values={"handling": constant("never_joined")},
                record_key=(CHILD, "DATE_PERM"),
            ),
        ),
    ),
)

SOCIAL_WORKER = Table(
    name="social_worker",
    known_by=("SW_ID", "SW_DECOM"),
    latest_of=("SW_DECOM",),
    checked={
        "SW_REASON": one_of(
            "MANAGE", "FCONTA", "LEFTRL", "ORGRST", "TSPROC", "ABSENC", "CHCHAN", "PCCHAN", "SWDIED", "OTHERS"
        )
    },
    computed=("Spell",),
    besides=("SW_ID",),
    mapping=Extract(
        file="social_worker",
        facts=(
            FactFields(
                kind="involvement_started",
                person=CHILD,
                event_date=day("SW_DECOM"),
                values={"episode_id": column("Spell"), "service": constant("social_care")},
                record_key=("Spell",),
            ),
            FactFields(
                kind="involvement_ended",
                person=CHILD,
                event_date=day("SW_DEC"),
                values={"episode_id": column("Spell")},
                record_key=("Spell",),
            ),
        ),
    ),
)


def _named_only(name: str, *known_by: str, **checked: Callable[[str], bool]) -> Table:
    """Return a table of which the contract wants nothing but who is in it."""
    people = (PersonFields(key=column(CHILD), date_of_birth=day("DOB")),)
    return Table(name=name, known_by=known_by, mapping=Extract(file=name, persons=people), checked=checked, computed=())


UNACCOMPANIED = _named_only("uasc", "DUC", SEX=one_of("1", "2"))
TABLES = (
    HEADER,
    EPISODES,
    MISSING,
    OC2,
    REVIEWS,
    PREVIOUS_PERMANENCE,
    SOCIAL_WORKER,
    UNACCOMPANIED,
    _named_only("ad1", "DATE_INT", "DATE_MATCH", FOSTER_CARE=YES_OR_NO),
    _named_only("placed_adoption", "DATE_PLACED", REASON_PLACED_CEASED=one_of("RD1", "RD2", "RD3", "RD4")),
    _named_only("oc3", "IN_TOUCH", "ACCOM", IN_TOUCH=one_of("YES", "NO", "DIED", "REFU", "NREQ", "RHOM")),
)
MAPPINGS: Mapping[str, Extract] = MappingProxyType({table.name: table.mapping for table in TABLES})
# What every row needs, beside the child's id.
REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "header": ("DOB",),
        "episodes": ("DECOM", "RNE", "LS", "PLACE"),
        "missing": ("MIS_START",),
        "reviews": ("REVIEW",),
        "social_worker": ("SW_DECOM",),
    }
)
