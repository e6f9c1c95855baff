"""`targeting serve` as a process: on this computer alone, stopped gracefully, killed without loss."""

import http.client
import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from targeting.asgi import create_app, create_app_from_environment
from targeting.commands.serve import serve_project
from targeting.commands.working import SERVED_BY
from targeting.errors import DeclarationError, TargetingError
from targeting.models.bundle import BundleContents, write_bundle
from targeting.models.signatures import sign_bundle
from targeting.serving.access.demo_issuer import DemoIssuer
from targeting.serving.database.connecting import database_url
from targeting.serving.database.database import Database, now
from targeting.serving.lists import publish
from targeting.serving.published import FOLDER, PublishedList, write_lists
from targeting.serving.served import NotSyntheticError
from targeting.serving.week import MadeFrom
from targeting.store.identities import identity_key

Make = Callable[..., PublishedList]

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
def running(root: Path, *more: str) -> Iterator[Running]:
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


def test_killed_while_serving_and_started_again_it_serves_the_same(project: Path, district):
    head, flag = district.lists[0].head, district.lists[0].flags[0]
    asked = json.dumps({"family": {"system": "targeting", "value": flag.family_id}})
    paths = ("/v1/lists", f"/v1/lists/{head.id}/flags", f"/v1/flags/{flag.id}", "/v1/models/current", "/openapi.json")
    # What a publication leaves that was killed on its way is no list.
    (project / "var" / FOLDER / f".unfinished-{head.id}").mkdir()
    with running(project) as first:
        before = [*(first.get(path) for path in paths), first.get("/v1/scores", asked)]
        first.process.send_signal(signal.SIGKILL)
        assert first.process.wait(timeout=20) == -signal.SIGKILL
    with running(project) as second:
        assert [*(second.get(path) for path in paths), second.get("/v1/scores", asked)] == before
        second.process.send_signal(signal.SIGTERM)
        assert second.process.wait(timeout=20) == 0
        assert second.process.stdout is not None
        said = second.process.stdout.read()
    assert len(re.findall(r"  chair +http://127\.0\.0\.1:\d+/sign-in/[\w-]{43}\n", said)) == 1
    assert said.endswith("Stopped.\nloaded: []\n")


def test_what_answers_jobs_ends_where_its_service_is_gone(project: Path):
    arguments = [sys.executable, "-m", "targeting", "--project", str(project), "work-off"]
    environment = {**os.environ, SERVED_BY: str(os.getppid())}
    ended = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_port_in_use_is_told_with_what_to_do(project: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = rf"^port {port} on 127\.0\.0\.1 cannot be used \(address already in use\): stop what listens there, "
        with pytest.raises(TargetingError, match=message + r"or name another with --port\.$"):
            serve_project(project, port)


def test_real_people_are_not_served(project: Path, a_list: Make):
    made = a_list(date(2026, 4, 6))
    write_lists(
        [replace(made, head=made.head.model_copy(update={"synthetic": False}))],
        data=project / "var",
    )
    with pytest.raises(NotSyntheticError, match=r"holds records of real people, and serving/service\.toml declares no"):
        serve_project(project, 0)


def test_without_a_project_it_says_what_one_is(tmp_path: Path):
    arguments = [sys.executable, "-m", "targeting", "--project", str(tmp_path), "serve"]
    ended = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (2, f"{tmp_path} holds no targeting.toml; a project folder does.\n")


OWN_KIND = """
from targeting.records.definition import Column, FactKind

library_loan = FactKind(
    name="library_loan",
    description="A book was lent",
    area="library",
    event="it was lent",
    knowledge="the library recorded it",
    columns=(Column(name="weeks", description="For how long", type="integer", minimum=1),),
)
"""


def test_a_kind_of_the_projects_own_can_be_sent_where_a_server_names_the_folder(
    tmp_path: Path, client_over, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "targeting.toml").write_text('name = "Exampleshire"\n')
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "records.py").write_text(OWN_KIND)
    monkeypatch.setenv("TARGETING_PROJECT", str(tmp_path))
    client = client_over(create_app_from_environment())
    token = DemoIssuer(tmp_path / "var").token("integration_client", at=now(), audience="targeting")
    sent = {"authorization": f"Bearer {token}"}
    loan = {
        "kind": "library_loan",
        "person": {"system": "request", "value": "child"},
        "source": "library",
        "event_date": "2026-03-02",
        "knowledge_date": "2026-03-03",
    }
    wrong = client.send("POST", "/v1/scores", json={"records": [loan | {"weeks": 0}]}, headers=sent)
    assert wrong.json()["errors"] == [
        {"where": "body.records.0.weeks", "message": "Input should be greater than or equal to 1"}
    ]
    fits = client.send("POST", "/v1/scores", json={"records": [loan | {"weeks": 3}]}, headers=sent)
    assert fits.json()["type"] == "/problems/no-list-published"


