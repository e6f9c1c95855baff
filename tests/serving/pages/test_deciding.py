"""Deciding on a family: the form, its check, the record, what two do at once, and who does not decide."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from targeting.serving.published import PublishedList

Make = Callable[..., PublishedList]
FORM = {
    "decision": "offer_help",
    "reason": "Mornings are hard.",
    "threshold_level": "early_help",
    "child_0": "the child, 8 years old",
    "impact_0": "Often late",
    "voice_0": "I like art club",
    "agreement": "agreed",
    "contact_who": "the mother",
    "contact_how": "by telephone",
    "contact_when_not": "after 16:00",
    "best_placed": "the grandmother",
    "owner": "family hub north",
    "due_date-day": "13",
    "due_date-month": "4",
    "due_date-year": "2026",
    "instead_of": "0",
}


@pytest.fixture
def one(panel: Any, a_list: Make) -> Any:
    """Return a list of two families, and who signs somebody of a role in over it."""
    return a_list(), panel()


@pytest.fixture
def blind(panel: Any, a_list: Make) -> Any:
    """Return the same of a panel that works blind."""
    made = a_list()
    published = replace(made, head=made.head.model_copy(update={"works_blind": True}))
    return published, panel(published)


def decided_on(visitor: Any, flag_id: str, **changed: str) -> Any:
    return visitor.post(f"/flags/{flag_id}/decision", **(FORM | changed))


def test_a_decision_is_filled_in_checked_recorded_and_shown(one: Any, read: Any, events_of: Any) -> None:
    published, visitor_as = one
    flag, chair = published.flags[0].id, visitor_as()
    form = read(chair.get(f"/flags/{flag}/decision").text)
    values = {each.get("name"): each.get("value") for each in form.of("input")}
    assert (values["child_0"], values["owner"]) == ("the child, 8 years old", "demo chair")
    assert [values[f"due_date-{part}"] for part in ("day", "month", "year")] == ["13", "4", "2026"]
    checked = chair.post(f"/flags/{flag}/decision/check", **FORM)
    assert checked.status_code == 200
    told = read(checked.text).text
    for said in ("Check before you send", "Offer help", "Mornings are hard.", "by telephone", "What the child said"):
        assert said in told
    assert "Not decided yet" in read(chair.get(f"/lists/{published.head.id}").text).text
    again = read(chair.post(f"/flags/{flag}/decision/check", **FORM, change="yes").text)
    assert "Mornings are hard." in again.text
    recorded = decided_on(chair, flag)
    assert (recorded.status_code, recorded.headers["location"]) == (303, f"/flags/{flag}#decided")
    shown = read(chair.get(f"/flags/{flag}").text)
    assert "decided" in shown.ids
    assert "By demo chair (chair), 30 March 2026, 07:00" in shown.text
    assert (
        "Decided Offer help, by demo chair on 30 March 2026" in read(chair.get(f"/lists/{published.head.id}").text).text
    )
    assert "Best placed to offer help the grandmother" in shown.text


def test_every_fault_of_a_form_is_told_at_its_field_and_nothing_typed_is_lost(one: Any, read: Any) -> None:
    published, visitor_as = one
    flag, chair = published.flags[0].id, visitor_as()
    sent = {
        "reason": "x" * 4001,
        "voice_0": "heard",
        "due_date-day": "30",
        "due_date-month": "2",
        "due_date-year": "2026",
    }
    answered = chair.post(f"/flags/{flag}/decision/check", **sent, contact_who="the mother")
    assert answered.status_code == 422
    page = read(answered.text)
    links = [str(each["href"]) for each in page.of("a") if str(each.get("href", "")).startswith("#")]
    for field in (
        "decision",
        "threshold_level",
        "agreement",
        "owner",
        "child_0",
        "impact_0",
        "contact_how",
        "due_date-day",
    ):
        assert f"#{field}" in links, field
        assert field in page.ids
    assert "x" * 4001 in page.text
    assert "has to be a real date" in page.text
    too_long = chair.post(f"/flags/{flag}/decision/check", **(FORM | {"reason": "x" * 4001}))
    assert "Use 4,000 characters or fewer" in read(too_long.text).text
    assert "Error:" in "".join(page.text_of["title"])


@pytest.mark.parametrize(
    ("choice", "needs"),
    [
        ("offer_help", {"contact_who", "contact_how"}),
        ("record_is_wrong", {"correction_agency", "correction_what"}),
        ("already_getting_the_right_help", set()),
        ("more_information_needed", set()),
        ("refer_up", set()),
        ("no_contact_needed_now", set()),
    ],
)
def test_no_choice_asks_for_more_than_it_needs(choice: str, needs: set[str], one: Any, read: Any) -> None:
    published, visitor_as = one
    bare = {name: text for name, text in FORM.items() if not name.startswith(("contact", "child", "impact", "voice"))}
    sent = bare | {"decision": choice}
    answered = visitor_as().post(f"/flags/{published.flags[0].id}/decision/check", **sent)
    links = re.findall(r'href="#([\w-]+)"', answered.text)
    assert set(links) - {"main-content"} == needs
    assert answered.status_code == (422 if needs else 200)


def test_the_second_of_two_sees_what_the_first_recorded_and_loses_nothing(one: Any, read: Any) -> None:
    published, visitor_as = one
    flag, first, second = published.flags[0].id, visitor_as("chair"), visitor_as("panel_member")
    assert decided_on(first, flag).status_code == 303
    other = {"decision": "no_contact_needed_now", "reason": "Already well supported."}
    stale = decided_on(second, flag, **other)
    assert stale.status_code == 412
    page = read(stale.text)
    assert "demo chair (chair) recorded a decision on 30 March 2026, 07:00" in page.text
    assert "Decision Recorded: Offer help Yours: No contact needed now" in page.text
    assert "Reason Recorded: Mornings are hard. Yours: Already well supported." in page.text
    hidden = {each["name"]: each["value"] for each in page.of("input") if each["type"] == "hidden"}
    assert (hidden["instead_of"], hidden["reason"]) == ("1", "Already well supported.")
    hidden.pop("csrf")
    assert second.post(f"/flags/{flag}/decision", **hidden).status_code == 303
    text = read(first.get(f"/flags/{flag}").text).text
    assert "Earlier revisions" in text
    assert text.index("Already well supported.") < text.index("Mornings are hard.")


def test_the_same_form_sent_twice_is_recorded_once(one: Any) -> None:
    published, visitor_as = one
    flag, chair = published.flags[0].id, visitor_as()
    assert [decided_on(chair, flag).status_code for _ in range(2)] == [303, 303]
    assert "Earlier revisions" not in chair.get(f"/flags/{flag}").text


def test_outcomes_are_noted_when_a_decision_is_revised(one: Any, read: Any) -> None:
    published, visitor_as = one
    flag, chair = published.flags[0].id, visitor_as()
    decided_on(chair, flag)
    assert "outcome_3" in chair.get(f"/flags/{flag}/decision").text
    decided_on(chair, flag, instead_of="1", outcome_3="needs_met_in_part")
    decided_on(chair, flag, instead_of="2", outcome_3="needs_met_in_part", outcome_6="needs_met")
    text = read(chair.get(f"/flags/{flag}").text).text
    assert "After 3 months Needs met in part, noted on 30 March 2026 After 6 months Needs met" in text


def test_a_blind_panel_shows_a_band_after_a_view_that_stays(blind: Any, read: Any) -> None:
    published, visitor_as = blind
    flag, member = published.flags[0], visitor_as("panel_member")
    told = ("about 3", "Place 1 of 40", "By rank")
    for path in (f"/flags/{flag.id}", f"/lists/{published.head.id}"):
        text = read(member.get(path).text).text
        assert not [each for each in told if each in text], path
    assert member.get(f"/flags/{flag.id}/decision").headers["location"] == f"/flags/{flag.id}#first-view"
    assert decided_on(member, flag.id).headers["location"] == f"/flags/{flag.id}#first-view"
    for view in ("refer_up", "offer_help"):
        assert member.post(f"/flags/{flag.id}/first-view", view=view).status_code == 303
    assert "about 3" in read(member.get(f"/flags/{flag.id}").text).text
    assert member.post(f"/flags/{flag.id}/first-view", view="nonsense").headers["location"].endswith("#first-view")
    assert decided_on(member, flag.id).status_code == 303
    assert "First view, before the band was seen Refer up" in read(member.get(f"/flags/{flag.id}").text).text
    assert "about 3" not in read(visitor_as("business_support").get(f"/flags/{flag.id}").text).text
    assert "about 3" in read(visitor_as("governance").get(f"/flags/{flag.id}").text).text


def test_a_blind_agenda_stands_in_an_order_that_says_nothing_of_rank(blind: Any) -> None:
    published, visitor_as = blind
    page = visitor_as().get(f"/lists/{published.head.id}").text
    order = re.findall(r'<h2[^>]*><a class="govuk-link" href="/flags/(g_\w+)">Family (\d)', page)
    assert order == [(flag_id, str(place)) for place, flag_id in enumerate(sorted(e.id for e in published.flags), 1)]


def test_a_form_of_another_session_or_of_none_is_refused(one: Any) -> None:
    published, visitor_as = one
    flag, chair = published.flags[0].id, visitor_as()
    for path in ("decision", "decision/check", "first-view"):
        for csrf in ("", "guessed"):
            assert chair.post_bare(f"/flags/{flag}/{path}", **FORM, csrf=csrf).status_code == 403
    assert "Decided" not in chair.get(f"/flags/{flag}").text


def test_every_view_and_write_of_a_family_leaves_its_event(one: Any, doors_of: Any, tmp_path: Any) -> None:
    published, visitor_as = one
    flag, chair = published.flags[0], visitor_as()
    database = doors_of(tmp_path).control.database
    chair.get(f"/flags/{flag.id}")
    chair.get(f"/flags/{flag.id}/former")
    chair.get(f"/flags/{flag.id}/decision")
    chair.post(f"/flags/{flag.id}/decision/check", **FORM)
    decided_on(chair, flag.id)
    decided_on(chair, flag.id, reason="Another view.")
    with database.reading() as connection:
        rows = connection.execute(text("select action, what, families, details from audit_events order by seq")).all()
    of_flag = [tuple(row) for row in rows if row.what == flag.id]
    family = f'["{flag.family_id}"]'
    assert of_flag == [
        ("see_flag", flag.id, family, "{}"),
        ("see_former", flag.id, family, "{}"),
        ("see_decision", flag.id, family, "{}"),
        ("check_decision", flag.id, family, "{}"),
        ("write_decision", flag.id, family, '{"decision": "offer_help"}'),
        ("write_decision", flag.id, family, '{"status": 412}'),
    ]
    assert "Mornings" not in str(rows)
    database.check_audit_log()
