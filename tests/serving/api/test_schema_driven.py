"""Schemathesis, every check, default settings: whatever the description allows and forbids, the service answers so.

The seed is fixed and the examples are few; a stranger may run more of them against a service of his own:
`schemathesis run http://127.0.0.1:8000/openapi.json --checks all`.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import URL

from targeting.commands.serve import listening
from targeting.records.contract import contract

# All kinds have the same form, and these have columns of every type: a text, a code, a whole number and a number.
KINDS = ("early_help_ended", "attendance_term", "missing_episode")
FEW = {name: contract()[name] for name in KINDS}
ONE = {name: contract()[name] for name in KINDS[:1]}


# A decision that fits the schema may still be stale (412), or its key may have served another (422): no other may.
CONFIGURATION = """
hooks = "media_types"
[[operations]]
include-name = "PUT /v1/flags/{flag_id}/decision"
[operations.checks]
positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 412, 422, 429]
missing_required_header.expected-statuses = [400, 401, 403, 406, 415, 422, 428]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 415, 422, 428, 429]
[[operations]]
include-name = "POST /v1/scoring-jobs"
# It cannot send an example that is a text under a media type of our own; another test sends it.
phases.examples.enabled = false
[operations.checks]
positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 422, 429]
negative_data_rejection.expected-statuses = ["2xx", 400, 401, 403, 404, 405, 406, 413, 415, 422, 429]
"""
# What Schemathesis sends as rows: whatever a line holds, the job is taken, and the line has a problem of its own.
MEDIA_TYPES = """
import io

import pyarrow as pa
import pyarrow.parquet as pq
import schemathesis
from hypothesis import strategies as st


def parquet(pairs):
    sink = io.BytesIO()
    pq.write_table(pa.table({"system": [a for a, _ in pairs], "value": [b for _, b in pairs]}), sink)
    return sink.getvalue()


lines = st.lists(st.binary(min_size=1).filter(bytes.strip), min_size=1).map(b"\\n".join).filter(bytes.strip)
words = st.text(st.characters(exclude_categories=["Cs"]))
schemathesis.openapi.media_type("application/x-ndjson", lines)
schemathesis.openapi.media_type(
    "application/vnd.apache.parquet", st.lists(st.tuples(words, words), min_size=1).map(parquet)
)
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


def test_no_check_of_schemathesis_finds_anything(district, tmp_path: Path):
    assert_nothing_is_found(district.new_client(kinds=FEW), tmp_path)


AS_EVIDENCE = pytest.mark.skipif(
    "TARGETING_EVIDENCE" not in os.environ, reason="takes a while: `make evidence-api` runs it"
)


@AS_EVIDENCE
def test_nor_where_nothing_is_published_yet(client_of: Callable[..., object], tmp_path: Path):
    assert_nothing_is_found(client_of(tmp_path, kinds=ONE), tmp_path)


@AS_EVIDENCE
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nor_on_postgresql(district, tmp_path: Path, database_url: URL):
    assert_nothing_is_found(district.new_client(kinds=FEW, url=database_url), tmp_path)


def assert_nothing_is_found(client: Any, folder: Path) -> None:
    (folder / "schemathesis.toml").write_text(CONFIGURATION)
    (folder / "media_types.py").write_text(MEDIA_TYPES)
    program = "from schemathesis.cli import schemathesis; schemathesis()"
    with listens(client.app) as address:
        options = ["--checks", "all", "--seed", "1", "--max-examples", "5", "--no-color"]
        options += ["--header", f"Authorization: Bearer {client.doors.token()}"]
        ended = subprocess.run(
            [sys.executable, "-c", program, "run", f"{address}/openapi.json", *options],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
        )
    assert ended.returncode == 0, ended.stdout[-4000:]
    assert "20 selected / 20 total" in ended.stdout
