"""Declarations in TOML, read into strict pydantic models: every fault at once, in the reader's words."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from targeting.errors import DeclarationError, Fault, what_exists


class Declared(BaseModel):
    """Base of all that is read from TOML: no key beyond the declared ones, no type converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Model = TypeVar("Model", bound=Declared)


def read_toml(path: Path, model: type[Model], *, place: str) -> Model:
    """Return a TOML file as `model`; `place` names the file in messages, relative to the project.

    Raises DeclarationError, with all faults, where the file is absent, is not TOML, or does not fit the model.
    A TOML array fills a tuple; otherwise nothing is converted.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DeclarationError([Fault(place, "the file does not exist.")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeclarationError([Fault(place, f"not valid TOML: {error}.")]) from None
    try:
        return model.model_validate(_tuples(content))
    except ValidationError as error:
        raise DeclarationError(_fault(item, model, place) for item in error.errors()) from None


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _fault(item: Any, model: type[BaseModel], place: str) -> Fault:
    where = f"{place}: {_path(item['loc'])}"
    if item["type"] == "extra_forbidden":
        return Fault(where, f"no such key. {what_exists(str(item['loc'][-1]), _keys(model, item['loc'][:-1]))}")
    if item["type"] == "missing":
        return Fault(where, "is missing.")
    return Fault(where, f"{item['msg'][0].lower()}{item['msg'][1:]}.")


def _path(location: tuple[str | int, ...]) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).lstrip(".") or "the file"


def _keys(model: type[BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """Return the keys that exist where an unknown one was found, walking through tuples and optional models."""
    for part in location:
        if isinstance(part, int) or part not in model.model_fields:
            continue
        inner = _models_in(model.model_fields[part].annotation)
        if inner is None:
            return []
        model = inner
    return [field.alias or name for name, field in model.model_fields.items()]


def _models_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [_models_in(argument) for argument in getattr(annotation, "__args__", ())]
    return next((model for model in found if model is not None), None)
