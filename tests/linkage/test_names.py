"""Names made comparable: one sound for the spellings of a name, and none for a name nobody knew."""

import pytest

from targeting.linkage.names import comparable, known_names, sound_of


@pytest.mark.parametrize(
    "spellings",
    [
        "mohammed muhammad mohamed mohammad muhammed mohd md",
        "ayesha aisha aysha aishah",
        "khadijah khadija khadeeja",
        "hussain hussein hossain husain",
        "fatima fatimah fathima",
        "ahmed ahmad",
        "zaynab zainab zeinab",
        "mahmood mehmood mahmud",
        "ibrahim ebrahim",
        "kowalski kovalsky",
        "agnieszka agnieshka",
        "smith smyth",
    ],
)
def test_spellings_of_one_name_sound_alike(spellings: str) -> None:
    assert len({sound_of(spelling) for spelling in spellings.split()}) == 1


@pytest.mark.parametrize(
    "names", ["mohammed mahmood", "amir amira", "zain zainab", "sara zara", "ali alia", "jack jake"]
)
def test_two_names_do_not_sound_alike(names: str) -> None:
    assert len({sound_of(name) for name in names.split()}) == 2


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("  Zoë ", "zoe"),
        ("O\u2019Brien-SMITH", "obrien smith"),
        ("Mrs. Łucja Wiśniewska", "lucja wisniewska"),
        ("Weiß", "weiss"),
    ],
)
def test_case_accents_titles_and_punctuation_make_no_difference(written: str, text: str) -> None:
    known = comparable(written, known_names({}))
    assert known is not None
    assert known.text == text


@pytest.mark.parametrize("written", ["Baby", "BABY KHAN", "Unknown", "Twin 1", "NK", "", " - "])
def test_what_a_form_holds_for_want_of_a_name_is_no_name(written: str) -> None:
    assert comparable(written, known_names({})) is None


def test_a_leading_mohammed_is_left_out_of_the_name_that_a_boy_is_called_by() -> None:
    called = comparable("Mohammed Usman", known_names({}))
    alone = comparable("Muhammad", known_names({}))
    assert called is not None
    assert alone is not None
    assert (called.core, called.core_sounds) == ("usman", ("usman",))
    assert (alone.core, alone.core_sounds) == ("muhammad", ("muhamad",))


def test_a_short_form_may_stand_for_several_names_in_any_spelling() -> None:
    known = known_names({"Alexander": ("Alex",), "Alexandra": ("Alex", "Lexi")})
    alex = comparable("Aleks", known)
    assert alex is not None
    assert alex.roots == tuple(sorted(map(sound_of, ("alex", "alexander", "alexandra"))))


def test_every_name_that_is_mentioned_is_one_of_its_own() -> None:
    known = known_names({"Elizabeth": ("Beth",)}, ["Amina", "Amira"])
    told = {
        name: comparable(name, known) for name in ("Amina", "AMIRA", "Beth", "Elizabeth", "Amnia", "Mohammed Amina")
    }
    assert {name: made.is_common for name, made in told.items() if made} == {
        "Amina": True,
        "AMIRA": True,
        "Beth": True,
        "Elizabeth": True,
        "Amnia": False,
        "Mohammed Amina": True,
    }
