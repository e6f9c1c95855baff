"""Why fairness criteria conflict where groups differ in how often the outcome comes."""

import numpy as np

from targeting.fairness.definition import Disclosure
from targeting.fairness.results import WITHHELD, Shown
from targeting.fairness.sentences import cut_in_words
from targeting.fairness.showing import Findings, show

BASE_RATE = "prevalence_difference"
AT_ODDS = ("tpr", "ppv", "fpr")
_SAID = {"tpr": "recall", "ppv": "precision", "fpr": "share listed without the outcome"}


THEOREM = (
    "Groups differ in how often the outcome comes. Where they do, no list that ever errs can have equal recall, equal "
    "precision and equal shares listed without the outcome at once: closing one gap opens another."
)


def conflicts(found: Findings, cut: int, cuts: tuple[str, ...], disclosure: Disclosure) -> tuple[str, ...]:
    """Return why criteria conflict, then a sentence for each group whose base rate differs beyond chance.

    Chouldechova (2017); Kleinberg, Mullainathan and Raghavan (2016). Groups are held against the reference; nothing is
    said of a group of which a figure is withheld, and nothing at all where no base rate differs.
    """
    reference = found.grouping.reference
    if reference is None:
        return ()
    gap = found.estimates[BASE_RATE]
    said = [
        _sentence(found, (group, reference), cut, disclosure)
        for group in range(len(found.grouping.names))
        if group != reference and _excludes_nothing(gap.lower[group, cut], gap.upper[group, cut])
    ]
    sentences = [f"Listing {cut_in_words(cuts[cut])}: {sentence}" for sentence in said if sentence]
    return (THEOREM, *sentences) if sentences else ()


def _excludes_nothing(lower: float, upper: float) -> bool:
    return bool(np.isfinite(lower) and np.isfinite(upper) and (lower > 0 or upper < 0))


def _sentence(found: Findings, groups: tuple[int, int], cut: int, disclosure: Disclosure) -> str:
    pairs = {
        metric: [show(found, metric, group, cut, disclosure) for group in groups] for metric in ("prevalence", *AT_ODDS)
    }
    if any(each.value in (None, WITHHELD) for pair in pairs.values() for each in pair):
        return ""
    names = [found.words.get(name, name) for name in (found.grouping.names[at] for at in groups)]
    shown = {metric: [f"{100 * _float(each):.1f}%" for each in pair] for metric, pair in pairs.items()}
    rates = "; ".join(f"{_SAID[metric]} {shown[metric][0]} and {shown[metric][1]}" for metric in AT_ODDS)
    base = f"the outcome comes for {shown['prevalence'][0]} of {names[0]} and {shown['prevalence'][1]} of {names[1]}"
    return f"{base}; {rates}."


def _float(shown: Shown) -> float:
    return float(shown.value or 0.0)
