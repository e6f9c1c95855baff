"""Into which group of an attribute each row falls."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from targeting.errors import DataError
from targeting.fairness.definition import ALL, NOT_RECORDED, Attribute

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Grouping:
    """The groups of one attribute, everyone's excepted, and the group of each row."""

    attribute: Attribute
    names: tuple[str, ...]
    code: Codes

    @property
    def reference(self) -> int | None:
        """The group that others are compared with; None where none is declared or none of its rows is there."""
        name = self.attribute.reference
        return self.names.index(name) if name in self.names else None


def grouping(
    attribute: Attribute,
    values: Mapping[str, NDArray[np.str_]],
    among: Mapping[str, Attribute],
    words: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Grouping:
    """Return the groups of an attribute over rows, given each column attribute's values (empty: not recorded).

    Declared groups come first, even without rows; then every value that is in none of them, as a group of its own, in
    the order in which `words` names the attribute's values; then what is not recorded.
    """
    if attribute.intersection:
        parts = [grouping(among[name], values, among, words) for name in attribute.intersection]
        return _joined(attribute, parts)
    distinct, of_value = np.unique(np.asarray(values[attribute.name], dtype=np.str_), return_inverse=True)
    group_of = {value: group for group, members in attribute.groups.items() for value in members}
    named = [group_of.get(value, value) or NOT_RECORDED for value in distinct.tolist()]
    if ALL in named:
        message = f"{attribute.name}: the value '{ALL}' stands for everyone; give it another name, or a group."
        raise DataError(message)
    declared = list(attribute.groups)
    order = list(words.get(attribute.name, ()))
    others = sorted(set(named) - set(declared) - {NOT_RECORDED}, key=lambda name: (_place(name, order), _natural(name)))
    names = declared + others + ([NOT_RECORDED] if NOT_RECORDED in {*named} - {*declared} else [])
    code = np.array([names.index(name) for name in named], dtype=np.int64)
    return Grouping(attribute, tuple(names), code[of_value] if len(code) else np.zeros(0, np.int64))


def _joined(attribute: Attribute, parts: list[Grouping]) -> Grouping:
    codes = np.column_stack([part.code for part in parts])
    distinct, code = np.unique(codes, axis=0, return_inverse=True)
    names = tuple(" and ".join(part.names[at] for part, at in zip(parts, row, strict=True)) for row in distinct)
    return Grouping(attribute, names, code.reshape(-1).astype(np.int64))


def _place(name: str, order: list[str]) -> int:
    return order.index(name) if name in order else len(order)


def _natural(text: str) -> list[tuple[int, str]]:
    """Return a key that puts `2` before `10` and `16-17` before `18+`."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text)]
