"""What a published list holds: flags with reasons, bands and unknowns, and the passport of each flag."""

from datetime import date, datetime
from typing import Literal

from targeting.serving.moved import Change, Ledger, Places, RankRange
from targeting.serving.publishable import Published as Published  # noqa: PLC0414 - others take it from here.
from targeting.serving.sentences import SAFEGUARDING

# Why a gap that is told is one; of what concerns nobody in the family, as of what was not collected, nobody is told.
GapBecause = Literal["not_shared", "not_collected", "not_linked", "expired"]
Because = Literal[GapBecause, "not_applicable"]
# In the order of a matrix's codes: 1 not shared, 2 not collected, 3 not linked, 4 expired, 5 not applicable.
BECAUSE: tuple[Because, ...] = ("not_shared", "not_collected", "not_linked", "expired", "not_applicable")


class Reason(Published):
    """One concern in one sentence, with who recorded it, when last, and how long ago that was on the list's date.

    `latest_date` is None where the sentence says that nothing is recorded. A strength lowers the estimate.
    """

    concern: str
    sentence: str
    indicator: str
    agency: str
    latest_date: date | None
    age: str
    is_strength: bool


class Unknown(Published):
    """What is not known of a family, in a sentence, why, and which indicators lack a value for it.

    `could_place`: between which ranks the family would lie, in nine of ten cases, were it known; None where no other
    family's is known either, or the family is not ranked.
    """

    sentence: str
    because: GapBecause
    indicators: tuple[str, ...]
    could_place: Places | None = None


class Member(Published):
    """Somebody who belongs to a family, or did until a date: a child by age, an adult as such; nobody is named.

    `since` and `until` are the dates from and until which the links between records say so. `years` is None of an
    adult, of a child who is expected, and where the age is not known. `known_to` names the agencies that have a record.
    """

    is_child: bool
    age: str
    years: int | None
    known_to: tuple[str, ...]
    since: date
    until: date | None


class WorksWith(Published):
    """A service that works with somebody of a family, as an agency recorded it."""

    service: str
    agency: str
    since: date


class Recorded(Published):
    """What an agency recorded of a family in one month: how many times, and no more of it than that."""

    month: date
    what: str
    agency: str
    times: int


class FamilyRecord(Published):
    """What is shown of a listed family beside its flag, as of the list's date.

    `former` are those who no longer belong to it: a view of its own. `children_elsewhere` counts its children who
    belong to another family too. `recorded` goes back two years, the latest month first.
    """

    family_id: str
    ward: str
    members: tuple[Member, ...]
    former: tuple[Member, ...]
    children_elsewhere: int
    works_with: tuple[WorksWith, ...]
    recorded: tuple[Recorded, ...]


class Band(Published):
    """From `lower` up to `upper` of calibrated probability: about so many `of` 10 or 100, both halves in a sentence."""

    lower: float
    upper: float
    about: int
    of: int
    sentence: str


class Flag(Published):
    """One family on one list. `rank` is its place among all families of the list's cohort, by margin.

    `kept_place`: it is on the list because places are kept for families never known. `returned`: where it was decided
    before and is back, the sentence that says since when or why; else None. `band` is None where points order the list,
    `change` where no list of its kind was published before.
    """

    id: str
    list_id: str
    family_id: str
    rank: int
    kept_place: bool
    band: Band | None
    reasons: tuple[Reason, ...]
    unknowns: tuple[Unknown, ...]
    expires_on: date
    returned: str | None = None
    rank_range: RankRange | None = None
    change: Change | None = None


class Provenance(Published):
    """By what a list was made; the same for each of its flags."""

    model: str
    bundle_digest: str
    declarations_digest: str
    generation_id: str
    generation_manifest: str
    code_version: str


class DataAsOf(Published):
    """Until when the records of one source reach."""

    source: str
    agency: str
    until: date


class ApartPart(Published):
    """How many of those counted apart are in `cohort` too, who they are, and why a list says so."""

    cohort: str
    who: str
    why: str
    families: int


class CountedApart(Published):
    """How many families a list would be about, were the model to speak of those in `cohort`; and why it does not."""

    cohort: str
    why: str
    families: int
    part: ApartPart | None = None


class ListHead(Published):
    """All of a list but its flags.

    `together` names the lists published for the same date, this one among them. `outcome` says in words what the list
    estimates. `families` counts those considered; `just_below` those not listed who fall in the band of the last one
    listed. `sent_to_front_door` counts families that a threshold rule sent to the front door instead. `urgent` says
    where somebody goes who cannot wait for a list.

    `resting` counts families that were decided and are off the agenda; `left_out` people whose own facts are left out
    because they objected. `counted_apart` counts families on record of whom the model does not speak; a family counts
    with one list of its date. `kept_for` describes the families for whom places are kept, as the district declared it;
    empty where none are, and in lists of before it was told. Where the points rule orders the list, a margin is a
    number of points. `works_blind`: each member takes a view before seeing a band.
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
    one: str
    many: str
    outcome: str
    urgent: str = SAFEGUARDING
    works_blind: bool = False
    kept_for: str = ""
    data_as_of: tuple[DataAsOf, ...]
    capacity: int
    families: int
    listed: int
    just_below: int
    sent_to_front_door: int
    resting: int = 0
    left_out: int = 0
    counted_apart: tuple[CountedApart, ...] = ()
    ordered_by: Literal["model", "points_rule"] = "model"
    mean_margin: float
    provenance: Provenance
    keep_until: date


class FrontDoorRule(Published):
    """A threshold rule as it held for a list: families in `cohort` go to the front door the same day."""

    name: str
    cohort: str
    why: str


class ListRules(Published):
    """By what a list chose its families and spoke of them, so that a family sent later is answered in the same way.

    `cohort` and those of the rules name plans that are published with the list. `wards` empty: all that no other panel
    owns. `bands` are all bands in rising order, each with its sentence.
    """

    cohort: str
    wards: tuple[str, ...]
    bands: tuple[Band, ...]
    threshold_rules: tuple[FrontDoorRule, ...]
    flag_weeks: int


class SentToFrontDoor(Published):
    """Families that one threshold rule sent to the front door the same day; not flags."""

    rule: str
    why: str
    families: tuple[str, ...]


class Resting(Published):
    """A family that was decided and is off the agenda: by which decision on which flag, since when and until when.

    `margin_then` is what its flag's own values come to now, None where the model asks for other values; `margin` is
    that of the list's date. Once it lies above `margin_then` by more than was declared, the family is back.
    """

    family_id: str
    flag_id: str
    decision: str
    revision: int
    sequence: int
    since: date
    until: date
    margin_then: float | None
    margin: float


class IndicatorValue(Published):
    """One indicator of one family: its value (None where unknown, with why), its part, the facts behind it."""

    name: str
    value: float | None
    unknown: Because | None
    part: float
    fact_ids: tuple[int, ...]
    latest_event: date | None
    agencies: tuple[str, ...]


class Passport(Published):
    """All from which a published flag can be recomputed and proved.

    The parts of `indicators` and `reference` sum to `margin` less `mean_margin`, the mean over the list's cohort.
    `ledger` is None where the list before was not drawn from this family.
    """

    flag: Flag
    as_of_date: date
    provenance: Provenance
    indicators: tuple[IndicatorValue, ...]
    reference: float
    mean_margin: float
    margin: float
    probability: float | None
    ledger: Ledger | None = None
