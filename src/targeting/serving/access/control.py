"""All that decides who may see and do what, opened over one project folder."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from targeting.serving.access.definition import Access, Client, Issuer
from targeting.serving.access.demo_issuer import CLIENT, DemoIssuer
from targeting.serving.access.fields import Fields, agencies_of
from targeting.serving.access.key_sets import KeySetAt, read_address, read_file
from targeting.serving.access.rates import Rates
from targeting.serving.access.sealed import Sealed
from targeting.serving.access.tokens import Tokens, Trusted
from targeting.serving.database.database import Database
from targeting.sources.definition import Source


@dataclass(frozen=True, kw_only=True)
class AccessControl:
    """Tokens, fields, sealed families and rates, and the store in which every view leaves its event.

    `panels` are the district's, by name with their titles. `is_synthetic`: the demonstration's own tokens count.
    """

    declared: Access
    panels: Mapping[str, str]
    database: Database
    tokens: Tokens
    fields: Fields
    sealed: Sealed
    rates: Rates
    is_synthetic: bool


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a project lies, and whether its data are invented: only then the demonstration's tokens count.

    `panels` are those that it declares, by name with their titles.
    """

    root: Path
    data: Path
    is_synthetic: bool
    panels: Mapping[str, str] = field(default_factory=dict)


def control_access(
    place: Place, declared: Access, sources: Iterable[Source], database: Database, *, workers: int = 1
) -> AccessControl:
    """Return the access control of a project; each of `workers` lets in its share of a client's requests."""
    trusted, clients = trusted_by(place, declared)
    return AccessControl(
        declared=declared,
        panels=place.panels,
        database=database,
        tokens=Tokens(declared, trusted, clients=clients, panels=place.panels, clock=database.clock),
        fields=Fields(agencies_of(sources)),
        sealed=Sealed(place.data, manager=declared.protected_identities_manager),
        rates=Rates(share=1 / workers),
        is_synthetic=place.is_synthetic,
    )


def trusted_by(place: Place, declared: Access) -> tuple[list[Trusted], list[Client]]:
    """Return the issuers and clients that count."""
    trusted = [_trusted(each, place.root) for each in declared.issuer]
    clients = list(declared.client)
    if place.is_synthetic:
        trusted.append(DemoIssuer(place.data).trusted())
        clients.append(CLIENT)
    return trusted, clients


def _trusted(issuer: Issuer, root: Path) -> Trusted:
    read: Callable[[], bytes] = read_address(issuer.jwks) if issuer.is_address else read_file(root / issuer.jwks)
    return Trusted(issuer.issuer, issuer.algorithms, KeySetAt(read))
