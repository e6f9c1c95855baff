"""What a terminal shows: the words of a list, nothing of people, nothing forbidden."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from rich.console import Console, RenderableType

from targeting.serving.contents import Unknown
from targeting.serving.moved import Places
from targeting.serving.published import PublishedList
from targeting.serving.sentences import (
    CANNOT_BE_TOLD,
    NO_ESTIMATE,
    PROMPT,
    SAFEGUARDING,
    SHADOW,
    SYNTHETIC,
    forbidden_words,
)
from targeting.serving.suspended import ShownList, Suspended, shown_while
from targeting.serving.terminal import NOTHING_STANDS_OUT, gap_lines, list_as_json, rank_lines, show_flag, show_list

Make = Callable[..., PublishedList]


def text_of(shown: RenderableType, width: int = 160) -> str:
    console = Console(width=width, record=True, file=None, color_system=None)
    with console.capture() as captured:
        console.print(shown)
    return captured.get()


def held(published: PublishedList) -> ShownList:
    return ShownList(published, suspended=None)


def flat(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize("width", [60, 160])
def test_a_list_always_says_what_it_is(a_list: Make, width: int) -> None:
    text = flat(text_of(show_list(held(a_list())), width))
    for sentence in (PROMPT, SYNTHETIC, SHADOW, SAFEGUARDING):
        assert sentence in text
    assert "as of 30 March 2026" in text


def test_a_list_shows_families_with_both_halves_of_their_band_and_counts_the_others(a_list: Make) -> None:
    text = flat(text_of(show_list(held(a_list()))))
    assert "about 3 of 10" in text
    assert "7 of 10 not" in text
    assert "7*" in text
    assert "* on a place kept for families never known" in text
    assert "2 of 40 families considered; the meeting has time for 2." in text
    assert "5 other families in the band of the last one listed: a count, without names." in text
    assert "1 family sent to the front door by a threshold rule, not listed." in text
    assert "f_cccc" not in text


def test_reasons_come_strengths_first_with_gaps_after(a_list: Make) -> None:
    text = flat(text_of(show_list(held(a_list())), 220))
    places = [
        text.index("+ A child missed 1% of school sessions in the last term (latest 6 weeks ago)"),
        text.index("- Police recorded 3 incidents in the last 12 months (latest 3 weeks ago)"),
        text.index("? Health visiting is not shared"),
    ]
    assert places == sorted(places)
    assert NOTHING_STANDS_OUT in text


def test_a_family_is_explained_with_who_recorded_what_when(a_list: Make) -> None:
    published = a_list()
    text = flat(text_of(show_flag(held(published), published.flags[0])))
    assert "about 3 later needed a social worker within 6 months; 7 did not." in text
    assert "Rank 1 of 40 families considered. The flag ends on 22 June 2026." in text
    assert "Recorded by Police, latest on 9 March 2026, 3 weeks ago." in text
    assert text.index("What goes well") < text.index("Why to look") < text.index("What is not known")
    for sentence in (PROMPT, SYNTHETIC, SHADOW, SAFEGUARDING):
        assert sentence in text


def test_while_flags_are_suspended_neither_list_nor_family_estimates(a_list: Make) -> None:
    shown = shown_while(a_list(), Suspended(since=date(2026, 3, 30), why="A floor was breached"))
    listed = flat(text_of(show_list(shown)))
    explained = flat(text_of(show_flag(shown, shown.published.flags[0])))
    for text in (listed, explained):
        assert "Suspended since 30 March 2026: A floor was breached." in text
        assert "about 3" not in text
    assert "no estimate" in listed
    assert NO_ESTIMATE in explained
    suspended = {"since": "2026-03-30", "why": "A floor was breached"}
    read = list_as_json(shown)["flags"]
    assert [(each["band"], each["suspended"]) for each in read] == [(None, suspended)] * 2


def test_a_flag_that_holds_is_read_as_it_was_published(a_list: Make) -> None:
    published = a_list()
    whole = [flag.model_dump(mode="json") | {"suspended": None} for flag in published.flags]
    assert list_as_json(held(published)) == {"list": published.head.model_dump(mode="json"), "flags": whole}


def test_a_family_with_neither_strength_nor_gap_has_no_such_section(a_list: Make) -> None:
    published = a_list()
    text = flat(text_of(show_flag(held(published), published.flags[1])))
    assert "What goes well" not in text
    assert "What is not known" not in text
    assert NOTHING_STANDS_OUT in text
    assert "on a place kept for families never known" in text


def test_a_kept_place_is_for_those_whom_the_district_declared(a_list: Make) -> None:
    published = a_list()
    declared = published.head.model_copy(update={"kept_for": "Families of whom social care has no record"})
    shown = held(replace(published, head=declared))
    said = "on a place kept for families of whom social care has no record"
    assert f"* {said}" in flat(text_of(show_list(shown)))
    assert f"considered, {said}. The flag ends" in flat(text_of(show_flag(shown, published.flags[1])))


def test_no_word_on_a_screen_is_forbidden(a_list: Make) -> None:
    published = a_list()
    shown = [show_list(held(published)), *(show_flag(held(published), flag) for flag in published.flags)]
    assert [forbidden_words(text_of(each)) for each in shown] == [(), (), ()]


def test_a_rank_comes_with_its_plausible_places_and_with_what_they_come_from(a_list: Make) -> None:
    published = a_list()
    text = flat(text_of(show_flag(held(published), published.flags[0])))
    assert (
        "It could plausibly stand between 1st and 3rd. Other models that did as well in tests place it there too."
        in text
    )
    assert "With those records, the place could be between 1st and 4th." in text
    assert "1 to 3" in flat(text_of(show_list(held(published))))
    assert "plausible" not in flat(text_of(show_flag(held(published), published.flags[1])))


def test_a_rank_that_no_other_is_plausible_beside_says_so(a_list: Make) -> None:
    flag = a_list().flags[0]
    assert flag.rank_range is not None
    alone = flag.rank_range.model_copy(update={"best": 1, "worst": 1, "sentence": "1st"})
    assert tuple(rank_lines(flag.model_copy(update={"rank_range": alone}))) == ("No other place is plausible",)
    untold = alone.model_copy(update={"why": (CANNOT_BE_TOLD,)})
    assert tuple(rank_lines(flag.model_copy(update={"rank_range": untold}))) == (CANNOT_BE_TOLD,)


def test_how_far_a_gap_could_move_the_place_is_said_and_that_it_could_not() -> None:
    gap = Unknown(sentence="It is not known", because="not_linked", indicators=("a",))
    near, same = (gap.model_copy(update={"could_place": Places(best=2, worst=worst)}) for worst in (9, 2))
    assert [list(gap_lines(each))[1:] for each in (gap, near, same)] == [
        [],
        ["With those records, the place could be between 2nd and 9th"],
        ["Those records would not move the place"],
    ]


def test_what_changed_since_the_list_before_is_said(a_list: Make) -> None:
    published = a_list()
    text = flat(text_of(show_flag(held(published), published.flags[0])))
    said = [
        "What changed",
        "On 23 March 2026 it was 5th, not on that list.",
        "Since 23 March 2026: 2 new records on domestic abuse at home, from Police.",
        "Other families moved: 1 place up.",
        "What is not known",
    ]
    assert sorted(said, key=text.index) == said
    assert "What changed" not in flat(text_of(show_flag(held(published), published.flags[1])))
