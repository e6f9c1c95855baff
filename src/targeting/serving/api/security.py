"""What every response forbids a browser, and by which names the service may be asked."""

import re
import secrets
from collections.abc import Mapping

_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
_ALWAYS: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# The audit and the card of a model bring their style inside: it is let through by nonce alone.
_POLICY = (
    "default-src 'none'; style-src 'self' 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src 'self'; "
    "font-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def is_loopback(host: str) -> bool:
    """Return whether a Host header names this computer: a page elsewhere that resolves to it is refused so."""
    return _LOOPBACK.fullmatch(host) is not None


def is_named(host: str, names: frozenset[str]) -> bool:
    """Return whether a Host header names this computer, or the service by one of its declared names."""
    return is_loopback(host) or host.partition(":")[0].lower() in names


def make_nonce() -> str:
    """Return what a script of this one response, or a style inside it, has to carry to count."""
    return secrets.token_urlsafe(16)


def security_headers(nonce: str) -> Mapping[str, str]:
    """Return the headers of a response whose own scripts and styles carry `nonce`.

    `cache-control` holds unless a response says otherwise: most of them are about families.
    """
    return {**_ALWAYS, "content-security-policy": _POLICY.format(nonce=nonce), "cache-control": "no-store"}
