"""Proof of silence: nobody recorded anything, though a source had told of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from slow_twin import Covered, Linked
from tables import spec
from worlds import SMALL_CONTRACT, source

from targeting.errors import TargetingError
from targeting.features import days, facts
from targeting.sources.definition import Agreement

seen, started = facts("seen"), facts("started")
NORTH = source("north", SMALL_CONTRACT)
SOUTH = source("south", SMALL_CONTRACT)
LATELY = seen.in_last(days(30)).silent_for_family()
MEMBERS = "family\nb"
AS_OF = "2024-04-01"  # The last 30 days begin on 2 March.

TABLE = """
    family | event_date | knowledge_date
    a      | 2024-03-02 | 2024-03-02
    old    | 2024-03-01 | 2024-03-01
    late   | 2024-03-20 | 2024-04-01
    """


def shared(first: str, until: str, by: str = "north", kind: str = "seen") -> Covered:
    return Covered(by, kind, date.fromisoformat(first), date.fromisoformat(until))


def test_a_family_of_whom_something_was_recorded_in_the_window_and_known_is_not_silent():
    expected = {"a": 0, "old": 1, "late": 1, "b": 1}
    spec(TABLE, LATELY, as_of=AS_OF, members=MEMBERS, expected=expected)
    spec(TABLE, seen.silent_for_family(), as_of=AS_OF, members=MEMBERS, expected=expected | {"old": 0})


@pytest.mark.parametrize(("first", "silent"), [("2024-03-02", 1), ("2024-03-03", 0), ("2024-04-01", 0)])
def test_silence_proves_nothing_where_the_source_began_to_share_within_the_window(first, silent):
    coverage = (shared(first, AS_OF),)
    spec(TABLE, LATELY, as_of=AS_OF, members=MEMBERS, coverage=coverage, expected={"b": silent, "a": 0})


def test_silence_of_a_feed_that_is_overdue_proves_nothing():
    """The next delivery of a monthly feed is overdue after its lag of a day and 35 days."""
    for until, silent in (("2024-02-24", 1), ("2024-02-23", 0)):
        coverage = (shared("2020-01-01", until),)
        north = (replace(NORTH, lag=timedelta(days=1)),)
        spec(TABLE, LATELY, as_of=AS_OF, members=MEMBERS, sources=north, coverage=coverage, expected={"b": silent})


def test_a_gap_in_what_was_shared_does_not_matter_between_a_beginning_before_and_a_feed_that_goes_on():
    coverage = (shared("2023-01-01", "2024-03-05"), shared("2024-03-20", AS_OF))
    spec(TABLE, LATELY, as_of=AS_OF, members=MEMBERS, coverage=coverage, expected={"b": 1, "a": 0})
    after = (shared("2024-03-10", AS_OF),)
    spec(TABLE, LATELY, as_of=AS_OF, members=MEMBERS, coverage=after, expected={"b": 0})


def test_past_its_agreement_nobody_is_proved_silent():
    ended = replace(NORTH, agreement=Agreement(reference="A1", expires_on=date(2024, 3, 31)))
    spec(TABLE, LATELY, as_of="2024-03-31", members=MEMBERS, sources=(ended,), expected={"b": 1})
    spec(TABLE, LATELY, as_of=AS_OF, members=MEMBERS, sources=(ended,), expected={"b": 0, "a": 0})
    spec(TABLE, LATELY, as_of=AS_OF, members=MEMBERS, sources=(ended, SOUTH), expected={"b": 1})


def test_an_agency_that_does_not_know_the_children_is_as_silent_as_one_that_does():
    schools = (replace(NORTH, register_ages=(5, 16)),)
    members = "family | person | birth | is_child\n b | pupil | 2014-06-01 | yes"
    links = (Linked("pupil", "north", date(2020, 1, 1)),)
    for known in (links, ()):
        spec(TABLE, LATELY, as_of=AS_OF, members=members, sources=schools, links=known, expected={"b": 1})


def test_a_source_that_nobody_asked_about_the_family_is_not_proved_silent():
    unasked = frozenset({("b", "north")})
    spec(TABLE, LATELY, as_of=AS_OF, members=MEMBERS, not_asked=unasked, expected={"b": 0, "old": 1})


def test_of_several_kinds_all_must_be_silent():
    either = (seen | started).in_last(days(30)).silent_for_family()
    tables = {"seen": TABLE, "started": "family | event_date\n old | 2024-03-20"}
    spec(tables, either, as_of=AS_OF, members=MEMBERS, expected={"a": 0, "old": 0, "late": 1, "b": 1})
    alone = (shared("2020-01-01", AS_OF), shared("2024-03-20", AS_OF, kind="started"))
    spec(tables, either, as_of=AS_OF, members=MEMBERS, coverage=alone, expected={"b": 0, "old": 0})


def test_silence_is_never_unknown_and_combines_with_what_is():
    nobody_shares = (shared("2020-01-01", AS_OF, by="nobody"),)
    spec(TABLE, LATELY, as_of=AS_OF, members=MEMBERS, coverage=nobody_shares, expected={"b": 0, "a": 0})
    spec(TABLE, ~LATELY, as_of=AS_OF, members=MEMBERS, coverage=nobody_shares, expected={"b": 1, "a": 1})


def test_a_window_is_given_once_to_all_kinds():
    with pytest.raises(TargetingError, match=r"facts have one window"):
        (seen.in_last(days(3)) | started).in_last(days(30))
