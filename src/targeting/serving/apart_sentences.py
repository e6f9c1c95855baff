"""What is said of families whom the model does not speak of: how many there are, and why; who a part of them are."""

from collections.abc import Iterator

from targeting.serving.contents import CountedApart, ListHead
from targeting.serving.sentences import WITHHELD


def apart_on_list(head: ListHead) -> Iterator[str]:
    """Yield what a list says of all whom it counts apart, in its own words for families."""
    for each in head.counted_apart:
        yield from apart_said(each, head, families=each.families, part=each.part.families if each.part else 0)


def apart_said(told: CountedApart, head: ListHead, *, families: int | None, part: int | None) -> Iterator[str]:
    """Yield how many were not considered and why, then who a part of them are; nothing of nobody. None is withheld."""
    if families != 0:
        who = f"{head.one} on record was" if families == 1 else f"{head.many} on record were"
        yield f"{_number(families)} {who} not considered. {told.why}"
    if told.part and part != 0:
        are = f"is a {head.one}" if part == 1 else f"are {head.many}"
        yield f"{_number(part)} of them {are} {told.part.who}. {told.part.why}"


def _number(count: int | None) -> str:
    return WITHHELD if count is None else f"{count:,}"
