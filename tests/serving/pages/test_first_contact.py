"""When somebody first spoke with a family about the offer: entered by itself, revised, followed up, by role alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from targeting.serving.ids import meeting_id
from targeting.serving.published import PublishedList

Make = Callable[..., PublishedList]
OFFER = {
    "decision": "offer_help",
    "reason": "Mornings are hard.",
    "threshold_level": "early_help",
    "child_0": "the child, 8 years old",
    "impact_0": "Often late",
    "agreement": "agreed",
    "contact_who": "the mother",
    "contact_how": "by telephone",
    "best_placed": "the grandmother",
    "owner": "family hub north",
    "due_date-day": "13",
    "due_date-month": "4",
    "due_date-year": "2026",
    "instead_of": "0",
}
SPOKEN = {"first_contact_by": "health_visitor", "instead_of": "1"}


def on(day: int, month: int = 3) -> dict[str, str]:
    return {"first_contact-day": str(day), "first_contact-month": str(month), "first_contact-year": "2026"}


def live(published: PublishedList) -> PublishedList:
    return replace(published, head=published.head.model_copy(update={"standing": "live"}))


@pytest.fixture
def weeks(panel: Any, a_list: Make) -> Any:
    """Return the live list of 23 March, that of 30 March, and who signs somebody of a role in; it is 30 March."""
    earlier, latest = live(a_list(as_of=date(2026, 3, 23))), live(a_list())
    return earlier, latest, panel(earlier, latest)


def meeting_on(published: PublishedList) -> str:
    return f"/meetings/{meeting_id(published.head.panel, published.head.as_of_date.isoformat())}"


def offered(visitor: Any, flag_id: str) -> str:
    """Return the address of a flag's first contact, help having been offered."""
    assert visitor.post(f"/flags/{flag_id}/decision", **OFFER).status_code == 303
    return f"/flags/{flag_id}/first-contact"


def test_a_first_contact_is_a_revision_that_changes_nothing_else(weeks: Any, read: Any, doors_of: Any, tmp_path: Any):
    earlier, _, visitor_as = weeks
    flag, member = earlier.flags[0], visitor_as("panel_member")
    path = offered(visitor_as("chair"), flag.id)
    assert "nobody has told yet. Record the first contact" in read(member.get(f"/flags/{flag.id}").text).text
    assert read(member.get(path).text).text_of["h1"] == ["First contact"]
    recorded = member.post(path, **on(26), **SPOKEN)
    assert (recorded.status_code, recorded.headers["location"]) == (303, f"/flags/{flag.id}#decided")
    shown = read(member.get(f"/flags/{flag.id}").text).text
    assert "First contact 26 March 2026, a health visitor" in shown
    assert "nobody has told yet" not in shown
    holds, _, before = shown.partition("Earlier revisions")
    for part in ("Mornings are hard.", "Often late", "the grandmother", "by telephone"):
        assert (part in holds, part in before) == (True, True), part
    # The same form, sent twice, is recorded once.
    assert member.post(path, **on(26), **SPOKEN).status_code == 303
    with doors_of(tmp_path).control.database.reading() as connection:
        asked = text("select action, by_role from audit_events join decisions using (seq) order by seq")
        assert [tuple(row) for row in connection.execute(asked)] == [
            ("write_decision", "chair"),
            ("write_decision", "panel_member"),
        ]
    doors_of(tmp_path).control.database.check_audit_log()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (on(22) | SPOKEN, "has to be from 23 March 2026, the list’s date, until today, 30 March 2026"),
        (on(31) | SPOKEN, "has to be from 23 March 2026, the list’s date, until today, 30 March 2026"),
        (on(30, 2) | SPOKEN, "has to be a real date"),
        (SPOKEN, "has to have a day, a month and a year"),
        (on(26) | {"instead_of": "1"}, "Say who spoke with them"),
        (on(26) | SPOKEN | {"first_contact_by": "Mrs Ash"}, "Say who spoke with them"),
        ({"instead_of": "1"}, "Say on which day, and who spoke with them"),
    ],
)
def test_a_day_that_cannot_be_and_a_name_in_place_of_a_role_are_refused(
    weeks: Any, sent: dict[str, str], told: str, read: Any
) -> None:
    earlier, _, visitor_as = weeks
    chair = visitor_as("chair")
    path = offered(chair, earlier.flags[0].id)
    refused = chair.post(path, **sent)
    assert (refused.status_code, told in read(refused.text).text) == (422, True)
    assert "Earlier revisions" not in chair.get(f"/flags/{earlier.flags[0].id}").text


