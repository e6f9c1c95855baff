"""When two records agree, and to what degree, and when they cannot be one person's: conditions in DuckDB's SQL.

The columns are those of `versions`, with `_l` and `_r` for the two records.
"""

import re
from collections.abc import Mapping

from targeting.linkage.names import MOHAMMED

# When a comparison says nothing: a value is missing, or, of family names, when the two names are written in each
# other's place, which the given name's level already counts.
SILENT: Mapping[str, str] = {
    "given_name": "given_l is null or given_r is null",
    "family_name": (
        "family_l is null or family_r is null"
        " or (given_sound_l = family_sound_r and family_sound_l = given_sound_r and given_sound_l <> given_sound_r)"
    ),
    "date_of_birth": "coalesce(date_of_birth_l, expected_l) is null or coalesce(date_of_birth_r, expected_r) is null",
    "sex": "sex_l is null or sex_r is null",
    "nhs_number": "nhs_number_l is null or nhs_number_r is null",
    "upn": "upn_l is null or upn_r is null",
    "address": "(uprn_l is null or uprn_r is null) and (postcode_l is null or postcode_r is null)",
}

PART = "list_has_all({0}_l, {0}_r) or list_has_all({0}_r, {0}_l)"

CONDITIONS: Mapping[str, Mapping[str, str]] = {
    "given_name": {
        "exact": "given_l = given_r",
        "sounds_alike": "given_sound_l = given_sound_r",
        "nickname": "list_has_any(given_roots_l, given_roots_r)",
        "part": PART.format("given_core_sounds"),
        "similar": "jaro_winkler_similarity(given_core_l, given_core_r) >= 0.88",
        # An initial, or Mohammed alone where the other record gives the name that follows it.
        "initial": (
            "((length(given_core_l) = 1 or length(given_core_r) = 1) and given_core_l[1] = given_core_r[1])"
            " or given_sound_l = split_part(given_sound_r, ' ', 1) or given_sound_r = split_part(given_sound_l, ' ', 1)"
        ),
        "swapped": "given_sound_l = family_sound_r and family_sound_l = given_sound_r",
    },
    "family_name": {
        "exact": "family_l = family_r",
        "sounds_alike": "family_sound_l = family_sound_r",
        "part": PART.format("family_sounds"),
        "similar": "jaro_winkler_similarity(family_l, family_r) >= 0.88",
    },
    "date_of_birth": {
        "exact": "born_l = born_r",
        "day_and_month_swapped": (
            "born_l[1:4] = born_r[1:4] and born_l[5:6] = born_r[7:8] and born_l[7:8] = born_r[5:6]"
        ),
        # One digit wrong or two changed round, or the day before or after.
        "one_slip": "damerau_levenshtein(born_l, born_r) = 1 or abs(date_of_birth_l - date_of_birth_r) = 1",
        "two_slips": "damerau_levenshtein(born_l, born_r) = 2",
        "year_only": "born_l[1:4] = born_r[1:4] and (born_l[5:8] = '0101' or born_r[5:8] = '0101')",
        # Of two expected dates, or an expected one and the birth: early by fifteen weeks at most, late by three.
        "as_expected": (
            "abs(expected_l - expected_r) <= 28"
            " or date_of_birth_l - expected_r between -105 and 21 or date_of_birth_r - expected_l between -105 and 21"
        ),
    },
    "sex": {"exact": "sex_l = sex_r"},
    "nhs_number": {"exact": "nhs_number_l = nhs_number_r"},
    "upn": {"exact": "upn_l = upn_r"},
    "address": {
        "exact": "uprn_l = uprn_r or dwelling_l = dwelling_r",
        "same_postcode": "postcode_l = postcode_r",
    },
}

SAME_NAME = ("exact", "sounds_alike", "nickname")


def _agree(of: str, *levels: str) -> str:
    conditions = [CONDITIONS[of][level] for level in levels or CONDITIONS[of]]
    return " or ".join(f"coalesce({condition}, false)" for condition in conditions)


def _differ(of: str) -> str:
    """Return the condition under which both records give something and no level of agreement is reached."""
    return f"(not ({SILENT[of]}) and not ({_agree(of)}))"


# A parent is not the child: nobody was born later than a child's parent can have been.
BORN_APART = (
    f"({_differ('date_of_birth')} or coalesce(date_of_birth_l > born_by_r, false)"
    " or coalesce(date_of_birth_r > born_by_l, false))"
)
SAME_NUMBER = "(coalesce(nhs_number_l = nhs_number_r, false) or coalesce(upn_l = upn_r, false))"


def _never_one_person(different_given_names: str) -> str:
    return f"""(
        coalesce(nhs_number_l <> nhs_number_r, false)
        or {different_given_names}::int + {BORN_APART}::int + {_differ("upn")}::int
            + ({_differ("sex")} and not ({_agree("given_name", *SAME_NAME)}))::int
            > {SAME_NUMBER}::int
        or (source_l = source_r and (given_l is null or given_r is null) and not {SAME_NUMBER})
    )"""


# Two records that cannot be one person's, however alike they are. Twins share all but the given name, the sex and the
# numbers; a mother and a daughter of one name differ in the date of birth. One such difference is forgiven where a
# number that only one person bears agrees; two are not, for a mother's number is sometimes written on her baby's
# record. Two valid NHS numbers are two persons. An agency that holds two records without a given name holds two babies.
NEVER_LINKED = _never_one_person(_differ("given_name"))

# The same of two records that others connect: Mohammed, Mohammed Usman and Usman may be one boy.
NEVER_ONE_PERSON = _never_one_person(
    f"({_differ('given_name')} and given_sound_l <> '{MOHAMMED}' and given_sound_r <> '{MOHAMMED}')"
)


def columns_of(condition: str) -> list[str]:
    """Return the columns of `versions` that a condition reads, sorted."""
    return sorted(set(re.findall(r"\b(\w+)_[lr]\b", condition)))


def of_tables(condition: str) -> str:
    """Return a condition on the tables `l` and `r` in place of columns that end in `_l` and `_r`."""
    return re.sub(r"\b(\w+)_([lr])\b", r"\2.\1", condition)
