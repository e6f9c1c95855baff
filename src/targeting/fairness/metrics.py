"""The audit's metrics by name, each rate with what it counts and out of what."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Count = Literal[
    "n", "positives", "negatives", "selected", "not_selected", "tp", "fp", "tn", "fn", "all_n", "all_selected"
]

COUNTS: tuple[Count, ...] = ("n", "positives", "negatives", "selected", "not_selected", "tp", "fp", "tn", "fn")


@dataclass(frozen=True)
class Rate:
    """A proportion of two counts: of those who are `among`, how many `did`; `title` names it in a heading."""

    numerator: Count
    denominator: Count
    among: str
    did: str
    title: str

    @property
    def is_share_of_all(self) -> bool:
        """Whether it is a group's part of everyone, so that two groups' shares depend on each other."""
        return self.denominator in ("all_n", "all_selected")


RATES: Mapping[str, Rate] = MappingProxyType(
    {
        "prevalence": Rate("positives", "n", "", "had the outcome", "how often the outcome comes"),
        "selection_rate": Rate("selected", "n", "", "were listed", "share listed"),
        "share_of_list": Rate("selected", "all_selected", "listed", "were of the group", "share of the list"),
        "share_of_cohort": Rate("n", "all_n", "in the cohort", "were of the group", "share of the cohort"),
        "tpr": Rate("tp", "positives", "with the outcome", "were listed", "recall"),
        "fnr": Rate("fn", "positives", "with the outcome", "were missed", "missed"),
        "fpr": Rate("fp", "negatives", "without the outcome", "were listed", "listed without the outcome"),
        "needless_rate": Rate("fp", "n", "", "were listed without need", "listed without need, of all"),
        "tnr": Rate("tn", "negatives", "without the outcome", "were not listed", "rightly not listed"),
        "ppv": Rate("tp", "selected", "listed", "had the outcome", "precision"),
        "fdr": Rate("fp", "selected", "listed", "did not have the outcome", "listed without need"),
        "npv": Rate("tn", "not_selected", "not listed", "did not have the outcome", "not listed, without the outcome"),
        "for": Rate("fn", "not_selected", "not listed", "had the outcome", "not listed, with the outcome"),
    }
)

REPRESENTATION = "share_of_list_against_cohort"
OF_SCORES: Mapping[str, str] = MappingProxyType(
    {
        "calibration_in_the_large": "outcomes that came over outcomes that the scores add up to; 1 is right",
        "calibration_slope": "how fast the outcome's log-odds rise with the score's; 1 is right",
        "auc": "the chance that one with the outcome scores above one without, ties half",
        "average_precision": "precision averaged over the places at which outcomes are found",
    }
)
OF_RANKING: tuple[str, ...] = tuple(name for name in OF_SCORES if name != "calibration_in_the_large")
COMPARED: tuple[str, ...] = (*(name for name in RATES if name != "share_of_cohort"), *OF_SCORES)
COMPARISONS: tuple[str, ...] = tuple(f"{name}_{how}" for name in COMPARED for how in ("ratio", "difference"))


def split_comparison(measure: str) -> tuple[str, str]:
    """Return the metric and `ratio` or `difference` of a comparison's name: `fnr_ratio` is (`fnr`, `ratio`)."""
    metric, _, how = measure.rpartition("_")
    return metric, how


def title_of(metric: str) -> str:
    """Return a metric's name in a heading."""
    if metric in RATES:
        return RATES[metric].title
    return "AUC" if metric == "auc" else metric.replace("_", " ")


def counts_behind(metric: str) -> tuple[Count, ...]:
    """Return the counts of a group that a metric rests on: where one is withheld, so is the metric."""
    if metric in RATES:
        return RATES[metric].numerator, RATES[metric].denominator
    if metric == REPRESENTATION:
        return "selected", "all_selected", "n"
    return ("positives",) if metric in OF_SCORES else (metric,)  # type: ignore[return-value]


OVERALL: tuple[str, ...] = ("n", "positives", "negatives", "prevalence", "share_of_cohort", *OF_SCORES)
AT_A_CUT: tuple[str, ...] = (
    *(count for count in COUNTS if count not in OVERALL),
    *(rate for rate in RATES if rate not in OVERALL),
    REPRESENTATION,
)
