"""How near scores come to the attainable: average precision and precision in the top per cent, told and expected."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from targeting.commands.bench import Row

from .regret_districts import Floats, Sample

# Subjects by which all others are measured: the forward filter on what is on record, and the true states.
ATTAINABLE, TRUE = "attainable, at least", "true states"
TOP, OF_ATTAINABLE = 0.01, ", of the attainable"


def placed(sample: Sample) -> Sample:
    """Return a sample whose scores are places: the share of the weight that a subject ranks lower, and half of its own.

    What a model learnt on one district ranks by says nothing beside what another's ranks by. Of places every district
    lists the same share, as each has its own capacity.
    """
    return replace(sample, scores={name: _places(score, sample.weight) for name, score in sample.scores.items()})


def _places(score: Floats, weight: Floats) -> Floats:
    values, place = np.unique(score, return_inverse=True)
    mass = np.bincount(place, weight, values.size)
    return np.asarray(((np.cumsum(mass) - mass / 2) / weight.sum())[place], float)


def pooled(parts: Sequence[Sample]) -> Sample:
    """Return the samples of several districts as one; the scores of each subject have to be on one scale."""
    return Sample(
        weight=np.concatenate([part.weight for part in parts]),
        label=np.concatenate([part.label for part in parts]),
        scores={name: np.concatenate([part.scores[name] for part in parts]) for name in parts[0].scores},
    )


def precision_in_top(score: Floats, outcome: Floats, weight: Floats, share: float) -> float:
    """Return the weighted mean outcome of the highest share of the weight; equal scores share what is left of it."""
    values, place = np.unique(-score, return_inverse=True)
    mass = np.bincount(place, weight, values.size)
    outcomes = np.bincount(place, weight * outcome, values.size)
    wanted = share * weight.sum()
    taken = np.clip(wanted - (np.cumsum(mass) - mass), 0.0, mass) / mass
    return float((taken * outcomes).sum() / wanted)


def expected_average_precision(score: Floats, chance: Floats, weight: Floats) -> float:
    """Return the average precision where each row counts as escalated by its chance and as not by the rest."""
    twice = np.concatenate([score, score])
    label = np.repeat([True, False], score.size)
    return float(
        average_precision_score(label, twice, sample_weight=np.concatenate([weight * chance, weight * (1 - chance)]))
    )


def measures(sample: Sample, chance: Floats | None = None) -> Iterator[Row]:
    """Return each measure of each subject, and the shares of the attainable, in per cent; the AUC as it is.

    `chance` is the attainable probability, where the sample's scores do not hold it but places by it.
    """
    weight, label = sample.weight, sample.label
    happened, chance = label.astype(float), sample.scores[ATTAINABLE] if chance is None else chance
    yield measure_row("prevalence", "what happened", 100 * float(np.average(happened, weights=weight)), "%")
    yield measure_row("prevalence", ATTAINABLE, 100 * float(np.average(chance, weights=weight)), "%")
    yield measure_row("escalations in the sample", "what happened", float(label.sum()), "family-dates")
    for name, score in sample.scores.items():
        yield measure_row("AUC", name, float(roc_auc_score(label, score, sample_weight=weight)), "")
    of_records = {name: score for name, score in sample.scores.items() if name != TRUE}
    yield from _with_shares("average precision", sample.scores, lambda score: _average_precision(score, label, weight))
    yield from _with_shares(
        "precision in the top per cent", sample.scores, lambda score: precision_in_top(score, happened, weight, TOP)
    )
    yield from _with_shares(
        "average precision, expected", of_records, lambda score: expected_average_precision(score, chance, weight)
    )
    yield from _with_shares(
        "precision in the top per cent, expected",
        of_records,
        lambda score: precision_in_top(score, chance, weight, TOP),
    )


def _average_precision(score: Floats, label: NDArray[np.bool_], weight: Floats) -> float:
    return float(average_precision_score(label, score, sample_weight=weight))


def _with_shares(case: str, scores: Mapping[str, Floats], measure: Callable[[Floats], float]) -> Iterator[Row]:
    """Return a measure of every subject, and what share of the attainable each reaches."""
    found = {name: measure(score) for name, score in scores.items()}
    for name, value in found.items():
        yield measure_row(case, name, 100 * value, "%")
    for name in (each for each in found if each not in (ATTAINABLE, TRUE)):
        yield measure_row(f"{case}{OF_ATTAINABLE}", name, 100 * found[name] / found[ATTAINABLE], "%")


def measure_row(case: str, subject: str, value: float, unit: str) -> Row:
    """Return one measurement of this benchmark."""
    return Row("regret", case, subject, round(value, 4), unit)
