"""Charts of a training as SVG, drawn from its evidence without a network."""

from collections.abc import Mapping
from typing import Any

import altair
import pandas as pd
import vl_convert

_SIZE, PANEL = 360, 170


# Most tenths of the rows lie near 0: by roots they are told apart, and 0 has a place.
_SPREAD = altair.Scale(type="sqrt")


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
    return as_svg(drawn + chance, "Precision by recall; the dashed line is a list in no order")


def calibration_chart(evaluation: Mapping[str, Any]) -> str:
    """Return the observed share by mean probability in tenths of the test rows; the dashed line is right."""
    bins = evaluation["calibration"]
    most = max((max(each["expected"], each["observed"]) for each in bins), default=1.0)
    drawn = (
        altair.Chart(pd.DataFrame(bins))
        .mark_point(filled=True, size=60)
        .encode(
            x=altair.X("expected:Q", title="Estimated share", scale=_SPREAD),
            y=altair.Y("observed:Q", title="Observed share", scale=_SPREAD),
        )
    )
    right = _dashed_line([{"x": 0, "y": 0}, {"x": most, "y": most}], x=altair.X("x:Q"), y=altair.Y("y:Q"))
    return as_svg(drawn + right, "Observed by estimated share, in tenths")


def net_benefit_chart(evaluation: Mapping[str, Any]) -> str:
    """Return net benefit at each threshold, of the model and of looking at everyone; looking at nobody has 0."""
    points = [
        {"threshold": each["threshold"], "order": order, "benefit": each[name]}
        for each in evaluation["net_benefit"]
        for name, order in (("model", "this model"), ("everyone", "everyone"))
    ]
    model = [each["model"] for each in evaluation["net_benefit"]]
    # Looking at everyone soon costs far more than any model gains: its line leaves the chart below.
    shown = altair.Scale(domain=[min(*model, -0.3 * max(model)), 1.05 * max(model)]) if model else altair.Undefined
    drawn = (
        altair.Chart(pd.DataFrame(points))
        .mark_line(point=True, clip=True)
        .encode(
            x=altair.X("threshold:Q", title="Probability from which a family is looked at"),
            y=altair.Y("benefit:Q", title="Net benefit, a family", scale=shown),
            strokeDash=altair.StrokeDash("order:N", title="Who is looked at"),
        )
    )
    return as_svg(drawn + _dashed_line([{"y": 0.0}], y=altair.Y("y:Q")), "Net benefit; the dashed line is nobody")


def stability_chart(evaluation: Mapping[str, Any]) -> str:
    """Return, date by date, the share with the outcome in the top per cent and among all families."""
    points = [
        {"date": day, "of": name, "share": held[key]}
        for day, held in evaluation["test"]["by_date"].items()
        for key, name in (("precision_at_1_percent", "the top per cent"), ("prevalence", "all families"))
        if held.get(key) is not None
    ]
    drawn = (
        altair.Chart(pd.DataFrame(points))
        .mark_line(point=True)
        .encode(
            x=altair.X("date:T", title="As-of date", axis=altair.Axis(format="%b %Y", labelAngle=-45)),
            y=altair.Y("share:Q", title="Share who had the outcome", scale=altair.Scale(domainMin=0)),
            strokeDash=altair.StrokeDash("of:N", title="Of"),
        )
    )
    return as_svg(drawn, "Share with the outcome, date by date")


def _dashed_line(points: list[dict[str, float]], **encoding: Any) -> altair.Chart:
    lines = altair.Chart(pd.DataFrame(points))
    marked = lines.mark_line(strokeDash=[4, 4], color="gray") if "x" in encoding else lines.mark_rule(strokeDash=[4, 4])
    return marked.encode(**encoding)


def as_svg(chart: altair.Chart | altair.LayerChart | altair.FacetChart, title: str) -> str:
    """Return a chart as SVG; panels of several keep the size that they have."""
    size = {} if isinstance(chart, altair.FacetChart) else {"width": _SIZE, "height": _SIZE}
    sized = chart.properties(title=title, **size)
    return str(vl_convert.vegalite_to_svg(sized.to_dict()))
