"""What is answered to requests that bring people or records: all those of one day in one run of each plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from targeting.serving.published import PublishedList
from targeting.serving.scores.answer import Score
from targeting.serving.scores.estimate import Families, Told, score_of
from targeting.serving.scores.known import front_door, outside_cohort
from targeting.serving.scores.publication import Publication
from targeting.serving.scores.refusals import Refusal
from targeting.store.blocks import Shard
from targeting.store.side_by_side import side_by_side


@dataclass(frozen=True)
class Brought:
    """One family as held and as sent, in a shard of its own, and what the request brought."""

    shard: Shard
    told: Told


def scores_of(publication: Publication, brought: Sequence[Brought]) -> list[Score | Refusal]:
    """Return the answer to each of some requests of one day, or why there is none."""
    with_family = [each for each in brought if len(each.shard.family_ids)]
    if not with_family:
        return [outside_cohort(publication) for _ in brought]
    shards = [each.shard for each in with_family]
    families = Families(
        publication, shards[0] if len(shards) == 1 else side_by_side(shards), with_family[0].told.as_of_date
    )
    names = iter(families.shard.family_ids.tolist())
    return [
        _answer(families, next(names), each.told) if len(each.shard.family_ids) else outside_cohort(publication)
        for each in brought
    ]


def _answer(families: Families, family_id: str, told: Told) -> Score | Refusal:
    try:
        considered_for = _list_of(families, family_id)
    except Refusal as refusal:
        return refusal
    return score_of(families.estimates.of(family_id), considered_for, families.publication, told)


def _list_of(families: Families, family_id: str) -> PublishedList:
    """Return the list that would consider a family. Raises Refusal where none would, or a rule sends it elsewhere."""
    lists = families.lists(family_id) if family_id in families.in_models_cohort else ()
    if not lists:
        raise outside_cohort(families.publication)
    whys = [rule.why for rule in families.rules_that_hold(family_id, lists[0])]
    if whys:
        raise front_door(lists[0], whys)
    return lists[0]
