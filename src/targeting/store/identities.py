"""The identities store: names, births, addresses and numbers, encrypted, in a file of their own.

A SQLite file of Arrow tables, each encrypted with AES-GCM under a 32-byte key. Nothing else in the data folder holds
an identity; everything else names people by `record_id`.
"""

import base64
import binascii
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from targeting.errors import DataError
from targeting.store import files
from targeting.store.files import PRIVATE_FILE, private_folder, write_atomically
from targeting.store.pseudonyms import KEY_BYTES, sealing_key

KEY_VARIABLE = "TARGETING_IDENTITY_KEY"
KEY_FILE = Path("keys") / "identity.key"
NONCE_BYTES = 12
FILE = "identities.sqlite"
PERSONS = "persons"
REJECTED = "rejected:"
# What is to stay rejected of a file that is replayed, until the facts of the other rows are safe.
LEFT = "left:"
# Behind a part's name where a file was read in more than one chunk, with the chunk's number; the first has none.
CHUNK = "\x01"

# The number of a chunk, and the rows of it that are quarantined, by the part of the file.
Rejected = Iterator[tuple[int, dict[str, pa.Table]]]

# One row is what one agency had of one person from `known_from` on; `recorded_on` is the agency's own date of it.
IDENTITIES = pa.schema(
    [
        ("record_id", pa.string()),
        ("source", pa.string()),
        ("recorded_on", pa.date32()),
        ("known_from", pa.date32()),
        ("given_name", pa.string()),
        ("family_name", pa.string()),
        ("date_of_birth", pa.date32()),
        ("expected_date_of_birth", pa.date32()),
        ("sex", pa.string()),
        ("nhs_number", pa.string()),
        ("upn", pa.string()),
        ("uprn", pa.string()),
        ("house_number", pa.string()),
        ("street", pa.string()),
        ("locality", pa.string()),
        ("postcode", pa.string()),
    ]
)
DATED = ("recorded_on", "known_from")


def identity_key(data: Path) -> bytes:
    """Return the key of the identities: from TARGETING_IDENTITY_KEY, else from keys/identity.key of the data folder.

    The file is made at first use, mode 0600. Raises DataError where the key is not 32 bytes in base 64.
    """
    declared = os.environ.get(KEY_VARIABLE)
    if declared is not None:
        return _decoded(declared, f"environment variable {KEY_VARIABLE}")
    path = data / KEY_FILE
    if not path.exists():
        keep_identity_key(data, secrets.token_bytes(KEY_BYTES))
    return key_in(path)


def keep_identity_key(data: Path, key: bytes) -> None:
    """Write the key of a data folder that has none yet; its pseudonyms, and the order of its rows, follow from it."""
    private_folder((data / KEY_FILE).parent)
    write_key(data / KEY_FILE, key)


def write_key(path: Path, key: bytes) -> None:
    """Write a key to a file that its owner alone may read, whole or not at all."""
    write_atomically(path, base64.b64encode(key) + b"\n")


def key_in(path: Path) -> bytes:
    """Return the key that a file holds. Raises DataError where it holds none."""
    return _decoded(path.read_text(), str(path))


def _decoded(text: str, place: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) not in (KEY_BYTES, 2 * KEY_BYTES):
        message = (
            f"{place}: not a key. Expected {KEY_BYTES} bytes in base 64, as `openssl rand -base64 32` prints them, or "
            f"twice as many, as `targeting rotate-key` writes them."
        )
        raise DataError(message)
    return key


