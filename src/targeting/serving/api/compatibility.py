"""What a client of the last released description could no longer rely on: two OpenAPI descriptions, compared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Schema = Mapping[str, Any]
Direction = Literal["sent", "answered"]
# What bounds a value from below, and from above; a request that was allowed has to stay so.
LOWEST = ("minimum", "exclusiveMinimum", "minLength", "minItems")
HIGHEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def breaking_changes(released: Mapping[str, Any], current: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what breaks clients, each change in a sentence that begins with its place; none where nothing does.

    An operation, parameter, body, answer, member or scope that is gone or renamed; a request that was allowed and is
    not any more (a required member, a lost type or value, a closer bound); an answer that clients were not told of (a
    member that may be absent now, a new type). What is added breaks nobody, nor do examples and words.
    """
    comparison = _Comparison(released, current)
    return tuple(dict.fromkeys(comparison.of_paths()))


def version_faults(released: Mapping[str, Any], current: Mapping[str, Any]) -> tuple[str, ...]:
    """Return why a description may not be released by its version: none where it may, or is the released one itself."""
    if released == current:
        return ()
    before, now = (_version(each) for each in (released, current))
    if now <= before:
        return (f"the version is {_shown(now)}, and {_shown(before)} is released with other contents: raise it",)
    changes = breaking_changes(released, current)
    if changes and now[0] == before[0]:
        return (
            *changes,
            f"the version {_shown(now)} promises that nothing breaks: raise its first number, or undo that",
        )
    return ()


