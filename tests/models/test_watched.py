from datetime import date

import pytest

from targeting.errors import DataError
from targeting.models.watched import Finding, Watch, keep_watch, kept_watches


def _watch(day, standing="as before", version="4c85985ab0ad"):
    seen = Finding(what="scores", standing=standing, figure=0.07, detail="Population stability index 0.07.")
    return Watch(version=version, as_of_date=day, on=date(2026, 4, 1), findings=(seen,))


def test_what_was_seen_is_read_as_it_was_kept_the_latest_date_first(tmp_path):
    first, second = _watch(date(2026, 3, 23)), _watch(date(2026, 3, 30), "changed")
    for each in (second, first):
        keep_watch(tmp_path, "escalation", each)
    assert kept_watches(tmp_path, "escalation") == [second, first]
    assert kept_watches(tmp_path, "step_down") == []


def test_a_second_watch_as_of_a_date_takes_the_place_of_the_first(tmp_path):
    day = date(2026, 3, 30)
    keep_watch(tmp_path, "escalation", _watch(day, "feed outage"))
    keep_watch(tmp_path, "escalation", _watch(day))
    assert kept_watches(tmp_path, "escalation") == [_watch(day)]


def test_what_cannot_be_told_is_not_for_anybody_to_look_at(tmp_path):
    day = date(2026, 3, 30)
    assert _watch(day, "cannot tell").not_as_before == ()
    assert [each.what for each in _watch(day, "feed outage").not_as_before] == ["scores"]


def test_only_its_owner_may_read_it_and_a_broken_file_is_named(tmp_path):
    path = keep_watch(tmp_path, "escalation", _watch(date(2026, 3, 30)))
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text('{"version": 1}')
    with pytest.raises(
        DataError, match=r"2026-03-30.json cannot be read: run `targeting monitor` as of its date again"
    ):
        kept_watches(tmp_path, "escalation")
