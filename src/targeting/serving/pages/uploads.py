"""Forms with a file: their fields and the file's bytes, never written to the disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser

from starlette.requests import Request

from targeting.serving.api.body import read_bounded
from targeting.serving.api.problems import ProblemError

KIND = "multipart/form-data"


@dataclass(frozen=True)
class Sent:
    """What a form sent: its text fields, and its files by the field's name; a field left empty is an empty file."""

    fields: Mapping[str, str]
    files: Mapping[str, bytes]


async def sent_with_file(request: Request) -> Sent:
    """Return what a form with a file sent. Raises ProblemError where it is too large or is no such form."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith(KIND):
        raise ProblemError("unreadable-body", "The form was not sent as one with a file.")
    content = await read_bounded(request)
    # A form with a file is a MIME message without its first header (RFC 7578).
    message = BytesParser(policy=policy.HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + content)
    fields, files = {}, {}
    for part in message.iter_parts():
        name = str(part.get_param("name", "", header="content-disposition"))
        held = part.get_payload(decode=True)
        if not isinstance(held, bytes):
            continue
        if part.get_filename() is None:
            fields[name] = held.decode("utf-8", "replace")
        else:
            files[name] = held
    return Sent(fields, files)
