"""Signing in at an OpenID provider: a real one, certified by others, on this computer."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from targeting.serving.access.definition import Access, Group, SignIn, faults_of_access
from targeting.serving.api.guard import COOKIE
from targeting.serving.database.audit import AuditEvent
from targeting.serving.database.database import now
from targeting.serving.database.sign_ins import Person, make_link
from targeting.serving.database.tables import audit_events
from targeting.serving.pages.sign_in import BEGUN_COOKIE, SECRET_VARIABLE
from targeting.serving.served import Served

FRONTEND = Path(__file__).parents[3] / "frontend"
HERE = "http://127.0.0.1:8000"
GROUPS = (
    Group(value="chairs", role="chair"),
    Group(value="members", role="panel_member"),
    Group(value="nurses", role="panel_member", agency="Health visiting"),
)


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """Return the address of a provider that was started for these tests."""
    node = shutil.which("node")
    if node is None or not (FRONTEND / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("oidc-provider is absent: `make test` installs it, or npm ci in frontend/")
    command = [node, "provider.mjs", f"{HERE}/sign-in/return"]
    started = subprocess.Popen(command, cwd=FRONTEND, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert started.stdout is not None
    try:
        yield next(line.strip() for line in started.stdout if line.startswith("http"))
    finally:
        started.terminate()
        started.wait()


@dataclass
class Somebody:
    """Somebody with a browser, who goes between the service and the provider as these send them."""

    app: Any
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str) -> httpx.Response:
        """Return the service's answer; the browser keeps and forgets cookies as it is told."""

        async def answered() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=HERE, cookies=self.cookies) as client:
                return await client.get(path, headers={"accept": "text/html"})

        found = asyncio.run(answered())
        for told in found.headers.get_list("set-cookie"):
            name, value = told.partition(";")[0].split("=", 1)
            self.cookies[name] = "" if "Max-Age=0" in told else value
        return found

    def begin(self) -> str:
        """Return where the service sends somebody who wants to sign in."""
        begun = self.ask("/sign-in")
        assert begun.status_code == 303
        return str(begun.headers["location"])

    def sign_in(self, login: str) -> httpx.Response:
        """Return the service's answer to whom the provider sent back."""
        return self.ask(returned(self.begin(), login))


def returned(address: str, login: str) -> str:
    """Return the path to which the provider sends a browser back where somebody signed in there, and agreed."""
    with httpx.Client(follow_redirects=False) as browser:
        answered = browser.get(address)
        for form in ({"prompt": "login", "login": login, "password": "any"}, {"prompt": "consent"}):
            answered = followed(browser, answered)
            action = re.search(r'action="([^"]+)"', answered.text)
            assert action is not None, answered.text
            answered = browser.post(action.group(1), data=form)
        back = urlsplit(str(followed(browser, answered).headers["location"]))
    return f"{back.path}?{back.query}"


def followed(browser: httpx.Client, answered: httpx.Response) -> httpx.Response:
    """Return the answer to which the provider leads within itself."""
    while answered.has_redirect_location and not answered.headers["location"].startswith(HERE):
        answered = browser.get(answered.url.join(answered.headers["location"]))
    return answered