class Identities:
    """The identities of one data folder, readable with its key alone."""

    def __init__(self, data: Path, key: bytes) -> None:
        self._path = private_folder(data) / FILE
        self._cipher = AESGCM(sealing_key(key, "identities"))

    def check_key(self) -> None:
        """Raise DataError where what is kept was written with another key: its pseudonyms would match no others."""
        with self._opened() as connection:
            for digest, part, content in connection.execute("select digest, part, content from tables limit 1"):
                self._decrypted(digest, part, content)

    def seal_anew(self, key: bytes) -> None:
        """Encrypt all that is kept with another key, in one transaction: nothing where it fails."""
        cipher = AESGCM(sealing_key(key, "identities"))
        with self._opened() as connection, connection:
            places = connection.execute("select digest, part from tables").fetchall()
            for digest, part in places:
                query = "select content from tables where digest = ? and part = ?"
                ((content,),) = connection.execute(query, (digest, part)).fetchall()
                nonce = secrets.token_bytes(NONCE_BYTES)
                sealed = nonce + cipher.encrypt(nonce, self._plain(digest, part, content), _bound(digest, part))
                connection.execute(
                    "update tables set content = ? where digest = ? and part = ?", (sealed, digest, part)
                )
            files.before("commit rotation")

    @contextmanager
    def writing(self, digest: str) -> Iterator["DeliveryWriter"]:
        """Keep what is written within, in place of what was kept of that digest before; nothing where it fails."""
        with self._opened() as connection, connection:
            connection.execute("delete from tables where digest = ?", (digest,))
            yield self._writer(connection, digest, 0)
            files.before("commit identities")

    @contextmanager
    def adding(self, digest: str) -> Iterator["DeliveryWriter"]:
        """Keep what is written within beside what is kept of that digest; nothing where it fails."""
        with self._opened() as connection, connection:
            connection.execute("delete from tables where digest = ? and part glob ?", (digest, f"{LEFT}*"))
            yield self._writer(connection, digest, 1 + max(_places(connection, digest, ""), default=-1))
            files.before("commit identities")

    def read(self) -> pa.Table:
        """Return every person record of every file, by `IDENTITIES`.

        What was delivered again unchanged is one row, with its earliest dates. Sorted by all columns.
        """
        tables = [IDENTITIES.empty_table(), *self._persons()]
        values = [name for name in IDENTITIES.names if name not in DATED]
        rows = pa.concat_tables(tables).group_by(values, use_threads=False).aggregate([(name, "min") for name in DATED])
        rows = rows.rename_columns([name.removesuffix("_min") for name in rows.column_names]).select(IDENTITIES.names)
        return rows.sort_by([(name, "ascending") for name in IDENTITIES.names])

    def keep_what_is_left(self, digest: str) -> None:
        """Keep as quarantined what a writer has left of a file, in place of what was quarantined before."""
        with self._opened() as connection, connection:
            connection.execute("delete from tables where digest = ? and part glob ?", (digest, f"{REJECTED}*"))
            for parts in _places(connection, digest, LEFT).values():
                for part in parts:
                    table = self._read(connection, digest, part)
                    self._insert(connection, (digest, REJECTED + part.removeprefix(LEFT)), table)
            connection.execute("delete from tables where digest = ? and part glob ?", (digest, f"{LEFT}*"))

    def rejected(self, digest: str) -> Rejected:
        """Yield the quarantined rows of a file as they were delivered, by part, with the number of their chunk.

        No more is held at once than one chunk of the file had.
        """
        with self._opened() as connection:
            yield from self._rejected(connection, digest)

    def forget_all_but(self, digests: AbstractSet[str]) -> None:
        """Remove what belongs to no delivery: the trace of a load that was killed."""
        with self._opened() as connection, connection:
            held = {digest for (digest,) in connection.execute("select distinct digest from tables")}
            connection.executemany("delete from tables where digest = ?", [(digest,) for digest in held - set(digests)])

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        if not self._path.exists():
            os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, PRIVATE_FILE))
        with closing(sqlite3.connect(self._path)) as connection:
            connection.execute("pragma secure_delete = on")
            connection.execute(
                "create table if not exists tables (digest text, part text, content blob, primary key (digest, part))"
            )
            yield connection

    def _insert(self, connection: sqlite3.Connection, place: tuple[str, str], table: pa.Table) -> None:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
            writer.write_table(table)
        nonce = secrets.token_bytes(NONCE_BYTES)
        content = nonce + self._cipher.encrypt(nonce, sink.getvalue().to_pybytes(), _bound(*place))
        connection.execute("insert or replace into tables values (?, ?, ?)", (*place, content))

    def _persons(self) -> list[pa.Table]:
        """Return the persons of all deliveries, chunk by chunk."""
        query = "select digest, part, content from tables where part glob ? order by digest, part"
        with self._opened() as connection:
            return [self._decrypted(*row) for row in connection.execute(query, (f"{PERSONS}*",))]

    def _writer(self, connection: sqlite3.Connection, digest: str, first: int) -> "DeliveryWriter":
        return DeliveryWriter(
            partial(self._insert, connection), partial(self._rejected, connection), connection, digest, first
        )

    def _rejected(self, connection: sqlite3.Connection, digest: str) -> Rejected:
        for chunk, parts in sorted(_places(connection, digest, REJECTED).items()):
            names = {part: part.removeprefix(REJECTED).partition(CHUNK)[0] for part in parts}
            yield chunk, {name: self._read(connection, digest, part) for part, name in names.items()}

    def _read(self, connection: sqlite3.Connection, digest: str, part: str) -> pa.Table:
        query = "select content from tables where digest = ? and part = ?"
        ((content,),) = connection.execute(query, (digest, part)).fetchall()
        return self._decrypted(digest, part, content)

    def _decrypted(self, digest: str, part: str, content: bytes) -> pa.Table:
        return pa.ipc.open_stream(pa.py_buffer(self._plain(digest, part, content))).read_all()

    def _plain(self, digest: str, part: str, content: bytes) -> bytes:
        try:
            return self._cipher.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], _bound(digest, part))
        except InvalidTag:
            message = (
                f"{self._path}: written with another key, or damaged. Set {KEY_VARIABLE} to the key that wrote it."
            )
            raise DataError(message) from None


