"""What a district declares of linkage: how likely agreement is by chance and in truth, and what joins two records."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from targeting.errors import Fault, what_exists

PLACE = "features/linkage.py"
DIFFERENT = "different"

# The levels of agreement that can be told apart, the closest first. A pair takes the first that it reaches; where a
# value is missing on either side it takes none and the comparison says nothing.
LEVELS: Mapping[str, tuple[str, ...]] = {
    "given_name": (
        "exact",
        "sounds_alike",
        "nickname",
        "part",
        "similar",
        "initial",
        "garbled",
        "swapped",
        DIFFERENT,
    ),
    "family_name": ("exact", "sounds_alike", "part", "similar", "garbled", DIFFERENT),
    "date_of_birth": (
        "exact",
        "day_and_month_swapped",
        "one_slip",
        "year_only",
        "near",
        "two_slips",
        "as_expected",
        DIFFERENT,
    ),
    "sex": ("exact", DIFFERENT),
    "nhs_number": ("exact", DIFFERENT),
    "upn": ("exact", DIFFERENT),
    "email": ("exact", "similar", DIFFERENT),
    "address": ("exact", "slipped", "same_postcode", "same_street", DIFFERENT),
    "locality": ("exact", "similar", DIFFERENT),
}

# What blocking rules may ask to be equal: a pair is compared where all the keys of one rule are.
BLOCKING_KEYS = (
    "nhs_number",
    "upn",
    "date_of_birth",
    "birth_year",
    "birth_month",
    "birth_day",
    "given_initial",
    "given_sound",
    "family_initial",
    "family_sound",
    "name_sounds",
    "dwelling",
    "house",
    "no_address",
    "postcode",
    "other_town",
    "email",
    "email_start",
)


@dataclass(frozen=True, kw_only=True)
class Level:
    """How often one level of agreement is seen: `m` between two records of one person, `u` between two persons."""

    name: str
    m: float
    u: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One thing compared between two records, with the levels told apart; their `m` sum to 1, their `u` to 1."""

    of: str
    levels: tuple[Level, ...]


@dataclass(frozen=True, kw_only=True)
class Linkage:
    """How people of different agencies are matched and made into families.

    `each_person_alone` matches nobody: every record is a person and a family of one.

    `prior` is the probability that two of `prior_records` records, drawn at random, are one person's; `least_weight` is
    the match weight (the base-2 logarithm of the odds) from which two records are, and `review_weight` that from which
    somebody is asked. `kin_weight` is added where both are recorded as the same kind of relative of one person: a
    parent whom a school knows by name alone is known by the child.

    `name_frequencies` gives the share of records that bear a common given or family name or name a town, so that
    agreement on it counts for less; names that sound alike share a frequency. They are declared rather than counted,
    for a frequency counted over later records would change what was linked before. `nicknames` maps a name to its short
    forms and other spellings; `common_names` are further given names of their own. Two different ones are never taken
    for a slip of the key.

    `communal_from` is the number of persons at one address from which it says nothing of who lives with whom.
    `trusted_births` names the sources whose dates of birth are believed before others. A child that was expected and
    of whose birth nothing is known leaves the family `unborn_kept_days` after the expected date.
    """

    method: Literal["splink", "each_person_alone"]
    comparisons: tuple[Comparison, ...] = ()
    blocking: tuple[tuple[str, ...], ...] = ()
    prior: float = 1e-5
    prior_records: int = 500_000
    least_weight: float = 8.0
    review_weight: float = 3.0
    kin_weight: float = 16.0
    name_frequencies: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    nicknames: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    common_names: tuple[str, ...] = ()
    communal_from: int = 12
    trusted_births: tuple[str, ...] = ()
    unborn_kept_days: int = 56


def check_linkage(linkage: Linkage, source_names: Iterable[str]) -> tuple[Fault, ...]:
    """Return every fault of the declaration, none where it can be used with the sources of those names."""
    names = tuple(source_names)
    unknown = [name for name in linkage.trusted_births if name not in names]
    faults = [_fault("trusted_births", f"no source is named {name!r}. {what_exists(name, names)}") for name in unknown]
    if linkage.method == "each_person_alone":
        return tuple(faults)
    if linkage.communal_from < 2:
        faults.append(_fault("communal_from", "one person never makes an address communal; give 2 or more."))
    faults += [*_faults_of_comparisons(linkage), *_faults_of_blocking(linkage), *_faults_of_frequencies(linkage)]
    return tuple(faults)


def _faults_of_comparisons(linkage: Linkage) -> Iterable[Fault]:
    compared = [comparison.of for comparison in linkage.comparisons]
    if not compared:
        yield _fault("comparisons", f"nothing is compared. {what_exists('', LEVELS)}")
    for name in sorted({name for name in compared if compared.count(name) > 1}):
        yield _fault("comparisons", f"{name!r} is compared twice.")
    for comparison in linkage.comparisons:
        if comparison.of not in LEVELS:
            yield _fault("comparisons", f"{comparison.of!r} cannot be compared. {what_exists(comparison.of, LEVELS)}")
        else:
            yield from _faults_of_levels(comparison)
    if not 0 < linkage.prior < 1:
        yield _fault("prior", f"{linkage.prior} is no probability between 0 and 1.")
    if linkage.prior_records < 2:
        yield _fault("prior_records", "two records make a pair; give 2 or more.")
    if linkage.review_weight > linkage.least_weight:
        message = f"from {linkage.least_weight} on pairs are joined; give less, or nobody is asked."
        yield _fault("review_weight", message)


def _faults_of_levels(comparison: Comparison) -> Iterable[Fault]:
    place = f"comparison of {comparison.of}"
    names = [level.name for level in comparison.levels]
    for name in names:
        if name not in LEVELS[comparison.of]:
            yield _fault(place, f"no level is named {name!r}. {what_exists(name, LEVELS[comparison.of])}")
    if len(set(names)) < len(names) or DIFFERENT not in names:
        yield _fault(place, f"name each level once, and {DIFFERENT!r} among them.")
    if any(not 0 < probability < 1 for level in comparison.levels for probability in (level.m, level.u)):
        yield _fault(place, "each m and u lies between 0 and 1.")
    for letter in ("m", "u"):
        total = sum(getattr(level, letter) for level in comparison.levels)
        if abs(total - 1) > 0.005:
            yield _fault(place, f"the {letter} of its levels sum to {total:.3f}; they sum to 1.")


def _faults_of_blocking(linkage: Linkage) -> Iterable[Fault]:
    if not linkage.blocking or not all(linkage.blocking):
        yield _fault("blocking", f"every rule names at least one key. {what_exists('', BLOCKING_KEYS)}")
    for key in sorted({key for rule in linkage.blocking for key in rule} - set(BLOCKING_KEYS)):
        yield _fault("blocking", f"no key is named {key!r}. {what_exists(key, BLOCKING_KEYS)}")


def _faults_of_frequencies(linkage: Linkage) -> Iterable[Fault]:
    for kind, frequencies in linkage.name_frequencies.items():
        if kind not in ("given_name", "family_name", "locality"):
            yield _fault("name_frequencies", f"{kind!r}: give those of 'given_name', 'family_name' and 'locality'.")
        for name, share in frequencies.items():
            if not 0 < share < 1:
                yield _fault("name_frequencies", f"{name!r}: {share} is no share between 0 and 1.")


def _fault(where: str, message: str) -> Fault:
    return Fault(f"{PLACE}: {where}", message)
