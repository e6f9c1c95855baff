"""What moved a family since the list before: each planted cause has its own part, and no other cause has any."""

import math
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from targeting.models.bundle import Bundle, BundleContents, write_bundle
from targeting.models.estimator import EstimatorSettings, TrainingRows, train_booster
from targeting.records.contract import contract
from targeting.serving.changes import because
from targeting.serving.contents import Passport
from targeting.serving.definition import Panel
from targeting.serving.lists import publish
from targeting.serving.passport import verify
from targeting.serving.past import ended_by_successor
from targeting.serving.published import PublishedList
from targeting.serving.week import MadeFrom
from targeting.store.contents import SUCCESSIONS
from targeting.store.generations import Generation, GenerationContents, SourceCoverage, prune, write_generation

THEN, NOW = date(2026, 3, 23), date(2026, 3, 30)
NOTHING = {"model": 0, "linkage": 0, "feed_outage": 0, "ageing_out": 0, "new_evidence": 0}
INCIDENT = {"grade": "medium", "child_present": False}
Plant = Callable[[GenerationContents], GenerationContents]


def contents_of(generation: Generation) -> GenerationContents:
    """Return what a generation was written from, for a test to change."""
    return GenerationContents(
        facts={kind: generation.facts(kind) for kind, held in generation.manifest.kinds.items() if held.rows},
        memberships=generation.memberships(),
        agency_links=generation.agency_links(),
        coverage=generation.coverage,
        contract=contract(),
        synthetic=True,
        inputs={},
    )


def on(made_from: MadeFrom, as_of: date, data: Path, plant: Plant | None = None) -> Mapping[str, PublishedList]:
    """Publish the lists of a date from the small district as a plant leaves it, by kind."""
    contents = contents_of(made_from.generation)
    generation = write_generation(data, plant(contents) if plant else contents)
    at = datetime(as_of.year, as_of.month, as_of.day, 6, tzinfo=UTC)
    made = publish(replace(made_from, generation=generation), data=data, as_of_date=as_of, published_at=at)
    return {each.head.kind: each for each in made}


@pytest.fixture
def everybody(made_from: MadeFrom) -> MadeFrom:
    """Return what lists are made from, with room for each family of the small district."""
    return with_minutes(made_from, 60)


