"""Why this family: the parts of its margin by concern, at most five of them in sentences, and what is not known."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple, Protocol

from targeting.features.plan import PlannedIndicator
from targeting.serving.contents import Because, GapBecause, Reason, Unknown
from targeting.serving.sentences import duration, enumerated, fill, gap_of, says_nothing

MOST_REASONS = 5
MOST_STRENGTHS = 2
# A concern that raises the odds by less than about a twentieth is no reason to look; a strength may be slighter.
LEAST_CONCERN = 0.05
LEAST_STRENGTH = 0.01

NOT_KNOWN = "not known"
# Of what follows from who belongs to a family, such as ages, which no single record says.
WHO_KNOWS_THEM = "agencies that know the family"
REFERENCE = "reference"

# Gaps that say how much: their sentence speaks for a strength at one end and for a concern at the other.
GRADED = frozenset({"percent", "number", "duration", "age"})

BECAUSE_IN_WORDS: Mapping[GapBecause, str] = {
    "not_shared": "these records are not shared for this date",
    "not_collected": "nobody has recorded it",
    "not_linked": "no matching record of the family was found",
    "expired": "the sharing agreement has ended",
}

ALL_WERE_ASKED: Mapping[str, str] = MappingProxyType({})


class Valued(Protocol):
    """What is said of a value: as `IndicatorValue` holds it, or worked out when it is asked for."""

    @property
    def value(self) -> float | None:
        """The value; None where it is unknown."""

    @property
    def unknown(self) -> Because | None:
        """Why it is unknown; None where it is known."""

    @property
    def part(self) -> float:
        """Its part of the margin."""

    @property
    def latest_event(self) -> date | None:
        """The day of the latest fact behind it."""

    @property
    def agencies(self) -> tuple[str, ...]:
        """Who recorded the facts behind it."""


class Spoken(NamedTuple):
    """An indicator with the value that a family has, both as published and as declared."""

    indicator: PlannedIndicator
    value: Valued

    @property
    def sentence(self) -> str:
        """Return the sentence that the value says; empty where nothing is to be said of none."""
        value, template = self.value.value, self.indicator.sentence
        if value is None or (value and says_nothing(template, value)):
            return ""
        if value == 0 and (self.indicator.sentence_if_none or gap_of(template) not in GRADED):
            return self.indicator.sentence_if_none
        return fill(template, value)

    def speaks_for(self, *, strength: bool) -> bool:
        """Return whether the sentence makes sense as a strength, or as a concern.

        A part below zero alone does not make "3 incidents" a strength, nor one above zero "came to a centre" a concern.
        What has no direction (how many children) is never a strength: it says nothing good or bad. None of it
        is no concern either.
        """
        value, direction = self.value.value, self.indicator.direction
        if value is None or (self.value.part < 0) != strength or not self.sentence:
            return False
        is_graded = gap_of(self.indicator.sentence) in GRADED
        if direction is None:
            return not strength and (is_graded or value != 0)
        if is_graded:
            return self._is_unusual_as(strength=strength)
        return (value > 0) == (direction == "lowers") if strength else value > 0 and direction == "raises"

    def _is_unusual_as(self, *, strength: bool) -> bool:
        """Return whether how much is said lies on the side of what is usual on which it is a strength, or a concern."""
        value, usual = self.value.value, self.indicator.usual
        if value is None or usual is None:
            return True
        speaks_against = (value > usual) == (self.indicator.direction == "raises")
        return speaks_against != strength


def parts_by_concern(spoken: Sequence[Spoken], reference: float) -> Mapping[str, float]:
    """Return the sum of parts of each concern, in the order of the indicators, then `not known`, then `reference`.

    Parts of unknown values are summed apart, so that no sentence answers for what nobody knows. All of it sums to
    the margin less the cohort's mean.
    """
    parts: dict[str, list[float]] = {}
    for each in spoken:
        parts.setdefault(_concern(each), []).append(each.value.part)
    sums = {concern: math.fsum(held) for concern, held in parts.items()}
    unknown = sums.pop(NOT_KNOWN, 0.0)
    return {**sums, NOT_KNOWN: unknown, REFERENCE: reference}


def reasons(spoken: Sequence[Spoken], as_of_date: date) -> tuple[Reason, ...]:
    """Return at most five concerns that move the estimate most, each in its strongest sentence, strengths first.

    Concerns that raise the estimate come after, the strongest first. At most two strengths are said, and one at least
    where there is any.
    """
    totals = parts_by_concern(spoken, 0.0)
    strong = _able_strengths(spoken)
    ordered = sorted((concern for concern in totals if concern not in (NOT_KNOWN, REFERENCE)), key=totals.__getitem__)
    strengths = _speakers(strong, [each for each in ordered if totals[each] <= -LEAST_STRENGTH], strength=True)
    concerns = _speakers(spoken, [each for each in ordered[::-1] if totals[each] >= LEAST_CONCERN], strength=False)
    concerns = concerns[: MOST_REASONS - min(len(strengths), 1)]
    strengths = strengths[: min(MOST_STRENGTHS, MOST_REASONS - len(concerns))]
    return (
        *(_reason(each, as_of_date, is_strength=True) for each in strengths),
        *(_reason(each, as_of_date, is_strength=False) for each in concerns),
    )


def unknowns(spoken: Sequence[Spoken], not_asked: Mapping[str, str] = ALL_WERE_ASKED) -> tuple[Unknown, ...]:
    """Return what is not known of a family, each kind of gap once, in the order of the indicators.

    What concerns nobody in the family (the schooling of a baby) is no gap, nor what nobody has recorded of those whom
    it concerns, such as a term's attendance that is still to come. `not_asked` has the agency of each source that was
    not asked about the family.
    """
    gaps: dict[tuple[str, GapBecause], list[str]] = {}
    for each in spoken:
        match each.value.unknown:
            case None | "not_collected" | "not_applicable":
                continue
            case why:
                said = f"{each.indicator.unknown_means}: {_why_in_words(each.indicator, why, not_asked)}"
                gaps.setdefault((said, why), []).append(each.indicator.name)
    return tuple(Unknown(sentence=said, because=why, indicators=tuple(names)) for (said, why), names in gaps.items())


def nobody_asked(agencies: Iterable[str]) -> str:
    """Return in words that a request says of some agencies neither that they were asked nor what they have."""
    return f"by this request, nobody asked {enumerated(list(dict.fromkeys(agencies)))} about the family"


def _why_in_words(indicator: PlannedIndicator, why: GapBecause, not_asked: Mapping[str, str]) -> str:
    # Nobody has looked for a record: that none was found would not be true.
    agencies = [not_asked[each] for each in indicator.sources if each in not_asked] if why == "not_linked" else ()
    return nobody_asked(agencies) if agencies else BECAUSE_IN_WORDS[why]


def unranked(gaps: Sequence[Unknown]) -> tuple[Unknown, ...]:
    """Return gaps without the ranks that they could give."""
    return tuple(gap.model_copy(update={"could_place": None}) for gap in gaps)


def _concern(each: Spoken) -> str:
    return NOT_KNOWN if each.value.value is None else each.indicator.concern


def _speakers(spoken: Sequence[Spoken], concerns: Sequence[str], *, strength: bool) -> list[Spoken]:
    """Return for each concern the indicator whose part is greatest and whose sentence makes sense, where one does."""
    able: dict[str, list[Spoken]] = {concern: [] for concern in concerns}
    for each in spoken:
        part = each.value.part
        if (part < 0) != strength or (held := able.get(_concern(each))) is None:
            continue
        # Whether a sentence makes sense is asked of the greatest alone: of equals, the first.
        if not (held and abs(part) <= abs(held[0].value.part)) and each.speaks_for(strength=strength):
            held[:] = [each]
    return [max(those, key=lambda one: abs(one.value.part)) for those in able.values() if those]


def _able_strengths(spoken: Sequence[Spoken]) -> list[Spoken]:
    """Return what may speak for a strength: not that something never happened which could not have.

    A rate is not applicable where it concerns nobody, as attendance where no child is of school age, and not collected
    where there was nothing to measure. Where either holds of every rate of a concern, or of an agency, none of what it
    counts says anything good: that no baby was suspended is no strength.
    """
    rates: dict[str | tuple[str, ...], list[bool]] = {}
    for each in spoken:
        if gap_of(each.indicator.sentence) == "percent":
            for of in (each.indicator.concern, each.indicator.agencies):
                rates.setdefault(of, []).append(each.value.unknown in {"not_collected", "not_applicable"})
    nothing = {of for of, missing in rates.items() if all(missing)}
    return [
        each
        for each in spoken
        if each.value.value != 0 or not nothing & {each.indicator.concern, each.indicator.agencies}
    ]


def _reason(each: Spoken, as_of_date: date, *, is_strength: bool) -> Reason:
    latest = each.value.latest_event
    return Reason(
        concern=each.indicator.concern,
        sentence=each.sentence,
        indicator=each.indicator.name,
        agency=enumerated(each.value.agencies or each.indicator.agencies) or WHO_KNOWS_THEM,
        latest_date=latest,
        age=f"{duration((as_of_date - latest).days)} ago" if latest else "",
        is_strength=is_strength,
    )
