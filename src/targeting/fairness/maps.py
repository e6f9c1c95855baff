"""Versioned maps from codes to groups, which policies name instead of writing them out.

A map never changes once it has been published under its version: what an audit of two years ago called Asian is what
it says here. Gypsy, Roma and Irish Traveller children are a group of their own in every map, and so are those whose
ethnicity was refused or not yet obtained.

Codes are DfE's extended ethnicity codes (common basic data set, in force since 2011). The census of 2021 has 19 groups;
DfE's codes tell 18 of them apart, since no code says Arab, and name Gypsies with Roma where the census names them with
Irish Travellers.
"""

from collections.abc import Mapping
from types import MappingProxyType

Groups = Mapping[str, tuple[str, ...]]

_APART: Groups = {
    "Gypsy or Roma": ("WROM",),
    "Traveller of Irish heritage": ("WIRT",),
    "Refused": ("REFU",),
    "Not yet obtained": ("NOBT",),
}

MAPS: Mapping[str, Groups] = MappingProxyType(
    {
        "ethnicity-5-census-2021@1": {
            "White": ("WBRI", "WIRI", "WOTH"),
            "Mixed": ("MWBC", "MWBA", "MWAS", "MOTH"),
            "Asian": ("AIND", "APKN", "ABAN", "AOTH", "CHNE"),
            "Black": ("BCRB", "BAFR", "BOTH"),
            "Other": ("OOTH",),
            **_APART,
        },
        "ethnicity-19-census-2021@1": {
            "White British": ("WBRI",),
            "White Irish": ("WIRI",),
            "Any other White": ("WOTH",),
            "White and Black Caribbean": ("MWBC",),
            "White and Black African": ("MWBA",),
            "White and Asian": ("MWAS",),
            "Any other Mixed": ("MOTH",),
            "Indian": ("AIND",),
            "Pakistani": ("APKN",),
            "Bangladeshi": ("ABAN",),
            "Chinese": ("CHNE",),
            "Any other Asian": ("AOTH",),
            "Caribbean": ("BCRB",),
            "African": ("BAFR",),
            "Any other Black": ("BOTH",),
            "Any other ethnic group": ("OOTH",),
            **_APART,
        },
    }
)
