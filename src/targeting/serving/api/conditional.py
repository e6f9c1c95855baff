"""Answers that a client holds already: by the ETag of the one before, only that it still holds."""

from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

# A shared cache must not give one reader's answer to another.
VARY = "Authorization"


def etag_of(content: bytes) -> str:
    """Return the ETag of what is sent, which is that of nothing else."""
    return f'"{blake2b(content, digest_size=16).hexdigest()}"'


def names(header: str, etag: str) -> bool:
    """Return whether a header If-Match or If-None-Match names an ETag, or any."""
    told = [each.strip().removeprefix("W/") for each in header.split(",")]
    return "*" in told or etag in told


def conditional(request: Request, response: Response) -> Response:
    """Return an answer to a GET with its ETag; 304 without a body where If-None-Match names it.

    One that is streamed has no ETag: nobody knows what it will hold before it was sent.
    """
    if request.method != "GET" or response.status_code != 200 or isinstance(response, StreamingResponse):
        return response
    etag = response.headers.get("etag") or etag_of(bytes(response.body))
    response.headers["etag"] = etag
    response.headers["vary"] = VARY
    sent = request.headers.get("if-none-match")
    if sent is None or not names(sent, etag):
        return response
    return Response(status_code=304, headers={"etag": etag, "vary": VARY})
