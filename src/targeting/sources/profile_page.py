"""The page of an extract's profile: complete in itself, with its charts drawn in it."""

from collections.abc import Mapping
from pathlib import Path

import altair
import pandas as pd
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from targeting.sources.profiling import WITHHELD, Count, Profile

TEMPLATES = Path(__file__).parent / "templates"
WIDTH, HEIGHT = 640, 140
INK = "#0b0c0c"


def profile_to_html(profile: Profile) -> str:
    """Return the page of a profile: what was read, volumes over time, lags, missing values, faults, numbers."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"count": shown_count, "words": _words, "chart": volume_chart}
    return environment.get_template("profile.html.j2").render(profile=profile)


def shown_count(count: Count | None) -> str:
    """Return a count with thousands marked; `c` where withheld, a dash where there is none."""
    if count is None:
        return "–"
    return count if isinstance(count, str) else f"{count:,}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def volume_chart(months: Mapping[str, Count], title: str) -> Markup:
    """Return a drawing of rows by month; months whose count is withheld have no bar and are marked `c`."""
    rows = [
        {"month": month, "rows": 0 if count == WITHHELD else count, "mark": WITHHELD if count == WITHHELD else ""}
        for month, count in months.items()
    ]
    base = altair.Chart(pd.DataFrame(rows)).encode(
        x=altair.X("month:O", title=None, axis=altair.Axis(labelOverlap=True, labelAngle=-90)),
        y=altair.Y("rows:Q", title="Rows"),
    )
    drawn = base.mark_bar(color=INK) + base.mark_text(dy=-6, color=INK).encode(text="mark:N")
    sized = drawn.properties(width=WIDTH, height=HEIGHT).configure(font="Arial", background="white")
    svg = str(vl_convert.vegalite_to_svg(sized.to_dict()))
    return Markup('<figure role="img" aria-label="{}">{}</figure>').format(title, Markup(svg))  # noqa: S704 - our own.
