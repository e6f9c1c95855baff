"""What other agencies write of ethnicity, in the department for education's twenty codes.

Neither knows Roma nor Irish Travellers, so whoever is known to these agencies alone cannot be told to be one.
"""

# The NHS data dictionary's ethnic categories of 2001; Z is "not stated", 99 "not known".
HEALTH_ETHNICITY = {
    "a": "WBRI",
    "b": "WIRI",
    "c": "WOTH",
    "d": "MWBC",
    "e": "MWBA",
    "f": "MWAS",
    "g": "MOTH",
    "h": "AIND",
    "j": "APKN",
    "k": "ABAN",
    "l": "AOTH",
    "m": "BCRB",
    "n": "BAFR",
    "p": "BOTH",
    "r": "CHNE",
    "s": "OOTH",
    "z": "REFU",
    "99": "NOBT",
}

# The police's self-defined ethnicity, by the sixteen codes of 2001 and one more; NS is "not stated".
POLICE_ETHNICITY = {
    "w1": "WBRI",
    "w2": "WIRI",
    "w9": "WOTH",
    "m1": "MWBC",
    "m2": "MWBA",
    "m3": "MWAS",
    "m9": "MOTH",
    "a1": "AIND",
    "a2": "APKN",
    "a3": "ABAN",
    "a9": "AOTH",
    "b1": "BCRB",
    "b2": "BAFR",
    "b9": "BOTH",
    "o1": "CHNE",
    "o9": "OOTH",
    "ns": "NOBT",
}
