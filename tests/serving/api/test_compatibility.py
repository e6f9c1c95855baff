"""Whether a changed description may be released under its version: what breaks a client is found, and nothing else."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from targeting.serving.api.compatibility import breaking_changes, version_faults

DOCS = Path(__file__).parents[3] / "docs"


def released_paths() -> list[Path]:
    return sorted((DOCS / "released").glob("openapi-*.json"), key=lambda path: numbers(path.stem.partition("-")[2]))


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def test_the_description_may_follow_the_last_one_released():
    path = released_paths()[-1]
    released = json.loads(path.read_text(encoding="utf-8"))
    assert path.name == f"openapi-{released['info']['version']}.json"
    assert version_faults(released, json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))) == ()


FAMILY = {
    "type": "object",
    "required": ["id", "kind"],
    "properties": {
        "id": {"type": "string", "maxLength": 20, "pattern": "^f"},
        "kind": {"type": "string", "enum": ["offer", "review"]},
        "limit": {"type": "integer", "minimum": 1},
        "next": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "inside": {"type": "array", "items": {"$ref": "#/components/schemas/Family"}},
    },
}
SMALL: dict[str, Any] = {
    "info": {"version": "1.4.2"},
    "paths": {
        "/families": {
            "post": {
                "operationId": "look_up",
                "security": [{"token": ["flags:read"]}],
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Sent"}}},
                },
                "responses": {
                    "200": {
                        "headers": {"ETag": {}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Family"}}},
                    },
                    "404": {},
                },
            }
        }
    },
    # The same shape, sent and answered, so that it is seen which change breaks whom.
    "components": {
        "schemas": {"Family": FAMILY, "Sent": json.loads(json.dumps(FAMILY).replace("schemas/Family", "schemas/Sent"))}
    },
}
POST = "POST /families"


def operation(described: Any) -> Any:
    return described["paths"]["/families"]["post"]


def shape(described: Any, name: str) -> Any:
    return described["components"]["schemas"][name]["properties"]


def changed(change: Callable[[Any], object]) -> Any:
    """Return the small description after a change."""
    new = copy.deepcopy(SMALL)
    change(new)
    return new


BREAKING: dict[str, Callable[[Any], object]] = {
    f"{POST}: is gone": lambda new: new["paths"].pop("/families"),
    f"{POST}: was named look_up, and is named find": lambda new: operation(new).update(operationId="find"),
    f"{POST}: needs the scope lists:read": lambda new: operation(new).update(
        security=[{"token": ["flags:read", "lists:read"]}]
    ),
    f"{POST}, query limit: is gone": lambda new: operation(new)["parameters"].clear(),
    f"{POST}, query limit: is required now": lambda new: operation(new)["parameters"][0].update(required=True),
    f"{POST}, query limit: no longer takes integer": lambda new: operation(new)["parameters"][0].update(
        schema={"type": "string"}
    ),
    f"{POST}, 200: is gone": lambda new: operation(new)["responses"].pop("200"),
    f"{POST}, 200: application/json is gone": lambda new: operation(new)["responses"]["200"].update(content={}),
    f"{POST}, 200, ETag: is gone": lambda new: operation(new)["responses"]["200"]["headers"].clear(),
    "Family.kind: is gone": lambda new: shape(new, "Family").pop("kind"),
    "Family.id: may be absent now": lambda new: new["components"]["schemas"]["Family"]["required"].remove("id"),
    "Family.id: may be null now": lambda new: shape(new, "Family")["id"].update(type=["string", "null"]),
    "Family.next: may be integer now": lambda new: shape(new, "Family")["next"]["anyOf"].append({"type": "integer"}),
    "Sent.limit: is gone": lambda new: shape(new, "Sent").pop("limit"),
    "Sent.limit: is required now": lambda new: new["components"]["schemas"]["Sent"]["required"].append("limit"),
    "Sent.limit: minimum is 2 now": lambda new: shape(new, "Sent")["limit"].update(minimum=2),
    "Sent.limit: maximum is 9 now": lambda new: shape(new, "Sent")["limit"].update(maximum=9),
    "Sent.id: maxLength is 19 now": lambda new: shape(new, "Sent")["id"].update(maxLength=19),
    "Sent.id: has another pattern": lambda new: shape(new, "Sent")["id"].update(pattern="^g"),
    "Sent.kind: no longer takes 'review'": lambda new: shape(new, "Sent")["kind"].update(enum=["offer"]),
    "Sent.next: no longer takes null": lambda new: shape(new, "Sent")["next"]["anyOf"].pop(),
}


@pytest.mark.parametrize("sentence", BREAKING)
def test_what_breaks_a_client_needs_a_new_first_number(sentence: str):
    new = changed(BREAKING[sentence])
    assert breaking_changes(SMALL, new) == (sentence,)
    new["info"]["version"] = "1.5.0"
    assert version_faults(SMALL, new) == (
        sentence,
        "the version 1.5.0 promises that nothing breaks: raise its first number, or undo that",
    )
    new["info"]["version"] = "2.0.0"
    assert version_faults(SMALL, new) == ()


HARMLESS: tuple[Callable[[Any], object], ...] = (
    lambda new: new["paths"].update({"/new": {"get": {"operationId": "new", "responses": {}}}}),
    lambda new: operation(new)["responses"].pop("404"),
    lambda new: operation(new)["parameters"].append({"name": "more", "in": "query", "schema": {"type": "string"}}),
    lambda new: shape(new, "Family").update(more={"type": "string"}),
    lambda new: shape(new, "Sent").update(more={"type": "string"}),
    lambda new: shape(new, "Sent")["id"].update(maxLength=21),
    lambda new: shape(new, "Sent")["kind"]["enum"].append("step_down"),
    lambda new: shape(new, "Sent")["limit"].update(type=["integer", "null"]),
    lambda new: operation(new).update(security=[]),
)


@pytest.mark.parametrize("change", HARMLESS)
def test_what_is_added_breaks_nobody_and_needs_a_higher_version(change: Callable[[Any], object]):
    new = changed(change)
    assert breaking_changes(SMALL, new) == ()
    assert version_faults(SMALL, new) == ("the version is 1.4.2, and 1.4.2 is released with other contents: raise it",)
    new["info"]["version"] = "1.10.0"
    assert version_faults(SMALL, new) == ()
    assert version_faults(SMALL, SMALL) == ()
