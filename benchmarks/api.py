"""`targeting bench api`: the service over loopback, beside MLflow's server of the same model without reasons.

Each server is one process with one worker (ours at the end with two, and a process for scoring jobs beside), started
as its user starts it; in every round each operation has its turn. The peer, `mlflow models serve`, is sent one family's
indicator values, ready made, and answers with a margin. Ours is sent a family, or records, with an access token, and
answers with band, reasons and unknowns once the event of it is in the audit log. `/livez` is the floor of our stack, a
bare ASGI application behind uvicorn the floor of what the client itself costs.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from targeting.commands.bench import OURS, Row, Scale
from targeting.commands.console import Advance
from targeting.errors import TargetingError

from .api_body import family_in_body
from .api_district import District, district
from .api_jobs import rows_of_jobs, rows_of_jobs_at_two_workers
from .api_operations import EIGHT, ONE, Operation, Size, Taken
from .loopback import Server, answer_to, free_port, get, post, running, timed

PEER, FLOOR, CLIENT = "mlflow models serve", "floor: /livez", "floor: bare ASGI"
SCORE, ANY = "score", "answer anything"
SIZES: dict[Scale, Size] = {
    "small": Size(rounds=4, one=30, eight=32, fewer=2),
    "full": Size(rounds=10, one=100, eight=200, fewer=5),
}
WARMING = 20


@dataclass(frozen=True)
class Servers:
    """The three servers of one run."""

    ours: Server
    peer: Server
    bare: Server

    def of(self, subject: str) -> Server:
        """Return the server that a subject's requests go to."""
        return {PEER: self.peer, CLIENT: self.bare}.get(subject, self.ours)


def run(scale: Scale, project: Path | None, progress: Advance) -> list[Row]:
    """Return the rows of one run; where neither a project nor a demo is there, a small demo is made first."""
    with district(project, progress) as found, _servers(found, progress) as servers:
        progress("warming up", 0, 1)
        _check(found, servers)
        operations = _operations(found)
        for operation in operations:
            timed(servers.of(operation.subject).port, [operation.request] * WARMING)
        taken = _taken(operations, servers, SIZES[scale], progress)
        progress("scoring jobs", 0, 1)
        jobs = list(rows_of_jobs(found, servers.ours, servers.peer, peer_name=PEER, scale=scale))
        processes = list(_rows_of_processes(servers))
        return [*_rows(taken, servers), *jobs, *_rows_of_two_workers(found, operations, scale), *processes]


@contextmanager
def _servers(found: District, progress: Advance) -> Iterator[Servers]:
    """Start ours, the peer and the bare application, one after the other; all end with the block."""
    ours = ["targeting", "--project", str(found.root), "serve"]
    model = f"models:/{found.passport.provenance.model}@champion"
    peer = ["mlflow", "models", "serve", "-m", model, "--env-manager", "local", "--workers", "1"]
    bare = ["uvicorn", "--app-dir", str(Path(__file__).parent), "echo:app", "--log-level", "warning"]
    # MLflow starts uvicorn by its name alone.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {"PATH": path, "MLFLOW_TRACKING_URI": found.tracking_uri, "MLFLOW_DISABLE_TELEMETRY": "true"}
    with ExitStack() as stack:

        def start(command: list[str], ready: str) -> Server:
            progress(f"starting {command[0]}", 0, 1)
            port = free_port()
            whole = [sys.executable, "-m", *command, "--port", str(port)]
            return stack.enter_context(running(whole, port=port, ready=get(ready), environment=environment))

        yield Servers(ours=start(ours, "/readyz"), peer=start(peer, "/ping"), bare=start(bare, "/"))


