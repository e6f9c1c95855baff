"""`targeting serve`: the interface and the pages over HTTP, on this computer alone."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from targeting.commands.app import app, chosen_folder
from targeting.commands.console import out
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from fastapi import FastAPI

HOST = "127.0.0.1"
USUAL_PORT = 8000
STOPS = (signal.SIGINT, signal.SIGTERM)
# How long requests under way may still take once the service was told to stop.
SECONDS_TO_FINISH = 10


@app.command(rich_help_panel="Lists")
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = USUAL_PORT,
) -> None:
    """Serve the published lists, as pages and as an API, to this computer alone (synthetic data only)."""
    from targeting.project.finding import find_project

    serve_project(find_project(chosen_folder()), port)


def serve_project(root: Path, port: int = USUAL_PORT) -> None:
    """Serve a project folder until the process is told to stop (Ctrl-C, SIGTERM); requests under way are finished.

    Raises TargetingError where the port is taken, NotSyntheticError where the data are of real people.
    """
    from targeting.asgi import create_app

    with listening(port) as listener:
        service = create_app(root)
        out.print(_greeting(f"http://{HOST}:{listener.getsockname()[1]}"), highlight=False, soft_wrap=True)
        _run(service, listener)
    out.print("Stopped.")


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """Yield a socket that takes connections from this computer; they wait until the service has begun."""
    # Said to be TCP, as asyncio sends small parts of an answer at once only then: else each waits for 40 milliseconds.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        # A service that was killed a moment ago still holds the port in the system's tables.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            reason = f"port {port} on {HOST} cannot be used ({(error.strerror or 'refused').lower()})"
            raise TargetingError(f"{reason}: stop what listens there, or name another with --port.") from None
        listener.listen()
        yield listener


def _greeting(address: str) -> str:
    return (
        f"Open {address} for the lists; {address}/openapi.json describes the API.\n"
        "Only this computer can reach it, and only synthetic data is served, until sign-in and roles exist.\n"
        "Ctrl-C stops it."
    )


def _run(service: "FastAPI", listener: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        service,
        access_log=False,
        log_config=_log_config(),
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
        ws="none",
    )
    with _signals_taken():
        uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def _signals_taken() -> Iterator[None]:
    """Take the signals that stop a service: once it has finished, uvicorn sends itself the signal anew."""
    before = {each: signal.signal(each, _already_stopped) for each in STOPS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _already_stopped(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing more."""


def _log_config() -> dict[str, Any]:
    """Return how uvicorn logs: as the service does, in lines of JSON on standard error."""
    import structlog

    lines = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
        "foreign_pre_chain": [
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", key="at"),
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": lines},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "loggers": {"uvicorn": {"handlers": ["stderr"], "propagate": False}},
    }
