"""Flags and scores as one reader may see them: sealed families left out, reasons held back by agencies' own rules."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from targeting.errors import TargetingError
from targeting.features.plan import plan_from_json
from targeting.models.suspension import Suspension, suspension_of
from targeting.serving.access.control import AccessControl
from targeting.serving.access.definition import Access, Scope
from targeting.serving.access.fields import Said, Withheld
from targeting.serving.access.reader import Reader, is_of_panel
from targeting.serving.contents import FamilyRecord, Flag, Reason, Unknown
from targeting.serving.database.database import Database
from targeting.serving.database.decisions import is_owner
from targeting.serving.library import Found
from targeting.serving.moved import Change
from targeting.serving.published import PublishedList
from targeting.serving.scores.answer import Score
from targeting.serving.scores.successors import Successors
from targeting.serving.served import Served
from targeting.serving.shown import record_shown
from targeting.serving.suspended import Suspended, flag_while, suspended_of
from targeting.store.kept import Kept

# How long after the off switch was used a worker may not yet know of it.
SECONDS_UNTIL_KNOWN = 1.0
# What the audit log calls it where somebody asks for another panel's list or flag.
OTHER_PANELS = "refused another panel's"
# The scope with which a number is read beside the band.
RESEARCH: Scope = "scores:research"
# So many flags, and scores, are kept as readers saw them: each takes a few kilobytes.
MOST_READ = 2000


class ReadFlag(Flag):
    """A flag as one reader may see it: `withheld` counts the reasons that agencies may not show to this reader.

    `suspended` is null while the flag holds; while it does not, no estimate is given: `band` is null. `successors` are
    the families that this one went on as, where it has ended since: what comes to be known of its members is theirs.
    """

    withheld: tuple[Withheld, ...]
    suspended: Suspended | None
    successors: tuple[str, ...]


class ReadScore(Score):
    """A score as one reader may see it: `withheld` counts the reasons that agencies may not show to this reader.

    `probability` is null for whoever has not the scope `scores:research`: a panel reads the band.
    """

    probability: float | None  # type: ignore[assignment]
    withheld: tuple[Withheld, ...]


Read = TypeVar("Read", ReadFlag, ReadScore)


@dataclass(frozen=True)
class ReadList:
    """A list as one reader sees it: its flags, and what is held back of each, by flag."""

    published: PublishedList
    withheld: Mapping[str, tuple[Withheld, ...]]
    suspended: Suspended | None


@dataclass(frozen=True)
class ReadFamily:
    """What is shown of a listed family beside its flag as one reader sees it; `held_by` names who holds more."""

    record: FamilyRecord
    held_by: tuple[str, ...]


class Reading:
    """What is published, for one reader after another."""

    def __init__(self, served: Served, control: AccessControl) -> None:
        self._served, self._control = served, control
        self._successors = Successors(served.data)
        self._agencies: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._suspensions: dict[str, tuple[float, Suspension | None]] = {}
        self._flags_read: Kept[tuple[object, ...], ReadFlag] = Kept(MOST_READ)
        self._scores_read: Kept[tuple[object, ...], ReadScore] = Kept(MOST_READ)

    def lists(self, reader: Reader) -> tuple[PublishedList, ...]:
        """Return every list of the reader's panels, the latest date first."""
        return tuple(each for each in self._served.library.lists() if is_of_panel(reader, each.head.panel))

    def list(self, reader: Reader, list_id: str) -> PublishedList | None:
        """Return one list; None where it is not published, or another panel's: then an event says who asked for it."""
        found = self._served.library.list(list_id)
        return found if found is None or self._is_theirs(reader, found, list_id) else None

    def families_by_flag(self, reader: Reader, published: PublishedList) -> Mapping[str, str]:
        """Return the family of each flag of a list, by the flag, but of families that are sealed for the reader.

        Of an older list that takes far less than its flags.
        """
        sealed, named = self.sealed_to(reader), self._served.library.families_by_flag(published)
        return {flag_id: family for flag_id, family in named.items() if family not in sealed} if sealed else named

    def flags_of(self, reader: Reader, families: AbstractSet[str]) -> Iterator[Found]:
        """Yield the flags that some families have on lists of the reader's panels, the latest first."""
        for each in self.lists(reader):
            yield from self._served.library.flags_of(each, families)

    def ids_of(self, reader: Reader, lists: Iterable[str]) -> tuple[str, ...]:
        """Return those of some lists' ids whose lists are of the reader's panels, in their order."""
        found = {each: self._served.library.list(each) for each in lists}
        return tuple(name for name, each in found.items() if each is not None and is_of_panel(reader, each.head.panel))

    def flag(self, reader: Reader, flag_id: str) -> Found | None:
        """Return one flag as it was published; None where there is none, or its family is sealed for the reader.

        None too where it is another panel's: then an event says who asked for it.
        """
        found = self._served.library.flag(flag_id)
        if found is None or found.family_id in self.sealed_to(reader):
            return None
        return found if self._is_theirs(reader, found.on, flag_id) else None

    def flags(self, reader: Reader, published: PublishedList) -> tuple[Flag, ...]:
        """Return the flags of a list but those of families that are sealed for the reader."""
        sealed = self.sealed_to(reader)
        return tuple(each for each in published.flags if each.family_id not in sealed)

    def may_see(self, reader: Reader, flag_id: str) -> Found | None:
        """Return one flag; None where the reader may not see it, for whatever reason. It leaves no event."""
        found = self._served.library.flag(flag_id)
        if found is None or found.family_id in self.sealed_to(reader):
            return None
        return found if is_of_panel(reader, found.on.head.panel) else None

    @property
    def database(self) -> Database:
        """Return the service's own store."""
        return self._control.database

    @property
    def declared(self) -> Access:
        """Return what the district declares of those who come in."""
        return self._control.declared

    def sealed_to(self, reader: Reader) -> frozenset[str]:
        """Return the families of which the reader is told nothing."""
        return self._control.sealed.to(reader.subject)

    def hidden_from(self, reader: Reader) -> frozenset[str]:
        """Return the families that, to the reader, are not held: those sealed, and those of other panels."""
        return self.hidden(reader.subject, reader.panels)

    def hidden(self, subject: str, panels: frozenset[str] | None) -> frozenset[str]:
        """Return what `hidden_from` does, for somebody who reads the lists of some panels; None: of all."""
        sealed, others = self._control.sealed.to(subject), self._served.panel_families.of_others(panels)
        return sealed | others if sealed and others else sealed or others

    def is_ready_for(self, reader: Reader) -> bool:
        """Return whether nothing has to be read anew before `hidden_from` can be told, so that it takes no time."""
        is_read = self._served.library.is_read() and self._control.sealed.is_read()
        return is_read and self._served.panel_families.is_read(reader.panels)

    def make_ready_for(self, reader: Reader) -> None:
        """Read the lists, and who is hidden from a reader, where they are not read yet."""
        # What cannot be read is told by whichever route needs it; others go on.
        with suppress(TargetingError):
            self.hidden_from(reader)
            self._served.library.read()

    def _is_theirs(self, reader: Reader, published: PublishedList, asked: str) -> bool:
        is_theirs = is_of_panel(reader, published.head.panel)
        if not is_theirs:
            self.database.record(reader.did(OTHER_PANELS, what=asked))
        return is_theirs

    def read_flag(self, reader: Reader, on: PublishedList, flag: Flag) -> ReadFlag:
        """Return a flag as the reader sees it."""
        suspended, successors = self.suspended(on), self.successors_of(reader, flag.family_id)

        def read(shown: frozenset[str]) -> ReadFlag:
            said = self._said(on, flag.reasons, flag.unknowns, shown)
            kept = flag_while(flag, suspended)
            held = {name: value for name, value in kept if name not in ("reasons", "unknowns", "change")}
            return ReadFlag(
                **held,
                reasons=said.reasons,
                unknowns=said.unknowns,
                change=_of_reasons(flag.change, said.reasons),
                withheld=said.withheld,
                suspended=suspended,
                successors=successors,
            )

        # What was published of a flag never changes: beside it, these alone decide what is read.
        def kept(shown: frozenset[str]) -> ReadFlag:
            return self._flags_read.get((flag.id, shown, suspended, successors), lambda: read(shown))

        return self._as_seen(reader, flag.family_id, kept)

    def successors_of(self, reader: Reader, family_id: str) -> tuple[str, ...]:
        """Return the families that one went on as, but those hidden from the reader; none where it still stands."""
        successors = self._successors.of(family_id)
        hidden = self.hidden_from(reader) if successors else frozenset[str]()
        return tuple(each for each in successors if each not in hidden)

    def read_list(self, reader: Reader, published: PublishedList) -> ReadList:
        """Return a list as the reader sees it, its families in the order of the agenda."""
        read = [self.read_flag(reader, published, each) for each in self.flags(reader, published)]
        flags = tuple(Flag(**{name: getattr(each, name) for name in Flag.model_fields}) for each in read)
        withheld = {each.id: each.withheld for each in read}
        return ReadList(published.showing(flags), withheld, self.suspended(published))

    def read_family(self, reader: Reader, on: PublishedList, flag: Flag) -> ReadFamily | None:
        """Return what a reader sees of a family beside its flag; None where the list holds nothing of it.

        Whom no agency's records may be shown to sees nothing of it, not even who belongs to it.
        """
        record, shown = on.record_of(flag.family_id), self._agencies_shown(reader, flag.family_id)
        if record is None:
            return None
        told, hidden = record_shown(record, shown)
        return ReadFamily(told, tuple(sorted({self._control.fields.holder_of(each) for each in hidden})))

    def read_score(self, reader: Reader, score: Score) -> ReadScore:
        """Return a score as the reader sees it."""
        on, is_research = self._served.library.list(score.list_id), RESEARCH in reader.scopes

        def read(shown: frozenset[str]) -> ReadScore:
            said = self._said(on, score.reasons, score.unknowns, shown)
            held = {name: value for name, value in score if name not in ("reasons", "unknowns", "probability")}
            probability = score.probability if is_research else None
            # Of people whom nobody holds no agency's silence is told: who was not asked, the request itself says.
            unknowns = score.unknowns if score.not_asked else said.unknowns
            return ReadScore(
                **held, probability=probability, reasons=said.reasons, unknowns=unknowns, withheld=said.withheld
            )

        # A family as held has one answer by a list; what a request brought is its own.
        def kept(shown: frozenset[str]) -> ReadScore:
            return self._scores_read.get((score.id, score.list_id, shown, is_research), lambda: read(shown))

        return self._as_seen(reader, score.family_id, read if score.provisional else kept)

    def suspension(self, model: str) -> Suspension | None:
        """Return the suspension of a model's flags, as known within a second; None where they hold."""
        known = self._suspensions.get(model)
        if known is None or time.monotonic() - known[0] > SECONDS_UNTIL_KNOWN:
            known = time.monotonic(), suspension_of(self._served.data, model)
            self._suspensions[model] = known
        return known[1]

    def suspended(self, on: PublishedList) -> Suspended | None:
        """Return since when the flags of a list are suspended, and why; None where they hold."""
        return suspended_of(self.suspension(on.head.provenance.model))

    def _agencies_shown(self, reader: Reader, family_id: str) -> frozenset[str]:
        with self._control.database.reading() as connection:
            involved = reader.role != "integration_client" and is_owner(connection, family_id, reader.subject)
        return self._control.fields.shown_to(reader, is_involved=involved)

    def _as_seen(self, reader: Reader, family_id: str | None, read: Callable[[frozenset[str]], Read]) -> Read:
        """Return what `read` makes of the agencies that are shown to a reader: more of them to who works with it."""
        seen = read(self._control.fields.shown_to(reader, is_involved=False))
        if not seen.withheld or family_id is None or reader.role == "integration_client":
            return seen
        with self._control.database.reading() as connection:
            if not is_owner(connection, family_id, reader.subject):
                return seen
        return read(self._control.fields.shown_to(reader, is_involved=True))

    def _said(
        self,
        on: PublishedList | None,
        reasons: tuple[Reason, ...],
        unknowns: tuple[Unknown, ...],
        shown: frozenset[str],
    ) -> Said:
        return self._control.fields.said(reasons, unknowns, shown, self._behind(on))

    def _behind(self, on: PublishedList | None) -> Callable[[str], Iterable[str]]:
        """Return what names the agencies behind an indicator of the list's model; an unknown one has a nameless one."""

        def agencies(indicator: str) -> Iterable[str]:
            return self._agencies_of(on).get(indicator, ("",)) if on is not None else ("",)

        return agencies

    def _agencies_of(self, on: PublishedList) -> Mapping[str, tuple[str, ...]]:
        digest = on.head.provenance.bundle_digest
        if digest not in self._agencies:
            planned = plan_from_json(self._served.bundle_of(on).plan_json).indicators
            self._agencies[digest] = {each.name: each.agencies for each in planned}
        return self._agencies[digest]


def _of_reasons(change: Change | None, reasons: tuple[Reason, ...]) -> Change | None:
    """Return what changed, new records only of the reasons that the reader sees."""
    if change is None:
        return None
    seen = {each.indicator for each in reasons}
    return change.model_copy(update={"new_records": tuple(n for n in change.new_records if n.indicator in seen)})
