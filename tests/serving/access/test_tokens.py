"""Access tokens: what counts as one, and everything that does not, with the sentence that says why."""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from targeting.errors import DeclarationError
from targeting.serving.access.definition import FORBIDDEN_PURPOSES, Access, Client, Issuer, faults_of_access
from targeting.serving.access.key_sets import KeySetAt, KeysNotReadError, read_address, read_file
from targeting.serving.access.rates import Rates
from targeting.serving.access.tokens import TokenError, Tokens, Trusted
from targeting.serving.definition import read_service

NOW = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
PANELS = ("north", "rest")
ISSUER = "https://login.example"
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "targeting",
    "sub": "ada",
    "client_id": "ehm",
    "iat": AT,
    "exp": AT + 600,
    "jti": "1",
    "roles": ["chair"],
    "scope": "flags:read lists:read scores:research made:up",
}
EHM = Client(
    client_id="ehm",
    title="Case management",
    roles=("chair", "integration_client"),
    scopes=("flags:read", "lists:read", "decisions:write", "scores:research"),
    purposes=("early_help",),
    audiences=("panel",),
)
KEYS = {
    "rsa": RSAKey.generate_key(2048, parameters={"kid": "rsa"}),
    "ec": ECKey.generate_key("P-256", parameters={"kid": "ec"}),
    "ed": OKPKey.generate_key("Ed25519", parameters={"kid": "ed"}),
}
ALGORITHMS = {"rsa": "RS256", "ec": "ES256", "ed": "Ed25519"}


def key_set(*names: str) -> bytes:
    return json.dumps({"keys": [KEYS[name].as_dict(private=False) for name in names]}).encode()


def signed(claims: dict[str, Any], by: str = "ed", key: Any = None, **header: str) -> str:
    usual = {"alg": ALGORITHMS[by], "kid": by, "typ": "at+jwt"}
    told = {**usual, **header}
    return jwt.encode(told, claims, key or KEYS[by], algorithms=[told["alg"]])


@pytest.fixture
def tokens() -> Tokens:
    trusted = Trusted(ISSUER, ("RS256", "ES256", "Ed25519"), KeySetAt(lambda: key_set("rsa", "ec", "ed")))
    return Tokens(Access(), [trusted], clients=[EHM], panels=PANELS, clock=lambda: NOW)


@pytest.mark.parametrize("by", ["rsa", "ec", "ed"])
def test_a_token_speaks_for_a_subject_with_the_scopes_that_role_and_client_may_have(tokens: Tokens, by: str):
    reader = tokens.check(signed(CLAIMS, by)).reader
    assert (reader.subject, reader.role, reader.client, reader.agency) == ("ada", "chair", "ehm", "")
    # The client may have scores:research, but no chair.
    assert reader.scopes == {"flags:read", "lists:read"}


def test_a_client_that_speaks_for_itself_is_an_integration_client(tokens: Tokens):
    own = {name: value for name, value in CLAIMS.items() if name != "roles"} | {"sub": "ehm"}
    reader = tokens.check(signed(own)).reader
    assert (reader.role, reader.audiences) == ("integration_client", {"panel"})
    assert "scores:research" in reader.scopes


@pytest.mark.parametrize(
    ("role", "claimed", "of_client", "read"),
    [
        ("chair", None, (), set()),
        ("chair", ["north", "south"], (), {"north", "south"}),
        ("chair", [], (), set()),
        ("chair", None, ("north",), {"north"}),
        ("chair", ["north", "rest"], ("north",), {"north"}),
        ("chair", ["rest"], ("north",), set()),
        ("governance", None, (), None),
        ("governance", ["north"], (), {"north"}),
    ],
)
def test_a_token_reads_the_panels_that_it_names_of_those_of_its_client(role, claimed, of_client, read):
    trusted = Trusted(ISSUER, ("Ed25519",), KeySetAt(lambda: key_set("ed")))
    client = EHM.model_copy(update={"panels": of_client, "roles": (role,)})
    tokens = Tokens(Access(), [trusted], clients=[client], panels=PANELS, clock=lambda: NOW)
    claims = CLAIMS | {"roles": [role]} | ({} if claimed is None else {"panels": claimed})
    assert tokens.check(signed(claims)).reader.panels == read


@pytest.mark.parametrize("panels", ["north", {"north": True}, [1], 7])
def test_panels_that_are_no_list_of_names_let_nobody_in(tokens: Tokens, panels: object):
    with pytest.raises(TokenError, match="panels have to be a list of their names"):
        tokens.check(signed(CLAIMS | {"panels": panels}))


