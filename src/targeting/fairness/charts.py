"""One chart for each question of an audit, as SVG: drawn from what the audit shows, readable without colour.

Every chart stands beside the table of its numbers and says nothing that the table does not say. What is withheld or not
defined has no mark. The drawings know no colour but black and grey: values differ by shape, intervals are lines.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, log
from typing import Any

import vl_convert
from markupsafe import escape

from targeting.fairness.metrics import split_comparison, title_of
from targeting.fairness.results import AttributeResult, Audit, GatingResult, GroupResult, Section, Shown
from targeting.fairness.sentences import cut_in_words

# Parts of a Vega-Lite specification.
Spec = dict[str, Any]

BLACK, GREY, PALE, WHITE = "#0b0c0c", "#6f777b", "#b1b4b6", "#fff"
WIDTH, ROW = 300, 20
FURTHEST = 5.0
VERDICT_SHAPES = {"pass": "circle", "concern": "triangle-up", "fail": "square", "cannot tell": "diamond"}
SHAPES = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down", "triangle-left")
DRAWN = (("tpr", "Recall"), ("ppv", "Precision"))
_LINE: Spec = {"type": "rule", "color": BLACK}
_DASHED: Spec = {"type": "rule", "color": GREY, "strokeDash": [4, 3]}
_POINT: Spec = {"type": "point", "size": 60, "color": BLACK, "fill": WHITE, "opacity": 1}
_CONFIG: Spec = {
    "font": "Arial, Helvetica, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": BLACK,
        "domainColor": GREY,
        "tickColor": GREY,
        "gridColor": PALE,
        "titleColor": BLACK,
        "titleFontWeight": "normal",
        "labelLimit": 220,
        "labelFontSize": 12,
        "titleFontSize": 12,
    },
    "legend": {"orient": "bottom", "columns": 1, "labelLimit": 420, "labelFontSize": 12},
}
_OPENING = re.compile("<svg[^>]*>")
# What the drawing's parts say of themselves to a screen reader, which reads the table instead.
_UNSAID = re.compile(r' (role|class|aria-[a-z]+)="[^"]*"')


def gating_chart(audit: Audit) -> str:
    """Return every gating gap with the interval by which it is judged, in limits: beyond 1 or -1 it is too large.

    Empty where none may be shown.
    """
    marks = [mark for gate in audit.gating for mark in _in_limits(gate, _gate_label(gate, audit))]
    if not marks:
        return ""
    shapes = {"domain": list(VERDICT_SHAPES), "range": list(VERDICT_SHAPES.values())}
    shape = {"field": "verdict", "type": "nominal", "title": "Verdict", "scale": shapes}
    gap = {"field": "value", "type": "quantitative", "title": "Gap, where 1 and −1 are the limit"}
    row = _row([mark["row"] for mark in marks])
    layers = [_dashed_at([-1.0, 1.0]), _intervals(marks, row), _points(marks, {"x": gap, "y": row, "shape": shape})]
    return _svg(_panel(layers), "Gating gaps beside their limits")


def _in_limits(gate: GatingResult, label: str) -> Iterator[Spec]:
    """Return a gap and its interval over the limit; what lies beyond five limits is drawn at five."""
    shown, is_ratio = gate.judged, split_comparison(gate.measure)[1] == "ratio"
    numbers = [_over_limit(each, gate.limit, is_ratio) for each in (shown.value, shown.lower, shown.upper)]
    if None not in numbers:
        value, lower, upper = numbers
        yield {"row": label, "value": value, "lower": lower, "upper": upper, "verdict": gate.verdict}


def _over_limit(value: object, limit: float, is_ratio: bool) -> float | None:
    if not isinstance(value, (int, float)):
        return None
    if is_ratio and value <= 0:
        return -FURTHEST
    scaled = log(value) / abs(log(limit)) if is_ratio else value / limit
    return max(-FURTHEST, min(FURTHEST, scaled))


def _gate_label(gate: GatingResult, audit: Audit) -> str:
    attribute = next((each for each in audit.attributes if each.name == gate.attribute), None)
    group = None if attribute is None else attribute.group(gate.group)
    measure = title_of(split_comparison(gate.measure)[0])
    cut = "" if len({each.cut for each in audit.gating}) == 1 else f", {cut_in_words(gate.cut)}"
    return f"{gate.group if group is None else group.words}: {measure}{cut}"


def attribute_chart(attribute: AttributeResult, cut: str) -> str:
    """Return recall and precision of each group at a cut with their intervals, a dashed line at the reference's.

    Empty where no group has a figure with an interval.
    """
    panels = [panel for metric, title in DRAWN for panel in _of_metric(attribute, cut, metric, title)]
    if not panels:
        return ""
    name = attribute.name.replace("_", " ")
    return _svg({"vconcat": panels, "spacing": 12}, f"Recall and precision by {name}, listing {cut_in_words(cut)}")


def _of_metric(attribute: AttributeResult, cut: str, metric: str, title: str) -> Iterator[Spec]:
    rows = [(group, group.at(cut)[metric]) for group in attribute.groups]
    marks = [_mark(group, shown) for group, shown in rows if _has_interval(shown)]
    if not marks:
        return
    scale = {"domain": [0, min(1.0, max([0.2, *(mark["upper"] for mark in marks)]))]}
    axis = {"format": "%", "tickCount": 5}
    share = {"field": "value", "type": "quantitative", "title": f"{title} (95% interval)", "scale": scale, "axis": axis}
    row = _row([group.words for group in attribute.groups])
    reference = [shown.value for group, shown in rows if group.group == attribute.reference and _has_interval(shown)]
    yield _panel([_dashed_at(reference), _intervals(marks, row), _points(marks, {"x": share, "y": row})])


def _has_interval(shown: Shown) -> bool:
    return isinstance(shown.value, (int, float)) and shown.lower is not None and shown.upper is not None


def _mark(group: GroupResult, shown: Shown) -> Spec:
    return {"row": group.words, "value": shown.value, "lower": shown.lower, "upper": shown.upper}


def section_chart(section: Section) -> str:
    """Return the values of a section's table, a shape for each column, intervals as lines; empty where it has none."""
    columns = {at: each for at, each in enumerate(section.columns) if each.form != "text" and each.part == "value"}
    marks = [mark for at in columns for mark in _marks(section, at)]
    if not marks:
        return ""
    shares = all(column.form == "share" for column in columns.values())
    row = _row([each.label for each in section.rows])
    encoding = {
        "x": {
            "field": "value",
            "type": "quantitative",
            "title": next(iter(columns.values())).heading if len(columns) == 1 else None,
            "scale": {"zero": shares},
            "axis": {"tickCount": 5, **({"format": "%"} if shares else {})},
        },
        "y": row,
        "shape": _shape([column.heading for column in columns.values()]),
    }
    return _svg(_panel([_intervals([m for m in marks if "lower" in m], row), _points(marks, encoding)]), section.title)


