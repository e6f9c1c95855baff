"""A service over lists made by hand, or over the small district with a signed model, asked without a network."""

import asyncio
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from targeting.models.bundle import BundleContents, write_bundle
from targeting.models.signatures import Signer, make_key, sign_bundle
from targeting.records.contract import Contract, contract
from targeting.serving.access.demo_issuer import DemoIssuer
from targeting.serving.api.app import make_app
from targeting.serving.api.guard import COOKIE
from targeting.serving.database.database import now
from targeting.serving.lists import publish
from targeting.serving.published import PublishedList
from targeting.serving.scores.scorer import Scorer
from targeting.serving.served import Served
from targeting.serving.week import MadeFrom
from targeting.serving.writing_lists import write_lists

AS_OF = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)
GATES = [{"name": "enough_events", "passed": True, "detail": "12 outcomes; 5 needed."}]
AUDIT = {"verdict": "pass", "sentence": "Of 1 gating comparison: 1 passes."}


@dataclass(frozen=True)
class Client:
    """Asks an app, one request after another: as a program with a token, of pages as a chair who is signed in."""

    app: FastAPI
    doors: Any = None

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Return the answer to a GET."""
        return self.send("GET", path, **options)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Return the answer to any method."""

        if self.doors is not None:
            usual = {"authorization": f"Bearer {self.doors.token()}", "cookie": f"{COOKIE}={self.doors.chair}"}
            options["headers"] = usual | {name.lower(): sent for name, sent in options.get("headers", {}).items()}

        async def answered() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
                return await client.request(method, path, **options)

        return asyncio.run(answered())


KEY = bytes(range(32))
MakeClient = Callable[..., Client]


@pytest.fixture(scope="session")
def client_of(doors_of: Callable[..., Any]) -> MakeClient:
    """Return a function that makes a client of the service over a data folder.

    `kinds` are those that a request may send, by default all; what else is named goes to the service's doors.
    """

    def make(data: Path, signers: tuple[Signer, ...] = (), kinds: Contract | None = None, **of_doors: object) -> Client:
        served = Served(data, district="Exampleshire", signers=signers)
        scorer = Scorer(served, contract=kinds or contract(), identity_key=KEY)
        doors = doors_of(data, **{"clock": lambda: AS_OF, **of_doors})
        return Client(make_app(served, scorer, doors.control), doors)

    return make


Serving = Callable[..., Client]


@pytest.fixture
def serving(tmp_path: Path, client_of: MakeClient) -> Serving:
    """Return a function that publishes lists in a folder of the test's own and returns a client of their service."""

    def serve(*lists: PublishedList, **of_doors: object) -> Client:
        for each in lists:
            write_lists([each], data=tmp_path)
        return client_of(tmp_path, **of_doors)

    return serve


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory, client_of: MakeClient) -> Client:
    """Return a client of a service that has nothing published."""
    return client_of(tmp_path_factory.mktemp("bare"))


@pytest.fixture
def client_over() -> Callable[[FastAPI], Client]:
    """Return a function that makes a client of an app."""
    return Client


@dataclass(frozen=True)
class District:
    """The small district: its data, with current lists and the signed model that made them."""

    data: Path
    signers: tuple[Signer, ...]
    lists: tuple[PublishedList, ...]
    client: Client
    client_of: MakeClient

    def new_client(self, signers: tuple[Signer, ...] = (), kinds: Contract | None = None, **of_doors: object) -> Client:
        """Return a client of another service over the same data, which logs where the test looks."""
        return self.client_of(self.data, signers or self.signers, kinds, **of_doors)


