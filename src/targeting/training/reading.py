"""Read `training/NAME.toml`, and say everything that is wrong with it at once."""

from collections.abc import Iterator
from pathlib import Path

from targeting.errors import DeclarationError, Fault, what_exists
from targeting.models.definition import MAXIMUM_DEPTH
from targeting.toml_files import read_toml
from targeting.training.definition import (
    Bounds,
    Dates,
    GateLimits,
    Search,
    SplitRule,
    TrainingDefinition,
    WatchLimits,
)


def read_training_definition(path: Path) -> TrainingDefinition:
    """Return `training/NAME.toml`, named after its file.

    Raises DeclarationError with every fault of the file.
    """
    place = f"{path.parent.name}/{path.name}"
    definition = read_toml(path, TrainingDefinition, place=place)
    faults = [Fault(f"{place}: {key}", message) for key, message in _faults(definition, path.stem)]
    if faults:
        raise DeclarationError(faults)
    return definition.model_copy(update={"name": path.stem})


def faults_of_baselines(definition: TrainingDefinition, indicators: tuple[str, ...]) -> tuple[Fault, ...]:
    """Return a fault for each indicator that a baseline names and the model does not have."""
    named = [("baselines.points", line.indicator) for line in definition.baselines.points]
    if definition.baselines.count is not None:
        named.append(("baselines.count", definition.baselines.count))
    return tuple(
        Fault(f"{definition.place}: {key}", f"'{name}' is no indicator of the model. {what_exists(name, indicators)}")
        for key, name in named
        if name not in indicators
    )


def _faults(definition: TrainingDefinition, stem: str) -> Iterator[tuple[str, str]]:
    if definition.name not in ("", stem):
        yield "name", f"the file's own name says '{stem}'; leave `name` out."
    yield from _faults_of_split(definition.split, definition.dates)
    yield from _faults_of_search(definition.search)
    for key, (low, high) in _bounds(definition.gates, definition.watch):
        if low >= high:
            yield key, f"the lower bound {low:g} is not below the upper bound {high:g}."


def _faults_of_split(split: SplitRule, dates: Dates) -> Iterator[tuple[str, str]]:
    if bool(split.train) != bool(split.test):
        yield "split", "give both `train` and `test`, or neither and `test_dates`."
    elif set(split.train) & set(split.test):
        yield "split", "a date is in both `train` and `test`."
    elif split.train and dates != Dates():
        yield "dates", "the split lists its dates; leave `[dates]` out."
    elif split.train and split.window is not None:
        yield "split.window", "the split lists its dates, which are tested by one model; leave `window` out."
    elif not split.train:
        yield from _faults_of_dates(dates)


def _faults_of_dates(dates: Dates) -> Iterator[tuple[str, str]]:
    spanned = dates.first is not None, dates.last is not None
    if any(spanned) == bool(dates.listed) or any(spanned) != all(spanned):
        yield "dates", "give either `listed`, or both `first` and `last`."
    elif not dates.all:
        yield "dates", "`last` is before `first`."
    elif len(set(dates.all)) < len(dates.all):
        yield "dates.listed", "holds a date twice."


def _faults_of_search(search: Search) -> Iterator[tuple[str, str]]:
    for name, bounds in search.space.items():
        if bounds.low >= bounds.high:
            yield f"search.space.{name}", f"`low` ({bounds.low:g}) is not below `high` ({bounds.high:g})."
        if bounds.log and bounds.low <= 0:
            yield f"search.space.{name}", "a range by order of magnitude begins above 0."
        if name in search.fixed:
            yield f"search.fixed.{name}", "is in the search space too; keep one."
    deepest = max(
        search.space["max_depth"].high if "max_depth" in search.space else 1, search.fixed.get("max_depth", 1)
    )
    if deepest > MAXIMUM_DEPTH:
        yield "search", f"max_depth goes to {deepest:g}; {MAXIMUM_DEPTH} is the most that can be explained exactly."


def _bounds(gates: GateLimits, watch: WatchLimits) -> tuple[tuple[str, Bounds], ...]:
    return (
        ("gates.calibration_slope", gates.calibration_slope),
        ("gates.calibration_in_the_large", gates.calibration_in_the_large),
        ("watch.families", watch.families),
        ("watch.above_none", watch.above_none),
        ("watch.observed_over_expected", watch.observed_over_expected),
    )
