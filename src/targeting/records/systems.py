"""Which systems of a council and its partners hold the facts of each area."""

from collections.abc import Mapping
from types import MappingProxyType

SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        "people": "every agency's own",
        "social care": "the case system (Liquidlogic LCS, Mosaic, Eclipse, CareDirector, Azeus); CIN Census, SSDA903, "
        "Annex A, Standard Safeguarding Dataset",
        "early help": "the early-help module (Liquidlogic EHM), family centres' bookings, Families First's register",
        "police": "the force's crime and incident records",
        "youth justice": "the youth justice case system",
        "youth services": "the client caseload system (IYSS), youth centres' registers",
        "education": "schools' registers and returns; the council's education database (Capita, Synergy)",
        "maternity": "the maternity record",
        "health visiting": "the child health record",
        "children's centres": "eStart",
        "hospital": "the trust's admissions",
        "child mental health": "the trust's record of child and adolescent mental health",
        "adult mental health": "the trust's record of adult mental health",
        "drugs and alcohol": "the treatment provider's record",
        "housing and money": "the housing register, the revenues and benefits system",
    }
)
