"""`targeting serve`: the interface and the pages over HTTP, on this computer alone."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from targeting.commands.access import database_of, is_synthetic, link_for
from targeting.commands.app import app, chosen_folder
from targeting.commands.console import out
from targeting.commands.working import jobs_worked_off
from targeting.errors import TargetingError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from uvicorn import Config

    from targeting.serving.database.sign_ins import Person

HOST = "127.0.0.1"
USUAL_PORT = 8000
STOPS = (signal.SIGINT, signal.SIGTERM)
# How long requests under way may still take once the service was told to stop.
SECONDS_TO_FINISH = 10
SECONDS_IDLE = 30


@app.command(rich_help_panel="Lists")
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = USUAL_PORT,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes answer.")] = 1,
) -> None:
    """Serve the published lists, as pages and as an API, to this computer; a proxy that speaks TLS serves others."""
    from targeting.project.finding import find_project

    serve_project(find_project(chosen_folder()), port, workers=workers)


def serve_project(root: Path, port: int = USUAL_PORT, *, workers: int = 1) -> None:
    """Serve a project folder until the process is told to stop (Ctrl-C, SIGTERM); requests under way are finished.

    A worker that ends is replaced. Raises TargetingError where the port is taken, NotSyntheticError where the data are
    of real people and no issuer of tokens is declared.
    """
    from targeting.asgi import create_app

    with listening(port) as listener:
        # Made here even where other processes answer: what cannot be served is told before any of them starts.
        service = create_app(root)
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        out.print(_greeting(address, sign_in_links(root, address)), highlight=False, soft_wrap=True)
        with jobs_worked_off(root):
            if workers == 1:
                _run(service, listener)
            else:
                _run_workers(root, listener, workers)
    out.print("Stopped.")


def sign_in_links(root: Path, address: str) -> dict[str, str]:
    """Return a link for each role that reads pages, by what the role is called; none where the data are real.

    Where the district has several panels, whoever reads as a panel does has a link for each of them.
    """
    if not is_synthetic(root):
        return {}
    with closing(database_of(root)) as database:
        return {called: f"{address}/sign-in/{link_for(database, person)}" for called, person in _people(root)}


def _people(root: Path) -> "Iterator[tuple[str, Person]]":
    from targeting.asgi import declared_panels
    from targeting.serving.access.definition import ROLES
    from targeting.serving.access.demo_issuer import demo_subject
    from targeting.serving.access.panels import panels_read
    from targeting.serving.database.sign_ins import Person

    panels = declared_panels(root)
    for role in ROLES:
        called = role.replace("_", " ")
        if role != "integration_client" and panels_read(role, None, panels) is None:
            yield called, Person(demo_subject(role), role)
        elif role != "integration_client":
            for panel in panels:
                yield f"{called}, {panel}", Person(f"{demo_subject(role)} of {panel}", role, panels=(panel,))


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


def _greeting(address: str, links: dict[str, str]) -> str:
    told = [f"Open {address} for the lists; {address}/openapi.json describes the API."]
    if links:
        width = max(map(len, links))
        told.append("To sign in, open the link of a role. Each works once, within twelve hours:")
        told += [f"  {role:<{width}}  {link}" for role, link in links.items()]
        told.append("`targeting token --as integration_client` prints a token for the API.")
    told.append("Only this computer can reach it. Ctrl-C stops it.")
    return "\n".join(told)


def _run(service: "FastAPI", listener: socket.socket) -> None:
    import uvicorn

    from targeting.asgi import settle

    settle()
    with _signals_taken():
        uvicorn.Server(_config(service)).run(sockets=[listener])


def _run_workers(root: Path, listener: socket.socket, workers: int) -> None:
    """Answer in so many processes, each of which is replaced where it ends, until the process is told to stop."""
    from uvicorn.supervisors import Multiprocess

    from targeting.asgi import PROJECT_VARIABLE, WORKERS_VARIABLE

    os.environ |= {PROJECT_VARIABLE: str(root), WORKERS_VARIABLE: str(workers)}
    config = _config("targeting.asgi:create_app_from_environment", factory=True, workers=workers)
    with _signals_taken():
        Multiprocess(config, sockets=[listener]).run()


def _config(service: "FastAPI | str", **options: Any) -> "Config":
    import uvicorn

    from targeting.serving.api.connection import Connection

    return uvicorn.Config(
        service,
        http=Connection,
        access_log=False,
        log_config=_log_config(),
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
        # Whoever sends nothing keeps no connection: a proxy opens another.
        timeout_keep_alive=SECONDS_IDLE,
        ws="none",
        **options,
    )


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
