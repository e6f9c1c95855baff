"""The body of a request: bounded, JSON alone, validated from its very bytes."""

import asyncio
import email.message
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from targeting.serving.api.problems import ProblemError, invalid_request
from targeting.serving.api.validation import invalid_parts, names_in

MOST_BYTES = 1024 * 1024
MOST_SECONDS = 30.0
_LENGTH = re.compile(r"\d{1,18}")

Model = TypeVar("Model", bound=BaseModel)


class JsonBody(Generic[Model]):
    """Reads bodies of one model.

    What is validated is the JSON itself, not what Python makes of it: strict types then take a date from an ISO string
    and from nothing else.
    """

    def __init__(self, model: type[Model]) -> None:
        self.model = model

    @cached_property
    def _names(self) -> frozenset[str]:
        """The fields that a fault may name; asked for at the first fault, as a model's schema takes long to make."""
        return names_in(self.model.model_json_schema())

    async def read(self, request: Request) -> Model:
        """Return a request's body. Raises ProblemError where it is too large, not JSON, or does not fit the model."""
        return self.parse(await self.read_bytes(request))

    async def read_bytes(self, request: Request) -> bytes:
        """Return a request's body as it was sent. Raises ProblemError where it is too large, or not sent as JSON."""
        _check_json(request)
        return await read_bounded(request)

    def parse(self, content: bytes) -> Model:
        """Return what a body says. Raises ProblemError where it is not JSON, or does not fit the model."""
        try:
            parsed = self.model.model_validate_json(content)
        except ValidationError as error:
            raise self._problem(error) from None
        # What fits the model is no deeper than the model is, and its numbers no longer: Python reads it without fail.
        json.loads(content, object_pairs_hook=_named_once)
        return parsed

    def _problem(self, error: ValidationError) -> ProblemError:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        if found[0]["type"] == "json_invalid":
            return ProblemError("unreadable-body", "The body is not JSON in UTF-8.")
        return invalid_request(invalid_parts([dict(each) for each in found], self._names, inside=["body"]))


def _named_once(members: list[tuple[str, object]]) -> None:
    """Raise ProblemError where an object has a name twice: which of the two was meant, nobody knows."""
    if len({name for name, _ in members}) != len(members):
        raise ProblemError("unreadable-body", "A name stands twice in one object of the body.")


def check_sent_plain(request: Request, slug: str) -> None:
    """Raise ProblemError of a type where a body is packed: a few bytes could be made gigabytes."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        detail = "The body has to be sent as it is, without Content-Encoding."
        raise ProblemError(slug, detail, headers={"Accept-Encoding": "identity"})


def _check_json(request: Request) -> None:
    check_sent_plain(request, "not-json")
    header = email.message.Message()
    header["content-type"] = request.headers.get("content-type", "")
    if header.get_content_type() != "application/json" or header.get_content_charset("utf-8") != "utf-8":
        raise ProblemError("not-json", "The header Content-Type has to be application/json.")


async def read_bounded(request: Request) -> bytes:
    """Return the body. Raises ProblemError as soon as it is too large or too slow, having read no more than allowed."""
    content = bytearray()
    async with in_time(MOST_SECONDS):
        async for part in bounded(request, most_bytes=MOST_BYTES):
            content += part
    return bytes(content)


async def bounded(request: Request, *, most_bytes: int) -> AsyncIterator[bytes]:
    """Yield the body in parts. Raises ProblemError as soon as it is too large."""
    declared, received = request.headers.get("content-length", "0"), 0
    if not _LENGTH.fullmatch(declared) or int(declared) > most_bytes:
        raise _too_large(most_bytes)
    async for part in request.stream():
        received += len(part)
        if received > most_bytes:
            raise _too_large(most_bytes)
        yield part


@asynccontextmanager
async def in_time(most_seconds: float) -> AsyncIterator[None]:
    """Raise ProblemError where a body has not come whole when the seconds are over."""
    try:
        async with asyncio.timeout(most_seconds):
            yield
    except TimeoutError:
        raise ProblemError("too-slow", f"The body took more than {most_seconds:g} seconds.") from None


def _too_large(most_bytes: int) -> ProblemError:
    return ProblemError("body-too-large", f"The body has more than {most_bytes:,} bytes.")
