"""Faults of a declared linkage, told all at once."""

from dataclasses import replace

from targeting.linkage.definition import Comparison, Level, Linkage, check_linkage


def levels(*those: tuple[str, float, float]) -> tuple[Level, ...]:
    return tuple(Level(name=name, m=m, u=u) for name, m, u in those)


SEX = Comparison(of="sex", levels=levels(("exact", 0.99, 0.5), ("different", 0.01, 0.5)))
GOOD = Linkage(method="splink", comparisons=(SEX,), blocking=(("nhs_number",),))


def messages(linkage: Linkage, *sources: str) -> list[str]:
    return [str(fault) for fault in check_linkage(linkage, sources)]


def test_the_districts_own_declaration_has_no_fault(linkage: Linkage) -> None:
    assert messages(linkage, "maternity") == []


def test_matching_nobody_needs_no_parameters() -> None:
    assert messages(Linkage(method="each_person_alone")) == []


def test_every_fault_is_told_at_once() -> None:
    bad = replace(
        GOOD,
        comparisons=(
            SEX,
            SEX,
            Comparison(of="shoe_size", levels=()),
            Comparison(of="upn", levels=levels(("exact", 0.9, 1.5), ("similar", 0.2, 0.1))),
        ),
        blocking=(("nhs_nummer",), ()),
        prior=0.0,
        least_weight=5.0,
        review_weight=6.0,
        communal_from=1,
        trusted_births=("maternitty",),
        name_frequencies={"given_name": {"Sarah": 2.0}, "nickname": {}},
    )
    assert messages(bad, "maternity") == [
        "features/linkage.py: trusted_births: no source is named 'maternitty'. Those that do: maternity. Did you mean "
        "maternity?",
        "features/linkage.py: communal_from: one person never makes an address communal; give 2 or more.",
        "features/linkage.py: comparisons: 'sex' is compared twice.",
        "features/linkage.py: comparisons: 'shoe_size' cannot be compared. Those that do: address, date_of_birth, "
        "email, family_name, given_name, locality, nhs_number, sex, upn.",
        "features/linkage.py: comparison of upn: no level is named 'similar'. Those that do: different, exact.",
        "features/linkage.py: comparison of upn: name each level once, and 'different' among them.",
        "features/linkage.py: comparison of upn: each m and u lies between 0 and 1.",
        "features/linkage.py: comparison of upn: the m of its levels sum to 1.100; they sum to 1.",
        "features/linkage.py: comparison of upn: the u of its levels sum to 1.600; they sum to 1.",
        "features/linkage.py: prior: 0.0 is no probability between 0 and 1.",
        "features/linkage.py: review_weight: from 5.0 on pairs are joined; give less, or nobody is asked.",
        "features/linkage.py: blocking: every rule names at least one key. Those that do: birth_day, birth_month, "
        "birth_year, date_of_birth, dwelling, email, email_start, family_initial, family_sound, given_initial, "
        "given_sound, house, name_sounds, nhs_number, no_address, other_town, postcode, upn.",
        "features/linkage.py: blocking: no key is named 'nhs_nummer'. Those that do: birth_day, birth_month, "
        "birth_year, date_of_birth, dwelling, email, email_start, family_initial, family_sound, given_initial, "
        "given_sound, house, name_sounds, nhs_number, no_address, other_town, postcode, upn. Did you mean nhs_number?",
        "features/linkage.py: name_frequencies: 'Sarah': 2.0 is no share between 0 and 1.",
        "features/linkage.py: name_frequencies: 'nickname': give those of 'given_name', 'family_name' and 'locality'.",
    ]


def test_nothing_compared_is_a_fault() -> None:
    assert messages(replace(GOOD, comparisons=())) == [
        "features/linkage.py: comparisons: nothing is compared. Those that do: address, date_of_birth, email, "
        "family_name, given_name, locality, nhs_number, sex, upn."
    ]
