"""A points rule as a model: what ranks, explains and proves a model's list does the same for a points rule's."""

from collections.abc import Sequence

import numpy as np

from targeting.errors import TargetingError
from targeting.models.calibration import Calibrator
from targeting.models.estimator import Booster, booster_from_text
from targeting.models.points import PointsRule

# A bundle of a points rule bears its model's name with this behind: it is never promoted, and no model by that name is.
BY_POINTS = "_by_points"
# Of so many families one has what a line asks for: parts then are the points of whoever has it, and nothing otherwise.
_OF = 1_000_000_000
# Unknown goes left, to no points.
_NUMERIC_UNKNOWN_LEFT = 2 | 8
# A bundle has a calibrator; of a points rule nobody asks it, for points say nothing about how likely anything is.
NO_CALIBRATOR = Calibrator("sigmoid", (0.0,), (-1.0,), 1.0)


def is_by_points(model: str) -> bool:
    """Return whether a bundle's model is a points rule."""
    return model.endswith(BY_POINTS)


def points_booster(rules: Sequence[PointsRule], names: Sequence[str]) -> Booster:
    """Return a booster whose margin is a row's points, one tree of two leaves a line; `names` are its columns.

    Equal to `points` to the bit where points are whole. Raises TargetingError for an indicator that is no column, and
    where there is no line.
    """
    missing = sorted({rule.indicator for rule in rules} - set(names))
    if missing or not rules:
        raise TargetingError(f"the points rule asks for {', '.join(missing) or 'nothing'}; the model does not hold it.")
    header = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        f"max_feature_idx={len(names) - 1}\nobjective=regression\nfeature_names={' '.join(names)}\n"
        f"feature_infos={' '.join('[-inf:inf]' for _ in names)}\n"
    )
    trees = "\n".join(_tree(number, list(names).index(rule.indicator), rule) for number, rule in enumerate(rules))
    # Read twice: LightGBM's own text of it is what a bundle holds.
    text = f"{header}\n{trees}\nend of trees\n\nparameters:\nend of parameters\n"
    return booster_from_text(booster_from_text(text).text)


def _tree(number: int, column: int, rule: PointsRule) -> str:
    below = np.nextafter(rule.at_least, -np.inf)
    return (
        f"Tree={number}\nnum_leaves=2\nnum_cat=0\nsplit_feature={column}\nsplit_gain=1\nthreshold={float(below)!r}\n"
        f"decision_type={_NUMERIC_UNKNOWN_LEFT}\nleft_child=-1\nright_child=-2\nleaf_value=0 {rule.points!r}\n"
        f"leaf_weight={_OF - 1} 1\nleaf_count={_OF - 1} 1\ninternal_value=0\ninternal_weight={_OF}\n"
        f"internal_count={_OF}\nis_linear=0\nshrinkage=1\n"
    )
