"""Keyed hashes that stand for a person or a record where no name may: nobody without the key can make or guess one."""

import hashlib
import hmac

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

# A key of identities is 32 bytes; once rotated 64: those that name and prove for ever, then those that encrypt now.
KEY_BYTES = 32
CHARACTERS = 26
DIGEST_BYTES = 16
GROUPS, BYTES_A_GROUP = 4, 5
SHIFTS_OF_BYTES = np.arange(32, -1, -8, dtype=np.uint64)
SHIFTS_OF_CHARACTERS = np.arange(35, -1, -5, dtype=np.uint64)
ALPHABET = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", np.uint8)
# Bytes and characters are numbers of eight bytes on the way: a chunk takes some megabytes.
CHUNK = 1 << 14


def derived_key(key: bytes, purpose: str) -> bytes:
    """Return 32 bytes for one purpose, from which neither `key` nor another purpose's key follows.

    It names (pseudonyms) or proves (the audit log, lists), and stays what it was where the key was rotated.
    """
    return hmac.digest(key[:KEY_BYTES], purpose.encode(), "sha256")


def sealing_key(key: bytes, purpose: str) -> bytes:
    """Return 32 bytes with which something is encrypted: others once the key was rotated."""
    return hmac.digest(key[-KEY_BYTES:], purpose.encode(), "sha256")


def pseudonym(key: bytes, purpose: str, text: str) -> str:
    """Return 26 lower-case characters of base 32 (128 bits) that stand for `text`, the same for the same key."""
    name: str = pseudonyms(pa.array([text]), key, purpose)[0].as_py()
    return name


def pseudonyms(texts: pa.Array | pa.ChunkedArray, key: bytes, purpose: str) -> pa.Array:
    """Return the pseudonym of each text, null for null."""
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    encoded = whole.dictionary_encode()
    own_key, blake2b = derived_key(key, purpose), hashlib.blake2b
    words = encoded.dictionary.to_pylist()
    digests = b"".join([blake2b(word.encode(), key=own_key, digest_size=DIGEST_BYTES).digest() for word in words])
    return _base_32(digests).take(encoded.indices)


def record_ids(texts: pa.Array, *, source: str, identity_key: bytes) -> pa.Array:
    """Return what stands for each person of whom an agency has a record, by the agency's own ids; null for null.

    Space around an id is no part of it. Loading and whoever asks later by such an id both come here.
    """
    return pseudonyms(pc.utf8_trim_whitespace(texts), identity_key, f"record/{source}")


def episode_ids(texts: pa.Array, *, source: str, identity_key: bytes) -> pa.Array:
    """Return what stands for each episode, by the agency's own key of it; null for null. Space around is no part."""
    return pseudonyms(pc.utf8_trim_whitespace(texts), identity_key, f"episode/{source}")


def _base_32(digests: bytes) -> pa.Array:
    """Return the base 32 of each digest of 16 bytes, without its padding."""
    rows = np.frombuffer(digests, np.uint8).reshape(-1, DIGEST_BYTES)
    characters = [_characters(rows[start : start + CHUNK]) for start in range(0, len(rows), CHUNK)]
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * CHARACTERS
    content = b"".join(characters)
    return pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(content))


def _characters(rows: NDArray[np.uint8]) -> bytes:
    """Return 26 characters a row: each five bytes, as one number, are eight of them."""
    padded = np.zeros((len(rows), GROUPS, BYTES_A_GROUP), np.uint64)
    padded.reshape(len(rows), -1)[:, :DIGEST_BYTES] = rows
    numbers = (padded << SHIFTS_OF_BYTES).sum(axis=2, dtype=np.uint64)
    fives = (numbers[:, :, None] >> SHIFTS_OF_CHARACTERS) & np.uint64(31)
    return ALPHABET[fives.reshape(len(rows), -1)[:, :CHARACTERS]].tobytes()
