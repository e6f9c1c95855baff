"""What the interface answers with. These shapes are promised to clients; what is stored may change behind them."""

from datetime import date, datetime
from typing import Any, Literal

from targeting.features.definition import Direction
from targeting.serving.contents import DataAsOf, ListHead, Provenance, Published
from targeting.serving.database.scoring_jobs import ScoringJob, Status
from targeting.serving.decisions import RecordedDecision
from targeting.serving.reading import ReadFlag
from targeting.serving.sentences import PROMPT


class WeeklyList(Published):
    """One list of one panel, without its flags.

    `together` names the lists published for the same date. `outcome` says what the list estimates. `families` counts
    those considered, `just_below` those not listed who fall in the band of the last one listed. `sent_to_front_door`
    counts families that a threshold rule sent there instead. `notice` is to be shown wherever a flag is; `urgent` says
    where somebody goes who cannot wait for a list.
    """

    id: str
    together: tuple[str, ...]
    panel: str
    panel_title: str
    kind: str
    title: str
    as_of_date: date
    published_at: datetime
    synthetic: bool
    standing: Literal["live", "shadow"]
    outcome: str
    notice: str
    urgent: str
    data_as_of: tuple[DataAsOf, ...]
    capacity: int
    families: int
    listed: int
    just_below: int
    sent_to_front_door: int
    provenance: Provenance


class Lists(Published):
    """A page of lists, the latest date first."""

    items: tuple[WeeklyList, ...]
    next_cursor: str | None


class Flags(Published):
    """A page of a list's flags, by rank."""

    items: tuple[ReadFlag, ...]
    next_cursor: str | None


class DecisionStanding(Published):
    """What is decided of a flag: `revision` 0 and no decision before the first. Its ETag is what If-Match needs."""

    flag_id: str
    revision: int
    decision: RecordedDecision | None


class Revisions(Published):
    """Every revision of a flag's decision, the first one first."""

    items: tuple[RecordedDecision, ...]


class Decisions(Published):
    """Decisions in the order in which they were recorded.

    `next_cursor` is never null: send it later to get what was recorded since, none of it twice and none left out.
    """

    items: tuple[RecordedDecision, ...]
    next_cursor: str


class FlagOfFamily(Published):
    """A flag of a family, and the list that it stands on."""

    id: str
    list_id: str
    as_of_date: date
    expires_on: date


class FamilyFound(Published):
    """A family that an identifier means, with its flags, those of the latest list first.

    `successors` are the families that it went on as, where it has ended since: look those up in its place.
    """

    family_id: str
    as_of_date: date
    successors: tuple[str, ...]
    flags: tuple[FlagOfFamily, ...]


class Job(Published):
    """A scoring job. `rows_scored` of `rows_done` have a score, the others a problem.

    All rows are answered from the lists `lists`, whatever is published meanwhile. At `forget_at` what was asked and
    answered is removed.
    """

    id: str
    status: Status
    lists: tuple[str, ...]
    made_at: datetime
    rows: int
    rows_done: int
    rows_scored: int
    ended_at: datetime | None
    forget_at: datetime


class Gate(Published):
    """A test that the model passed before it came into use."""

    name: str
    passed: bool
    detail: str


class Audit(Published):
    """What the fairness audit of the model says; the whole of it is the page /audit."""

    verdict: str
    sentence: str


class LatestAudit(Published):
    """The fairness audit of the model that made the current lists; `audit` is the whole of its audit.json.

    Counts that could point to somebody are shown as `c` in it, by the district's disclosure rule.
    """

    model: str
    version: str
    bundle_digest: str
    verdict: str
    sentence: str
    audit: dict[str, Any]


class Signature(Published):
    """Who signed for the model; `re_audit_by` accepts, until then, an audit that cannot tell."""

    name: str
    re_audit_by: date | None


class CurrentModel(Published):
    """The model that made the current lists, what it is for, and by whose leave it is in use.

    `trained_on` are the dates that it learnt from. A `synthetic` model says nothing about real families.
    """

    model: str
    version: str
    bundle_digest: str
    title: str
    purpose: str
    forbidden_uses: tuple[str, ...]
    owner: str
    cohort: str
    outcome: str
    tier: str
    synthetic: bool
    trained_on: tuple[date, ...]
    code_version: str
    gates: tuple[Gate, ...]
    audit: Audit
    signatures: tuple[Signature, ...]
    lists: tuple[str, ...]


class Indicator(Published):
    """One indicator of the current model. `sentence` has a gap for its value, such as `{percent}`.

    `direction` says which way a greater value may move the estimate; null where either. `attributes` are the personal
    attributes that it rests on, each justified in the district's policy.
    """

    name: str
    description: str
    concern: str
    sentence: str
    sentence_if_none: str
    unit: str
    direction: Direction | None
    unknown_means: str
    evidence: str
    kinds: tuple[str, ...]
    sources: tuple[str, ...]
    agencies: tuple[str, ...]
    attributes: tuple[str, ...]


class Indicators(Published):
    """A page of the current model's indicators, in their declared order."""

    items: tuple[Indicator, ...]
    next_cursor: str | None


class Alive(Published):
    """The process answers."""

    status: Literal["alive"]


class Ready(Published):
    """What is published can be read. `as_of_date` is that of the current lists, null before the first publication."""

    status: Literal["ready"]
    lists: int
    as_of_date: date | None
    message: str


def weekly_list(head: ListHead) -> WeeklyList:
    """Return what a client reads of a list."""
    held = {name: value for name, value in head if name in WeeklyList.model_fields}
    return WeeklyList(**held, notice=PROMPT)


def job(held: ScoringJob) -> Job:
    """Return what a client reads of a scoring job."""
    shared = {name: getattr(held, name) for name in Job.model_fields if name != "made_at"}
    return Job(**shared, made_at=held.at)
