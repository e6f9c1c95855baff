"""One family on a page: strengths, why to look, what is not known, and how all of it was made."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from targeting.serving.published import PublishedList
from targeting.serving.sentences import PROMPT, SAFEGUARDING, SHADOW
from targeting.serving.terminal import NOTHING_STANDS_OUT

Make = Callable[..., PublishedList]


def test_a_family_reads_from_what_goes_well_to_how_it_was_made(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    flag = published.flags[0]
    text = read(browse(published).get(f"/flags/{flag.id}").text).text
    said = [
        "Back to the list",
        f"Family 1 of 2 {flag.family_id}",
        PROMPT,
        SAFEGUARDING,
        SHADOW,
        "What goes well",
        "A child missed 1% of school sessions in the last term.",
        "Recorded by Schools, latest on 13 February 2026, 6 weeks ago",
        f"Why to look {flag.band.sentence} Domestic abuse at home Police recorded 3 incidents in the last 12 months.",
        "Recorded by Police, latest on 9 March 2026, 3 weeks ago",
        "What is not known Health visiting is not shared.",
        "Place 1 of 40 families considered",
        "As of 30 March 2026",
        "Records until 29 March 2026: Police",
        "This flag ends on 22 June 2026",
        "How this was made",
        "Model escalation, version bbbbbbbb",
        "1 indicators, of which 1 are known",
        flag.id,
        flag.list_id,
        "Proof kept until 30 March 2033",
        f"targeting passport {flag.id} --verify",
    ]
    assert [text.index(each) for each in said[:-3]] == sorted(text.index(each) for each in said[:-3])
    assert all(each in text for each in said)


def test_what_is_not_said_of_a_family_is_said_to_be_missing(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    text = read(browse(published).get(f"/flags/{published.flags[1].id}").text).text
    assert "No strength stands out in the records that you may see. That says something about the records" in text
    assert f"Why to look {published.flags[1].band.sentence} {NOTHING_STANDS_OUT}" in text
    assert "No agency whose records you may see lacks them for this family." in text
    assert "On a place kept for families never known. By rank, 7 of 40." in text


def test_neighbours_lead_to_each_other_and_back_to_their_row(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    visitor = browse(published)
    first, second = (read(visitor.get(f"/flags/{flag.id}").text) for flag in published.flags)
    assert [(each["rel"], each["href"]) for each in first.of("a") if "rel" in each] == [
        ("next", f"/flags/{published.flags[1].id}")
    ]
    assert [(each["rel"], each["href"]) for each in second.of("a") if "rel" in each] == [
        ("prev", f"/flags/{published.flags[0].id}")
    ]
    assert f"/lists/{published.head.id}#family-2" in [each["href"] for each in second.of("a")]
    assert "family-2" in read(visitor.get(f"/lists/{published.head.id}").text).ids


def test_a_reason_that_no_agency_recorded_names_none(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    expected = (
        published.flags[0]
        .reasons[1]
        .model_copy(update={"sentence": "A child is expected", "agency": "", "latest_date": None, "age": ""})
    )
    flag = published.flags[0].model_copy(update={"reasons": (expected,)})
    visitor = browse(replace(published, flags=(flag, *published.flags[1:])))
    text = read(visitor.get(f"/flags/{flag.id}").text).text
    assert "A child is expected. What changed" in text
    assert "Recorded by" not in text


def test_neither_page_gives_a_figure_that_only_the_passport_has(district: Any, visitor: Any) -> None:
    for published in district.library.current():
        for passport in published.passports:
            for page in (visitor.get(f"/lists/{published.head.id}"), visitor.get(f"/flags/{passport.flag.id}")):
                assert page.status_code == 200
                for figure in (passport.margin, passport.probability, passport.reference):
                    assert f"{abs(figure):.3f}"[1:] not in page.text


def test_it_says_between_which_places_the_family_lies_and_what_changed(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    visitor = browse(published)
    first, second = (read(visitor.get(f"/flags/{flag.id}").text).text for flag in published.flags)
    for sentence in (
        "It could plausibly stand between 1st and 3rd. Other models that did as well in tests place it there too.",
        "What changed On 23 March 2026 it was 5th, not on that list. Since 23 March 2026: 2 new records on domestic "
        "abuse at home, from Police. Other families moved: 1 place up.",
        "Health visiting is not shared. With those records, the place could be between 1st and 4th.",
    ):
        assert sentence in first
    assert "What changed" not in second