@pytest.fixture(scope="module")
def published_then(made_from: MadeFrom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with the lists of the first date, with room for everybody and nothing planted."""
    data = tmp_path_factory.mktemp("then")
    on(with_minutes(made_from, 60), THEN, data)
    return data


@pytest.fixture
def since_then(published_then: Path, tmp_path: Path) -> Path:
    """Return a copy of it."""
    return Path(shutil.copytree(published_then, tmp_path / "since"))


def with_minutes(made_from: MadeFrom, minutes: int) -> MadeFrom:
    kinds = tuple(kind.model_copy(update={"minutes": minutes}) for kind in made_from.service.list)
    return replace(made_from, service=made_from.service.model_copy(update={"list": kinds}))


def passports(published: PublishedList) -> dict[str, Passport]:
    return {each.flag.family_id: each for each in published.passports}


def moved(passport: Passport) -> dict[str, float]:
    assert passport.ledger is not None
    return {each.cause: each.part for each in passport.ledger.score}


def told_places(change: Any) -> int:
    """Return the places that the sentences of a change tell of, up less down."""
    told = [re.search(r": (\d+) places? (up|down)$", each) for each in change.because]
    return sum(int(each[1]) * (1 if each[2] == "up" else -1) for each in told if each)


def check_all(lists: Mapping[str, PublishedList], bundle: Bundle) -> None:
    """Every ledger sums exactly, in both its halves, and every passport verifies."""
    for published in lists.values():
        for passport in published.passports:
            assert verify(passport, bundle) == ()
            ledger = passport.ledger
            if ledger is None:
                continue
            assert math.fsum(part.part for part in ledger.score) == ledger.replays[-1].margin - ledger.before.margin
            assert sum(part.part for part in ledger.score) == ledger.replays[-1].margin - ledger.before.margin
            clear = ledger.capacity - ledger.rank, ledger.before.capacity - ledger.before.rank
            assert sum(part.places for part in ledger.places) == clear[0] - clear[1]
    for published in lists.values():
        for flag in published.flags:
            if flag.change is not None and flag.change.rank_before is not None:
                assert told_places(flag.change) == flag.change.rank_before - flag.rank


def with_facts(kind: str, *rows: Mapping[str, Any]) -> Plant:
    """Return a plant that adds facts of a kind."""

    def plant(contents: GenerationContents) -> GenerationContents:
        held = contents.facts[kind]
        whole = [dict.fromkeys(held.schema.names) | {"knowledge_basis": "recorded"} | row for row in rows]
        return replace(
            contents,
            facts={**contents.facts, kind: pa.concat_tables([held, pa.Table.from_pylist(whole, schema=held.schema)])},
        )

    return plant


def incident(number: int, person: str, event: date, known: date, **more: Any) -> dict[str, Any]:
    return {
        "fact_id": number,
        "person_id": person,
        "event_date": event,
        "knowledge_date": known,
        "source": "police",
        **INCIDENT,
        **more,
    }


def with_coverage_until(source: str, until: date) -> Plant:
    def plant(contents: GenerationContents) -> GenerationContents:
        cut = tuple(
            SourceCoverage(each.source, each.kind, each.shared_from, until if each.source == source else each.until)
            for each in contents.coverage
        )
        return replace(contents, coverage=cut)

    return plant


def with_members(*rows: tuple[str, str, date]) -> Plant:
    """Return a plant that makes adults members of families from a day on."""

    def plant(contents: GenerationContents) -> GenerationContents:
        made = [
            {
                "family_id": family,
                "person_id": person,
                "is_child": False,
                "birth_date": date(1990, 1, 1),
                "visible_from": since,
                "visible_to": None,
            }
            for family, person, since in rows
        ]
        more = pa.Table.from_pylist(made, schema=contents.memberships.schema)
        return replace(contents, memberships=pa.concat_tables([contents.memberships, more]))

    return plant


def test_the_first_list_of_a_kind_tells_no_change(everybody: MadeFrom, tmp_path: Path) -> None:
    offer = on(everybody, NOW, tmp_path)["offer"]
    assert {each.flag.change for each in offer.passports} == {None}
    assert {each.ledger for each in offer.passports} == {None}


def test_where_nothing_happened_nothing_moved(everybody: MadeFrom, since_then: Path) -> None:
    lists = on(everybody, NOW, since_then)
    check_all(lists, everybody.bundle)
    for passport in lists["offer"].passports:
        assert moved(passport) == NOTHING
        assert passport.ledger is not None
        assert {part.places for part in passport.ledger.places} == {0}
        change = passport.flag.change
        assert change is not None
        assert (change.standing, change.new_records, change.because) == ("considered", (), ())


@pytest.mark.parametrize(
    ("family", "cause", "plant"),
    [
        (
            "f_never",
            "new_evidence",
            with_facts(
                "domestic_abuse_incident", incident(901, "p_never_mother", date(2026, 3, 24), date(2026, 3, 25))
            ),
        ),
        # It happened before the list before, and was known after it.
        (
            "f_never",
            "new_evidence",
            with_facts("domestic_abuse_incident", incident(901, "p_never_mother", date(2026, 1, 5), date(2026, 3, 25))),
        ),
        # It was known before, by its dates, but came with a delivery after the list before.
        (
            "f_never",
            "new_evidence",
            with_facts("domestic_abuse_incident", incident(901, "p_never_mother", date(2026, 1, 5), date(2026, 1, 6))),
        ),
        ("f_never", "linkage", with_members(("f_never", "p_abuse_mother", date(2026, 3, 26)))),
        ("f_abuse", "feed_outage", with_coverage_until("police", date(2025, 12, 1))),
    ],
)
def test_a_planted_cause_has_its_own_part_and_no_other_has_any(
    everybody: MadeFrom, since_then: Path, family: str, cause: str, plant: Plant
) -> None:
    lists = on(everybody, NOW, since_then, plant)
    check_all(lists, everybody.bundle)
    found = moved(passports(lists["offer"])[family])
    assert abs(found.pop(cause)) > 0.05
    assert set(found.values()) == {0}


def test_what_no_window_holds_any_longer_has_aged_out(everybody: MadeFrom, tmp_path: Path) -> None:
    # Twelve months before the one date, but not before the other.
    plant = with_facts("domestic_abuse_incident", incident(901, "p_never_mother", date(2025, 3, 25), date(2025, 3, 26)))
    before = on(everybody, THEN, tmp_path, plant)
    assert passports(before["offer"])["f_never"].indicators[0].value == 1
    lists = on(everybody, NOW, tmp_path, plant)
    check_all(lists, everybody.bundle)
    found = moved(passports(lists["offer"])["f_never"])
    assert found.pop("ageing_out") < -0.05
    assert set(found.values()) == {0}


def test_a_record_corrected_since_is_evidence_and_one_found_to_be_anothers_is_linkage(
    everybody: MadeFrom, tmp_path: Path
) -> None:
    def incidents(fact: int, person: str, until: date | None, known: date = date(2026, 1, 6)) -> dict[str, Any]:
        return incident(fact, person, date(2026, 1, 5), known, superseded_on=until)

    on(
        everybody,
        THEN,
        tmp_path,
        with_facts(
            "domestic_abuse_incident", incidents(901, "p_never_mother", None), incidents(902, "p_visitor_mother", None)
        ),
    )
    lists = on(
        everybody,
        NOW,
        tmp_path,
        with_facts(
            "domestic_abuse_incident",
            incidents(901, "p_never_mother", date(2026, 3, 25)),
            incidents(902, "p_visitor_mother", date(2026, 3, 25)),
            incidents(902, "p_absent_mother", None, known=date(2026, 3, 25)),
        ),
    )
    check_all(lists, everybody.bundle)
    corrected, found, lost = (moved(passports(lists["offer"])[name]) for name in ("f_never", "f_absent", "f_visitor"))
    assert [cause for cause, part in corrected.items() if part] == ["new_evidence"]
    assert [cause for cause, part in found.items() if part] == ["linkage"]
    # The record is no longer among this family's persons: that, too, became known by linkage.
    assert [cause for cause, part in lost.items() if part] == ["linkage"]
    absent = passports(lists["offer"])["f_absent"].flag.change
    assert absent is not None
    assert absent.new_records == ()


def test_another_model_has_its_own_part_in_score_and_rank(everybody: MadeFrom, since_then: Path) -> None:
    rows = np.array([[abuse, absent, 0.0] for abuse in (0, 3) for absent in (0.0, 0.4) for _ in range(20)])
    y = (rows[:, 1] > 0).astype(np.int8)
    names = everybody.bundle.booster.names
    settings = EstimatorSettings(names=names, directions=(None,) * 3, seed=1, threads=1)
    chosen = {"num_leaves": 4, "max_depth": 2, "min_data_in_leaf": 1, "learning_rate": 0.5}
    other = write_bundle(
        since_then / "bundles",
        BundleContents(
            origin=everybody.bundle.origin,
            booster=train_booster(TrainingRows(rows, y, settings=settings), chosen, rounds=3),
            calibrator=everybody.bundle.calibrator,
            plan_json=everybody.bundle.plan_json,
            evidence={},
        ),
    )
    lists = on(replace(everybody, bundle=other), NOW, since_then)
    check_all(lists, other)
    found = {family: moved(each) for family, each in passports(lists["offer"]).items()}
    assert all(parts["model"] for parts in found.values())
    assert {part for parts in found.values() for cause, part in parts.items() if cause != "model"} == {0}
    places = passports(lists["offer"])["f_abuse"].ledger
    assert places is not None
    # By the other model absence alone counts: families without it change places among themselves by pseudonym.
    assert {part.cause for part in places.places if part.places} <= {"model"}


def test_capacity_moves_the_line_and_nothing_else(everybody: MadeFrom, tmp_path: Path) -> None:
    on(with_minutes(everybody, 18), THEN, tmp_path)
    lists = on(with_minutes(everybody, 30), NOW, tmp_path)
    check_all(lists, everybody.bundle)
    for passport in lists["offer"].passports:
        assert passport.ledger is not None
        assert {part.cause: part.places for part in passport.ledger.places if part.places} == {"capacity": 2}
        assert moved(passport) == NOTHING
        assert passport.flag.change is not None
        assert passport.flag.change.because == ("The meeting has time for 2 more",)


def test_others_that_rise_take_places(everybody: MadeFrom, since_then: Path) -> None:
    plant = with_facts(
        "domestic_abuse_incident",
        *(incident(901 + n, "p_absent_mother", date(2026, 3, 24), date(2026, 3, 25)) for n in range(3)),
    )
    lists = on(everybody, NOW, since_then, plant)
    check_all(lists, everybody.bundle)
    both, absent = (passports(lists["offer"])[name] for name in ("f_both", "f_absent"))
    assert absent.ledger is not None
    assert both.ledger is not None
    # Both have the same records now; the pseudonym decides.
    assert (absent.flag.rank, both.flag.rank) == (1, 2)
    assert {part.cause: part.places for part in both.ledger.places if part.places} == {"other_families": -1}
    assert {part.cause: part.places for part in absent.ledger.places if part.places} == {"new_evidence": 1}
    change = absent.flag.change
    assert change is not None
    assert [new.sentence for new in change.new_records] == ["3 new records on domestic abuse, from police"]
    assert change.because == ("Records are new, or were corrected or closed: 1 place up",)
    assert change.sentence == "On 23 March 2026 this family was 2nd and on the list"


def test_a_family_that_was_not_considered_before_is_called_new(everybody: MadeFrom, since_then: Path) -> None:
    closed = {
        "fact_id": 901,
        "person_id": "p_open_child",
        "event_date": date(2026, 3, 24),
        "knowledge_date": date(2026, 3, 25),
        "source": "social_care",
        "knowledge_basis": "recorded",
        "episode_id": "r",
    }

    def plant(contents: GenerationContents) -> GenerationContents:
        names = ["fact_id", "person_id", "event_date", "knowledge_date", "superseded_on", "knowledge_basis", "source"]
        types = [contents.facts["referral"].schema.field(name) for name in names]
        own = [pa.field(each.name, pa.string()) for each in contents.contract["referral_closed"].columns]
        table = pa.Table.from_pylist([closed], schema=pa.schema([*types, *own]))
        return replace(contents, facts={**contents.facts, "referral_closed": table})

    lists = on(everybody, NOW, since_then, plant)
    check_all(lists, everybody.bundle)
    passport = passports(lists["offer"])["f_open"]
    change = passport.flag.change
    assert passport.ledger is None
    assert change is not None
    assert (change.standing, change.rank_before, change.was_listed) == ("newly_considered", None, False)
    assert change.sentence == "On 23 March 2026 this family was not among those considered"


def merged(contents: GenerationContents) -> GenerationContents:
    """End the family f_visitor: its mother is known to belong to f_absent from 26 March on."""
    rows = contents.memberships
    ends = pc.equal(rows["family_id"], "f_visitor")
    until = pc.if_else(ends, pa.scalar(date(2026, 3, 25)), rows["visible_to"])
    rows = rows.set_column(rows.schema.get_field_index("visible_to"), "visible_to", until)
    went_on = {
        "family_id": "f_visitor",
        "successor_id": "f_absent",
        "from_date": date(2026, 3, 26),
        "how": "went_on_as",
        "records": 1,
    }
    ended = replace(contents, memberships=rows, successions=pa.Table.from_pylist([went_on], schema=SUCCESSIONS))
    return with_members(("f_absent", "p_visitor_mother", date(2026, 3, 26)))(ended)


def test_a_family_that_another_went_on_as_is_called_merged(everybody: MadeFrom, since_then: Path) -> None:
    lists = on(everybody, NOW, since_then, merged)
    check_all(lists, everybody.bundle)
    passport = passports(lists["offer"])["f_absent"]
    # The visitor's mother came to a children's centre: that lowers.
    assert [cause for cause, part in moved(passport).items() if part] == ["linkage"]
    assert passport.flag.change is not None
    assert passport.flag.change.standing == "merged"
    assert passport.flag.change.because[0] == "The records of another family are now known to belong here"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("a", "b")], {"b": ("a",)}),
        ([("a", "b"), ("b", "c")], {"b": ("a",), "c": ("a", "b")}),
        ([("a", "b"), ("b", "a")], {"a": ("b",), "b": ("a",)}),
    ],
)
def test_families_that_ended_are_followed_to_where_they_went(
    rows: Sequence[tuple[str, str]], expected: dict[str, tuple[str, ...]]
) -> None:
    table = pa.table({"family_id": [one for one, _ in rows], "successor_id": [other for _, other in rows]})
    assert ended_by_successor(table) == expected


def test_a_list_of_another_panel_or_kind_is_not_the_list_before(everybody: MadeFrom, tmp_path: Path) -> None:
    panels = (Panel(name="east", title="East", wards=("A",)),)
    on(replace(everybody, service=everybody.service.model_copy(update={"panel": panels})), THEN, tmp_path)
    assert {each.flag.change for each in on(everybody, NOW, tmp_path)["offer"].passports} == {None}


def test_without_the_records_of_the_list_before_no_change_is_told(everybody: MadeFrom, since_then: Path) -> None:
    for until in (date(2026, 3, 30), date(2026, 3, 31)):
        write_generation(since_then, with_coverage_until("schools", until)(contents_of(everybody.generation)))
    prune(since_then)
    lists = on(everybody, NOW, since_then, with_coverage_until("schools", date(2026, 3, 31)))
    assert {each.flag.change for each in lists["offer"].passports} == {None}


def test_what_was_changed_in_a_ledger_is_named(everybody: MadeFrom, since_then: Path) -> None:
    plant = with_facts("domestic_abuse_incident", incident(901, "p_never_mother", date(2026, 3, 24), date(2026, 3, 25)))
    passport = passports(on(everybody, NOW, since_then, plant)["offer"])["f_never"]
    ledger = passport.ledger
    assert ledger is not None

    def faults(**changes: Any) -> tuple[str, ...]:
        return verify(passport.model_copy(update={"ledger": ledger.model_copy(update=changes)}), everybody.bundle)

    wrong = ledger.score[0].model_copy(update={"part": 1.0})
    assert faults() == ()
    assert faults(score=(wrong, *ledger.score[1:])) == (
        "the parts of the ledger come out different",
        "the parts of the ledger do not sum",
    )
    assert faults(capacity=99) == ("the places of the ledger come out different",)
    no_values = tuple(each.model_copy(update={"values": ()}) for each in ledger.replays)
    assert faults(replays=no_values) == ("a margin of the ledger comes out different",)
    assert faults(rank=ledger.rank + 1) == ("the ledger does not lead from the list before to the flag",)
    dropped = verify(passport.model_copy(update={"ledger": None}), everybody.bundle)
    assert dropped == ("a change is told that no ledger holds",)


def test_a_cause_that_hardly_moved_the_estimate_and_yet_the_place_is_told(
    everybody: MadeFrom, since_then: Path
) -> None:
    published = on(everybody, NOW, since_then)["offer"]
    ledger = next(each.ledger for each in published.passports if each.ledger is not None)
    small = [each.model_copy(update={"part": 1e-6 if each.cause == "ageing_out" else 0.0}) for each in ledger.score]
    moved = [each.model_copy(update={"places": 5 if each.cause == "ageing_out" else 0}) for each in ledger.places]
    told = because(ledger.model_copy(update={"score": tuple(small), "places": tuple(moved)}), published.head)
    assert tuple(told) == ("Older records no longer count, and ages have moved on: 5 places up",)
