"""What changed since the list before, and how sure a rank is, in sentences without a number of the model's own."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from targeting.serving.contents import IndicatorValue, ListHead, Reason
from targeting.serving.ledger import cause_of
from targeting.serving.moved import Cause, Change, Ledger, NewRecords, Places, RankPart, RankRange
from targeting.serving.past import Before, Standing
from targeting.serving.reasons import LEAST_CONCERN
from targeting.serving.sentences import CANNOT_BE_TOLD, between, count_of, in_words, ordinal
from targeting.store.known_then import FactIds, are_among

# What a cause is called to those who read a list; new records are told apart, reason by reason.
CAUSES_IN_WORDS: Mapping[Cause, str] = {
    "model": "Another version of the model makes the list now",
    "linkage": "What is known of who belongs here, or of which agencies know them, has changed",
    "feed_outage": "An agency stopped sharing records, or shares them again",
    "ageing_out": "Older records no longer count, and ages have moved on",
    "new_evidence": "Records are new, or were corrected or closed",
}


def rank_range(
    rank: int, by_models: Places | None, by_unknowns: Places | None, *, has_untold_gap: bool = False
) -> RankRange:
    """Return between which ranks a family lies, by whatever there is to tell it from, and why.

    Of an untold gap too few others know what would fill it.
    """
    told = [each for each in (by_models, by_unknowns) if each is not None]
    best, worst = min([rank, *(each.best for each in told)]), max([rank, *(each.worst for each in told)])
    return RankRange(
        best=best,
        worst=worst,
        by_models=by_models,
        by_unknowns=by_unknowns,
        sentence=between(best, worst),
        why=tuple(_why((best, worst), by_models, by_unknowns, has_untold_gap=has_untold_gap)),
    )


def _why(
    whole: tuple[int, int], by_models: Places | None, by_unknowns: Places | None, *, has_untold_gap: bool
) -> Iterator[str]:
    """Yield what each source tells; the range itself is not said twice."""
    if by_models is not None:
        so = (by_models.best, by_models.worst) == whole
        said = "place it there too" if so else f"place it {between(by_models.best, by_models.worst)}"
        yield f"Other models that did as well in tests {said}"
    if by_unknowns is not None and by_unknowns.best == by_unknowns.worst:
        if not has_untold_gap:
            yield "What is not known would not move it"
    elif by_unknowns is not None:
        so = (by_unknowns.best, by_unknowns.worst) == whole
        said = "move it that far" if so else f"move it {between(by_unknowns.best, by_unknowns.worst)}"
        yield f"What is not known could {said}"
    if has_untold_gap:
        yield CANNOT_BE_TOLD


def newly_recorded(
    reasons: Sequence[Reason],
    values: Sequence[IndicatorValue],
    kinds: Mapping[str, Sequence[str]],
    known_then: Callable[[str], FactIds],
) -> tuple[NewRecords, ...]:
    """Return for each reason how many of the records behind it were not known then; reasons without any left out."""
    facts = {each.name: each.fact_ids for each in values}
    found = []
    for reason in reasons:
        ids = np.asarray(facts[reason.indicator], dtype=np.int64)
        new = ~np.any([are_among(ids, known_then(kind)) for kind in kinds[reason.indicator]] or [ids < 0], axis=0)
        if new.any():
            records = int(np.count_nonzero(new))
            said = f"{count_of(records, 'new record')} on {reason.concern}, from {reason.agency}"
            found.append(NewRecords(indicator=reason.indicator, records=records, sentence=said))
    return tuple(found)


def change(head: ListHead, before: Before, standing: Standing | None, ledger: Ledger | None) -> Change:
    """Return what changed for a family since the list before, but for its new records."""
    if standing is None or ledger is None:
        return _newly_considered(head, before)
    was_listed = standing.family_id in before.listed
    there = "on the list" if was_listed else "not on the list"
    merged = (f"The records of another {head.one} are now known to belong here",) if standing.merged else ()
    return Change(
        since=before.head.as_of_date,
        standing="merged" if standing.merged else "considered",
        rank_before=standing.rank,
        was_listed=was_listed,
        new_records=(),
        because=(*merged, *because(ledger, head)),
        sentence=f"On {in_words(before.head.as_of_date)} this {head.one} was {ordinal(standing.rank)} and {there}",
    )


def _newly_considered(head: ListHead, before: Before) -> Change:
    since = before.head.as_of_date
    return Change(
        since=since,
        standing="newly_considered",
        rank_before=None,
        was_listed=False,
        new_records=(),
        because=(),
        sentence=f"On {in_words(since)} this {head.one} was not among those considered",
    )


def because(ledger: Ledger, head: ListHead) -> Iterator[str]:
    """Yield each cause that moved the estimate as far as a concern must, or the place at all: told places sum."""
    for cause, said in CAUSES_IN_WORDS.items():
        part, places = cause_of(ledger, cause)
        if abs(part) >= LEAST_CONCERN or places:
            yield f"{said}: {_moved(places)}"
    others, line = (_part(ledger.places, cause) for cause in ("other_families", "capacity"))
    if others:
        yield f"Other {head.many} moved: {_moved(others)}"
    if line:
        more = "more" if line > 0 else "fewer"
        yield f"The meeting has time for {abs(line):,} {more}"


def _part(parts: Sequence[RankPart], cause: str) -> int:
    return next(each.places for each in parts if each.cause == cause)


def _moved(places: int) -> str:
    if not places:
        return "the same place"
    return f"{count_of(abs(places), 'place')} {'up' if places > 0 else 'down'}"
