"""Pages in states that are not met every week: flags that ended, families that went on as others, forms too late."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from targeting.records.contract import contract
from targeting.serving.pages.governance_words import logged_action_said
from targeting.serving.pages.meeting_page import meeting_of_list
from targeting.serving.pages.notices import ended_notice
from targeting.serving.published import PublishedList
from targeting.serving.week import MadeFrom
from targeting.store.contents import SUCCESSIONS
from targeting.store.generations import GenerationContents, write_generation

Make = Callable[..., PublishedList]
ENDED = "These flags ended on 22 June 2026. Nobody acts on them any more."
DECISION = {
    "decision": "record_is_wrong",
    "reason": "Another family’s record.",
    "threshold_level": "universal",
    "agreement": "not_sought_yet",
    "correction_agency": "Police",
    "correction_what": "Another family of that name.",
    "owner": "family hub north",
    "due_date-day": "13",
    "due_date-month": "4",
    "due_date-year": "2026",
    "instead_of": "0",
}


@pytest.mark.parametrize(("on", "told"), [(date(2026, 6, 22), ""), (date(2026, 6, 23), ENDED)])
def test_flags_hold_on_their_last_day_and_not_after_it(a_list: Make, on: date, told: str) -> None:
    assert ended_notice(a_list().flags, on=on) == told
    assert ended_notice([], on=on) == ""


def test_once_its_flags_ended_every_page_of_a_list_says_so(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    flag, before = published.flags[0].id, browse(published)
    pages = (f"/lists/{published.head.id}", f"/flags/{flag}", f"/flags/{flag}/decision")
    assert not any(ENDED in before.get(path).text for path in pages)
    assert "This flag ends on 22 June 2026." in read(before.get(pages[1]).text).text
    # In an invented district it is always the day of the latest lists.
    after = browse(a_list(as_of=date(2026, 6, 29)))
    assert all(ENDED in read(after.get(path).text).text for path in pages)
    assert "This flag ended on 22 June 2026." in read(after.get(pages[1]).text).text
    assert ENDED in read(after.post(f"{pages[2]}/check", **DECISION).text).text


def test_a_family_that_went_on_as_another_says_as_which_and_leads_to_its_flag(
    a_list: Make, browse: Any, read: Any, made_from: MadeFrom, tmp_path: Path
) -> None:
    published = a_list()
    first, second = published.flags
    visitor = browse(published)
    assert "records were matched anew" not in visitor.get(f"/flags/{first.id}").text
    went_on(made_from, tmp_path, (first.family_id, second.family_id), (first.family_id, "f_elsewhere"))
    page = read(visitor.get(f"/flags/{first.id}").text)
    assert "The people of this family now belong to: f_bbbb, f_elsewhere." in page.text
    assert f"/flags/{second.id}" in [each.get("href") for each in page.of("a")]
    assert "records were matched anew" not in visitor.get(f"/flags/{second.id}").text


def went_on(made_from: MadeFrom, data: Path, *pairs: tuple[str, str]) -> None:
    """Have the data loaded since say which family went on as which."""
    held, known = made_from.generation, {"from_date": date(2026, 4, 1), "how": "went_on_as", "records": 2}
    rows = [{"family_id": ended, "successor_id": successor, **known} for ended, successor in pairs]
    contents = GenerationContents(
        facts={kind: held.facts(kind) for kind in held.manifest.kinds},
        memberships=held.memberships(),
        agency_links=held.agency_links(),
        coverage=held.coverage,
        contract=contract(),
        synthetic=True,
        inputs={},
        successions=pa.Table.from_pylist(rows, schema=SUCCESSIONS),
    )
    write_generation(data, contents)


def test_a_form_of_an_earlier_session_is_told_from_a_page_for_another_role(
    a_list: Make, browse: Any, read: Any
) -> None:
    published = a_list()
    visitor, flag = browse(published), published.flags[0].id
    for path, back in (
        (f"/flags/{flag}/decision", f"/flags/{flag}"),
        (f"/lists/{published.head.id}/export", f"/lists/{published.head.id}"),
        ("/tasks/actions/1", "/tasks"),
    ):
        answered = visitor.post_bare(path, **DECISION, csrf="of before")
        page = read(answered.text)
        assert (answered.status_code, page.text_of["h1"]) == (403, ["This form is from an earlier session"])
        assert back in [each.get("href") for each in page.of("a")]


def test_a_form_sent_after_the_session_ended_says_that_it_was_not_kept(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    gone = replace(browse(published), session="ended")
    path = f"/flags/{published.flags[0].id}/decision"
    assert "What you sent was not kept." in read(gone.post(path, **DECISION).text).text
    assert "What you sent was not kept." not in read(gone.get(path).text).text


def test_a_task_names_the_family_as_its_list_does(a_list: Make, panel: Any, read: Any) -> None:
    published = a_list()
    chair = panel(published)("chair")
    assert chair.post(f"/flags/{published.flags[0].id}/decision", **DECISION).status_code == 303
    text = read(chair.get("/tasks").text).text
    assert "Police Family 1 of “Families who may welcome an offer of early help”, 30 March 2026 Another" in text
    assert published.flags[0].family_id not in text


def test_a_list_by_points_says_nowhere_that_it_estimates(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    by_points = replace(
        published,
        head=published.head.model_copy(update={"ordered_by": "points_rule"}),
        flags=tuple(each.model_copy(update={"band": None}) for each in published.flags),
    )
    text = read(browse(by_points).get(f"/lists/{published.head.id}").text).text
    assert "What it estimates Nothing: it says what is recorded." in text
    assert "Order By points for what is recorded, the most first, among all families considered" in text
    assert "By the model’s estimate" not in text


def test_an_empty_list_of_a_meeting_without_time_says_so_in_words(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    nobody = {"listed": 0, "families": 0, "capacity": 0, "just_below": 0, "sent_to_front_door": 0}
    empty = replace(
        published,
        head=published.head.model_copy(update=nobody),
        flags=(),
        passports=(),
        records=(),
        considered=published.considered.slice(0, 0),
    )
    visitor = browse(empty)
    text = read(visitor.get(f"/lists/{published.head.id}").text).text
    assert "No family is on this list." in text
    assert "No other family was considered. The meeting has time for none." in text
    assert "No family is on this list." in read(visitor.get(f"/meetings/{meeting_of_list(empty.head)}").text).text


def test_who_left_a_family_is_listed_under_headings_that_follow_the_first(a_list: Make, browse: Any, read: Any) -> None:
    published = a_list()
    page = read(browse(published).get(f"/flags/{published.flags[0].id}/former").text)
    assert [tag for tag, _ in page.found if tag in ("h1", "h2", "h3")] == ["h1", "h2"]


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("see_flag", "Family opened"),
        ("refused see_protected", "Refused: protected identities opened"),
        ("refused another panel's", "Refused: list or family of another panel opened"),
        ("something_new", "Something new"),
    ],
)
def test_the_audit_log_says_what_was_done_in_words(action: str, said: str) -> None:
    assert logged_action_said(action) == said
