"""The contract: every kind of fact that the engine knows, and those that a project adds."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from targeting.errors import DeclarationError, Fault
from targeting.records import (
    adult_services,
    attendance,
    child_protection,
    childrens_centres,
    early_help,
    education,
    health,
    housing,
    maternity,
    people,
    police,
    social_care,
    youth,
)
from targeting.records.definition import COMMON_COLUMNS, FactKind

BUILT_IN: tuple[FactKind, ...] = (
    *people.KINDS,
    *social_care.KINDS,
    *child_protection.KINDS,
    *early_help.KINDS,
    *police.KINDS,
    *youth.KINDS,
    *attendance.KINDS,
    *education.KINDS,
    *maternity.KINDS,
    *childrens_centres.KINDS,
    *health.KINDS,
    *adult_services.KINDS,
    *housing.KINDS,
)

Contract = Mapping[str, FactKind]


def contract(added: Iterable[FactKind] = ()) -> Contract:
    """Return all kinds of fact by name, the project's own after the built-in ones.

    Raises DeclarationError, with every fault at once, on a name taken twice, a column that the engine keeps for
    itself, or an `ends` that names no kind with episodes.
    """
    kinds: dict[str, FactKind] = {}
    faults: list[Fault] = []
    for kind in (*BUILT_IN, *added):
        if kind.name in kinds:
            faults.append(Fault("features/records.py", f"the kind {kind.name!r} exists already; rename yours."))
        kinds[kind.name] = kind
    for kind in kinds.values():
        faults += _faults_of(kind, kinds)
    if faults:
        raise DeclarationError(faults)
    return MappingProxyType(kinds)


def _faults_of(kind: FactKind, kinds: Contract) -> Iterable[Fault]:
    for own in kind.columns:
        if own.name in COMMON_COLUMNS:
            yield Fault("features/records.py", f"{kind.name}.{own.name}: every fact has that column already.")
    for constraint in kind.constraints:
        for name in (constraint.column, constraint.limit):
            column = kind.column(name)
            if column is None or column.type not in ("integer", "number"):
                yield Fault("features/records.py", f"{kind.name}: the constraint's {name!r} is no column of numbers.")
    if kind.ends and not (kind.ends in kinds and kinds[kind.ends].has_episodes and kind.has_episodes):
        yield Fault("features/records.py", f"{kind.name} ends {kind.ends!r}: both need the column `episode_id`.")
