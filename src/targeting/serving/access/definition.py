"""What a district declares of those who come in: the part `[access]` of `serving/service.toml`."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field

from targeting.errors import Fault
from targeting.toml_files import Declared

Role = Literal[
    "panel_member",
    "chair",
    "business_support",
    "data_scientist",
    "governance",
    "integration_client",
    "administrator",
    "manager",
]
Scope = Literal["flags:read", "decisions:write", "lists:read", "scores:write", "scores:research", "audits:read"]
Purpose = Literal["early_help", "audit", "research", "operations", "complaint"]
# By RFC 7518 and RFC 8037 with RFC 9864: asymmetric ones alone, so that who checks a token cannot make one.
Algorithm = Literal["RS256", "PS256", "ES256", "Ed25519"]

ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[Scope, ...] = get_args(Scope)
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
# What no client may ask for, whatever a district declares: families who ask for help would pay for it.
FORBIDDEN_PURPOSES = ("enforcement", "immigration", "benefit_fraud")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Issuer(Declared):
    """Who issues tokens. `jwks`: its keys, a file below the project or an https address, asked again as keys change."""

    issuer: str = Field(min_length=1)
    jwks: str = Field(min_length=1)
    algorithms: tuple[Algorithm, ...] = Field(default=("RS256", "ES256", "Ed25519"), min_length=1)

    @property
    def is_address(self) -> bool:
        """Return whether the keys are asked for over the network."""
        return "://" in self.jwks


class Client(Declared):
    """A program that comes with tokens: the roles that it may bring, and what it may ask, for what, how often.

    `audiences` are those for whom an integration client reads, as sources' `may_show_to` names them: its own users.
    `panels` are those whose lists it reads, whatever its tokens say; none: as its tokens say.
    """

    client_id: str = Field(min_length=1)
    title: str = Field(min_length=1)
    roles: tuple[Role, ...] = Field(min_length=1)
    scopes: tuple[Scope, ...] = Field(min_length=1)
    purposes: tuple[str, ...] = Field(min_length=1)
    requests_a_minute: int = Field(default=6000, ge=1)
    audiences: tuple[str, ...] = ()
    panels: tuple[str, ...] = ()


class Group(Declared):
    """What one value of the sign-in provider's claim brings: a role, and an agency if it is not the council's own.

    `panels` are those on which its people sit; somebody with several such groups of one role sits on the panels of all.
    """

    value: str = Field(min_length=1)
    role: Role
    agency: str = ""
    panels: tuple[str, ...] = ()


class SignIn(Declared):
    """The OpenID provider by which people sign in to the pages; the client's secret, if it has one, is never declared.

    `address` is where browsers find the pages: the provider sends them back to `/sign-in/return` there. `groups_claim`
    names the claim in which roles are looked up, `subject_claim` the one by which a person is known to colleagues and
    in the audit log: one that the provider never gives to somebody else.
    """

    issuer: str = Field(min_length=1)
    client_id: str = Field(min_length=1)
    address: str = Field(min_length=1)
    scope: str = "openid profile"
    groups_claim: str = "groups"
    subject_claim: str = "sub"
    algorithms: tuple[Algorithm, ...] = Field(default=("RS256", "PS256", "ES256", "Ed25519"), min_length=1)
    group: tuple[Group, ...] = Field(min_length=1)


class Access(Declared):
    """Issuers, clients and hosts. `hosts` are names, beside this computer's own, by which the service is asked.

    `protected_identities_manager` is the subject of the one person who sees sealed families. `scoring_job_hours` is how
    long what was asked and answered in a scoring job is kept, from when it was asked.
    """

    audience: str = "targeting"
    hosts: tuple[str, ...] = ()
    issuer: tuple[Issuer, ...] = ()
    client: tuple[Client, ...] = ()
    sign_in: SignIn | None = None
    protected_identities_manager: str | None = None
    session_hours: int = Field(default=8, ge=1, le=24)
    scoring_job_hours: int = Field(default=24, ge=1, le=168)
    clock_skew_seconds: int = Field(default=30, ge=0, le=300)


def faults_of_access(access: Access, place: str) -> Iterable[Fault]:
    """Yield what is wrong with a declaration of access."""
    for key, names in (("issuer", [e.issuer for e in access.issuer]), ("client", [e.client_id for e in access.client])):
        for name in sorted(name for name, times in Counter(names).items() if times > 1):
            yield Fault(f"{place}: access.{key}", f"{name!r} is declared twice.")
    for client in access.client:
        yield from _faults_of_purposes(client, f"{place}: access.client {client.client_id}")
    for issuer in access.issuer:
        if issuer.is_address and not may_be_asked(issuer.jwks):
            yield Fault(f"{place}: access.issuer {issuer.issuer}", "jwks has to be https, or http to this computer.")
        if not issuer.is_address and not _is_below(issuer.jwks):
            yield Fault(f"{place}: access.issuer {issuer.issuer}", "jwks has to be a file below the project folder.")
    if access.sign_in is not None:
        yield from _faults_of_sign_in(access.sign_in, access.hosts, f"{place}: access.sign_in")


def _faults_of_sign_in(sign_in: SignIn, hosts: Iterable[str], place: str) -> Iterable[Fault]:
    for name, address in (("issuer", sign_in.issuer), ("address", sign_in.address)):
        if not may_be_asked(address):
            yield Fault(place, f"{name} has to be https, or http to this computer.")
    parts = urlsplit(sign_in.address)
    if parts.path or parts.query:
        yield Fault(place, "address has to end with the host or its port, as in https://targeting.example.")
    if parts.hostname not in (*hosts, *LOOPBACK):
        yield Fault(place, f"the host of address, {parts.hostname!r}, is not among access.hosts.")
    if "openid" not in sign_in.scope.split():
        yield Fault(place, "scope has to name openid.")
    values = Counter(each.value for each in sign_in.group)
    for value in sorted(value for value, times in values.items() if times > 1):
        yield Fault(f"{place}.group", f"{value!r} is declared twice.")
    for each in sign_in.group:
        if each.role == "integration_client":
            yield Fault(f"{place}.group {each.value}", "the role integration_client is for programs, not people.")


def _faults_of_purposes(client: Client, place: str) -> Iterable[Fault]:
    for purpose in client.purposes:
        if purpose in FORBIDDEN_PURPOSES:
            yield Fault(place, f"{purpose!r} is forbidden: no client may ask for it.")
        elif purpose not in PURPOSES:
            yield Fault(place, f"the purpose {purpose!r} does not exist. Those that do: {', '.join(PURPOSES)}.")


def may_be_asked(address: str) -> bool:
    """Return whether an address is https, or http to this computer."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _is_below(path: str) -> bool:
    named = Path(path)
    return not named.is_absolute() and ".." not in named.parts
