"""The chain of a published list: each of its files and passports bound to the one before by a keyed hash."""

import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256

from sqlalchemy import select

from targeting.errors import DataError
from targeting.serving.contents import ListHead, Published
from targeting.serving.database.audit import AuditEvent, AuditHead
from targeting.serving.database.database import Database
from targeting.serving.database.tables import audit_events
from targeting.store.pseudonyms import derived_key

PASSPORTS = "passports.jsonl"
KEY_PURPOSE = "published lists"
PUBLISH, PUBLISHER = "publish_list", "targeting score"

# From what a list says of itself and its files the chain to write beside them; its event is in the audit log by then.
Seal = Callable[[ListHead, Mapping[str, bytes]], "Chain"]


class Link(Published):
    """One file by its name, or one passport by its flag; its SHA-256; and what binds it to all before."""

    name: str
    digest: str
    mac: str


class Chain(Published):
    """The links of a list in their order, and the audit log's head, `seq:mac`, just before it was published.

    No link holds a value: once all files are gone, the chain still proves what a file or passport was.
    """

    audit_head: str
    links: tuple[Link, ...]

    @property
    def head(self) -> str:
        """Return the last link's keyed hash: what the audit log holds of the list."""
        return self.links[-1].mac


def sealing(database: Database, key: bytes) -> Seal:
    """Return what binds a list by a key and first records its event.

    The event comes first: a list that anybody can read is in the log, whenever a run is killed.
    """

    def seal(head: ListHead, files: Mapping[str, bytes]) -> Chain:
        chain = chained(head.id, files, key=key, audit_head=database.head())
        families = sorted(json.loads(line)["flag"]["family_id"] for line in files[PASSPORTS].splitlines())
        event = AuditEvent(
            subject=PUBLISHER,
            role="administrator",
            client="command line",
            action=PUBLISH,
            what=head.id,
            families=tuple(families),
            details={"head": chain.head},
        )
        database.write(lambda _writing: None, audit=event)
        return chain

    return seal


def chained(list_id: str, files: Mapping[str, bytes], *, key: bytes, audit_head: AuditHead) -> Chain:
    """Return the chain over a list's files by name, then its passports by rank."""
    links, before = [], _mac(key, list_id, str(audit_head))
    for name, digest in _parts(files):
        before = _mac(key, before, name, digest)
        links.append(Link(name=name, digest=digest, mac=before))
    return Chain(audit_head=str(audit_head), links=tuple(links))


def chain_faults(list_id: str, chain: Chain, *, key: bytes) -> tuple[str, ...]:
    """Return the first link that does not hold; empty where all of them do."""
    before = _mac(key, list_id, chain.audit_head)
    for link in chain.links:
        if not hmac.compare_digest(_mac(key, before, link.name, link.digest), link.mac):
            return (f"the chain breaks at {link.name}",)
        before = link.mac
    return ()


def file_faults(chain: Chain, files: Mapping[str, bytes], *, only: str | None = None) -> tuple[str, ...]:
    """Return which files and passports are not those that the chain binds; `only` names one of them."""
    bound, found = {link.name: link.digest for link in chain.links}, dict(_parts(files))
    if only is not None:
        bound, found = ({only: those.get(only, "")} for those in (bound, found))
    differing = [name for name, digest in bound.items() if found.get(name) != digest]
    added = [name for name in found if name not in bound]
    return (*(f"{name} is not what was published" for name in differing), *(f"{name} was added" for name in added))


def log_faults(list_id: str, chain: Chain, database: Database) -> tuple[str, ...]:
    """Return where the audit log does not hold, lacks the event of a list's publication, or the head before it."""
    seq, _, mac = chain.audit_head.partition(":")
    try:
        database.check_audit_log([AuditHead(int(seq), mac)])
    except DataError as error:
        return (str(error).rstrip("."),)
    asked = select(audit_events.c.details).where(audit_events.c.action == PUBLISH, audit_events.c.what == list_id)
    with database.reading() as connection:
        heads = [json.loads(details)["head"] for details in connection.execute(asked).scalars()]
    return () if chain.head in heads else ("the audit log holds no publication of it with this chain",)


def expiry_of(list_id: str) -> AuditEvent:
    """Return the event that a list became a tombstone."""
    return AuditEvent(
        subject="targeting expire", role="administrator", client="command line", action="expire_list", what=list_id
    )


def list_key(identity_key: bytes) -> bytes:
    """Return the key of the chains, which follows from that of the identities."""
    return derived_key(identity_key, KEY_PURPOSE)


def _parts(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    for name in sorted(set(files) - {PASSPORTS}):
        yield name, sha256(files[name]).hexdigest()
    for line in files[PASSPORTS].splitlines():
        yield json.loads(line)["flag"]["id"], sha256(line).hexdigest()


def _mac(key: bytes, *parts: str) -> str:
    return hmac.digest(key, "\n".join(parts).encode(), "sha256").hex()
