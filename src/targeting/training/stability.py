"""How much of a list stays from one date to the next, and how long one family takes."""

import time
from collections.abc import Mapping

import numpy as np

from targeting.models.estimator import Booster, Floats, margins
from targeting.models.explanation import contributions
from targeting.training.definition import Measures
from targeting.training.rows import Rows

_TIMED = 25


def kept_in_the_top(booster: Booster, earlier: Rows, later: Rows, measures: Measures) -> dict[str, float]:
    """Return which share of the top of one date's ranking is in the top of a later date's, by the name of the top.

    Only families ranked on both dates are asked about: who left the cohort left the list rightly.
    """
    ranked = {each: _falling(booster, rows) for each, rows in (("earlier", earlier), ("later", later))}
    tops = {f"the first {measures.capacity}": measures.capacity, "the top per cent": max(1, round(len(earlier) / 100))}
    return {name: _kept(ranked, count) for name, count in tops.items()}


def overlap(first: Floats, second: Floats, count: int) -> float:
    """Return which share of the first `count` rows by one score are among the first by another."""
    tops = [set(np.argsort(-score, kind="stable")[:count].tolist()) for score in (first, second)]
    return len(tops[0] & tops[1]) / max(1, min(count, len(first)))


def milliseconds_a_family(booster: Booster, rows: Rows, *, threads: int) -> float:
    """Return the median time in which one family is scored and explained, in milliseconds."""
    taken = []
    for at in range(min(_TIMED, len(rows))):
        started = time.perf_counter()
        margins(booster, rows.X[at : at + 1], threads=threads)
        contributions(booster, rows.X[at : at + 1], threads=threads)
        taken.append(1000 * (time.perf_counter() - started))
    return float(np.median(taken)) if taken else 0.0


def _falling(booster: Booster, rows: Rows) -> list[str]:
    order = np.argsort(-margins(booster, rows.X, threads=1), kind="stable")
    return list(rows.family_id[order].tolist())


def _kept(ranked: Mapping[str, list[str]], count: int) -> float:
    both = set(ranked["earlier"]) & set(ranked["later"])
    first, second = ([each for each in ranked[name] if each in both][:count] for name in ("earlier", "later"))
    return len(set(first) & set(second)) / len(first) if first else 0.0
