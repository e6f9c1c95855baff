"""What an audit says, after disclosure control: the content of `audit.json`, from which every output is made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from targeting.errors import DataError
from targeting.fairness.definition import Disclosure

Verdict = Literal["pass", "concern", "fail", "cannot tell"]
Withheld = Literal["c"]
WITHHELD: Withheld = "c"
Number = float | int | Withheld | None
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One number with its 95 % interval; `c` where withheld, None where not defined or without an interval."""

    value: Number = None
    lower: float | None = None
    upper: float | None = None
    method: str | None = None


@dataclass(frozen=True, kw_only=True)
class GroupResult:
    """One group: metrics that no cut changes (`overall`), and those at each cut. `words` is its name for the reader."""

    group: str
    words: str
    overall: Mapping[str, Shown]
    cuts: Mapping[str, Mapping[str, Shown]]

    def at(self, cut: str) -> Mapping[str, Shown]:
        """Return all metrics at a cut, those that it does not change included."""
        return {**self.overall, **self.cuts[cut]}


@dataclass(frozen=True, kw_only=True)
class AttributeResult:
    """One attribute's groups, `all` last; `conflicts` says where groups' base rates set criteria at odds."""

    name: str
    reference: str | None = None
    reference_reason: str
    groups: tuple[GroupResult, ...]
    conflicts: tuple[str, ...] = ()

    def group(self, name: str) -> GroupResult | None:
        """Return the group of that name, or None where it has no row."""
        return next((group for group in self.groups if group.group == name), None)


@dataclass(frozen=True, kw_only=True)
class GatingResult:
    """One gating comparison, its verdict and the sentence that says it.

    `estimate` has the 95 % interval of this comparison alone; `judged` the wider one, of `level`, by which the verdict
    is given, so that all comparisons together err one time in twenty. `foreseen_gap` is what the policy said before
    training that these groups could show, `smallest_detectable_gap` what the data could.
    """

    attribute: str
    group: str
    reference: str
    measure: str
    cut: str
    limit: float
    verdict: Verdict
    sentence: str
    estimate: Shown
    group_value: Shown
    reference_value: Shown
    judged: Shown = Shown()
    level: float = 0.95
    foreseen_gap: float | None = None
    smallest_detectable_gap: Number = None
    reason: str


@dataclass(frozen=True, kw_only=True)
class CutResult:
    """How many rows a cut lists, and how many places tied at its line were taken or left by the order of their ids."""

    cut: str
    listed: Number
    tied: int


@dataclass(frozen=True, kw_only=True)
class Audited:
    """How much was audited. `unlabelled` rows took places on lists and are counted nowhere else."""

    rows: Number
    entities: Number
    clusters: Number = None
    lists: int
    positives: Number
    unlabelled: Number


@dataclass(frozen=True, kw_only=True)
class SectionColumn:
    """One column of a section's table; `share` is shown as a per cent."""

    heading: str
    form: Literal["share", "number", "text"] = "share"


@dataclass(frozen=True, kw_only=True)
class SectionRow:
    """One row of a section's table: what it is of, and a value for each column."""

    label: str
    values: tuple[Number | str, ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """One question beyond the cut, with what is said of it and its table.

    Shares are coarse (to a per cent or five), so that no count can be worked out from them.
    """

    name: str
    title: str
    says: tuple[str, ...]
    columns: tuple[SectionColumn, ...]
    rows: tuple[SectionRow, ...]
    rows_are: str = "Group"


@dataclass(frozen=True, kw_only=True)
class Audit:
    """A whole audit."""

    format: int
    title: str
    verdict: Verdict
    sentence: str
    outcome: str
    synthetic: bool
    unit: Literal["child", "person"]
    public_data: bool
    disclosure: Disclosure
    policy_digest: str
    decided: str = ""
    audited: Audited
    notes: tuple[str, ...]
    cuts: tuple[CutResult, ...]
    gating: tuple[GatingResult, ...]
    attributes: tuple[AttributeResult, ...]
    sections: tuple[Section, ...] = ()
    command: str = ""

    def verdicts(self) -> Iterator[tuple[tuple[str, str, str, str], Verdict]]:
        """Return each gating comparison's (attribute, group, cut, measure) with its verdict."""
        for gating in self.gating:
            yield (gating.attribute, gating.group, gating.cut, gating.measure), gating.verdict


_ADAPTER = TypeAdapter(Audit)


def audit_to_json(audit: Audit) -> str:
    """Return `audit.json`: the same audit, the same bytes. A number that is not defined has no `value`."""
    return _ADAPTER.dump_json(audit, exclude_none=True).decode() + "\n"


def audit_from_json(text: str) -> Audit:
    """Return the audit that `audit_to_json` wrote. Raises DataError where the text is not one."""
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        message = f"not an audit of format {FORMAT}: {where}: {first['msg']}."
        raise DataError(message) from None