@pytest.fixture(scope="module")
def data(district: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder of the service's own: its clock is the provider's, not that of other tests."""
    return Path(shutil.copytree(district.data, tmp_path_factory.mktemp("openid") / "data"))


@pytest.fixture(scope="module")
def service(issuer: str, visit: Any, data: Path) -> Any:
    """Return a service that declares the provider, and finds the client's secret in its environment."""
    declared = Access(sign_in=SignIn(issuer=issuer, client_id="targeting", address=HERE, group=GROUPS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET_VARIABLE, "a secret of tests alone")
        return visit(Served(data, district="Bradford", signers=()), declared=declared, clock=now).app


@pytest.fixture
def stranger(service: Any) -> Callable[[], Somebody]:
    """Return what makes somebody of whom the service knows nothing."""
    return lambda: Somebody(service)


def test_who_signs_in_at_the_provider_has_the_role_of_their_group(stranger: Any, doors_of: Any, data: Path) -> None:
    ada = stranger()
    page = ada.ask("/lists")
    assert (page.status_code, 'href="/sign-in"' in page.text) == (401, True)
    answered = ada.sign_in("id_token.chairs.cooks")
    assert (answered.status_code, answered.headers["location"]) == (303, "/")
    told = answered.headers.get_list("set-cookie")
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Max-Age=28800; Path=/; SameSite=lax", told[0])
    assert told[1].startswith(f'{BEGUN_COOKIE}=""')
    assert "Signed in as <bdi>id_token.chairs.cooks</bdi>, chair." in ada.ask("/lists").text
    asked = select(audit_events.c.subject, audit_events.c.role).where(audit_events.c.action == "sign_in")
    with doors_of(data).control.database.reading() as connection:
        assert connection.execute(asked).all()[-1] == ("id_token.chairs.cooks", "chair")


def test_somebody_with_two_groups_of_one_role_sits_on_the_panels_of_both(
    issuer: str, visit: Any, data: Path, doors_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET_VARIABLE, "a secret of tests alone")
    groups = tuple(Group(value=name, role="chair", panels=(f"of {name}",)) for name in ("chairs", "members", "nurses"))
    declared = Access(sign_in=SignIn(issuer=issuer, client_id="targeting", address=HERE, group=groups))
    panels = {"of chairs": "North", "of members": "South", "of nurses": "West"}
    served = Served(data, district="Bradford", signers=())
    ada = Somebody(visit(served, declared=declared, panels=panels, clock=now).app)
    assert ada.sign_in("id_token.chairs.members").status_code == 303
    page = ada.ask("/lists").text
    assert "chair, <bdi>North</bdi>, <bdi>South</bdi>." in page
    # The small district's lists are of a panel that is none of these.
    assert "none of them is published yet" in page


def test_groups_that_the_provider_tells_only_when_asked_again_count_too(stranger: Any) -> None:
    ben = stranger()
    assert ben.sign_in("userinfo.members").status_code == 303
    assert "<bdi>userinfo.members</bdi>, panel member." in ben.ask("/lists").text


def test_an_earlier_session_of_the_browser_ends_when_somebody_signs_in(
    stranger: Any, doors_of: Any, data: Path
) -> None:
    ada = stranger()
    ada.sign_in("id_token.chairs")
    before = Somebody(ada.app, dict(ada.cookies))
    assert before.ask("/lists").status_code == 200
    ada.sign_in("id_token.members")
    assert (before.ask("/lists").status_code, ada.ask("/lists").status_code) == (401, 200)
    event = AuditEvent(subject="test", role="chair", client="test", action="link")
    link = doors_of(data, clock=now).control.database.write(lambda w: make_link(w, Person("cy", "chair")), audit=event)
    before = Somebody(ada.app, dict(ada.cookies))
    assert ada.ask(f"/sign-in/{link}").status_code == 303
    assert (before.ask("/lists").status_code, ada.ask("/lists").status_code) == (401, 200)


@pytest.mark.parametrize(
    ("login", "why"),
    [
        ("id_token.cooks", "gives you no role here"),
        ("nowhere.chairs", "gives you no role here"),
        ("id_token.chairs.members", "more than one role here (chair, panel member)"),
        ("id_token.members.nurses", "more than one role here (panel member)"),
    ],
)
def test_whom_no_single_group_of_the_district_fits_is_not_signed_in(stranger: Any, login: str, why: str) -> None:
    somebody = stranger()
    answered = somebody.sign_in(login)
    assert (answered.status_code, why in answered.text) == (403, True), answered.text
    assert somebody.ask("/lists").status_code == 401


def changed(address: str, **parts: str) -> str:
    """Return an address with some parts of its query put in place of those it has."""
    split = urlsplit(address)
    query: Mapping[str, str] = {**{name: each[-1] for name, each in parse_qs(split.query).items()}, **parts}
    return str(httpx.URL(address, params=query))


def test_an_answer_counts_once_and_in_the_browser_that_asked_alone(stranger: Any) -> None:
    ada, thief = stranger(), stranger()
    back = returned(ada.begin(), "id_token.chairs")
    thief.begin()
    for other in (thief, stranger()):
        answered = other.ask(back)
        assert (answered.status_code, "not begun in this browser" in answered.text) == (403, True)
    ada.begin()
    assert "not begun in this browser" in ada.ask(back).text
    again = stranger()
    back = returned(again.begin(), "id_token.chairs")
    kept = dict(again.cookies)
    assert again.ask(back).status_code == 303
    replayed = Somebody(again.app, kept).ask(back)
    assert (replayed.status_code, "answered does not hold" in replayed.text) == (403, True)


def test_nothing_that_was_changed_on_the_way_signs_anybody_in(stranger: Any) -> None:
    on_the_way = {
        "nonce": "of somebody else",
        "code_challenge": "A" * 43,
        "client_id": "another",
    }
    for name, value in on_the_way.items():
        ada = stranger()
        answered = ada.ask(returned(changed(ada.begin(), **{name: value}), "id_token.chairs"))
        assert (answered.status_code, "answered does not hold" in answered.text) == (403, True), name
        assert ada.ask("/lists").status_code == 401
    back = {"code": ("of another sign-in", "does not hold"), "iss": ("https://other.example", "does not hold")}
    for name, (value, why) in {**back, "error": ("access_denied", "did not let you in")}.items():
        ada = stranger()
        answered = ada.ask(changed(returned(ada.begin(), "id_token.chairs"), **{name: value}))
        assert (answered.status_code, why in answered.text) == (403, True), name


def test_the_provider_is_asked_with_a_challenge_and_for_credentials_anew(stranger: Any) -> None:
    asked = {name: each[-1] for name, each in parse_qs(urlsplit(stranger().begin()).query).items()}
    assert asked["redirect_uri"] == f"{HERE}/sign-in/return"
    assert (asked["response_type"], asked["code_challenge_method"], asked["prompt"]) == ("code", "S256", "login")
    assert all(re.fullmatch(r"[\w-]{43}", asked[name]) for name in ("state", "nonce", "code_challenge"))
    other = parse_qs(urlsplit(stranger().begin()).query)
    assert all(other[name] != [asked[name]] for name in ("state", "nonce", "code_challenge"))


def test_a_provider_that_is_away_is_said_to_be_so(visit: Any, district: Any) -> None:
    away = SignIn(issuer="http://127.0.0.1:1", client_id="targeting", address=HERE, group=GROUPS)
    for declared, status, told in (
        (Access(sign_in=away), 503, "cannot be reached now"),
        (Access(), 404, "This page is not here"),
    ):
        answered = Somebody(visit(district, declared=declared).app).ask("/sign-in")
        assert (answered.status_code, told in answered.text) == (status, True)


def test_every_fault_of_a_declaration_is_told() -> None:
    wrong = SignIn(
        issuer="http://login.example",
        client_id="targeting",
        address="https://targeting.example/early-help",
        scope="profile",
        group=(GROUPS[0], GROUPS[0], Group(value="programs", role="integration_client")),
    )
    told = [each.message for each in faults_of_access(Access(sign_in=wrong), "serving/service.toml")]
    assert told == [
        "issuer has to be https, or http to this computer.",
        "address has to end with the host or its port, as in https://targeting.example.",
        "the host of address, 'targeting.example', is not among access.hosts.",
        "scope has to name openid.",
        "'chairs' is declared twice.",
        "the role integration_client is for programs, not people.",
    ]
