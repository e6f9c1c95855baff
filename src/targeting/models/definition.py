"""What a model is for: `models/NAME.toml`."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import Field

from targeting.errors import DeclarationError, Fault, what_exists
from targeting.sources.definition import Tier
from targeting.toml_files import Declared, read_toml

Text = Annotated[str, Field(min_length=1)]

# Deeper trees than this are slow to explain exactly, and nobody can follow them.
MAXIMUM_DEPTH = 10


class ModelDefinition(Declared):
    """One model: what it may and may not be used for, of whom it speaks, what it estimates and from which indicators.

    `name` is the file's. `cohort` and `outcome` name declarations of the district. `indicators` are names, or globs,
    over `module.name` (`absence.*`) or over the name alone; `without` takes some of them out again.
    """

    name: str = ""
    title: Text
    purpose: Text
    forbidden_uses: Annotated[tuple[Text, ...], Field(min_length=1)]
    owner: Text
    cohort: Text
    outcome: Text
    tier: Tier
    indicators: Annotated[tuple[Text, ...], Field(min_length=1)]
    without: tuple[Text, ...] = ()
    limits: tuple[Text, ...] = ()


def read_model_definition(path: Path) -> ModelDefinition:
    """Return `models/NAME.toml`, named after its file.

    Raises DeclarationError with every fault of the file.
    """
    place = f"{path.parent.name}/{path.name}"
    definition = read_toml(path, ModelDefinition, place=place)
    if definition.name not in ("", path.stem):
        raise DeclarationError([Fault(f"{place}: name", f"the file's own name says '{path.stem}'; leave `name` out.")])
    return definition.model_copy(update={"name": path.stem})


def choose_indicators(model: ModelDefinition, available: Iterable[str]) -> tuple[str, ...]:
    """Return those of `available` (each as `module.name`) that the model takes, in the order of `available`.

    Raises DeclarationError naming every pattern that matches nothing, and where nothing is left.
    """
    names = tuple(available)
    faults = [_no_match(model, key, pattern, names) for key, pattern in _patterns(model) if not _any(pattern, names)]
    chosen = tuple(name for name in names if _taken(name, model))
    if not chosen and not faults:
        faults = [Fault(f"{_place(model)}: without", "takes every indicator out; a model needs at least one.")]
    if faults:
        raise DeclarationError(faults)
    return chosen


def without_unmatched(model: ModelDefinition, available: Iterable[str]) -> ModelDefinition | None:
    """Return the model with only the patterns that match something; None where it would take nothing."""
    names = tuple(available)
    kept = {
        "indicators": tuple(pattern for pattern in model.indicators if _any(pattern, names)),
        "without": tuple(pattern for pattern in model.without if _any(pattern, names)),
    }
    smaller = model.model_copy(update=kept)
    return smaller if any(_taken(name, smaller) for name in names) else None


def _patterns(model: ModelDefinition) -> list[tuple[str, str]]:
    return [("indicators", each) for each in model.indicators] + [("without", each) for each in model.without]


def _taken(name: str, model: ModelDefinition) -> bool:
    return any(_matches(name, pattern) for pattern in model.indicators) and not any(
        _matches(name, pattern) for pattern in model.without
    )


def _any(pattern: str, names: tuple[str, ...]) -> bool:
    return any(_matches(name, pattern) for name in names)


def _matches(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(name.rpartition(".")[2], pattern)


def _no_match(model: ModelDefinition, key: str, pattern: str, names: tuple[str, ...]) -> Fault:
    return Fault(f"{_place(model)}: {key}", f"'{pattern}' matches no indicator. {what_exists(pattern, names)}")


def _place(model: ModelDefinition) -> str:
    return f"models/{model.name}.toml"
