"""The public keys of issuers: read from a file or an https address, and asked for again when a new key appears."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any, Protocol

from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

SECONDS_BETWEEN = 30.0
# A key that its issuer withdrew counts no longer than this.
SECONDS_HELD = 600.0
SECONDS_TO_ANSWER = 5.0
MOST_BYTES = 256 * 1024


class Keys(Protocol):
    """What knows an issuer's public keys."""

    def key(self, kid: str) -> Key | None:
        """Return the key of that id, or None."""


class KeysNotReadError(Exception):
    """An issuer's keys cannot be had now."""


class KeySetAt:
    """An issuer's keys, read again every ten minutes, and for a key that is not among them at most every half minute.

    Keys that were read hold until others can be read, so that an issuer's short failure locks nobody out.
    """

    def __init__(self, read: Callable[[], bytes], *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._read, self._seconds = read, seconds
        self._keys: dict[str, Key] = {}
        self._read_at: float | None = None
        self._lock = threading.Lock()

    def key(self, kid: str) -> Key | None:
        """Return the key of that id, or None. Raises KeysNotReadError where none could be read yet."""
        with self._lock:
            if self._should_be_read(kid):
                self._read_at = self._seconds()
                self._renew()
            return self._keys.get(kid)

    def _should_be_read(self, kid: str) -> bool:
        if self._read_at is None:
            return True
        return self._seconds() - self._read_at >= (SECONDS_HELD if kid in self._keys else SECONDS_BETWEEN)

    def _renew(self) -> None:
        try:
            self._keys = _parsed(self._read())
        except (OSError, ValueError, RecursionError, HTTPException):
            if not self._keys:
                raise KeysNotReadError from None


def read_file(path: Path) -> Callable[[], bytes]:
    """Return what reads keys from a file."""
    return path.read_bytes


def read_address(address: str) -> Callable[[], bytes]:
    """Return what reads keys from an address, which a declaration was checked to be https or on this computer."""
    opener = urllib.request.build_opener(_NoRedirection)

    def read() -> bytes:
        with opener.open(address, timeout=SECONDS_TO_ANSWER) as answered:
            content: bytes = answered.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ValueError
        return content

    return read


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    """Whoever can redirect could name other keys."""

    def redirect_request(self, *_asked: Any) -> None:
        return None


def _parsed(content: bytes) -> dict[str, Key]:
    """Return the keys of a JWKS (RFC 7517) that have an id, are for signatures, and can be used here.

    One of a kind that is not known is left out, as the standard asks. Raises ValueError where it is no key set.
    """
    held = json.loads(content)
    told = held.get("keys") if isinstance(held, dict) else None
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        raise ValueError
    found = map(_usable, told)
    return {each.kid: each for each in found if each is not None and each.kid}


def _usable(told: dict[str, Any]) -> Key | None:
    # Whoever knew a shared key could make tokens, not only check them.
    if told.get("use", "sig") != "sig" or told.get("kty") == "oct":
        return None
    try:
        (key,) = KeySet.import_key_set({"keys": [told]}).keys
    # An issuer's next kind of key can fail in any way within a library; in each of them it cannot be used.
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key
