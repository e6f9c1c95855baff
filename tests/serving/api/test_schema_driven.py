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
    with listens(client.app) as address:
        options = ["--checks", "all", "--seed", "1", "--max-examples", "5", "--no-color"]
        ended = subprocess.run(
            [sys.executable, "-c", program, "run", f"{address}/openapi.json", *options],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            cwd=tmp_path,
        )
    assert ended.returncode == 0, ended.stdout[-4000:]
    assert "10 selected / 10 total" in ended.stdout
