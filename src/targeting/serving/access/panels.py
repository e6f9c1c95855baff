"""Whose lists somebody reads: those of the panels that they sit on. One rule, for sessions and for tokens."""

from collections.abc import Collection, Iterable

from targeting.errors import Fault, what_exists
from targeting.serving.access.definition import Access, Role
from targeting.serving.access.permissions import RIGHTS


def panels_read(role: Role, named: Iterable[str] | None, declared: Iterable[str]) -> frozenset[str] | None:
    """Return the panels whose lists somebody of a role reads; None: every list of the district.

    `named` are the panels that their sign-in or token names; None where it names none. Whoever is named to panels reads
    theirs alone. Who is not reads all where the role is the whole district's, or where the district has one panel;
    where it has several, none.
    """
    if named is not None:
        return frozenset(named)
    return None if RIGHTS[role].is_district_wide or len(set(declared)) < 2 else frozenset()


def faults_of_panels_named(access: Access, declared: Collection[str], place: str) -> Iterable[Fault]:
    """Yield what is wrong with the panels that groups and clients name; `declared` are those that there are."""
    groups = access.sign_in.group if access.sign_in is not None else ()
    naming = [(f"{place}.sign_in.group {each.value}", each.panels) for each in groups]
    naming += [(f"{place}.client {each.client_id}", each.panels) for each in access.client]
    for where, named in naming:
        for panel in sorted(set(named) - set(declared)):
            yield Fault(where, f"the panel {panel!r} does not exist. {what_exists(panel, declared)}")
    for each in groups:
        where = f"{place}.sign_in.group {each.value}"
        if RIGHTS[each.role].is_district_wide and each.panels:
            yield Fault(where, f"the role {each.role} is the whole district's: leave panels out.")
        if panels_read(each.role, each.panels or None, declared) == frozenset():
            yield Fault(where, f"sits on no panel: name some in panels. There are: {', '.join(declared)}.")
