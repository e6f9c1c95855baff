"""What the mitigation lab writes: the points as JSON, and a chart that is readable in greyscale."""

import json
from collections.abc import Sequence
from pathlib import Path

import altair
import pandas as pd
import vl_convert

from targeting.fairness.sentences import cut_in_words
from targeting.training.mitigation import Point

_SIZE, _KEY = 480, 240
_PERCENT = altair.Axis(format=".0%")


def write_mitigation(points: Sequence[Point], out: Path, *, cut: str, attribute: str) -> None:
    """Write mitigation.json and mitigation.svg to a folder, which is made where it does not exist."""
    out.mkdir(parents=True, exist_ok=True)
    content = {"cut": cut, "attribute": attribute, "points": [point.to_json() for point in points]}
    (out / "mitigation.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    (out / "mitigation.svg").write_text(mitigation_chart(points, cut=cut), encoding="utf-8")


def mitigation_chart(points: Sequence[Point], *, cut: str) -> str:
    """Return recall against the largest gap: a circle for what could be proposed, a diamond for study alone.

    Each mark bears the number of its way in the key beside; ways that come to the same point share one.
    """
    frame = pd.DataFrame([point.to_json() for point in points])
    frame["use"] = ["could be proposed" if point.deployable else "for study alone" for point in points]
    frame["number"] = [str(number) for number in range(1, len(points) + 1)]
    frame["key"] = frame["number"] + "  " + frame["name"]
    marked = frame.groupby(["gap", "recall"], as_index=False)["number"].agg(", ".join)
    gap = altair.X(
        "gap:Q", title="Largest gap in recall to the reference", axis=_PERCENT, scale=altair.Scale(zero=True)
    )
    title = f"Recall of all children, {cut_in_words(cut)} listed"
    recall = altair.Y("recall:Q", title=title, axis=_PERCENT, scale=altair.Scale(zero=False))
    base = altair.Chart(frame)
    gaps = base.mark_rule(color="#b1b4b6").encode(y=recall, x="gap_lower:Q", x2="gap_upper:Q")
    recalls = base.mark_rule(color="#b1b4b6").encode(x=gap, y="recall_lower:Q", y2="recall_upper:Q")
    shapes = altair.Shape("use:N", title=None, scale=altair.Scale(range=["circle", "diamond"]))
    marks = base.mark_point(size=90, color="#0b0c0c", strokeWidth=2).encode(x=gap, y=recall, shape=shapes)
    numbers = altair.Chart(marked).mark_text(align="left", dx=8, dy=-9, color="#0b0c0c", fontSize=13, fontWeight="bold")
    drawn = (gaps + recalls + marks + numbers.encode(x=gap, y=recall, text="number:N")).properties(
        width=_SIZE, height=_SIZE, title="What narrowing the gap costs; lines are 95% intervals"
    )
    key = base.mark_text(align="left", color="#0b0c0c", fontSize=13).encode(
        y=altair.Y("key:N", axis=None, sort=None), text="key:N"
    )
    beside = key.properties(width=_KEY, height=22 * len(points), title="Ways")
    return str(vl_convert.vegalite_to_svg((drawn | beside).configure_view(stroke=None).to_dict()))
