"""`audit.html`: one page that governance staff read before they sign, complete in itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from targeting.fairness.estimates import ENOUGH, REPLICATES
from targeting.fairness.metrics import split_comparison, title_of
from targeting.fairness.results import WITHHELD, AttributeResult, Audit, GroupResult, Number, Shown, Verdict
from targeting.fairness.sentences import cut_in_words

TEMPLATES = Path(__file__).parent / "templates"
MARKS: dict[Verdict, str] = {"pass": "✓", "concern": "!", "fail": "✕", "cannot tell": "?"}
WIDTH, HEIGHT = 120, 12


@dataclass(frozen=True)
class Column:
    """One column of figures: its heading, its metric, and how its numbers are written."""

    heading: str
    metric: str
    form: str


MAIN = (
    Column("Number", "n", "count"),
    Column("With the outcome", "positives", "count"),
    Column("Listed", "selected", "count"),
    Column("Share listed", "selection_rate", "percent"),
    Column("Of those with the outcome, listed (recall)", "tpr", "percent"),
    Column("Of those listed, with the outcome (precision)", "ppv", "percent"),
    Column("Of those without the outcome, listed", "fpr", "percent"),
    Column("Outcomes over those expected", "calibration_in_the_large", "number"),
    Column("AUC", "auc", "number"),
)
AT_EVERY_CUT = (Column("Share listed", "selection_rate", "percent"), Column("Recall", "tpr", "percent"))


GLOSSARY = (
    ("AUC", "the chance that one with the outcome has a higher score than one without; 0.5 is a coin"),
    ("base rate", "how often the outcome comes in a group"),
    ("cluster", "rows that are not independent, as the children of one family on several dates"),
    ("cut", "where a list ends: at a score, after so many places, or after so many weeks of lists"),
    ("interval", "from where to where the true value is likely to lie; 95 of 100 such intervals hold it"),
    ("precision", "of those listed, how many had the outcome"),
    ("recall", "of those with the outcome, how many were listed"),
    ("reference", "the group that others are compared with: a yardstick, not a norm"),
    ("smallest gap to be seen", "the true gap that data of this size would tell from none four times in five"),
    ("withheld (c)", "not shown, since it is of one to five people or would tell such a number"),
)


def audit_to_html(audit: Audit) -> str:
    """Return the page of an audit: verdicts in sentences first, then tables, then how it was done."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"figure": figure, "count": count, "cut": cut_in_words, "scale": scale, "whisker": whisker}
    environment.filters |= {"cell": cell}
    return environment.get_template("audit.html.j2").render(
        audit=audit,
        people="children" if audit.unit == "child" else "people",
        marks=MARKS,
        main=MAIN,
        main_cut=_main_cut(audit),
        at_every_cut=AT_EVERY_CUT,
        enough=ENOUGH,
        replicates=f"{REPLICATES:,}",
        attribute_title=attribute_title,
        reference_of=reference_of,
        words_of=partial(words_of, audit),
        glossary=GLOSSARY,
        measure_title=lambda measure: title_of(split_comparison(measure)[0]),
    )


def attribute_title(name: str) -> str:
    """Return an attribute's name as a heading."""
    return name.replace("_", " ").capitalize()


def reference_of(attribute: AttributeResult) -> GroupResult | None:
    """Return the group that the others are compared with, where it has rows."""
    return None if attribute.reference is None else attribute.group(attribute.reference)


def words_of(audit: Audit, attribute: str, group: str) -> str:
    """Return a group's name for the reader."""
    found = next((each.group(group) for each in audit.attributes if each.name == attribute), None)
    return group if found is None else found.words


def _main_cut(audit: Audit) -> str:
    """Return the cut of most gating comparisons, or the first where there are none."""
    gated = [gating.cut for gating in audit.gating]
    return max(dict.fromkeys(gated), key=gated.count) if gated else audit.cuts[0].cut


def count(value: Number) -> str:
    """Return a count with thousands marked; `c` where withheld."""
    return WITHHELD if value == WITHHELD else f"{value:,}"


def figure(shown: Shown, form: str) -> Markup:
    """Return one number with its interval below it; `c` where withheld, a dash where it is not defined."""
    if shown.value is None:
        return Markup('<span aria-hidden="true">–</span><span class="unseen">not defined</span>')
    if shown.value == WITHHELD or form == "count":
        return Markup("{}").format(count(shown.value))
    value = _form(float(shown.value), form)
    if shown.lower is None or shown.upper is None:
        return Markup("{}").format(value)
    interval = f"{_form(shown.lower, form, unit=False)} to {_form(shown.upper, form, unit=False)}"
    return Markup('{} <span class="interval">{}</span>').format(value, interval)


def cell(value: Number | str, form: str) -> str:
    """Return one value of a section's table; a dash where there is none."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{100 * value:.0f}%" if form == "share" else f"{value:.2f}"


def _form(value: float, form: str, *, unit: bool = True) -> str:
    if form == "percent":
        return f"{100 * value:.1f}" + ("%" if unit else "")
    return f"{value:.2f}"


def scale(groups: Sequence[GroupResult], cut: str, metric: str) -> float:
    """Return the greatest bound that a column of whiskers has to hold, a fifth at least."""
    shown = [group.at(cut)[metric] for group in groups]
    return max([0.2, *(each.upper for each in shown if each.upper is not None)])


def whisker(shown: Shown, greatest: float, reference: Shown | None) -> Markup:
    """Return a drawing of a value in its interval, on a line from 0, with a stroke at the reference group's value.

    It says nothing that the numbers beside it do not say, and so is hidden from screen readers.
    """
    if shown.value in (None, WITHHELD) or shown.lower is None or shown.upper is None:
        return Markup("")
    left, right, at = (_x(float(value or 0), greatest) for value in (shown.lower, shown.upper, shown.value))
    marks = [
        f'<path d="M0 6H{WIDTH}" class="axis"/>',
        f'<path d="M{left} 6H{right}M{left} 3V9M{right} 3V9" class="range"/>',
        f'<circle cx="{at}" cy="6" r="3"/>',
    ]
    if reference is not None and isinstance(reference.value, float):
        marks.insert(1, f'<path d="M{_x(reference.value, greatest)} 0V{HEIGHT}" class="reference"/>')
    drawing = f'<svg viewBox="-4 0 {WIDTH + 8} {HEIGHT}" aria-hidden="true" focusable="false">{"".join(marks)}</svg>'
    return Markup(drawing)  # noqa: S704 - made of numbers alone


def _x(value: float, greatest: float) -> str:
    return f"{WIDTH * min(value / greatest, 1):.1f}"
