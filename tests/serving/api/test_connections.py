"""What comes over a connection that no app sees: broken requests, and clients that never send one whole."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn

from targeting.commands.serve import _config, listening
from targeting.serving.api import connection
from targeting.serving.api.problem_types import PROBLEM_TYPES

HOST = b"Host: localhost\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
NO_REQUESTS = (
    b"nonsense\r\n\r\n",
    b"\x16\x03\x01\x00\x00\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X: \x00\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 70_000,
    b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    b"GET /9434765919\xc3\xa9 HTTP/1.1\r\n" + HOST + b"\r\n",
    CHUNKED + b"2\r\n{}}\r\n0\r\n\r\n",
    CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
)


async def whole(scope, receive, send):
    """Answer once the body is whole; to a GET at once."""
    while scope["method"] != "GET" and scope["method"] != "PUT":
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@contextmanager
def served(app) -> Iterator[int]:
    with listening(0) as listener:
        server = uvicorn.Server(_config(app, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(20)


@pytest.fixture
def port() -> Iterator[int]:
    with served(whole) as port:
        yield port


def told(port: int, *sent: bytes) -> bytes:
    """Return all that is answered until the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connected:
        received = b""
        for part in sent:
            connected.sendall(part)
            received += connected.recv(65536) if part is not sent[-1] else b""
        while part := connected.recv(65536):
            received += part
        return received


@pytest.mark.parametrize("sent", NO_REQUESTS, ids=[repr(each[:40]) for each in NO_REQUESTS])
def test_what_is_no_request_is_told_as_a_problem(port: int, sent: bytes, caplog):
    head, _, body = told(port, sent).partition(b"\r\n\r\n")
    status, *headers = head.decode().lower().split("\r\n")
    assert status == "http/1.1 400 bad request"
    assert {"content-type: application/problem+json", "connection: close", "cache-control: no-store"} <= set(headers)
    problem = json.loads(body)
    assert problem["type"] == PROBLEM_TYPES["unreadable-request"].address
    assert f"x-correlation-id: {problem['instance'].removeprefix('urn:uuid:')}" in headers
    log = caplog.text
    assert problem["instance"].removeprefix("urn:uuid:") in log
    assert "9434765919" not in log + body.decode()


def test_what_comes_broken_after_an_answer_ends_the_connection_without_a_word_more(port: int, caplog):
    received = told(port, CHUNKED.replace(b"POST", b"PUT"), b"-2\r\n{}\r\n")
    assert received.count(b"HTTP/1.1 ") == 1
    assert received.endswith(b"ok")
    assert told(port, CHUNKED.replace(b"POST", b"HEAD") + b"-2\r\n").count(b"HTTP/1.1 400 ") == 1
    assert {record.name for record in caplog.records} == {"uvicorn.error"}


def test_whoever_sends_no_head_in_time_keeps_no_connection(port: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "SECONDS_FOR_HEAD", 0.2)
    assert told(port, b"") == b""
    assert told(port, b"\r\n").startswith(b"HTTP/1.1 400 ")
    head, _, body = told(port, b"GET / HTTP/1.1\r\nHo").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["type"] == PROBLEM_TYPES["too-slow"].address
    whole_one = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
    received = told(port, whole_one, whole_one + b"GET / HT")
    assert received.count(b"HTTP/1.1 200 ") == 2
    assert received.count(b"HTTP/1.1 408 ") == 1


def test_a_body_may_take_longer_than_a_head(port: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "SECONDS_FOR_HEAD", 0.2)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connected:
        connected.sendall(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\n")
        connected.settimeout(0.6)
        with pytest.raises(TimeoutError):
            connected.recv(1)
        connected.sendall(b"{}")
        assert connected.recv(65536).startswith(b"HTTP/1.1 200 ")
