"""Keyed hashes that stand for a person or a record where no name may: nobody without the key can make or guess one."""

import base64
import hashlib
import hmac

import pyarrow as pa
import pyarrow.compute as pc

CHARACTERS = 26


def derived_key(key: bytes, purpose: str) -> bytes:
    """Return 32 bytes for one purpose, from which neither `key` nor another purpose's key follows."""
    return hmac.digest(key, purpose.encode(), "sha256")


def pseudonym(key: bytes, purpose: str, text: str) -> str:
    """Return 26 lower-case characters of base 32 (130 bits) that stand for `text`, the same for the same key."""
    return _hashed(derived_key(key, purpose), text)


def pseudonyms(texts: pa.Array | pa.ChunkedArray, key: bytes, purpose: str) -> pa.Array:
    """Return the pseudonym of each text, null for null."""
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    encoded = pc.dictionary_encode(whole)
    own_key = derived_key(key, purpose)
    hashes = pa.array([_hashed(own_key, text) for text in encoded.dictionary.to_pylist()], pa.string())
    return hashes.take(encoded.indices)


def _hashed(key: bytes, text: str) -> str:
    digest = hashlib.blake2b(text.encode(), key=key, digest_size=20).digest()
    return base64.b32encode(digest).decode().lower()[:CHARACTERS]
