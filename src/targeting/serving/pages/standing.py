"""Where the families of a list stand: decided or not, new or listed before, by what was recorded of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from targeting.serving.access.reader import Reader
from targeting.serving.contents import Flag
from targeting.serving.database.decisions import decisions_on, last_decisions_of
from targeting.serving.decisions import RecordedDecision
from targeting.serving.library import Found
from targeting.serving.published import PublishedList
from targeting.serving.reading import Reading

Status = Literal["open", "decided", "new"]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Of one flag: its revisions, the first one first; the family's earlier flags with what holds of each, if anything.

    `earlier` has the latest list first.
    """

    revisions: tuple[RecordedDecision, ...]
    earlier: tuple[tuple[Found, RecordedDecision | None], ...]

    @property
    def decided(self) -> RecordedDecision | None:
        """The decision that holds; None while there is none."""
        return self.revisions[-1] if self.revisions else None

    @property
    def statuses(self) -> frozenset[Status]:
        """By which statuses a filter finds it."""
        decided: Status = "decided" if self.revisions else "open"
        return frozenset({decided} | (set() if self.earlier else {"new"}))


def standings(
    reading: Reading, reader: Reader, published: PublishedList, flags: Sequence[Flag]
) -> Mapping[str, Standing]:
    """Return where each of a list's flags stands, by flag; of earlier lists, those that the reader may see."""
    with reading.database.reading() as connection:
        recorded = decisions_on(connection, [each.id for each in flags])
        held = last_decisions_of(connection, [each.family_id for each in flags])
    earlier = _earlier(reading, reader, published, {each.family_id for each in flags})
    return {
        each.id: Standing(
            revisions=recorded[each.id],
            earlier=tuple(
                (found, next((one for one in held[each.family_id] if one.flag_id == found.id), None))
                for found in earlier.get(each.family_id, ())
            ),
        )
        for each in flags
    }


def _earlier(
    reading: Reading, reader: Reader, published: PublishedList, families: set[str]
) -> Mapping[str, Sequence[Found]]:
    """Return the flags that some families had before the date of a list, by family, the latest first."""
    found: dict[str, list[Found]] = {}
    for each in reading.flags_of(reader, families):
        if each.on.head.as_of_date < published.head.as_of_date:
            found.setdefault(each.family_id, []).append(each)
    return found
