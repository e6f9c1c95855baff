"""The published lists as a service reads them: each read and checked once, new ones found when they appear."""

import threading
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


class Library:
    """All published lists of a data folder.

    Lists never change, so each is read once and kept. A list that appears later, from another process, is found at
    the next question. One that was changed or damaged on disk raises DataError until it is restored.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lists: dict[str, PublishedList] = {}
        self._flags: dict[str, tuple[str, int]] = {}
        self._lock = threading.Lock()

    def lists(self) -> tuple[PublishedList, ...]:
        """Return every list whose publication is whole, the latest date first, then as declared."""
        held = self._held()
        whole = [each for each in held.values() if set(each.head.together) <= held.keys()]
        return tuple(sorted(whole, key=lambda each: _place(each.head)))

    def current(self) -> tuple[PublishedList, ...]:
        """Return the lists of the latest date, as declared; none before the first publication."""
        lists = self.lists()
        return tuple(each for each in lists if each.head.as_of_date == lists[0].head.as_of_date)

    def list(self, list_id: str) -> PublishedList | None:
        """Return one list, or None where no such list is published whole."""
        return next((each for each in self.lists() if each.head.id == list_id), None)

    def flag(self, flag_id: str) -> Found | None:
        """Return one flag with its list and passport, or None where no list has it."""
        whole = {each.head.id: each for each in self.lists()}
        on, place = self._flags.get(flag_id, ("", 0))
        return Found(whole[on], whole[on].flags[place], whole[on].passports[place]) if on in whole else None

    def _held(self) -> dict[str, PublishedList]:
        there = [path for path in (self._data / FOLDER).glob("l_*") if is_list_id(path.name)]
        expired = {path.name for path in there if is_expired(path)}
        with self._lock:
            for name in (path.name for path in there):
                if name not in self._lists and name not in expired:
                    self._add(read_list(self._data, name))
            return {name: held for name, held in self._lists.items() if name not in expired}

    def _add(self, published: PublishedList) -> None:
        self._lists[published.head.id] = published
        self._flags |= {flag.id: (published.head.id, place) for place, flag in enumerate(published.flags)}


def _place(head: ListHead) -> tuple[int, int, str]:
    return -head.as_of_date.toordinal(), head.together.index(head.id), head.id
