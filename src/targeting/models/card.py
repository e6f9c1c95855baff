"""A model card, in Markdown and HTML, from evidence: what the model is for, how it did, what it cannot say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from targeting.models.bundle import Origin
from targeting.models.definition import ModelDefinition

_TEMPLATES = Path(__file__).parent / "templates"

# The share that the What Works centre for children's social care asked of a model before it is used: "Machine learning
# in children's services: does it work?" (2020). No model of its pilots reached it.
ASKED_FOR = 0.65

RECORDS_OF = {
    "council": "the council's own records",
    "police_and_schools": "records of the council, the police and schools",
    "health": "records of the council, the police, schools and health services",
}
ORDERS = {
    "prior_count": "number of earlier referrals",
    "logistic_regression": "penalised logistic regression",
    "explainable_boosting": "explainable boosting machine, a glass box",
    "last_list": "order of the last list that was published",
}

_CAPACITY = "first places of a list that a week has room for"
SYNTHETIC = "This model was trained on synthetic data. It says nothing about any real family or place."


@dataclass(frozen=True)
class Line:
    """One measure in words, with its value as text."""

    label: str
    value: str


@dataclass(frozen=True)
class Comparison:
    """The model or one baseline: average precision, precision in the top per cent, AUC, as text."""

    name: str
    average_precision: str
    precision: str
    auc: str


def model_card(model: ModelDefinition, origin: Origin, evidence: Mapping[str, Any]) -> dict[str, bytes]:
    """Return `card.md` and `card.html`.

    `evidence` holds the parsed `evaluation.json`, `gates.json`, `multiplicity.json`, `split.json` and `verdict.json`.
    `speaks_of` and `estimates` of the split describe cohort and outcome; without them their names stand there. With
    `indicators.json` the card tells what the model has never learnt not to know.
    With `audit.json` among them the card tells its verdict, without it that there was no audit.
    """
    evaluation, split = evidence["evaluation.json"], evidence["split.json"]
    values = {
        "model": model,
        "origin": origin,
        "tier": RECORDS_OF[model.tier],
        "speaks_of": split.get("speaks_of") or _words(model.cohort),
        "estimates": split.get("estimates") or _words(model.outcome),
        "judged_on": ", ".join(map(_day, split["dates"]["test"])),
        "learnt_from": _span(origin.as_of_dates),
        "synthetic": SYNTHETIC if origin.synthetic else "",
        "measures": _measures(evaluation["test"]),
        "comparisons": _comparisons(evaluation),
        "groups": _groups(evaluation),
        "never_unknown": _never_unknown(evidence.get("indicators.json", ())),
        "sentences": _sentences(evaluation, evidence["multiplicity.json"]),
        "verdict": evidence["verdict.json"],
        "gates": evidence["gates.json"],
        "split": split,
        "refitted": set(split["dates"]["test"]) <= set(origin.as_of_dates),
        "audit": evidence.get("audit.json", {}).get("verdict"),
    }
    return {f"card.{ending}": _render(f"card.{ending}.jinja", values) for ending in ("md", "html")}


def _words(name: str) -> str:
    return name.replace("_", " ")


def _day(told: str) -> str:
    """Return a date as one says it: 30 March 2026."""
    day = date.fromisoformat(told)
    return f"{day.day} {day:%B %Y}"


def _span(dates: Sequence[str]) -> str:
    """Return how many dates there are, the first and the last of them."""
    if not dates:
        return "none is recorded"
    if len(dates) == 1:
        return _day(dates[0])
    return f"{len(dates)} from {_day(min(dates))} to {_day(max(dates))}"


def _render(template: str, values: Mapping[str, Any]) -> bytes:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=template.endswith(".html.jinja"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(values).encode()


def _measures(test: Mapping[str, Any]) -> list[Line]:
    pooled, intervals = test["pooled"], test["intervals"]

    def share(label: str, name: str) -> Line:
        return Line(label, _percent_with_interval(name, pooled, intervals))

    return [
        Line("Rows judged (a family on a date)", f"{pooled['n']:,.0f}"),
        Line("Rows ranked whose outcome is not known", f"{pooled['not_known']:,.0f}"),
        Line("Different families among those judged", f"{pooled['families']:,.0f}"),
        Line("Rows with the outcome", f"{pooled['events']:,.0f} ({_percent(pooled['prevalence'])})"),
        *(line for weeks in (13, 52) for line in _over_weeks(weeks, pooled, intervals)),
        *(
            line
            for name, at in _tops(pooled)
            for line in (
                share(f"Of families in the {name}, had the outcome", f"precision_at_{at}"),
                share(f"Of families with the outcome, in the {name}", f"recall_at_{at}"),
            )
        ),
        Line("Families tied at the last place, all lists together", f"{pooled['tied_at_capacity']:,.0f}"),
        Line("Average precision", _with_interval("average_precision", pooled, intervals)),
        Line("Average precision of a list in no order", _number(pooled["prevalence"])),
        Line("Brier score", _number(pooled["brier"], digits=4)),
        Line("Observed outcomes over expected", _with_interval("calibration_in_the_large", pooled, intervals)),
        Line("Calibration slope (1 is right)", _with_interval("calibration_slope", pooled, intervals)),
        Line("Calibration intercept (0 is right)", _with_interval("calibration_intercept", pooled, intervals)),
        Line("AUC", _with_interval("auc", pooled, intervals)),
    ]


def _over_weeks(weeks: int, pooled: Mapping[str, Any], intervals: Mapping[str, Any]) -> list[Line]:
    named, reviewed = f"the lists of {weeks} weeks name", f"reviewed_per_outcome_in_{weeks}_weeks"
    return [
        Line(
            f"Of different families whom {named}, had the outcome",
            _percent_with_interval(f"precision_in_{weeks}_weeks", pooled, intervals),
        ),
        Line(
            f"Of different families with the outcome, whom {named}",
            _percent_with_interval(f"recall_in_{weeks}_weeks", pooled, intervals),
        ),
        Line(f"Families reviewed for each with the outcome, {weeks} weeks", _number(pooled[reviewed], digits=1)),
    ]


def _sentences(evaluation: Mapping[str, Any], multiplicity: Mapping[str, Any]) -> list[str]:
    """Return in plain words what the figures mean."""
    pooled = evaluation["test"]["pooled"]
    found = pooled["average_precision"]
    said = [
        f"The What Works centre for children's social care asked in 2020 for an average precision of "
        f"{_percent(ASKED_FOR)}. {_against_what_was_asked(found)} "
        f"A list in no order has {_percent(pooled['prevalence'])}."
    ]
    kept = evaluation.get("kept_after_a_week", {})
    said += [f"Of {name} of a list, {_percent(share)} were still there a week later." for name, share in kept.items()]
    lists = multiplicity.get("lists", {}).get("1_percent")
    if lists is not None and multiplicity["kept"]:
        said.append(
            f"{multiplicity['as_good']} of {multiplicity['trials']} models tried were as good in validation. Of the "
            f"top per cent of the list, {_percent(lists['listed_by_all'])} is listed by this model and "
            f"{multiplicity['kept']} others alike; the rest depends on which of them is taken."
        )
    return said


def _never_unknown(indicators: Sequence[Mapping[str, Any]]) -> str:
    """Return what becomes of indicators that were never unknown, should their agency fall silent; empty for none."""
    asked = [each for each in indicators if each["asked_about"]]
    # What rests on no agency, such as how many children a family has, is always known.
    found = [each for each in asked if each["unknown_is_none"] and each["agencies"]]
    if not found:
        return ""
    counts = Counter(agency for each in found for agency in each["agencies"])
    named = ", ".join(f"{agency} {count}" for agency, count in sorted(counts.items()))
    return (
        f"Of the {len(asked)} indicators that it asks about, {len(found)} were known of every family from which it "
        f"learnt ({named}). It never learnt what it means not to know these. Should such an agency fall silent later, "
        "a panel reads that the value is not known, but the model takes it for none: read its lists as made without "
        "that agency's news until the records come again."
    )


def _against_what_was_asked(found: float | None) -> str:
    if found is None:
        return "This model's cannot be said."
    return f"This model has {_percent(found)}" + (
        " and reaches that." if found >= ASKED_FOR else " and does not reach that."
    )


def _groups(evaluation: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return, for each part of the population: its name, families, recall, precision, observed over expected."""
    return [
        (name, f"{held['families']:,.0f}", *(_of_group(held) if held["enough"] else ("too few to judge",) * 3))
        for name, held in evaluation.get("by_group", {}).items()
    ]