def _version(described: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(int(part) for part in described["info"]["version"].split("."))


def _shown(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


@dataclass(frozen=True)
class _Comparison:
    """Two descriptions; pairs of components that are being compared are not compared again within themselves."""

    released: Mapping[str, Any]
    current: Mapping[str, Any]
    compared: set[tuple[str, str, str]] = field(default_factory=set)

    def of_paths(self) -> Iterator[str]:
        for path, methods in self.released["paths"].items():
            for method, operation in methods.items():
                now = self.current["paths"].get(path, {}).get(method)
                place = f"{method.upper()} {path}"
                if now is None:
                    yield f"{place}: is gone"
                else:
                    yield from self._operation(place, operation, now)

    def _operation(self, place: str, old: Schema, new: Schema) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{place}: was named {old['operationId']}, and is named {new['operationId']}"
        if _scopes(new) - _scopes(old):
            yield f"{place}: needs the scope {', '.join(sorted(_scopes(new) - _scopes(old)))}"
        yield from self._parameters(place, old, new)
        yield from self._body(place, old.get("requestBody"), new.get("requestBody"))
        yield from self._answers(place, old["responses"], new["responses"])

    def _parameters(self, place: str, old: Schema, new: Schema) -> Iterator[str]:
        before, now = (_parameters_of(each) for each in (old, new))
        for name, parameter in now.items():
            if parameter.get("required") and not before.get(name, {}).get("required"):
                yield f"{place}, {name}: is required now"
        for name, parameter in before.items():
            if name not in now:
                yield f"{place}, {name}: is gone"
            else:
                yield from self._schema(f"{place}, {name}", parameter["schema"], now[name]["schema"], "sent")

    def _body(self, place: str, old: Schema | None, new: Schema | None) -> Iterator[str]:
        where = f"{place}, body"
        if new is not None and new.get("required") and not (old or {}).get("required"):
            yield f"{where}: is required now"
        if old is not None:
            yield from self._content(where, old["content"], (new or {}).get("content", {}), "sent")

    def _answers(self, place: str, old: Schema, new: Schema) -> Iterator[str]:
        for status, answer in old.items():
            where = f"{place}, {status}"
            if status in new:
                yield from self._content(where, answer.get("content", {}), new[status].get("content", {}), "answered")
                yield from (f"{where}, {name}: is gone" for name in _gone(answer, new[status], "headers"))
            elif status.startswith("2"):
                yield f"{where}: is gone"

    def _content(self, where: str, old: Schema, new: Schema, direction: Direction) -> Iterator[str]:
        for media_type, content in old.items():
            if media_type not in new:
                yield f"{where}: {media_type} is gone"
            elif "schema" in content:
                yield from self._schema(where, content["schema"], new[media_type].get("schema", {}), direction)

    def _schema(self, where: str, old: Schema, new: Schema, direction: Direction) -> Iterator[str]:
        if "$ref" in old and "$ref" in new:
            pair = (old["$ref"], new["$ref"], direction)
            if pair in self.compared:
                return
            self.compared.add(pair)
            where = old["$ref"].rpartition("/")[2]
        old, new = _resolved(self.released, old), _resolved(self.current, new)
        yield from _types_changed(where, old, new, direction)
        if direction == "sent":
            yield from _narrowed(where, old, new)
        yield from self._members(where, old, new, direction)
        if "items" in old:
            yield from self._schema(f"{where}[]", old["items"], new.get("items", {}), direction)
        yield from self._choices(where, old, new, direction)

    def _members(self, where: str, old: Schema, new: Schema, direction: Direction) -> Iterator[str]:
        needed_before, needed_now = (set(each.get("required", ())) for each in (old, new))
        if direction == "sent":
            yield from (f"{where}.{name}: is required now" for name in sorted(needed_now - needed_before))
        for name, member in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield f"{where}.{name}: is gone"
                continue
            if direction == "answered" and name in needed_before - needed_now:
                yield f"{where}.{name}: may be absent now"
            yield from self._schema(f"{where}.{name}", member, new["properties"][name], direction)

    def _choices(self, where: str, old: Schema, new: Schema, direction: Direction) -> Iterator[str]:
        before, now = (_choices_of(each) for each in (old, new))
        for name, choice in before.items():
            if name in now:
                yield from self._schema(where, choice, now[name], direction)
            elif direction == "sent":
                yield f"{where}: no longer takes {name}"
        if direction == "answered" and before:
            yield from (f"{where}: may be {name} now" for name in now if name not in before)


def _types_changed(where: str, old: Schema, new: Schema, direction: Direction) -> Iterator[str]:
    before, now = _types(old), _types(new)
    if not before and not now:
        return
    lost = before - now if direction == "sent" else now - before
    if not now if direction == "answered" else not before:
        lost = frozenset({"anything"})
    if direction == "sent" and not now:
        return
    for name in sorted(lost):
        yield f"{where}: no longer takes {name}" if direction == "sent" else f"{where}: may be {name} now"


def _narrowed(where: str, old: Schema, new: Schema) -> Iterator[str]:
    for names, is_closer in ((LOWEST, float.__gt__), (HIGHEST, float.__lt__)):
        for name in names:
            if name in new and (name not in old or is_closer(float(new[name]), float(old[name]))):
                yield f"{where}: {name} is {new[name]} now"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{where}: has another pattern"
    if "enum" in new:
        yield from (f"{where}: no longer takes {value!r}" for value in old.get("enum", ()) if value not in new["enum"])
        if not _values(old):
            yield f"{where}: takes some values alone now"
    if "const" in new and old.get("const") != new["const"]:
        yield f"{where}: takes {new['const']!r} alone now"


def _values(schema: Schema) -> bool:
    return "enum" in schema or "const" in schema


def _types(schema: Schema) -> frozenset[str]:
    named = schema.get("type", ())
    return frozenset([named] if isinstance(named, str) else named)


def _choices_of(schema: Schema) -> Mapping[str, Schema]:
    choices: Sequence[Schema] = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
    return {str(each.get("$ref") or each.get("type") or each): each for each in choices}


def _parameters_of(operation: Schema) -> Mapping[str, Schema]:
    return {f"{each['in']} {each['name']}": each for each in operation.get("parameters", ())}


def _gone(old: Schema, new: Schema, what: str) -> list[str]:
    return [name for name in old.get(what, {}) if name not in new.get(what, {})]


def _scopes(operation: Schema) -> set[str]:
    return {scope for each in operation.get("security", ()) for scopes in each.values() for scope in scopes}


def _resolved(described: Mapping[str, Any], schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = described["components"]["schemas"].get(schema["$ref"].rpartition("/")[2], {})
    return schema
