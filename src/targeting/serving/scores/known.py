"""A family as it is held: the current lists' own answer, never a second number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from targeting.errors import TargetingError
from targeting.serving.contents import Band, Flag, Passport
from targeting.serving.ids import score_id
from targeting.serving.library import Found
from targeting.serving.published import PublishedList
from targeting.serving.reasons import unranked
from targeting.serving.scores.answer import Score
from targeting.serving.scores.digest import values_digest
from targeting.serving.scores.estimate import (
    NO_PEOPLE,
    NO_RECORDS,
    Estimate,
    Estimates,
    Told,
    provenance_of,
    run_on,
    score_of,
)
from targeting.serving.scores.publication import Publication
from targeting.serving.scores.refusals import Refusal
from targeting.store.vocabularies import place_of


class NotReproducedError(TargetingError):
    """A published number that does not come out again, from the very data and model that the list names."""


def score_known(publication: Publication, family_id: str) -> Score:
    """Return what the lists say of a family: its flag's answer, or for one considered and not listed, its own.

    Raises Refusal where it went to the front door, is not among those considered, or is not held; NotReproducedError
    where its margin is not, to the bit, the one by which it was ranked.
    """
    (score,) = scores_known(publication, [family_id]).values()
    if isinstance(score, Refusal):
        raise score
    return score


def scores_known(publication: Publication, family_ids: Sequence[str]) -> Mapping[str, Score | Refusal]:
    """Return what the lists say of each of some families, or why nothing is said; one run of the plan for all of them.

    Raises NotReproducedError where a margin is not, to the bit, the one by which the family was ranked.
    """
    held = {family_id: _as_held_or_refused(publication, family_id) for family_id in dict.fromkeys(family_ids)}
    considered = {family_id: each for family_id, each in held.items() if isinstance(each, Considered)}
    found = {family_id: each for family_id, each in held.items() if not isinstance(each, Considered)}
    return {**found, **_on_demand(publication, considered)}


@dataclass(frozen=True)
class Considered:
    """A family that a list considered and did not list, and the margin by which it was ranked."""

    on: PublishedList
    margin: float


def _as_held_or_refused(publication: Publication, family_id: str) -> Score | Considered | Refusal:
    try:
        return _as_held(publication, family_id)
    except Refusal as refusal:
        return refusal


def _as_held(publication: Publication, family_id: str) -> Score | Considered:
    """Return the answer of a family's flag, or by what it was considered. Raises Refusal where neither is there."""
    if family_id in publication.flagged:
        return _as_published(publication, publication.flagged[family_id])
    _check_not_sent(publication, family_id)
    for each, families in publication.considered:
        place = place_of(family_id, among=families)
        if place is not None:
            return Considered(each, each.considered["margin"][place].as_py())
    check_is_held(publication, family_id)
    raise outside_cohort(publication)


def front_door(on: PublishedList, whys: list[str]) -> Refusal:
    """Return the refusal for a family that threshold rules send to the front door."""
    said = "; ".join(whys)
    return Refusal(
        "front-door", f"{said}. No estimate is given. {on.head.urgent}", {"why": whys, "urgent": on.head.urgent}
    )


def outside_cohort(publication: Publication) -> Refusal:
    """Return the refusal for a family of whom the model does not speak."""
    cohort = publication.plan.cohort
    speaks_of = f" It speaks of: {cohort.description}." if cohort else ""
    return Refusal(
        "outside-cohort", f"The model does not speak of this {publication.head.one} on that date.{speaks_of}"
    )


def check_is_held(publication: Publication, family_id: str) -> None:
    """Raise Refusal where the generation holds no such family."""
    try:
        publication.shards.shard_with([family_id])
    except KeyError:
        raise unknown_family(publication) from None


def unknown_family(publication: Publication) -> Refusal:
    """Return the refusal for a family that is not held."""
    return Refusal("unknown-family", f"No {publication.head.one} is held by that id.")


def _as_published(publication: Publication, found: Found) -> Score:
    on, flag, passport = found.on, found.flag, found.passport
    (band, probability), digest = _estimate_of(flag, passport), values_digest(passport.indicators)
    return Score(
        id=score_id(on.head.id, flag.family_id, on.head.as_of_date.isoformat(), digest),
        family_id=flag.family_id,
        provisional=False,
        as_of_date=on.head.as_of_date,
        list_id=on.head.id,
        flag_id=flag.id,
        band=band,
        probability=probability,
        reasons=flag.reasons,
        unknowns=unranked(flag.unknowns),
        expires_on=flag.expires_on,
        records=NO_RECORDS,
        people=NO_PEOPLE,
        provenance=provenance_of(publication, on, digest),
        urgent=on.head.urgent,
    )


def no_estimate() -> Refusal:
    """Return the refusal where a points rule orders the lists."""
    return Refusal("no-list-published", "The current lists are ordered by a points rule, and no estimate is given.")


def _estimate_of(flag: Flag, passport: Passport) -> tuple[Band, float]:
    if flag.band is None or passport.probability is None:
        raise no_estimate()
    return flag.band, passport.probability


def _check_not_sent(publication: Publication, family_id: str) -> None:
    for each in publication.lists:
        whys = [sent.why for sent in each.front_door if family_id in sent.families]
        if whys:
            raise front_door(each, whys)


def _on_demand(publication: Publication, considered: Mapping[str, Considered]) -> Mapping[str, Score]:
    if not considered:
        return {}
    on_date, shard = publication.as_of_date, publication.shards.shard_with(sorted(considered))
    made = Estimates(publication, run_on(publication, publication.plan, shard, on_date))
    return {
        family_id: score_of(
            _as_ranked(made, family_id, each), each.on, publication, Told(family_id=family_id, as_of_date=on_date)
        )
        for family_id, each in considered.items()
    }


def _as_ranked(made: Estimates, family_id: str, considered: Considered) -> Estimate:
    """Return a family's numbers. Raises NotReproducedError where its margin is not the one by which it was ranked."""
    estimate = made.of(family_id) if family_id in made else None
    if estimate is None or estimate.margin != considered.margin:
        raise NotReproducedError(
            f"list {considered.on.head.id}: the margin of one that it considered does not come out again, to the bit, "
            "from the generation and the bundle that it names. Nothing is said of it; publish the next date's lists."
        )
    return estimate