def _operations(found: District) -> tuple[Operation, ...]:
    listed, unlisted, *others = (
        post("/v1/scores", _known(each), token=found.token) for each in (found.passport.flag.family_id, *found.unlisted)
    )
    flag, token = found.passport.flag, found.token
    in_body = post("/v1/scores", family_in_body(found), token=token)
    return (
        Operation("read a list's flags", OURS, get(f"/v1/lists/{flag.list_id}/flags", token=token)),
        Operation("read a flag", OURS, get(f"/v1/flags/{flag.id}", token=token)),
        Operation(f"{SCORE} a family on a list", OURS, listed),
        Operation(f"{SCORE} a family not listed, again", OURS, unlisted),
        Operation(f"{SCORE} a family not listed, first time", OURS, others[0], tuple(others[1:]), is_slow=True),
        Operation(f"{SCORE} records in the body", OURS, in_body, is_slow=True),
        Operation(SCORE, PEER, post("/invocations", found.values_sent), is_slow=True),
        Operation(ANY, FLOOR, get("/livez")),
        Operation(ANY, CLIENT, get("/")),
    )


def _known(family_id: str) -> dict[str, object]:
    return {"family": {"system": "targeting", "value": family_id}}


def _check(found: District, servers: Servers) -> None:
    """Raise TargetingError where ours does not give the list's own flag, or the peer another margin than the list's."""
    flag = found.passport.flag
    score = answer_to(servers.ours.port, post("/v1/scores", _known(flag.family_id), token=found.token))
    (predicted,) = answer_to(servers.peer.port, post("/invocations", found.values_sent))["predictions"]
    if score["flag_id"] != flag.id or abs(predicted["margin"] - found.passport.margin) > 1e-9:
        raise TargetingError("the servers do not serve the model that made the list, so nothing was measured.")


def _taken(
    operations: Sequence[Operation], servers: Servers, size: Size, progress: Advance
) -> list[tuple[Operation, Taken]]:
    """Return what each operation took in all rounds."""
    taken = [(operation, Taken([], [], [])) for operation in operations]
    for number in range(size.rounds):
        progress("asking", number, size.rounds)
        for operation, held in taken:
            server, requests = servers.of(operation.subject), operation.batch(number, size)
            before = server.processor_seconds()
            held.one.append(timed(server.port, requests[ONE]))
            held.processor.append(server.processor_seconds() - before)
            held.eight.append(timed(server.port, requests[EIGHT], connections=EIGHT))
    return taken


def _rows(taken: Sequence[tuple[Operation, Taken]], servers: Servers) -> Iterator[Row]:
    """Yield a row for each figure of each operation; the peer's stands beside each way in which ours can score."""
    (peer,) = (held for operation, held in taken if operation.subject == PEER)
    for operation, held in taken:
        if operation.subject == PEER:
            continue
        beside = [(operation.subject, held)]
        if operation.subject == OURS and operation.case.startswith(SCORE):
            beside.append((PEER, peer))
        for figure in held.figures():
            for subject, each in beside:
                value, unit = each.figures()[figure]
                peak = servers.of(subject).peak_mib()
                yield Row("api", f"{operation.case}, {figure}", subject, value, unit, peak)


def _rows_of_two_workers(found: District, operations: Sequence[Operation], scale: Scale) -> Iterator[Row]:
    """Yield what two workers do over eight connections of requests that are sent over and over, and of scoring jobs."""
    port = free_port()
    command = [sys.executable, "-m", "targeting", "--project", str(found.root), "serve", "--workers", "2"]
    with running([*command, "--port", str(port)], port=port, ready=get("/readyz")) as server:
        for operation in operations:
            if operation.subject == OURS and not operation.fresh:
                count = SIZES[scale].counts(is_slow=operation.is_slow)[EIGHT] * SIZES[scale].rounds
                timed(port, [operation.request] * WARMING, connections=EIGHT)
                taken = timed(port, [operation.request] * count, connections=EIGHT)
                rate = len(taken.each) / taken.together
                case = f"{operation.case}, 8 connections, two workers"
                yield Row("api", case, OURS, rate, "requests/s", server.peak_mib())
        yield from rows_of_jobs_at_two_workers(found, server, scale)
        yield Row("api", "start until ready, two workers", OURS, server.seconds_to_ready, "s", server.peak_mib())


def _rows_of_processes(servers: Servers) -> Iterator[Row]:
    for subject in (OURS, PEER):
        server = servers.of(subject)
        yield Row("api", "start until ready", subject, server.seconds_to_ready, "s", server.peak_mib())
    for subject in (OURS, PEER):
        peak = servers.of(subject).peak_mib()
        if peak is not None:
            yield Row("api", "peak memory", subject, peak, "MiB", peak)
