"""Sign-in links and sessions: secrets are given out once and kept as digests."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from targeting.serving.database.audit import instant
from targeting.serving.database.database import Writing
from targeting.serving.database.tables import sessions, sign_in_links

LINK_HOLDS = timedelta(hours=12)


@dataclass(frozen=True)
class Person:
    """Who signs in: the subject that sign-in knows, the role, the agency whose own records the person may see.

    `panels` are those that the sign-in names the person to; empty where it names none.
    """

    subject: str
    role: str
    agency: str = ""
    panels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in. `csrf` is what every form that the person sends has to carry."""

    person: Person
    csrf: str
    expires_at: datetime


def make_link(writing: Writing, person: Person) -> str:
    """Return the secret of a link that signs a person in once, within twelve hours."""
    secret = secrets.token_urlsafe(32)
    row = {"digest": digest_of(secret), "expires_at": instant(writing.at + LINK_HOLDS), **_of(person)}
    writing.connection.execute(insert(sign_in_links).values(row))
    return secret


def person_of_link(connection: Connection, secret: str, at: datetime) -> Person | None:
    """Return whom a link would sign in; None where there is none, it was used, or its time is over."""
    asked = select(sign_in_links).where(sign_in_links.c.digest == digest_of(secret))
    found = connection.execute(asked.where(sign_in_links.c.expires_at > instant(at))).one_or_none()
    return _person(found) if found else None


def begin_session(writing: Writing, secret: str, *, lasts: timedelta, instead_of: str = "") -> str | None:
    """Return the secret of a new session of whom a link signs in, and use the link up; None where it does not hold.

    `instead_of` is as `begin_session_of` takes it.
    """
    person = person_of_link(writing.connection, secret, writing.at)
    if person is None:
        return None
    writing.connection.execute(delete(sign_in_links).where(sign_in_links.c.digest == digest_of(secret)))
    return begin_session_of(writing, person, lasts=lasts, instead_of=instead_of)


def begin_session_of(writing: Writing, person: Person, *, lasts: timedelta, instead_of: str = "") -> str:
    """Return the secret of a new session; the one that the browser had, `instead_of`, ends, and so do expired ones."""
    end_session(writing, instead_of)
    writing.connection.execute(delete(sessions).where(sessions.c.expires_at <= instant(writing.at)))
    made = secrets.token_urlsafe(32)
    row = {"digest": digest_of(made), "csrf": secrets.token_urlsafe(32), **_of(person)}
    writing.connection.execute(insert(sessions).values(row | {"expires_at": instant(writing.at + lasts)}))
    return made


def session_of(connection: Connection, secret: str, at: datetime) -> Session | None:
    """Return whose session a secret is of; None where there is none or its time is over."""
    asked = select(sessions).where(sessions.c.digest == digest_of(secret), sessions.c.expires_at > instant(at))
    found = connection.execute(asked).one_or_none()
    if found is None:
        return None
    return Session(_person(found), found.csrf, datetime.fromisoformat(found.expires_at))


def end_session(writing: Writing, secret: str) -> None:
    """Forget a session."""
    writing.connection.execute(delete(sessions).where(sessions.c.digest == digest_of(secret)))


def digest_of(secret: str) -> str:
    """Return what is kept of a secret: it has 256 random bits, so its bare digest tells nobody anything."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _of(person: Person) -> dict[str, str]:
    panels = json.dumps(person.panels)
    return {"subject": person.subject, "role": person.role, "agency": person.agency, "panels": panels}


def _person(row: Row[Any]) -> Person:
    return Person(row.subject, row.role, row.agency, tuple(json.loads(row.panels)))
