"""Somebody who is signed in, or a program with a token: what they may ask, and which agencies' records they may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from targeting.serving.access.definition import Purpose, Role, Scope
from targeting.serving.access.permissions import INVOLVED, OF_ANOTHER_AGENCY, RIGHTS, Rule
from targeting.serving.database.audit import AuditEvent, Detail

FOR_PANELS: Purpose = "early_help"


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who asks. `agency` is empty for the council's early help; `panels` None: all of them (see `panels_read`)."""

    subject: str
    role: Role
    client: str
    scopes: frozenset[Scope]
    purpose: str = FOR_PANELS
    agency: str = ""
    panels: frozenset[str] | None = None
    audiences: frozenset[str] = frozenset()

    def reads_for(self, *, is_involved: bool) -> frozenset[str]:
        """Return for whom the reader reads, in the words of sources' `may_show_to`."""
        of_role = RIGHTS[self.role].audiences
        if self.agency:
            of_role = frozenset(OF_ANOTHER_AGENCY.get(each, each) for each in of_role)
        return of_role | self.audiences | ({INVOLVED} if is_involved else frozenset())

    def did(
        self,
        action: str,
        *,
        what: str = "",
        families: Iterable[str] = (),
        request_id: str = "",
        details: Mapping[str, Detail] | None = None,
    ) -> AuditEvent:
        """Return the event that the reader did something."""
        return AuditEvent(
            subject=self.subject,
            role=self.role,
            client=self.client,
            action=action,
            what=what,
            families=tuple(families),
            purpose=self.purpose,
            request_id=request_id,
            details=details or {},
        )


class NotAllowedError(Exception):
    """What a reader may not do, in a sentence that says why."""


def check_may(reader: Reader, rule: Rule) -> None:
    """Raise NotAllowedError where a reader may not do what a route does."""
    if rule.scope is None:
        return
    if rule.scope not in RIGHTS[reader.role].scopes:
        role = reader.role.replace("_", " ")
        raise NotAllowedError(f"The role {role!r} may not do this: it needs the scope {rule.scope}.")
    if rule.roles and reader.role not in rule.roles:
        able = " or ".join(sorted(each.replace("_", " ") for each in rule.roles))
        raise NotAllowedError(f"This is for the role {able}.")
    if rule.scope not in reader.scopes:
        raise NotAllowedError(f"The token does not have the scope {rule.scope}.")


def may(reader: Reader, rule: Rule) -> bool:
    """Return whether a reader may do what a route does."""
    try:
        check_may(reader, rule)
    except NotAllowedError:
        return False
    return True


def check_is_named(reader: Reader, manager: str | None) -> None:
    """Raise NotAllowedError where a reader is not the one manager who may know of protected identities."""
    if manager is None or reader.subject != manager:
        raise NotAllowedError("This is for the one manager who is named in the district's declaration.")


def is_of_panel(reader: Reader, panel: str) -> bool:
    """Return whether a panel's lists are the reader's to read."""
    return reader.panels is None or panel in reader.panels
