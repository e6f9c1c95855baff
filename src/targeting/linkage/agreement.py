"""When two records agree, and to what degree: conditions in DuckDB's SQL.

The columns are those of `versions`, with `_l` and `_r` for the two records. When two records cannot be one person's is
said in `contradictions`.
"""

import re
from collections.abc import Iterable, Mapping

from targeting.linkage.definition import DIFFERENT

PART = "list_has_all({0}_l, {0}_r) or list_has_all({0}_r, {0}_l)"
# Slips of a hand or an ear: nearly the same, or one letter of three or more, or two of six or more.
SLIPPED = (
    "(jaro_winkler_similarity({0}_l, {0}_r) >= 0.88"
    " or (least(length({0}_l), length({0}_r)) >= 3 and damerau_levenshtein({0}_l, {0}_r) = 1)"
    " or (least(length({0}_l), length({0}_r)) >= 6 and damerau_levenshtein({0}_l, {0}_r) = 2))"
)
# Half of the letters at most are wrong.
GARBLED = (
    "(least(length({0}_l), length({0}_r)) >= 3"
    " and 2 * damerau_levenshtein({0}_l, {0}_r) <= greatest(length({0}_l), length({0}_r)))"
)
CROSSED = (
    "(given_sound_{0} = family_sound_{1} and (family_sound_{0} = given_sound_{1} or family_{0} is null"
    " or given_{1} is null or jaro_winkler_similarity(family_{0}, given_{1}) >= 0.8"
    " or damerau_levenshtein(family_{0}, given_{1}) <= 2))"
)
ONE_STREET = "jaro_winkler_similarity(street_l, street_r) >= 0.9"

CONDITIONS: Mapping[str, Mapping[str, str]] = {
    "given_name": {
        "exact": "given_l = given_r",
        "sounds_alike": "given_sound_l = given_sound_r",
        "nickname": "list_has_any(given_roots_l, given_roots_r)",
        "part": PART.format("given_core_sounds"),
        # Amina and Amira are two sisters; Amina and Amnia are one with a slip of the key.
        "similar": f"{SLIPPED.format('given_core')} and not (given_is_common_l and given_is_common_r)",
        # An initial, or Mohammed alone where the other record gives the name that follows it.
        "initial": (
            "((length(given_core_l) = 1 or length(given_core_r) = 1) and given_core_l[1] = given_core_r[1])"
            " or given_sound_l = split_part(given_sound_r, ' ', 1) or given_sound_r = split_part(given_sound_l, ' ', 1)"
        ),
        "garbled": f"{GARBLED.format('given_core')} and not (given_is_common_l and given_is_common_r)",
        # Written in each other's place, one of them with a slip perhaps, or missing.
        "swapped": f"{CROSSED.format('l', 'r')} or {CROSSED.format('r', 'l')}",
    },
    "family_name": {
        "exact": "family_l = family_r",
        "sounds_alike": "family_sound_l = family_sound_r",
        "part": PART.format("family_sounds"),
        "similar": SLIPPED.format("family"),
        "garbled": GARBLED.format("family"),
    },
    "date_of_birth": {
        "exact": "born_l = born_r",
        "day_and_month_swapped": (
            "born_l[1:4] = born_r[1:4] and born_l[5:6] = born_r[7:8] and born_l[7:8] = born_r[5:6]"
        ),
        # One digit wrong or two changed round, or the day before or after.
        "one_slip": "damerau_levenshtein(born_l, born_r) = 1 or abs(date_of_birth_l - date_of_birth_r) = 1",
        "year_only": "born_l[1:4] = born_r[1:4] and (born_l[5:8] = '0101' or born_r[5:8] = '0101')",
        # A month or a year out, or one of day, month and year wrong; mothers were born longer before.
        "near": (
            "abs(date_of_birth_l - date_of_birth_r) <= 31 or abs(abs(date_of_birth_l - date_of_birth_r) - 365) <= 1"
            " or (born_l[1:4] = born_r[1:4] and born_l[7:8] = born_r[7:8])"
            " or (born_l[5:8] = born_r[5:8] and abs(birth_year_l - birth_year_r) < 12)"
        ),
        "two_slips": "damerau_levenshtein(born_l, born_r) = 2",
        # Of two expected dates, or an expected one and the birth: early by fifteen weeks at most, late by three.
        "as_expected": (
            "abs(expected_l - expected_r) <= 28"
            " or date_of_birth_l - expected_r between -105 and 21 or date_of_birth_r - expected_l between -105 and 21"
        ),
    },
    "sex": {"exact": "sex_l = sex_r"},
    "nhs_number": {"exact": "nhs_number_l = nhs_number_r"},
    "upn": {"exact": "upn_l = upn_r"},
    "email": {"exact": "email_l = email_r", "similar": "damerau_levenshtein(email_l, email_r) <= 3"},
    "address": {
        "exact": "uprn_l = uprn_r or dwelling_l = dwelling_r",
        # One of house, street and postcode is wrong or missing.
        "slipped": (
            f"(house_l = house_r and ({ONE_STREET} or damerau_levenshtein(postcode_l, postcode_r) = 1))"
            f" or ((house_l is null or house_r is null) and postcode_l = postcode_r and {ONE_STREET})"
        ),
        "same_postcode": "postcode_l = postcode_r",
        "same_street": ONE_STREET,
    },
    "locality": {"exact": "locality_l = locality_r", "similar": SLIPPED.format("locality")},
}


