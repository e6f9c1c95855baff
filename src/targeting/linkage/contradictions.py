"""What no weight excuses: when two records cannot be one person's, however alike they are.

Twins share all but the given name, the sex and the numbers; a mother and a daughter of one name differ in the date of
birth. Conditions in DuckDB's SQL on pairs as `agreement.describe` gives them, with the columns `COMPARED`.
"""

from collections.abc import Mapping

from targeting.linkage.agreement import agree, columns_of, differ
from targeting.linkage.names import MOHAMMED

# A number is one person's alone. It forgives one other difference, and no two: a mother's number is sometimes written
# on her baby's record.
SAME_NUMBER = "(coalesce(nhs_number_l = nhs_number_r, false) or coalesce(upn_l = upn_r, false))"
TWO_NHS_NUMBERS = "coalesce(nhs_number_l <> nhs_number_r, false)"

AN_EMAIL = agree("email")
WRITTEN_ALIKE = agree("given_name", "exact")

# A name of its own is one that the district knows, or that two records bore by the day on which the pair is known.
A_NAME_OF_ITS_OWN = (
    "(coalesce(given_is_common_{0}, false) or coalesce(given_borne_by_two_{0} <= greatest(day_l, day_r), false))"
)
# Of two that are alike one alone is: the other is a slip of the key. Twins and sisters bear names.
ONE_IS_NO_NAME = f"({A_NAME_OF_ITS_OWN.format('l')} <> {A_NAME_OF_ITS_OWN.format('r')})"
ONE_DAY = agree("date_of_birth", "exact", "day_and_month_swapped")
# Twins' names may be alike, so a name of which half the letters differ is another, unless an email address agrees or it
# is nobody's name and the birth and the family name agree.
NO_TWIN = f"({AN_EMAIL} or ({ONE_IS_NO_NAME} and {ONE_DAY} and {agree('family_name')}))"
UNLIKE_NAMES = differ("given_name")
HALF_ALIKE_NAMES = f"({agree('given_name', 'garbled')} and not {NO_TWIN})"
# Of two records that others connect it is one all the same. And Mohammed, Mohammed Usman and Usman may be one boy.
QUITE_ANOTHER_NAME = f"({differ('given_name')} and given_sound_l <> '{MOHAMMED}' and given_sound_r <> '{MOHAMMED}')"

# Brothers and sisters do not share a name, though they may be called Harry and Henry, Grace and Gracie. So a date that
# is wrong in every part is forgiven a name to the letter, in the other's place too, one that is alike with an email
# address, or a slip of the key that is nobody's name.
A_NAME_OF_ONES_OWN = (
    f"({WRITTEN_ALIKE} and given_sound_l <> '{MOHAMMED}')"
    f" or ({AN_EMAIL} and {agree('given_name')} and not {agree('given_name', 'initial')})"
    f" or ({agree('given_name', 'similar')} and {ONE_IS_NO_NAME})"
    " or (given_l = family_r and family_l = given_r)"
)
NO_OTHER_NAME = (
    f"given_l is null or given_r is null or ({AN_EMAIL} and {agree('given_name')})"
    f" or ({agree('given_name', 'exact', 'similar', 'garbled', 'swapped')}"
    f" and given_sound_l <> '{MOHAMMED}' and given_sound_r <> '{MOHAMMED}')"
)


def born_apart(unless: str) -> str:
    """Return when births are too far apart: wrong in every part `unless` so, out by half a generation in any case.

    Nobody was born later than a child's parent can have been.
    """
    forgiven = f"({unless}) and abs(birth_year_l - birth_year_r) < 12"
    return (
        f"(({differ('date_of_birth')} and not coalesce({forgiven}, false))"
        " or coalesce(date_of_birth_l > born_by_r, false) or coalesce(date_of_birth_r > born_by_l, false))"
    )


BORN_APART = born_apart(A_NAME_OF_ONES_OWN)
# Of brothers who all bear Mohammed, one may be written with nothing else; an initial is even less of a name. Such a
# name counts with a birth that agrees, or as a parent's.
AN_INITIAL = agree("given_name", "initial")
MOHAMMED_ALONE = f"coalesce(given_sound_l = '{MOHAMMED}' and given_sound_r = '{MOHAMMED}', false)"
LITTLE_OF_A_NAME_AND_NO_BIRTH = (
    f"(({AN_INITIAL} and date_of_birth_level is null and born_by_l is null and born_by_r is null)"
    f" or (({AN_INITIAL} or {MOHAMMED_ALONE}) and {agree('date_of_birth', 'year_only', 'near', 'two_slips')}))"
)
OTHER_SEX_AND_NAME = f"({differ('sex')} and not {WRITTEN_ALIKE})"

# What one agency holds apart is two persons: two babies without a name, two names however alike, a name in two
# spellings with two births. Records that an agency made twice by mistake bear one name.
TWO_NAMELESS = f"(source_l = source_r and (given_l is null or given_r is null) and not {SAME_NUMBER})"
ONE_BIRTH = (
    f"({agree('date_of_birth', 'exact', 'day_and_month_swapped')}"
    " or date_of_birth_l is null or date_of_birth_r is null)"
)
TWO_NAMES_OF_ONE_AGENCY = (
    f"(source_l = source_r and given_l is not null and given_r is not null and not {SAME_NUMBER}"
    f" and not {WRITTEN_ALIKE} and not ({ONE_BIRTH}"
    f" and {agree('given_name', 'sounds_alike', 'part', 'initial', 'swapped')}))"
)

UNFORGIVABLE: Mapping[str, str] = {
    "two valid NHS numbers": TWO_NHS_NUMBERS,
    "two without a given name in one agency": TWO_NAMELESS,
    "two given names in one agency": TWO_NAMES_OF_ONE_AGENCY,
}
# What an agreeing number forgives, once.
OTHER_NAMES, HALF_ALIKE, FAR_APART = "other given names", "given names of which half differs", "births too far apart"
FORGIVABLE: Mapping[str, str] = {
    OTHER_NAMES: UNLIKE_NAMES,
    HALF_ALIKE: HALF_ALIKE_NAMES,
    FAR_APART: BORN_APART,
    "no birth that agrees, and no given name in full": LITTLE_OF_A_NAME_AND_NO_BIRTH,
    "two UPNs": differ("upn"),
    "other sex and given name": OTHER_SEX_AND_NAME,
}
FORGIVABLE_OF_CONNECTED = {
    **FORGIVABLE,
    OTHER_NAMES: QUITE_ANOTHER_NAME,
    HALF_ALIKE: "false",
    FAR_APART: born_apart(NO_OTHER_NAME),
}


def _never(forgivable: Mapping[str, str]) -> str:
    found = " + ".join(f"{condition}::int" for condition in forgivable.values())
    return f"({' or '.join(UNFORGIVABLE.values())} or {found} > {SAME_NUMBER}::int)"


# Of two records by themselves, and of two that other records connect.
NEVER_LINKED = _never(FORGIVABLE)
NEVER_ONE_PERSON = _never(FORGIVABLE_OF_CONNECTED)
# Where a garbled name is all that stands against two records, somebody may be asked.
NEVER_THOUGH_GARBLED = _never({**FORGIVABLE, HALF_ALIKE: "false"})

COMPARED = columns_of(f"{NEVER_LINKED} {NEVER_ONE_PERSON}")
