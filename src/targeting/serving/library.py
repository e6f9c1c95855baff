"""The published lists as a service reads them: the current ones whole, of older ones what is asked for."""

import threading
import time
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

from targeting.serving.contents import Flag, ListHead, Passport
from targeting.serving.ids import is_list_id
from targeting.serving.published import (
    FOLDER,
    PublishedList,
    families_by_flag,
    is_expired,
    kept_parts,
    open_list,
)


@dataclass(frozen=True)
class Found:
    """A flag by its id, its family and its place, counted from 0, on the list that it stands on."""

    on: PublishedList
    id: str
    family_id: str
    place: int

    @property
    def flag(self) -> Flag:
        """Return what was published of it."""
        return self.on.flags[self.place]

    @property
    def passport(self) -> Passport:
        """Return its passport."""
        return self.on.passports[self.place]


@dataclass(frozen=True)
class _Shelf:
    """What stood in the folder when it was last changed: every list whose publication is whole."""

    lists: tuple[PublishedList, ...]
    current: tuple[PublishedList, ...]
    by_id: Mapping[str, PublishedList]


# So many bytes of files, once read, are kept of older lists: what is made of them takes some seven times that.
MOST_KEPT = 16 * 1024 * 1024

# A folder's time moves in steps of some milliseconds: what is put into it within the same one changes it no more.
STEP_NANOSECONDS = 100_000_000


class Library:
    """All published lists of a data folder.

    Lists never change. Those of the latest date are read whole, at the first question, and held; of others the head
    alone, and anything else when it is asked for, of which so much as was asked for last is kept. So a worker's memory
    does not grow with the years for which lists are kept. A list that appears later, from another process, is found at
    the next question, and so is the end of its keeping: both change the folder's time.

    One that was changed or damaged on disk raises DataError until it is restored: at any question where it is current
    or its head is at fault, else at each question for what was changed.
    """

    def __init__(self, data: Path) -> None:
        self._folder, self._data = data / FOLDER, data
        self._kept = kept_parts(MOST_KEPT)
        self._opened: dict[str, PublishedList] = {}
        self._whole: dict[str, PublishedList] = {}
        self._families: dict[str, Mapping[str, str]] = {}
        self._last: tuple[int, _Shelf] | None = None
        self._read: _Shelf | None = None
        self._lock = threading.Lock()

    def lists(self) -> tuple[PublishedList, ...]:
        """Return every list whose publication is whole, the latest date first, then as declared."""
        return self._shelf().lists

    def current(self) -> tuple[PublishedList, ...]:
        """Return the lists of the latest date, as declared; none before the first publication."""
        return self._shelf().current

    def list(self, list_id: str) -> PublishedList | None:
        """Return one list, or None where no such list is published whole."""
        return self._shelf().by_id.get(list_id)

    def flag(self, flag_id: str) -> Found | None:
        """Return one flag on its list, or None where no list has it. Later lists are looked through first."""
        for on in self.lists():
            named = self.families_by_flag(on)
            if flag_id in named:
                return Found(on, flag_id, named[flag_id], tuple(named).index(flag_id))
        return None

    def families_by_flag(self, on: PublishedList) -> Mapping[str, str]:
        """Return the family of each flag of a list, by the flag, in their order, for which no more of it is parsed."""
        if on.head.id not in self._families:
            self._families[on.head.id] = families_by_flag(self._data, on.head.id)
        return self._families[on.head.id]

    def flags_of(self, on: PublishedList, families: AbstractSet[str]) -> tuple[Found, ...]:
        """Return those flags of a list that are of some families, in their order."""
        named = enumerate(self.families_by_flag(on).items())
        return tuple(Found(on, flag_id, family, place) for place, (flag_id, family) in named if family in families)

    def read(self) -> None:
        """Read what questions for lists and flags begin with, where it is not read yet: of each list its flags' ids."""
        shelf = self._shelf()
        if shelf is not self._read:
            for each in shelf.lists:
                self.families_by_flag(each)
            self._read = shelf

    def is_read(self) -> bool:
        """Return whether what is published now was read before, so that a question takes no time."""
        last = self._last
        return last is not None and last[1] is self._read and last[0] == self._changed()

    def _shelf(self) -> _Shelf:
        changed, last = self._changed(), self._last
        if last is not None and last[0] == changed:
            return last[1]
        with self._lock:
            return self._shelf_as_of(self._changed())

    def _shelf_as_of(self, changed: int) -> _Shelf:
        # One of many who ask at once reads, and the others wait for that.
        if self._last is not None and self._last[0] == changed:
            return self._last[1]
        # As it was before anything is read: what appears meanwhile may leave the folder's time as it is.
        is_settled = time.time_ns() - changed > STEP_NANOSECONDS
        shelf = self._shelf_now()
        self._last = (changed, shelf) if is_settled else None
        return shelf

    def _changed(self) -> int:
        try:
            return self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _shelf_now(self) -> _Shelf:
        names = [path.name for path in self._folder.glob("l_*") if is_list_id(path.name) and not is_expired(path)]
        for name in names:
            if name not in self._opened:
                self._opened[name] = open_list(self._data, name, self._kept)
        self._opened = {name: self._opened[name] for name in names}
        self._families = {name: held for name, held in self._families.items() if name in self._opened}
        lists = _in_order(self._opened)
        current = [each for each in lists if each.head.as_of_date == lists[0].head.as_of_date]
        self._whole = {each.head.id: self._whole.get(each.head.id) or replace(each) for each in current}
        return _shelf_of([self._whole.get(each.head.id, each) for each in lists], len(current))


def _in_order(opened: Mapping[str, PublishedList]) -> Sequence[PublishedList]:
    whole = [each for each in opened.values() if set(each.head.together) <= opened.keys()]
    return sorted(whole, key=lambda each: _place(each.head))


def _shelf_of(lists: Sequence[PublishedList], current: int) -> _Shelf:
    return _Shelf(tuple(lists), tuple(lists[:current]), {each.head.id: each for each in lists})


def _place(head: ListHead) -> tuple[int, int, str]:
    return -head.as_of_date.toordinal(), head.together.index(head.id), head.id
