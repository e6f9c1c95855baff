"""Schemathesis, every check, default settings: whatever the description allows and forbids, the service answers so.

The seed is fixed and the examples are few; a stranger may run more of them against a service of his own:
`schemathesis run http://127.0.0.1:8000/openapi.json --checks all`.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from targeting.commands.serve import listening
from targeting.records.contract import contract

# All kinds have the same form, and these have columns of every type: a text, a code, a whole number and a number.
KINDS = ("early_help_ended", "attendance_term", "missing_episode")
FEW = {name: contract()[name] for name in KINDS}
ONE = {name: contract()[name] for name in KINDS[:1]}


# A decision that fits the schema may still be stale (412), or its key may have served another (422): no other may.
CONFIGURATION = """
[[operations]]
include-name = "PUT /v1/flags/{flag_id}/decision"
[operations.checks]
positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 412, 422, 429]
missing_required_header.expected-statuses = [400, 401, 403, 406, 415, 422, 428]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 415, 422, 428, 429]
"""


@contextmanager
def listens(app: FastAPI) -> Iterator[str]:
    """Serve an app from a thread and yield its address."""
    with listening(0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.mark.parametrize("is_published", [True, False])
def test_no_check_of_schemathesis_finds_anything(
    is_published: bool, district, client_of: Callable[..., object], tmp_path: Path
):
    client = district.new_client(kinds=FEW) if is_published else client_of(tmp_path, kinds=ONE)
    program = "from schemathesis.cli import schemathesis; schemathesis()"
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    with listens(client.app) as address:
        options = ["--checks", "all", "--seed", "1", "--max-examples", "5", "--no-color"]
        options += ["--header", f"Authorization: Bearer {client.doors.token()}"]
        ended = subprocess.run(
            [sys.executable, "-c", program, "run", f"{address}/openapi.json", *options],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            cwd=tmp_path,
        )
    assert ended.returncode == 0, ended.stdout[-4000:]
    assert "14 selected / 14 total" in ended.stdout
