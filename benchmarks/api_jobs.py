"""What scoring jobs take, from the request until the last answer is read, beside MLflow's server given as many rows."""

import http.client
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from targeting.commands.bench import OURS, Row, Scale
from targeting.errors import TargetingError

from .api_body import family_in_body
from .api_district import District
from .loopback import HOST, Server, post, timed
from .peak_memory import peak_mib

BATCH = 100
MANY: dict[Scale, int] = {"small": 1_000, "full": 100_000}
# Of other ways in, so many rows; of families in the body, each some kilobytes, a tenth of them.
FEWER: dict[Scale, int] = {"small": 1_000, "full": 20_000}
BODIES_A_FAMILY = 20
# As many rows of values, ready made, as one request to MLflow's server holds in about ten megabytes.
MOST_VALUES_SENT = 10_000
SECONDS_BETWEEN_LOOKS = 0.2
NDJSON, PARQUET = "application/x-ndjson", "application/vnd.apache.parquet"
PATH = "/v1/scoring-jobs"


@dataclass(frozen=True)
class Sent:
    """The body of a request, and how many rows it holds."""

    content: bytes | None
    rows: int
    media_type: str = NDJSON


NOTHING = Sent(None, 0)


def rows_of_jobs(found: District, ours: Server, peer: Server, *, peer_name: str, scale: Scale) -> Iterator[Row]:
    """Yield how long a batch of 100 takes, and how many rows a second a large job does.

    The peer is sent ready-made values, all rows in one request (10,000 at most), and gives margins without reasons.
    """
    families = [found.passport.flag.family_id, *found.unlisted]
    for count in (BATCH, MANY[scale]):
        case = f"a job of {count:,} families, with reasons"
        yield _row(case, count / _seconds_of_job(found, ours, _known(families, count)), ours)
        sent, rows = found.values_sent["dataframe_split"], min(count, MOST_VALUES_SENT)
        body = {"dataframe_split": {"columns": sent["columns"], "data": sent["data"] * rows}}
        taken = timed(peer.port, [post("/invocations", body)]).together
        yield Row("api", case, peer_name, rows / taken, "rows/s", peer.peak_mib())
    yield _row_of_parquet(found, ours, families, FEWER[scale])
    bodies = FEWER[scale] // BODIES_A_FAMILY
    seconds = _seconds_of_job(found, ours, _lines([family_in_body(found)] * bodies))
    yield _row(f"a job of {bodies:,} families in the body, with reasons", bodies / seconds, ours)


def rows_of_jobs_at_two_workers(found: District, ours: Server, scale: Scale) -> Iterator[Row]:
    """Yield how many rows a second are answered beside a service of two workers: of one job, and of two at once.

    One process answers a job, however many workers the service has; of two jobs a second process answers one, and what
    it takes to start is part of the time.
    """
    families, count = [found.passport.flag.family_id, *found.unlisted], MANY[scale]
    seconds = _seconds_of_job(found, ours, _known(families, count))
    yield _row(f"a job of {count:,} families, with reasons, two workers", count / seconds, ours)
    half = _known(families, count // 2)
    with _second_process(found) as second:
        started = time.perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda rows: _seconds_of_job(found, ours, rows), [half, half]))
        rate, peak = 2 * half.rows / (time.perf_counter() - started), peak_mib(Path(f"/proc/{second}"))
    case = f"two jobs of {half.rows:,} families at once, with reasons, two workers and two processes for jobs"
    yield Row("api", case, OURS, rate, "rows/s", peak)


@contextmanager
def _second_process(found: District) -> Iterator[int]:
    """Run a second process that answers jobs, beside the service's own, while the block runs."""
    command = [sys.executable, "-m", "targeting", "--project", str(found.root), "work-off"]
    second = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own.
    try:
        yield second.pid
    finally:
        second.terminate()
        second.wait()


def _row(case: str, rate: float, ours: Server) -> Row:
    return Row("api", case, OURS, rate, "rows/s", ours.peak_mib())


def _row_of_parquet(found: District, ours: Server, families: list[str], count: int) -> Row:
    """Return how many rows a second a job does whose families are sent as Parquet."""
    values, file = [families[place % len(families)] for place in range(count)], io.BytesIO()
    pq.write_table(pa.table({"system": ["targeting"] * count, "value": values}), file)
    seconds = _seconds_of_job(found, ours, Sent(file.getvalue(), count, PARQUET))
    return _row(f"a job of {count:,} families in Parquet, with reasons", count / seconds, ours)


def _known(families: Sequence[str], count: int) -> Sent:
    """Return so many rows, each a family by its own id."""
    asked = (families[place % len(families)] for place in range(count))
    return _lines([{"family": {"system": "targeting", "value": each}} for each in asked])


def _lines(rows: Sequence[dict[str, Any]]) -> Sent:
    return Sent("".join(json.dumps(row) + "\n" for row in rows).encode(), len(rows))


def _seconds_of_job(found: District, ours: Server, sent: Sent) -> float:
    """Return the seconds from the request until all answers are read. Raises TargetingError where a row has none."""
    started = time.perf_counter()
    job = json.loads(_asked(ours, found, "POST", PATH, sent))
    while job["status"] in ("waiting", "running"):
        time.sleep(SECONDS_BETWEEN_LOOKS)
        job = json.loads(_asked(ours, found, "GET", f"{PATH}/{job['id']}"))
    answers = _asked(ours, found, "GET", f"{PATH}/{job['id']}/results").count(b"\n")
    seconds = time.perf_counter() - started
    _asked(ours, found, "DELETE", f"{PATH}/{job['id']}")
    if answers != sent.rows or job["rows_scored"] != sent.rows:
        raise TargetingError("a row of the job was not scored, so nothing was measured.")
    return seconds


def _asked(ours: Server, found: District, method: str, path: str, sent: Sent = NOTHING) -> bytes:
    connection = http.client.HTTPConnection(HOST, ours.port, timeout=600)
    try:
        headers = {"Authorization": f"Bearer {found.token}", "Content-Type": sent.media_type}
        connection.request(method, path, sent.content, headers)
        answered = connection.getresponse()
        body = answered.read()
    finally:
        connection.close()
    if answered.status >= 400:
        raise TargetingError(f"the service answered {answered.status} to a scoring job.")
    return body
