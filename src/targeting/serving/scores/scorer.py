"""Answers what is asked about one family."""

from collections.abc import Set as AbstractSet
from datetime import date, timedelta

from targeting.errors import DataError
from targeting.features.engine import as_of_days
from targeting.records.contract import Contract
from targeting.serving.published import PublishedList
from targeting.serving.scores.already_held import Compared
from targeting.serving.scores.answer import PeopleCounted, RecordsCounted, Score
from targeting.serving.scores.checking import Checks, SentFact
from targeting.serving.scores.estimate import OneFamily, Told, score_of
from targeting.serving.scores.household import Household
from targeting.serving.scores.known import front_door, no_estimate, outside_cohort, score_known
from targeting.serving.scores.meaning import Finder, Named, check_people, not_held
from targeting.serving.scores.publication import Publication, read_publication
from targeting.serving.scores.refusals import Refusal
from targeting.serving.scores.request import TARGETING, FamilyIdentifier, ScoreRequest, score_request
from targeting.serving.served import Served
from targeting.serving.week import MOST_DAYS_WITHOUT_DATA
from targeting.store.kept import Kept

# A week's panels ask about some hundreds of families; each answer takes a few kilobytes.
MOST_ANSWERS = 2000


class Scorer:
    """Answers requests about one family, from the lists that are current and all that made them.

    `request_model` is what a request must fit: made from the contract. Safe to use from several threads.
    """

    def __init__(self, served: Served, *, contract: Contract, identity_key: bytes) -> None:
        self.request_model = score_request(contract)
        self._served, self._contract, self._identity_key = served, contract, identity_key
        self._publications: Kept[tuple[str, ...], Publication] = Kept(1)
        self._answers: Kept[tuple[str, str], Score] = Kept(MOST_ANSWERS)

    def score(self, request: ScoreRequest, *, sealed: AbstractSet[str] = frozenset()) -> Score:
        """Return the answer to a request: for a family alone the lists' own, with people or records a provisional one.

        Of `sealed` families nothing is said, not even that they are held. Raises Refusal where there is no answer,
        TargetingError where what made the lists is not there as it was.
        """
        publication = self._publication()
        if request.family is not None and request.is_of_the_held_alone:
            return self._known(publication, request.family, request.as_of_date, sealed)
        return self._provisional(publication, request, sealed)

    def made(self, request: ScoreRequest, *, sealed: AbstractSet[str] = frozenset()) -> Score | None:
        """Return the answer to a request for a family alone by its own id that was made already; else None."""
        family, lists = request.family, self._served.library.current()
        if family is None or family.system != TARGETING or not request.is_of_the_held_alone or not lists:
            return None
        if request.as_of_date is not None or family.value in sealed:
            return None
        return self._answers.kept((lists[0].head.id, family.value))

    def _publication(self) -> Publication:
        lists = self._served.library.current()
        if not lists:
            raise Refusal("no-list-published", "No list is published yet, so there is nothing to answer from.")
        if lists[0].head.ordered_by == "points_rule":
            raise no_estimate()
        ids = tuple(each.head.id for each in lists)
        return self._publications.get(ids, lambda: read_publication(self._served, lists))

    def _known(
        self, publication: Publication, family: FamilyIdentifier, as_of_date: date | None, sealed: AbstractSet[str]
    ) -> Score:
        if as_of_date is not None:
            detail = f"Without people and records the answer is the current list's, as of {publication.as_of_date}: "
            raise Refusal("date-not-usable", f"{detail}leave as_of_date out.")
        family_id = Finder(publication, self._identity_key, publication.as_of_date).family_of(family)
        if family_id in sealed:
            raise not_held(publication, family, publication.as_of_date)
        key = publication.head.id, family_id
        return self._answers.get(key, lambda: score_known(publication, family_id))

    def _provisional(self, publication: Publication, request: ScoreRequest, sealed: AbstractSet[str]) -> Score:
        on = _as_of_date(publication, request)
        named = Finder(publication, self._identity_key, on).named(request)
        if named.family_id in sealed:
            raise not_held(publication, request.family, on)
        check_people(request.people, named, publication.sources)
        facts = Checks(publication, named, on, request.people).usable(request.records)
        household = Household(publication, self._contract, self._identity_key, named)
        shard, compared = household.merged(request, facts, on)
        family = OneFamily(publication, shard, on)
        considered_for = _list_of(family)
        told = Told(
            family_id=named.family_id,
            as_of_date=on,
            records=_records(facts, compared, publication),
            people=_people(request, named),
        )
        return score_of(family.estimate(), considered_for, publication, told)


def _as_of_date(publication: Publication, request: ScoreRequest) -> date:
    """Return the day of a provisional answer. Raises Refusal where the lists or the data do not allow it."""
    on, first = request.as_of_date or publication.as_of_date, publication.as_of_date
    last = publication.shards.generation.data_until + timedelta(days=MOST_DAYS_WITHOUT_DATA)
    if not first <= on <= max(first, last):
        raise Refusal("date-not-usable", f"An answer can be given as of {first} to {max(first, last)}.")
    try:
        for plan in publication.plans:
            as_of_days(plan, [on])
    except DataError:
        detail = f"The school terms that the model was made with do not reach that day: ask as of {first}."
        raise Refusal("date-not-usable", detail) from None
    return on


def _list_of(family: OneFamily) -> PublishedList:
    """Return the list that would consider a family. Raises Refusal where none would, or a rule sends it elsewhere."""
    lists = family.lists() if family.is_in_cohort else ()
    if not lists:
        raise outside_cohort(family.publication)
    whys = [rule.why for rule in family.rules_that_hold(lists[0])]
    if whys:
        raise front_door(lists[0], whys)
    return lists[0]


def _records(facts: tuple[SentFact, ...], compared: Compared, publication: Publication) -> RecordsCounted:
    not_read = [each for each in facts if not publication.reads(each.record.kind, each.record.source)]
    return RecordsCounted(received=len(facts), already_held=compared.already_held, not_read=len(not_read))


def _people(request: ScoreRequest, named: Named) -> PeopleCounted:
    held = [each for each in request.people if named.id_of(each.person) in named.members]
    return PeopleCounted(received=len(request.people), already_held=len(held))
