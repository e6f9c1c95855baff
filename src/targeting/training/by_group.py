"""How the model does in parts of the deployed population: by the children's ages, by whether services knew the family.

What is protected is judged in the fairness audit, with its disclosure control; these groups are of practice.
"""

from collections.abc import Callable, Mapping

import numpy as np

from targeting.features.dates import latest_birth
from targeting.features.engine import select
from targeting.features.plan import Plan
from targeting.store.generations import Generation
from targeting.training.audit_units import Members, members_of
from targeting.training.definition import Measures
from targeting.training.evaluation import Scored, draws, percentiles
from targeting.training.listing import distinct, listed_rows
from targeting.training.measures import (
    average_precision,
    brier,
    calibration_in_the_large,
    calibration_line,
    curve,
    rank,
)
from targeting.training.rows import Mask, Rows

# Years of age, both included. A family is in the group of each of its children; the unborn are in the first.
AGE_BANDS = ((0, 1), (2, 4), (5, 10), (11, 15), (16, 17))
# Below so many with the outcome, or without, a group is too small to judge (as in the fairness audit).
ENOUGH = 20

Groups = Callable[[Rows], Mapping[str, Mask]]


def no_groups(_rows: Rows) -> Mapping[str, Mask]:
    """Return no group."""
    return {}


def age_groups(rows: Rows, generation: Generation) -> dict[str, Mask]:
    """Return which rows are of a family with a child of each age on the row's date."""
    as_of = rows.as_of_date.astype("datetime64[D]").astype(np.int32)
    members = members_of(rows.family_id, as_of, generation.memberships())
    children = members.where(members.are_under_18)
    return {f"a child aged {low} to {high}": _with_age(children, low, high, len(rows)) for low, high in AGE_BANDS}


def known_groups(rows: Rows, never_known: Plan, generation: Generation) -> dict[str, Mask]:
    """Return which rows are of families whom no service knew on the row's date, and which of others."""
    never = np.zeros(len(rows), dtype=np.bool_)
    for day in rows.dates:
        at = np.flatnonzero(rows.is_on([day]))
        never[at] = np.isin(rows.family_id[at], select(never_known, generation, day))
    return {"never known to services": never, "known before": ~never}


def _with_age(children: Members, low: int, high: int, rows: int) -> Mask:
    old_enough = children.birth <= latest_birth(children.as_of, 12 * low) if low else np.ones(len(children.birth), bool)
    held = old_enough & (children.birth > latest_birth(children.as_of, 12 * (high + 1)))
    found = np.zeros(rows, dtype=np.bool_)
    found[children.scored[held]] = True
    return found


def evaluate_groups(
    rows: Scored, groups: Mapping[str, Mask], measures: Measures, *, seed: int
) -> dict[str, dict[str, object]]:
    """Return measures of each group, on lists that were cut for everybody.

    A group with too few families with the outcome, or without, gets its number of families and nothing else.
    """
    listed = listed_rows(rows.family, rows.as_of_date, rows.score, capacity=measures.capacity)[52]
    return {name: _of_group(rows.where(mask), listed[mask], measures, seed) for name, mask in groups.items()}


def _of_group(rows: Scored, listed: Mask, measures: Measures, seed: int) -> dict[str, object]:
    known = rows.known
    families = len(np.unique(known.family))
    least = min(len(np.unique(known.family[known.outcome == outcome])) for outcome in (0, 1))
    if least < ENOUGH or known.probability is None:
        return {"families": families, "enough": False}
    named = distinct(rows.family, rows.as_of_date, rows.outcome, listed, weeks=52)
    ranking = rank(rows.score)
    families_in_all = int(rows.family.max()) + 1

    def measured(weights: np.ndarray[tuple[int], np.dtype[np.float64]] | None) -> dict[str, float]:
        of_family = np.ones(families_in_all)
        if weights is not None:
            of_family[rows.family] = weights
        over_a_year = named.top(of_family).to_measures("in_52_weeks")
        return {"average_precision": average_precision(curve(ranking, rows.outcome, weights)), **over_a_year}

    slope, intercept = calibration_line(known.probability, known.outcome, known.family)
    large = calibration_in_the_large(known.probability, known.outcome, known.family)
    calibration = {
        "calibration_in_the_large": large,
        "calibration_slope": slope,
        "calibration_intercept": intercept,
    }
    drawn = draws(rows, measured, replicates=measures.replicates, seed=seed)
    return {
        "families": families,
        "enough": True,
        "prevalence": float(known.outcome.mean()),
        "brier": brier(known.probability, known.outcome),
        **measured(None),
        **{name: each.value for name, each in calibration.items()},
        "intervals": {
            **{name: list(percentiles(values)) for name, values in drawn.items()},
            **{name: [each.low, each.high] for name, each in calibration.items()},
        },
    }
