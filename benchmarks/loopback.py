"""HTTP over loopback for benchmarks: servers in processes of their own, and a client that costs little.

The client sends bytes made beforehand over kept-alive connections and reads no more of an answer than its status and
length. What it costs itself is measured against `echo.py`, a bare ASGI application, and reported beside the results.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from targeting.errors import TargetingError

from .peak_memory import peak_mib

HOST = "127.0.0.1"
MOST_SECONDS_TO_READY = 90.0
_HEAD_ENDS = b"\r\n\r\n"


def get(path: str, *, token: str = "") -> bytes:
    """Return a GET request as it goes over the wire, with an access token where one is given."""
    head = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json{_bearer(token)}"
    return head.encode() + _HEAD_ENDS


def post(path: str, body: Any, *, token: str = "") -> bytes:
    """Return a POST request of a JSON body as it goes over the wire, with an access token where one is given."""
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}"
    return f"{head}{_bearer(token)}".encode() + _HEAD_ENDS + content


def _bearer(token: str) -> str:
    return f"\r\nAuthorization: Bearer {token}" if token else ""


@dataclass(frozen=True)
class Timed:
    """How long each of some requests took, and all of them together, in seconds."""

    each: tuple[float, ...]
    together: float


@dataclass
class _Connection:
    """One kept-alive connection: what has come of the answer, and since when it is awaited."""

    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    sent_at: float = 0.0

    def send(self, request: bytes) -> None:
        self.received.clear()
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Read what is there; return whether the answer is whole. Raises TargetingError where it is not a 200."""
        arrived = self.socket.recv(262_144)
        if not arrived:
            raise TargetingError("the server closed a connection in the middle of an answer.")
        self.received += arrived
        head, ends, body = self.received.partition(_HEAD_ENDS)
        if not ends:
            return False
        if len(body) < _length(bytes(head)):
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            answer = bytes(head.partition(b"\r\n")[0] + b" " + body[:300]).decode(errors="replace")
            raise TargetingError(f"the server did not answer as it should: {answer}")
        return True


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise TargetingError("the server's answer does not say how long it is.")


def timed(port: int, requests: Sequence[bytes], *, connections: int = 1) -> Timed:
    """Send the requests over so many connections, each its next as soon as its last is answered."""
    with selectors.DefaultSelector() as selector:
        waiting, times = iter(requests), []
        opened = [_Connection(_connected(port)) for _ in range(min(connections, len(requests)))]
        started = time.perf_counter()
        for connection in opened:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(waiting))
        while selector.get_map():
            for key, _ in selector.select():
                connection = key.data
                if not connection.receive():
                    continue
                times.append(time.perf_counter() - connection.sent_at)
                following = next(waiting, None)
                if following is None:
                    selector.unregister(connection.socket)
                    connection.socket.close()
                else:
                    connection.send(following)
        return Timed(tuple(times), time.perf_counter() - started)


def answer_to(port: int, request: bytes) -> Any:
    """Return the JSON that answers one request."""
    connection = _Connection(_connected(port))
    with connection.socket:
        connection.send(request)
        while not connection.receive():
            continue
        return json.loads(connection.received.partition(_HEAD_ENDS)[2])


def _connected(port: int) -> socket.socket:
    made = socket.create_connection((HOST, port), timeout=60)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Server:
    """A server that runs: its port, how long it took until it answered, its process."""

    port: int
    seconds_to_ready: float
    process: int

    def peak_mib(self) -> float | None:
        """Return the highest resident memory so far of the largest process it consists of; None off Linux."""
        return max((_peak_mib(path) for path in self._group()), default=None)

    def processor_seconds(self) -> float:
        """Return the processor time that all processes it consists of have taken so far; 0 off Linux."""
        return sum(_ticks(path) for path in self._group()) / os.sysconf("SC_CLK_TCK")

    def _group(self) -> list[Path]:
        return [path for path in Path("/proc").glob("[0-9]*") if _group_of(path) == self.process]


def _ticks(process: Path) -> int:
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def _group_of(process: Path) -> int | None:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[2])
    except OSError:
        return None


def _peak_mib(process: Path) -> float:
    try:
        return peak_mib(process)
    except OSError:
        return 0.0


@contextmanager
def running(
    command: Sequence[str], *, port: int, ready: bytes, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run a server until the block ends; it is entered once the request `ready` is answered with 200.

    Raises TargetingError, with the end of what the server said, where that takes more than 90 seconds.
    """
    started = time.perf_counter()
    with TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - the command is the benchmark's own.
            command, stdout=said, stderr=said, env={**os.environ, **(environment or {})}, start_new_session=True
        )
        try:
            while not _answers(port, ready):
                if process.poll() is not None or time.perf_counter() - started > MOST_SECONDS_TO_READY:
                    raise TargetingError(f"{' '.join(command)} does not serve:\n{_end_of(said)}")
                time.sleep(0.02)
            yield Server(port, time.perf_counter() - started, process.pid)
        finally:
            _stop(process)


def _answers(port: int, ready: bytes) -> bool:
    try:
        timed(port, [ready])
    except (OSError, TargetingError):
        return False
    return True


def _end_of(said: IO[bytes]) -> str:
    said.seek(0)
    return said.read().decode(errors="replace")[-2000:]


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the process and those that it started; they are a group of their own."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(timeout=10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