def _of_group(held: Mapping[str, Any]) -> tuple[str, str, str]:
    recall, precision = (
        _percent_with_interval(f"{what}_in_52_weeks", held, held["intervals"]) for what in ("recall", "precision")
    )
    return recall, precision, _with_interval("calibration_in_the_large", held, held["intervals"])


def _tops(pooled: Mapping[str, float]) -> list[tuple[str, str]]:
    """Return each cut of the measures in words, with its part of a measure's name."""
    cuts = [key.removeprefix("precision_at_") for key in pooled if key.startswith("precision_at_")]
    return [
        (_CAPACITY if cut == "capacity" else f"top {cut.removesuffix('_percent')} % of a list", cut) for cut in cuts
    ]


def _comparisons(evaluation: Mapping[str, Any]) -> list[Comparison]:
    named = {"this model": evaluation["test"], **evaluation["baselines"]}
    return [_comparison(ORDERS.get(name, name.replace("_", " ")), held["pooled"]) for name, held in named.items()]


def _comparison(name: str, pooled: Mapping[str, Any]) -> Comparison:
    return Comparison(
        name=name,
        average_precision=_number(pooled["average_precision"]),
        precision=_percent(pooled.get("precision_at_1_percent")),
        auc=_number(pooled["auc"]),
    )


def _with_interval(name: str, pooled: Mapping[str, Any], intervals: Mapping[str, Any]) -> str:
    if name not in intervals:
        return _number(pooled[name])
    low, high = intervals[name]
    return f"{_number(pooled[name])} (95 % interval {_number(low)} to {_number(high)})"


def _percent_with_interval(name: str, pooled: Mapping[str, Any], intervals: Mapping[str, Any]) -> str:
    if name not in intervals:
        return _percent(pooled[name])
    low, high = intervals[name]
    return f"{_percent(pooled[name])} (95 % interval {_percent(low)} to {_percent(high)})"


def _number(value: float | None, *, digits: int = 3) -> str:
    return "undefined" if value is None else f"{value:.{digits}f}"


def _percent(value: float | None) -> str:
    return "undefined" if value is None else f"{100 * value:.1f} %"
