"""What a declaration is compiled against: the contract, the sources, the classes of attributes, the model's purpose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import get_args

from targeting.records.attributes import AttributeRule
from targeting.records.contract import Contract
from targeting.records.terms import Term
from targeting.sources.definition import AnyExtract, Extract, Source, Tier

TIERS: tuple[Tier, ...] = get_args(Tier)


@dataclass(frozen=True, kw_only=True)
class CompileRules:
    """What the compiler holds a model to: its purpose and data tier, and what is declared and reviewed `on` a date."""

    contract: Contract
    sources: Sequence[Source]
    attributes: Mapping[str, AttributeRule]
    purpose: str
    tier: Tier
    on: date
    terms: Sequence[Term] = ()

    @cached_property
    def _shared_kinds(self) -> tuple[frozenset[str], ...]:
        # Asked of every selection of every indicator; made once.
        return tuple(shared_kinds(source) for source in self.sources)

    def sharing(self, kind: str) -> tuple[Source, ...]:
        """Return the sources that share a kind of fact."""
        return tuple(source for source, kinds in zip(self.sources, self._shared_kinds, strict=True) if kind in kinds)

    def within_tier(self, kind: str) -> tuple[Source, ...]:
        """Return the sources that share a kind of fact with a model of this tier."""
        return tuple(source for source in self.sharing(kind) if TIERS.index(source.tier) <= TIERS.index(self.tier))


def shared_kinds(source: Source) -> frozenset[str]:
    """Return the kinds of fact that a source shares: those its extracts make, as far as its coverage names them."""
    made = frozenset(kind for extract in source.extracts for kind in _made_by(extract))
    return frozenset(kind for coverage in source.coverage for kind in (coverage.kinds or made)) & made


def _made_by(extract: AnyExtract) -> frozenset[str]:
    if isinstance(extract, Extract):
        return frozenset(fact.kind for fact in extract.facts)
    # The readers of returns and workbooks take longer to import than a matrix to compute.
    from targeting.sources.formats import kinds_of  # noqa: PLC0415

    return kinds_of(extract)
