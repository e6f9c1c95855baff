"""What comes back: a family's band with its reasons, what is not known, and by what it was made."""

from datetime import date

from pydantic import Field

from targeting.serving.contents import Band, DataAsOf, Published, Reason, Unknown
from targeting.serving.sentences import PROMPT


class RecordsCounted(Published):
    """What became of the records of a request: each of them counts, or the request was refused."""

    received: int = Field(description="How many records were sent")
    already_held: int = Field(description="How many of them were held already, and so count once")
    not_read: int = Field(description="How many are of a kind and source that neither the model nor a list reads")


class PeopleCounted(Published):
    """What became of the people of a request."""

    received: int = Field(description="How many entries were sent")
    already_held: int = Field(description="How many are of members of the family as held; what is held of them stands")


class ScoreProvenance(Published):
    """By what a score was made. Equal `values_digest`: the model was given the same, to the bit."""

    model: str
    model_version: str
    bundle_digest: str
    calibration_version: str = Field(
        description="The first characters of the SHA-256 of the calibrator that made the probability of the margin"
    )
    policy_version: str = Field(
        description="The first characters of the SHA-256 of the list's rules: cohort, bands, threshold rules, expiry"
    )
    declarations_digest: str = Field(description="The SHA-256 of all that the district had declared")
    generation_id: str
    data_as_of: tuple[DataAsOf, ...]
    values_digest: str


class Score(Published):
    """What is answered about one family. Without records sent, the current list's own; with them, provisional.

    There is no rank: a flag has one, among the families of its list.
    """

    id: str = Field(description="Equal for equal answers; the audit log says to whom it was shown, when and for what")
    family_id: str | None = Field(description="The family as held; null where the request's people are in none")
    provisional: bool = Field(description="Whether records or people of the request counted, which no list has seen")
    as_of_date: date
    list_id: str = Field(description="The list that the family was considered for, or would be")
    flag_id: str | None = Field(description="Its flag, where it is on that list")
    band: Band
    probability: float = Field(description="The calibrated probability that the band holds")
    reasons: tuple[Reason, ...]
    unknowns: tuple[Unknown, ...]
    not_asked: tuple[str, ...] = Field(
        default=(),
        description="Of a family of which nobody is held: the sources that, by the request, nobody asked about it. "
        "What rests on them alone is unknown, and among the `unknowns`",
    )
    expires_on: date
    records: RecordsCounted
    people: PeopleCounted
    provenance: ScoreProvenance
    notice: str = PROMPT
    urgent: str = Field(description="Where somebody goes who cannot wait")
