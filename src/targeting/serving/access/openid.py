"""Signing in at a district's OpenID provider: authorisation code with PKCE (RFC 7636), state and nonce.

All three follow from one secret that the browser alone keeps, so that nothing is stored before somebody has signed in.
"""

import base64
import hmac
import json
import threading
from collections.abc import Mapping
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

from targeting.serving.access.definition import Group, SignIn, may_be_asked
from targeting.serving.access.key_sets import SECONDS_TO_ANSWER, KeySetAt, KeysNotReadError, read_address
from targeting.serving.access.tokens import Clock
from targeting.serving.database.sign_ins import Person

RETURN_PATH = "/sign-in/return"
# What is needed of a provider's description (OpenID Connect Discovery 1.0, section 3).
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
SKEW_SECONDS = 30
# An answer is taken as it stands: whoever can redirect could send the code, or the question for it, elsewhere.
_BOUNDED = {"timeout": SECONDS_TO_ANSWER, "allow_redirects": False}


class SignInError(Exception):
    """Why somebody is not signed in, in a sentence for that person; nothing that the provider sent is in it."""


class ProviderAwayError(SignInError):
    """The provider cannot be asked now, or does not answer as its standard says."""


class OpenIdProvider:
    """One declared provider. Its description is read at the first sign-in, its keys as they change."""

    def __init__(self, declared: SignIn, *, client_secret: str, clock: Clock) -> None:
        self._declared, self._client_secret, self._clock = declared, client_secret, clock
        self._described: Mapping[str, Any] | None = None
        self._keys: KeySetAt | None = None
        self._lock = threading.Lock()

    def address_for(self, secret: str) -> str:
        """Return where a browser that keeps `secret` is sent to sign in. Raises ProviderAwayError.

        The provider is to ask for credentials anew: on a meeting room's screen the last one's session there would
        else let the next one in under the wrong name.
        """
        asked = {"nonce": _part(secret, "nonce"), "prompt": "login", "code_verifier": _part(secret, "verifier")}
        with self._client() as client:
            where = self._description()["authorization_endpoint"]
            address, _ = client.create_authorization_url(where, state=_part(secret, "state"), **asked)
        return str(address)

    def person(self, secret: str, returned: Mapping[str, str]) -> Person:
        """Return who came back with the answer `returned`, to the browser that keeps `secret`.

        Raises SignInError where the answer is not to this browser's question or does not hold, where the provider
        refused, and where the person brings none or more than one of the declared groups' roles.
        """
        self._check_is_answer(secret, returned)
        try:
            claims = self._claims(secret, returned["code"])
        except (AuthlibBaseError, JoseError, TypeError, KeyError):
            raise SignInError("What the council’s sign-in answered does not hold.") from None
        except (OSError, ValueError, KeysNotReadError):
            raise ProviderAwayError("The council’s sign-in cannot be reached now.") from None
        return self._person(claims)

    def _check_is_answer(self, secret: str, returned: Mapping[str, str]) -> None:
        if not secret or not hmac.compare_digest(returned.get("state", "").encode(), _part(secret, "state").encode()):
            raise SignInError("This sign-in was not begun in this browser, or was begun too long ago.")
        # By RFC 9207: an answer of another provider is none.
        if returned.get("iss", self._declared.issuer) != self._declared.issuer:
            raise SignInError("What the council’s sign-in answered does not hold.")
        if "error" in returned or "code" not in returned:
            raise SignInError("The council’s sign-in did not let you in.")

    def _claims(self, secret: str, code: str) -> Mapping[str, Any]:
        """Return what the identity token says, and the provider's further answer where that has the groups alone."""
        description = self._description()
        with self._client() as client:
            asked = {"code": code, "code_verifier": _part(secret, "verifier")}
            granted = client.fetch_token(
                description["token_endpoint"], grant_type="authorization_code", **asked, **_BOUNDED
            )
            claims = self._checked(granted["id_token"], granted["access_token"], nonce=_part(secret, "nonce"))
            if self._declared.groups_claim in claims or "userinfo_endpoint" not in description:
                return claims
            further = client.get(description["userinfo_endpoint"], **_BOUNDED).json()
        # By OpenID Connect Core 1.0, section 5.3.2: what speaks of somebody else does not count.
        return {**further, **claims} if further.get("sub") == claims["sub"] else claims

    def _checked(self, token: str, access_token: str, *, nonce: str) -> Mapping[str, Any]:
        """Return the claims of an identity token that holds, by OpenID Connect Core 1.0, section 3.1.3.7."""
        decoded = jwt.decode(token, self._key, algorithms=list(self._declared.algorithms))
        essential = {"iss": self._declared.issuer, "aud": self._declared.client_id}
        options = {name: {"essential": True, "value": value} for name, value in essential.items()}
        params = {"nonce": nonce, "client_id": self._declared.client_id, "access_token": access_token}
        claims = CodeIDToken(decoded.claims, decoded.header, options, params)
        claims.validate(now=int(self._clock().timestamp()), leeway=SKEW_SECONDS)
        return decoded.claims

    def _key(self, signed: Any) -> Key:
        keys = self._keys
        key = keys.key(str(signed.headers().get("kid", ""))) if keys else None
        if key is None:
            raise KeyError
        return key

    def _person(self, claims: Mapping[str, Any]) -> Person:
        subject = claims.get(self._declared.subject_claim)
        if not isinstance(subject, str) or not subject:
            raise SignInError("The council’s sign-in does not say who you are.")
        held = claims.get(self._declared.groups_claim)
        brought = set(held if isinstance(held, list) else [held])
        found = [each for each in self._declared.group if each.value in brought]
        if len({(each.role, each.agency) for each in found}) != 1:
            raise SignInError(_why_no_role(found))
        panels = tuple(sorted({panel for each in found for panel in each.panels}))
        return Person(subject, found[0].role, found[0].agency, panels)

    def _description(self) -> Mapping[str, Any]:
        """Return how the provider describes itself. Raises ProviderAwayError where it cannot be asked, or says less."""
        with self._lock:
            if self._described is None:
                described = _described(self._declared.issuer)
                self._keys = KeySetAt(read_address(described["jwks_uri"]))
                self._described = described
            return self._described

    def _client(self) -> OAuth2Session:
        return OAuth2Session(
            self._declared.client_id,
            self._client_secret or None,
            token_endpoint_auth_method="client_secret_basic" if self._client_secret else "none",
            scope=self._declared.scope,
            redirect_uri=f"{self._declared.address}{RETURN_PATH}",
            code_challenge_method="S256",
        )


def _part(secret: str, name: str) -> str:
    """Return what stands for a browser's secret in one place: 256 bits that tell nothing of it, nor of the others."""
    made = hmac.digest(secret.encode(), name.encode(), "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _described(issuer: str) -> Mapping[str, Any]:
    try:
        described = json.loads(read_address(f"{issuer.rstrip('/')}/.well-known/openid-configuration")())
        is_whole = described["issuer"] == issuer and all(may_be_asked(described[name]) for name in ENDPOINTS)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        is_whole = False
    if not is_whole:
        raise ProviderAwayError("The council’s sign-in cannot be reached now.")
    found: Mapping[str, Any] = described
    return found


def _why_no_role(found: list[Group]) -> str:
    if not found:
        return "The council’s sign-in knows you, but gives you no role here."
    roles = sorted({each.role.replace("_", " ") for each in found})
    return f"The council’s sign-in gives you more than one role here ({', '.join(roles)}); one person has one."
