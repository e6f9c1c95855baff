"""Charts of a training as SVG, drawn from its evidence without a network."""

from collections.abc import Mapping
from typing import Any

import altair
import pandas as pd
import vl_convert

_SIZE = 360


def precision_recall_chart(evaluation: Mapping[str, Any]) -> str:
    """Return precision by recall on the test dates, with a line at the share who had the outcome."""
    prevalence = evaluation["test"]["pooled"]["prevalence"]
    drawn = (
        altair.Chart(pd.DataFrame(evaluation["precision_recall"]))
        .mark_line()
        .encode(
            x=altair.X("recall:Q", title="Share of outcomes found", scale=altair.Scale(domain=[0, 1])),
            y=altair.Y("precision:Q", title="Share of those listed who had the outcome"),
        )
    )
    chance = _dashed_line([{"y": prevalence}], y=altair.Y("y:Q"))
    return _svg(drawn + chance, "Precision by recall; the dashed line is a list in no order")


def calibration_chart(evaluation: Mapping[str, Any]) -> str:
    """Return the observed share by mean probability in tenths of the test rows; the dashed line is right."""
    bins = evaluation["calibration"]
    most = max((max(each["expected"], each["observed"]) for each in bins), default=1.0)
    drawn = (
        altair.Chart(pd.DataFrame(bins))
        .mark_point(filled=True, size=60)
        .encode(
            x=altair.X("expected:Q", title="Estimated share"),
            y=altair.Y("observed:Q", title="Observed share"),
        )
    )
    right = _dashed_line([{"x": 0, "y": 0}, {"x": most, "y": most}], x=altair.X("x:Q"), y=altair.Y("y:Q"))
    return _svg(drawn + right, "Observed by estimated share, in tenths")


def _dashed_line(points: list[dict[str, float]], **encoding: Any) -> altair.Chart:
    lines = altair.Chart(pd.DataFrame(points))
    marked = lines.mark_line(strokeDash=[4, 4], color="gray") if "x" in encoding else lines.mark_rule(strokeDash=[4, 4])
    return marked.encode(**encoding)


def _svg(chart: altair.LayerChart, title: str) -> str:
    sized = chart.properties(width=_SIZE, height=_SIZE, title=title)
    return str(vl_convert.vegalite_to_svg(sized.to_dict()))
