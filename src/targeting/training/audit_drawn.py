"""What the sections of an audit draw on: the rows that were audited, and the records behind them."""

from dataclasses import dataclass

import numpy as np

from targeting.fairness.audit_input import AuditInput
from targeting.fairness.coarse import coarse_share
from targeting.fairness.definition import Attribute, Policy
from targeting.fairness.grouping import Grouping, grouping
from targeting.fairness.results import Number
from targeting.records.contract import Contract
from targeting.store.generations import Generation
from targeting.training.audit_attributes import People, words_of
from targeting.training.audit_units import Mask, Texts
from targeting.training.judgement import Predictions


@dataclass(frozen=True)
class Drawn:
    """What the sections draw on: the rows that were audited, which of them the main cut lists, and the records."""

    predictions: Predictions
    people: People
    given: AuditInput
    listed: Mask
    policy: Policy
    contract: Contract

    @property
    def generation(self) -> Generation:
        """The records behind."""
        return self.people.generation

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """The attributes that gating comparisons name; others would repeat what their tables say."""
        named = dict.fromkeys(gating.attribute for gating in self.policy.gating)
        found = (self.policy.attribute_named(name) for name in named)
        return tuple(attribute for attribute in found if attribute is not None and attribute.column is not None)

    @property
    def last_day(self) -> np.int32:
        """The last date that was scored, as days since 1970."""
        return np.int32(self.predictions.as_of_date.astype("datetime64[D]").astype(np.int32).max())

    def groups(self, attribute: Attribute, values: Texts) -> Grouping:
        """Return the groups of an attribute over some people's values."""
        words = {attribute.name: words_of(attribute, self.contract)}
        return grouping(attribute, {attribute.name: values}, {attribute.name: attribute}, words)

    def label(self, attribute: Attribute, group: str) -> str:
        """Return what a row of a table is called."""
        words = words_of(attribute, self.contract).get(group, group)
        return f"{attribute.name.replace('_', ' ').capitalize()}: {words}"

    def share(self, number: float, out_of: float, *, people: int | None = None) -> Number:
        """Return a share as coarse as the policy's disclosure asks."""
        return coarse_share(number, out_of, self.policy.disclosure, people=people)

    def persons(self, mask: Mask) -> int:
        """Return how many people some of the rows are of."""
        return len(np.unique(self.given.entity[mask]))
