"""What the indicators contribute, drawn over many families at once: TreeSHAP as a swarm and by the indicator's value.

A swarm of points would show families one by one, and no family's row may lie in MLflow. So what is drawn is cells of
six families or more; those of fewer are left out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import altair
import numpy as np
import pandas as pd

from targeting.models.estimator import Booster, Floats
from targeting.models.explanation import contributions
from targeting.training.charts import PANEL, as_svg
from targeting.training.rows import Rows

_FAMILIES, _SEED = 800, 20260329
_FEWEST = 6
_SHOWN, _DEPENDENCES, _STEPS = 12, 6, 30
_WORDS = ["low", "middle", "high", "unknown"]


@dataclass(frozen=True)
class Contributions:
    """Indicators' values and contributions of a sample of rows, those that contribute most first."""

    names: tuple[str, ...]
    values: Floats
    parts: Floats


def sampled_contributions(booster: Booster, rows: Rows) -> Contributions:
    """Return the contributions of a sample of rows, the same for the same rows."""
    chosen = np.random.default_rng(_SEED).permutation(len(rows))[:_FAMILIES]
    X = rows.take(np.sort(chosen)).X
    parts = contributions(booster, X)[:, :-1]
    order = np.argsort(-np.abs(parts).mean(axis=0), kind="stable")
    return Contributions(tuple(booster.names[at] for at in order), X[:, order], parts[:, order])


def swarm_cells(held: Contributions) -> list[dict[str, object]]:
    """Return how many families have a contribution of about so much, by indicator and whether its value is high."""
    step = float(np.ptp(held.parts)) / _STEPS or 1.0
    found = []
    for column, name in enumerate(held.names[:_SHOWN]):
        place = np.round(held.parts[:, column] / step) * step
        words = _words(held.values[:, column])
        counts = Counter(zip(place.tolist(), words, strict=True))
        found += [
            {"indicator": name, "contribution": at, "value": word, "families": count}
            for (at, word), count in sorted(counts.items())
            if count >= _FEWEST
        ]
    return found


def dependence_points(held: Contributions) -> list[dict[str, object]]:
    """Return the mean contribution by an indicator's value, for the indicators that contribute most."""
    found = []
    for column, name in enumerate(held.names[:_DEPENDENCES]):
        known = ~np.isnan(held.values[:, column])
        values, parts = held.values[known, column], held.parts[known, column]
        edges = np.unique(np.quantile(values, np.linspace(0, 1, 13))) if len(values) else values
        place = np.searchsorted(edges, values, side="left")
        for at in np.unique(place):
            here = place == at
            if here.sum() >= _FEWEST:
                found.append(
                    {"indicator": name, "value": float(values[here].mean()), "contribution": float(parts[here].mean())}
                )
    return found


def swarm_chart(held: Contributions) -> str:
    """Return the swarm as SVG."""
    drawn = (
        altair.Chart(_frame(swarm_cells(held), ("indicator", "contribution", "value", "families")))
        .mark_circle()
        .encode(
            x=altair.X("contribution:Q", title="Contribution to the log-odds (TreeSHAP)"),
            y=altair.Y("indicator:N", sort=list(held.names), title=None),
            yOffset=altair.YOffset("value:N", sort=_WORDS),
            size=altair.Size("families:Q", title="Families", scale=altair.Scale(domainMin=_FEWEST)),
            color=altair.Color("value:N", sort=_WORDS, title="The indicator's value"),
        )
    )
    return as_svg(drawn, f"What contributes; cells of {_FEWEST} families and more")


def dependence_chart(held: Contributions) -> str:
    """Return mean contributions by value as SVG, a panel an indicator: each has a scale of values of its own."""
    drawn = (
        altair.Chart(_frame(dependence_points(held), ("indicator", "value", "contribution")))
        .mark_line(point=True)
        .encode(
            x=altair.X("value:Q", title="The indicator's value"),
            y=altair.Y("contribution:Q", title="Mean contribution"),
        )
        .properties(width=PANEL, height=PANEL)
        .facet(altair.Facet("indicator:N", sort=list(held.names), title=None), columns=3)
        .resolve_scale(x="independent")
    )
    return as_svg(drawn, "Contribution to the log-odds by value, of the indicators that contribute most")


def _words(values: Floats) -> list[str]:
    known = values[~np.isnan(values)]
    low, high = np.quantile(known, [1 / 3, 2 / 3]) if len(known) else (0.0, 0.0)
    words = np.where(values > high, "high", np.where(values <= low, "low", "middle"))
    return list(np.where(np.isnan(values), "unknown", words).tolist())


def _frame(cells: Sequence[dict[str, object]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(cells, columns=list(columns))