def _reached(of: str, *levels: str) -> str:
    """Return the condition under which one of the levels, or any of all, is reached; never null."""
    conditions = [CONDITIONS[of][level] for level in levels or CONDITIONS[of]]
    return "(" + " or ".join(f"coalesce({condition}, false)" for condition in conditions) + ")"


# The names change places and agree better so.
SWAPPED = (
    f"({_reached('given_name', 'swapped')} and coalesce(given_sound_l <> given_sound_r, true)"
    " and coalesce(family_sound_l <> family_sound_r, true))"
)

# When a comparison says nothing: a value is missing, or another comparison says it already. Of names written in each
# other's place the given name's level tells; a town says nothing more of an address that agrees.
SILENT: Mapping[str, str] = {
    "given_name": f"(given_l is null or given_r is null) and not {SWAPPED}",
    "family_name": f"family_l is null or family_r is null or {SWAPPED}",
    "date_of_birth": "coalesce(date_of_birth_l, expected_l) is null or coalesce(date_of_birth_r, expected_r) is null",
    "sex": "sex_l is null or sex_r is null",
    "nhs_number": "nhs_number_l is null or nhs_number_r is null",
    "upn": "upn_l is null or upn_r is null",
    "email": "email_l is null or email_r is null",
    "address": (
        "(uprn_l is null or uprn_r is null) and (postcode_l is null or postcode_r is null)"
        " and (street_l is null or street_r is null)"
    ),
    "locality": f"locality_l is null or locality_r is null or {_reached('address')}",
}


def level_of(of: str) -> str:
    """Return the level, the closest first, on which two records agree; null where the comparison says nothing."""
    cases = " ".join(f"when {condition} then '{level}'" for level, condition in CONDITIONS[of].items())
    return f"case when {SILENT[of]} then null {cases} else '{DIFFERENT}' end"


def agree(of: str, *levels: str) -> str:
    """Return the condition that the level of a described pair is one of those, or any but `different`; never null."""
    named = ", ".join(f"'{level}'" for level in levels or CONDITIONS[of])
    return f"coalesce({of}_level in ({named}), false)"


def differ(of: str) -> str:
    """Return the condition that both records of a described pair say something, and not the same; never null."""
    return f"coalesce({of}_level = '{DIFFERENT}', false)"


def describe(pairs: str, columns: Iterable[str]) -> str:
    """Return a query of the pairs `left, right` of versions in a table: its columns, a level for each comparison.

    `columns` are those of `versions` that are wanted of both records, with `_l` and `_r`; levels end in `_level`.
    """
    of_both = ", ".join(f"l.{name} as {name}_l, r.{name} as {name}_r" for name in sorted(set(columns)))
    levels = ", ".join(f"{of_tables(level_of(of))} as {of}_level" for of in CONDITIONS)
    return f"""
        select pair.*, {of_both}, {levels}
        from {pairs} as pair
        join versions as l on l.version = pair."left" join versions as r on r.version = pair."right"
    """  # noqa: S608 - made of names and conditions of our own


def columns_of(condition: str) -> list[str]:
    """Return the columns of `versions` that a condition reads, sorted."""
    return sorted(set(re.findall(r"\b(\w+)_[lr]\b", condition)))


def of_tables(condition: str) -> str:
    """Return a condition on the tables `l` and `r` in place of columns that end in `_l` and `_r`."""
    return re.sub(r"\b(\w+)_([lr])\b", r"\2.\1", condition)
