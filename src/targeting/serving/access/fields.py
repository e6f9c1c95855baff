"""Which reasons a reader may see: what an agency may not show to the reader becomes `held by` it, and no more."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from targeting.serving.access.reader import Reader
from targeting.serving.contents import Published, Reason, Unknown
from targeting.serving.reasons import WHO_KNOWS_THEM
from targeting.serving.sentences import count_of
from targeting.sources.definition import Source, Tier

HEALTH = "health"
UNNAMED = "another agency"


class Withheld(Published):
    """How many reasons an agency holds that this reader may not see; health is named as a whole."""

    held_by: str
    reasons: int
    sentence: str


@dataclass(frozen=True)
class Said:
    """What a reader sees of a family's reasons and unknowns."""

    reasons: tuple[Reason, ...]
    unknowns: tuple[Unknown, ...]
    withheld: tuple[Withheld, ...]


@dataclass(frozen=True)
class Agency:
    """One agency by its sources: their strictest `may_show_to`, and whether any is of health."""

    name: str
    may_show_to: frozenset[str]
    tier: Tier

    @property
    def held_by(self) -> str:
        """Return how the agency is named to whom its records are not shown: which part of health, nobody need know."""
        return HEALTH if self.tier == "health" else self.name


def agencies_of(sources: Iterable[Source]) -> Mapping[str, Agency]:
    """Return every agency by its name; with several sources it shows to whom all of them may be shown, alone."""
    made: dict[str, Agency] = {}
    for each in sources:
        held = made.get(each.agency, Agency(each.agency, each.may_show_to, each.tier))
        tier: Tier = HEALTH if HEALTH in (each.tier, held.tier) else each.tier
        made[each.agency] = Agency(each.agency, held.may_show_to & each.may_show_to, tier)
    return made


class Fields:
    """What readers may see of families, by the agencies that the district declares now."""

    def __init__(self, agencies: Mapping[str, Agency]) -> None:
        self._agencies = agencies
        self._longest_first = sorted(agencies, key=len, reverse=True)

    def shown_to(self, reader: Reader, *, is_involved: bool) -> frozenset[str]:
        """Return the agencies whose records a reader may see; one's own always are."""
        reads_for = reader.reads_for(is_involved=is_involved)
        return frozenset(
            name for name, agency in self._agencies.items() if agency.may_show_to & reads_for or name == reader.agency
        )

    def holder_of(self, agency: str) -> str:
        """Return how an agency is named to whom its records are not shown; one that is not declared has no name."""
        held = self._agencies.get(agency)
        return held.held_by if held else UNNAMED

    def said(
        self,
        reasons: Sequence[Reason],
        unknowns: Sequence[Unknown],
        shown: frozenset[str],
        agencies_behind: Callable[[str], Iterable[str]],
    ) -> Said:
        """Return what of the reasons and unknowns a reader sees to whom the agencies `shown` are.

        `agencies_behind` names those behind an indicator. That an agency has no record of a family is a fact that it
        holds of the family; that it shares nothing, or no longer, is known of everybody.
        """
        behind = [self._named_in(each.agency, shown) for each in reasons]
        hidden = [names for names in behind if not shown.issuperset(names)]
        held = Counter(self._held_by(names, shown) for names in hidden)
        return Said(
            reasons=tuple(reason for reason, names in zip(reasons, behind, strict=True) if shown.issuperset(names)),
            unknowns=tuple(each for each in unknowns if _may_be_told(each, shown, agencies_behind)),
            withheld=tuple(
                Withheld(held_by=name, reasons=number, sentence=f"{count_of(number, _HELD)} by {name}")
                for name, number in sorted(held.items())
            ),
        )

    def _named_in(self, text: str, shown: frozenset[str]) -> tuple[str, ...]:
        """Return the agencies that a reason names, set apart by commas or the last by "and"; none where it names none.

        An agency that is not declared has no name here, and is shown to nobody. What whoever knows the family knows is
        shown to whom any agency's records are.
        """
        if text == WHO_KNOWS_THEM and shown:
            return ()
        found = []
        while text:
            name = next(
                (each for each in self._longest_first if text == each or text.startswith(_followed(each))), None
            )
            if name is None:
                return ("",)
            found.append(name)
            text = text[len(name) :].removeprefix(", ").removeprefix(" and ")
        return tuple(found)

    def _held_by(self, names: tuple[str, ...], shown: frozenset[str]) -> str:
        hidden = [self._agencies.get(name) for name in names if name not in shown]
        return " and ".join(sorted({each.held_by if each else UNNAMED for each in hidden}))


def _followed(name: str) -> tuple[str, ...]:
    return f"{name}, ", f"{name} and "


_HELD = "reason is held|reasons are held"


def _may_be_told(unknown: Unknown, shown: frozenset[str], behind: Callable[[str], Iterable[str]]) -> bool:
    if unknown.because != "not_linked":
        return True
    return all(shown.issuperset(behind(indicator)) for indicator in unknown.indicators)
