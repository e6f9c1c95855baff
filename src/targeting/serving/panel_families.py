"""Whose panel a family is: the one whose wards it lives in, on the date of the latest lists."""

import threading
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from targeting.serving.district.family_wards import family_wards
from targeting.serving.front_door import everyone_sent
from targeting.serving.library import Library
from targeting.serving.published import PublishedList
from targeting.store.generations import open_generation

# The panel of a family of whom no panel is known.
NOBODYS = ""


class PanelFamilies:
    """The families of each panel, as of the latest lists of a data folder."""

    def __init__(self, data: Path, library: Library) -> None:
        self._data, self._library = data, library
        self._of_others: tuple[str, dict[frozenset[str], frozenset[str]]] = "", {}
        self._lock = threading.Lock()

    def of_others(self, panels: frozenset[str] | None) -> frozenset[str]:
        """Return the families that are of none of some panels; nobody where `panels` is None, which is all of them."""
        current = self._library.current() if panels is not None else ()
        if panels is None or not current:
            return frozenset()
        with self._lock:
            if self._of_others[0] != current[0].head.id:
                self._of_others = current[0].head.id, {}
            held = self._of_others[1]
            if panels not in held:
                held[panels] = frozenset(
                    family for family, panel in panels_of_families(self._data, current).items() if panel not in panels
                )
            return held[panels]

    def is_read(self, panels: frozenset[str] | None) -> bool:
        """Return whether `of_others` was asked of these panels before, since the latest lists were published."""
        current, (list_id, held) = self._library.current(), self._of_others
        return panels is None or not current or (list_id == current[0].head.id and panels in held)


def panels_of_families(data: Path, lists: tuple[PublishedList, ...]) -> Mapping[str, str]:
    """Return the panel of every family by the lists of one date: of whoever they spoke, and of all others by ward.

    Empty text where panels own wards and none was written of a family, as beside lists of an earlier version: it is
    nobody's then, not everybody's. Raises DataError where the generation that the lists name is gone.
    """
    of_ward = {ward: each.head.panel for each in lists for ward in each.rules.wards}
    of_the_rest = next((each.head.panel for each in lists if not each.rules.wards), NOBODYS)
    held = open_generation(data, lists[0].head.provenance.generation_id).family_ids().tolist()
    found = dict.fromkeys(held, NOBODYS if of_ward else of_the_rest)
    found |= {family: of_ward.get(ward, of_the_rest) for family, ward in family_wards(data, lists[0]).items()}
    return found | {family: each.head.panel for each in lists for family in _spoken_of(each)}


def _spoken_of(published: PublishedList) -> chain[str]:
    considered: list[str] = published.considered["family_id"].to_pylist()
    return chain(considered, everyone_sent(published.front_door))
