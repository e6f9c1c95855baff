"""A panel's meeting from its agenda to the chair's signature; conflicts, actions, tasks, weeks without a list."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from targeting.models.suspension import Suspension, lift, suspend
from targeting.serving.contents import FamilyRecord, Member, Resting
from targeting.serving.database.tables import audit_events
from targeting.serving.district.ward_set import Cluster, Ward, WardSet
from targeting.serving.ids import meeting_id
from targeting.serving.pages.family_words import in_one_line
from targeting.serving.published import PublishedList
from targeting.serving.sentences import NO_ESTIMATE, age
from targeting.serving.served import BesideLists, Served
from targeting.serving.writing_lists import write_lists

Make = Callable[..., PublishedList]
HELD = {"held_on-day": "31", "held_on-month": "3", "held_on-year": "2026"}
DUE = {"action_due-day": "13", "action_due-month": "4", "action_due-year": "2026"}
DECISION = {
    "decision": "record_is_wrong",
    "reason": "The child moved.",
    "threshold_level": "universal",
    "agreement": "not_sought_yet",
    "owner": "family hub north",
    "due_date-day": "13",
    "due_date-month": "4",
    "due_date-year": "2026",
    "correction_agency": "Police",
    "correction_what": "Another family of that name.",
    "instead_of": "0",
}


@pytest.fixture
def room(panel: Any, a_list: Make) -> Any:
    """Return a list, the address of its meeting, and who signs somebody of a role in."""
    published = a_list()
    identifier = meeting_id(published.head.panel, published.head.as_of_date.isoformat())
    return published, f"/meetings/{identifier}", panel()


def test_a_meeting_goes_from_its_agenda_to_the_chairs_signature(room: Any, read: Any) -> None:
    published, meeting, visitor_as = room
    chair, member = visitor_as("chair"), visitor_as("panel_member")
    assert "Not begun." in read(chair.get("/meetings").text).text
    early = chair.post(f"{meeting}/sign-off")
    assert (early.status_code, "Say who attended, before you sign off" in early.text) == (422, True)
    assert chair.post(f"{meeting}/attendees", **HELD, names="Ada, early help\n\nBen, police").status_code == 303
    member.get(f"/flags/{published.flags[0].id}")
    assert member.post(f"/flags/{published.flags[0].id}/decision", **DECISION).status_code == 303
    action = {"what": "Ask the school.", "owner": "Cleo", **DUE, "about": published.flags[1].id}
    assert member.post(f"{meeting}/actions", **action).status_code == 303
    text = read(chair.get(meeting).text).text
    for said in (
        "On 31 March 2026: Ada, early help Ben, police",
        "Family 1 Decided Record is wrong: family hub north, by 13 April 2026",
        "Opened by demo panel member, 30 March 2026, 07:00",
        "Less than a minute from opening the page to the decision",
        "Family 2 Not decided yet",
        "Ask the school. Cleo, by 13 April 2026. About Family 2",
        "1 still to be decided.",
    ):
        assert said in text, said
    assert chair.post(f"{meeting}/sign-off").status_code == 303
    assert "Signed off by demo chair, 30 March 2026, 07:00. 1 family stayed undecided." in chair.get(meeting).text
    entries = {
        "attendees": {**HELD, "names": "Dan"},
        "actions": action,
        "conflicts": {"conflict": published.flags[0].id},
        "not-used": {"why": "no time"},
        "sign-off": {},
    }
    for what, fields in entries.items():
        late = chair.post(f"{meeting}/{what}", **fields)
        assert (late.status_code, "The chair has signed this meeting off" in late.text) == (409, True), what
    assert "<form" not in chair.get(meeting).text.partition("</main>")[0]
    late = DECISION | {"decision": "refer_up", "instead_of": "1"}
    assert chair.post(f"/flags/{published.flags[0].id}/decision", **late).status_code == 303
    assert "Decided or revised after the meeting was signed off" in chair.get(meeting).text


def test_whoever_has_a_conflict_of_interest_does_not_decide_on_that_family_by_any_way(room: Any, read: Any) -> None:
    published, meeting, visitor_as = room
    chair, member = visitor_as("chair"), visitor_as("panel_member")
    flag, other = (each.id for each in published.flags)
    assert member.post(f"{meeting}/conflicts", conflict=flag).status_code == 303
    for answered in (
        member.get(f"/flags/{flag}/decision"),
        member.post(f"/flags/{flag}/decision", **DECISION),
        member.post(f"/flags/{flag}/decision/check", **DECISION),
        member.post(f"/flags/{flag}/first-view", view="refer_up"),
    ):
        assert (answered.status_code, "somebody else decides" in answered.text) == (403, True)
    assert "so somebody else decides" in member.get(f"/flags/{flag}").text
    assert f"/flags/{flag}/decision" not in member.get(f"/flags/{flag}").text
    assert member.get(f"/flags/{other}/decision").status_code == 200
    assert chair.post(f"/flags/{flag}/decision", **DECISION).status_code == 303
    assert "Conflict of interest: demo panel member." in read(chair.get(meeting).text).text
    assert member.post(f"{meeting}/conflicts", conflict="g_nobody").status_code == 422


def test_a_conflict_entered_by_mistake_is_withdrawn_with_its_reason_and_both_stay_told(room: Any, read: Any) -> None:
    published, meeting, visitor_as = room
    chair, member = visitor_as("chair"), visitor_as("panel_member")
    flag = published.flags[0].id
    assert member.post(f"{meeting}/conflicts", conflict=flag).status_code == 303
    for fields, told in (
        ({"withdrawn": flag, "why_withdrawn": " "}, "Say why there is no conflict of interest"),
        ({"withdrawn": "g_nobody", "why_withdrawn": "By mistake."}, "Choose the family"),
    ):
        refused = member.post(f"{meeting}/conflicts/withdrawn", **fields)
        assert (refused.status_code, told in refused.text) == (422, True)
    # Somebody else's is not touched.
    assert chair.post(f"{meeting}/conflicts", conflict=flag).status_code == 303
    withdrawn = {"withdrawn": flag, "why_withdrawn": "I chose the wrong family."}
    assert member.post(f"{meeting}/conflicts/withdrawn", **withdrawn).status_code == 303
    assert member.get(f"/flags/{flag}/decision").status_code == 200
    assert chair.get(f"/flags/{flag}/decision").status_code == 403
    text = read(chair.get(meeting).text).text
    assert "Conflict of interest: demo chair." in text
    assert "withdrawn by demo panel member, 30 March 2026, 07:00: I chose the wrong family." in text
    assert member.post(f"{meeting}/conflicts", conflict=flag).status_code == 303
    assert member.get(f"/flags/{flag}/decision").status_code == 403
    assert "Withdraw a conflict" not in visitor_as("panel_member", subject="nobody").get(meeting).text


def test_a_week_in_which_the_list_was_not_used_says_why(room: Any, read: Any) -> None:
    _, meeting, visitor_as = room
    support = visitor_as("business_support")
    assert "Say why the lists were not used" in support.post(f"{meeting}/not-used", why=" ").text
    assert support.post(f"{meeting}/not-used", why="Too few members could come.").status_code == 303
    text = read(visitor_as("governance").get(meeting).text).text
    assert "The lists were not used. Entered by demo business support, 30 March 2026, 07:00." in text
    assert "Too few members could come." in text
    assert support.post(f"{meeting}/attendees", **HELD, names="Ada").status_code == 409


def test_a_wrong_record_is_a_task_until_its_agency_answers(room: Any, read: Any) -> None:
    published, _, visitor_as = room
    chair, support = visitor_as("chair"), visitor_as("business_support")
    flag = published.flags[0].id
    assert chair.post(f"/flags/{flag}/decision", **DECISION).status_code == 303
    again = DECISION | {"instead_of": "1", "reason": "The child moved in January."}
    assert chair.post(f"/flags/{flag}/decision", **again).status_code == 303
    page = support.get("/tasks").text
    (number,) = {part.split('"')[0] for part in page.split('action="/tasks/corrections/')[1:]}
    assert "Another family of that name." in page
    assert "The child moved" not in page
    assert support.post(f"/tasks/corrections/{number}", step="").status_code == 422
    assert support.post(f"/tasks/corrections/{number}", step="sent", note="By secure mail").status_code == 303
    assert "Sent to the agency: demo business support" in read(support.get("/tasks").text).text
    assert support.post(f"/tasks/corrections/{number}", step="put_right").status_code == 303
    assert "None is open." in read(support.get("/tasks").text).text
    assert "Answered by their agencies (1)" in support.get("/tasks").text
    assert support.post("/tasks/corrections/0", step="sent").status_code == 404


def test_an_action_is_open_until_somebody_says_that_it_is_done_also_after_the_meeting(room: Any, read: Any) -> None:
    _, meeting, visitor_as = room
    chair = visitor_as("chair")
    chair.post(f"{meeting}/attendees", **HELD, names="Ada")
    assert chair.post(f"{meeting}/actions", what="", owner="", **DUE).status_code == 422
    chair.post(f"{meeting}/actions", what="Ask the school.", owner="Cleo", **DUE)
    chair.post(f"{meeting}/sign-off")
    page = chair.get("/tasks").text
    (number,) = {part.split('"')[0] for part in page.split('action="/tasks/actions/')[1:]}
    assert chair.post(f"/tasks/actions/{number}").status_code == 303
    assert "Ask the school." not in read(chair.get("/tasks").text).text
    assert "Ask the school. Cleo, by 13 April 2026. Done" in read(chair.get(meeting).text).text


def test_while_flags_are_suspended_every_page_of_the_meeting_says_so_and_none_estimates(
    room: Any, read: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("targeting.serving.reading.SECONDS_UNTIL_KNOWN", -1.0)
    published, meeting, visitor_as = room
    chair, flag = visitor_as("chair"), published.flags[0]
    pages = (meeting, f"/lists/{published.head.id}", f"/flags/{flag.id}", f"/flags/{flag.id}/decision")
    assert not any("Suspended since" in chair.get(path).text for path in pages)
    assert flag.band is not None
    estimate = f"about {flag.band.about}"
    assert estimate in chair.get(pages[1]).text
    suspend(tmp_path, "escalation", Suspension(date(2026, 3, 30), "gov", "A floor was breached."))
    for path in pages:
        text = read(chair.get(path).text).text
        assert "Suspended since 30 March 2026: A floor was breached. Nobody acts on these flags" in text, path
        assert estimate not in text, path
    assert "it estimates how many" not in read(chair.get(pages[1]).text).text
    assert "Suspended since" in read(chair.post(f"{pages[3]}/check", **DECISION).text).text
    assert NO_ESTIMATE in chair.get(f"/flags/{flag.id}").text
    fields = {"purpose": "meeting", "format": "csv"}
    assert "Suspended since 30 March 2026" in chair.post(f"/lists/{published.head.id}/export", **fields).text
    lift(tmp_path, "escalation")
    assert estimate in chair.get(pages[1]).text


def test_the_youngest_are_under_one_year_and_one_year_is_one() -> None:
    def line(*years: int) -> str:
        born = {"is_child": True, "known_to": (), "since": date(2026, 1, 1), "until": None}
        members = tuple(Member(age=age(each), years=each, **born) for each in years)
        nothing: dict[str, Any] = {"former": (), "children_elsewhere": 0, "works_with": (), "recorded": ()}
        return in_one_line(FamilyRecord(family_id="f_aaaa", ward="", members=members, **nothing))

    assert line(4, 0) == "2 children (4 years and under 1 year)"
    assert line(1) == "1 child (1 year)"
    assert line(1, 1, 0, 0) == "4 children (1 and 1 years and under 1 year)"


def test_a_list_is_filtered_and_says_how_much_of_it_is_shown(panel: Any, a_list: Make, read: Any) -> None:
    earlier, published = a_list(as_of=date(2026, 3, 23)), a_list()
    chair = panel(earlier, published)("chair")
    path = f"/lists/{published.head.id}"
    chair.post(f"/flags/{earlier.flags[1].id}/decision", **DECISION)
    chair.post(f"/flags/{published.flags[0].id}/decision", **DECISION)
    for query, shown in {
        "ward=E1": ["f_aaaa"],
        "ward=E2": ["f_bbbb"],
        "status=decided": ["f_aaaa"],
        "status=open": ["f_bbbb"],
        "status=open&ward=E1": [],
        "ward=": ["f_aaaa", "f_bbbb"],
        "ward=nowhere": ["f_aaaa", "f_bbbb"],
    }.items():
        text = read(chair.get(f"{path}?{query}").text).text
        assert [each for each in ("f_aaaa", "f_bbbb") if each in text] == shown, query
        if len(shown) < 2:
            told = f"{len(shown)} famil{'y' if len(shown) == 1 else 'ies'} of 2 shown."
            assert told in text, query
    text = read(chair.get(path).text).text
    assert "Last listed on 23 March 2026: record is wrong." in text
    assert "1 child (8 years), 1 adult." in text
    assert "Known to Police and Schools." in text
    assert "New on this list." in read(chair.get(f"/lists/{earlier.head.id}").text).text


def test_wards_and_clusters_are_filtered_by_their_names(a_list: Make, visit: Any, read: Any, tmp_path: Any) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    wards = tuple(Ward(code=f"E{n}", name=f"Ward {n}", short=f"W{n}", easting=n, northing=n) for n in (1, 2, 3))
    north = Cluster(name="north", title="North", wards=("E1",))
    clusters = (north, Cluster(name="south", title="South", wards=("E2",)))
    ward_set = WardSet(name="Wards", version="1", source="Here", ward=wards, cluster=clusters)
    chair = visit(Served(tmp_path, district="Bradford", signers=(), beside=BesideLists(ward_set=ward_set)))
    path = f"/lists/{published.head.id}"
    page = chair.get(path).text
    for offered in ("Ward 1", "Ward 2", "North", "South"):
        assert f">{offered}</option>" in page, offered
    for query, shown in {"ward=Ward 1": "f_aaaa", "cluster=South": "f_bbbb"}.items():
        text = read(chair.get(f"{path}?{query}").text).text
        assert [each for each in ("f_aaaa", "f_bbbb") if each in text] == [shown], query


def test_families_off_the_agenda_are_told_with_what_was_decided_and_whoever_sees_them_is_logged(
    a_list: Make, panel: Any, read: Any, doors_of: Any, tmp_path: Any
) -> None:
    earlier, published = a_list(as_of=date(2026, 3, 23)), a_list()
    resting = Resting(
        family_id="f_rest",
        flag_id=earlier.flags[0].id,
        decision="offer_help",
        revision=1,
        sequence=1,
        since=date(2026, 3, 24),
        until=date(2026, 6, 16),
        margin_then=None,
        margin=-3.0,
    )
    # As where the family has moved, and another panel had decided: what was is told, and leads nowhere.
    moved = resting.model_copy(update={"family_id": "f_moved", "flag_id": "g_" + "a" * 26, "decision": "refer_up"})
    head = published.head.model_copy(update={"resting": 1, "left_out": 2})
    chair = panel(earlier, replace(published, head=head, resting=(resting, moved)))("chair")
    answered = chair.get(f"/lists/{published.head.id}")
    text = read(answered.text).text
    assert "1 of them was decided on before, and off the agenda now." in text
    assert "2 people’s own records are left out, for they objected." in text
    assert "24 March 2026: offer help, back by 16 June 2026 at the latest f_rest" in text
    assert f'href="/flags/{earlier.flags[0].id}"' in answered.text
    assert "24 March 2026: refer up, back by 16 June 2026 at the latest f_moved" in text
    assert moved.flag_id not in answered.text
    with doors_of(tmp_path).control.database.reading() as connection:
        seen = select(audit_events.c.families).where(audit_events.c.action == "see_list")
        assert "f_rest" in connection.execute(seen).scalar_one()


def test_a_family_page_shows_what_agencies_recorded_as_far_as_they_let_the_reader_see(
    panel: Any, a_list: Make, read: Any
) -> None:
    published = a_list()
    visitor_as, path = panel(), f"/flags/{published.flags[0].id}"
    text = read(visitor_as("chair").get(path).text).text
    for said in (
        "Police March 2026 A domestic abuse incident (twice). Schools February 2026 A pupil was suspended.",
        "Child, 8 years old Since 1 May 2024. Known to Police and Schools Adult Since 1 May 2024. Known to Police",
        "1 child belongs to another family as well.",
        "Early help, since 1 May 2024 (recorded by Schools)",
    ):
        assert said in text, said
    assert "31 January 2025" not in text
    assert "From 1 May 2024 until 31 January 2025" in read(visitor_as("chair").get(f"{path}/former").text).text
    support = read(visitor_as("business_support").get(path).text).text
    for hidden in ("domestic abuse incident", "suspended", "8 years old", "Early help, since"):
        assert hidden not in support
