"""Whether each record sent can count: where one cannot, all are refused, with the reason of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from targeting.serving.scores.meaning import Named
from targeting.serving.scores.publication import Publication
from targeting.serving.scores.refusals import Refusal
from targeting.serving.scores.request import Person, Record
from targeting.serving.week import MOST_DAYS_WITHOUT_DATA


@dataclass(frozen=True)
class SentFact:
    """One record of a request, and whose it is."""

    index: int
    record: Record
    person_id: str

    def is_visible_on(self, as_of_date: date) -> bool:
        """Return whether it was not corrected before a date; it was known before."""
        return self.record.superseded_on is None or as_of_date <= self.record.superseded_on


@dataclass(frozen=True)
class Checks:
    """What records are checked against."""

    publication: Publication
    named: Named
    as_of_date: date
    people: Sequence[Person]

    def usable(self, records: Sequence[Record]) -> tuple[SentFact, ...]:
        """Return the records with whose they are. Raises Refusal, with each record that cannot count and why."""
        present = self._present()
        refuse([(index, why) for index, each in enumerate(records) for why in self._faults(each, present)])
        return tuple(SentFact(index, each, self.named.id_of(each.person) or "") for index, each in enumerate(records))

    def _present(self) -> frozenset[str]:
        """Return who belongs to the family on the date: members held, and those sent whose dates hold it."""
        sent = [
            self.named.id_of(each.person)
            for each in self.people
            if each.from_date <= self.as_of_date <= (each.until_date or date.max)
        ]
        return self.named.members | {person for person in sent if person is not None}

    def _faults(self, record: Record, present: frozenset[str]) -> Iterator[str]:
        person = self.named.id_of(record.person)
        if person is None or person not in present:
            yield f"its person is not in the family on {self.as_of_date}, by what is held and by the people sent"
        if record.knowledge_date >= self.as_of_date:
            yield f"it was not known before {self.as_of_date}"
        if record.event_date > record.knowledge_date:
            yield "it happened after it was known"
        if record.superseded_on is not None and record.superseded_on <= record.knowledge_date:
            yield "superseded_on is not after the day on which it was known"
        yield from self._faults_of_source(record)

    def _faults_of_source(self, record: Record) -> Iterator[str]:
        shared = self.publication.shared.get((record.source, record.kind), ())
        planned = self.publication.planned_sources.get(record.source)
        if record.source not in self.publication.sources:
            yield f"its source does not exist. Those that do: {', '.join(self.publication.sources)}"
        elif not shared:
            yield f"its source does not share records of the kind {record.kind}"
        elif planned is not None and planned.expires_on < self.as_of_date:
            yield f"the sharing agreement of its source ended on {planned.expires_on}"
        else:
            current = MOST_DAYS_WITHOUT_DATA if planned is None else planned.current_days
            ranges = [(each.shared_from, each.until + timedelta(days=current)) for each in shared]
            if not any(first <= record.event_date <= last for first, last in ranges):
                said = ", ".join(f"{first} to {last}" for first, last in sorted(ranges))
                yield f"its source shares records of the kind {record.kind} of events from {said}"


def refuse(faults: Sequence[tuple[int, str]]) -> None:
    """Raise Refusal where there is a fault, each with the index of its record."""
    if not faults:
        return
    number = len({index for index, _ in faults})
    said = "1 record cannot count" if number == 1 else f"{number} records cannot count"
    listed = [{"index": index, "why": why} for index, why in faults]
    raise Refusal("record-not-usable", f"{said}, so none does: {faults[0][1]}.", {"records": listed})
