"""What is answered to requests that bring people or records: all those of one day in one run of each plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from targeting.serving.contents import Unknown
from targeting.serving.published import PublishedList
from targeting.serving.reasons import nobody_asked
from targeting.serving.scores.answer import Score
from targeting.serving.scores.asking import agencies_of, it_should_if, to_be_asked
from targeting.serving.scores.estimate import Told, score_of
from targeting.serving.scores.families import Families
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
    score = score_of(families.estimates.of(family_id), considered_for, families.publication, told)
    in_doubt = _in_doubt(families, family_id, considered_for)
    return score.model_copy(update={"unknowns": (*in_doubt, *score.unknowns)}) if in_doubt else score


def _in_doubt(families: Families, family_id: str, on: PublishedList) -> tuple[Unknown, ...]:
    """Return that it is not known whether a threshold rule sends a family to the front door, for each such rule."""
    return tuple(
        Unknown(
            sentence=f"Whether the {on.head.one} should go to the front door today is not known: "
            f"{nobody_asked(agencies_of(sources))}. {it_should_if([rule.why])}",
            because="not_linked",
            indicators=(),
        )
        for rule, sources in families.rules_in_doubt(family_id, on)
    )


def _on_no_list(families: Families, family_id: str) -> Refusal:
    """Return why no list would consider a family, or may not: a rule that holds whoever is asked comes first."""
    publication, sources = families.publication, families.to_ask_for_a_list(family_id)
    if not sources:
        return outside_cohort(publication)
    first = publication.lists[0]
    whys = [rule.why for rule in families.rules_that_hold(family_id, first)]
    if whys:
        return front_door(first, whys)
    in_doubt = [rule.why for rule, _ in families.rules_in_doubt(family_id, first)]
    return to_be_asked(publication, sources, in_doubt)


def _list_of(families: Families, family_id: str) -> PublishedList:
    """Return the list that would consider a family.

    Raises Refusal where none would, or that turns on agencies not asked, and where a rule sends the family elsewhere.
    """
    lists = families.lists(family_id) if family_id in families.in_models_cohort else ()
    if not lists:
        raise _on_no_list(families, family_id)
    whys = [rule.why for rule in families.rules_that_hold(family_id, lists[0])]
    if whys:
        raise front_door(lists[0], whys)
    return lists[0]
