"""Signatures over a bundle: a named person's Ed25519 key over the manifest's digest, kept beside the bundle.

The manifest names every file with its digest, the evidence included, so that what was signed is what was read.
"""

import base64
import binascii
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unicodedata import normalize

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from targeting.errors import TargetingError, what_exists
from targeting.models.bundle import SIGNATURES, Bundle
from targeting.models.signers import TITLES, Role, Signer
from targeting.store.files import write_atomically

__all__ = [
    "Role",
    "Signature",
    "SignatureError",
    "Signer",
    "accept_signature",
    "check_may_sign",
    "holds",
    "make_key",
    "public_text",
    "read_key",
    "read_signatures",
    "sign_bundle",
    "verify_signatures",
]

REQUIRED_ROLES: tuple[Role, ...] = ("service_lead", "data_protection")
_KEY_LENGTH = 32


class SignatureError(TargetingError):
    """A bundle that is not signed as it must be, or a signature or key that does not hold."""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One person's signature. `re_audit_by` accepts, until then, an audit that cannot tell."""

    name: str
    bundle_digest: str
    re_audit_by: date | None
    value: bytes

    @property
    def message(self) -> bytes:
        """Return the bytes that were signed."""
        return _message(self.name, self.bundle_digest, self.re_audit_by)


def make_key(path: Path) -> str:
    """Write a new private key to `path`, readable by its owner alone, and return its public half as text.

    Raises SignatureError where a key lies there already: a lost key loses what it signed.
    """
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SignatureError(f"{path} holds a key already. Name another file.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return public_text(key)


def read_key(path: Path) -> Ed25519PrivateKey:
    """Return the private key in a PEM file. Raises SignatureError where there is none."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        raise SignatureError(f"{path} holds no Ed25519 private key in PEM. Make one, or name the right file.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SignatureError(f"{path} holds a key of another kind; only Ed25519 signs.")
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key as `signers.toml` holds it."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def sign_bundle(
    bundle: Bundle, *, name: str, key: Path, signers: Sequence[Signer], re_audit_by: date | None = None
) -> Path:
    """Sign a bundle as `name` and return the signature's path.

    Raises SignatureError where the name may not sign it, or the key is not the one declared for the name.
    """
    signer = _signer(name, signers)
    check_may_sign(signer, bundle)
    private = read_key(key)
    if public_text(private) != signer.public_key:
        raise SignatureError(f"The key in {key} is not the one that signers.toml names for {name}.")
    content = {
        "name": name,
        "bundle_digest": bundle.digest,
        "re_audit_by": re_audit_by.isoformat() if re_audit_by else None,
        "signature": base64.b64encode(private.sign(_message(name, bundle.digest, re_audit_by))).decode(),
    }
    return _keep(bundle, name, content)


def accept_signature(bundle: Bundle, content: bytes, *, signers: Sequence[Signer]) -> Signature:
    """Keep a signature that was made elsewhere, by `sign_bundle` or to the same rule, and return it.

    Raises SignatureError, with nothing kept, where it cannot be read, does not hold, or its signer may not sign.
    """
    signature = _parsed(content, "the file")
    signer = _signer(signature.name, signers)
    check_may_sign(signer, bundle)
    _check_holds(signature, signer, bundle)
    _keep(bundle, signature.name, json.loads(content))
    return signature


def holds(signature: Signature, bundle: Bundle, signers: Sequence[Signer]) -> bool:
    """Return whether a signature that lies with a bundle is by somebody who may sign it, and holds."""
    try:
        signer = _signer(signature.name, signers)
        check_may_sign(signer, bundle)
        _check_holds(signature, signer, bundle)
    except SignatureError:
        return False
    return True


def check_may_sign(signer: Signer, bundle: Bundle) -> None:
    """Raise SignatureError where a signer may not sign a bundle."""
    if _plainly(signer.name) == _plainly(bundle.origin.trainer):
        raise SignatureError(f"{signer.name} trained {bundle.model} {bundle.version} and may not sign it.")
    if signer.synthetic_only and not bundle.origin.synthetic:
        raise SignatureError(
            f"{signer.name}'s key holds for synthetic data alone; {bundle.model} {bundle.version} is of real data."
        )


def verify_signatures(
    bundle: Bundle, signers: Sequence[Signer], *, required_roles: Sequence[Role] = REQUIRED_ROLES
) -> tuple[Signature, ...]:
    """Return the bundle's signatures where every one holds and each required role is filled by another person.

    Raises SignatureError otherwise, saying which role is missing or whose signature does not hold.
    """
    held = read_signatures(bundle)
    roles = {}
    for signature in held:
        signer = _signer(signature.name, signers)
        check_may_sign(signer, bundle)
        _check_holds(signature, signer, bundle)
        roles[signer.public_key] = signer.role
    missing = [TITLES[role] for role in required_roles if role not in roles.values()]
    if missing:
        raise SignatureError(
            f"{bundle.model} {bundle.version} is not signed by a {' and a '.join(missing)}: "
            f"`targeting sign {bundle.model} {bundle.version} --as NAME --key KEY.pem`."
        )
    return held


def read_signatures(bundle: Bundle) -> tuple[Signature, ...]:
    """Return what lies in the bundle's `signatures/`, unverified, in order of name."""
    return tuple(_read(path) for path in sorted((bundle.folder / SIGNATURES).glob("*.json")))


def _check_holds(signature: Signature, signer: Signer, bundle: Bundle) -> None:
    if signature.bundle_digest != bundle.digest:
        raise SignatureError(
            f"{signature.name} signed another state of {bundle.model} {bundle.version}: "
            "its files or evidence were changed after signing."
        )
    try:
        _public_key(signer).verify(signature.value, signature.message)
    except InvalidSignature:
        raise SignatureError(f"{signature.name}'s signature does not hold under the key in signers.toml.") from None


def _keep(bundle: Bundle, name: str, content: Mapping[str, object]) -> Path:
    path = bundle.folder / SIGNATURES / f"{_file_name(name)}.json"
    path.parent.mkdir(exist_ok=True)
    kept = {each: content[each] for each in ("name", "bundle_digest", "re_audit_by", "signature")}
    write_atomically(path, (json.dumps(kept, indent=1) + "\n").encode())
    return path


def _read(path: Path) -> Signature:
    return _parsed(path.read_bytes(), str(path))


def _parsed(content: bytes, place: str) -> Signature:
    try:
        held = json.loads(content)
        if not isinstance(held["name"], str):
            raise TypeError
        until = held["re_audit_by"]
        return Signature(
            name=held["name"],
            bundle_digest=held["bundle_digest"],
            re_audit_by=date.fromisoformat(until) if until else None,
            value=base64.b64decode(held["signature"], validate=True),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SignatureError(f"{place} is no signature that can be read: `targeting sign` makes one.") from None


def _signer(name: str, signers: Sequence[Signer]) -> Signer:
    for signer in signers:
        if signer.name == name:
            return signer
    raise SignatureError(
        f"{name} is not declared in signers.toml. {what_exists(name, [each.name for each in signers])}"
    )


def _plainly(name: str) -> str:
    """Return a name without what its writing leaves to chance, so that Tess and TESS are one person."""
    return " ".join(normalize("NFKC", name).casefold().split())


def _public_key(signer: Signer) -> Ed25519PublicKey:
    try:
        raw = base64.b64decode(signer.public_key, validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != _KEY_LENGTH:
        raise SignatureError(f"signers.toml: the public_key of {signer.name} is no Ed25519 key in base64.")
    return Ed25519PublicKey.from_public_bytes(raw)


def _message(name: str, digest: str, re_audit_by: date | None) -> bytes:
    accepted = re_audit_by.isoformat() if re_audit_by else ""
    return f"targeting bundle\n{digest}\n{name}\n{accepted}\n".encode()


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)