class DeliveryWriter:
    """Writes what one file tells of persons, chunk by chunk from the `first` on, within one transaction."""

    def __init__(
        self,
        insert: Callable[[tuple[str, str], pa.Table], None],
        rejected: Callable[[str], Rejected],
        connection: sqlite3.Connection,
        digest: str,
        first: int,
    ) -> None:
        self._insert, self._rejected, self._connection = insert, rejected, connection
        self._digest, self._first, self._chunk = digest, first, first
        connection.execute("savepoint first_chunk")

    def write(self, persons: pa.Table, rejected: Mapping[str, pa.Table]) -> None:
        """Keep the persons of one more chunk, by `IDENTITIES`, and its rows that are quarantined, by part."""
        tables = {REJECTED + name: table for name, table in rejected.items()}
        if len(persons):
            tables[PERSONS] = persons.select(IDENTITIES.names).cast(IDENTITIES)
        for part, table in tables.items():
            self._insert((self._digest, _place(part, self._chunk)), table)
        self._chunk += 1

    def leave(self, chunk: int, rejected: Mapping[str, pa.Table]) -> None:
        """Write what is to stay quarantined of one chunk, once `keep_what_is_left` is called."""
        for name, table in rejected.items():
            self._insert((self._digest, _place(LEFT + name, chunk)), table)

    def rejected(self) -> Rejected:
        """Yield the quarantined rows of the file, chunk by chunk: nobody else may read while the writer writes."""
        return self._rejected(self._digest)

    def begin_anew(self) -> None:
        """Forget what this writer has written."""
        self._connection.execute("rollback to first_chunk")
        self._chunk = self._first


def _place(part: str, chunk: int) -> str:
    """Return the name under which one chunk of a part is kept."""
    return f"{part}{CHUNK}{chunk:06}" if chunk else part


def _places(connection: sqlite3.Connection, digest: str, prefix: str) -> dict[int, list[str]]:
    """Return the names under which chunks of a file are kept, those that begin so, by the number of the chunk."""
    rows = connection.execute("select part from tables where digest = ? order by part", (digest,)).fetchall()
    places: dict[int, list[str]] = {}
    for (part,) in rows:
        if part.startswith(prefix):
            places.setdefault(int(part.partition(CHUNK)[2] or 0), []).append(part)
    return places


def _bound(digest: str, part: str) -> bytes:
    """Return what a ciphertext is bound to, so that none can be passed off as another file's."""
    return f"{digest}/{part}".encode()