def test_who_comes_second_sees_that_the_decision_was_revised_and_loses_nothing(weeks: Any, read: Any) -> None:
    earlier, _, visitor_as = weeks
    chair, member = visitor_as("chair"), visitor_as("panel_member")
    path = offered(chair, earlier.flags[0].id)
    assert chair.post(path, **on(24), **SPOKEN).status_code == 303
    stale = member.post(path, **on(26), **SPOKEN)
    page = read(stale.text)
    assert (stale.status_code, "Somebody revised this decision meanwhile" in page.text) == (412, True)
    held = {each.get("name"): each.get("value") for each in page.of("input")}
    assert (held["first_contact-day"], held["instead_of"]) == ("26", "2")
    assert member.post(path, **on(26), **(SPOKEN | {"instead_of": "2"})).status_code == 303
    assert "26 March 2026, a health visitor" in read(member.get(f"/flags/{earlier.flags[0].id}").text).text


def test_nothing_is_followed_up_before_it_is_decided_nor_by_whoever_has_a_conflict_of_interest(weeks: Any) -> None:
    earlier, _, visitor_as = weeks
    chair, member, flag = visitor_as("chair"), visitor_as("panel_member"), earlier.flags[0].id
    asked = chair.get(f"/flags/{flag}/first-contact")
    assert (asked.status_code, "Nothing is decided yet" in asked.text) == (200, True)
    sent = chair.post(f"/flags/{flag}/first-contact", **SPOKEN)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/flags/{flag}")
    assert "Decided" not in chair.get(f"/flags/{flag}").text
    path = offered(chair, flag)
    assert member.post(f"{meeting_on(earlier)}/conflicts", conflict=flag).status_code == 303
    assert [member.get(path).status_code, member.post(path, **on(26), **SPOKEN).status_code] == [403, 403]


def test_a_later_meeting_lists_the_offers_that_wait_until_they_are_told(weeks: Any, read: Any) -> None:
    earlier, latest, visitor_as = weeks
    chair = visitor_as("chair")
    paths = [offered(chair, each.id) for each in (*earlier.flags, latest.flags[0])]
    text = read(chair.get(meeting_on(latest)).text).text
    told = "of Families who may welcome an offer of early help, 23 March 2026, 7 days before these lists."
    assert f"Family 1 {told} family hub north sees to it." in text
    assert f"Family 2 {told}" in text
    assert "13 April 2026 No first contact recorded yet" in text
    assert "Offers from earlier meetings" not in chair.get(meeting_on(earlier)).text
    assert "first-contact" not in visitor_as("business_support").get(meeting_on(latest)).text
    chair.post(paths[0], **on(26), **SPOKEN)
    chair.post(paths[2], **on(30), **SPOKEN)
    text = read(chair.get(meeting_on(latest)).text).text
    assert f"Family 1 {told}" not in text
    assert f"Family 2 {told}" in text
    assert "First contact: 30 March 2026, a health visitor" in text


def test_of_a_shadow_list_nobody_is_contacted_so_nobody_is_asked_for_it(panel: Any, a_list: Make) -> None:
    earlier, latest = a_list(as_of=date(2026, 3, 23)), a_list()
    chair = panel(earlier, latest)("chair")
    for flag in (earlier.flags[0], latest.flags[0]):
        offered(chair, flag.id)
        assert "first-contact" not in chair.get(f"/flags/{flag.id}").text
    text = chair.get(meeting_on(latest)).text
    assert "Offers from earlier meetings" not in text
    assert "No first contact recorded yet" not in text


def test_the_form_of_the_decision_holds_the_contact_and_may_take_it_back(weeks: Any, read: Any) -> None:
    earlier, _, visitor_as = weeks
    flag, chair = earlier.flags[0].id, visitor_as("chair")
    chair.post(offered(chair, flag), **on(26), **SPOKEN)
    form = read(chair.get(f"/flags/{flag}/decision").text)
    assert {each.get("name"): each.get("value") for each in form.of("input")}["first_contact-day"] == "26"
    assert chair.post(f"/flags/{flag}/decision/check", **(OFFER | on(22) | SPOKEN)).status_code == 422
    checked = chair.post(f"/flags/{flag}/decision/check", **(OFFER | on(27) | SPOKEN | {"instead_of": "2"}))
    assert "First contact 27 March 2026, a health visitor" in read(checked.text).text
    assert chair.post(f"/flags/{flag}/decision", **(OFFER | {"instead_of": "2"})).status_code == 303
    assert "nobody has told yet" in chair.get(f"/flags/{flag}").text