def test_panels_and_agency_come_with_the_token(tokens: Tokens):
    reader = tokens.check(signed(CLAIMS | {"panels": ["north"], "agency": "schools"})).reader
    assert (reader.panels, reader.agency) == ({"north"}, "schools")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"iss": "https://elsewhere.example"}, "issuer is not one that this service trusts"),
        ({"iss": ["a"]}, "issuer is not one that this service trusts"),
        ({"aud": "another"}, "meant for another service"),
        ({"aud": ["another", 3]}, "meant for another service"),
        ({"exp": AT - 30}, "has expired"),
        ({"exp": None}, "does not say when"),
        ({"exp": True}, "does not say when"),
        ({"exp": 1e300}, "exp is no moment"),
        ({"exp": 253402300799}, "exp is no moment"),
        ({"iat": -62135596800}, "iat is no moment"),
        ({"nbf": float("nan")}, "nbf is no moment"),
        ({"iat": AT + 31}, "not valid yet"),
        ({"nbf": AT + 31}, "not valid yet"),
        ({"sub": ""}, "has no sub"),
        ({"jti": None}, "has no jti"),
        ({"client_id": "unheard"}, "client is not declared"),
        ({"roles": ["governance"]}, "a role that its client may not bring"),
        ({"roles": ["chair", "integration_client"]}, "exactly one role"),
        ({"roles": "chair"}, "exactly one role"),
        ({"roles": []}, "exactly one role"),
    ],
)
def test_a_claim_that_does_not_hold_is_told(tokens: Tokens, changed: dict[str, Any], why: str):
    with pytest.raises(TokenError, match=why):
        tokens.check(signed(CLAIMS | changed))


def test_within_the_skew_a_token_still_holds(tokens: Tokens):
    assert tokens.check(signed(CLAIMS | {"exp": AT - 29, "iat": AT + 29})).reader.subject == "ada"


def test_a_token_signed_otherwise_does_not_count(tokens: Tokens):
    other = OKPKey.generate_key("Ed25519", parameters={"kid": "ed"})
    shared = OctKey.generate_key(256, parameters={"kid": "rsa"})
    head, body, _ = signed(CLAIMS).split(".")
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0Iiwia2lkIjoiZWQifQ"
    for token, why in (
        (signed(CLAIMS, key=other), "signature does not hold"),
        (signed(CLAIMS, kid="gone"), "a key that its issuer does not have"),
        (signed(CLAIMS, typ="JWT"), "has to be at\\+jwt"),
        (signed(CLAIMS, key=shared, alg="HS256"), "in a way that is not allowed"),
        (signed(CLAIMS, by="ec", kid="rsa"), "signature does not hold"),
        (f"{unsigned}.{body}.", "in a way that is not allowed"),
        (f"{head}.{body}.", "signature does not hold"),
        ("", "no JWT"),
        ("a.b.c", "no JWT"),
        ("..", "no JWT"),
        (f"{head}.{'W10'}.x", "no JWT"),
        ("x" * 9000, "too long"),
    ):
        with pytest.raises(TokenError, match=why):
            tokens.check(token)


def test_a_token_checked_a_moment_ago_is_not_checked_again_until_it_expires(tokens: Tokens):
    token = signed(CLAIMS | {"exp": AT + 20})
    assert tokens.checked(token) is None
    checked = tokens.check(token)
    assert tokens.checked(token) == checked
    later = Tokens(Access(), [], clients=[], panels=PANELS, clock=lambda: NOW + timedelta(seconds=50))
    later._checked = tokens._checked
    assert later.checked(token) is None


def test_a_new_key_is_asked_for_and_a_withdrawn_one_counts_no_longer_than_ten_minutes():
    held, asked, seconds = [key_set("rsa")], [0], [0.0]

    def read() -> bytes:
        asked[0] += 1
        return held[0]

    keys = KeySetAt(read, seconds=lambda: seconds[0])
    assert keys.key("rsa") is not None
    assert (keys.key("ed"), asked[0]) == (None, 1)
    held[0] = key_set("ed")
    seconds[0] = 29.0
    assert (keys.key("ed"), asked[0]) == (None, 1)
    seconds[0] = 30.0
    assert keys.key("ed") is not None
    assert (keys.key("rsa"), asked[0]) == (None, 2)
    seconds[0] = 631.0
    held[0] = b"no keys"
    assert keys.key("ed") is not None
    assert asked[0] == 3
    seconds[0], held[0] = 1231.0, key_set("rsa")
    assert keys.key("ed") is None


def test_an_issuer_whose_keys_cannot_be_read_lets_nobody_in():
    def fails() -> bytes:
        raise OSError

    trusted = Trusted(ISSUER, ("Ed25519",), KeySetAt(fails, seconds=time.monotonic))
    with pytest.raises(TokenError, match=r"keys cannot be read now"):
        Tokens(Access(), [trusted], clients=[EHM], panels=PANELS, clock=lambda: NOW).check(signed(CLAIMS))


NO_KEY_SETS = (b"", b"{}", b"[]", b"null", b'{"keys": null}', b'{"keys": ["a"]}', b"<html>", b"[" * 100_000)