def _shape(headings: Sequence[str]) -> Spec:
    shapes = {"domain": list(headings), "range": [SHAPES[at % len(SHAPES)] for at in range(len(headings))]}
    legend: Spec = {"legend": None} if len(headings) == 1 else {}
    return {"field": "column", "type": "nominal", "title": None, "scale": shapes, **legend}


def _marks(section: Section, at: int) -> Iterator[Spec]:
    """Return the values of one column, with the bounds in the columns after it."""
    following = enumerate(section.columns[at : at + 3], start=at)
    parts: dict[str, int] = {each.part: place for place, each in following if place == at or each.part != "value"}
    for row in section.rows:
        numbers = {part: row.values[place] for part, place in parts.items()}
        if all(isinstance(each, (int, float)) and isfinite(each) for each in numbers.values()):
            yield {"row": row.label, "column": section.columns[at].heading, **numbers}


def _row(order: Sequence[str]) -> Spec:
    return {"field": "row", "type": "nominal", "title": None, "sort": list(dict.fromkeys(order))}


def _intervals(marks: Sequence[Mapping[str, object]], row: Spec) -> Spec:
    encoding = {"x": {"field": "lower", "type": "quantitative"}, "x2": {"field": "upper"}, "y": row}
    return {"data": {"values": list(marks)}, "mark": _LINE, "encoding": encoding}


def _points(marks: Sequence[Mapping[str, object]], encoding: Spec) -> Spec:
    return {"data": {"values": list(marks)}, "mark": _POINT, "encoding": encoding}


def _dashed_at(values: Sequence[object]) -> Spec:
    marks = [{"at": each} for each in values]
    return {"data": {"values": marks}, "mark": _DASHED, "encoding": {"x": {"field": "at", "type": "quantitative"}}}


def _panel(layers: Sequence[Spec]) -> Spec:
    """Return layers over each other, without those that have nothing to draw."""
    return {"width": WIDTH, "height": {"step": ROW}, "layer": [each for each in layers if each["data"]["values"]]}


def _svg(drawn: Spec, name: str) -> str:
    """Return a drawing with a name for those who do not see it; its parts have none of their own."""
    svg = str(vl_convert.vegalite_to_svg({**drawn, "background": WHITE, "config": _CONFIG}, vl_version="6.4"))
    title = f"<title>{escape(name)}. The table beside it has the same numbers.</title>"
    return _OPENING.sub(lambda found: f'{found[0][:-1]} role="img" focusable="false">{title}', _UNSAID.sub("", svg), 1)
