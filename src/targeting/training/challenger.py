"""A glass box beside the trees: an explainable boosting machine, whose every effect can be drawn as a line.

Lou, Caruana and Gehrke, Intelligible models for classification and regression (2012); by interpret-core.
"""

from importlib import import_module
from importlib.util import find_spec
from warnings import catch_warnings, filterwarnings

import numpy as np

from targeting.errors import TargetingError
from targeting.models.estimator import Floats
from targeting.training.definition import ExplainableBoostingRule
from targeting.training.rows import Rows

PACKAGE = "interpret-core"


def check_can_be_trained(rule: ExplainableBoostingRule | None, place: str) -> None:
    """Raise TargetingError where an explainable boosting machine is declared and its package is not installed."""
    if rule is not None and find_spec("interpret") is None:
        raise TargetingError(
            f"{place}: baselines.explainable_boosting needs {PACKAGE}, which is not installed: "
            "`pip install 'targeting[challenger]'`, or leave the table out."
        )


def explainable_boosting_score(
    rule: ExplainableBoostingRule, *, train: Rows, test: Rows, seed: int, threads: int
) -> Floats:
    """Return log-odds of the test rows; an unknown value has an effect of its own in every indicator.

    Rows without an event are thinned to the declared share and weighted up, as in the search.
    """
    kept = (train.y == 1) | (np.random.default_rng(seed).random(len(train)) < rule.non_events_kept)
    machine = import_module("interpret.glassbox").ExplainableBoostingClassifier(
        feature_names=list(train.names),
        feature_types=["continuous"] * len(train.names),
        interactions=rule.interactions,
        outer_bags=rule.bags,
        n_jobs=threads,
        random_state=seed,
    )
    weights = np.where(train.y[kept] == 1, 1.0, 1.0 / rule.non_events_kept)
    with catch_warnings():
        # Its charts leave unknown values out, and none is drawn here; an indicator may be known of nobody.
        filterwarnings("ignore", message="Missing values detected|All-NaN slice")
        machine.fit(train.where(kept).X, train.y[kept], sample_weight=weights)
    return np.asarray(machine.decision_function(test.X), dtype=np.float64)
