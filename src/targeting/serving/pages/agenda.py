"""The order in which a meeting goes through a list, and who may be shown bands and ranks on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from targeting.serving.access.permissions import RIGHTS
from targeting.serving.access.reader import Reader
from targeting.serving.contents import Flag
from targeting.serving.database.panel import conflicts_of, first_views_by
from targeting.serving.decisions import Choice
from targeting.serving.published import PublishedList
from targeting.serving.reading import Reading

# Whoever decides, or prepares papers for those who do, sees a band after a view; who checks afterwards sees all.
CHECKS = frozenset({"governance"})


@dataclass(frozen=True, kw_only=True)
class Agenda:
    """A list's flags in the order of its meeting, for one reader.

    By rank; where the panel works blind, in an order that says nothing of rank. `bands_shown` are the flags whose band
    and rank the reader may see, `views` the reader's own first views, `conflicts` the families on which the reader does
    not decide.
    """

    flags: tuple[Flag, ...]
    bands_shown: frozenset[str]
    may_decide: bool
    views: Mapping[str, Choice] = field(default_factory=dict)
    conflicts: frozenset[str] = frozenset()

    def number_of(self, flag_id: str) -> int:
        """Return a flag's number on the agenda, from 1."""
        return [each.id for each in self.flags].index(flag_id) + 1

    def asks_first_view(self, flag: Flag) -> bool:
        """Return whether the reader is to say what they would do before the band is shown."""
        return flag.id not in self.bands_shown and self.may_decide and flag.family_id not in self.conflicts


def agenda_of(reading: Reading, reader: Reader, published: PublishedList) -> Agenda:
    """Return the agenda of a list for a reader; families that are sealed for the reader are not on it."""
    flags, blind = reading.flags(reader, published), published.head.works_blind
    identifiers = [each.id for each in flags]
    with reading.database.reading() as connection:
        views = first_views_by(connection, identifiers, reader.subject) if blind else {}
        conflicts = conflicts_of(connection, reader.subject, [each.family_id for each in flags])
    shown = views if blind and reader.role not in CHECKS else identifiers
    return Agenda(
        # A flag's id is a digest, and so stands in no order that means anything.
        flags=tuple(sorted(flags, key=lambda each: each.id)) if blind else flags,
        bands_shown=frozenset(shown),
        may_decide="decisions:write" in RIGHTS[reader.role].scopes,
        views=views,
        conflicts=conflicts,
    )


def in_agenda_order(published: PublishedList, agenda: Agenda) -> PublishedList:
    """Return a list whose flags stand in the order of the agenda, each as it was given."""
    held = {each.id: each for each in published.flags}
    return published.showing(tuple(held[each.id] for each in agenda.flags if each.id in held))
