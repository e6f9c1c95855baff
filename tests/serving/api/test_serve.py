"""`targeting serve` as a process: on this computer alone, stopped gracefully, killed without loss."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from targeting.asgi import create_app, create_app_from_environment
from targeting.commands.serve import serve_project
from targeting.commands.working import SERVED_BY
from targeting.errors import DeclarationError, TargetingError
from targeting.serving.access.demo_issuer import DemoIssuer
from targeting.serving.database.database import now
from targeting.serving.published import FOLDER, PublishedList
from targeting.serving.served import NotSyntheticError
from targeting.serving.writing_lists import write_lists

Make = Callable[..., PublishedList]


def test_killed_while_serving_and_started_again_it_serves_the_same(project: Path, district, running):
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
