"""Whoever objects: the person's own facts leave every score, and nothing says who it was."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from targeting.errors import TargetingError
from targeting.features import plan_from_json
from targeting.features.engine import as_of_days, build_matrix, matrix_of, write_matrix
from targeting.features.evidence import evidence
from targeting.features.shard_run import ShardRun
from targeting.serving.database.database import Database
from targeting.serving.database.objections import known_objections
from targeting.serving.definition import Objections
from targeting.serving.lists import make_lists
from targeting.serving.objections import check_is_officer, decide, left_out, take_down
from targeting.serving.week import MadeFrom
from targeting.store.open_shards import OpenShards

AS_OF = date(2026, 3, 30)
AT = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
MOTHER = "p_both_mother"


def row(made_from: MadeFrom, family: str, left: frozenset[str]) -> list[float]:
    generation = made_from.generation.leaving_out(left)
    matrix = build_matrix(plan_from_json(made_from.bundle.plan_json), generation, [AS_OF])
    return [float(value) for value in matrix.values[matrix.family_id == family][0]]


def test_her_facts_leave_and_her_childs_stay(made_from: MadeFrom) -> None:
    assert row(made_from, "f_both", frozenset()) == [3.0, 0.4, 0.0]
    assert row(made_from, "f_both", frozenset({MOTHER})) == [0.0, 0.4, 0.0]
    assert row(made_from, "f_both", frozenset({"p_both_child"}))[0] == 3.0


def test_no_other_family_changes(made_from: MadeFrom) -> None:
    plan = plan_from_json(made_from.bundle.plan_json)
    before = build_matrix(plan, made_from.generation, [AS_OF])
    after = build_matrix(plan, made_from.generation.leaving_out(frozenset({MOTHER})), [AS_OF])
    assert before.family_id.tolist() == after.family_id.tolist()
    others = before.family_id != "f_both"
    np.testing.assert_array_equal(before.values[others], after.values[others])


def test_the_matrix_on_disk_the_matrix_of_one_family_and_the_facts_behind_it_agree(
    made_from: MadeFrom, tmp_path: Path
) -> None:
    plan, generation = plan_from_json(made_from.bundle.plan_json), made_from.generation.leaving_out(frozenset({MOTHER}))
    whole = build_matrix(plan, generation, [AS_OF])
    write_matrix(plan, generation, [AS_OF], tmp_path / "matrix.parquet")
    written = pq.read_table(tmp_path / "matrix.parquet").to_pydict()
    place = written["family_id"].index("f_both")
    shard = OpenShards(generation).shard_with(["f_both"])
    one = matrix_of(ShardRun(plan, generation.coverage, shard, as_of_days(plan, [AS_OF])))
    expected = whole.values[whole.family_id == "f_both"][0].tolist()
    assert expected == one.values[0].tolist() == [written[name][place] for name in plan.names] == [0.0, 0.4, 0.0]
    behind = evidence(plan, generation, "f_both", AS_OF)
    assert behind["incidents"].fact_ids == ()
    assert len(behind["absence"].fact_ids) == 1


def test_an_open_case_stays_open_and_a_threshold_rule_still_sends_to_the_front_door(made_from: MadeFrom) -> None:
    objectors = frozenset({"p_open_child", "p_sent_mother", "p_helped_child"})
    left = replace(made_from, generation=made_from.generation.leaving_out(objectors))
    offer, review = make_lists(left, as_of_date=AS_OF, published_at=AT)
    assert "f_open" not in offer.considered["family_id"].to_pylist()
    assert [sent.families for sent in offer.front_door] == [("f_sent",)]
    assert review.considered["family_id"].to_pylist() == ["f_helped"]


def test_a_list_counts_whose_facts_it_leaves_out_and_its_flags_say_nothing_of_them(made_from: MadeFrom) -> None:
    left = replace(made_from, generation=made_from.generation.leaving_out(frozenset({MOTHER})))
    offer = make_lists(left, as_of_date=AS_OF, published_at=AT)[0]
    assert (offer.head.left_out, offer.left_out) == (1, (MOTHER,))
    said = [reason.sentence for flag in offer.flags if flag.family_id == "f_both" for reason in flag.reasons]
    assert not any("3 incidents" in sentence for sentence in said)
    assert MOTHER not in offer.head.model_dump_json()
    assert MOTHER not in "".join(flag.model_dump_json() for flag in offer.flags)


@pytest.fixture
def database(tmp_path: Path, doors_of: Callable[..., object]) -> Database:
    return doors_of(tmp_path).control.database  # type: ignore[attr-defined, no-any-return]


def test_an_objection_counts_until_it_is_decided_and_for_good_where_it_is_upheld(
    made_from: MadeFrom, database: Database
) -> None:
    generation = made_from.generation

    def out() -> frozenset[str]:
        with database.reading() as connection:
            return left_out(known_objections(connection, database.clock()), generation, AS_OF)

    assert out() == frozenset()
    hers = take_down(database, (MOTHER, "r_1"), by="ann")
    his = take_down(database, ("p_abuse_child", "r_2"), by="ann")
    assert out() == {MOTHER, "p_abuse_child"}
    decide(database, hers.number, "upheld", because="Her own account", by="ben")
    decide(database, his.number, "refused", because="No ground", by="ben")
    assert out() == {MOTHER}
    decide(database, his.number, "upheld", because="Reviewed", by="ben")
    assert out() == {MOTHER, "p_abuse_child"}


def test_objections_are_added_to_and_the_audit_log_names_nobody_who_objected(
    made_from: MadeFrom, database: Database
) -> None:
    made = take_down(database, (MOTHER, "r_1"), by="ann")
    decided = decide(database, made.number, "upheld", because="Her own account", by="ben")
    assert (made.revision, decided.revision, decided.person_id) == (1, 2, MOTHER)
    with pytest.raises(TargetingError, match=f"this person's objection {made.number} is upheld already"):
        take_down(database, (MOTHER, "r_1"), by="ann")
    with pytest.raises(TargetingError, match=rf"there is no objection 99\. Those taken down: {made.number}\.$"):
        decide(database, 99, "refused", because="", by="ben")
    with database.reading() as connection:
        told = str(connection.exec_driver_sql("select * from audit_events").all())
        actions = connection.exec_driver_sql("select action from audit_events order by seq").scalars().all()
    assert MOTHER not in told
    assert "r_1" not in told
    assert actions[-2:] == ["object", "decide_objection"]
    database.check_audit_log()


def test_what_was_recorded_after_a_moment_is_not_known_at_it(database: Database) -> None:
    take_down(database, (MOTHER, "r_1"), by="ann")
    with database.reading() as connection:
        assert known_objections(connection, datetime(2020, 1, 1, tzinfo=UTC)) == ()


def test_only_a_named_officer_decides(made_from: MadeFrom) -> None:
    named = made_from.service.model_copy(update={"objections": Objections(officers=("Ben Officer",))})
    check_is_officer(named, "Ben Officer")
    with pytest.raises(TargetingError, match=r"Ann is not named in serving/service\.toml.*Officers: Ben Officer"):
        check_is_officer(named, "Ann")
    with pytest.raises(TargetingError, match=r"None is named\."):
        check_is_officer(made_from.service, "Ann")
