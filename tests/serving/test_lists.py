"""From records to two published lists, on a small district whose answers are known."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from targeting.errors import DataError
from targeting.features import plan_from_json
from targeting.features.engine import build_matrix
from targeting.serving.contents import Flag
from targeting.serving.definition import Panel
from targeting.serving.lists import make_lists, publish
from targeting.serving.published import PublishedList, read_list
from targeting.serving.week import MadeFrom
from targeting.serving.writing_lists import AlreadyPublishedError

AS_OF = date(2026, 3, 30)
PUBLISHED_AT = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def lists(made_from: MadeFrom) -> dict[str, PublishedList]:
    return {each.head.kind: each for each in make_lists(made_from, as_of_date=AS_OF, published_at=PUBLISHED_AT)}


def flag_of(published: PublishedList, family: str) -> Flag:
    return next(flag for flag in published.flags if flag.family_id == family)


def test_each_family_of_the_cohort_is_on_the_list_of_its_help_and_an_open_case_on_none(
    lists: dict[str, PublishedList],
) -> None:
    offer, review = lists["offer"], lists["review"]
    # Ten families: one open to social care, one with early help, one sent to the front door.
    assert (offer.head.families, review.head.families) == (7, 1)
    assert [flag.family_id for flag in review.flags] == ["f_helped"]


def test_eighteen_minutes_hold_three_families_one_of_them_never_known(lists: dict[str, PublishedList]) -> None:
    offer = lists["offer"]
    assert offer.head.capacity == 3
    assert (offer.head.kept_for, lists["review"].head.kept_for) == ("Families that no contact names, without help", "")
    assert [(flag.rank, flag.family_id, flag.kept_place) for flag in offer.flags] == [
        (1, "f_both", False),
        (2, "f_absent", False),
        (6, "f_never", True),
    ]


def test_two_families_of_equal_score_and_different_histories_read_differently(made_from: MadeFrom) -> None:
    service = made_from.service
    longer = service.model_copy(update={"list": (service.list[0].model_copy(update={"minutes": 60}),)})
    (offer,) = make_lists(replace(made_from, service=longer), as_of_date=AS_OF, published_at=PUBLISHED_AT)
    margins = {passport.flag.family_id: passport.margin for passport in offer.passports}
    assert margins["f_abuse"] == margins["f_absent"]
    assert [[reason.sentence for reason in flag_of(offer, name).reasons] for name in ("f_abuse", "f_absent")] == [
        [
            "The child who missed most school missed 0% of sessions",
            "The family lived with 3 incidents of domestic abuse in the last 12 months",
        ],
        [
            "No domestic abuse is recorded in the last 12 months",
            "The child who missed most school missed 40% of sessions",
        ],
    ]


def test_parts_and_reference_sum_to_the_margin_less_the_cohorts_mean(
    lists: dict[str, PublishedList], made_from: MadeFrom
) -> None:
    for kind, cohort in (("offer", 7), ("review", 1)):
        published = lists[kind]
        assert len(published.passports) == published.head.listed
        for passport in published.passports:
            parts = [value.part for value in passport.indicators]
            assert math.fsum([*parts, passport.reference]) == pytest.approx(
                passport.margin - published.head.mean_margin, abs=1e-9
            )
        assert published.head.families == cohort


def test_the_mean_is_that_of_the_lists_own_cohort(lists: dict[str, PublishedList], made_from: MadeFrom) -> None:
    plan = plan_from_json(made_from.bundle.plan_json)
    offered = ["f_abuse", "f_absent", "f_both", "f_centre", "f_never", "f_unlinked", "f_visitor"]
    matrix = build_matrix(plan, made_from.generation, [AS_OF], families=offered)
    assert lists["offer"].head.mean_margin == pytest.approx(np.mean(made_from.bundle.margins(matrix.values)), abs=1e-12)


def test_the_row_served_is_the_row_of_a_matrix_of_many_dates(
    lists: dict[str, PublishedList], made_from: MadeFrom
) -> None:
    dates = [date(2025, month, 3) for month in range(1, 13)] + [AS_OF]
    matrix = build_matrix(plan_from_json(made_from.bundle.plan_json), made_from.generation, dates)
    for passport in lists["offer"].passports:
        row = (matrix.family_id == passport.flag.family_id) & (matrix.as_of_date == np.datetime64(AS_OF))
        served = [math.nan if value.value is None else value.value for value in passport.indicators]
        np.testing.assert_array_equal(matrix.values[row][0], served)


def test_a_threshold_rule_sends_a_family_to_the_front_door_and_lists_it_nowhere(
    lists: dict[str, PublishedList],
) -> None:
    offer = lists["offer"]
    assert [(sent.rule, sent.families) for sent in offer.front_door] == [("high_grade", ("f_sent",))]
    assert offer.head.sent_to_front_door == 1
    assert "f_sent" not in {flag.family_id for each in lists.values() for flag in each.flags}


def test_a_reason_carries_its_facts_agency_and_age(lists: dict[str, PublishedList]) -> None:
    offer = lists["offer"]
    first = offer.flags[0].reasons[0]
    assert (first.agency, first.latest_date, first.age) == ("schools", date(2025, 12, 19), "3 months ago")
    behind = {value.name: value.fact_ids for value in offer.passports[0].indicators}
    assert [len(behind[name]) for name in ("incidents", "absence", "centre")] == [3, 1, 0]


def test_what_is_not_known_is_said_and_unknown_values_have_their_reason(made_from: MadeFrom) -> None:
    service = made_from.service
    longer = service.model_copy(update={"list": (service.list[0].model_copy(update={"minutes": 60}),)})
    (offer,) = make_lists(replace(made_from, service=longer), as_of_date=AS_OF, published_at=PUBLISHED_AT)
    assert [gap.sentence for gap in flag_of(offer, "f_unlinked").unknowns] == [
        "School attendance is not known: no matching record of the family was found"
    ]
    assert flag_of(offer, "f_abuse").unknowns == ()


def test_a_band_says_both_halves(lists: dict[str, PublishedList]) -> None:
    for flag in lists["offer"].flags:
        about, of = flag.band.about, flag.band.of
        assert f"Of {of} families" in flag.band.sentence
        assert flag.band.sentence.endswith(
            f"about {about} later needed a social worker within 6 months; {of - about} did not."
        )


def test_families_just_below_the_line_are_a_count(lists: dict[str, PublishedList]) -> None:
    # f_absent is the last listed by rank; f_abuse, f_centre and f_unlinked share its band, from .35 up.
    assert lists["offer"].head.just_below == 3


def test_a_panel_with_wards_has_families_of_its_own_and_the_other_all_the_rest(made_from: MadeFrom) -> None:
    panels = (Panel(name="east", title="East", wards=("A",)), Panel(name="rest", title="Rest"))
    split = replace(made_from, service=made_from.service.model_copy(update={"panel": panels}))
    made = make_lists(split, as_of_date=AS_OF, published_at=PUBLISHED_AT)
    considered = {(each.head.panel, each.head.kind): each.head.families for each in made}
    # f_abuse and f_absent live in ward A; f_visitor's address is not known.
    assert considered == {("east", "offer"): 2, ("east", "review"): 1, ("rest", "offer"): 5, ("rest", "review"): 0}


def test_a_list_without_anybody_is_published_all_the_same(made_from: MadeFrom) -> None:
    kind = made_from.service.list[0].model_copy(update={"cohort": "urgent"})
    service = made_from.service.model_copy(update={"list": (kind,)})
    (empty,) = make_lists(replace(made_from, service=service), as_of_date=AS_OF, published_at=PUBLISHED_AT)
    assert (empty.head.families, empty.head.listed, empty.head.mean_margin, empty.flags) == (0, 0, 0.0, ())


def test_publishing_writes_what_it_returns_and_the_second_time_nothing(made_from: MadeFrom, tmp_path: Path) -> None:
    made = publish(made_from, data=tmp_path, as_of_date=AS_OF, published_at=PUBLISHED_AT)
    assert tuple(read_list(tmp_path, each.head.id) for each in made) == made
    with pytest.raises(AlreadyPublishedError, match="as of 2026-03-30 is published already"):
        publish(made_from, data=tmp_path, as_of_date=AS_OF, published_at=PUBLISHED_AT)


def test_the_same_inputs_publish_the_same_bytes(made_from: MadeFrom, tmp_path: Path) -> None:
    for folder in (tmp_path / "one", tmp_path / "two"):
        publish(made_from, data=folder, as_of_date=AS_OF, published_at=PUBLISHED_AT)
    one, two = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("l_*/*")}
        for folder in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two
    assert len(one) == 2 * 12


@pytest.mark.parametrize(
    ("as_of", "message"),
    [
        (date(2015, 1, 1), "no source shares anything before 2015-01-01"),
        (date(2026, 4, 27), "the data end on 2026-03-29, more than 28 days before 2026-04-27: load newer extracts"),
    ],
)
def test_a_date_that_the_data_do_not_reach_is_refused(made_from: MadeFrom, as_of: date, message: str) -> None:
    with pytest.raises(DataError, match=message):
        make_lists(made_from, as_of_date=as_of, published_at=PUBLISHED_AT)


def test_a_model_of_synthetic_families_lists_no_real_ones(made_from: MadeFrom) -> None:
    generation = made_from.generation
    real = replace(generation, manifest=replace(generation.manifest, synthetic=False))
    with pytest.raises(DataError, match="was trained on synthetic data and says nothing about real families"):
        make_lists(replace(made_from, generation=real), as_of_date=AS_OF, published_at=PUBLISHED_AT)


def test_another_model_than_the_services_is_refused(made_from: MadeFrom) -> None:
    service = made_from.service.model_copy(update={"model": "step_down"})
    with pytest.raises(DataError, match="lists by the model 'step_down'; this bundle is of 'escalation'"):
        make_lists(replace(made_from, service=service), as_of_date=AS_OF, published_at=PUBLISHED_AT)
