"""Flags and scores as one reader may see them: sealed families left out, reasons held back by agencies' own rules."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from targeting.features.plan import plan_from_json
from targeting.models.suspension import Suspension, suspension_of
from targeting.serving.access.control import AccessControl
from targeting.serving.access.fields import Said, Withheld
from targeting.serving.access.reader import NotAllowedError, Reader, check_panel
from targeting.serving.contents import Flag, Published, Reason, Unknown
from targeting.serving.database.database import Database
from targeting.serving.database.decisions import is_owner
from targeting.serving.library import Found
from targeting.serving.moved import Change
from targeting.serving.published import PublishedList
from targeting.serving.scores.answer import Score
from targeting.serving.served import Served

# How long after the off switch was used a worker may not yet know of it.
SECONDS_UNTIL_KNOWN = 1.0


class Suspended(Published):
    """Since when the flags of a model are suspended, and why: nobody is to act on them until that is lifted."""

    since: date
    why: str


class ReadFlag(Flag):
    """A flag as one reader may see it: `withheld` counts the reasons that agencies may not show to this reader.

    `suspended` is null while the flag holds.
    """

    withheld: tuple[Withheld, ...]
    suspended: Suspended | None


class ReadScore(Score):
    """A score as one reader may see it: `withheld` counts the reasons that agencies may not show to this reader."""

    withheld: tuple[Withheld, ...]


@dataclass(frozen=True)
class ReadList:
    """A list as one reader sees it: its flags, and what is held back of each, by flag."""

    published: PublishedList
    withheld: Mapping[str, tuple[Withheld, ...]]
    suspended: Suspended | None


class Reading:
    """What is published, for one reader after another."""

    def __init__(self, served: Served, control: AccessControl) -> None:
        self._served, self._control = served, control
        self._agencies: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._suspensions: dict[str, tuple[float, Suspension | None]] = {}

    def lists(self, reader: Reader) -> tuple[PublishedList, ...]:
        """Return every list of the reader's panels, the latest date first."""
        return tuple(each for each in self._served.library.lists() if is_of(reader, each))

    def list(self, reader: Reader, list_id: str) -> PublishedList | None:
        """Return one list; None where it is not published. Raises NotAllowedError where it is another panel's."""
        found = self._served.library.list(list_id)
        if found is not None:
            check_panel(reader, found.head.panel)
        return found

    def flag(self, reader: Reader, flag_id: str) -> Found | None:
        """Return one flag as it was published; None where there is none, or its family is sealed for the reader."""
        found = self._served.library.flag(flag_id)
        if found is None or found.flag.family_id in self.sealed_to(reader):
            return None
        check_panel(reader, found.on.head.panel)
        return found

    def flags(self, reader: Reader, published: PublishedList) -> tuple[Flag, ...]:
        """Return the flags of a list but those of families that are sealed for the reader."""
        sealed = self.sealed_to(reader)
        return tuple(each for each in published.flags if each.family_id not in sealed)

    def may_see(self, reader: Reader, flag_id: str) -> Found | None:
        """Return one flag; None where the reader may not see it, for whatever reason."""
        try:
            return self.flag(reader, flag_id)
        except NotAllowedError:
            return None

    @property
    def database(self) -> Database:
        """Return the service's own store."""
        return self._control.database

    def sealed_to(self, reader: Reader) -> frozenset[str]:
        """Return the families of which the reader is told nothing."""
        return self._control.sealed.to(reader.subject)

    def read_flag(self, reader: Reader, on: PublishedList, flag: Flag) -> ReadFlag:
        """Return a flag as the reader sees it."""
        said = self._said(reader, on, flag.family_id, flag.reasons, flag.unknowns)
        held = {name: value for name, value in flag if name not in ("reasons", "unknowns", "change")}
        suspended = _told(self.suspension(on.head.provenance.model))
        return ReadFlag(
            **held,
            reasons=said.reasons,
            unknowns=said.unknowns,
            change=_of_reasons(flag.change, said.reasons),
            withheld=said.withheld,
            suspended=suspended,
        )

    def read_list(self, reader: Reader, published: PublishedList) -> ReadList:
        """Return a list as the reader sees it, its families in the order of the agenda."""
        read = [self.read_flag(reader, published, each) for each in self.flags(reader, published)]
        flags = tuple(Flag(**{name: getattr(each, name) for name in Flag.model_fields}) for each in read)
        suspended = _told(self.suspension(published.head.provenance.model))
        return ReadList(replace(published, flags=flags), {each.id: each.withheld for each in read}, suspended)

    def read_score(self, reader: Reader, score: Score) -> ReadScore:
        """Return a score as the reader sees it."""
        on = self._served.library.list(score.list_id)
        said = self._said(reader, on, score.family_id, score.reasons, score.unknowns)
        held = {name: value for name, value in score if name not in ("reasons", "unknowns")}
        return ReadScore(**held, reasons=said.reasons, unknowns=said.unknowns, withheld=said.withheld)

    def suspension(self, model: str) -> Suspension | None:
        """Return the suspension of a model's flags, as known within a second; None where they hold."""
        known = self._suspensions.get(model)
        if known is None or time.monotonic() - known[0] > SECONDS_UNTIL_KNOWN:
            known = time.monotonic(), suspension_of(self._served.data, model)
            self._suspensions[model] = known
        return known[1]

    def _said(
        self,
        reader: Reader,
        on: PublishedList | None,
        family_id: str | None,
        reasons: tuple[Reason, ...],
        unknowns: tuple[Unknown, ...],
    ) -> Said:
        fields, behind = self._control.fields, self._behind(on)
        said = fields.said(reasons, unknowns, fields.shown_to(reader, is_involved=False), behind)
        if not said.withheld or family_id is None or reader.role == "integration_client":
            return said
        with self._control.database.reading() as connection:
            if not is_owner(connection, family_id, reader.subject):
                return said
        return fields.said(reasons, unknowns, fields.shown_to(reader, is_involved=True), behind)

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


def is_of(reader: Reader, published: PublishedList) -> bool:
    """Return whether a list is of one of the reader's panels."""
    return reader.panels is None or published.head.panel in reader.panels


def _of_reasons(change: Change | None, reasons: tuple[Reason, ...]) -> Change | None:
    """Return what changed, new records only of the reasons that the reader sees."""
    if change is None:
        return None
    seen = {each.indicator for each in reasons}
    return change.model_copy(update={"new_records": tuple(n for n in change.new_records if n.indicator in seen)})


def _told(suspension: Suspension | None) -> Suspended | None:
    return Suspended(since=suspension.on, why=suspension.reason) if suspension else None
