"""Answers what is asked about one family."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from targeting.errors import DataError
from targeting.features.engine import as_of_days
from targeting.records.contract import Contract
from targeting.serving.jobs.files import JobFiles
from targeting.serving.published import PublishedList
from targeting.serving.scores.already_held import Compared
from targeting.serving.scores.answer import PeopleCounted, RecordsCounted, Score
from targeting.serving.scores.asking import check_sources_asked, not_asked, of_all_families
from targeting.serving.scores.checking import Checks, SentFact
from targeting.serving.scores.estimate import Told
from targeting.serving.scores.household import Household
from targeting.serving.scores.known import check_is_held, no_estimate, score_known, scores_known
from targeting.serving.scores.meaning import Finder, Named, check_people
from targeting.serving.scores.provisional import Brought, scores_of
from targeting.serving.scores.publication import Publication, read_publication
from targeting.serving.scores.refusals import Refusal
from targeting.serving.scores.request import TARGETING, FamilyIdentifier, ScoreRequest, score_request
from targeting.serving.scores.successors import Successors
from targeting.serving.served import Served
from targeting.serving.week import MOST_DAYS_WITHOUT_DATA
from targeting.store.kept import Kept

# A week's panels ask about some hundreds of families; each answer takes a few kilobytes.
MOST_ANSWERS = 2000


@dataclass(frozen=True, kw_only=True)
class FamilyMeant:
    """A family by its own id, on a date; `successors` are those that it went on as, where it has ended since."""

    family_id: str
    as_of_date: date
    successors: tuple[str, ...]


class Scorer:
    """Answers requests about one family, from the lists that are current and all that made them.

    `request_model` is what a request must fit: made from the contract. Safe to use from several threads.
    """

    def __init__(self, served: Served, *, contract: Contract, identity_key: bytes) -> None:
        self.request_model = score_request(contract)
        self.successors = Successors(served.data)
        self._served, self._contract, self._identity_key = served, contract, identity_key
        self._publications: Kept[tuple[str, ...], Publication] = Kept(1)
        self._answers: Kept[tuple[str, str], Score] = Kept(MOST_ANSWERS)

    def score(self, request: ScoreRequest, *, hidden: AbstractSet[str] = frozenset()) -> Score:
        """Return the answer to a request: for a family alone the lists' own, with people or records a provisional one.

        It is as if the families that are `hidden` were not held, nor whoever they alone have. Raises Refusal where
        there is no answer, TargetingError where what made the lists is not there as it was.
        """
        publication = self._publication()
        if request.family is not None and request.is_of_the_held_alone:
            return self._known(publication, request, request.family, hidden)
        return self._provisional(publication, request, hidden)

    def made(self, request: ScoreRequest, *, hidden: AbstractSet[str] = frozenset()) -> Score | None:
        """Return the answer to a request for a family alone by its own id that was made already; else None."""
        family, lists = request.family, self._served.library.current()
        if family is None or family.system != TARGETING or not request.is_of_the_held_alone or not lists:
            return None
        if request.as_of_date is not None or request.sources_asked or family.value in hidden:
            return None
        return self._answers.kept((lists[0].head.id, family.value))

    def score_all(
        self, requests: Sequence[ScoreRequest], *, lists: Sequence[str], hidden: AbstractSet[str] = frozenset()
    ) -> list[Score | Refusal]:
        """Return the answer to each request from the lists named, as `score` gives it, or why there is none.

        Families alone are answered together, in one run of the plan, and so are those with records. Raises
        TargetingError where what made the lists is not there as it was.
        """
        publication = self._publication_of(self._lists(lists))
        meant = [self._held_alone(publication, each, hidden) for each in requests]
        known = scores_known(publication, [each for each in meant if isinstance(each, str)])
        others = [request for each, request in zip(meant, requests, strict=True) if each is None]
        brought = iter(self._provisional_all(publication, others, hidden))
        return [known[each] if isinstance(each, str) else each or next(brought) for each in meant]

    def find(self, family: FamilyIdentifier, *, hidden: AbstractSet[str] = frozenset()) -> FamilyMeant:
        """Return the family that an identifier means on the date of the current lists; one that has ended too.

        Raises Refusal where none is held by it, or more than one.
        """
        publication = self._publication_of(self._published())
        family_id = self._family_meant(publication, family, hidden)
        successors = tuple(each for each in self.successors.of(family_id) if each not in hidden)
        if not successors:
            check_is_held(publication, family_id)
        return FamilyMeant(family_id=family_id, as_of_date=publication.as_of_date, successors=successors)

    def current_lists(self) -> tuple[str, ...]:
        """Return the ids of the current lists. Raises Refusal before the first publication."""
        return tuple(each.head.id for each in self._current())

    def files_of(self, job_id: str) -> JobFiles:
        """Return the files of a scoring job."""
        return JobFiles(self._served.data, job_id, key=self._identity_key)

    def _lists(self, ids: Sequence[str]) -> tuple[PublishedList, ...]:
        found = [self._served.library.list(each) for each in ids]
        lists = tuple(each for each in found if each is not None)
        if not lists or len(lists) < len(ids):
            raise DataError("a list that a scoring job is answered from is not published any more.")
        return lists

    def _held_alone(
        self, publication: Publication, request: ScoreRequest, hidden: AbstractSet[str]
    ) -> str | Refusal | None:
        """Return the family that a request for a family alone means, or why there is none; None for another request."""
        if request.family is None or not request.is_of_the_held_alone:
            return None
        try:
            _check_held_alone(publication, request)
            return self._family_meant(publication, request.family, hidden)
        except Refusal as refusal:
            return refusal

    def _publication(self) -> Publication:
        return self._publication_of(self._current())

    def _published(self) -> tuple[PublishedList, ...]:
        lists = self._served.library.current()
        if not lists:
            raise Refusal("no-list-published", "No list is published yet, so there is nothing to answer from.")
        return lists

    def _current(self) -> tuple[PublishedList, ...]:
        """Return the current lists, from which an estimate is given. Raises Refusal where points order them."""
        lists = self._published()
        if lists[0].head.ordered_by == "points_rule":
            raise no_estimate()
        return lists

    def _publication_of(self, lists: tuple[PublishedList, ...]) -> Publication:
        ids = tuple(each.head.id for each in lists)
        return self._publications.get(ids, lambda: read_publication(self._served, lists))

    def _known(
        self, publication: Publication, request: ScoreRequest, family: FamilyIdentifier, hidden: AbstractSet[str]
    ) -> Score:
        _check_held_alone(publication, request)
        family_id = self._family_meant(publication, family, hidden)
        key = publication.head.id, family_id
        return self._answers.get(key, lambda: score_known(publication, family_id))

    def _family_meant(self, publication: Publication, family: FamilyIdentifier, hidden: AbstractSet[str]) -> str:
        """Return the family that an identifier means. Raises Refusal where none is held that is not hidden."""
        return Finder(publication, self._identity_key, publication.as_of_date, hidden).family_of(family)

    def _provisional(self, publication: Publication, request: ScoreRequest, hidden: AbstractSet[str]) -> Score:
        (answer,) = self._provisional_all(publication, [request], hidden)
        if isinstance(answer, Refusal):
            raise answer
        return answer

    def _provisional_all(
        self, publication: Publication, requests: Sequence[ScoreRequest], hidden: AbstractSet[str]
    ) -> list[Score | Refusal]:
        """Return the answer to each request that brings something; those of one day are worked out together."""
        brought = [self._brought(publication, each, hidden) for each in requests]
        of_day: dict[date, list[Brought]] = {}
        for each in brought:
            if isinstance(each, Brought):
                of_day.setdefault(each.told.as_of_date, []).append(each)
        answers = {day: iter(scores_of(publication, those)) for day, those in of_day.items()}
        return [each if isinstance(each, Refusal) else next(answers[each.told.as_of_date]) for each in brought]

    def _brought(
        self, publication: Publication, request: ScoreRequest, hidden: AbstractSet[str]
    ) -> "Brought | Refusal":
        try:
            return self._merged(publication, request, hidden)
        except Refusal as refusal:
            return refusal

    def _merged(self, publication: Publication, request: ScoreRequest, hidden: AbstractSet[str]) -> Brought:
        """Return a family as held and as sent. Raises Refusal where what is sent cannot be used."""
        check_sources_asked(request, publication)
        on = _as_of_date(publication, request)
        named = Finder(publication, self._identity_key, on, hidden).named(request)
        check_people(request.people, named, publication.systems)
        facts = Checks(publication, named, on, request.people).usable(request.records)
        household = Household(publication, self._contract, self._identity_key, named)
        shard, compared = household.merged(request, facts, on)
        told = Told(
            family_id=named.family_id,
            as_of_date=on,
            records=_records(facts, compared, publication),
            people=_people(request, named),
            not_asked=not_asked(request, named, publication),
        )
        return Brought(of_all_families(shard, told.not_asked), told)


def _check_held_alone(publication: Publication, request: ScoreRequest) -> None:
    check_sources_asked(request, publication)
    if request.as_of_date is not None:
        detail = f"Without people and records the answer is the current list's, as of {publication.as_of_date}: "
        raise Refusal("date-not-usable", f"{detail}leave as_of_date out.")


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


def _records(facts: tuple[SentFact, ...], compared: Compared, publication: Publication) -> RecordsCounted:
    not_read = [each for each in facts if not publication.reads(each.record.kind, each.record.source)]
    return RecordsCounted(received=len(facts), already_held=compared.already_held, not_read=len(not_read))


def _people(request: ScoreRequest, named: Named) -> PeopleCounted:
    held = [each for each in request.people if named.id_of(each.person) in named.members]
    return PeopleCounted(received=len(request.people), already_held=len(held))
