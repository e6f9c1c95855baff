"""`audit.html`: one page that governance staff read before they sign, complete in itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from targeting.fairness.charts import attribute_chart, gating_chart, section_chart
from targeting.fairness.estimates import ENOUGH, REPLICATES
from targeting.fairness.metrics import RATES, split_comparison, title_of
from targeting.fairness.results import WITHHELD, AttributeResult, Audit, GroupResult, Number, Shown, Signed, Verdict
from targeting.fairness.sentences import cut_in_words
from targeting.fairness.signatures import signatures_html
from targeting.fairness.templating import environment

MARKS: dict[Verdict, str] = {"pass": "✓", "concern": "!", "fail": "✕", "cannot tell": "?"}


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


def audit_to_html(audit: Audit, signed: Sequence[Signed] = ()) -> str:
    """Return the page of an audit: verdicts in sentences first, then charts with their tables, then how it was done.

    `signed` names those whose signatures hold; roles that are to sign and have not are shown as not yet signed.
    """
    templates = environment()
    templates.filters |= {"figure": figure, "count": count, "cut": cut_in_words}
    templates.filters |= {"cell": cell, "limit": limit}
    templates.filters |= {"attribute_chart": _drawn(attribute_chart), "section_chart": _drawn(section_chart)}
    return templates.get_template("audit.html.j2").render(
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
        signatures=signatures_html(signed),
        gating_chart=_drawn(gating_chart)(audit),
        form_of=form_of,
        measure_title=lambda measure: title_of(split_comparison(measure)[0]),
    )


def _drawn(draw: Callable[..., str]) -> Callable[..., Markup]:
    """Return what draws, its drawing marked as whole: the words in it were escaped as it was made."""
    return lambda *given: Markup(draw(*given))  # noqa: S704


def form_of(measure: str, *, gap: bool = False) -> str:
    """Return how a comparison's figures are written, or with `gap` the comparison itself."""
    metric, how = split_comparison(measure)
    if metric not in RATES:
        return "number"
    return "percent" if not gap else "points" if how == "difference" else "number"


def limit(value: float, form: str) -> str:
    """Return a limit as its gap is written."""
    return _form(value, form)


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
        return Markup("{}{}").format(_about(shown), count(shown.value))
    value = _about(shown) + _form(float(shown.value), form)
    if shown.lower is None or shown.upper is None:
        return Markup("{}").format(value)
    interval = f"{_form(shown.lower, form, unit=False)} to {_form(shown.upper, form, unit=False)}"
    return Markup('{} <span class="interval">{}</span>').format(value, interval)


def _about(shown: Shown) -> str:
    return "" if shown.within is None else "about "


def cell(value: Number | str, form: str) -> str:
    """Return one value of a section's table; a dash where there is none."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{100 * value:.0f}%" if form == "share" else f"{value:.2f}"


def _form(value: float, form: str, *, unit: bool = True) -> str:
    if form in ("percent", "points"):
        return f"{100 * value:.1f}".replace("-", "−") + ("" if not unit else "%" if form == "percent" else " points")
    return f"{value:.2f}"
