"""How sure a rank is, beside an obvious way of finding out: every model ranks, every gap is filled one by one."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from targeting.features import Matrix, plan_from_json
from targeting.models.bundle import Bundle
from targeting.models.estimator import Booster, EstimatorSettings, TrainingRows, train_booster
from targeting.serving.changes import rank_range
from targeting.serving.contents import Unknown
from targeting.serving.drawing import Draw
from targeting.serving.moved import Places
from targeting.serving.rank_ranges import DONORS, Ranges
from targeting.serving.ranking import places
from targeting.serving.sentences import CANNOT_BE_TOLD
from targeting.serving.week import MadeFrom, Week

AS_OF = date(2026, 3, 30)
FAMILIES = 300
NOT_LINKED = 3


def booster(names: tuple[str, ...], weights: tuple[float, ...], seed: int) -> Booster:
    """Return a model that learnt to weigh three columns so."""
    drawing = np.random.default_rng(seed)
    X = drawing.random((400, 3))
    y = (X @ np.array(weights) + 0.2 * drawing.normal(size=400) > np.sum(weights) / 2).astype(np.int8)
    settings = EstimatorSettings(names=names, directions=(None,) * 3, seed=seed, threads=1)
    return train_booster(TrainingRows(X, y, settings=settings), {"num_leaves": 8, "learning_rate": 0.2}, rounds=10)


@pytest.fixture(scope="module")
def bundle(made_from: MadeFrom) -> Bundle:
    names = made_from.bundle.booster.names
    as_good = tuple(booster(names, weights, seed) for seed, weights in enumerate(((1, 2, 1), (2, 1, 1)), start=2))
    return replace(made_from.bundle, booster=booster(names, (1, 1, 1), 1), as_good=as_good)


@pytest.fixture(scope="module")
def draw(made_from: MadeFrom, bundle: Bundle) -> Draw:
    """Return a list of three of 300 families, the last on a place kept for those never known, far below the line.

    Of every third family the first column is not known.
    """
    drawing = np.random.default_rng(7)
    values, unknown = drawing.random((FAMILIES, 3)), np.zeros((FAMILIES, 3), dtype=np.int8)
    unknown[::3, 0] = NOT_LINKED
    values[::3, 0] = np.nan
    family_id = np.array([f"f_{number:03}" for number in range(FAMILIES)])
    plan = plan_from_json(bundle.plan_json)
    margins = bundle.margins(values)
    week = Week(
        made_from=replace(made_from, bundle=bundle),
        plan=plan,
        as_of_date=AS_OF,
        matrix=Matrix(family_id, np.full(FAMILIES, np.datetime64(AS_OF)), plan.names, values, unknown),
        margins=margins,
        probability=bundle.probability(margins),
        in_cohort={},
        wards=np.zeros(FAMILIES, dtype="U1"),
    )
    never_known = np.zeros(FAMILIES, dtype=np.bool_)
    never_known[np.argsort(-margins)[80]] = True
    listed = places(margins, family_id, capacity=3, never_known=never_known, kept=1)
    service = made_from.service
    rows = np.arange(FAMILIES)
    return Draw(
        week=week,
        panel=service.panel[0],
        kind=service.list[0],
        rows=rows,
        listed=listed,
        sent=(),
        resting=(),
        returned={},
    )


def _ranges_of(draw: Draw, rows: NDArray[np.int64], unknown: NDArray[np.int8]) -> Ranges:
    """Return the ranges of a list of some rows of the week, of which so much is not known."""
    held = draw.week.matrix
    family_id = np.array([f"f_{number:03}" for number in range(len(rows))])
    matrix = Matrix(family_id, held.as_of_date[rows], held.names, held.values[rows], unknown[rows])
    week = replace(draw.week, matrix=matrix, margins=draw.week.margins[rows])
    return Ranges(replace(draw, week=week, rows=np.arange(len(rows))))


def gap(*columns: str) -> Unknown:
    return Unknown(sentence="It is not known", because="not_linked", indicators=columns)


def test_other_models_rank_those_down_to_the_last_listed(draw: Draw, bundle: Bundle) -> None:
    week, ranges = draw.week, Ranges(draw)
    assert [place.rank for place in draw.listed] == [1, 2, 81]
    # Three places: thirty families, were the last one listed not the 81st.
    pool = sorted(range(FAMILIES), key=lambda row: -week.margins[row])[:81]
    for place in draw.listed:
        ranks = [place.rank]
        for model in bundle.as_good:
            theirs = model.trees.predict(week.matrix.values[pool], raw_score=True)
            order = sorted(range(81), key=lambda at: (-theirs[at], week.matrix.family_id[pool[at]]))
            ranks.append(1 + [pool[at] for at in order].index(place.row))
        assert ranges.by_models(place) == Places(best=min(ranks), worst=max(ranks))


def test_a_bundle_without_other_models_tells_nothing_of_them(draw: Draw, bundle: Bundle) -> None:
    alone = replace(
        draw, week=replace(draw.week, made_from=replace(draw.week.made_from, bundle=replace(bundle, as_good=())))
    )
    assert Ranges(alone).by_models(draw.listed[0]) is None


def test_a_gap_is_filled_with_what_is_known_of_others(draw: Draw, bundle: Bundle) -> None:
    week, first = draw.week, bundle.booster.names[0]
    donors = [row for row in range(FAMILIES) if not week.matrix.unknown[row, 0]]
    for row in (0, 30, 150):
        margins = week.margins.tolist()
        rank = 1 + sum((-other, at) < (-margins[row], row) for at, other in enumerate(margins))
        place = replace(draw.listed[0], rank=rank, row=row)
        found = []
        for donor in (donors[number * len(donors) // DONORS] for number in range(DONORS)):
            filled = week.matrix.values[row].copy()
            filled[0] = week.matrix.values[donor, 0]
            margin = float(bundle.margins(filled[None, :])[0])
            ahead = [(-other, at) < (-margin, row) for at, other in enumerate(margins) if at != row]
            found.append(1 + sum(ahead))
        # Nine of ten: of two hundred, ten are left out at either end.
        nine_of_ten = sorted(found)[10:-10]
        expected = Places(best=min(rank, nine_of_ten[0]), worst=max(rank, nine_of_ten[-1]))
        assert Ranges(draw).by_gaps(place, [gap(first)]) == ((expected,), expected)
        assert expected.best < expected.worst


def test_what_is_known_of_no_other_family_cannot_be_told(draw: Draw, bundle: Bundle) -> None:
    unknown = draw.week.matrix.unknown.copy()
    unknown[:, 1] = 1
    dark = replace(draw, week=replace(draw.week, matrix=replace(draw.week.matrix, unknown=unknown)))
    first, second, _ = bundle.booster.names
    assert Ranges(dark).by_gaps(draw.listed[0], [gap(second)]) == ((None,), None)
    alone, together = Ranges(dark).by_gaps(draw.listed[0], [gap(first), gap(second)])
    assert alone[1] is None
    assert together == alone[0]
    assert Ranges(dark).by_gaps(draw.listed[0], [gap(first, second)]) == ((None,), None)
    # What nobody has recorded yet, or concerns nobody, keeps nobody from filling the rest of a gap.
    for told in ((2, 2), (5, 5), (2, 5)):
        unknown[::2, 1], unknown[1::2, 1] = told
        assert Ranges(dark).by_gaps(draw.listed[0], [gap(first, second)]) == ((alone[0],), alone[0])


def test_where_nothing_is_unknown_nothing_could_move_the_family(draw: Draw) -> None:
    assert Ranges(draw).by_gaps(draw.listed[0], []) == ((), None)


def test_what_is_known_of_hardly_anybody_fills_no_gap(draw: Draw, bundle: Bundle) -> None:
    dense, sparse = draw.week.matrix.unknown.copy(), draw.week.matrix.unknown.copy()
    # Every family twice: forty of six hundred know the second column, or twenty, which is less than one in twenty.
    dense[20:, 1], sparse[10:, 1] = 1, 1
    twice = np.repeat(np.arange(FAMILIES), 2)
    second = gap(bundle.booster.names[1])
    found = [_ranges_of(draw, twice, each).by_gaps(draw.listed[0], [second]) for each in (dense, sparse)]
    assert found[0][1] is not None
    assert found[1] == ((None,), None)


def test_a_gap_that_would_not_move_a_family_is_said_so_unless_another_cannot_be_told() -> None:
    stays = Places(best=4, worst=4)
    assert rank_range(4, Places(best=2, worst=5), stays).why[1:] == ("What is not known would not move it",)
    assert rank_range(4, Places(best=2, worst=5), stays, has_untold_gap=True).why[1:] == (CANNOT_BE_TOLD,)


@pytest.mark.parametrize(
    ("by_models", "by_unknowns", "sentence", "why"),
    [
        (None, None, "4th", ()),
        (
            Places(best=3, worst=9),
            None,
            "between 3rd and 9th",
            ("Other models that did as well in tests place it there too",),
        ),
        (
            Places(best=4, worst=4),
            Places(best=2, worst=121),
            "between 2nd and 121st",
            ("Other models that did as well in tests place it 4th", "What is not known could move it that far"),
        ),
        (
            Places(best=2, worst=5),
            Places(best=4, worst=9),
            "between 2nd and 9th",
            (
                "Other models that did as well in tests place it between 2nd and 5th",
                "What is not known could move it between 4th and 9th",
            ),
        ),
    ],
)
def test_a_range_holds_all_that_it_comes_from_and_says_so(
    by_models: Places | None, by_unknowns: Places | None, sentence: str, why: tuple[str, ...]
) -> None:
    told = rank_range(4, by_models, by_unknowns)
    assert (told.sentence, told.why) == (sentence, why)
    untold = rank_range(4, by_models, by_unknowns, has_untold_gap=True)
    assert (untold.sentence, untold.why) == (sentence, (*why, CANNOT_BE_TOLD))
