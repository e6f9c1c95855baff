"""The contract: every kind of fact that the engine knows, and those that a project adds."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from targeting.errors import DeclarationError, Fault
from targeting.records import (
    adult_services,
    childrens_centres,
    education,
    maternity,
    people,
    police,
    social_care,
)
from targeting.records.definition import COMMON_COLUMNS, FactKind

BUILT_IN: tuple[FactKind, ...] = (
    *people.KINDS,
    *social_care.KINDS,
    *police.KINDS,
    *education.KINDS,
    *maternity.KINDS,
    *childrens_centres.KINDS,
    *adult_services.KINDS,
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
    for column in kind.columns:
        if column.name in COMMON_COLUMNS:
            yield Fault("features/records.py", f"{kind.name}.{column.name}: every fact has that column already.")
    if kind.ends and not (kind.ends in kinds and kinds[kind.ends].has_episodes and kind.has_episodes):
        yield Fault("features/records.py", f"{kind.name} ends {kind.ends!r}: both need the column `episode_id`.")
