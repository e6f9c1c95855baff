"""A flag is proved from its passport, and a passport that was tampered with is not."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from targeting.features.matrix import Unknown
from targeting.serving.contents import BECAUSE, IndicatorValue, Passport
from targeting.serving.lists import make_lists
from targeting.serving.passport import says_the_same, verify
from targeting.serving.published import PublishedList
from targeting.serving.week import MadeFrom

Change = Callable[[Passport], Passport]


@pytest.fixture(scope="module")
def offer(made_from: MadeFrom) -> PublishedList:
    published_at = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
    return make_lists(made_from, as_of_date=date(2026, 3, 30), published_at=published_at)[0]


def test_every_passport_comes_out_again_from_its_own_values(offer: PublishedList, made_from: MadeFrom) -> None:
    assert [verify(passport, made_from.bundle) for passport in offer.passports] == [()] * 3


def test_it_still_does_after_it_was_written_and_read(offer: PublishedList, made_from: MadeFrom) -> None:
    read = [Passport.model_validate_json(passport.model_dump_json()) for passport in offer.passports]
    assert tuple(read) == offer.passports
    assert [verify(passport, made_from.bundle) for passport in read] == [()] * 3


def with_value(passport: Passport, value: float) -> Passport:
    first, *rest = passport.indicators
    return passport.model_copy(update={"indicators": (first.model_copy(update={"value": value}), *rest)})


def with_flag(passport: Passport, **changes: object) -> Passport:
    return passport.model_copy(update={"flag": passport.flag.model_copy(update=changes)})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p.model_copy(update={"margin": p.margin + 1e-12}), "the margin comes out different"),
        (lambda p: p.model_copy(update={"probability": p.probability + 1e-9}), "the probability comes out different"),
        (lambda p: with_value(p, 0.0), "the parts come out different"),
        (lambda p: with_value(p, 4.0), "the reasons come out different"),
        (lambda p: p.model_copy(update={"reference": p.reference + 1}), "the parts do not sum"),
        (lambda p: with_flag(p, reasons=()), "the reasons come out different"),
        (lambda p: with_flag(p, family_id="f_other"), "the flag's id is not that of its list and family"),
        (
            lambda p: with_flag(p, band=p.flag.band.model_copy(update={"lower": 0.99, "upper": 1.0})),
            "the band does not hold the probability",
        ),
    ],
)
def test_what_was_changed_is_named(offer: PublishedList, made_from: MadeFrom, change: Change, said: str) -> None:
    assert any(fault.startswith(said) for fault in verify(change(offer.passports[0]), made_from.bundle))


def test_another_bundle_proves_nothing(offer: PublishedList, made_from: MadeFrom) -> None:
    passport = offer.passports[0]
    other = passport.provenance.model_copy(update={"bundle_digest": "0" * 64})
    (fault,) = verify(passport.model_copy(update={"provenance": other}), made_from.bundle)
    assert fault == f"it was made by the bundle 000000000000, not by {made_from.bundle.version}"


def by_version(passport: Passport, version: str) -> Passport:
    provenance = passport.provenance.model_copy(update={"code_version": version})
    return passport.model_copy(update={"provenance": provenance})


def test_the_numbers_of_an_earlier_versions_passport_still_come_out_and_its_own_sentences_stand(
    offer: PublishedList, made_from: MadeFrom
) -> None:
    earlier = by_version(with_flag(offer.passports[0], reasons=()), "0.0.9")
    assert not says_the_same(earlier)
    assert verify(earlier, made_from.bundle) == ()
    tampered = by_version(with_value(offer.passports[0], 0.0), "0.0.9")
    assert "the parts come out different" in verify(tampered, made_from.bundle)


def test_a_passport_says_why_a_value_is_unknown_by_the_word_of_each_code_of_a_matrix() -> None:
    assert tuple(each.name.lower() for each in Unknown if each is not Unknown.KNOWN) == BECAUSE
    for word in BECAUSE:
        held = IndicatorValue(name="a", value=None, unknown=word, part=0.0, fact_ids=(), latest_event=None, agencies=())
        assert IndicatorValue.model_validate_json(held.model_dump_json()) == held
