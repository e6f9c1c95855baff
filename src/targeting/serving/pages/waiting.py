"""Offers of help of earlier meetings about which nobody has told yet that the family was spoken with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from targeting.serving.access.reader import Reader
from targeting.serving.database.decisions import decisions_on
from targeting.serving.decisions import Decision
from targeting.serving.pages.agenda import agenda_of
from targeting.serving.pages.notices import Link, title_of_family
from targeting.serving.published import PublishedList
from targeting.serving.reading import Reading
from targeting.serving.sentences import count_of, in_words

# A year before, whoever followed an offer up has told what came of it by its outcomes.
A_YEAR = timedelta(weeks=52)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An offer that waits: of which family, who sees to it, since when."""

    link: Link
    list_title: str
    family_id: str
    owner: str
    since: str


def offers_waiting(reading: Reading, reader: Reader, lists: Sequence[PublishedList]) -> tuple[Waiting, ...]:
    """Return the offers of the lists before those of one meeting that wait for a first contact, the oldest first.

    Of the same panel, of the year before, of families that the reader may see. Of a shadow list nobody is contacted.
    """
    head = lists[0].head
    earlier = [
        each
        for each in reading.lists(reader)
        if each.head.panel == head.panel
        and each.head.standing == "live"
        and head.as_of_date - A_YEAR <= each.head.as_of_date < head.as_of_date
    ]
    flags = [flag_id for each in earlier for flag_id in reading.families_by_flag(reader, each)]
    with reading.database.reading() as connection:
        held = decisions_on(connection, flags)
    offered = {flag_id: of[-1].content for flag_id, of in held.items() if of and of[-1].content.awaits_contact}
    waited = [each for each in earlier if not offered.keys().isdisjoint(reading.families_by_flag(reader, each))]
    by_age = sorted(waited, key=lambda each: each.head.as_of_date)
    return tuple(one for each in by_age for one in _of_list(reading, reader, each, offered, head.as_of_date))


def _of_list(
    reading: Reading, reader: Reader, published: PublishedList, offered: dict[str, Decision], on: date
) -> Iterator[Waiting]:
    head = published.head
    since = f"{in_words(head.as_of_date)}, {count_of((on - head.as_of_date).days, 'day')} before these lists"
    for place, flag in enumerate(agenda_of(reading, reader, published).flags, start=1):
        if flag.id in offered:
            yield Waiting(
                link=Link(title_of_family(head, place), f"/flags/{flag.id}"),
                list_title=head.title,
                family_id=flag.family_id,
                owner=offered[flag.id].owner,
                since=since,
            )