def test_a_kind_that_cannot_be_loaded_is_told_with_its_place(tmp_path: Path):
    (tmp_path / "targeting.toml").write_text('name = "Exampleshire"\n')
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "records.py").write_text("\nloan = FactKind()\n")
    with pytest.raises(DeclarationError, match=r"^features/records\.py:2: NameError: name 'FactKind' is not defined$"):
        create_app(tmp_path)


def test_under_mixed_load_with_workers_killed_and_a_list_published_nothing_acknowledged_is_lost(
    project: Path, district, made_from: MadeFrom
):
    """The ten minutes of `make evidence-mixed-load` in little: SQLite, three clients, a kill after every 30 answers."""
    clients_of = clients_of_the_load()
    seen, stop, killed = clients_of.Seen(), threading.Event(), []
    families = district.lists[0].considered["family_id"].to_pylist()
    with running(project, "--workers", "2") as service:
        clients = [clients_of.Client(service.port, service.token, families, seen, seed) for seed in range(3)]
        threads = [threading.Thread(target=each.ask_until, args=(stop,)) for each in clients]
        try:
            for each in threads:
                each.start()
            for kill in range(2):
                wait_for(lambda: seen.answers.total() >= 30 * (len(killed) + 1), service)
                killed.append(children(service.process.pid)[kill])
                os.kill(killed[-1], signal.SIGKILL)
                if kill == 0:
                    new = publish_next_week(project, district, made_from)
                wait_for(lambda: len(set(children(service.process.pid)) - set(killed)) == 2, service)
            wait_for(lambda: seen.answers.total() >= 90, service)
        finally:
            stop.set()
            for each in threads:
                each.join()
        decided = {
            (each["flag_id"], each["revision"]): each["content"]["reason"] for each in clients[0].all_decisions()
        }
        assert json.loads(service.get("/v1/models/current"))["bundle_digest"] == new.head.provenance.bundle_digest
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(timeout=30) == 0
    assert seen.faults == []
    assert seen.acknowledged
    assert decided | seen.acknowledged == decided
    assert len(set(decided.values())) == len(decided)
    with closing(Database(database_url(project / "var"), key=identity_key(project / "var"))) as database:
        assert database.check_audit_log().seq >= len(decided)


def clients_of_the_load() -> Any:
    """Return the clients with which the evidence is made."""
    path = Path(__file__).parents[3] / "benchmarks" / "mixed_clients.py"
    spec = importlib.util.spec_from_file_location("mixed_clients", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # What its dataclasses are made of is looked up by the module's name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def wait_for(holds: Callable[[], bool], service: Running) -> None:
    """Return once something holds, the service running on."""
    looks = threading.Event()
    while not holds():
        assert service.process.poll() is None
        looks.wait(0.02)


def publish_next_week(project: Path, district, made_from: MadeFrom) -> PublishedList:
    """Sign another version of the model, publish the next week's lists by it, and return the first of them."""
    held, week = made_from.bundle, timedelta(days=7)
    contents = BundleContents(
        origin=replace(held.origin, title=f"{held.origin.title}, again"),
        booster=held.booster,
        calibrator=held.calibrator,
        plan_json=held.plan_json,
        evidence={name: path_of(district, name).read_bytes() for name in ("gates.json", "audit.json")},
    )
    bundle = write_bundle(project / "var" / "bundles" / held.model, contents)
    for signer in district.signers:
        key = district.data.parent / "keys" / f"{signer.role}.pem"
        sign_bundle(bundle, name=signer.name, key=key, signers=district.signers)
    head = district.lists[0].head
    lists = publish(
        replace(made_from, bundle=bundle),
        data=project / "var",
        as_of_date=head.as_of_date + week,
        published_at=head.published_at + week,
    )
    return lists[0]


def path_of(district, name: str) -> Path:
    """Return a file of the evidence of the model in use."""
    made_by = district.lists[0].head.provenance
    return next((district.data / "bundles" / made_by.model).glob(f"{made_by.bundle_digest[:12]}/evidence/{name}"))


def children(process: int) -> list[int]:
    """Return the workers of a process: its children, but for the one that tracks resources."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [each for each in map(int, listed) if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]
