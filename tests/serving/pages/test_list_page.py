"""One list on a page: what it is, its families, who is not on it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from targeting.serving.contents import Band, DataAsOf
from targeting.serving.pages.words import halves, records_until
from targeting.serving.published import PublishedList
from targeting.serving.sentences import PROMPT, SAFEGUARDING, SHADOW, frequency_sentence
from targeting.serving.terminal import NOTHING_STANDS_OUT

Make = Callable[..., PublishedList]
HOSTILE = "<script>alert(1)</script>\u202e" + "W" * 500


def test_the_first_address_leads_to_the_first_list_of_the_latest_date(a_list: Make, browse: Any) -> None:
    earlier, later = a_list(as_of=date(2026, 3, 23)), a_list()
    answer = browse(earlier, later).get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, f"/lists/{later.head.id}")


def test_a_list_says_what_it_is_before_its_first_family(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    text = read(browse(published).get(f"/lists/{published.head.id}").text).text
    said = [
        "Synthetic data No family here exists, and nothing here is about a real place.",
        "Early help panel",
        "2 families, of 40 considered, as of 30 March 2026, from records until 29 March 2026.",
        PROMPT,
        "it estimates how many families like these later needed a social worker within 6 months",
        SAFEGUARDING,
        SHADOW,
        "Family 1",
    ]
    assert [text.index(each) for each in said] == sorted(text.index(each) for each in said)


def test_each_family_has_both_halves_and_its_reasons_strengths_first(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    text = read(browse(published).get(f"/lists/{published.head.id}").text).text
    assert text.count(published.flags[0].band.sentence) == 2
    said = [
        "Family 1 " + published.flags[0].family_id,
        "What goes well A child missed 1% of school sessions in the last term. Schools, latest 6 weeks ago",
        "Why to look Police recorded 3 incidents in the last 12 months. Police, latest 3 weeks ago",
        "What is not known Health visiting is not shared.",
        "Family 2 " + published.flags[1].family_id,
        "On a place kept for families never known. By rank, 7 of 40.",
        NOTHING_STANDS_OUT,
        "38 other families were considered. The meeting has time for 2.",
        "5 of them are in the same band as the last one that came onto the list by rank.",
        "1 family was sent to the front door the same day",
        "29 March 2026: Police.",
        "escalation, version bbbbbbbb",
    ]
    assert [text.index(each) for each in said] == sorted(text.index(each) for each in said)
    assert "f_cccc" not in text


def test_lists_of_one_date_lead_to_each_other_and_say_which_one_is_shown(a_list: Make, browse: Any, read: Any) -> None:
    kinds = ("offer", "review")
    offer, review = (a_list(kind=kind, together=kinds) for kind in kinds)
    page = read(browse(offer, review).get(f"/lists/{review.head.id}").text)
    links = {each["href"]: each.get("aria-current") for each in page.of("a")}
    assert (links[f"/lists/{offer.head.id}"], links[f"/lists/{review.head.id}"]) == (None, "page")


def test_an_earlier_list_says_so_and_leads_to_the_latest(a_list: Make, browse: Any, read: Any) -> None:
    earlier, later = a_list(as_of=date(2026, 3, 23)), a_list()
    visitor = browse(earlier, later)
    notice = "This is an earlier list. Go to this week’s list."
    assert notice in read(visitor.get(f"/lists/{earlier.head.id}").text).text
    assert notice in read(visitor.get(f"/flags/{earlier.flags[0].id}").text).text
    assert notice not in read(visitor.get(f"/lists/{later.head.id}").text).text


def test_a_live_list_is_not_called_a_shadow(a_list: Make, browse: Any) -> None:
    published = a_list()
    live = replace(published, head=published.head.model_copy(update={"standing": "live"}))
    visitor = browse(live)
    assert SHADOW not in visitor.get(f"/lists/{live.head.id}").text
    assert SHADOW not in visitor.get(f"/flags/{live.flags[0].id}").text


def test_a_list_without_families_says_so(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    changes = {"listed": 0, "just_below": 0, "sent_to_front_door": 0, "data_as_of": ()}
    head = published.head.model_copy(update=changes)
    empty = replace(published, head=head, flags=(), passports=(), front_door=())
    text = read(browse(empty).get(f"/lists/{head.id}").text).text
    assert "0 families, of 40 considered, as of 30 March 2026." in text
    assert "No family is on this list." in text
    assert "40 other families were considered. The meeting has time for 2." in text
    assert "No agency shares records." in text
    assert "front door" not in text


def test_hostile_words_are_shown_and_do_nothing(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    reasons = tuple(
        each.model_copy(update={"sentence": HOSTILE, "agency": HOSTILE}) for each in published.flags[0].reasons
    )
    hostile = replace(
        published,
        head=published.head.model_copy(update={"title": HOSTILE, "panel_title": HOSTILE, "outcome": HOSTILE}),
        flags=(published.flags[0].model_copy(update={"reasons": reasons}), *published.flags[1:]),
    )
    visitor = browse(hostile, district=HOSTILE)
    for path in (f"/lists/{hostile.head.id}", f"/flags/{hostile.flags[0].id}", "/lists", "/print/2026-03-30.css"):
        page = visitor.get(path).text
        assert "<script" not in page
        assert not read(page).of("script")
        # Else the words after it would stand in the wrong order, and a date read as another.
        assert "\u202e" not in page
    isolated = "".join(read(visitor.get(f"/lists/{hostile.head.id}").text).text_of["bdi"])
    assert HOSTILE.replace("\u202e", "") in isolated


def test_each_row_says_its_plausible_places_and_what_is_newly_recorded(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    text = read(browse(published).get(f"/lists/{published.head.id}").text).text
    assert "1st by rank, plausibly between 1st and 3rd." in text
    assert "7th by rank." in text
    assert "New since 23 March 2026 2 new records on domestic abuse at home, from Police." in text


def test_halves_say_what_the_band_says() -> None:
    for about, of in ((0, 100), (3, 10), (99, 100), (10, 10)):
        band = Band(lower=0.0, upper=1.0, about=about, of=of, sentence="")
        head = _Words()
        parts = halves(band, head)
        said = f"{parts.opening} {parts.some} {parts.outcome}; {parts.others} did not."
        assert said == frequency_sentence(about, of, head)


class _Words:
    one, many, outcome = "family", "families", "later needed a social worker within 6 months"


def test_agencies_that_are_behind_are_told_at_the_top() -> None:
    police = DataAsOf(source="police", agency="Police", until=date(2026, 3, 29))
    schools = DataAsOf(source="schools", agency="Schools", until=date(2026, 2, 13))
    assert records_until((police,)) == "from records until 29 March 2026"
    assert records_until((schools, police)) == "from records until 29 March 2026, some only until 13 February 2026"
    assert records_until(()) == ""
