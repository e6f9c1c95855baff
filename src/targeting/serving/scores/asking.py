"""Which sources were asked about the people of a request: of those that nobody holds, the others cannot say."""

from collections.abc import Sequence
from dataclasses import replace

from targeting.features.plan import PlannedSource
from targeting.serving.scores.meaning import Named
from targeting.serving.scores.publication import Publication
from targeting.serving.scores.refusals import Refusal
from targeting.serving.scores.request import ScoreRequest
from targeting.serving.sentences import enumerated
from targeting.store.blocks import Shard


def check_sources_asked(request: ScoreRequest, publication: Publication) -> None:
    """Raise Refusal, with each source named that does not exist, where there is any."""
    why = f"there is no such source. Those that exist: {', '.join(publication.sources)}"
    faults = [
        {"index": index, "why": why}
        for index, name in enumerate(request.sources_asked)
        if name not in publication.sources
    ]
    if faults:
        said = "1 source" if len(faults) == 1 else f"{len(faults)} sources"
        raise Refusal("source-not-usable", f"{said} named in sources_asked cannot be used: {why}.", {"sources": faults})


def not_asked(request: ScoreRequest, named: Named, publication: Publication) -> tuple[str, ...]:
    """Return the sources that the model, a list or a rule reads and nobody asked about the people of a request.

    None where anybody of them is held: the load looked them up in every source.
    """
    if named.anybody_is_held:
        return ()
    known = (known.source for each in request.people for known in each.known_to)
    asked = {*request.sources_asked, *known, *(each.source for each in request.records)}
    return tuple(sorted(publication.sources_read() - asked))


def of_all_families(shard: Shard, sources: Sequence[str]) -> Shard:
    """Return a shard about whose families some sources were not asked."""
    if not sources:
        return shard
    pairs = ((family, source) for family in shard.family_ids.tolist() for source in sources)
    return replace(shard, not_asked=frozenset(pairs))


def to_be_asked(publication: Publication, sources: Sequence[PlannedSource], in_doubt: Sequence[str]) -> Refusal:
    """Return the refusal where it turns on sources that were not asked whether the model speaks of a family.

    `in_doubt` says why the front door might be the place for it today, by threshold rules that turn on such sources.
    """
    names, head = [each.name for each in sources], publication.head
    detail = (
        f"Whether the model speaks of this {head.one} turns on what {enumerated(agencies_of(sources))} would say, and "
        f"by this request nobody asked. Ask, and name in sources_asked who was asked: {', '.join(names)}."
    )
    if not in_doubt:
        return Refusal("sources-not-asked", detail, {"sources": names})
    said = f"Nor is it known whether it should go to the front door today. {it_should_if(in_doubt)}. {head.urgent}"
    extra = {"sources": names, "in_doubt": list(in_doubt), "urgent": head.urgent}
    return Refusal("sources-not-asked", f"{detail} {said}", extra)


def it_should_if(whys: Sequence[str]) -> str:
    """Return in words by which threshold rules a family should go to the front door: none is known to hold."""
    return f"It should if this holds: {'; or this: '.join(whys)}"


def agencies_of(sources: Sequence[PlannedSource]) -> Sequence[str]:
    """Return whose the sources are, each agency once."""
    return list(dict.fromkeys(each.agency for each in sources))
