"""Families on record of whom the model does not speak are counted with the list that would be about them."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from targeting.features import Cohort, Plan, facts, people, plan_to_json
from targeting.serving.checked_files import MANIFEST
from targeting.serving.definition import ApartPart, CountedApart, ListKind, Panel
from targeting.serving.lists import make_lists, publish
from targeting.serving.published import FOLDER, HEAD, PublishedList, read_list
from targeting.serving.week import MadeFrom
from targeting.serving.writing_lists import write_lists

AS_OF = date(2026, 3, 30)
PUBLISHED_AT = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
not_open = people.children().exists_for_family() & ~facts("referral").open_for_family()
police_told = facts("domestic_abuse_incident").exists_for_family()
# Of the ten families the police told of seven; f_open is open to social care, f_sent alone was never known.
APART = CountedApart(
    cohort="told",
    why="The police told of them.",
    part=ApartPart(cohort="never_known", who="whom nobody knows", why="Ask."),
)
COHORTS = {"told": Cohort("Told of by police", police_told & not_open)}


@pytest.fixture(scope="module")
def without_those_told_of(made_from: MadeFrom, planned: Callable[..., Plan]) -> MadeFrom:
    """Return the small district, whose model speaks of nobody of whom the police told, and counts these apart."""
    plan = planned(Cohort("Not told of by police", not_open & ~police_told), as_model=True)
    return replace(counting(made_from, planned), bundle=replace(made_from.bundle, plan_json=plan_to_json(plan)))


def counting(made_from: MadeFrom, planned: Callable[..., Plan]) -> MadeFrom:
    return replace(
        made_from,
        service=made_from.service.model_copy(update={"counted_apart": (APART,)}),
        cohorts={**made_from.cohorts, **{name: planned(cohort) for name, cohort in COHORTS.items()}},
    )


def counts_of(made_from: MadeFrom) -> dict[tuple[str, str], tuple[int, int]]:
    lists = make_lists(made_from, as_of_date=AS_OF, published_at=PUBLISHED_AT)
    return {(each.head.panel, each.head.kind): counted(each) for each in lists}


def counted(published: PublishedList) -> tuple[int, int]:
    (told,) = published.head.counted_apart
    assert (told.cohort, told.why, told.part.who) == ("told", "The police told of them.", "whom nobody knows")
    return told.families, told.part.families


def test_each_list_counts_those_whom_it_would_be_about_and_a_part_of_them(without_those_told_of: MadeFrom) -> None:
    # To be offered help: f_abuse, f_both, f_centre, f_sent, f_unlinked. f_never is never known too, and considered.
    assert counts_of(without_those_told_of) == {("district", "offer"): (5, 1), ("district", "review"): (1, 0)}


def test_a_panel_with_wards_counts_those_of_its_own_and_the_other_all_the_rest(
    without_those_told_of: MadeFrom,
) -> None:
    panels = (Panel(name="east", title="East", wards=("A",)), Panel(name="rest", title="Rest"))
    service = without_those_told_of.service.model_copy(update={"panel": panels})
    assert counts_of(replace(without_those_told_of, service=service)) == {
        ("east", "offer"): (2, 1),  # f_abuse, f_sent.
        ("east", "review"): (1, 0),
        ("rest", "offer"): (3, 0),
        ("rest", "review"): (0, 0),
    }


def test_of_a_family_that_two_lists_would_be_about_the_first_counts(without_those_told_of: MadeFrom) -> None:
    kinds = (without_those_told_of.service.list[0], ListKind(name="all", title="All", cohort="told"))
    service = without_those_told_of.service.model_copy(update={"list": kinds})
    assert counts_of(replace(without_those_told_of, service=service)) == {
        ("district", "offer"): (5, 1),
        ("district", "all"): (1, 0),
    }


def test_whom_the_model_speaks_of_after_all_is_counted_nowhere(
    made_from: MadeFrom, planned: Callable[..., Plan]
) -> None:
    """As after the cohort changed, until a model is promoted that was trained with it."""
    assert counts_of(counting(made_from, planned)) == {("district", "offer"): (0, 0), ("district", "review"): (0, 0)}


def test_to_count_apart_changes_nothing_else_of_a_list(made_from: MadeFrom, planned: Callable[..., Plan]) -> None:
    lists = [
        make_lists(each, as_of_date=AS_OF, published_at=PUBLISHED_AT)
        for each in (made_from, counting(made_from, planned))
    ]
    assert [each.head.counted_apart for each in lists[0]] == [(), ()]
    assert [each.flags for each in lists[0]] == [each.flags for each in lists[1]]
    assert [each.considered for each in lists[0]] == [each.considered for each in lists[1]]


def test_the_counts_are_published_with_the_list(without_those_told_of: MadeFrom, tmp_path: Path) -> None:
    published = publish(without_those_told_of, data=tmp_path, as_of_date=AS_OF, published_at=PUBLISHED_AT)
    assert [counted(read_list(tmp_path, each.head.id)) for each in published] == [(5, 1), (1, 0)]


def test_a_list_published_before_anybody_was_counted_apart_is_read_as_it_was(
    a_list: Callable[..., PublishedList], tmp_path: Path
) -> None:
    published = a_list()
    write_lists([published], data=tmp_path)
    folder = tmp_path / FOLDER / published.head.id
    head = json.loads((folder / HEAD).read_bytes())
    del head["counted_apart"]
    (folder / HEAD).write_text(json.dumps(head))
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["sha256"][HEAD] = sha256((folder / HEAD).read_bytes()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))
    assert read_list(tmp_path, published.head.id).head == published.head
