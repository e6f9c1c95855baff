"""The published lists as a service reads them: each read and checked once, new ones found when they appear."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from targeting.serving.contents import Flag, ListHead, Passport
from targeting.serving.ids import is_list_id
from targeting.serving.published import FOLDER, PublishedList, is_expired, read_list


@dataclass(frozen=True)
class Found:
    """A flag with its passport and the list that it stands on."""

    on: PublishedList
    flag: Flag
    passport: Passport


@dataclass(frozen=True)
class _Shelf:
    """What stood in the folder when it was last changed: every list whose publication is whole."""

    lists: tuple[PublishedList, ...]
    current: tuple[PublishedList, ...]
    by_id: Mapping[str, PublishedList]


# A folder's time moves in steps of some milliseconds: what is put into it within the same one changes it no more.
STEP_NANOSECONDS = 100_000_000


class Library:
    """All published lists of a data folder.

    Lists never change, so each is read once and kept. A list that appears later, from another process, is found at
    the next question, and so is the end of its keeping: both change the folder's time. One that was changed or damaged
    on disk raises DataError until it is restored.
    """

    def __init__(self, data: Path) -> None:
        self._folder, self._data = data / FOLDER, data
        self._lists: dict[str, PublishedList] = {}
        self._flags: dict[str, tuple[str, int]] = {}
        self._last: tuple[int, _Shelf] | None = None
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
        """Return one flag with its list and passport, or None where no list has it."""
        whole = self._shelf().by_id
        on, place = self._flags.get(flag_id, ("", 0))
        return Found(whole[on], whole[on].flags[place], whole[on].passports[place]) if on in whole else None

    def is_read(self) -> bool:
        """Return whether what is published now was read before, so that a question takes no time."""
        last = self._last
        return last is not None and last[0] == self._changed()

    def _shelf(self) -> _Shelf:
        changed, last = self._changed(), self._last
        if last is not None and last[0] == changed:
            return last[1]
        # As it was before anything is read: what appears meanwhile may leave the folder's time as it is.
        is_settled = time.time_ns() - changed > STEP_NANOSECONDS
        shelf = _shelf_of(self._held())
        self._last = (changed, shelf) if is_settled else None
        return shelf

    def _changed(self) -> int:
        try:
            return self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _held(self) -> dict[str, PublishedList]:
        there = [path for path in self._folder.glob("l_*") if is_list_id(path.name)]
        expired = {path.name for path in there if is_expired(path)}
        with self._lock:
            for name in (path.name for path in there):
                if name not in self._lists and name not in expired:
                    self._add(read_list(self._data, name))
            return {name: held for name, held in self._lists.items() if name not in expired}

    def _add(self, published: PublishedList) -> None:
        self._lists[published.head.id] = published
        self._flags |= {flag.id: (published.head.id, place) for place, flag in enumerate(published.flags)}


def _shelf_of(held: Mapping[str, PublishedList]) -> _Shelf:
    whole = [each for each in held.values() if set(each.head.together) <= held.keys()]
    lists = tuple(sorted(whole, key=lambda each: _place(each.head)))
    current = tuple(each for each in lists if each.head.as_of_date == lists[0].head.as_of_date)
    return _Shelf(lists, current, {each.head.id: each for each in lists})


def _place(head: ListHead) -> tuple[int, int, str]:
    return -head.as_of_date.toordinal(), head.together.index(head.id), head.id
