"""Signing in to the pages by a link, and out of them by a form that no other site can send."""

import asyncio
import re
from typing import Any

import httpx
import pytest

from targeting.serving.access.definition import Access
from targeting.serving.api.guard import COOKIE
from targeting.serving.database.audit import AuditEvent
from targeting.serving.database.sign_ins import Person, make_link

BROWSER = {"accept": "text/html"}


@pytest.fixture
def asked(visit: Any, district: Any, doors_of: Any) -> Any:
    """Return a function that asks the pages as a browser that nobody is signed in with yet; and what makes links."""
    visitor = visit(district)
    database = doors_of(district.data).control.database

    def ask(method: str, path: str, session: str = "", host: str = "127.0.0.1", **options: Any) -> httpx.Response:
        async def answered() -> httpx.Response:
            transport = httpx.ASGITransport(visitor.app)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
                client.cookies.set(COOKIE, session)
                return await client.request(method, path, headers=BROWSER, **options)

        return asyncio.run(answered())

    def link(role: str = "chair") -> str:
        event = AuditEvent(subject="test", role=role, client="test", action="link")
        return f"/sign-in/{database.write(lambda writing: make_link(writing, Person('ada', role)), audit=event)}"

    return ask, link


def test_a_link_signs_in_once(asked: Any) -> None:
    ask, link = asked
    there = link()
    answered = ask("GET", there)
    assert (answered.status_code, answered.headers["location"]) == (303, "/")
    cookie = answered.headers["set-cookie"]
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Max-Age=28800; Path=/; SameSite=lax", cookie), cookie
    session = answered.cookies[COOKIE]
    assert ask("GET", "/lists", session).status_code == 200
    again = ask("GET", there)
    assert again.status_code == 401
    assert "This link no longer signs you in" in again.text
    assert "Each sign-in link works once, within twelve hours." in again.text


def test_nobody_reads_a_page_without_signing_in(asked: Any) -> None:
    ask, _ = asked
    for path in ("/", "/lists", "/model", "/audit", "/indicators", "/flags/g_x"):
        answered = ask("GET", path)
        assert (answered.status_code, "Sign in to read this" in answered.text) == (401, True), path
        # What leads here again is no way on.
        assert "Go to this week" not in answered.text
    assert ask("GET", "/sign-in/guessed").status_code == 401
    assert ask("GET", "/problems").status_code == 200


def test_only_its_own_page_can_sign_a_session_out(asked: Any) -> None:
    ask, link = asked
    session = ask("GET", link()).cookies[COOKIE]
    page = ask("GET", "/lists", session).text
    assert "Signed in as <bdi>ada</bdi>, chair." in page
    csrf = re.search(r'name="csrf" value="([\w-]{43})"', page)
    assert csrf is not None
    for form in ({}, {"csrf": "guessed"}, {"csrf": ""}):
        assert ask("POST", "/sign-out", session, data=form).status_code == 403
    assert ask("GET", "/lists", session).status_code == 200
    assert ask("POST", "/sign-out", session, data={"csrf": csrf.group(1)}).status_code == 303
    assert ask("GET", "/lists", session).status_code == 401


def test_what_a_role_does_not_read_is_said_on_a_page(asked: Any) -> None:
    ask, link = asked
    session = ask("GET", link("business_support")).cookies[COOKIE]
    answered = ask("GET", "/audit", session)
    assert (answered.status_code, "Your role does not read this" in answered.text) == (403, True)


def test_beyond_this_computer_the_cookie_goes_over_tls_alone(visit: Any, district: Any, doors_of: Any) -> None:
    visitor = visit(district, declared=Access(hosts=("targeting.example",)))
    database = doors_of(district.data).control.database
    event = AuditEvent(subject="test", role="chair", client="test", action="link")
    secret = database.write(lambda writing: make_link(writing, Person("ada", "chair")), audit=event)

    async def answered() -> httpx.Response:
        transport = httpx.ASGITransport(visitor.app)
        async with httpx.AsyncClient(transport=transport, base_url="https://targeting.example") as client:
            return await client.get(f"/sign-in/{secret}")

    assert "; Secure" in asyncio.run(answered()).headers["set-cookie"]
