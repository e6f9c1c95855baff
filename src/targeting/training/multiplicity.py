"""Models as good as the best, and how far their lists differ: a rank is only as sure as the models agree on it.

Breiman, Statistical modeling: the two cultures (2001), section 8; Marx and others, Predictive multiplicity (2020).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from targeting.models.estimator import Booster, EstimatorSettings, margins, train_booster
from targeting.training.definition import TrainingDefinition
from targeting.training.fitting import thinned
from targeting.training.rows import Rows
from targeting.training.search import SearchResult

# The model itself and so many others give a rank its range.
OTHERS = 4


@dataclass(frozen=True)
class Multiplicity:
    """Boosters as good as the model's in validation, fitted on the same dates, and what they would list.

    `as_good` counts all trials within a standard error of the best. `lists` tells, for each length of a list on the
    last date, which share of the model's list every one of them lists, and how many families any of them lists for
    each of its places.
    """

    boosters: tuple[Booster, ...]
    as_good: int
    trials: int
    lists: Mapping[str, Mapping[str, float]]

    def to_json(self) -> dict[str, object]:
        """Return what is written as evidence."""
        kept = len(self.boosters)
        return {"as_good": self.as_good, "trials": self.trials, "kept": kept, "lists": dict(self.lists)}


def multiplicity(
    definition: TrainingDefinition, found: SearchResult, rows: Rows, kept: Booster, *, settings: EstimatorSettings
) -> Multiplicity:
    """Return the models as good as `kept`, which learnt from `rows`.

    They learn from every event and the share of other rows that the search kept, weighted up: a third of the time.
    """
    others = [trial for trial in found.as_good if trial.number != found.best.number][:OTHERS]
    some = thinned(rows, settings, share=definition.search.non_events_kept) if others else None
    boosters = tuple(train_booster(some, trial.parameters, rounds=trial.rounds) for trial in others if some is not None)
    last = rows.on(rows.dates[-1:])
    lengths = {"capacity": definition.measures.capacity, "1_percent": max(1, round(len(last) / 100))}
    tops = {name: _tops((kept, *boosters), last, length) for name, length in lengths.items()}
    return Multiplicity(
        boosters=boosters,
        as_good=len(found.as_good),
        trials=len(found.trials),
        lists={name: _agreement(each) for name, each in tops.items()},
    )


def _tops(boosters: Sequence[Booster], rows: Rows, length: int) -> list[set[int]]:
    return [set(np.argsort(-margins(each, rows.X), kind="stable")[:length].tolist()) for each in boosters]


def _agreement(tops: Sequence[set[int]]) -> dict[str, float]:
    length = max(1, len(tops[0]))
    return {
        "listed_by_all": len(set.intersection(*tops)) / length,
        "listed_by_any": len(set.union(*tops)) / length,
    }
