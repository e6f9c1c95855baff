"""Reads `fairness/policy.toml` and checks it against itself, telling every fault at once."""

from collections.abc import Iterator
from pathlib import Path

from targeting.errors import DeclarationError, Fault, what_exists
from targeting.fairness.cuts import parse_cut
from targeting.fairness.definition import ALL, Attribute, Columns, Gating, Policy
from targeting.fairness.maps import MAPS
from targeting.fairness.metrics import COMPARED, COMPARISONS, split_comparison
from targeting.toml_files import read_toml

__all__ = ["Attribute", "Columns", "Gating", "Policy", "read_policy"]

MOST_MEASURES, MOST_GROUPS = 4, 6


def read_policy(path: Path) -> Policy:
    """Return the policy that a file declares.

    Raises DeclarationError with every fault of the file, each with the place of the key and what would be right.
    """
    place = f"{path.parent.name}/{path.name}" if path.parent.name else path.name
    policy = read_toml(path, Policy, place=place)
    faults = [Fault(f"{place}: {key}", message) for key, message in _faults(policy)]
    if faults:
        raise DeclarationError(faults)
    return policy


def _faults(policy: Policy) -> Iterator[tuple[str, str]]:
    if policy.disclosure == "none" and not policy.public_data:
        yield "disclosure", '"none" is for public data alone: set public_data = true, or disclosure = "suppress".'
    yield from _cut_faults(policy)
    for index, attribute in enumerate(policy.attribute):
        for key, message in _attribute_faults(policy, attribute):
            yield f"attribute[{index}].{key}", f"{message} (attribute {attribute.name!r})"
    for index, gating in enumerate(policy.gating):
        for key, message in _gating_faults(policy, gating):
            yield f"gating[{index}].{key}", message
    yield from _too_many_gates(policy)


def _cut_faults(policy: Policy) -> Iterator[tuple[str, str]]:
    for index, text in enumerate(policy.cuts):
        if text in policy.cuts[:index]:
            yield f"cuts[{index}]", f"{text!r} is declared twice."
        try:
            parse_cut(text)
        except ValueError as error:
            yield f"cuts[{index}]", f"{error}."
        if text.startswith("weeks:") and policy.capacity is None:
            yield f"cuts[{index}]", f"{text!r} needs `capacity`: how many families a week are listed."


def _attribute_faults(policy: Policy, attribute: Attribute) -> Iterator[tuple[str, str]]:
    if [other.name for other in policy.attribute].count(attribute.name) > 1:
        yield "name", "is declared more than once; give each attribute a name of its own."
    if attribute.attribute_class is None and not attribute.is_audited:
        yield "class", 'is missing: "refused", "justified" or "proxy"; or give a `column`, to audit it alone.'
    yield from _review_faults(attribute)
    yield from _intersection_faults(policy, attribute)
    yield from _group_faults(attribute)


def _review_faults(attribute: Attribute) -> Iterator[tuple[str, str]]:
    """A review that lets an attribute in has somebody who answers for it, and says why and at what price."""
    if attribute.review_date is None:
        return
    if attribute.attribute_class not in ("justified", "proxy"):
        yield "review_date", "is for justified and proxy attributes: no review makes another one an input."
        return
    if not attribute.owner:
        yield "owner", "is missing: name the role that answers for the review."
    if not attribute.reason:
        yield "reason", "is missing: say why the attribute is needed."
    if not attribute.cost_of_dropping:
        yield "cost_of_dropping", "is missing: say what would be lost without the attribute."


def _intersection_faults(policy: Policy, attribute: Attribute) -> Iterator[tuple[str, str]]:
    if not attribute.intersection:
        return
    if attribute.column is not None or attribute.groups:
        yield "intersection", "excludes `column` and `groups`: its groups are those of the attributes it joins."
    if len(set(attribute.intersection)) < 2:
        yield "intersection", "joins two attributes or more."
    plain = [other.name for other in policy.attribute if other.column is not None]
    for name in attribute.intersection:
        if name not in plain:
            yield "intersection", f"{name!r} is no attribute with a column. {what_exists(name, plain)}"


def _group_faults(attribute: Attribute) -> Iterator[tuple[str, str]]:
    if attribute.map is not None and attribute.map not in MAPS:
        yield "map", f"{attribute.map!r} is no map. {what_exists(attribute.map, MAPS)}"
    elif attribute.map is not None and attribute.groups != MAPS[attribute.map]:
        yield "map", "and `groups` are both declared; keep one."
    if ALL in attribute.groups:
        yield f"groups.{ALL}", "stands for everyone in every table; name the group otherwise."
    values = [value for group in attribute.groups.values() for value in group]
    for value in sorted({value for value in values if values.count(value) > 1}):
        yield "groups", f"the value {value!r} is in more than one group."
    if attribute.reference is not None and not attribute.is_audited:
        yield "reference", "compares nothing where the attribute has no `column`."
    if attribute.groups and attribute.reference is not None and attribute.reference not in attribute.groups:
        yield "reference", _no_group(attribute.reference, attribute)


def _gating_faults(policy: Policy, gating: Gating) -> Iterator[tuple[str, str]]:
    attribute = policy.attribute_named(gating.attribute)
    audited = [other.name for other in policy.audited]
    if attribute is None or not attribute.is_audited:
        yield "attribute", f"{gating.attribute!r} is not audited. {what_exists(gating.attribute, audited)}"
    elif attribute.reference is None:
        yield "attribute", f"{gating.attribute!r} has no `reference` to compare with; declare one."
    elif gating.group in (attribute.reference, ALL):
        yield "group", f"{gating.group!r} is compared with itself; name another group."
    elif attribute.groups and gating.group not in attribute.groups:
        yield "group", _no_group(gating.group, attribute)
    if gating.measure not in COMPARISONS:
        yield "measure", _no_comparison(gating.measure)
    elif split_comparison(gating.measure)[1] == "ratio" and gating.limit == 1:
        yield "limit", "of a ratio is a factor above 1 (1.25: a quarter more or less passes)."
    if gating.cut not in policy.cuts:
        yield "cut", f"{gating.cut!r} is not among the cuts. Those that are: {', '.join(policy.cuts)}."


def _no_group(name: str, attribute: Attribute) -> str:
    return f"{name!r} is not among the groups. {what_exists(name, attribute.groups)}"


def _no_comparison(measure: str) -> str:
    if measure in COMPARED:
        return f"{measure!r} compares nothing; write '{measure}_difference' or '{measure}_ratio'."
    return f"{measure!r} is no comparison. {what_exists(measure, COMPARISONS)}"


def _too_many_gates(policy: Policy) -> Iterator[tuple[str, str]]:
    """Each comparison more makes a false alarm likelier, so they are few."""
    measures = {gating.measure for gating in policy.gating}
    groups = {(gating.attribute, gating.group) for gating in policy.gating}
    if len(measures) > MOST_MEASURES:
        yield "gating", f"{len(measures)} measures are named; name {MOST_MEASURES} at most."
    if len(groups) > MOST_GROUPS:
        yield "gating", f"{len(groups)} groups are named; name {MOST_GROUPS} at most."
    named = [(gating.attribute, gating.group, gating.measure, gating.cut) for gating in policy.gating]
    for index, comparison in enumerate(named):
        if comparison in named[:index]:
            yield f"gating[{index}]", "is declared twice."
