"""Which wards a reader may know family by family: those of the panels that somebody sits on."""

from collections.abc import Collection, Hashable, Sequence
from typing import TypeVar

from targeting.serving.published import PublishedList

Place = TypeVar("Place", bound=Hashable)


def known_wards(lists: Sequence[PublishedList], wards: Collection[str]) -> tuple[frozenset[str], ...]:
    """Return the groups of wards of which somebody may know every family, by the latest of some lists.

    Each panel's own; of three panels or more, all but each panel's too, for somebody may sit on several. None where one
    panel has the whole district: who reads its lists reads everything. `lists` begin with the latest date, `wards` are
    all that families live in, empty text for no known address among them.
    """
    latest = [each for each in lists if each.head.as_of_date == lists[0].head.as_of_date]
    owned = {each.head.panel: frozenset(each.rules.wards) for each in latest}
    everywhere = frozenset(wards)
    elsewhere = everywhere - frozenset().union(*owned.values())
    return known_among([own & everywhere if own else elsewhere for own in owned.values()], everywhere)


def known_among(of_panels: Sequence[frozenset[Place]], everywhere: frozenset[Place]) -> tuple[frozenset[Place], ...]:
    """Return the groups of places of which somebody may know every family, as `known_wards` does."""
    if len(of_panels) < 2:
        return ()
    others = [everywhere - own for own in of_panels] if len(of_panels) > 2 else []
    return tuple(dict.fromkeys((*of_panels, *others)))
