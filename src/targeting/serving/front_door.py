"""Families who do not wait for a meeting: threshold rules send them to the front door before a list is published."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from targeting.serving.contents import SentToFrontDoor
from targeting.serving.definition import ThresholdRule


def sent_to_front_door(
    rules: Sequence[ThresholdRule], in_cohort: Mapping[str, NDArray[np.bool_]], family_ids: NDArray[np.str_]
) -> tuple[SentToFrontDoor, ...]:
    """Return the families that each rule sends, in the order of the rules; rules that send nobody are left out.

    `in_cohort` says by cohort which of `family_ids` are in it. A family that two rules send is named under both.
    """
    sent = [(rule, family_ids[in_cohort[rule.cohort]].tolist()) for rule in rules]
    return tuple(
        SentToFrontDoor(rule=rule.name, why=rule.why, families=tuple(families)) for rule, families in sent if families
    )


def everyone_sent(sent: Sequence[SentToFrontDoor]) -> frozenset[str]:
    """Return every family that any rule sends, once."""
    return frozenset(family for each in sent for family in each.families)
