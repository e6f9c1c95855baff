"""A decided family rests, and is back when its review falls due or when much is new; the list says who and why."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from targeting.serving.contents import Flag
from targeting.serving.database.audit import AuditEvent
from targeting.serving.database.database import Database
from targeting.serving.database.decisions import NewDecision, known_by, record_decision, revision_of
from targeting.serving.decisions import Choice, Decision
from targeting.serving.definition import FlowRules
from targeting.serving.flow import successors
from targeting.serving.lists import FromStore, publish
from targeting.serving.published import PublishedList, read_list
from targeting.serving.week import MadeFrom
from targeting.store.contents import SUCCESSIONS
from targeting.store.generations import Generation
from targeting.store.manifest import read_manifest

FIRST = date(2026, 1, 26)


class Agenda:
    """A district whose panel decides, week by week; every family has time on the agenda."""

    def __init__(self, made_from: MadeFrom, data: Path, doors_of: Callable[..., object]) -> None:
        kinds = tuple(kind.model_copy(update={"minutes": 60}) for kind in made_from.service.list)
        self.made_from = replace(made_from, service=made_from.service.model_copy(update={"list": kinds}))
        self.data, self.now = data, datetime(2026, 1, 26, 9, tzinfo=UTC)
        self.database: Database = doors_of(data, clock=lambda: self.now).control.database  # type: ignore[attr-defined]

    def published(self, on: date) -> PublishedList:
        """Publish the lists of a date, by all that was decided until its morning; return the offer list."""
        self.now = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
        with self.database.reading() as connection:
            store = FromStore(known_by(connection, self.now))
        return publish(self.made_from, data=self.data, as_of_date=on, published_at=self.now, store=store)[0]

    def decide(self, flag: Flag, choice: Choice, *, due: date = date(2027, 1, 1), family: str = "") -> None:
        content = Decision(
            decision=choice,
            reason="Talked about.",
            first_view=None,
            threshold_level="early_help",
            children=[],
            agreement="not_sought_yet",
            safe_contact=None,
            owner="team",
            due_date=due,
            follow_ups=[],
        )
        with self.database.reading() as connection:
            last = revision_of(connection, flag.id)
        new = NewDecision(
            flag_id=flag.id,
            list_id=flag.list_id,
            family_id=family or flag.family_id,
            subject="ann",
            role="chair",
            instead_of=last,
            content=content,
        )
        event = AuditEvent(subject="ann", role="chair", client="test", action="write_decision")
        self.database.write(lambda writing: record_decision(writing, new), audit=event)


@pytest.fixture
def agenda(made_from: MadeFrom, tmp_path: Path, doors_of: Callable[..., object]) -> Agenda:
    return Agenda(made_from, tmp_path, doors_of)


def flag_of(published: PublishedList, family: str) -> Flag:
    return next(flag for flag in published.flags if flag.family_id == family)


def listed(published: PublishedList) -> list[str]:
    return [flag.family_id for flag in published.flags]


def test_a_decided_family_rests_for_twelve_weeks_and_is_back_when_its_review_falls_due(agenda: Agenda) -> None:
    first = agenda.published(FIRST)
    agenda.decide(flag_of(first, "f_both"), "no_contact_needed_now")
    week, eleven, twelve = (agenda.published(FIRST + timedelta(weeks=each)) for each in (1, 11, 12))
    assert [("f_both" in listed(each), each.head.resting) for each in (first, week, eleven, twelve)] == [
        (True, 0),
        (False, 1),
        (False, 1),
        (True, 0),
    ]
    assert flag_of(twelve, "f_both").returned == (
        "Back on the list since 20 April 2026: the decision of 26 January 2026 (no contact needed now) is due for "
        "review"
    )
    assert [flag.returned for flag in first.flags] == [None] * len(first.flags)


def test_who_rests_why_and_until_when_lies_in_the_list_and_rank_counts_who_rests(agenda: Agenda) -> None:
    first = agenda.published(FIRST)
    flag = flag_of(first, "f_both")
    assert flag.rank == 1
    agenda.decide(flag, "already_getting_the_right_help")
    second = agenda.published(FIRST + timedelta(weeks=1))
    (rests,) = read_list(agenda.data, second.head.id).resting
    assert (rests.family_id, rests.flag_id, rests.decision, rests.revision) == (
        "f_both",
        flag.id,
        "already_getting_the_right_help",
        1,
    )
    assert (rests.since, rests.until) == (FIRST, FIRST + timedelta(weeks=12))
    assert rests.margin_then == first.passports[0].margin == rests.margin
    assert second.flags[0].rank == 2
    assert second.head.families == first.head.families


@pytest.mark.parametrize(("weeks", "is_back"), [(1, False), (2, True)])
def test_each_decision_has_its_own_declared_rest(agenda: Agenda, weeks: int, is_back: bool) -> None:
    flow = FlowRules(rest_weeks={"refer_up": 2})
    agenda.made_from = replace(agenda.made_from, service=agenda.made_from.service.model_copy(update={"flow": flow}))
    agenda.decide(flag_of(agenda.published(FIRST), "f_both"), "refer_up")
    assert ("f_both" in listed(agenda.published(FIRST + timedelta(weeks=weeks)))) == is_back


def test_information_that_is_due_brings_a_family_back_on_its_day(agenda: Agenda) -> None:
    flag = flag_of(agenda.published(FIRST), "f_both")
    agenda.decide(flag, "more_information_needed", due=FIRST + timedelta(days=14))
    later = [agenda.published(FIRST + timedelta(weeks=each)) for each in (1, 2)]
    assert ["f_both" in listed(each) for each in later] == [False, True]


def test_much_new_evidence_brings_a_family_back_before_its_review(agenda: Agenda) -> None:
    # The first incident of 9 June 2025 is known from the day after.
    before = agenda.published(date(2025, 6, 2))
    agenda.decide(flag_of(before, "f_both"), "no_contact_needed_now")
    agenda.decide(flag_of(before, "f_never"), "no_contact_needed_now")
    still, later = agenda.published(date(2025, 6, 9)), agenda.published(date(2025, 6, 16))
    assert {"f_both", "f_never"} & set(listed(still)) == set()
    assert flag_of(later, "f_both").returned == (
        "Back on the list: what was recorded since the decision of 2 June 2025 (no contact needed now) raises the "
        "estimate"
    )
    assert [each.family_id for each in later.resting] == ["f_never"]


def test_the_last_decision_holds_and_one_of_no_rest_keeps_nobody_away(agenda: Agenda) -> None:
    flow = FlowRules(rest_weeks={"record_is_wrong": 0})
    agenda.made_from = replace(agenda.made_from, service=agenda.made_from.service.model_copy(update={"flow": flow}))
    flag = flag_of(agenda.published(FIRST), "f_both")
    agenda.decide(flag, "no_contact_needed_now")
    agenda.decide(flag, "record_is_wrong")
    again = agenda.published(FIRST + timedelta(weeks=1))
    assert flag_of(again, "f_both").returned is None


def test_a_decision_recorded_after_a_date_changes_no_list_of_that_date(agenda: Agenda, tmp_path: Path) -> None:
    first = agenda.published(FIRST)
    agenda.decide(flag_of(first, "f_both"), "no_contact_needed_now")
    agenda.data = tmp_path / "where no later list was published"
    earlier = agenda.published(FIRST - timedelta(weeks=1))
    assert "f_both" in listed(earlier)


def test_a_decision_on_a_family_that_went_on_as_another_counts_for_that_one(agenda: Agenda, tmp_path: Path) -> None:
    rows = [
        ("f_old", "f_older_name", date(2025, 1, 1), "went_on_as", 2),
        ("f_older_name", "f_both", date(2026, 1, 28), "went_on_as", 2),
        ("f_both", "f_abuse", date(2026, 1, 28), "split_off", 1),
        ("f_absent", "f_later", date(2027, 1, 1), "went_on_as", 2),
    ]
    table = pa.Table.from_pylist([dict(zip(SUCCESSIONS.names, row, strict=True)) for row in rows], schema=SUCCESSIONS)
    folder = tmp_path / "merged"
    shutil.copytree(agenda.made_from.generation.path, folder)
    pq.write_table(table, folder / "successions.parquet")
    generation = Generation(folder, read_manifest(folder))
    assert successors(generation, date(2026, 2, 2)) == {"f_old": "f_both", "f_older_name": "f_both"}
    first = agenda.published(FIRST)
    agenda.decide(flag_of(first, "f_both"), "no_contact_needed_now", family="f_old")
    agenda.made_from = replace(agenda.made_from, generation=generation)
    assert [each.family_id for each in agenda.published(FIRST + timedelta(weeks=1)).resting] == ["f_both"]


def test_equal_decisions_make_equal_bytes(agenda: Agenda, tmp_path: Path) -> None:
    agenda.decide(flag_of(agenda.published(FIRST), "f_both"), "no_contact_needed_now")
    shutil.copytree(tmp_path / "published", tmp_path / "kept" / "published")
    on = FIRST + timedelta(weeks=1)
    one = agenda.published(on)
    agenda.data = tmp_path / "kept"
    two = agenda.published(on)
    folders = [data / "published" / one.head.id for data in (tmp_path, tmp_path / "kept")]
    assert one.resting
    assert one == two
    assert len({tuple(path.read_bytes() for path in sorted(folder.iterdir())) for folder in folders}) == 1
