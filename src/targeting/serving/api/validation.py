"""What does not fit the schema, said by place and rule alone: nothing of what was sent comes back."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from targeting.serving.api.problems import InvalidPart

MOST_ERRORS = 20
# By pydantic's types of error. These say what would fit in its own words, but name what was sent.
_REWORDED: Mapping[str, str] = {
    "extra_forbidden": "Holds a name that the schema does not have",
    "union_tag_invalid": "Is of a kind that the schema does not have",
    "missing": "Is required",
}
# Those whose message is made of the schema alone. Another's could quote what was sent, so it is not passed on.
_FROM_THE_SCHEMA = frozenset(
    {
        *("bool_type", "date_type", "dict_type", "float_type", "int_type", "list_type", "model_type", "string_type"),
        *("tuple_type", "date_parsing", "int_parsing", "string_too_short", "string_too_long", "too_short", "too_long"),
        *("greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number"),
        *("literal_error", "string_pattern_mismatch", "union_tag_not_found", "model_attributes_type"),
        # Raised by the validators of our own models, in words of their own.
        "value_error",
    }
)
_OTHERWISE = "Does not fit the schema"


def invalid_parts(
    errors: Iterable[Mapping[str, Any]], names: AbstractSet[str], *, inside: Sequence[str] = ()
) -> list[InvalidPart]:
    """Return pydantic's errors, at most 20, each with its place; `names` are those that the schema itself has.

    `inside` leads every place. A name that only the client knows is not repeated.
    """
    parts = [InvalidPart(where=_where([*inside, *error["loc"]], names), message=_message(error)) for error in errors]
    return list(dict.fromkeys(parts))[:MOST_ERRORS]


def names_in(schema: Any) -> frozenset[str]:
    """Return the name of every property in a JSON schema, its definitions included."""
    if isinstance(schema, Mapping):
        own = schema.get("properties", {})
        return frozenset(own).union(*map(names_in, schema.values()))
    if isinstance(schema, list):
        return frozenset().union(*map(names_in, schema))
    return frozenset()


def _where(place: Sequence[str | int], names: AbstractSet[str]) -> str:
    known = names | {"body", "query", "path"}
    return ".".join(str(part) for part in place if isinstance(part, int) or part in known)


def _message(error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind in _REWORDED:
        return _REWORDED[kind]
    said = str(error["msg"]).removeprefix("Value error, ") if kind in _FROM_THE_SCHEMA else _OTHERWISE
    return f"{said[0].upper()}{said[1:]}"
