"""Access tokens: JWT by RFC 9068, of the issuers that a district declares, into readers."""

import base64
import binascii
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from targeting.serving.access.definition import ROLES, Access, Client, Role, Scope
from targeting.serving.access.key_sets import Keys, KeysNotReadError
from targeting.serving.access.panels import panels_read
from targeting.serving.access.permissions import RIGHTS
from targeting.serving.access.reader import Reader

# By RFC 9068, section 4: nothing else may be taken for an access token, an identity token least of all.
TYPES = ("at+jwt", "application/at+jwt")
MOST_CHARACTERS = 8192
# A token that was checked is not checked again for so long: a key withdrawn meanwhile still counts until then.
CHECKED_FOR = timedelta(seconds=60)
MOST_KEPT = 4096
# Since 1970, to the year 5138: a moment further off cannot be reckoned with.
MOST_SECONDS = 1e11

Clock = Callable[[], datetime]


class TokenError(Exception):
    """A token that does not count; its sentence tells a developer why, and nothing that the token says."""


@dataclass(frozen=True)
class Trusted:
    """An issuer whose tokens count: its name, its algorithms, its keys."""

    issuer: str
    algorithms: tuple[str, ...]
    keys: Keys


@dataclass(frozen=True)
class Bearer:
    """Whom a token speaks for, before the purpose of one request is known; `purpose` is the token's own, if any."""

    reader: Reader
    client: Client
    purpose: str | None
    expires_at: datetime


class Tokens:
    """Checks tokens by the declared issuers, clients, audience and panels, at the moment that a clock tells."""

    def __init__(
        self,
        access: Access,
        trusted: Sequence[Trusted],
        *,
        clients: Sequence[Client],
        panels: Collection[str],
        clock: Clock,
    ) -> None:
        self._access, self._panels, self._clock = access, panels, clock
        self._trusted = {each.issuer: each for each in trusted}
        self._clients = {each.client_id: each for each in clients}
        self._skew = timedelta(seconds=access.clock_skew_seconds)
        self._checked: OrderedDict[str, tuple[Bearer, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def checked(self, token: str) -> Bearer | None:
        """Return whom a token speaks for that was checked a moment ago; None where it has to be checked."""
        held = self._checked.get(_digest(token))
        now = self._clock()
        if held is None or now >= held[1] or now >= held[0].expires_at + self._skew:
            return None
        return held[0]

    def check(self, token: str) -> Bearer:
        """Return whom a token speaks for. Raises TokenError where it does not count; may ask an issuer for its keys."""
        bearer = self._bearer(_claims_of(token, self._issuer_of(token)))
        with self._lock:
            self._checked[_digest(token)] = bearer, self._clock() + CHECKED_FOR
            while len(self._checked) > MOST_KEPT:
                self._checked.popitem(last=False)
        return bearer

    def _issuer_of(self, token: str) -> Trusted:
        if len(token) > MOST_CHARACTERS:
            raise TokenError("The token is too long.")
        issuer = _unchecked(token, 1).get("iss")
        trusted = self._trusted.get(issuer) if isinstance(issuer, str) else None
        if trusted is None:
            raise TokenError("The token's issuer is not one that this service trusts.")
        return trusted

    def _bearer(self, claims: Mapping[str, Any]) -> Bearer:
        expires_at = self._check_times(claims)
        audience = claims.get("aud")
        if self._access.audience not in (audience if isinstance(audience, list) else [audience]):
            raise TokenError("The token is meant for another service.")
        for name in ("sub", "client_id", "jti"):
            if not isinstance(claims.get(name), str) or not claims[name]:
                raise TokenError(f"The token has no {name}.")
        client = self._clients.get(claims["client_id"])
        if client is None:
            raise TokenError("The token's client is not declared.")
        return Bearer(_reader(claims, client, self._panels), client, _text(claims, "purpose"), expires_at)

    def _check_times(self, claims: Mapping[str, Any]) -> datetime:
        now = self._clock()
        moments = {name: _moment(claims, name) for name in ("exp", "iat", "nbf")}
        expires_at, issued_at, begins_at = moments["exp"], moments["iat"], moments["nbf"]
        if expires_at is None or issued_at is None:
            raise TokenError("The token does not say when it was issued, or when it expires.")
        if now >= expires_at + self._skew:
            raise TokenError("The token has expired.")
        if now < max(issued_at, begins_at or issued_at) - self._skew:
            raise TokenError("The token is not valid yet.")
        return expires_at


def _claims_of(token: str, trusted: Trusted) -> Mapping[str, Any]:
    """Return what a token claims, its signature checked. Raises TokenError where it does not hold."""
    header = _unchecked(token, 0)
    if str(header.get("typ", "")).lower() not in TYPES:
        raise TokenError("The token is no access token: its type has to be at+jwt.")
    if header.get("alg") not in trusted.algorithms:
        raise TokenError("The token is signed in a way that is not allowed.")
    try:
        key = trusted.keys.key(str(header.get("kid", "")))
    except KeysNotReadError:
        raise TokenError("The issuer's keys cannot be read now.") from None
    if key is None:
        raise TokenError("The token is signed with a key that its issuer does not have.")
    try:
        claims: Mapping[str, Any] = jwt.decode(token, key, algorithms=list(trusted.algorithms)).claims
    # What a stranger sends can fail in any way within a library; in each of them the token does not count.
    except (JoseError, ValueError, TypeError, KeyError):
        raise TokenError("The token's signature does not hold.") from None
    return claims


def _reader(claims: Mapping[str, Any], client: Client, panels: Collection[str]) -> Reader:
    role = _role(claims, client)
    asked = frozenset((_text(claims, "scope") or "").split())
    allowed: frozenset[Scope] = RIGHTS[role].scopes & frozenset(client.scopes)
    return Reader(
        subject=claims["sub"],
        role=role,
        client=client.client_id,
        scopes=frozenset(scope for scope in allowed if scope in asked),
        agency=_text(claims, "agency") or "",
        panels=panels_read(role, _panels_named(claims, client), panels),
        audiences=frozenset(client.audiences) if role == "integration_client" else frozenset(),
    )


def _panels_named(claims: Mapping[str, Any], client: Client) -> frozenset[str] | None:
    """Return the panels that a token names, of those that its client may read; None where neither names any."""
    named, of_client = claims.get("panels"), frozenset(client.panels)
    if named is None:
        return of_client or None
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        raise TokenError("The token's panels have to be a list of their names.")
    return frozenset(named) & of_client if of_client else frozenset(named)


def _role(claims: Mapping[str, Any], client: Client) -> Role:
    """Return the one role that a token brings; a client that speaks for itself is an integration client."""
    named = claims.get("roles")
    if named is None and claims["sub"] == client.client_id:
        named = ["integration_client"]
    found = [role for role in ROLES if isinstance(named, list) and role in named]
    if len(found) != 1:
        raise TokenError("The token has to bring exactly one role of this service.")
    if found[0] not in client.roles:
        raise TokenError("The token brings a role that its client may not bring.")
    return found[0]


def _unchecked(token: str, part: int) -> Mapping[str, Any]:
    """Return the header or the claims of a token whose signature nobody has checked. Raises TokenError for no token."""
    parts = token.split(".")
    try:
        text = parts[part] if len(parts) == 3 else ""
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise TokenError("The token is no JWT.")
    return found


def _moment(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value < MOST_SECONDS:
        raise TokenError(f"The token's {name} is no moment.")
    return datetime.fromtimestamp(value, tz=UTC)


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