@pytest.fixture(scope="session")
def district(made_from: MadeFrom, tmp_path_factory: pytest.TempPathFactory, client_of: MakeClient) -> District:
    """Return the small district with its lists published by a model that two people signed."""
    data = tmp_path_factory.mktemp("served") / "var"
    shutil.copytree(
        made_from.generation.path.parents[1],
        data,
        ignore=shutil.ignore_patterns("bundles", "published", "service.sqlite*"),
    )
    keys = data.parent / "keys"
    signers = tuple(
        Signer(name=name, role=role, public_key=make_key(keys / f"{role}.pem"))
        for name, role in (("Bea", "service_lead"), ("Cem", "data_protection"))
    )
    held = made_from.bundle
    contents = BundleContents(
        origin=held.origin,
        booster=held.booster,
        calibrator=held.calibrator,
        plan_json=held.plan_json,
        evidence={"gates.json": json.dumps(GATES).encode(), "audit.json": json.dumps(AUDIT).encode()},
    )
    bundle = write_bundle(data / "bundles" / held.model, contents)
    for signer in signers:
        sign_bundle(bundle, name=signer.name, key=keys / f"{signer.role}.pem", signers=signers)
    lists = publish(replace(made_from, bundle=bundle), data=data, as_of_date=AS_OF.date(), published_at=AS_OF)
    client = client_of(data, signers)
    return District(data=data, signers=signers, lists=lists, client=client, client_of=client_of)


@pytest.fixture
def walk() -> Callable[[Client, str, int], Iterator[Any]]:
    """Return a function that goes through all pages of a collection."""
    return all_pages


def all_pages(client: Client, path: str, limit: int) -> Iterator[Any]:
    """Yield every item of a collection, page by page, as a client that follows its cursors does."""
    cursor: str | None = ""
    while cursor is not None:
        sent = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        answered = client.get(path, params=sent)
        assert answered.status_code == 200, answered.text
        yield from answered.json()["items"]
        cursor = answered.json()["next_cursor"]


@pytest.fixture
def project(tmp_path: Path, district) -> Path:
    """Return a project folder with the small district in it, its lists published by a signed model."""
    (tmp_path / "targeting.toml").write_text('name = "Exampleshire"\n')
    signers = (
        f'[[signer]]\nname = "{each.name}"\nrole = "{each.role}"\npublic_key = "{each.public_key}"\n'
        for each in district.signers
    )
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / "signers.toml").write_text("\n".join(signers))
    # Without the store that other tests' services over the same data keep, under their own key.
    shutil.copytree(district.data, tmp_path / "var", ignore=shutil.ignore_patterns("service.sqlite*", "jobs"))
    return tmp_path


# The command line itself; at its end it says whether anything of training was loaded.
PROGRAM = """
import atexit, sys
def loaded():
    print("loaded:", sorted(each for each in sys.modules if each.startswith(("mlflow", "targeting.training"))))
atexit.register(loaded)
from targeting.commands import main
main()
"""


@dataclass(frozen=True)
class Running:
    """A service that runs, and the port that it said it listens on."""

    process: subprocess.Popen[str]
    port: int
    token: str

    def get(self, path: str, asked: str | None = None) -> bytes:
        """Return the body of the answer to a GET, or to a POST of what is asked."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        connection.request("POST" if asked else "GET", path, asked, headers)
        answered = connection.getresponse()
        assert answered.status == 200, answered.read()
        return answered.read()


@contextmanager
def served_at(root: Path, *more: str) -> Iterator[Running]:
    """Run the service over a project folder on a free port; it is killed at the end where it still runs."""
    arguments = [sys.executable, "-c", PROGRAM, "--project", str(root), "serve", "--port", "0", *more]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[1]
            token = DemoIssuer(root / "var").token("integration_client", at=now(), audience="targeting")
            yield Running(process, int(address.rpartition(":")[2]), token)
        finally:
            left = children(process.pid) if process.poll() is None else []
            process.kill()
            for each in left:
                os.kill(each, signal.SIGKILL)


def children(process: int) -> list[int]:
    """Return the workers of a process: its children, but for the one that tracks resources."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [each for each in map(int, listed) if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


@pytest.fixture(scope="session")
def running() -> Callable[..., AbstractContextManager[Running]]:
    """Return what runs the service over a project folder."""
    return served_at