@pytest.mark.parametrize("content", NO_KEY_SETS, ids=[repr(each[:16]) for each in NO_KEY_SETS])
def test_what_is_no_key_set_takes_no_key_away_that_was_read(content: bytes):
    seconds, held = [0.0], [key_set("ed")]
    keys = KeySetAt(lambda: held[0], seconds=lambda: seconds[0])
    assert keys.key("ed") is not None
    seconds[0], held[0] = 601.0, content
    assert keys.key("ed") is not None
    with pytest.raises(KeysNotReadError):
        KeySetAt(lambda: content).key("ed")


@pytest.mark.parametrize(
    "other",
    [
        {"kty": "AKP", "kid": "other", "alg": "ML-DSA-65", "pub": "aa"},
        {"kty": "EC", "kid": "other", "crv": "P-9999", "x": "aa", "y": "aa"},
        {"kty": "RSA", "kid": "other", "n": "!", "e": "AQAB"},
        {"kty": "oct", "kid": "other", "k": "c2VjcmV0"},
        {"kty": "RSA", "kid": 7},
    ],
    ids=lambda other: str(other)[:30],
)
def test_a_key_that_cannot_be_used_takes_no_other_away(other: object):
    usable = KEYS["ed"].as_dict(private=False)
    keys = KeySetAt(lambda: json.dumps({"keys": [other, usable]}).encode())
    assert keys.key("ed") is not None
    assert keys.key("other") is None


@pytest.mark.parametrize("purpose", FORBIDDEN_PURPOSES)
def test_no_client_can_be_declared_for_a_forbidden_purpose(purpose: str, tmp_path):
    path = tmp_path / "service.toml"
    path.write_text(
        f"""
        model = "m"
        [[panel]]
        name = "p"
        title = "P"
        [[list]]
        name = "offer"
        title = "O"
        cohort = "c"
        [[access.client]]
        client_id = "x"
        title = "X"
        roles = ["chair"]
        scopes = ["flags:read"]
        purposes = ["early_help", "{purpose}"]
        """
    )
    with pytest.raises(DeclarationError, match=f"access.client x: '{purpose}' is forbidden: no client may ask for it"):
        read_service(path)


def test_what_is_wrong_in_a_declaration_is_told_at_once():
    issuer: Callable[..., Issuer] = lambda name, jwks: Issuer(issuer=name, jwks=jwks)  # noqa: E731
    declared = Access(
        issuer=(
            issuer("a", "http://keys.example/jwks"),
            issuer("a", "/etc/keys.json"),
            issuer("b", "../keys.json"),
            issuer("c", "https://keys.example/jwks"),
            issuer("d", "http://127.0.0.1:9/jwks"),
            issuer("e", "serving/keys.json"),
        ),
        client=(EHM.model_copy(update={"purposes": ("profit",)}),),
    )
    assert [str(fault) for fault in faults_of_access(declared, "s")] == [
        "s: access.issuer: 'a' is declared twice.",
        "s: access.client ehm: the purpose 'profit' does not exist. "
        "Those that do: early_help, audit, research, operations, complaint.",
        "s: access.issuer a: jwks has to be https, or http to this computer.",
        "s: access.issuer a: jwks has to be a file below the project folder.",
        "s: access.issuer b: jwks has to be a file below the project folder.",
    ]


def test_a_client_that_asks_too_often_waits():
    rates = Rates()
    taken = [rates.wait("a", a_minute=60, now=0.0) for _ in range(10)]
    assert taken == [0.0] * 10
    assert rates.wait("a", a_minute=60, now=0.0) == 1.0
    assert rates.wait("b", a_minute=60, now=0.0) == 0.0
    assert rates.wait("a", a_minute=60, now=0.5) == 0.5
    assert rates.wait("a", a_minute=60, now=1.0) == 0.0
    half = Rates(share=0.5)
    assert [half.wait("a", a_minute=60, now=0.0) for _ in range(6)] == [0.0] * 5 + [2.0]


class Answering(BaseHTTPRequestHandler):
    """Answers as an issuer does: with its keys, too much, no HTTP at all, or a way to somebody else's keys."""

    def do_GET(self) -> None:
        if self.path == "/nonsense":
            self.wfile.write(b"nonsense\r\n\r\n")
            return
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("location", "/keys")
        self.end_headers()
        self.wfile.write(b" " * 300_000 if self.path == "/much" else key_set("ed"))

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


def test_keys_are_read_from_an_address_but_from_no_other_that_it_leads_to():
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert KeySetAt(read_address(f"{address}/keys")).key("ed") is not None
        for path in ("/moved", "/much", "/nonsense"):
            with pytest.raises(KeysNotReadError):
                KeySetAt(read_address(address + path)).key("ed")
        server.shutdown()


def test_keys_are_read_from_a_file(tmp_path):
    path = tmp_path / "keys.json"
    path.write_bytes(key_set("rsa"))
    keys = KeySetAt(read_file(path))
    assert keys.key("rsa") is not None
    assert keys.key("ed") is None
