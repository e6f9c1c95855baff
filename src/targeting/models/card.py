"""A model card, in Markdown and HTML, from evidence: what the model is for, how it did, what it cannot say."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from targeting.models.bundle import Origin
from targeting.models.definition import ModelDefinition

_TEMPLATES = Path(__file__).parent / "templates"

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
    """Return `card.md` and `card.html`; `evidence` holds the parsed `evaluation.json`, `gates.json`, `split.json`.

    With `audit.json` among them the card tells its verdict, without it that there was no audit.
    """
    evaluation, split = evidence["evaluation.json"], evidence["split.json"]
    values = {
        "model": model,
        "origin": origin,
        "synthetic": SYNTHETIC if origin.synthetic else "",
        "measures": _measures(evaluation["test"]),
        "comparisons": _comparisons(evaluation),
        "gates": evidence["gates.json"],
        "split": split,
        "refitted": set(split["dates"]["test"]) <= set(origin.as_of_dates),
        "audit": evidence.get("audit.json", {}).get("verdict"),
    }
    return {f"card.{ending}": _render(f"card.{ending}.jinja", values) for ending in ("md", "html")}


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
    return [
        Line("Rows judged (a family on a date)", f"{pooled['n']:,.0f}"),
        Line("Different families among them", f"{pooled['families']:,.0f}"),
        Line("Rows with the outcome", f"{pooled['events']:,.0f} ({_percent(pooled['prevalence'])})"),
        Line("Average precision", _with_interval("average_precision", pooled, intervals)),
        *(
            Line(f"Of families in the top {name} of a list, had the outcome", _percent(pooled[key]))
            for name, key in _tops(pooled)
        ),
        Line("Observed outcomes over expected", _number(pooled["calibration_in_the_large"])),
        Line("Calibration slope (1 is right)", _number(pooled["calibration_slope"])),
        Line("Brier score", _number(pooled["brier"], digits=4)),
        Line("AUC", _with_interval("auc", pooled, intervals)),
    ]


def _tops(pooled: Mapping[str, float]) -> list[tuple[str, str]]:
    cuts = [key.removeprefix("precision_at_").removesuffix("_percent") for key in pooled if _is_top(key)]
    return [(f"{cut} %", f"precision_at_{cut}_percent") for cut in cuts]


def _is_top(key: str) -> bool:
    return key.startswith("precision_at_") and key.endswith("_percent")


def _comparisons(evaluation: Mapping[str, Any]) -> list[Comparison]:
    named = {"this model": evaluation["test"], **evaluation["baselines"]}
    return [_comparison(name.replace("_", " "), held["pooled"]) for name, held in named.items()]


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


def _number(value: float | None, *, digits: int = 3) -> str:
    return "undefined" if value is None else f"{value:.{digits}f}"


def _percent(value: float | None) -> str:
    return "undefined" if value is None else f"{100 * value:.1f} %"
