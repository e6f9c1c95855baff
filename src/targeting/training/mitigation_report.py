"""What the mitigation lab writes: the points as JSON, and a chart that is readable in greyscale."""

import json
from collections.abc import Sequence
from pathlib import Path

import altair
import pandas as pd
import vl_convert

from targeting.training.mitigation import Point

_SIZE = 480


def write_mitigation(points: Sequence[Point], out: Path, *, cut: str, attribute: str) -> None:
    """Write mitigation.json and mitigation.svg to a folder, which is made where it does not exist."""
    out.mkdir(parents=True, exist_ok=True)
    content = {"cut": cut, "attribute": attribute, "points": [point.to_json() for point in points]}
    (out / "mitigation.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    (out / "mitigation.svg").write_text(mitigation_chart(points, cut=cut), encoding="utf-8")


def mitigation_chart(points: Sequence[Point], *, cut: str) -> str:
    """Return recall against the largest gap: a circle for what could be proposed, a diamond for study alone."""
    frame = pd.DataFrame([point.to_json() for point in points])
    frame["use"] = ["could be proposed" if point.deployable else "for study alone" for point in points]
    gap = altair.X("gap:Q", title="Largest gap in recall to the reference", scale=altair.Scale(zero=True))
    recall = altair.Y("recall:Q", title=f"Recall of all children at {cut}", scale=altair.Scale(zero=False))
    base = altair.Chart(frame)
    gaps = base.mark_rule(color="#6f777b").encode(y=recall, x="gap_lower:Q", x2="gap_upper:Q")
    recalls = base.mark_rule(color="#6f777b").encode(x=gap, y="recall_lower:Q", y2="recall_upper:Q")
    shapes = altair.Shape("use:N", title=None, scale=altair.Scale(range=["circle", "diamond"]))
    marks = base.mark_point(size=90, color="#0b0c0c", strokeWidth=2).encode(x=gap, y=recall, shape=shapes)
    names = base.mark_text(align="left", dx=9, dy=-8, color="#0b0c0c").encode(x=gap, y=recall, text="name:N")
    drawn = (gaps + recalls + marks + names).properties(
        width=_SIZE, height=_SIZE, title="What narrowing the gap costs; lines are 95% intervals"
    )
    return str(vl_convert.vegalite_to_svg(drawn.to_dict()))
