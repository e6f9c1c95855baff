"""What scoring jobs take, from the request until the last answer is read, beside MLflow's server given as many rows."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from targeting.commands.bench import OURS, Row, Scale
from targeting.errors import TargetingError

from .api_body import family_in_body
from .api_district import District
from .loopback import HOST, Server, post, timed

BATCH = 100
MANY: dict[Scale, int] = {"small": 1_000, "full": 100_000}
# A family in the body is some kilobytes: fewer of them.
BODIES_A_FAMILY = 10
SECONDS_BETWEEN_LOOKS = 0.2
NDJSON = "application/x-ndjson"
PATH = "/v1/scoring-jobs"


def rows_of_jobs(found: District, ours: Server, peer: Server, *, peer_name: str, scale: Scale) -> Iterator[Row]:
    """Yield how long a batch of 100 takes, and how many rows a second a large job does.

    The peer is sent ready-made values, all rows in one request, and gives margins without reasons.
    """
    families = [found.passport.flag.family_id, *found.unlisted]
    for count in (BATCH, MANY[scale]):
        case = f"a job of {count:,} families, with reasons"
        seconds = _seconds_of_job(found, ours, [_known(families[place % len(families)]) for place in range(count)])
        yield Row("api", case, OURS, count / seconds, "rows/s", ours.peak_mib())
        sent = found.values_sent["dataframe_split"]
        body = {"dataframe_split": {"columns": sent["columns"], "data": sent["data"] * count}}
        taken = timed(peer.port, [post("/invocations", body)]).together
        yield Row("api", case, peer_name, count / taken, "rows/s", peer.peak_mib())
    yield from _rows_of_two(found, ours, families, MANY[scale])
    bodies = [family_in_body(found)] * (MANY[scale] // BODIES_A_FAMILY)
    case = f"a job of {len(bodies):,} families in the body, with reasons"
    yield Row("api", case, OURS, len(bodies) / _seconds_of_job(found, ours, bodies), "rows/s", ours.peak_mib())


def _rows_of_two(found: District, ours: Server, families: list[str], count: int) -> Iterator[Row]:
    """Yield how many rows a second two jobs do together, a second process answering jobs beside the service's own."""
    half = [_known(families[place % len(families)]) for place in range(count // 2)]
    command = [sys.executable, "-m", "targeting", "--project", str(found.root), "work-off"]
    second = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own.
    try:
        started = time.perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda rows: _seconds_of_job(found, ours, rows), [half, half]))
        seconds = time.perf_counter() - started
    finally:
        second.terminate()
        second.wait()
    case = f"two jobs of {len(half):,} families at once, two processes, with reasons"
    yield Row("api", case, OURS, 2 * len(half) / seconds, "rows/s", ours.peak_mib())


def _known(family_id: str) -> dict[str, Any]:
    return {"family": {"system": "targeting", "value": family_id}}


def _seconds_of_job(found: District, ours: Server, rows: list[dict[str, Any]]) -> float:
    """Return the seconds from the request until all answers are read. Raises TargetingError where a row has none."""
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    started = time.perf_counter()
    job = json.loads(_asked(ours, found, "POST", PATH, content))
    while job["status"] in ("waiting", "running"):
        time.sleep(SECONDS_BETWEEN_LOOKS)
        job = json.loads(_asked(ours, found, "GET", f"{PATH}/{job['id']}"))
    answers = _asked(ours, found, "GET", f"{PATH}/{job['id']}/results").splitlines()
    seconds = time.perf_counter() - started
    _asked(ours, found, "DELETE", f"{PATH}/{job['id']}")
    if len(answers) != len(rows) or job["rows_scored"] != len(rows):
        raise TargetingError("a row of the job was not scored, so nothing was measured.")
    return seconds


def _asked(ours: Server, found: District, method: str, path: str, content: bytes | None = None) -> bytes:
    connection = http.client.HTTPConnection(HOST, ours.port, timeout=600)
    try:
        headers = {"Authorization": f"Bearer {found.token}", "Content-Type": NDJSON}
        connection.request(method, path, content, headers)
        answered = connection.getresponse()
        body = answered.read()
    finally:
        connection.close()
    if answered.status >= 400:
        raise TargetingError(f"the service answered {answered.status} to a scoring job.")
    return body
