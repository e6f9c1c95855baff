"""The types of problems that the service answers with; each has a page that says what it means and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PAGES = "/problems/"


@dataclass(frozen=True)
class ProblemType:
    """A kind of problem; `explanation` is what its page says: what it means, and what to do."""

    slug: str
    title: str
    status: int
    explanation: str

    @property
    def address(self) -> str:
        """Return the address of its page, which is its name too."""
        return f"{PAGES}{self.slug}"


_TYPES = (
    ProblemType(
        "unreadable-request",
        "The request cannot be read",
        400,
        "What came over the connection is no request by HTTP/1.1: it has no header Host, a length that does not hold, "
        "characters that may not stand where they do, or more than 64 KiB before its body. The connection is closed.",
    ),
    ProblemType(
        "unreadable-body",
        "The body cannot be read",
        400,
        "The body is not JSON in UTF-8: it breaks off, is nested too deeply, has a name twice in one object, or is "
        "something else. The rows of a "
        "scoring job are NDJSON or Parquet, as their Content-Type says.",
    ),
    ProblemType(
        "unauthenticated",
        "Who asks is not known",
        401,
        "The request brings no token that counts, or its page was asked for without signing in. A program sends an "
        "access token of the district's issuer as `Authorization: Bearer`; the header `WWW-Authenticate` says what is "
        "wrong.",
    ),
    ProblemType(
        "not-allowed",
        "Not allowed",
        403,
        "Who asks is known, and may not do this: the role or the token lacks the scope.",
    ),
    ProblemType(
        "purpose-not-allowed",
        "Not for this purpose",
        403,
        "A request says for what it is made: by the claim `purpose` of its token, or by the header "
        "`Targeting-Purpose`. It has to be one of the purposes declared for the client. Enforcement, immigration and "
        "benefit fraud never are.",
    ),
    ProblemType(
        "not-found",
        "Nothing is here",
        404,
        "No route has this address. /openapi.json names those that exist.",
    ),
    ProblemType(
        "unknown-list",
        "No such list",
        404,
        "No list with that id is published. GET /v1/lists names those that are.",
    ),
    ProblemType(
        "unknown-flag",
        "No such flag",
        404,
        "No published list has a flag with that id. GET /v1/lists/{list_id}/flags names a list's flags.",
    ),
    ProblemType(
        "unknown-job",
        "No such scoring job",
        404,
        "No scoring job of this client and subject has that id: it was never made, or its time is over and it is "
        "forgotten.",
    ),
    ProblemType(
        "unknown-cursor",
        "No such cursor",
        404,
        "The cursor is not one that this collection gave. Take `next_cursor` of a page as it is, or begin without one. "
        "Where the store was restored from a backup, cursors from after the backup are not known any more.",
    ),
    ProblemType(
        "no-list-published",
        "No list is published yet",
        404,
        "The district has published no list, so there is no model in use and nobody to answer about. "
        "`targeting score --as-of DATE` publishes one.",
    ),
    ProblemType(
        "unknown-family",
        "No such family",
        404,
        "No family is held by that identifier on the date of the current lists.",
    ),
    ProblemType(
        "unknown-person",
        "No such person",
        404,
        "No person is held by that identifier. Somebody not held yet is named by a label, in the system `request`.",
    ),
    ProblemType(
        "method-not-allowed",
        "Not by this method",
        405,
        "The address exists, but not for this method. The header `Allow` names those that it takes.",
    ),
    ProblemType(
        "too-slow",
        "The body came too slowly",
        408,
        "A body has half a minute to arrive. Send it again over a better connection, or in smaller parts.",
    ),
    ProblemType(
        "outside-cohort",
        "Outside the cohort",
        409,
        "The model was not made for this family: it speaks of families with a child under 18 or unborn who live in the "
        "district and are not open to social care. An open case is its social worker's.",
    ),
    ProblemType(
        "front-door",
        "For the front door, today",
        409,
        "A threshold rule sends this family to the front door the same day. It does not wait for a list, and no "
        "estimate is given.",
    ),
    ProblemType(
        "more-than-one-family",
        "More than one family",
        409,
        "The person belongs to more than one family on that date. Ask for one of those named, by its own id.",
    ),
    ProblemType(
        "date-not-usable",
        "Not as of that date",
        409,
        "A date fits the schema and still cannot be answered for: it lies before the current lists, or too long after "
        "the last record.",
    ),
    ProblemType(
        "person-not-usable",
        "A person cannot be used",
        409,
        "A person fits the schema and still cannot count on that date. The problem says which one, and why.",
    ),
    ProblemType(
        "record-not-usable",
        "A record cannot be used",
        409,
        "A record fits the schema and still cannot count on that date. The problem says which one, and why.",
    ),
    ProblemType(
        "source-not-usable",
        "A source cannot be used",
        409,
        "`sources_asked` names a source that the district does not have. The problem says which one, and which exist.",
    ),
    ProblemType(
        "sources-not-asked",
        "An agency has to be asked first",
        409,
        "Nobody of the family is held, and whether the model speaks of it turns on what agencies would say who were "
        "not asked: a case may be open there. The problem names their sources. Ask them, send what they have, and "
        "name them in `sources_asked`, also where they have nothing.",
    ),
    ProblemType(
        "decision-not-usable",
        "The decision cannot be recorded",
        409,
        "The decision fits the schema and still lacks something. The problem says what.",
    ),
    ProblemType(
        "under-way",
        "The same request is under way",
        409,
        "A request with this Idempotency-Key is being answered now. Wait a moment, and send it again as it is.",
    ),
    ProblemType(
        "suspended",
        "Suspended",
        409,
        "The flags of this model are suspended: no estimate is given until that is lifted. The problem says why.",
    ),
    ProblemType(
        "stale",
        "Somebody was faster",
        412,
        "The decision was changed since the revision that If-Match names. Read it again, and decide on what it says "
        "now.",
    ),
    ProblemType(
        "body-too-large",
        "The body is too large",
        413,
        "A body may have 1 MiB. Send fewer records at once. That of a scoring job may have 256 MiB and 200,000 rows, "
        "each of 1 MiB at most.",
    ),
    ProblemType(
        "not-json",
        "The body is not sent as JSON",
        415,
        "The header `Content-Type` has to be application/json, without another character set than UTF-8; a body "
        "that is packed (`Content-Encoding`) is not taken.",
    ),
    ProblemType(
        "not-rows",
        "The rows are not sent as NDJSON or Parquet",
        415,
        "The header `Content-Type` of a scoring job has to be application/x-ndjson, or "
        "application/vnd.apache.parquet with the columns `system` and `value`; a body that is packed "
        "(`Content-Encoding`) is not taken.",
    ),
    ProblemType(
        "misdirected",
        "Asked by another name",
        421,
        "The service answers to the names of this computer (127.0.0.1, localhost) and those that serving/service.toml "
        "declares, and to no other.",
    ),
    ProblemType(
        "invalid-request",
        "The request does not fit the schema",
        422,
        "`errors` names each place that does not fit, and what would. /openapi.json holds the schema.",
    ),
    ProblemType(
        "key-used",
        "The key served another request",
        422,
        "This Idempotency-Key was used for another request within the last day. Take a new one for each request.",
    ),
    ProblemType(
        "precondition-required",
        "If-Match is required",
        428,
        "A decision is written in place of the one that was read: send that one's ETag as If-Match.",
    ),
    ProblemType(
        "too-many-requests",
        "Too many requests",
        429,
        "The client asks more often than the district allows it. The header `Retry-After` says in how many seconds to "
        "ask again.",
    ),
    ProblemType(
        "too-many-jobs",
        "Too many scoring jobs",
        429,
        "The client has ten scoring jobs that wait or run. Wait until one has ended, or cancel one.",
    ),
    ProblemType(
        "unexpected",
        "Something went wrong here",
        500,
        "The fault is the service's. Its log names this request by the id in `instance`.",
    ),
    ProblemType(
        "not-ready",
        "The service cannot answer now",
        503,
        "What was published cannot be shown as it is: a file is missing or damaged, a signature no longer holds, or "
        "what is shown cannot be written into the audit log; or there is no room for what was sent. The service's log "
        "says which. Ask again later.",
    ),
)
PROBLEM_TYPES: Mapping[str, ProblemType] = MappingProxyType({each.slug: each for each in _TYPES})
