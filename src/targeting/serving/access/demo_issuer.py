"""An issuer of tokens inside, for demonstration and tests alone: its tokens count for synthetic data only."""

import json
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import Key, OKPKey

from targeting.serving.access.definition import PURPOSES, ROLES, SCOPES, Client, Role
from targeting.serving.access.permissions import RIGHTS
from targeting.serving.access.tokens import Trusted
from targeting.store.files import private_folder, write_atomically

ISSUER = "https://demo.targeting.invalid"
ALGORITHM = "Ed25519"
CLIENT = Client(
    client_id="demo",
    title="Demonstration",
    roles=ROLES,
    scopes=SCOPES,
    purposes=PURPOSES,
    requests_a_minute=600_000,
    audiences=("panel",),
)
HOLDS = timedelta(hours=12)


class DemoIssuer:
    """Issues tokens with a key of its own, which lies in the data folder and is made at first use."""

    def __init__(self, data: Path) -> None:
        path = data / "keys" / "demo_issuer.json"
        if not path.exists():
            private_folder(path.parent)
            made = OKPKey.generate_key("Ed25519", parameters={"kid": secrets.token_hex(8), "use": "sig"})
            write_atomically(path, json.dumps(made.as_dict(private=True)).encode())
        self._key = OKPKey.import_key(json.loads(path.read_text(encoding="utf-8")))

    def key(self, kid: str) -> Key | None:
        """Return the key of that id, or None."""
        return self._key if kid == self._key.kid else None

    def trusted(self) -> Trusted:
        """Return the issuer as a service trusts it."""
        return Trusted(ISSUER, (ALGORITHM,), self)

    def token(self, role: Role, *, at: datetime, audience: str, subject: str | None = None, **claims: object) -> str:
        """Return a token of a role that holds for twelve hours; `claims` are put in place of the usual ones."""
        issued = int(at.timestamp())
        usual = {
            "iss": ISSUER,
            "aud": audience,
            "sub": subject or demo_subject(role),
            "client_id": CLIENT.client_id,
            "iat": issued,
            "exp": issued + int(HOLDS.total_seconds()),
            "jti": secrets.token_hex(16),
            "roles": [role],
            "scope": " ".join(sorted(RIGHTS[role].scopes)),
            "purpose": "early_help",
        }
        header = {"alg": ALGORITHM, "kid": str(self._key.kid), "typ": "at+jwt"}
        return jwt.encode(header, {**usual, **claims}, self._key, algorithms=[ALGORITHM])


def demo_subject(role: Role) -> str:
    """Return who speaks in a demonstration: nobody."""
    return f"demo {role.replace('_', ' ')}"
